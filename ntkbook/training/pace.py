"""How far a run may leap: the lengths of the leaps, set by their errors as in an ODE solver."""

from collections.abc import Callable

import torch
from torch import Tensor

from ntkbook.training.leaps import LeapSpace, leap_lengths

FIRST_STEPS = 128
"""Steps taken one by one at the start, where the gates move most."""
_SHARPNESS, _LEAST_SHARPNESS, _MOST_SHARPNESS = 6.0, 2.0, 96.0  # gates that move make eta lambda larger than H's


class Pace:
    """How far the next leap goes, and for what sharpness its windows are made: set by the errors of those before."""

    def __init__(self, tolerance: float, scale: float):
        """Take the error allowed to a leap in units of |r(0)|, and |r(0)|."""
        self.tolerance, self.scale = tolerance, scale
        self.length, self.sharpness = FIRST_STEPS, _SHARPNESS
        self.leaps: list[tuple[float, ...]] = []

    def judge(self, start: int, length: int, whole: Tensor, halves: Tensor, stirred: Tensor) -> bool:
        """Compare the mean residuals (n,) after one leap and after its halves; False if the leap was too long."""
        norms = torch.stack([torch.linalg.vector_norm(whole), torch.linalg.vector_norm(halves), stirred]).tolist()
        error, unrest = abs(norms[0] - norms[1]) / 3 / self.scale, norms[2] / self.scale
        accepted = error <= self.tolerance
        self.leaps.append((start, length, error, self.sharpness, accepted))
        restless = unrest > (4 if accepted else 1) * self.tolerance and self.sharpness < _MOST_SHARPNESS
        if restless:
            self.sharpness = min((1.5 if accepted else 2.0) * self.sharpness, _MOST_SHARPNESS)
        elif unrest < self.tolerance and accepted:
            self.sharpness = max(self.sharpness / 1.2, _LEAST_SHARPNESS)
        if accepted or not restless:
            self.length = int(length * min(2.0, max(0.3, 0.9 * (self.tolerance / max(error, 1e-12)) ** (1 / 3))))
        return accepted


def advance(state: LeapSpace, target: int, pace: Pace, go_on: Callable[[int], bool]) -> bool:
    """Take a run to a step, or until `go_on` says no: False then."""
    state.walk(min(max(0, FIRST_STEPS - state.step_count), target - state.step_count))
    while (left := target - state.step_count) > 0:
        if not go_on(state.step_count):
            return False
        start, length = state.step_count, min(pace.length, state.step_count)
        length = left if left <= length else min(length, (left + 1) // 2)
        if not leap_lengths(length // 2, pace.sharpness):
            state.walk(length)
            pace.length = max(pace.length, 2 * length)
            continue
        saved = state.save()
        state.leap(length, pace.sharpness)
        whole = state.mean_residual
        state.restore(saved)
        stirred = [state.leap(half, pace.sharpness) for half in (length // 2, length - length // 2)]
        if not pace.judge(start, length, whole, state.mean_residual, torch.stack(stirred).amax()):
            state.restore(saved)
    return True
