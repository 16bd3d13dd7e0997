"""Draws and checks that the learners of Allen-Zhu, Li and Liang (2019) share."""

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


def check_sizes(**sizes: float) -> None:
    """Raise ValueError for the first size that is not positive."""
    for name, value in sizes.items():
        if not value > 0:
            raise ValueError(f"{name}: expected a positive number, found {value}")


def check_kinds(**tensors: Tensor) -> None:
    """Raise ValueError unless all tensors have one dtype and device."""
    if len(kinds := {(tensor.dtype, tensor.device) for tensor in tensors.values()}) > 1:
        found = " and ".join(sorted(f"{dtype} on {device}" for dtype, device in kinds))
        raise ValueError(f"{', '.join(tensors)}: expected one dtype and device, found {found}; convert with .to(...)")
