"""Training loops with closed-form updates: `observe` sees a `Snapshot`, a run returns a `Trajectory`."""

from ntkbook.training.deep_gradient_descent import (
    DeepSnapshot,
    DeepTrajectory,
    LayerMovement,
    deep_gradient_descent,
)
from ntkbook.training.gradient_descent import DescentSnapshot, DescentTrajectory, gradient_descent
from ntkbook.training.movement import Movement
from ntkbook.training.recording import log_grid
from ntkbook.training.sgd import sgd
from ntkbook.training.sgd_ensemble import SgdSnapshot, SgdTrajectory, sgd_ensemble
from ntkbook.training.trajectory import Snapshot, Trajectory

__all__ = [
    "DeepSnapshot",
    "DeepTrajectory",
    "DescentSnapshot",
    "DescentTrajectory",
    "LayerMovement",
    "Movement",
    "SgdSnapshot",
    "SgdTrajectory",
    "Snapshot",
    "Trajectory",
    "deep_gradient_descent",
    "gradient_descent",
    "log_grid",
    "sgd",
    "sgd_ensemble",
]
