"""Gradient descent that can leap: one evaluation of the gradient is a step, or a stage of a window of many steps."""

from collections.abc import Mapping

import torch
from torch import Tensor

from ntkbook.networks import TwoLayer
from ntkbook.training.chebyshev import stage_count, window_stages
from ntkbook.training.spaces import WeightSpace
from ntkbook.training.split_products import Products

SETTLING = 96
"""Steps of gradient descent at the end of each leap."""
_PAUSE = 4  # steps after the long window
_BLOCK_ELEMENTS = 2**25  # of P on a GPU, where few launches count more than a cache
_SHRINK, _WORTH = 25, 1.3  # each window of a leap is so much shorter than the one before; a window must save so much


class LeapSpace(WeightSpace):
    """A run at step `step`: weights W (d, m), pre-activations P = X W (n, m), the last residuals r = y - u (n,)."""

    def __init__(self, network: TwoLayer, x: Tensor, y: Tensor, step_size: float):
        """Take the start, inputs (n, d), targets (n,) and eta."""
        super().__init__(network, x, step_size)
        if x.device.type != "cpu":
            self._width = min(max(self._width, _BLOCK_ELEMENTS // len(x)), network.width)
            self.buffer = x.new_empty(len(x), self._width)
        self._products, self.targets = Products(x), y
        self._before = self._weights.clone()  # W one step ago
        self._pull, self._stage = torch.empty_like(self._weights), torch.empty_like(self._weights)
        # Rounding errors grow with the square of the stages: what a window has moved is summed in float64.
        self._first, self._moved, self._moved_before = (
            torch.empty_like(self._weights, dtype=torch.float64) for _ in range(3)
        )
        self.step_count, self.evaluations = 0, 0
        self.residuals = [self._look(self._weights)] * 3
        """Of the last three steps, the latest last."""

    @property
    def residual(self) -> Tensor:
        """R (n,) now."""
        return self.residuals[-1]

    @property
    def mean_residual(self) -> Tensor:
        """(r(k) + 2 r(k-1) + r(k-2)) / 4, without the part that changes its sign at each step (n,)."""
        last, before, first = reversed(self.residuals)
        return (last + 2 * before + first) / 4

    @property
    def oscillation(self) -> Tensor:
        """|r(k) - 2 r(k-1) + r(k-2)| / 4, the size of that part ()."""
        last, before, first = reversed(self.residuals)
        return torch.linalg.vector_norm(last - 2 * before + first) / 4

    def save(self) -> dict[str, Tensor]:
        """All that is needed to come back to the present step."""
        return {
            "step_count": torch.tensor(self.step_count),
            "weights": self._weights.clone(),
            "weights_before": self._before.clone(),
            "residuals": torch.stack(self.residuals),
        }

    def restore(self, saved: Mapping[str, Tensor]) -> None:
        """Go back to where `save` was called."""
        self.step_count = int(saved["step_count"])
        self._weights.copy_(saved["weights"])
        self._before.copy_(saved["weights_before"])
        self._look(self._weights)
        self.residuals = list(saved["residuals"].to(self.targets))

    def walk(self, n_steps: int) -> None:
        """Take steps of gradient descent."""
        for _ in range(n_steps):
            self._before.copy_(self._weights)
            self._weights.add_(self._gradient_step(self.residual, self._pull))
            self.residuals = [*self.residuals[1:], self._look(self._weights)]
            self.step_count += 1

    def leap(self, n_steps: int, sharpness: float) -> Tensor:
        """Go on by `n_steps`: in a long window, in shorter ones that settle what it stirred up, and in steps.

        The long one starts from the mean of the last two iterates, half a step ago, which has no part that changes
        its sign at each step: of a cycle of two steps a window would see one phase only.

        Parameters
        ----------
        n_steps : int
            How far.
        sharpness : float
            Largest eta lambda for which windows are stable.

        Returns
        -------
        Tensor ()
            By how much |r| fell in the four steps after the long window, which too few stages make large.
        """
        lengths, stirred = leap_lengths(n_steps, sharpness), torch.zeros_like(self.oscillation)
        for i, length in enumerate(lengths):
            if i:
                self._window(length, sharpness)
                continue
            self._weights.add_(self._before).div_(2)
            self._window(length + 0.5, sharpness, residual=self._look(self._weights))
            after = torch.linalg.vector_norm(self.residual)
            self.walk(_PAUSE)
            stirred = after - torch.linalg.vector_norm(self.residual)
        self.step_count += sum(lengths)
        self.walk(n_steps - sum(lengths) - (_PAUSE if lengths else 0))
        return stirred

    def _window(self, n_steps: float, sharpness: float, residual: Tensor | None = None) -> None:
        """Move the weights by a window, see `ntkbook.training.chebyshev`; `residual` is that of the weights now."""
        first, *stages = window_stages(n_steps, stage_count(n_steps, sharpness))
        self._first.copy_(self._gradient_step(self.residual if residual is None else residual, self._pull))
        before, now = self._moved_before.zero_(), torch.mul(self._first, first.first, out=self._moved)
        for stage in stages:
            torch.add(self._weights, now, out=self._stage)
            pull = self._gradient_step(self._look(self._stage), self._pull)
            before.mul_(stage.nu).add_(now, alpha=stage.mu).add_(pull, alpha=stage.now)
            before.add_(self._first, alpha=stage.first)
            before, now = now, before
        self._before.copy_(self._weights.add_(now))
        self.residuals = [self._look(self._weights)] * 3

    def _look(self, weights: Tensor) -> Tensor:
        """Residual y - u (n,) at some weights, whose pre-activations it leaves in P."""
        u = torch.zeros_like(self.targets)
        for neurons, buffer in self._blocks():
            self._products.image(weights[:, neurons], self.preactivations[:, neurons])
            self._add_output(u, neurons, buffer)
        return self.targets - u / self.root_width

    def _gradient_step(self, residual: Tensor, out: Tensor) -> Tensor:
        """-eta times the gradient, (eta / sqrt(m)) X' diag(r) M diag(a) (d, m), with the gates M of P."""
        self._products.weigh(residual)
        for neurons, buffer in self._blocks():
            torch.ge(self.preactivations[:, neurons], 0, out=buffer)
            scale = self.output_weights[neurons] * (self.step_size / self.root_width)
            torch.mul(self._products.pull(buffer), scale, out=out[:, neurons])
        self.evaluations += 1
        return out


def leap_lengths(n_steps: int, sharpness: float) -> list[int]:
    """Lengths of the windows of a leap; what is left of `n_steps` is steps. Empty if windows would save nothing."""
    rest = n_steps - SETTLING - _PAUSE
    lengths, length = [], rest * (1 - 1 / _SHRINK)
    while length > 1 and _WORTH * stage_count(length, sharpness) < length:
        lengths.append(int(length))
        length /= _SHRINK
    if lengths:
        lengths[0] += rest - sum(lengths)
    return lengths
