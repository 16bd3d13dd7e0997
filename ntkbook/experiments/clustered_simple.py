"""What the experiment `clustered_data` measures without minibatches: the assumptions, and the lemmas in setting (S)."""

from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr

from ntkbook import data
from ntkbook.bounds import li2018 as bounds
from ntkbook.diagnostics import neuron_norms, neuron_pulls
from ntkbook.experiments.clustered_config import Config
from ntkbook.experiments.clustered_runs import XORS
from ntkbook.experiments.sweep import cell_generator
from ntkbook.losses import softmax_cross_entropy_derivative
from ntkbook.networks import TwoLayerClassifier
from ntkbook.training import SgdSnapshot, log_grid, sgd

QUANTILES = np.linspace(0, 1, 101)
"""At which the distributions over neurons are kept."""
_POINTS, _WEIGHTS, _BATCHES, _ARRAYS, _SAMPLES, _PAIRS = range(10, 16)  # purposes of the random streams
_COUPLED = 1e-12  # relative difference of two gradients that are equal but for rounding


@dataclass(frozen=True)
class Simple:
    """One run in setting (S)."""

    pace: str
    seed: int


@dataclass(frozen=True)
class Pair:
    """Two points of different classes at a small distance."""

    distance: float
    seed: int


def simple_run(cell: Simple, config: Config, device: str) -> xr.Dataset:
    """Full-batch gradient descent on one unit-norm point a component: gradient and pseudo-gradient of every neuron.

    Parameters
    ----------
    cell : Simple
        Pace "slow" (eta = rate_simple / m) or "paper" (eta = rate / m), and seed.
    config : Config
        Settings.
    device : str
        Where to train; in float64, since slow steps are smaller than float32 resolves.

    Returns
    -------
    xarray.Dataset
        By step: share of coupled neurons and its bound, sizes of pseudo-gradients, errors. At the end: quantiles over
        neurons of the relative difference of the two gradients.
    """
    k, parts, m = config.n_classes, config.n_components, config.width_simple
    rate, n_steps = (
        (config.rate_simple, config.n_steps_simple) if cell.pace == "slow" else (config.rate, config.n_steps)
    )
    mixture = data.clustered_mixture(k, parts, config.dim_structure, cell_generator(config.seed, _POINTS, cell.seed))
    x = torch.tensor(data.unit_rows(mixture.means), device=device)
    classes = torch.tensor(mixture.classes, device=device)
    delta = data.separation(x.cpu().numpy(), mixture.classes, np.arange(k * parts)).delta
    products = x @ x.T
    start = TwoLayerClassifier.initialise(
        config.dim_structure, m, k, cell_generator(config.seed, _WEIGHTS, cell.seed), dtype=torch.float64, device=device
    )
    outer, gates_0 = start.output_weights, x @ start.weights >= 0
    differences = []

    def observe(now: SgdSnapshot) -> dict[str, float]:
        p = now.preactivations
        outputs = p.clamp(min=0) @ outer.T
        pseudo = neuron_pulls(outputs, classes, outer, gates_0)
        size = neuron_norms(products, pseudo)
        difference = neuron_norms(products, neuron_pulls(outputs, classes, outer, p >= 0) - pseudo)
        # A neuron that is off everywhere at the start has the pseudo-gradient 0; once on, it differs without end.
        relative = torch.where(difference == 0, 0.0, difference / size.clamp(min=1e-300))
        differences.append(relative.clamp(max=1e3))
        v = -float(softmax_cross_entropy_derivative(outputs, classes).min()) / len(x)  # max p_ab (1 - o_a(x_ab))
        return large(size, v, delta, k, parts) | {
            "coupled": float((relative <= _COUPLED).double().mean()),
            "v": v,
            "accuracy": float((outputs.argmax(1) == classes).double().mean()),
        }

    path = sgd(
        start,
        x,
        classes,
        step_size=rate / m,
        batch_size=len(x),
        n_steps=n_steps,
        rng=cell_generator(config.seed, _BATCHES, cell.seed),
        record_at=log_grid(n_steps, 8),
        observe=observe,
        space="preactivations",
    )
    bound = [bounds.lemma_5_1_coupled(rate / m, int(t), k, parts, m**-0.5) for t in path.steps]
    step = f"{cell.pace}_step"
    along = {f"{cell.pace}_{name}": (step, values) for name, values in path.observations.items()}
    last = torch.quantile(differences[-1], torch.tensor(QUANTILES, device=device)).cpu().numpy()
    return xr.Dataset(
        along
        | {
            f"{cell.pace}_bound": (step, bound),
            f"{cell.pace}_difference": ("quantile", last),
            f"{cell.pace}_delta": delta,
        },
        {step: path.steps, "quantile": QUANTILES},
    )


def large(norms: torch.Tensor, v: float, delta: float, k: int, parts: int) -> dict[str, float]:
    """Lemma 5.2: share of the neurons that reach the norm v delta / (k l), and the norm that enough neurons reach.

    Parameters
    ----------
    norms : Tensor (m,)
        Of the pseudo-gradients.
    v, delta : float
        Largest weighted error and separation.
    k, parts : int
        Classes, and components of each.

    Returns
    -------
    dict of str to float
        "large", the share with a norm of at least v delta / (k l); "reach", the largest c such that the share
        delta / (2 k l) has a norm of at least c v delta / (k l); "norm", the root mean square norm.
    """
    threshold = bounds.lemma_5_2_norm(v, delta, k, parts)
    share = bounds.lemma_5_2_share(delta, k, parts)
    kept = max(1, int(np.ceil(share * len(norms))))
    return {
        "large": float((norms >= threshold).double().mean()),
        "reach": float(norms.topk(kept).values[-1]) / threshold,
        "norm": float(norms.square().mean().sqrt()),
    }


