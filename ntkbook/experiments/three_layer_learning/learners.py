"""The trained learners of figure 1 as the harness wants them: nets of two and three layers, side by side over settings.

A setting has three numbers: `step` in units of `step_unit`, `rise`, eps_a sqrt(m) of the output weights' standard
deviation eps_a, and `decay`, the weight decay over rise^2. The tangent kernel of a net is rise^2 times a limit. So a
net with a large rise hardly moves its features, at any width, and the weights of nets with one step and one decay
shrink alike at any rise: what is tuned at one width can be handed to another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ntkbook.data import constant_coordinate
from ntkbook.experiments.three_layer_learning.targets import DIM
from ntkbook.kernels import finite_tangent_kernel
from ntkbook.networks import BiasedTwoLayer, ThreeLayer
from ntkbook.streams import Streams
from ntkbook.training import regression_sgd_ensemble, step_unit
from ntkbook.training.recording import to_numpy
from ntkbook.tuning import Fit, Settings

Array = np.ndarray
Net = ThreeLayer | BiasedTwoLayer

BATCH_SIZE, MOMENTUM = 50, 0.9
_UNIT_POINTS = 1000  # that the unit of step sizes is measured at
_BLOCK = 4000  # inputs whose outputs are computed at once


@dataclass(frozen=True)
class Kind:
    """What a trained learner is, but for its width."""

    layers: int
    """2 or 3."""
    biases: bool = True
    """Whether the fixed biases are drawn, or zero."""
    constant: bool = False
    """Whether inputs have the constant coordinate of sec. 3."""


KINDS = {
    "3 layers": Kind(3),
    "2 layers": Kind(2),
    "2 layers, no biases": Kind(2, biases=False),
    "2 layers, constant coordinate": Kind(2, biases=False, constant=True),
}


def initial_net(kind: Kind, width: int, rng: np.random.Generator, device: str) -> Net:
    """A net at its start, its output weights with standard deviation m^-1/2: rise 1.

    Parameters
    ----------
    kind : Kind
        Depth, biases, inputs.
    width : int
        m of each hidden layer.
    rng : numpy.random.Generator
        Source of the draws.
    device : str
        Of its parameters.

    Returns
    -------
    ThreeLayer or BiasedTwoLayer
    """
    options = {"output_scale": width**-0.5, "biases": kind.biases, "device": device}
    d = DIM + kind.constant
    if kind.layers == 3:
        return ThreeLayer.initialise(d, (width, width), rng, **options)
    return BiasedTwoLayer.initialise(d, width, rng, **options)


@dataclass(frozen=True)
class Trained:
    """A learner for `ntkbook.tuning`: nets trained side by side, one for each of the settings, from one start."""

    kind: Kind
    width: int
    n_steps: int
    """Steps of SGD, the same for every learner and sample size."""
    streams: Streams
    seed: int
    """Number of the draw of the start and of the batches."""
    device: str

    def __call__(self, x: Array, y: Array, settings: Sequence[Settings]) -> list[Fit | None]:
        """Train; see `ntkbook.tuning.Learner`."""
        points, labels = self._inputs(x), torch.from_numpy(y).to(self.device, torch.float32)
        start = initial_net(self.kind, self.width, self.streams("net", self.width, self.seed), self.device)
        gram = finite_tangent_kernel(start, points[:_UNIT_POINTS])
        unit = step_unit(gram, BATCH_SIZE, momentum=MOMENTUM)
        paths = regression_sgd_ensemble(
            [replace(start, output_weights=point["rise"] * start.output_weights) for point in settings],
            [points] * len(settings),
            [labels] * len(settings),
            step_sizes=[point["step"] * unit / point["rise"] ** 2 for point in settings],
            weight_decays=[point["decay"] * point["rise"] ** 2 for point in settings],
            batch_size=BATCH_SIZE,
            n_steps=self.n_steps,
            momentum=MOMENTUM,
            rngs=[self.streams("batches", self.width, self.seed) for _ in settings],
            record_at=(),
        )
        return [None if path.diverged else Fit(self._predictor(path.network), path.convergence) for path in paths]

    def _inputs(self, x: Array) -> Tensor:
        return torch.from_numpy(constant_coordinate(x) if self.kind.constant else x).to(self.device, torch.float32)

    def _predictor(self, net: Net):
        def predict(x: Array) -> Array:
            with torch.no_grad():
                return to_numpy(torch.cat([net(block) for block in self._inputs(x).split(_BLOCK)]).double())

        return predict
