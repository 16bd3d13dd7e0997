"""Numbers in a range."""

import math
import numbers
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from ntkbook.wants.call import Call, told
from ntkbook.wants.tensors import is_tensor

_LARGEST = 10**17
"""Of counts: beyond it no array and no loop ends, and floats no longer hold every whole number."""
_MOST_STEPS = 10**9
_MANY = 10_000
"""From here on the largest number that will do is told to those alone who pass it."""
_LARGEST_NUMBER = 1e100
"""Of numbers: beyond it squares and cubes overflow."""
_LEAST_NUMBER = 1e-100
"""Of positive numbers: below it squares and cubes are 0."""


@dataclass(frozen=True)
class Number:
    """A finite number in a range."""

    least: float = -_LARGEST_NUMBER
    most: float = _LARGEST_NUMBER
    whole: bool = False
    above: bool = False
    """Whether `least` itself is too small."""
    below: bool = False
    """Whether `most` itself is too large."""
    infinite: bool = False
    """Whether infinity is a number here."""
    nan: bool = False
    """Whether NaN is a number here."""

    def __str__(self):
        what = "a whole number" if self.whole else "a number"
        if self.least <= -_LARGEST_NUMBER:
            return "a finite number"
        if self.most >= (_MANY if self.whole else _LARGEST_NUMBER):
            return "a positive number" if self.above and self.least == 0 else f"{what} >= {self.least:g}"
        if self.whole:
            return f"{what} from {self.least} to {self.most}"
        return f"{what} in {'(['[not self.above]}{self.least:g}, {self.most:g}{')]'[not self.below]}"

    def __call__(self, name: str, value: Any, call: Call) -> None:
        """Raise an error unless the value is what is wanted; a number that a GPU still computes is not waited for."""
        if is_tensor(value) and value.ndim == 0 and value.device.type != "cpu" and not value.requires_grad:
            return
        found: Any = _scalar(value)
        if found is None:
            raise TypeError(f"{name}: expected {self}, found {told(value)}; {_number_instead(value, self.whole)}")
        broken = self.whole and not isinstance(found, numbers.Integral)
        if broken:
            raise ValueError(f"{name}: expected {self}, found {told(found)}; convert with int(...)")
        if found != found and self.nan:
            return
        if found != found or (abs(found) == math.inf and not self.infinite):
            raise ValueError(f"{name}: expected {self}, found {found}; look at what computed it")
        if found < self.least or (
            self.above and found <= (_LEAST_NUMBER if self.least == 0 and self.most <= _LARGEST_NUMBER else self.least)
        ):
            raise ValueError(f"{name}: expected {self}, found {told(found)}; raise it")
        largest: Any = min(self.most, _LARGEST) if self.whole else self.most
        if found > largest or (self.below and found == self.most):
            most = f" and at most {self.most:g}" if ">=" in str(self) or "positive" in str(self) else ""
            raise ValueError(f"{name}: expected {self}{most}, found {told(found)}; lower it")


def _scalar(value: Any) -> Any:
    """A real number as Python or NumPy has it, also from an array of no axes; None for anything else."""
    if isinstance(value, bool | np.bool_):
        return None
    if isinstance(value, numbers.Real):
        return value
    if is_tensor(value) and value.ndim == 0 and not value.requires_grad and not value.is_meta:
        return _scalar(value.item())
    if getattr(value, "shape", None) == () and not is_tensor(value) and hasattr(value, "item"):
        return _scalar(value.item())
    return None


def _number_instead(value: Any, whole: bool) -> str:
    if is_tensor(value) and value.requires_grad:
        return "pass its .item()"
    if isinstance(value, complex):
        return "pass its .real"
    return "write 1 or 0" if isinstance(value, bool) else f"convert with {'int' if whole else 'float'}(...)"


def between(least: float, most: float, *, above: bool = True, below: bool = True) -> Number:
    """A number in (least, most); `above=False` takes `least` in, `below=False` takes `most` in."""
    return Number(least, most, above=above, below=below)


def at_least(least: int, *, most: int = _LARGEST) -> Number:
    """A whole number >= least."""
    return Number(least, most, whole=True)


number = Number()
positive = Number(0, above=True)
not_negative = Number(0)
probability = between(0, 1, below=False)
share = between(0, 1, above=False, below=False)
count = at_least(1)
natural = at_least(0)
steps = at_least(1, most=_MOST_STEPS)
unbounded = Number(0, math.inf, infinite=True)
vast = Number(0, sys.float_info.max, above=True)
vast_or_zero = Number(0, sys.float_info.max)
any_number = Number(-math.inf, math.inf, infinite=True)
outcome = Number(-math.inf, math.inf, infinite=True, nan=True)
