"""What the experiment `clustered_data` measures in nets trained by SGD: the paper's figures, structure, labels, XOR.

Kept apart from the checks and profiles, so that finished cells stay valid when only those change.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import xarray as xr

from ntkbook import data
from ntkbook.diagnostics import Probe, singular_values
from ntkbook.experiments.clustered_config import Config
from ntkbook.experiments.clustered_training import LABELS, MEANS, TEST, Task, mixture_task, train
from ntkbook.experiments.sweep import cell_generator
from ntkbook.networks import TwoLayerClassifier
from ntkbook.training import SgdTrajectory

SHOWN = 60
"""Singular values kept of each matrix."""
_MEASURED = ("accuracy", "flipped", "distance", "pseudo_gap", "output", "pseudo_agree")


@dataclass(frozen=True)
class Net:
    """One net on the data of a figure."""

    width: int
    seed: int


@dataclass(frozen=True)
class Structure:
    """One net on a mixture of which one property is varied."""

    varied: str
    value: float
    seed: int


@dataclass(frozen=True)
class Labels:
    """One net on true or random labels of the same points."""

    labels: str
    seed: int


@dataclass(frozen=True)
class Xor:
    """One net on one of the XOR data sets."""

    xor: str
    seed: int


XORS = {"planar": (0.05, False), "lifted, 0.05": (0.05, True), "lifted, 0.02": (0.02, True)}
"""Radius, and whether lifted."""


def figure_runs(cells: Sequence[Net], tasks: Sequence[Task], prefix: str, seed: int) -> list[xr.Dataset]:
    """Nets of Figure 1 or 2: the four panels.

    Parameters
    ----------
    cells : sequence of Net
        Of one width, with seeds.
    tasks : sequence of Task
        The data of each.
    prefix : str
        Of the names of the variables.
    seed : int
        Root of the random streams.

    Returns
    -------
    list of xarray.Dataset
        Along the run on the probe, at the end on all test points; singular values of W(T) - W(0), W(T) and W(0).
    """
    trained = train(tasks, cells[0].width, [(seed, cell.seed) for cell in cells])
    return [_panels(task, start, path, prefix) for task, (start, path) in zip(tasks, trained, strict=True)]


def _panels(task: Task, start: TwoLayerClassifier, path: SgdTrajectory, prefix: str) -> xr.Dataset:
    along = {f"{prefix}_{name}": (f"{prefix}_step", path.observations[name]) for name in _MEASURED}
    last = Probe(start, task.x_test, task.classes_test)(path.network.weights)
    end = {f"{prefix}_end_{name}": last[name] for name in _MEASURED}
    spectra = {
        "update": singular_values(path.network.weights, start.weights),
        "weights": singular_values(path.network.weights),
        "start": singular_values(start.weights),
    }
    shown = {f"{prefix}_spectrum_{name}": (f"{prefix}_index", _first(values)) for name, values in spectra.items()}
    coords = {f"{prefix}_step": path.steps, f"{prefix}_index": np.arange(1, SHOWN + 1)}
    return xr.Dataset(along | end | shown, coords)


def synthetic_run(cells: Sequence[Net], config: Config, device: str) -> list[xr.Dataset]:
    """Nets of one width on the paper's Gaussian mixture: Figure 1. Data and batches are the same at every width."""
    settings, tasks = _synthetic_settings(config), []
    for cell in cells:
        mixture = data.clustered_mixture(
            config.n_classes, config.n_components, config.dim, cell_generator(config.seed, MEANS, cell.seed)
        )
        tasks.append(mixture_task(mixture, config.n_points, (config.seed, cell.seed), device, **settings))
    return figure_runs(cells, tasks, "synthetic", config.seed)


def _synthetic_settings(config: Config) -> dict[str, float]:
    return {
        "batch_size": config.batch_size,
        "n_steps": config.n_steps,
        "rate": config.rate,
        "per_decade": config.per_decade,
        "n_probe": config.n_probe,
    }


def images_run(cells: Sequence[Net], images: tuple, settings: dict, prefix: str, seed: int) -> list[xr.Dataset]:
    """Nets of one width on MNIST: Figure 2. The images are the same for every seed; start and batches differ."""
    return figure_runs(cells, [Task(*images, n_classes=10, **settings)] * len(cells), prefix, seed)


def structure_run(cells: Sequence[Structure], config: Config, device: str) -> list[xr.Dataset]:
    """Nets on mixtures that are less or more structured, or of another dimension; they differ in their seeds alone.

    `varied` is "sigma", "k", "l" or "d", of the paper's Gaussian mixture, or "d, separated", the dimension of the
    mixture that meets (A1) and (A2).
    """
    varied = cells[0].varied
    sizes = {"sigma": 1.0, "k": config.n_classes, "l": config.n_components, "d": config.dim_structure}
    sizes[varied.split(",")[0]] = cells[0].value
    shape = int(sizes["k"]), int(sizes["l"]), int(sizes["d"])
    settings, tasks = _synthetic_settings(config), []
    for cell in cells:
        means = cell_generator(config.seed, MEANS, cell.seed)
        if varied == "d, separated":
            mixture = data.separated_mixture(*shape, means)
        else:
            mixture = data.clustered_mixture(*shape, means, sigma=sizes["sigma"])
        tasks.append(mixture_task(mixture, config.n_points, (config.seed, cell.seed), device, **settings))
    trained = train(tasks, config.width_structure, [(config.seed, cell.seed) for cell in cells])
    count = shape[0] * shape[1]
    return [_structure(task, start, path, count) for task, (start, path) in zip(tasks, trained, strict=True)]


