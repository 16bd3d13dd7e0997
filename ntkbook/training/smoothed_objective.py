"""The stochastic objective (4.2) of Allen-Zhu, Li and Liang (2019), its gradients in closed form, and a noisy step.

The weights here are the transposes of the paper's: movements are W' (d, m_1) and V' (m_1, m_2), and Sigma acts on the
columns of W' and the rows of V'. All tensors have a leading axis of nets, trained side by side; e of them below.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.networks import ThreeLayer
from ntkbook.wants import between, not_negative, steps, vast


@expects(
    step_size=vast,
    n_rounds=steps,
    inner_steps=steps,
    shrinkage=between(0, 1, above=False),
    smoothing_first=not_negative,
    smoothing_second=not_negative,
    penalty_first=not_negative,
    penalty_second=not_negative,
    gradient_noise=not_negative,
)
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


class SmoothedObjectives:
    """Movements W', V' of nets from their starts, and the objectives of batches with all that is random drawn anew."""

    def __init__(
        self, starts: Sequence[ThreeLayer], settings: Sequence[SecondVariant], rngs: Sequence[np.random.Generator]
    ):
        """Take nets of one shape, and the settings and the source of randomness of each."""
        self.starts, self.settings, self._rngs = starts, settings, rngs
        w, v, a, b_1, b_2 = (
            torch.stack(tensors) for tensors in zip(*(vars(net).values() for net in starts), strict=True)
        )
        self._weights, self._biases = (w, v), (b_1[:, None], b_2[:, None])
        self._outer = a[:, None]
        names = ("step_size", "penalty_first", "penalty_second")
        constants = np.array([[getattr(setting, name) for setting in settings] for name in names], dtype=float)
        self._step_sizes, *self._penalties = torch.from_numpy(constants).to(w)
        self.first = torch.zeros_like(w)
        """W' (e, d, m_1)."""
        self.second = torch.zeros_like(v)
        """V' (e, m_1, m_2)."""

    def draw_signs(self) -> Tensor:
        """The diagonals of Sigma (e, m_1); of ones where the settings have no signs."""
        signs = np.ones(self.second.shape[:2], dtype=np.float32)
        for row, settings, rng in zip(signs, self.settings, self._rngs, strict=True):
            if settings.signs:
                row -= 2 * rng.integers(2, size=len(row))
        return torch.from_numpy(signs).to(self.first)

    def smoothed(self, signs: Tensor) -> tuple[Tensor, Tensor]:
        """Weights W(0) + W^rho + Sigma W' and V(0) + V^rho + V' Sigma, for fresh W^rho and V^rho.

        Parameters
        ----------
        signs : Tensor (e, m_1)

        Returns
        -------
        tuple of Tensors (e, d, m_1) and (e, m_1, m_2)
        """
        w, v = self._weights
        w = torch.addcmul(w, self.first, signs[:, None])
        v = torch.addcmul(v, self.second, signs[:, :, None])
        return self._add_noise(w, "smoothing_first"), self._add_noise(v, "smoothing_second")

    def gradients(
        self, weights: tuple[Tensor, Tensor], signs: Tensor, x: Tensor, y: Tensor, scales: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Values of the objectives, and their gradients by W' and V'.

        Parameters
        ----------
        weights : tuple of Tensors (e, d, m_1) and (e, m_1, m_2)
            From `smoothed`, with `signs`.
        signs : Tensor (e, m_1)
        x : Tensor (e, B, d)
            The batches.
        y : Tensor (e, B)
            Their targets.
        scales : Tensor (e,)
            lambda_t.

        Returns
        -------
        tuple of Tensors (e,), (e, d, m_1) and (e, m_1, m_2)
        """
        (w, v), (b_1, b_2), lam = weights, self._biases, scales[:, None]
        h_1 = torch.baddbmm(b_1.expand(-1, x.shape[1], -1), x, w).clamp_(min=0)
        h_2 = torch.baddbmm(b_2.expand(-1, x.shape[1], -1), h_1, v).clamp_(min=0)
        residual = lam * torch.bmm(h_2, self._outer.mT)[:, :, 0] - y  # lambda F(x_i) - y_i              (e, B)
        p_2 = (lam / x.shape[1] * residual)[:, :, None] * self._outer * (h_2 > 0)
        p_1 = torch.bmm(p_2, v.mT) * (h_1 > 0)
        by_first = torch.bmm(x.mT, p_1) * signs[:, None]
        by_second = torch.bmm(h_1.mT, p_2) * signs[:, :, None]
        value = residual.square().mean(1) / 2
        lam_w, lam_v = self._penalties[0] * scales**2, self._penalties[1] * scales
        neurons = self.first.square().sum(1)  # |w'_r|^2                                               (e, m_1)
        value += lam_v * self.second.square().sum((1, 2)) + lam_w * neurons.square().sum(1)
        by_first.addcmul_(4 * lam_w[:, None, None] * neurons[:, None], self.first)
        by_second.addcmul_(2 * lam_v[:, None, None], self.second)
        return value, by_first, by_second

    def step(self, x: Tensor, y: Tensor, scales: Tensor) -> Tensor:
        """One step of noisy SGD on a batch of each net, in place; the objectives before it (e,)."""
        signs = self.draw_signs()
        value, *gradients = self.gradients(self.smoothed(signs), signs, x, y, scales)
        step_sizes = self._step_sizes[:, None, None]
        for movement, gradient in zip((self.first, self.second), gradients, strict=True):
            movement.addcmul_(self._add_noise(gradient, "gradient_noise"), step_sizes, value=-1)
        return value

    def _add_noise(self, to: Tensor, name: str) -> Tensor:
        """Add independent N(0, scale^2) to each entry, by NumPy on the CPU; no draws for a net whose scale is 0."""
        scales = [getattr(settings, name) for settings in self.settings]
        if not any(scales):
            return to
        draws = np.zeros(to.shape, dtype=np.float64 if to.dtype == torch.float64 else np.float32)
        for of_net, scale, rng in zip(draws, scales, self._rngs, strict=True):
            if scale:
                rng.standard_normal(out=of_net, dtype=draws.dtype.type)
                of_net *= scale
        return to.add_(torch.from_numpy(draws).to(to))
