"""Training loops with closed-form updates; each returns a `Trajectory`."""

from ntkbook.training.gradient_descent import Snapshot, gradient_descent
from ntkbook.training.trajectory import Trajectory, log_grid

__all__ = ["Snapshot", "Trajectory", "gradient_descent", "log_grid"]
