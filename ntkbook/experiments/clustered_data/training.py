"""How the experiment `clustered_data` trains: the data of a run, and nets side by side where the device allows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from ntkbook import data
from ntkbook.diagnostics import Probe
from ntkbook.expect import expects
from ntkbook.networks import TwoLayerClassifier
from ntkbook.streams import Streams
from ntkbook.training import SgdSnapshot, SgdTrajectory, log_grid, sgd_ensemble
from ntkbook.wants import natural

FIRST_PASS = 62
"""Steps of 16 points before the 1000 training points recur: what is looked at after each of them."""


@expects(first=natural)
@dataclass(frozen=True)
class Recipe:
    """What SGD is told; the numbers that stand here are the paper's on its synthetic data."""

    n_steps: int = 400
    """T."""
    batch_size: int = 16
    """B."""
    rate: float = 10.0
    """m eta: the step size is eta = rate / m."""
    per_decade: int = 4
    """Recorded steps for each factor of ten."""
    first: int = 0
    """Recorded as well: each of so many first steps."""

    @property
    def recorded(self) -> list[int]:
        """Steps that are recorded."""
        grid = log_grid(self.n_steps, self.per_decade).tolist()
        return sorted({*grid, *range(min(self.first, self.n_steps) + 1)})


@dataclass(frozen=True, eq=False)
class Task:
    """Data of one training run, float32."""

    x: torch.Tensor
    """Training inputs (n, d)."""
    classes: torch.Tensor
    """Their classes (n,)."""
    x_test: torch.Tensor
    """Test inputs (n_test, d)."""
    classes_test: torch.Tensor
    """Their classes (n_test,)."""
    n_classes: int
    """k."""
    n_probe: int
    """Test points that are looked at along the run; all of them at the end."""


def tensors(x: np.ndarray, classes: np.ndarray, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs in float32 and classes in int64 on the device.

    Parameters
    ----------
    x : ndarray (n, d)
        Inputs.
    classes : ndarray (n,)
        Whole numbers.
    device : str
        Where the nets are trained.

    Returns
    -------
    tuple of Tensor
    """
    return torch.tensor(x, dtype=torch.float32, device=device), torch.tensor(classes, dtype=torch.int64, device=device)


def mixture_task(
    mixture: data.Mixture, seed: int, streams: Streams, device: str, *, n_points: int, n_probe: int
) -> Task:
    """Training and test points of a mixture, as many of each.

    Parameters
    ----------
    mixture : Mixture
        Drawn from.
    seed : int
        Of the cell.
    streams : Streams
        Random streams, of which "train" and "test" are used.
    device : str
        Where the net is trained.
    n_points, n_probe : int
        Points of each kind, and test points that are looked at along the run.

    Returns
    -------
    Task
    """
    train, test = (mixture.draw(n_points, streams(name, seed)) for name in ("train", "test"))
    points = *tensors(train.x, train.classes, device), *tensors(test.x, test.classes, device)
    return Task(*points, mixture.n_classes, n_probe)


def train(
    tasks: Sequence[Task],
    width: int,
    recipe: Recipe,
    streams: Streams,
    seeds: Sequence[int],
    *,
    init_scale: float | None = None,
) -> list[tuple[TwoLayerClassifier, SgdTrajectory]]:
    """Train a net on each task, side by side, and probe it along the way.

    Parameters
    ----------
    tasks : sequence of Task
        With data of one shape.
    width : int
        Neurons m.
    recipe : Recipe
        For all of them.
    streams : Streams
        Random streams, of which "weights" and "batches" are used. The batches are the same at every width.
    seeds : sequence of int
        One for each task.
    init_scale : float, optional
        Standard deviation of a first-layer weight at the start; 1 / sqrt(m) when left out.

    Returns
    -------
    list of (TwoLayerClassifier, SgdTrajectory)
        The start and the run, which observes what `Probe` measures.
    """
    starts = [
        TwoLayerClassifier.initialise(
            task.x.shape[1],
            width,
            task.n_classes,
            streams("weights", seed, width),
            init_scale=init_scale,
            device=task.x.device,
        )
        for task, seed in zip(tasks, seeds, strict=True)
    ]
    probes = [
        Probe(start, task.x_test[: task.n_probe], task.classes_test[: task.n_probe])
        for start, task in zip(starts, tasks, strict=True)
    ]
    paths = sgd_ensemble(
        starts,
        [task.x for task in tasks],
        [task.classes for task in tasks],
        step_size=recipe.rate / width,
        batch_size=recipe.batch_size,
        n_steps=recipe.n_steps,
        rngs=[streams("batches", seed) for seed in seeds],
        record_at=recipe.recorded,
        observers=[partial(_look, probe) for probe in probes],
    )
    return list(zip(starts, paths, strict=True))


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


def _look(probe: Probe, now: SgdSnapshot) -> dict[str, float]:
    return probe(now.weights)
