"""Draws and checks that nets share."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


def gaussian(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    scale: float,
    dtype: torch.dtype,
    device: torch.device | str,
) -> Tensor:
    """Tensor of independent N(0, scale^2), drawn by NumPy on the CPU so that one seed gives one net on every device."""
    draws = rng.standard_normal(shape, dtype=np.float64 if dtype == torch.float64 else np.float32)
    draws *= scale
    return torch.from_numpy(draws).to(device, dtype)


def check_hidden(hidden: Sequence[Tensor], *weights: Tensor) -> None:
    """Raise ValueError unless `hidden` are the outputs of layers with these weights, h_0 (n, d) to h_L (n, m_L)."""
    expected = [len(weights[0]), *(w.shape[1] for w in weights)]
    if (found := [h.shape[1] for h in hidden]) != expected:
        raise ValueError(f"hidden: expected outputs of {expected} columns, found {found}; take them from `hidden`")
