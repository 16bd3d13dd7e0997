"""How the experiment `clustered_data` trains: the data of a run, and nets side by side where the device allows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from ntkbook import data
from ntkbook.diagnostics import Probe
from ntkbook.experiments.sweep import cell_generator
from ntkbook.networks import TwoLayerClassifier
from ntkbook.training import SgdSnapshot, SgdTrajectory, log_grid, sgd_ensemble

MEANS, TRAIN, TEST, WEIGHTS, BATCHES, LABELS = range(6)
"""Purposes of the random streams."""


@dataclass(frozen=True)
class Task:
    """Data of one training run, float32, with what SGD is told."""

    x: torch.Tensor
    classes: torch.Tensor
    x_test: torch.Tensor
    classes_test: torch.Tensor
    n_classes: int
    batch_size: int
    n_steps: int
    rate: float
    """m eta."""
    per_decade: int
    n_probe: int
    """Test points that are looked at along the run; all of them at the end."""


def tensors(x: np.ndarray, classes: np.ndarray, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs in float32 and classes in int64 on the device."""
    return torch.tensor(x, dtype=torch.float32, device=device), torch.tensor(classes, dtype=torch.int64, device=device)


def mixture_task(mixture: data.Mixture, n: int, key: tuple[int, ...], device: str, **settings) -> Task:
    """Training and test points of a mixture, as many of each."""
    train = mixture.draw(n, cell_generator(key[0], TRAIN, *key[1:]))
    test = mixture.draw(n, cell_generator(key[0], TEST, *key[1:]))
    points = *tensors(train.x, train.classes, device), *tensors(test.x, test.classes, device)
    return Task(*points, mixture.n_classes, **settings)


def nets_at_once(device: str, dim: int, width: int, n_points: int, processes: int) -> int:
    """Number of nets to be trained side by side: on a CPU one, on a GPU as many as half its free memory holds.

    Parameters
    ----------
    device : str
        Where they are trained.
    dim, width : int
        d and m.
    n_points : int
        Points whose pre-activations are held at once: training points that recur, or rows of a probe.
    processes : int
        That share the device.

    Returns
    -------
    int
        At least 1.
    """
    if torch.device(device).type != "cuda":
        return 1
    free, _ = torch.cuda.mem_get_info(device)
    free += torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)  # which torch would use again
    floats = width * (4 * dim + 3 * n_points)  # start, weights, update, a copy; pre-activations, coefficients, gates
    return max(1, free // (2 * processes * 4 * floats))


def train(
    tasks: Sequence[Task], width: int, keys: Sequence[tuple[int, ...]]
) -> list[tuple[TwoLayerClassifier, SgdTrajectory]]:
    """Train a net on each task, side by side, and probe it along the way; its start and the run.

    The tasks have data of one shape and the same settings.
    """
    first = tasks[0]
    starts = [
        TwoLayerClassifier.initialise(
            task.x.shape[1],
            width,
            task.n_classes,
            cell_generator(key[0], WEIGHTS, *key[1:], width),
            device=task.x.device,
        )
        for task, key in zip(tasks, keys, strict=True)
    ]
    probes = [
        Probe(start, task.x_test[: task.n_probe], task.classes_test[: task.n_probe])
        for start, task in zip(starts, tasks, strict=True)
    ]
    paths = sgd_ensemble(
        starts,
        [task.x for task in tasks],
        [task.classes for task in tasks],
        step_size=first.rate / width,
        batch_size=first.batch_size,
        n_steps=first.n_steps,
        rngs=[cell_generator(key[0], BATCHES, *key[1:]) for key in keys],
        record_at=log_grid(first.n_steps, first.per_decade),
        observers=[partial(_look, probe) for probe in probes],
    )
    return list(zip(starts, paths, strict=True))


def _look(probe: Probe, now: SgdSnapshot) -> dict[str, float]:
    return probe(now.weights)
