"""How far a run may leap: the lengths of the windows, set by their errors as in an ODE solver."""

import math
from collections.abc import Callable

from ntkbook.training.windows import SETTLING, Window, WindowSpace

FIRST_STEPS = 64
"""Steps taken one by one at the start, where the gates move most."""
_MOST_PATIENCE = 16


class Pace:
    """How far the next window goes, set by the errors of those before."""

    def __init__(self, tolerance: float, scale: float):
        """Take the error allowed to a window in units of |r(0)|, and |r(0)|."""
        self.tolerance, self.scale = tolerance, max(scale, 1e-30)
        self.length, self.patience = SETTLING, 1
        self.leaps: list[tuple[float, ...]] = []

    def judge(self, start: int, window: Window) -> bool:
        """Enter a window; False if it was too long."""
        error = window.error / self.scale if math.isfinite(window.error) else math.inf
        accepted = error <= self.tolerance
        allowed = window.length * (self.tolerance / max(error, 1e-12)) ** 0.5
        self.leaps.append((start, window.length, error, allowed, accepted))
        shortest, longest = (0.5, 2.0) if accepted else (0.2, 0.5)
        self.length = int(min(max(0.9 * allowed, shortest * window.length), longest * window.length))
        return accepted


def advance(state: WindowSpace, target: int, pace: Pace, go_on: Callable[[int], bool]) -> bool:
    """Take a run to a step, or until `go_on` says no: False then."""
    kernel = None
    while (left := target - state.step_count) > 0:
        first, room = FIRST_STEPS - state.step_count, left + 1 - SETTLING
        if first <= 0 and not go_on(state.step_count):
            return False
        if state.mean is None or first > 0 or room < SETTLING:
            state.settle(min(left, max(first, SETTLING)))
            kernel = None
            continue
        kernel = kernel or state.frozen_kernel()
        length = room if room <= pace.length else min(pace.length, max(SETTLING, room // 2))
        window = state.window(length, kernel, pace.tolerance * pace.scale)
        if pace.judge(state.mean.step, window):
            state.leap(window)
            state.settle(SETTLING)
            kernel, pace.patience = None, max(1, pace.patience // 2)
        elif pace.length < SETTLING:  # a window that short does not pay: steps for a while
            state.settle(min(left, pace.patience * SETTLING))
            kernel, pace.length, pace.patience = None, SETTLING, min(2 * pace.patience, _MOST_PATIENCE)
    return True
