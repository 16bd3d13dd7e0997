"""The explorer `convergence` against the package and the committed record."""

import json

import numpy as np
import pytest
import torch
from pages import EXPLORERS

from ntkbook import data
from ntkbook.book.explorers import part
from ntkbook.dynamics import linear_residual_norms
from ntkbook.kernels import h_infinity
from ntkbook.spectrum import eigendecompose

SHIPPED = json.loads(EXPLORERS.joinpath("convergence", "data.json").read_text("utf-8"))
ETA = 0.01


@pytest.fixture(scope="module")
def problem():
    """Spectrum of 60 points on the sphere, labels, and the energies of the labels in it."""
    rng = np.random.default_rng(0)
    x = torch.tensor(data.sphere(60, 5, rng))
    y = torch.tensor(np.sign(x[:, 0].numpy()))
    spectrum = eigendecompose(h_infinity(x))
    return spectrum, y, (spectrum.project(y) ** 2).tolist()


def test_loss_is_half_the_squared_residual_of_the_frozen_kernel(ask, problem):
    spectrum, y, energies = problem
    steps = [0, 1, 3, 50, 4000]
    norms = linear_residual_norms(spectrum, y, ETA, torch.tensor(steps))
    eigenvalues = spectrum.eigenvalues.tolist()
    found = ask("convergence", *(["loss", eigenvalues, energies, ETA, k] for k in steps))
    assert found == pytest.approx((norms**2 / 120).tolist(), rel=1e-6)
    parts = ask("convergence", *(["left", eigenvalues, energies, ETA, k] for k in steps))
    assert [sum(part) / 120 for part in parts] == pytest.approx(found, rel=1e-12)


def test_mixed_labels_have_the_energies_of_many_draws_on_average(ask, problem):
    spectrum, y, energies = problem
    (found,) = ask("convergence", ["mix", energies, 0.3])
    rng, draws = np.random.default_rng(1), 20_000
    anew, coins = rng.random((60, draws)) < 0.3, rng.choice([-1.0, 1.0], (60, draws))
    measured = spectrum.project(torch.tensor(np.where(anew, coins, y.numpy()[:, None]))).numpy() ** 2
    assert np.abs(measured.mean(1) - found).max() < 5 * measured.std(1).max() / np.sqrt(draws)
    assert sum(found) == pytest.approx(60, rel=1e-9)


def test_shipped_spectrum_gives_the_recorded_prediction(ask):
    curves = part("convergence", "curves").sel(data="mnist", labels="true")
    calls = [["loss", SHIPPED["eigenvalue"], SHIPPED["energy"], SHIPPED["stepSize"], int(k)] for k in curves["step"]]
    assert ask("convergence", *calls) == pytest.approx((curves["predicted"].values ** 2 / 2).tolist(), rel=1e-6)
    assert SHIPPED["eigenvalue"][0] == pytest.approx(float(curves["lambda_max"]), rel=1e-6)
    assert SHIPPED["eigenvalue"][-1] == pytest.approx(float(curves["lambda_min"]), rel=1e-6)


def test_shipped_losses_are_the_recorded_ones():
    curves = part("convergence", "curves").sel(data="mnist")
    assert SHIPPED["step"] == curves["step"].values.tolist()
    for kind, found in SHIPPED["measured"].items():
        assert found == pytest.approx(curves["loss"].sel(labels=kind).values.tolist(), rel=1e-8)


def test_steps_to_a_share_are_the_first_that_reach_it(ask, problem):
    spectrum, _, energies = problem
    given = [spectrum.eigenvalues.tolist(), energies, ETA]
    (steps,) = ask("convergence", ["stepsTo", 0.1, *given])
    before, at, start = ask("convergence", *(["loss", *given, k] for k in (steps - 1, steps, 0)))
    assert at <= 0.1 * start < before
    top = float(spectrum.eigenvalues[0])
    assert ask("convergence", ["stepsTo", 0.1, *given[:2], 2.01 / top]) == [None]


def test_bins_hold_all_energy(ask, problem):
    spectrum, _, energies = problem
    (found,) = ask("convergence", ["bins", spectrum.eigenvalues.tolist(), energies, energies, [0.0, 0.1, 1.0, 1e3]])
    assert sum(share for *_, share in found) == pytest.approx(1, rel=1e-9)
    assert all(before == after for _, _, before, after in found)


def test_the_chapter_says_what_the_explorer_shows(ask):
    spectrum, eta = SHIPPED["eigenvalue"], SHIPPED["stepSize"]
    clean, noisy = ask("convergence", *(["mix", SHIPPED["energy"], p] for p in (0.0, 0.02)))
    steps = ask("convergence", *(["stepsTo", 0.01, spectrum, energies, eta] for energies in (clean, noisy)))
    assert steps[1] > 5 * steps[0]
    assert f"{2 / spectrum[0]:.4f}" == "0.0173"
