"""The stochastic objective (4.2) of Allen-Zhu, Li and Liang (2019), its gradients in closed form, and a noisy step.

The weights here are the transposes of the paper's: movements are W' (d, m_1) and V' (m_1, m_2), and Sigma acts on the
columns of W' and the rows of V'.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ntkbook.networks import ThreeLayer
from ntkbook.networks.draws import gaussian


@dataclass(frozen=True, kw_only=True)
class SecondVariant:
    """What Algorithm 1 leaves to be chosen. Each ingredient is off at 0, `signs` at False, the choice of j* at 1."""

    n_rounds: int
    """T."""
    inner_steps: int
    """T_w, steps of noisy SGD in a round."""
    step_size: float
    """eta as the step size of SGD."""
    batch_size: int = 50
    """Points that a step sees; the paper's is 1. They share the step's smoothing and signs."""
    signs: bool = True
    """Whether a step has random signs Sigma, and the output net Sigma-hat; without them this is the first variant."""
    shrinkage: float = 0.0
    """eta as weight decay: lambda_{t+1} = (1 - eta) lambda_t, from lambda_1 = 1, and round t has lambda_t."""
    smoothing_first: float = 0.0
    """sigma_w, standard deviation of W^rho."""
    smoothing_second: float = 0.0
    """sigma_v, standard deviation of V^rho."""
    penalty_first: float = 0.0
    """lambda_w, of |sqrt(lambda) W'|_{2,4}^4."""
    penalty_second: float = 0.0
    """lambda_v, of |sqrt(lambda) V'|_F^2."""
    gradient_noise: float = 0.0
    """Standard deviation of the Gaussian noise on each entry of a gradient."""
    candidates: int = 1
    """Smoothings among which j* is chosen at the end."""

    def __post_init__(self):
        for name in ("n_rounds", "inner_steps", "batch_size", "candidates"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: expected a whole number >= 1, found {getattr(self, name)}")
        if not (self.step_size > 0 and np.isfinite(self.step_size)):
            raise ValueError(f"step_size: expected a positive number, found {self.step_size}")
        if not 0 <= self.shrinkage < 1:
            raise ValueError(f"shrinkage: expected a number in [0, 1), found {self.shrinkage}")
        kept = ("smoothing_first", "smoothing_second", "penalty_first", "penalty_second", "gradient_noise")
        for name in kept:
            if not (getattr(self, name) >= 0 and np.isfinite(getattr(self, name))):
                raise ValueError(f"{name}: expected a number >= 0, found {getattr(self, name)}")


class SmoothedObjective:
    """Movements W', V' of a net from its start, and the objective of a batch at a fresh draw of all that is random."""

    def __init__(self, start: ThreeLayer, settings: SecondVariant, rng: np.random.Generator):
        self.start, self.settings, self._rng = start, settings, rng
        self.first = torch.zeros_like(start.first_weights)  # W'
        self.second = torch.zeros_like(start.second_weights)  # V'

    def draw_signs(self) -> Tensor | None:
        """The diagonal of Sigma (m_1,), or None where the settings have no signs."""
        if not self.settings.signs:
            return None
        signs = self._rng.choice([-1.0, 1.0], size=self.start.widths[0])
        return torch.from_numpy(signs).to(self.first)

    def smoothed(self, signs: Tensor | None) -> ThreeLayer:
        """The net at W(0) + W^rho + Sigma W' and V(0) + V^rho + V' Sigma, for fresh W^rho and V^rho."""
        net = self.start.moved(self.first, self.second, signs)
        return net.moved(
            self._noise(self.first, self.settings.smoothing_first),
            self._noise(self.second, self.settings.smoothing_second),
        )

    def gradients(
        self, net: ThreeLayer, signs: Tensor | None, x: Tensor, y: Tensor, scale: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Value of the objective, and its gradients by W' and V'.

        Parameters
        ----------
        net : ThreeLayer
            From `smoothed`, with `signs`.
        signs : Tensor (m_1,) or None
        x : Tensor (B, d)
            The batch.
        y : Tensor (B,)
            Its targets.
        scale : float
            lambda_t.

        Returns
        -------
        tuple of Tensor (), Tensor (d, m_1) and Tensor (m_1, m_2)
        """
        hidden = net.hidden(x)
        residual = scale * (hidden[2] @ net.output_weights) - y  # lambda F(x_i) - y_i                (B,)
        slopes = (scale / len(x)) * residual[:, None]
        by_first, by_second = (h.T @ (slopes * p) for h, p in zip(hidden, net.pulls(hidden), strict=False))
        if signs is not None:
            by_first, by_second = by_first * signs, signs[:, None] * by_second
        lam_w, lam_v = self.settings.penalty_first * scale**2, self.settings.penalty_second * scale
        neurons = self.first.square().sum(0)  # |w'_r|^2                                             (m_1,)
        value = residual.square().mean() / 2 + lam_v * self.second.square().sum() + lam_w * neurons.square().sum()
        return value, by_first + 4 * lam_w * neurons * self.first, by_second + 2 * lam_v * self.second

    def step(self, x: Tensor, y: Tensor, scale: float) -> Tensor:
        """One step of noisy SGD on a batch, in place; the objective before it."""
        signs = self.draw_signs()
        value, *gradients = self.gradients(self.smoothed(signs), signs, x, y, scale)
        for movement, gradient in zip((self.first, self.second), gradients, strict=True):
            gradient += self._noise(gradient, self.settings.gradient_noise)
            movement.sub_(gradient, alpha=self.settings.step_size)
        return value

    def _noise(self, like: Tensor, scale: float) -> Tensor:
        """Independent N(0, scale^2) in a tensor's shape; zeros, and no draws, at scale 0."""
        if scale == 0:
            return torch.zeros_like(like)
        return gaussian(self._rng, tuple(like.shape), scale, like.dtype, like.device)
