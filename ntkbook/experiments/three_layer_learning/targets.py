"""Targets of the chapter on three layers, each divided by its standard deviation on the sphere, which is exact."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ntkbook.data import additive_target, figure_1_target, harmonic_target, sphere
from ntkbook.data.waves import Waves
from ntkbook.streams import Streams
from ntkbook.tuning import Task

DIM = 4
N_VALIDATION, N_TEST = 1000, 2000


@cache
def target(name: str) -> Waves:
    """Target by name, with variance 1 over the uniform distribution on the sphere.

    Parameters
    ----------
    name : str
        "composed" for F of figure 1, "even" or "odd" for its parts, "additive", or "harmonic c" with a number c.

    Returns
    -------
    Waves
        Of x in R^4. Errors of a learner of it are fractions of the target's variance.
    """
    kind, _, number = name.partition(" ")
    f = figure_1_target()
    named = {"composed": f, "even": f.even, "odd": f.odd, "additive": additive_target()}
    waves = harmonic_target(float(number)) if kind == "harmonic" else named[kind]
    return waves.sphere_variance() ** -0.5 * waves


@dataclass(frozen=True)
class Draw:
    """Draws inputs, uniform on the sphere, and their targets; draws of one target are equal."""

    name: str
    """See `target`."""

    def __call__(self, rng: np.random.Generator, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Inputs (n, 4) and targets (n,)."""
        x = sphere(n, DIM, rng)
        return x, target(self.name)(x)


def task(name: str, n_train: int, seed: int, streams: Streams) -> Task:
    """Task of learning a target.

    Parameters
    ----------
    name : str
        See `target`.
    n_train : int
        N.
    seed : int
        Number of the draw of its three sets.
    streams : Streams
        Root of the three streams.

    Returns
    -------
    Task
        With validation and test sets at most 5 and 10 times as large as the training set.
    """
    return Task(Draw(name), n_train, min(N_VALIDATION, 5 * n_train), min(N_TEST, 10 * n_train), streams, (seed,))
