"""Names, and sequences of what is wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ntkbook.wants.call import Call, Want, told
from ntkbook.wants.tensors import is_tensor


@dataclass(frozen=True)
class OneOf:
    """One of some names."""

    names: tuple[Any, ...]

    def __call__(self, name: str, value: Any, call: Call) -> None:
        """Raise an error unless the value is what is wanted."""
        if not any(value is known or (type(value) is type(known) and value == known) for known in self.names):
            kind = ValueError if type(value) in map(type, self.names) else TypeError
            raise kind(f"{name}: expected one of {', '.join(map(str, self.names))}, found {told(value)}; choose one")


def one_of(*names: Any) -> OneOf:
    """One of these."""
    return OneOf(names)


@dataclass(frozen=True)
class Each:
    """A sequence whose entries are all wanted alike, or one by one."""

    wants: tuple[Want, ...]
    """One for all, or one for each."""
    empty: bool = False
    """Whether there may be none."""
    fixed: bool = False
    """Whether there must be as many entries as wants."""

    def __call__(self, name: str, value: Any, call: Call) -> None:
        """Raise an error unless the value is what is wanted."""
        if isinstance(value, str | bytes) or not (isinstance(value, Sequence | np.ndarray) or is_tensor(value)):
            raise TypeError(f"{name}: expected a sequence, found {told(value)}; write it in brackets")
        if (isinstance(value, np.ndarray) or is_tensor(value)) and value.ndim != 1:
            raise ValueError(f"{name}: expected a sequence, found {told(value)}; reshape it")
        if self.fixed and len(value) != len(self.wants):
            raise ValueError(f"{name}: expected {len(self.wants)} entries, found {len(value)}; give one of each")
        if not len(value) and not self.empty:
            raise ValueError(f"{name}: expected at least one entry, found none; give one")
        for i, entry in enumerate(value):
            self.wants[i if self.fixed else 0](f"{name}[{i}]", entry, call)


def each(want: Any, *, empty: bool = False) -> Each:
    """A sequence of entries that are wanted so, at least one unless it may be empty."""
    return Each((want,), empty)
