"""Does the device compute what the CPU computes? Kernels, every trainer, ensembles, and the long-horizon method."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ntkbook import kernels
from ntkbook.networks import BiasedTwoLayer, DeepReLU, ThreeLayer, TwoLayer, TwoLayerClassifier
from ntkbook.training import (
    SecondVariant,
    deep_gradient_descent,
    gradient_descent,
    linearised_sgd,
    long_gradient_descent,
    regression_sgd,
    regression_sgd_ensemble,
    second_variant_sgd,
    sgd,
    sgd_ensemble,
)
from ntkbook.training.split_products import Products

N, D, M = 60, 20, 256
_TIGHT, _LOOSE = 1e-8, 1e-3
"""Relative differences allowed: rounding in float64, and in float32 of runs in which gates flip."""


def rng(seed: int = 0) -> np.random.Generator:
    """Draws of a net or an order of points; the same on every device."""
    return np.random.default_rng(seed)


def inputs(device: str, dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs (n, d) of norm 1, labels +1 and -1 (n,), classes 0, 1, 2 (n,)."""
    draws = rng(7)
    x = torch.from_numpy(draws.standard_normal((N, D)))
    x = x / torch.linalg.vector_norm(x, dim=1, keepdim=True)
    y, classes = torch.from_numpy(draws.choice([-1.0, 1.0], N)), torch.from_numpy(draws.integers(3, size=N))
    return x.to(device, dtype), y.to(device, dtype), classes.to(device)


def _kernel(name: str, *more: Any) -> Callable[[str, torch.dtype], Tensor]:
    return lambda device, dtype: getattr(kernels, name)(inputs(device, dtype)[0], *more)


def _empirical(device: str, dtype: torch.dtype) -> Tensor:
    net = TwoLayer.initialise(D, M, rng(), dtype=dtype, device=device)
    return kernels.empirical_gram(inputs(device, dtype)[0], net.weights)


def _descent(space: str) -> Callable[[str, torch.dtype], Tensor]:
    def run(device: str, dtype: torch.dtype) -> Tensor:
        x, y, _ = inputs(device, dtype)
        net = TwoLayer.initialise(D, M, rng(), dtype=dtype, device=device)
        return torch.from_numpy(gradient_descent(net, x, y, step_size=0.1, n_steps=50, space=space).residuals)

    return run


def _long(device: str, dtype: torch.dtype) -> Tensor:
    x, y, _ = inputs(device, dtype)
    net = TwoLayer.initialise(D, M, rng(), init_scale=0.1, dtype=dtype, device=device)
    path = long_gradient_descent(net, x, y, step_size=0.1, n_steps=2000)
    return torch.from_numpy(np.linalg.norm(path.mean_residuals[-8:], axis=1))


def _deep(device: str, dtype: torch.dtype) -> Tensor:
    x, y, _ = inputs(device, dtype)
    net = DeepReLU.initialise(D, (64, 64, 64), rng(), dtype=dtype, device=device)
    return deep_gradient_descent(net, x, y, step_size=0.01, n_steps=20).network.weights[1]


def _sgd(space: str) -> Callable[[str, torch.dtype], Tensor]:
    def run(device: str, dtype: torch.dtype) -> Tensor:
        x, _, classes = inputs(device, dtype)
        net = TwoLayerClassifier.initialise(D, M, 3, rng(), dtype=dtype, device=device)
        run = sgd(net, x, classes, step_size=0.1, batch_size=8, n_steps=30, rng=rng(1), space=space)
        return run.network.weights

    return run


def _sgd_ensemble(device: str, dtype: torch.dtype) -> Tensor:
    x, _, classes = inputs(device, dtype)
    nets = [TwoLayerClassifier.initialise(D, M, 3, rng(seed), dtype=dtype, device=device) for seed in range(3)]
    orders = [rng(seed) for seed in range(3)]
    runs = sgd_ensemble(nets, [x] * 3, [classes] * 3, step_size=0.1, batch_size=8, n_steps=30, rngs=orders)
    return torch.stack([run.network.weights for run in runs])


_SGD = {"batch_size": 8, "n_steps": 30, "momentum": 0.9}


def _regression(kind: str) -> Callable[[str, torch.dtype], Tensor]:
    def run(device: str, dtype: torch.dtype) -> Tensor:
        x, y, _ = inputs(device, dtype)
        if kind == "three":
            net = ThreeLayer.initialise(D, (64, 48), rng(), dtype=dtype, device=device)
            return regression_sgd(net, x, y, step_size=1e-3, rng=rng(1), **_SGD).network.second_weights  # pyright: ignore
        net = BiasedTwoLayer.initialise(D, M, rng(), dtype=dtype, device=device)
        return regression_sgd(net, x, y, step_size=1e-3, rng=rng(1), **_SGD).network.weights  # pyright: ignore

    return run