def arrays_run(cell: Simple, config: Config, device: str) -> xr.Dataset:
    """Lemma 5.2 on error arrays that no training made: one entry, all signs, uniform, and a rank-one array.

    The pace of the cell names the kind of array.
    """
    k, parts, m = config.n_classes, config.n_components, config.width_simple
    mixture = data.clustered_mixture(k, parts, config.dim_structure, cell_generator(config.seed, _POINTS, cell.seed))
    x = torch.tensor(data.unit_rows(mixture.means), device=device)
    delta = data.separation(x.cpu().numpy(), mixture.classes, np.arange(k * parts)).delta
    start = TwoLayerClassifier.initialise(
        config.dim_structure, m, k, cell_generator(config.seed, _WEIGHTS, cell.seed), dtype=torch.float64, device=device
    )
    gates, products = x @ start.weights >= 0, x @ x.T
    rng = cell_generator(config.seed, _ARRAYS, cell.seed)
    found = []
    for _ in range(config.n_arrays):
        array = torch.tensor(draw_array(cell.pace, k * parts, k, rng), device=device)
        norms = neuron_norms(products, (array @ start.output_weights) * gates)
        found.append(large(norms, 1.0, delta, k, parts))
    return xr.Dataset({f"array_{name}": min(row[name] for row in found) for name in ("large", "reach")})


def draw_array(kind: str, points: int, k: int, rng: np.random.Generator) -> np.ndarray:
    """Error array p v (points, k) with largest entry 1 and none below -1.

    Parameters
    ----------
    kind : str
        "one entry", "signs", "uniform" or "rank one".
    points, k : int
        Its shape.
    rng : numpy.random.Generator
        Source of the draw.

    Returns
    -------
    ndarray (points, k)
    """
    if kind == "one entry":
        array = np.zeros((points, k))
    elif kind == "signs":
        array = rng.choice([-1.0, 1.0], size=(points, k))
    elif kind == "uniform":
        array = rng.uniform(-1, 1, (points, k))
    else:
        array = np.outer(rng.choice([-1.0, 1.0], size=points), rng.uniform(-1, 1, k))
    array[rng.integers(points), rng.integers(k)] = 1.0
    return array


def pair_run(cell: Pair, config: Config, device: str) -> xr.Dataset:
    """Lemma 5.2 where delta is small: two unit points of different classes whose errors pull against each other."""
    half = np.arcsin(cell.distance / 2)
    x = torch.tensor([[np.cos(half), np.sin(half)], [np.cos(half), -np.sin(half)]], device=device)
    rng = cell_generator(config.seed, _PAIRS, cell.seed)
    start = TwoLayerClassifier.initialise(2, config.width_simple, 2, rng, dtype=torch.float64, device=device)
    array = torch.tensor([[1.0, -1.0], [-1.0, 1.0]], dtype=torch.float64, device=device)
    norms = neuron_norms(x @ x.T, (array @ start.output_weights) * (x @ start.weights >= 0))
    found = large(norms, 1.0, cell.distance, 2, 1)
    return xr.Dataset({f"pair_{name}": found[name] for name in ("large", "reach", "norm")})


def assumptions(config: Config, images: data.Sample) -> xr.Dataset:
    """(A1) and (A2), measured on samples of every data set of the chapter.

    Parameters
    ----------
    config : Config
        Settings.
    images : Sample
        MNIST.

    Returns
    -------
    xarray.Dataset
        By data set: delta, largest diameter, lambda, what is allowed, least and largest norm.
    """
    k, parts, d = config.n_classes, config.n_components, config.dim
    mixtures = {
        "synthetic": data.clustered_mixture(k, parts, d, cell_generator(config.seed, _SAMPLES, 0)),
        "separated": data.separated_mixture(k, parts, d, cell_generator(config.seed, _SAMPLES, 1)),
        **{f"XOR, {name}": data.xor_mixture(radius=radius, lifted=lifted) for name, (radius, lifted) in XORS.items()},
    }
    n, found = 2 * config.n_points, {}
    for i, (name, mixture) in enumerate(mixtures.items()):
        points = mixture.draw(n, cell_generator(config.seed, _SAMPLES, 2, i))
        found[name] = data.separation(points.x, points.classes, points.components)
    x, digits = images.x_train[:n], images.y_train[:n].astype(np.int64)
    found["MNIST, a digit one component"] = data.separation(x, digits, digits)
    found["MNIST, an image one component"] = data.separation(x, digits, np.arange(len(x)))
    rows = list(found.values())
    return xr.Dataset(
        {
            "set_delta": ("set", [row.delta for row in rows]),
            "set_diameter": ("set", [row.diameter for row in rows]),
            "set_lambda": ("set", [row.lam for row in rows]),
            "set_allowed": ("set", [row.allowed for row in rows]),
            "set_norm_min": ("set", [row.norm_range[0] for row in rows]),
            "set_norm_max": ("set", [row.norm_range[1] for row in rows]),
        },
        {"set": list(found)},
    )
