"""Laws that the spectra of a tiny run obey."""

import numpy as np
import pytest
import torch
import xarray as xr
from rooms import tiny_record

from ntkbook.experiments.convergence.claims import eigenvalue_decay
from ntkbook.kernels import h_infinity
from ntkbook.records import part


@pytest.fixture
def digits():
    return part(tiny_record("convergence"), "spectra").sel(data="digits")


def test_spectrum_holds_the_trace_and_the_labels_energy(digits):
    assert float(digits.eigenvalue.sum()) == pytest.approx(300 / 2, rel=1e-12)
    for kind in ("true", "random"):
        assert float((digits[f"{kind}_projection"] ** 2).sum()) == pytest.approx(300, rel=1e-12)


def test_shares_are_those_of_the_top_eigenvectors(digits):
    for kind, share in (("true", digits.true_share), ("random", digits.random_share.sel(seed=0))):
        expected = (digits[f"{kind}_projection"][:30] ** 2).sum() / 300
        np.testing.assert_allclose(share.sel(fraction=0.1), expected)


def test_each_seed_draws_labels_of_its_own(digits):
    assert bool((digits.random_share.sel(seed=0) != digits.random_share.sel(seed=1)).all())


def test_pixels_without_structure_pass_for_decay_from_the_first_eigenvalue_and_fail_from_the_second():
    pixels = np.random.default_rng(0).random((300, 784))
    inputs = torch.tensor(pixels / np.linalg.norm(pixels, axis=1, keepdims=True))
    eigenvalue = torch.linalg.eigvalsh(h_infinity(inputs)).flip(0).numpy()[None]
    spectra = xr.Dataset({"eigenvalue": (("data", "index"), eigenvalue)}, {"index": np.arange(1, 301)})
    decay = eigenvalue_decay(xr.DataTree.from_dict({"spectra": spectra}))
    assert float(decay["lambda_1"][0]) < 0.1
    assert float(decay["lambda_2"][0]) > 1.2
