"""Two-layer learners that differ in their biases, as nets and as kernels, to be tuned alike."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ntkbook import data
from ntkbook.experiments.two_layer_learning.nets import Recipe, tensor
from ntkbook.kernel_ridge import kernel_ridge
from ntkbook.kernels import biased_tangent_kernel, finite_tangent_kernel
from ntkbook.networks import BiasedTwoLayer
from ntkbook.spectrum import eigendecompose
from ntkbook.streams import Streams
from ntkbook.training import Convergence, NetTrajectory, regression_sgd_ensemble, step_unit
from ntkbook.tuning import RIDGE, Fit, Settings

Array = NDArray[np.float64]
LEARNERS = ("zero biases", "drawn biases", "constant coordinate")
"""b = 0; b ~ N(0, 1/m), fixed; b = 0 and inputs (sqrt(3)/2 x, 1/2), whose last weights are trained."""


def seen(learner: str, x: Array) -> Array:
    """Inputs on the unit sphere as a learner sees them."""
    return data.constant_coordinate(x) if learner == "constant coordinate" else x


@dataclass(frozen=True)
class NetLearner:
    """Nets with the setting "step", in units of `step_unit`, trained side by side without weight decay."""

    learner: str
    """One of `LEARNERS`."""
    width: int
    """m."""
    n_steps: int
    """T."""
    recipe: Recipe
    """Batches, momentum and output scale; its step is left to the settings."""
    streams: Streams
    """Random streams."""
    seed: int
    """Of the start and the batches."""
    device: str
    """Where to train."""

    def __call__(self, x: Array, y: Array, settings: Sequence[Settings]) -> list[Fit | None]:
        """Fits to a training set, None where the net diverged."""
        inputs, recipe = tensor(seen(self.learner, x), self.device), self.recipe
        start = BiasedTwoLayer.initialise(
            inputs.shape[1],
            self.width,
            self.streams("weights", self.seed),
            output_scale=recipe.output_scale,
            biases=self.learner == "drawn biases",
            device=self.device,
        )
        unit = step_unit(finite_tangent_kernel(start, inputs), recipe.batch_size, momentum=recipe.momentum)
        paths = regression_sgd_ensemble(
            [start] * len(settings),
            [inputs] * len(settings),
            [tensor(y, self.device)] * len(settings),
            step_sizes=[point["step"] * unit for point in settings],
            batch_size=recipe.batch_size,
            n_steps=self.n_steps,
            rngs=[self.streams("batches", self.seed) for _ in settings],
            weight_decays=[0.0] * len(settings),
            momentum=recipe.momentum,
            record_at=(),
        )
        return [self._fit(path) if np.isfinite(path.train_errors).all() else None for path in paths]

    def _fit(self, path: NetTrajectory) -> Fit:
        def predict(x: Array) -> Array:
            return path.network(tensor(seen(self.learner, x), self.device)).double().cpu().numpy()

        return Fit(predict, path.convergence)


@dataclass(frozen=True)
class KernelLearner:
    """Ridge regression with the tangent kernel at infinite width, with the setting "ridge" over lambda_max."""

    learner: str
    """One of `LEARNERS`."""
    device: str
    """Where to compute."""

    def __call__(self, x: Array, y: Array, settings: Sequence[Settings]) -> list[Fit]:
        """Fits to a training set, from one eigendecomposition."""
        inputs, labels = self._inputs(x), torch.tensor(y, device=self.device)
        spectrum = eigendecompose(self._kernel(inputs, inputs))
        ridges = torch.tensor([point[RIDGE] * spectrum.lambda_max for point in settings]).to(labels)
        fit = kernel_ridge(spectrum, labels, ridges)
        errors = (fit.train_predictions - labels[:, None]).square().mean(0).tolist()

        def predict(x: Array, place: int) -> Array:
            return (self._kernel(self._inputs(x), inputs) @ fit.dual[:, place]).cpu().numpy()

        return [
            Fit(lambda x, place=place: predict(x, place), Convergence(error, 0.0, float(y.var())))
            for place, error in enumerate(errors)
        ]

    def _inputs(self, x: Array) -> torch.Tensor:
        return torch.tensor(seen(self.learner, x), device=self.device)

    def _kernel(self, x: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        return biased_tangent_kernel(x, 1, other, biases=self.learner == "drawn biases")
