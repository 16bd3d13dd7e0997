"""Gradient descent that can leap: a window of many steps is solved for at once, from the theorem's own equations.

While no gate moves, r(k+1) = (I - eta H) r(k), and t steps need the powers of one matrix. Over a window the weights
move by W(t) - W(0) = eta / sqrt(m) X' (diag(R) G diag(a)) with R the sum of the residuals and G the shares of the time
in which gates are open, whatever the gates do in between. R follows from the frozen kernel, G from R by the drift of
each pre-activation (`ntkbook.training.sliding_gates`), and what the network's own residual at the end says against the
prediction is the error that moving gates made. The steps of gradient descent after a window undo it along the top
eigenvectors of H; what they leave is the error of the window. To feed it back into R and go round again made R and G
agree better, and the run no better, wherever it was tried.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from ntkbook.networks import TwoLayer
from ntkbook.training.frozen_kernel import FrozenKernel
from ntkbook.training.sliding_gates import flagged, slide
from ntkbook.training.spaces import WeightSpace
from ntkbook.training.split_products import Products

SETTLING = 16
"""Steps after each window, in which gates at their kink and oscillation become what gradient descent makes of them."""
_BLOCK_ELEMENTS = 2**25  # of P on a GPU, where few launches count more than a cache
_TINY = 1e-100


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
    """Shares of the last steps in which gates were open, weighted with the residual (n, m); 0 or 1 where not held."""
    held: Tensor
    """Whether the gate opened and shut in them (n, m), bool."""


@dataclass
class Window:
    """Where a window ends, and how well that is known."""

    length: int
    error: float
    """Of the residual, after the steps that follow; not in units of anything."""
    impulse: Tensor
    """eta / sqrt(m) diag(R) G diag(a) (n, m)."""
    level: float
    """|residual| at the end over that at the start."""


class WindowSpace(WeightSpace):
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
        """All that is needed to come back to the present step."""
        mean = {} if self.mean is None else {f"mean_{name}": torch.as_tensor(v) for name, v in vars(self.mean).items()}
        return mean | {
            "step_count": torch.tensor(self.step_count),
            "weights": self._weights.clone(),
            "residuals": torch.stack(self.residuals),
        }

    def restore(self, saved: Mapping[str, Tensor]) -> None:
        """Go back to where `save` was called."""
        self.step_count = int(saved["step_count"])
        self._weights.copy_(saved["weights"])
        self._look(self._weights)
        self.residuals = list(saved["residuals"])
        mean = {name[5:]: value for name, value in saved.items() if name.startswith("mean_")}
        self.mean = Mean(int(mean.pop("step")), **mean) if mean else None

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
        self.mean = Mean(self.step_count - 1, weights, deviation, self.mean_residual.double(), gates, held)

    def frozen_kernel(self) -> FrozenKernel:
        """H of the mean gates."""
        assert self.mean is not None
        self.evaluations += 1
        return FrozenKernel(self._inner_products, self.mean.gates, self.step_size)

    def window(self, n_steps: int, kernel: FrozenKernel, tolerance: float) -> Window:
        """Solve for a window from the mean; the run stays where it is.

        Parameters
        ----------
        n_steps : int
            Length t.
        kernel : FrozenKernel
            Of the mean.
        tolerance : float
            Error allowed to the residual.

        Returns
        -------
        Window
        """
        assert self.mean is not None
        mean, t = self.mean, n_steps
        start = self.x @ mean.weights
        # The mean of relu is not relu of the mean: what oscillation and chatter add to the outputs scales with them.
        rectified = self._residual(start) - mean.residual
        norm = max(float(torch.linalg.vector_norm(mean.residual)), _TINY)
        modes = kernel.modes(mean.residual, t, 1e-2 * tolerance / norm)
        level = min(1.0, float(torch.linalg.vector_norm(modes.powers(t))) / norm)
        total, fall = modes.sums(t)  # R, and eta H R
        gates = mean.gates.clone()
        push = (self.step_size / self.root_width * total).to(start.dtype)[:, None] * self.output_weights
        end = self._moved(push * gates, start)
        self._solve_gates(gates, start, end, push, level, tolerance)
        end = self._moved(push.mul_(gates), start)
        moved = self._residual(end) - level * rectified - mean.residual + fall  # e, what moving gates did
        left = kernel.modes(moved, SETTLING, 1e-2).powers(SETTLING)
        return Window(t, float(torch.linalg.vector_norm(left)), push, level)

    def leap(self, window: Window) -> None:
        """Go to the end of a window, with the oscillation that there was, and forget the mean."""
        assert self.mean is not None
        mean, phase = self.mean, window.level * (-1) ** window.length
        self._weights.copy_(mean.weights).addmm_(self.x.T, window.impulse).add_(mean.deviation, alpha=phase)
        self.residuals = [self._look(self._weights)] * 3
        self.step_count, self.mean = mean.step + window.length, None

    def _solve_gates(
        self, gates: Tensor, start: Tensor, end: Tensor, push: Tensor, level: float, tolerance: float
    ) -> None:
        """Bring the gates G (n, m) to those that the drift over the window makes of them.

        A gate that is held at the start has its kink where it is, and that scales as the residual does.
        """
        assert self.mean is not None
        held, is_open = self.mean.held, start >= 0
        unknown = held | (is_open != (end >= 0))
        gates.copy_(torch.where(unknown, gates, is_open.to(gates.dtype)))
        for chunk in flagged(unknown):
            at = chunk.samples, chunk.neurons.expand_as(chunk.samples)
            kink = torch.where(held[at], start[at], 0)
            shares = slide(
                chunk,
                self._inner_products,
                start[at] - kink,
                end[at] - level * kink,
                push[at],
                gates[at],
                tolerance / start.numel() ** 0.5,
            )
            gates[at[0][chunk.there], at[1][chunk.there]] = shares[chunk.there]

    def _moved(self, impulse: Tensor, start: Tensor) -> Tensor:
        """P + K Z (n, m), by whichever of K = X X' and its factors is cheaper."""
        self.evaluations += 1
        if self._few:
            return torch.addmm(start, self._inner_products, impulse)
        return torch.addmm(start, self.x, self.x.T @ impulse)

    def _residual(self, preactivations: Tensor) -> Tensor:
        """Residual y - relu(P) a / sqrt(m) (n,), float64."""
        outputs = preactivations.clamp(min=0) @ self.output_weights
        return self.targets.double() - outputs.double() / self.root_width

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
