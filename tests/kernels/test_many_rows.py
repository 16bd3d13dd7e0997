"""Kernel matrices of many rows are put together from parts, which are those of few rows."""

import numpy as np
import pytest
import torch

from ntkbook.data import sphere
from ntkbook.kernels import blocks, h_infinity


@pytest.mark.parametrize("n", [1, 20, 40, 41, 100])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_matrix_in_parts_is_the_matrix(n, dtype, monkeypatch):
    x = torch.from_numpy(sphere(n, 7, np.random.default_rng(n))).to(dtype)
    whole = h_infinity(x)
    monkeypatch.setattr(blocks, "_SYRK_ROWS", 20)
    parts = h_infinity(x)
    torch.testing.assert_close(parts, whole)
    assert torch.equal(parts, parts.T)
