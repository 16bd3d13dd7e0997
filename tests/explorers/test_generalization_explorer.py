"""The explorer `generalization` against the package and the committed record."""

import json

import numpy as np
import pytest
import torch
from pages import EXPLORERS

from ntkbook import data
from ntkbook.book.explorers import part
from ntkbook.bounds.arora2019_generalization import theorem_5_1_remainder
from ntkbook.kernels import h_infinity
from ntkbook.label_norm import label_norms

SHIPPED = json.loads(EXPLORERS.joinpath("generalization", "data.json").read_text("utf-8"))
PORTIONS = [0.0, 0.02, 0.3, 1.0]
DELTA = 0.1


@pytest.fixture(scope="module")
def rows():
    return [row for name in ("mnist", "cifar10") for row in SHIPPED["rows"][name]]


def test_measure_is_the_mean_over_label_noise(ask):
    rng = np.random.default_rng(0)
    x = torch.tensor(data.sphere(40, 4, rng))
    gram, y = h_infinity(x), np.sign(x[:, 0].numpy())
    inverse = torch.linalg.inv(gram).numpy()
    row = [40, y @ inverse @ y, np.trace(inverse), 1.0]
    (clean, noisy) = ask("generalization", ["measure", row, 0.0], ["measure", row, 0.3])
    assert clean == pytest.approx(float(label_norms(gram, torch.tensor(y)).values) * (2 / 40) ** 0.5, rel=1e-6)
    draws = 20_000
    labels = np.where(rng.random((40, draws)) < 0.3, rng.choice([-1.0, 1.0], (40, draws)), y[:, None])
    squares = 2 / 40 * (labels * (inverse @ labels)).sum(0)
    assert noisy**2 == pytest.approx(squares.mean(), abs=5 * squares.std() / draws**0.5)


def test_remainder_is_that_of_the_package(ask, rows):
    found = ask("generalization", *(["remainder", row, DELTA] for row in rows))
    assert found == pytest.approx([theorem_5_1_remainder(row[0], row[3], DELTA) for row in rows], rel=1e-6)


def test_bound_is_one_where_it_becomes_empty(ask, rows):
    for row, portion in zip(rows, ask("generalization", *(["emptyFrom", row, DELTA] for row in rows)), strict=True):
        start, end = ask("generalization", ["bound", row, 0.0, DELTA], ["bound", row, 1.0, DELTA])
        if portion is None:
            assert end < 1
        elif portion == 0:
            assert start >= 1
        else:
            assert ask("generalization", ["bound", row, portion, DELTA]) == pytest.approx([1], rel=1e-9)


def test_largest_rows_give_the_recorded_measures(ask):
    measures = part("generalization", "measures")
    for name, shipped in SHIPPED["rows"].items():
        recorded = measures["expected"].sel(data=name).values
        found = ask("generalization", *(["measure", shipped[-1], p] for p in measures["portion"].values.tolist()))
        assert found == pytest.approx(recorded.tolist(), rel=1e-6)
        assert shipped[-1][3] == pytest.approx(float(measures["lambda_min"].sel(data=name)), rel=1e-8)


def test_shipped_errors_are_the_recorded_means():
    nets = part("generalization", "nets")
    assert SHIPPED["portion"] == nets["portion"].values.tolist()
    for name, errors in SHIPPED["errors"].items():
        for kind, found in errors.items():
            assert found == pytest.approx(nets[kind].sel(data=name).mean("draw").values.tolist(), rel=1e-8)


def test_rows_obey_the_inequalities_of_their_matrices(rows):
    for n, clean, trace, least in rows:
        assert trace >= 2 * n  # the eigenvalues have mean 1/2
        assert max(clean, trace) <= n / least * 1.001  # the least eigenvalue has three digits


def test_the_chapter_says_what_the_explorer_shows(ask):
    digits, photographs = (SHIPPED["rows"][name] for name in ("mnist", "cifar10"))
    assert min(ask("generalization", *(["bound", row, 0.01, DELTA] for row in digits))) >= 1
    assert ask("generalization", ["emptyFrom", digits[-1], DELTA])[0] > 0
    assert ask("generalization", *(["emptyFrom", row, DELTA] for row in photographs)) == [0] * len(photographs)
    errors = dict(zip(SHIPPED["portion"], SHIPPED["errors"]["mnist"]["error"], strict=True))
    assert errors[0.1] < 0.1
