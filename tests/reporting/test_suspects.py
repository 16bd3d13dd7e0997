"""The recorded comparison with cleanlab, and the scores that it compares."""

import importlib
from pathlib import Path

import numpy as np
import pytest
import torch

from ntkbook.data import load
from ntkbook.reporting.suspects import suspects_table

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def suspects(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("benchmarks.suspects")


def test_the_table_holds_every_method_and_data_set_of_the_benchmark(suspects):
    table = suspects_table()
    assert [row[0] for row in table.rows] == list(suspects.METHODS)
    assert list(table.header[1:]) == [f"{name} {a}/{b}" for name, (a, b) in suspects.PAIRS]
    assert all(0 < float(cell.split(" / ")[0]) <= 1 for row in table.rows for cell in row[1:])


def test_what_the_chapter_says_of_the_table_is_so():
    """The ridge finds more than the bare flip and no fewer than cleanlab, in a ninth of the forests' time or less."""
    rows = {row[0]: [float(cell.split(" / ")[0]) for cell in row[1:]] for row in suspects_table().rows}
    flip, ridge, deep = rows["flip, H-infinity"], rows["margin, H-infinity, ridge"], rows["margin, three layers, ridge"]
    peers = np.maximum(rows["cleanlab, random forest"], rows["cleanlab, logistic regression"])
    assert all(np.array(ridge) >= flip)
    assert all(np.array(deep) >= ridge)
    assert all(np.array(ridge) >= peers)
    assert max(deep[2], *(row[2] for row in rows.values())) < 0.61
    cpu = {
        row[0]: [float(cell.split(" / ")[2].removesuffix(" s")) for cell in row[1:]] for row in suspects_table().rows
    }
    fast, slow = (np.array(cpu[name]) for name in ("margin, H-infinity, ridge", "cleanlab, random forest"))
    assert all(fast <= slow / 9)


@pytest.mark.parametrize("name", ["flip_change", "margin", "deep_margin"])
def test_every_score_puts_flipped_labels_above_the_others(suspects, name):
    sample = load("mnist", n_train=200, n_test=0, rng=np.random.default_rng(0), classes=(3, 8))
    wrong = np.arange(200) % 20 == 0
    y = torch.from_numpy(np.where(wrong, -sample.y_train, sample.y_train))[:, None]
    score = getattr(suspects, name)(torch.tensor(sample.x_train), y).numpy().ravel()
    assert np.median(score[wrong]) > np.quantile(score[~wrong], 0.9)
