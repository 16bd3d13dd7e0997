"""Devices, paths, processes, dataclasses, words."""

import os
from dataclasses import is_dataclass
from typing import Any

from ntkbook.wants.call import Call, told
from ntkbook.wants.scalars import at_least


def device(name: str, value: Any, call: Call) -> None:
    """A device that torch knows."""
    import torch

    try:
        torch.device(value)
    except (RuntimeError, TypeError) as error:
        kind = ValueError if isinstance(value, str) else TypeError
        raise kind(f"{name}: expected a device such as cpu or cuda, found {told(value)}; name one") from error


def pathlike(name: str, value: Any, call: Call) -> None:
    """A path, or its text."""
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{name}: expected a path, found {told(value)}; convert with pathlib.Path(...)")


def jobs(name: str, value: Any, call: Call) -> None:
    """A number of processes in joblib's sense."""
    at_least(-1_000_000)(name, value, call)
    if value == 0:
        raise ValueError(f"{name}: expected a number of processes, or -1 for all, found 0; take 1")


def record(name: str, value: Any, call: Call) -> None:
    """A dataclass, such as the cell of a sweep."""
    if isinstance(value, type) or not is_dataclass(value):
        raise TypeError(f"{name}: expected a dataclass, found {told(value)}; name its fields")


def text(name: str, value: Any, call: Call) -> None:
    """Words, or none."""
    if not isinstance(value, str):
        raise TypeError(f"{name}: expected words, found {told(value)}; convert with str(...)")
