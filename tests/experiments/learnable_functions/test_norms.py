"""Laws that the norms of a tiny run obey."""

import numpy as np
import pytest
import torch
from rooms import tiny_record

from ntkbook import data
from ntkbook.kernels import h_infinity
from ntkbook.kernels.sphere import ridge_norm
from ntkbook.streams import Streams


@pytest.fixture
def norms():
    return tiny_record("learnable_functions")["norms"].to_dataset()


def test_norms_grow_with_the_sample_and_stay_below_their_limit(norms):
    assert bool((norms.norm.diff("n") > 0).all())
    assert bool((norms.norm < norms.limit).all())
    assert bool((norms.cubic_norm_with_bias.diff("n") > 0).all())
    assert bool((norms.lambda_min.diff("n") < 0).all())


def test_norms_are_those_of_the_inputs_of_the_cell(norms):
    x = data.sphere(160, 10, Streams(0)("inputs", 10, 1))
    gram = h_infinity(torch.from_numpy(x[:40])).numpy()
    row = norms.sel(dim=10, seed=1, n=40)
    z = x[:40, 0]
    for name, y in {"power 5": z**5, "cosine 2": np.cos(2 * z) - 1, "arctan": z * np.arctan(z / 2)}.items():
        assert float(row.norm.sel(function=name)) == pytest.approx(np.sqrt(y @ np.linalg.solve(gram, y)), rel=1e-9)
    assert float(row.lambda_min) == pytest.approx(np.linalg.eigvalsh(gram)[0], rel=2e-3)
    biased = h_infinity(torch.from_numpy(np.column_stack([x[:40], np.ones(40)]) / 2**0.5)).numpy()
    expected = np.sqrt(z**3 @ np.linalg.solve(biased, z**3))
    assert float(row.cubic_norm_with_bias) == pytest.approx(expected, rel=1e-9)


def test_ten_times_the_form_has_ten_times_the_norm(norms):
    np.testing.assert_allclose(norms.quadratic_norm_times_10, 10 * norms.quadratic_norm, rtol=1e-10)


def test_bounds_and_limits_are_of_the_same_functions(norms):
    assert float(norms.bound.sel(function="power 4")) == 12
    assert np.isinf(norms.bound.sel(function=["power 3", "power 5"])).all()
    assert float(norms.bound.sel(function="cosine 2")) == pytest.approx(6 * np.sinh(2))
    assert float(norms.limit.sel(function="cosine 2", dim=10)) == ridge_norm(lambda t: np.cos(2 * t) - 1, 10)
    assert bool((norms.bound_in_proof <= norms.bound).all())
    assert bool((norms.limit <= norms.bound_in_proof * (1 + 1e-12)).all())
