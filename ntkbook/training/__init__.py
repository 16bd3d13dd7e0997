"""Training loops with closed-form updates: `observe` sees a `Snapshot`, a run returns a `Trajectory`."""

from ntkbook.training.convergence import Convergence
from ntkbook.training.deep_gradient_descent import (
    DeepSnapshot,
    DeepTrajectory,
    LayerMovement,
    deep_gradient_descent,
)
from ntkbook.training.gradient_descent import DescentSnapshot, DescentTrajectory, gradient_descent
from ntkbook.training.linearised_sgd import LinearTrajectory, linearised_sgd
from ntkbook.training.long_gradient_descent import LongTrajectory, long_gradient_descent
from ntkbook.training.movement import Movement
from ntkbook.training.recording import log_grid
from ntkbook.training.regression import RegressionTrajectory
from ntkbook.training.regression_sgd import NetTrajectory, RegressionSnapshot, regression_sgd, regression_sgd_ensemble
from ntkbook.training.second_variant import (
    RoundSnapshot,
    SecondVariantTrajectory,
    second_variant_sgd,
    second_variant_sgd_ensemble,
)
from ntkbook.training.sgd import sgd
from ntkbook.training.sgd_ensemble import SgdSnapshot, SgdTrajectory, sgd_ensemble
from ntkbook.training.smoothed_objective import SecondVariant
from ntkbook.training.step_unit import step_unit
from ntkbook.training.trajectory import Snapshot, Trajectory

__all__ = [
    "Convergence",
    "DeepSnapshot",
    "DeepTrajectory",
    "DescentSnapshot",
    "DescentTrajectory",
    "LayerMovement",
    "LinearTrajectory",
    "LongTrajectory",
    "Movement",
    "NetTrajectory",
    "RegressionSnapshot",
    "RegressionTrajectory",
    "RoundSnapshot",
    "SecondVariant",
    "SecondVariantTrajectory",
    "SgdSnapshot",
    "SgdTrajectory",
    "Snapshot",
    "Trajectory",
    "deep_gradient_descent",
    "gradient_descent",
    "linearised_sgd",
    "log_grid",
    "long_gradient_descent",
    "regression_sgd",
    "regression_sgd_ensemble",
    "second_variant_sgd",
    "second_variant_sgd_ensemble",
    "sgd",
    "sgd_ensemble",
    "step_unit",
]
