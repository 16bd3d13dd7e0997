"""How far a run may leap: the lengths of the windows, set by their errors as in an ODE solver."""

import math
from collections.abc import Callable

from ntkbook.training.watched_descent import SETTLING
from ntkbook.training.windows import Window, WindowSpace

FIRST_STEPS = 64
"""Steps taken one by one at the start, where the gates move most."""
_SHORTEST = 3 * SETTLING  # in shorter ones gates hardly have the time to open and shut
_CROWD = 0.3  # of the gates at their kink: to solve for them takes long, and the window is too long then
_WINDOWS = 16  # at most, before gradient descent takes over for some steps
_MOST_PATIENCE = 16


class Pace:
    """How far the next window goes, set by the errors of those before."""

    def __init__(self, tolerance: float, scale: float):
        """Take the error allowed to a window in units of |r(0)|, and |r(0)|."""
        self.tolerance, self.scale = tolerance, max(scale, 1e-30)
        self.length, self.patience = _SHORTEST, 1
        self.leaps: list[tuple[float, ...]] = []

    def within(self, room: int) -> int:
        """Length of the next window, if there is room for so many steps: all of them, or not nearly all."""
        return room if room <= self.length else min(self.length, max(_SHORTEST, room // 2))

    def judge(self, start: int, window: Window) -> bool:
        """Enter a window; False if it was too long."""
        error = window.error / self.scale if math.isfinite(window.error) else math.inf
        accepted = error <= self.tolerance
        allowed = window.length * (self.tolerance / max(error, 1e-12)) ** 0.5
        self.leaps.append((start, window.length, error, allowed, accepted))
        shortest, longest = (0.5, 2.0) if accepted else (0.2, 0.5)
        self.length = int(min(max(0.9 * allowed, shortest * window.length), longest * window.length))
        if accepted:
            self.length = max(self.length, _SHORTEST)
        return accepted


def advance(state: WindowSpace, target: int, pace: Pace, go_on: Callable[[int], bool]) -> bool:
    """Take a run to a step, or until `go_on` says no: False then."""
    while (left := target - state.step_count) > 0:
        first = FIRST_STEPS - state.step_count
        if first <= 0 and not go_on(state.step_count):
            return False
        if left + 1 - SETTLING < _SHORTEST:  # no room for a window and the steps after it
            state.settle(left)
            continue
        if state.mean is None or first > 0:
            state.settle(min(left, max(first, SETTLING)))
            continue
        done, going = _leap(state, target - SETTLING, pace, go_on)
        if done:
            state.land()
            state.settle(SETTLING)
        else:  # a window that short does not pay: steps for a while
            state.settle(min(left, pace.patience * SETTLING))
            pace.patience = min(2 * pace.patience, _MOST_PATIENCE)
        if not going:
            return False
    return True


def _leap(state: WindowSpace, last: int, pace: Pace, go_on: Callable[[int], bool]) -> tuple[int, bool]:
    """Take the mean through windows, one after the other, to a step at most: how many, and what `go_on` says."""
    for done in range(_WINDOWS):
        assert state.mean is not None
        if (room := last - state.mean.step) < _SHORTEST:
            return done, True
        if done and not go_on(state.mean.step):
            return done, False
        kernel, error = state.frozen_kernel(), pace.tolerance * pace.scale
        state.fade(kernel)
        limits = {"crowd": _CROWD, "hopeless": 4 * error}
        while not pace.judge(state.mean.step, window := state.window(pace.within(room), kernel, error, **limits)):
            if pace.length < _SHORTEST:
                pace.length = _SHORTEST
                return done, True
        state.reach(window)
        pace.patience = max(1, pace.patience // 2)
    return _WINDOWS, True
