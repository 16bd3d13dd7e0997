"""All that a report says of data, as numbers: nothing is trained."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ntkbook.bounds.arora2019 import theorem_4_1_width
from ntkbook.bounds.arora2019_generalization import theorem_5_1_remainder
from ntkbook.expect import expects, inside
from ntkbook.kernels import h_infinity
from ntkbook.label_norm import NotPositiveDefiniteError, label_norms
from ntkbook.reporting.clusters import Clusters, clusters
from ntkbook.reporting.coincidences import Coincidences, coincidences
from ntkbook.reporting.depths import Depths, margins_by_depth
from ntkbook.reporting.guessing import beats_guessing
from ntkbook.reporting.labels import one_against_rest, row_name
from ntkbook.reporting.leave_one_out import Flips, choose_ridge, flips, leave_one_out
from ntkbook.reporting.memory import check_memory
from ntkbook.reporting.problem import Problem
from ntkbook.reporting.spectral_measure import SpectralMeasure, spectral_measure
from ntkbook.training.progress import tqdm
from ntkbook.wants import natural, not_negative

SHUFFLES = 20
"""Random orders of the labels that the labels are compared with."""
DELTA = 0.1
"""Failure probability in the bounds."""
SUSPECTS = 24
"""Rows that a report lists at most."""
MATRICES = 3.2
"""Float64 matrices of n x n that are held at once."""
STAGES = (
    "coincidences",
    "angles between inputs",
    "leave one out",
    "Cholesky factor",
    "spectrum",
    "neighbours",
    "margins by depth",
)


@dataclass(frozen=True)
class Measures:
    """What the theorems read off the data."""

    complexity: NDArray[np.float64]
    """sqrt(2 y'H^-1 y / n), eq. (10) of Arora et al. (2019), for each column of labels (c,)."""
    shuffled: NDArray[np.float64]
    """The same for random orders of the labels (shuffles, c)."""
    remainder: float
    """What eq. (9) adds to it: theorem_5_1_remainder."""
    width: float
    """Neurons that Theorem 4.1 asks for, with constant 1, for a curve within epsilon = |y| / 10."""
    init_scale: float
    """kappa = epsilon delta / sqrt(n), with constant 1, that it asks for."""
    spectrum: SpectralMeasure
    """Of H-infinity, with the energies of all columns of labels, then of one random order of each."""
    predictions: NDArray[np.float64]
    """What ridge regression on all others says at each input (n, c)."""
    ridge: float
    """Its ridge rho."""
    margins: NDArray[np.float64]
    """How far these predictions favour the given label (n,); below 0 they contradict it. Minus the error if values."""
    suggested: NDArray[np.intp]
    """The class that they favour (n,)."""
    suspects: NDArray[np.intp]
    """Rows whose label the others contradict, worst first, at most `SUSPECTS`, none unless `beats_guessing`.

    For values the largest errors.
    """
    beats_guessing: bool
    """Whether predictions of inputs left out are clearly better than the largest class; True for values."""
    likest: NDArray[np.intp]
    """The three inputs nearest to each suspect (k, 3), fewer if there are no more."""
    flips: Flips | None
    """What y'H^-1 y becomes if they got the class suggested; None where there is nothing to flip."""
    clusters: Clusters | None
    """Assumption (A1) of Li and Liang (2018); None for values."""
    clusters_without: Clusters | None
    """The same without contradicted labels, if one of them is at an end of the closest pair of different classes."""
    depths: Depths | None
    """Margins of the conjugate kernel at several depths; None for values."""
    coincidences: Coincidences
    """Inputs that are parallel or antipodal."""
    jitter: float
    """What was added to the diagonal of H-infinity, 0 unless asked for."""
    seconds: float
    """CPU time that it took."""

    @property
    def step_size(self) -> float:
        """Step size eta = 1 / lambda_max on the half-sum loss, half of the largest that is stable."""
        return 1 / self.spectrum.lambda_max

    @property
    def contradicted(self) -> int:
        """Labels that the others contradict."""
        return int((self.margins < 0).sum())


@expects(jitter=not_negative, seed=natural)
def measure(
    problem: Problem,
    *,
    merge: bool = False,
    jitter: float = 0.0,
    seed: int = 0,
    progress: bool = True,
) -> tuple[Problem, Measures]:
    """Measure everything.

    Parameters
    ----------
    problem : Problem
        The data.
    merge : bool
        Keep one of each group of duplicates and leave out inputs that carry several labels.
    jitter : float
        Added to the diagonal of H-infinity, >= 0, for a kernel that is singular.
    seed : int
        Of the shuffles and subsets.
    progress : bool
        Whether to show a bar on standard error.

    Returns
    -------
    tuple of Problem and Measures
        The data that were measured, which `merge` may have thinned out.

    Raises
    ------
    ValueError
        If the work does not fit in memory.
    NotPositiveDefiniteError
        If the kernel is singular; names all groups of inputs at fault, and the remedies.
    """
    started = time.process_time()
    n, d = problem.x.shape
    check_memory(n, d, MATRICES)
    make: Any = tqdm
    bar = make(
        total=len(STAGES), desc=STAGES[0], leave=False, disable=not progress, bar_format="{l_bar}{bar}| {elapsed}"
    )

    def done(stage: str) -> None:
        bar.update()
        rest = STAGES[STAGES.index(stage) + 1 :]
        if rest:
            bar.set_description(rest[0])

    try:
        found = coincidences(problem.x, _compared(problem))
        done("coincidences")
        left = found
        problem = replace(problem, told=[*problem.told, *found.sentences(problem.called)])
        if merge and (found.duplicates or found.clashes):
            kept = found.merged(len(problem.x))
            problem = problem.keep(kept, f"merged: {len(kept):,} of {len(problem.x):,} inputs stay")
            left = coincidences(problem.x, _compared(problem))
        if left.nullity and not jitter:
            raise NotPositiveDefiniteError(singular(left, "", problem.called))
        try:
            return problem, _measure(problem, found, jitter, np.random.default_rng(seed), done, started)
        except NotPositiveDefiniteError as error:
            raise NotPositiveDefiniteError(singular(left, str(error), problem.called)) from error
    finally:
        bar.close()


def _measure(
    problem: Problem,
    found: Coincidences,
    jitter: float,
    rng: np.random.Generator,
    done: Callable[[str], None],
    started: float,
) -> Measures:
    labels, n = problem.labels, len(problem.x)
    x, y = torch.tensor(problem.x), torch.from_numpy(labels.targets)
    orders = np.stack([rng.permutation(n) for _ in range(SHUFFLES)])
    gram = h_infinity(x)
    if jitter:
        gram.diagonal().add_(jitter)
    done("angles between inputs")
    ridge = choose_ridge(x, y, rng)
    held_out = inside(leave_one_out)(gram, y, ridge)
    done("leave one out")
    columns = torch.cat([y, *(y[torch.from_numpy(order)] for order in orders)], dim=1)  # (n, (1 + shuffles) c)
    norms = label_norms(gram, columns)
    measures = (norms.values * (2 / n) ** 0.5).numpy().reshape(1 + SHUFFLES, -1)
    margins, suggested = _margins(held_out.predictions.numpy(), labels.of, y.numpy(), bool(labels.classes))
    suspects = np.argsort(margins, kind="stable")[:SUSPECTS]
    better = not labels.classes or beats_guessing(margins, labels.of)
    if labels.classes:
        suspects = suspects[(margins[suspects] < 0) & better]
    flipped = None
    if labels.classes and len(suspects):
        other = torch.from_numpy(one_against_rest(suggested[suspects], len(labels.classes)))
        flipped = inside(flips)(norms.factor, y, torch.from_numpy(suspects), other)
    done("Cholesky factor")
    spectrum = inside(spectral_measure)(gram, norms.factor, columns[:, : 2 * y.shape[1]])
    done("spectrum")
    near = clusters(problem.x, labels.of) if labels.classes else None
    trusted, without = margins >= 0, None
    if near and better and not trusted[list(near.closest)].all() and len(np.unique(labels.of[trusted])) > 1:
        without = clusters(problem.x[trusted], labels.of[trusted])
    done("neighbours")
    depths = margins_by_depth(problem.x, y.numpy(), rng) if labels.classes else None
    epsilon = float(torch.linalg.vector_norm(y, dim=0).max()) / 10
    init_scale = epsilon * DELTA / n**0.5
    done("margins by depth")
    return Measures(
        complexity=measures[0],
        shuffled=measures[1:],
        remainder=theorem_5_1_remainder(n, spectrum.lambda_min, DELTA),
        width=theorem_4_1_width(n, spectrum.lambda_min, init_scale, DELTA, epsilon),
        init_scale=init_scale,
        spectrum=spectrum,
        predictions=held_out.predictions.numpy(),
        ridge=ridge,
        margins=margins,
        suggested=suggested,
        suspects=suspects,
        beats_guessing=better,
        likest=_likest(problem.x, suspects),
        flips=flipped,
        clusters=near,
        clusters_without=without,
        depths=depths,
        coincidences=found,
        jitter=jitter,
        seconds=time.process_time() - started,
    )


def _compared(problem: Problem) -> NDArray:
    """Labels as duplicates compare them."""
    return problem.labels.of if problem.labels.classes else problem.labels.targets[:, 0]


def singular(found: Coincidences, otherwise: str, call: Callable[[int], str] = row_name) -> str:
    """Say why H-infinity is singular and what can be done.

    Parameters
    ----------
    found : Coincidences
        Of its inputs.
    otherwise : str
        What to say if nothing coincides.
    call : callable
        What the reader calls a row, given its number.

    Returns
    -------
    str
    """
    jitter = "ntkbook report --jitter 1e-6 adds so much to the diagonal"
    if not found.nullity:
        return f"{otherwise}; here no two inputs coincide: {jitter}"
    remedies = [jitter]
    if len(found.antipodal) > found.free:
        remedies.insert(0, "a constant column in x, a bias, tells x from -x")
    if found.duplicates or found.clashes:
        remedies.insert(0, "ntkbook report --merge keeps one of each group and leaves out inputs with two labels")
    return (
        f"x: expected inputs that a net can tell apart, found H-infinity singular, short of {found.nullity:,} dimension"
        f"{'s' if found.nullity > 1 else ''}: "
        f"{'; '.join(found.sentences(call))}; remedies: {'; '.join(remedies)}"
    )


def _likest(x: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.intp]:
    cosines = x[rows] @ x.T
    cosines[np.arange(len(rows)), rows] = -np.inf
    return np.argsort(-cosines, axis=1, kind="stable")[:, : min(3, len(x) - 1)]


def _margins(
    predictions: NDArray[np.float64], of: NDArray[np.intp], y: NDArray[np.float64], classes: bool
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """How far predictions favour the given class over the best other, and which class they favour."""
    if not classes:
        return -np.abs(predictions - y)[:, 0], np.zeros(len(of), np.intp)
    if predictions.shape[1] == 1:
        return y[:, 0] * predictions[:, 0], (predictions[:, 0] > 0).astype(np.intp)
    rows = np.arange(len(of))
    others = predictions.copy()
    others[rows, of] = -np.inf
    best = others.argmax(axis=1)
    margins = (predictions[rows, of] - others[rows, best]) / 2  # y f if there were two classes
    return margins, np.where(margins < 0, best, of)
