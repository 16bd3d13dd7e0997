"""The vocabulary of all training loops: what `observe` sees on the way, and what a run returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ntkbook.training.recording import Array


@dataclass(frozen=True)
class Snapshot:
    """A run at one recorded step, as `observe` sees it; each loop adds what it can show.

    Read it, do not keep it: the tensors change in place with the next step.
    """

    step: int
    """Steps taken so far."""


@dataclass(frozen=True, kw_only=True)
class Trajectory:
    """A run seen at s recorded steps; NumPy arrays, the recorded step along the first axis. Each loop adds its own."""

    steps: NDArray[np.int64]
    """Recorded step counts (s,), increasing, with 0 first."""
    step_size: float
    """eta, on the loss that the loop names."""
    space: str
    """"weights" or "preactivations": where the updates were made."""
    observations: Mapping[str, Array] = field(default_factory=dict)
    """What the caller's `observe` returned, stacked (s, ...)."""
