"""How the arguments of a loop over several nets must agree; each raises a `ValueError` that names the argument."""

import torch
from torch import Tensor

SPACES = ("auto", "weights", "preactivations")
"""Where a step can be taken."""


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


def check_batch_size(batch_size: int, n: int) -> None:
    """From one point to all n."""
    if not 1 <= batch_size <= n:
        raise ValueError(f"batch_size: expected a whole number from 1 to n = {n}, found {batch_size}")
