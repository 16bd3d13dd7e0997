"""The benchmarks of `benchmarks/` on the device: ratios to its own products and to autograd, within one process."""

import importlib
from typing import Any

BENCHMARKS = (
    "gradient_descent",
    "long_gradient_descent",
    "deep_gradient_descent",
    "h_infinity",
    "empirical",
    "label_norm",
    "sgd",
    "regression_sgd",
)
"""Modules of `benchmarks`, which lies beside the package in the source tree."""


def ratios(name: str, device: str) -> list[dict[str, Any]]:
    """Measure one benchmark.

    Parameters
    ----------
    name : str
        One of `BENCHMARKS`.
    device : str
        Such as "cuda".

    Returns
    -------
    list of dict
        A row a ratio: what, measured, target (of two CPU cores, for orientation).
    """
    rows = importlib.import_module(f"benchmarks.{name}").rows(device=device)
    return [{"what": row.what, "measured": row.ratio, "CPU's target": row.target} for row in rows]