def _structure(task: Task, start: TwoLayerClassifier, path: SgdTrajectory, count: int) -> xr.Dataset:
    last = Probe(start, task.x_test, task.classes_test)(path.network.weights)
    values = singular_values(path.network.weights, start.weights).cpu().numpy()
    return xr.Dataset(
        {
            "structure_accuracy": ("structure_step", path.observations["accuracy"]),
            "structure_moved": ("structure_step", path.observations["distance"]),
            "structure_flips": ("structure_step", path.observations["flipped"]),
            "structure_end_accuracy": last["accuracy"],
            "structure_distance": last["distance"],
            "structure_flipped": last["flipped"],
            "structure_components": float(count),
            "structure_gap": float(values[count - 1] / values[count]),
            "structure_widest_gap": float(1 + np.argmax(values[: 3 * count // 2] / values[1 : 3 * count // 2 + 1])),
        },
        {"structure_step": path.steps},
    )


def labels_run(cells: Sequence[Labels], config: Config, device: str) -> list[xr.Dataset]:
    """Nets on true or arbitrary labels of the same points, probed on their training points."""
    settings, tasks = _synthetic_settings(config) | {"n_steps": config.n_steps_labels}, []
    for cell in cells:
        mixture = data.clustered_mixture(
            config.n_classes, config.n_components, config.dim_structure, cell_generator(config.seed, MEANS, cell.seed)
        )
        task = mixture_task(mixture, config.n_points, (config.seed, cell.seed), device, **settings)
        if cell.labels == "random":
            drawn = cell_generator(config.seed, LABELS, cell.seed).integers(config.n_classes, size=config.n_points)
            task = replace(task, classes=torch.tensor(drawn, device=device))
        tasks.append(task)
    seen = [replace(task, x_test=task.x, classes_test=task.classes) for task in tasks]
    trained = train(seen, config.width_structure, [(config.seed, cell.seed) for cell in cells])
    return [_labels(task, start, path) for task, (start, path) in zip(tasks, trained, strict=True)]


def _labels(task: Task, start: TwoLayerClassifier, path: SgdTrajectory) -> xr.Dataset:
    fitted = Probe(start, task.x, task.classes)(path.network.weights)
    fresh = Probe(start, task.x_test, task.classes_test)(path.network.weights)
    along = {"accuracy": "labels_fitted", "distance": "labels_moved", "flipped": "labels_flips"}
    return xr.Dataset(
        {new: ("labels_step", path.observations[name]) for name, new in along.items()}
        | {
            "labels_end_fitted": fitted["accuracy"],
            "labels_end_accuracy": fresh["accuracy"],
            "labels_distance": fitted["distance"],
            "labels_flipped": fitted["flipped"],
        },
        {"labels_step": path.steps},
    )


def xor_run(cells: Sequence[Xor], config: Config, device: str) -> list[xr.Dataset]:
    """Nets on XOR data in the plane or lifted, with the regions that they learn on its plane."""
    radius, lifted = XORS[cells[0].xor]
    mixture = data.xor_mixture(radius=radius, lifted=lifted)
    settings = _synthetic_settings(config) | {"n_steps": config.n_steps_xor, "n_probe": config.n_points}
    tasks = [mixture_task(mixture, config.n_points, (config.seed, cell.seed), device, **settings) for cell in cells]
    trained = train(tasks, config.width_xor, [(config.seed, cell.seed) for cell in cells])
    axis = np.linspace(-0.5, 2.5, 121)
    plane = np.stack(np.meshgrid(axis, axis, indexing="xy"), axis=-1).reshape(-1, 2)
    points = np.column_stack([plane, np.ones(len(plane))]) if lifted else plane
    shown = torch.tensor(points, dtype=torch.float32, device=device)  # a positive factor would change nothing
    found = []
    for cell, task, (_, path) in zip(cells, tasks, trained, strict=True):
        test = mixture.draw(config.n_points, cell_generator(config.seed, TEST, cell.seed))  # that of the task
        right = (path.network(task.x_test).argmax(1) == task.classes_test).cpu().numpy()
        region = path.network(shown).argmax(1).cpu().numpy().reshape(121, 121).astype(np.float64)
        found.append(
            xr.Dataset(
                {
                    "xor_accuracy": float(right.mean()),
                    "xor_component_accuracy": (
                        "xor_component",
                        [right[test.components == component].mean() for component in range(4)],
                    ),
                    "xor_region": (("xor_y", "xor_x"), region),
                },
                {"xor_component": range(4), "xor_x": axis, "xor_y": axis},
            )
        )
    return found


def _first(values: torch.Tensor) -> np.ndarray:
    shown = np.zeros(SHOWN)
    shown[: min(SHOWN, len(values))] = values[:SHOWN].cpu().numpy()
    return shown
