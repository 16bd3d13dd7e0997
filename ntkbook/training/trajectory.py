"""What a training run returns, and at which steps it looks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ntkbook.networks import TwoLayer

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Trajectory:
    """Gradient descent seen at s recorded steps; NumPy arrays, the recorded step along the first axis."""

    steps: NDArray[np.int64]
    """Recorded step counts k (s,), increasing, with 0 first."""
    residuals: Array
    """y - u(k) (s, n)."""
    step_size: float
    """eta, on the half-sum loss 1/2 |y - u|^2."""
    space: str
    """"weights" or "preactivations": where the updates were made."""
    flipped: Array | None = None
    """Share of the n m gates that differ from the start (s,); None unless movement was tracked."""
    neuron_movement: Array | None = None
    """|w_r(k) - w_r(0)| (s, m); None unless movement was tracked."""
    test_outputs: Array | None = None
    """Predictions at the test inputs (s, t); None without test inputs."""
    observations: Mapping[str, Array] = field(default_factory=dict)
    """What the caller's `observe` returned, stacked along the first axis."""
    network: TwoLayer | None = None
    """The net at the last step; None unless movement was tracked."""

    @property
    def residual_norms(self) -> Array:
        """|y - u(k)| (s,)."""
        return np.linalg.norm(self.residuals, axis=1)

    @property
    def loss(self) -> Array:
        """Phi(k) = 1/2 |y - u(k)|^2 (s,); divide by n for the paper's figures."""
        return self.residual_norms**2 / 2

    @property
    def movement(self) -> Array | None:
        """|W(k) - W(0)|_F (s,); None unless movement was tracked."""
        return None if self.neuron_movement is None else np.linalg.norm(self.neuron_movement, axis=1)


def log_grid(n_steps: int, per_decade: int = 8) -> NDArray[np.int64]:
    """Step counts 0, 1, ..., `n_steps`, about evenly spaced on a logarithmic axis.

    Parameters
    ----------
    n_steps : int
        Last step, >= 1.
    per_decade : int
        Points for a factor of ten; the first ones are as dense as whole numbers allow.

    Returns
    -------
    ndarray of int64
        Increasing, without repeats, from 0 to `n_steps`.

    Raises
    ------
    ValueError
        If an argument is below 1.
    """
    for name, value in (("n_steps", n_steps), ("per_decade", per_decade)):
        if value < 1:
            raise ValueError(f"{name}: expected a whole number >= 1, found {value}")
    points = np.geomspace(1, n_steps, 1 + int(np.ceil(per_decade * np.log10(max(n_steps, 2)))))
    return np.unique(np.concatenate([[0], np.round(points).astype(np.int64), [n_steps]]))