def _regression_ensemble(device: str, dtype: torch.dtype) -> Tensor:
    x, y, _ = inputs(device, dtype)
    nets = [ThreeLayer.initialise(D, (64, 48), rng(seed), dtype=dtype, device=device) for seed in range(3)]
    rates, orders = [1e-3, 2e-3, 3e-3], [rng(seed) for seed in range(3)]
    runs = regression_sgd_ensemble(
        nets, [x] * 3, [y] * 3, step_sizes=rates, weight_decays=[0.0, 0.1, 0.2], rngs=orders, **_SGD
    )
    return torch.stack([run.network.second_weights for run in runs])  # pyright: ignore


def _linearised(device: str, dtype: torch.dtype) -> Tensor:
    x, y, _ = inputs(device, dtype)
    gram = x @ x.T
    return linearised_sgd(gram, y, step_size=0.1, weight_decay=0.1, rng=rng(1), **_SGD).coefficients


def _second_variant(device: str, dtype: torch.dtype) -> Tensor:
    x, y, _ = inputs(device, dtype)
    settings = SecondVariant(
        n_rounds=2,
        inner_steps=5,
        step_size=0.01,
        batch_size=8,
        signs=False,
        shrinkage=0.1,
        smoothing_first=0.0,
        smoothing_second=0.0,
        penalty_first=0.1,
        penalty_second=0.1,
        gradient_noise=0.0,
        candidates=1,
    )
    net = ThreeLayer.initialise(D, (64, 48), rng(), dtype=dtype, device=device)
    return second_variant_sgd(net, x, y, settings, rng=rng(1)).second


def _image(device: str, dtype: torch.dtype) -> Tensor:
    """X W of 2,000 inputs, as the long-horizon method computes it; in float64 on the CPU it is the reference."""
    x, w = rng(2).standard_normal((2000, 784)), rng(3).standard_normal((784, 512))
    x, w = (torch.from_numpy(values.astype(np.float32)).to(device, dtype) for values in (x, w))
    out = x.new_empty(2000, 512)
    Products(x).image(w, out)
    return out


CASES: dict[str, tuple[Callable[[str, torch.dtype], Tensor], torch.dtype, float]] = {
    "H-infinity": (_kernel("h_infinity"), torch.float64, _TIGHT),
    "conjugate kernel, depth 3": (_kernel("conjugate_kernel", 3), torch.float64, _TIGHT),
    "tangent kernel, depth 3": (_kernel("neural_tangent_kernel", 3), torch.float64, _TIGHT),
    "tangent kernel with biases, depth 3": (_kernel("biased_tangent_kernel", 3), torch.float64, _TIGHT),
    "empirical Gram matrix": (_empirical, torch.float64, _TIGHT),
    "gradient descent, weights": (_descent("weights"), torch.float64, _TIGHT),
    "gradient descent, pre-activations": (_descent("preactivations"), torch.float64, _TIGHT),
    "gradient descent, weights, float32": (_descent("weights"), torch.float32, _LOOSE),
    "deep gradient descent": (_deep, torch.float64, _TIGHT),
    "SGD, weights": (_sgd("weights"), torch.float64, _TIGHT),
    "SGD, pre-activations": (_sgd("preactivations"), torch.float64, _TIGHT),
    "SGD, three nets": (_sgd_ensemble, torch.float64, _TIGHT),
    "SGD on squared loss, two layers": (_regression("two"), torch.float64, _TIGHT),
    "SGD on squared loss, three layers": (_regression("three"), torch.float64, _TIGHT),
    "SGD on squared loss, three nets": (_regression_ensemble, torch.float64, _TIGHT),
    "linearised SGD": (_linearised, torch.float64, _TIGHT),
    "second variant": (_second_variant, torch.float64, _TIGHT),
    "long-horizon descent": (_long, torch.float64, 1e-4),
    "long-horizon descent, float32": (_long, torch.float32, _LOOSE),
    "products in halves, float32": (_image, torch.float32, 1e-5),
}
"""What is compared: the computation, its precision, and the largest difference allowed in units of its norm."""


def check_device(device: str, seconds: float) -> list[dict[str, Any]]:
    """Compare a device with the CPU.

    Parameters
    ----------
    device : str
        Such as "cuda".
    seconds : float
        Cases that would begin after so long are left out, and said to be.

    Returns
    -------
    list of dict
        A row a case: what, difference, allowed, verdict.
    """
    rows, begin = [], time.monotonic()
    for what, (run, dtype, allowed) in CASES.items():
        row: dict[str, Any] = {"what": what, "difference": None, "allowed": allowed, "verdict": "left out"}
        rows.append(row)
        if time.monotonic() - begin > seconds:
            continue
        try:
            exact = torch.float64 if run is _image else dtype
            here, there = (run(*where).double().cpu() for where in (("cpu", exact), (device, dtype)))
            row["difference"] = float((there - here).norm() / here.norm())
            row["verdict"] = "same" if row["difference"] <= allowed else "DIFFERENT"
        except Exception as error:  # one trainer that fails must not hide the others
            row["verdict"] = f"FAILED: {type(error).__name__}: {str(error).splitlines()[0][:120]}"
    return rows
