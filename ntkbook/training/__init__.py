"""Training loops with closed-form updates; each returns a record of the run."""

from ntkbook.training.gradient_descent import Snapshot, gradient_descent
from ntkbook.training.sgd import SgdPath, State, sgd, sgd_ensemble
from ntkbook.training.trajectory import Trajectory, log_grid

__all__ = ["SgdPath", "Snapshot", "State", "Trajectory", "gradient_descent", "log_grid", "sgd", "sgd_ensemble"]
