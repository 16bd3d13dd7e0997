"""Gradient descent whose gates can be watched: the mean over an oscillation, and the shares of time gates are open."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from ntkbook.networks import TwoLayer
from ntkbook.training.spaces import WeightSpace
from ntkbook.training.split_products import Products

SETTLING = 16
"""Steps that are watched: gates at their kink, and oscillation, become what gradient descent makes of them."""
_BLOCK_ELEMENTS = 2**25  # of P on a GPU, where few launches count more than a cache


@dataclass
class Mean:
    """(W(k) + 2 W(k-1) + W(k-2)) / 4: gradient descent at step k - 1 without what changes its sign at each step."""

    step: int
    """k - 1."""
    weights: Tensor
    """(d, m)."""
    deviation: Tensor
    """W(k-1) less the mean (d, m)."""
    residual: Tensor
    """Mean of the residuals in the same way (n,), float64; not the residual of the mean weights."""
    gates: Tensor
    """Shares of the last steps in which gates were open, weighted with the residual, or of the last part of a window
    (n, m); 0 or 1 where not held."""
    held: Tensor
    """Whether the gate was open in 2 to 14 of the 16 steps, or `Window.held` (n, m), bool."""
    drift: Tensor
    """e / t^2 of the last window (n,), float64: a first guess for that of the next."""
    gap: Tensor
    """Estimated error of the residual, from the windows so far (n,), float64."""
    gap_at: int
    """The step that it is the error at: 16 after the last window, or that of the mean."""


class WatchedDescent(WeightSpace):
    """A run at step `step_count`: weights W (d, m), pre-activations P = X W (n, m), residuals r = y - u (n,)."""

    def __init__(self, network: TwoLayer, x: Tensor, y: Tensor, step_size: float):
        """Take the start, inputs (n, d), targets (n,) and eta."""
        super().__init__(network, x, step_size)
        if x.device.type != "cpu":
            self._width = min(max(self._width, _BLOCK_ELEMENTS // len(x)), network.width)
            self.buffer = x.new_empty(len(x), self._width)
        self._products, self.targets = Products(x), y
        self._inner_products = x @ x.T  # K            (n, n)
        n, d = x.shape
        self._few = n < 2 * d  # inputs, so that one product with K is cheaper than two with X
        moved = self.preactivations if self._few else self._weights
        self._pulls = [
            torch.zeros_like(moved),
            torch.zeros_like(moved),
        ]  # of the last two steps: of W, or Z
        self._coefficients = torch.zeros_like(moved) if self._few else None  # sum of the Z that W still lacks
        self.drift = torch.zeros_like(y, dtype=torch.float64)
        self.gap, self.gap_at = torch.zeros_like(self.drift), 0
        self.step_count, self.evaluations = 0, 0
        self.residuals = [self._look(self._weights)] * 3
        """Of the last three steps, the latest last."""
        self.mean: Mean | None = None
        """None unless the last `SETTLING` steps were watched."""

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
        """All that is needed to come back to a step that was taken; of gates only those that are held."""
        mean = {}
        if self.mean is not None:
            parts = {name: torch.as_tensor(value) for name, value in vars(self.mean).items()}
            held, gates = parts.pop("held"), parts.pop("gates")
            parts |= {"held": held.flatten().nonzero()[:, 0], "shares": gates[held]}
            mean = {f"mean_{name}": value for name, value in parts.items()}
        return mean | {
            "step_count": torch.tensor(self.step_count),
            "weights": self._weights.clone(),
            "drift": self.drift,
            "gap": self.gap,
            "gap_at": torch.tensor(self.gap_at),
            "residuals": torch.stack(self.residuals),
        }

    def restore(self, saved: Mapping[str, Tensor]) -> None:
        """Go back to where `save` was called."""
        self.step_count = int(saved["step_count"])
        self._weights.copy_(saved["weights"])
        self._look(self._weights)
        self.residuals, self.drift = list(saved["residuals"]), saved["drift"]
        self.gap, self.gap_at = saved["gap"], int(saved["gap_at"])
        mean = {name[5:]: value for name, value in saved.items() if name.startswith("mean_")}
        self.mean = None
        if mean:
            gates = (self.x @ mean["weights"] >= 0).to(self.x.dtype)
            held = torch.zeros_like(gates, dtype=torch.bool)
            held.view(-1)[mean.pop("held")] = True
            gates[held] = mean.pop("shares")
            step, gap_at = int(mean.pop("step")), int(mean.pop("gap_at"))
            self.mean = Mean(step=step, gap_at=gap_at, gates=gates, held=held, **mean)

    def walk(self, n_steps: int) -> None:
        """Take steps of gradient descent."""
        for _ in range(n_steps):
            self._step()
        self._arrive()

    def settle(self, n_steps: int) -> None:
        """Take steps, and watch the gates in the last of them; too few steps to watch are steps."""
        if n_steps < SETTLING:
            self.walk(n_steps)
            return
        for _ in range(n_steps - SETTLING):
            self._step()
        times = torch.zeros_like(self.preactivations, dtype=torch.uint8)
        weighted, total = torch.zeros_like(self.preactivations), torch.zeros_like(self.residual)
        for _ in range(SETTLING):
            gates = self.preactivations >= 0
            times += gates
            weighted.addcmul_(gates.to(weighted.dtype), self.residual[:, None])
            total += self.residual
            self._step()
        self._arrive()
        last, before = (self.x.T @ pull if self._few else pull for pull in self._pulls)
        weights, deviation = self._weights - (3 * last + before) / 4, (before - last) / 4
        held = (times > 1) & (times < SETTLING - 1)
        shares = weighted.div_(torch.where(total == 0, 1, total)[:, None]).clamp_(0, 1)
        gates = torch.where(held, shares, (self.x @ weights >= 0).to(shares.dtype))
        carried = {"drift": self.drift, "gap": self.gap, "gap_at": self.gap_at}
        residual = self.mean_residual.double()
        self.mean = Mean(self.step_count - 1, weights, deviation, residual, gates, held, **carried)

    def land(self) -> None:
        """Become gradient descent again, at the step of the mean, and forget it."""
        assert self.mean is not None
        self._weights.copy_(self.mean.weights).add_(self.mean.deviation)
        self.residuals = [self._look(self._weights)] * 3
        self.drift, self.gap, self.gap_at = self.mean.drift, self.mean.gap, self.mean.gap_at
        self.step_count, self.mean = self.mean.step, None

    def _step(self) -> None:
        """One step, of the weights or of the pre-activations alone."""
        pull, rate = self._pulls[1], self.step_size / self.root_width
        self._pulls.reverse()
        if self._coefficients is not None:
            u = torch.zeros_like(self.targets)
            for neurons, buffer in self._blocks():
                torch.ge(self.preactivations[:, neurons], 0, out=buffer)
                scale = self.output_weights[neurons] * rate
                torch.mul(buffer.mul_(scale), self.residual[:, None], out=pull[:, neurons])
                self.preactivations[:, neurons].addmm_(self._inner_products, pull[:, neurons])
                self._add_output(u, neurons, buffer)
            self._coefficients += pull
            residual = self.targets - u / self.root_width
        else:
            self._products.weigh(self.residual)
            for neurons, buffer in self._blocks():
                torch.ge(self.preactivations[:, neurons], 0, out=buffer)
                scale = self.output_weights[neurons] * rate
                torch.mul(self._products.pull(buffer), scale, out=pull[:, neurons])
            residual = self._look(self._weights.add_(pull))
        self.residuals = [*self.residuals[1:], residual]
        self.step_count += 1
        self.evaluations += 1
        self.mean = None

    def _arrive(self) -> None:
        """Bring the weights to the present step, and the pre-activations to the weights."""
        if self._coefficients is not None:
            self._weights.addmm_(self.x.T, self._coefficients)
            self._coefficients.zero_()
            self.residuals[-1] = self._look(self._weights)

    def _look(self, weights: Tensor) -> Tensor:
        """Residual y - u (n,) at some weights, whose pre-activations it leaves in P."""
        u = torch.zeros_like(self.targets)
        for neurons, buffer in self._blocks():
            self._products.image(weights[:, neurons], self.preactivations[:, neurons])
            self._add_output(u, neurons, buffer)
        return self.targets - u / self.root_width
