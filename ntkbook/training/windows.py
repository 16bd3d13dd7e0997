"""Gradient descent that can leap: a window of many steps is solved for at once, from the theorem's own equations.

While no gate moves, r(k+1) = (I - eta H) r(k), and t steps need the powers of one matrix. Over a window the weights
move by W(t) - W(0) = eta / sqrt(m) X' (diag(R) G diag(a)) with R the sum of the residuals and G the shares of the time
in which gates are open, whatever the gates do in between. R follows from the frozen kernel, G from R by the drift of
each pre-activation (`ntkbook.training.sliding_gates`), and what the network's own residual at the end says against the
prediction is e, what moving gates did. As a push that grows with the time it is fed back into R, until R and G agree
to less than the error, or four times. How much of e is right is not known; a sixth of it is counted as the error of
the window, and a third is carried on from window to window, as the frozen kernels shrink it: as if all windows were
wrong in the same way.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from ntkbook.training.frozen_kernel import FrozenKernel
from ntkbook.training.sliding_gates import Entries, at_hand, slide
from ntkbook.training.watched_descent import SETTLING, Mean, WatchedDescent

_ROUNDS = 4  # at most, of gates and sums of residuals
_IN_DOUBT = 1 / 6  # of e, for the length of a window; a push that is even would change the end by at most 0.14 of it
_OF_ALL = 1 / 3  # of e, for what windows add up to; came all of it at first the end would differ by at most 0.43 of it
_AT_KINK = 0.01  # of what an open gate moves it by
_TINY = 1e-100

At = tuple[Tensor, Tensor]
"""Samples and neurons of some entries of P, in the order of the neurons."""


@dataclass
class Window:
    """Where a window ends, and how well that is known."""

    length: int
    error: float
    """Estimated, of the residual, as 16 steps after the window leave it; that of this window alone."""
    level: float
    """|residual| that the frozen kernel alone leaves, over that at the start; at most 1."""
    total: Tensor
    """R, sum of the residuals in the window (n,), float64."""
    shares: Tensor
    """G, of the window in which gates are open (n, m)."""
    residual: Tensor
    """Mean residual at the end (n,), float64."""
    gates: Tensor
    """At the end (n, m): 1 open, 0 shut, and for those that are held the share of the last part."""
    held: Tensor
    """Which slide at their kink, or were held and are no farther from it than their mean was from 0 (n, m), bool."""
    force: Tensor
    """e, what moving gates did to the residual (n,), float64."""
    gap: Tensor
    """Estimated error of the mean residual at the end (n,), float64: what is left of the earlier ones and a third of e;
    what one more round would change is in `error` only."""


class WindowSpace(WatchedDescent):
    """A run that can go on in windows: each is solved for from the mean, and ends at a mean."""

    def frozen_kernel(self) -> FrozenKernel:
        """H of the mean's gates."""
        assert self.mean is not None
        self.evaluations += 1
        return FrozenKernel(self._inner_products, self.mean.gates * self.output_weights, self.step_size)

    def fade(self, kernel: FrozenKernel) -> None:
        """Shrink the estimated error by the steps since the last window."""
        assert self.mean is not None
        if (steps := self.mean.step - self.mean.gap_at) > 0:
            self.mean.gap = kernel.modes(self.mean.gap, steps, 1e-2).powers(steps)
            self.mean.gap_at = self.mean.step

    def window(
        self, n_steps: int, kernel: FrozenKernel, tolerance: float, *, crowd: float = 1.0, hopeless: float = math.inf
    ) -> Window:
        """Solve for a window from the mean; the run stays where it is.

        Parameters
        ----------
        n_steps : int
            Length t.
        kernel : FrozenKernel
            Of the mean.
        tolerance : float
            Error allowed to the residual.
        crowd : float
            Share of the gates that may be at their kink, or come to it; with more the window is not solved for.
        hopeless : float
            Error with which no further round is made.

        Returns
        -------
        Window
            With an infinite error where it is not solved for.
        """
        assert self.mean is not None
        mean, t = self.mean, n_steps
        start = self.x @ mean.weights
        is_open, flags = start >= 0, mean.held.clone()
        shares = torch.where(flags, mean.gates, is_open.to(start.dtype))
        # The mean of relu is not relu of the mean: what oscillation and chatter add to the outputs scales with them.
        rectified = self._residual(start) - mean.residual
        norm = max(_norm(mean.residual), _TINY)
        free = kernel.modes(mean.residual, t, 1e-2 * tolerance / norm)
        level = min(1.0, _norm(free.powers(t)) / norm)
        carried = kernel.modes(mean.gap, t, 1e-2).powers(t)
        force, rounds = mean.drift * t**2, 0
        total, fall = _added(free.sums(t), kernel.modes(force, t, 1e-2).driven(t))  # R, eta H R
        while True:
            end = self._moved(start, total, shares)
            flags |= is_open != (end >= 0)
            if float(flags.double().mean()) > crowd:
                return Window(t, math.inf, level, total, shares, mean.residual, mean.gates, mean.held, force, carried)
            at = _entries(flags)
            latest = self._solve_gates(shares, at, start, end, total, level, tolerance)
            end = self._moved(start, total, shares)
            residual = self._residual(end) - level * rectified
            before, force = force, residual - mean.residual + fall
            late = kernel.modes(force - before, t, 1e-2).driven(t)
            own = _left(force, kernel)
            lag, error = _norm(_left(late[1], kernel)), _IN_DOUBT * _norm(own)  # how far R would still move the end
            rounds += 1
            agreed = lag < 0.5 * error or lag + error < 0.1 * tolerance
            if agreed or error > hopeless or rounds == _ROUNDS:
                break
            total, fall = _added((total, fall), late)
        gates, held = self._at_end(latest, at, start, end, total, level)
        return Window(t, lag + error, level, total, shares, residual, gates, held, force, carried + _OF_ALL * own)

    def reach(self, window: Window) -> None:
        """Take the mean to the end of a window, with the oscillation that there was."""
        assert self.mean is not None
        mean, phase = self.mean, window.level * (-1) ** window.length
        pull = self._pull(window.total, window.shares)
        self.mean = Mean(
            step=mean.step + window.length,
            weights=pull.mul_(self.output_weights).add_(mean.weights),
            deviation=mean.deviation * phase,
            residual=window.residual,
            gates=window.gates,
            held=window.held,
            drift=window.force / window.length**2,
            gap=window.gap,
            gap_at=mean.step + window.length + SETTLING,
        )

    def _solve_gates(
        self, shares: Tensor, at: At, start: Tensor, end: Tensor, total: Tensor, level: float, tolerance: float
    ) -> Tensor:
        """Bring some of the shares G (n, m) to those that the drift over the window makes of them.

        Returns those of the last part of the window (e,).
        """
        kink, few = self._kink(at, start), tolerance / start.numel() ** 0.5
        first, last, push = start[at] - kink, end[at] - level * kink, self._push(at, total)
        entries = Entries(*at, first, last, push, shares[at])
        shares[at], latest = slide(entries, self._inner_products_at_hand, few)
        return latest

    @cached_property
    def _inner_products_at_hand(self) -> Tensor:
        return at_hand(self._inner_products)

    def _at_end(
        self, latest: Tensor, at: At, start: Tensor, end: Tensor, total: Tensor, level: float
    ) -> tuple[Tensor, Tensor]:
        """Gates (n, m) at the end of a window, and which are held, see `Window`."""
        assert self.mean is not None
        gates, held = (end >= 0).to(end.dtype), torch.zeros_like(self.mean.held)
        own = self._push(at, total) * self._inner_products.diagonal()[at[0]]
        kink = self._kink(at, start)
        away = (end[at] - level * kink).abs()
        slides = (latest > 0) & (latest < 1) & (away < -_AT_KINK * own)  # where opening pushes down
        held[at] = slides | (away < kink.abs())
        gates[at] = torch.where(held[at], latest, gates[at])
        return gates, held

    def _kink(self, at: At, start: Tensor) -> Tensor:
        """Where the kink of some entries is: for those that are held at the start, where they are."""
        assert self.mean is not None
        return torch.where(self.mean.held[at], start[at], 0)

    def _push(self, at: At, total: Tensor) -> Tensor:
        """Impulse of some entries if they are open, eta / sqrt(m) R_i a_r."""
        return self._rates(total)[at[0]] * self.output_weights[at[1]]

    def _rates(self, total: Tensor) -> Tensor:
        """Eta / sqrt(m) R (n,), in the precision of the net."""
        return (self.step_size / self.root_width * total).to(self.x.dtype)

    def _pull(self, total: Tensor, shares: Tensor) -> Tensor:
        """Eta / sqrt(m) X' diag(R) G (d, m)."""
        return (self.x.T * self._rates(total)) @ shares

    def _moved(self, start: Tensor, total: Tensor, shares: Tensor) -> Tensor:
        """Pre-activations at the end of a window (n, m), by whichever of K = X X' and its factors is cheaper."""
        self.evaluations += 1
        if self._few:
            return ((self._inner_products * self._rates(total)) @ shares).mul_(self.output_weights).add_(start)
        return (self.x @ self._pull(total, shares)).mul_(self.output_weights).add_(start)

    def _residual(self, preactivations: Tensor) -> Tensor:
        """Residual y - relu(P) a / sqrt(m) (n,), float64."""
        outputs = preactivations.clamp(min=0) @ self.output_weights
        return self.targets.double() - outputs.double() / self.root_width


def _entries(flags: Tensor) -> At:
    """Where flags (n, m) are set."""
    neurons, samples = flags.T.nonzero(as_tuple=True)
    return samples, neurons


def _added(one: tuple[Tensor, Tensor], other: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    return one[0] + other[0], one[1] + other[1]


def _left(error: Tensor, kernel: FrozenKernel) -> Tensor:
    """What the steps after a window leave of an error (n,)."""
    return kernel.modes(error, SETTLING, 1e-2).powers(SETTLING)


def _norm(vector: Tensor) -> float:
    return float(torch.linalg.vector_norm(vector))
