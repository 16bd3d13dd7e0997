"""Checks at the door of a training loop; each raises a `ValueError` that names the argument and what was found."""

import numpy as np
import torch
from torch import Tensor


def check_inputs(name: str, x: Tensor, weights: Tensor) -> None:
    """Inputs (n, d), finite, with n >= 1, for a net whose first layer is `weights` (d, m)."""
    d = len(weights)
    if x.ndim != 2 or x.shape[1] != d or not len(x):
        raise ValueError(f"{name}: expected shape (n, {d}) with n >= 1 to match the network, found {tuple(x.shape)}")
    check_numbers(name, x, weights)


def check_numbers(name: str, values: Tensor, weights: Tensor) -> None:
    """Finite numbers in the dtype and on the device of the net."""
    if values.dtype != weights.dtype or values.device != weights.device:
        raise ValueError(
            f"{name}: expected {weights.dtype} on {weights.device} as the network, "
            f"found {values.dtype} on {values.device}; convert with .to(network.output_weights)"
        )
    ends = torch.stack(torch.aminmax(values))  # NaN if there is one; no temporary of the size of the data
    if not bool(torch.isfinite(ends).all()):
        raise ValueError(f"{name}: expected finite numbers, found a NaN or an infinity; clean the data first")


def check_signs(name: str, y: Tensor, x: Tensor) -> None:
    """Labels (n,), +1 or -1, of the n inputs, in their dtype and on their device."""
    if y.shape != x.shape[:1]:
        raise ValueError(f"{name}: expected shape ({len(x)},) as x has {len(x)} rows, found {tuple(y.shape)}")
    check_numbers(name, y, x)
    if not bool((y.abs() == 1).all()):
        raise ValueError(
            f"{name}: expected labels +1 and -1, found others from {float(y.min()):g} to {float(y.max()):g}; "
            "write 2 y - 1 for classes 0 and 1"
        )


def check_targets(y: Tensor, x: Tensor) -> None:
    """Finite targets (n,) of the n inputs, in their dtype and on their device."""
    if y.shape != x.shape[:1]:
        raise ValueError(f"y: expected shape ({len(x)},) as x has {len(x)} rows, found {tuple(y.shape)}")
    check_numbers("y", y, x)


def check_classes(classes: Tensor, x: Tensor, n_classes: int) -> None:
    """Classes (n,), int64, of the n inputs, in 0..n_classes - 1."""
    if classes.shape != x.shape[:1] or classes.dtype != torch.int64 or classes.device != x.device:
        raise ValueError(
            f"classes: expected int64 of shape ({len(x)},) on {x.device}, one for each row of x, "
            f"found {classes.dtype} of shape {tuple(classes.shape)} on {classes.device}"
        )
    if bool((classes < 0).any()) or bool((classes >= n_classes).any()):
        raise ValueError(
            f"classes: expected whole numbers 0..{n_classes - 1}, as the network has {n_classes} outputs, "
            f"found {int(classes.min())}..{int(classes.max())}"
        )


def check_steps(step_size: float, n_steps: int) -> None:
    """A positive step size and at least one step."""
    if not (step_size > 0 and np.isfinite(step_size)):
        raise ValueError(f"step_size: expected a positive number, found {step_size}")
    if n_steps < 1:
        raise ValueError(f"n_steps: expected a whole number >= 1, found {n_steps}")


def check_batch_size(batch_size: int, n: int) -> None:
    """From one point to all n."""
    if not 1 <= batch_size <= n:
        raise ValueError(f"batch_size: expected a whole number from 1 to n = {n}, found {batch_size}")


def check_momentum(momentum: float) -> None:
    """From 0 to below 1."""
    if not 0 <= momentum < 1:
        raise ValueError(f"momentum: expected a number in [0, 1), found {momentum}")


def check_weight_decay(weight_decay: float) -> None:
    """Finite and not negative."""
    if not (weight_decay >= 0 and np.isfinite(weight_decay)):
        raise ValueError(f"weight_decay: expected a number >= 0, found {weight_decay}")


def check_space(space: str) -> None:
    """One of the three names."""
    if space not in ("auto", "weights", "preactivations"):
        raise ValueError(f'space: expected "auto", "weights" or "preactivations", found {space!r}')
