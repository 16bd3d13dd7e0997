"""Relatives of a good argument that are wrong, or may be: each with a name, and whether it must be refused."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

Relative = tuple[str, Any, bool]


def relatives(value: Any) -> Iterator[Relative]:
    """Name, value, and True where no function can mean it."""
    yield "None", None, True
    yield "an object", object(), True
    if isinstance(value, bool):
        yield from [("a word", "yes", True), ("a number", 2, True)]
    elif isinstance(value, str):
        yield from [("a number", 3, True), ("empty", "", False), ("unknown", "no such thing", False)]
    elif isinstance(value, int | float):
        yield from _numbers(value)
    elif isinstance(value, torch.Tensor):
        yield from _tensors(value)
    elif isinstance(value, np.ndarray):
        yield from _arrays(value)
    elif isinstance(value, Path):
        yield from [("a number", 3, True), ("no such file", Path("no/such/file.nc"), False)]
    elif isinstance(value, np.random.Generator):
        yield from [("a seed", 0, True), ("the old kind", np.random.RandomState(0), True)]
    elif isinstance(value, Mapping):
        yield from [("a word", "word", True), ("a number", 3, True), ("empty", {}, False)]
    elif isinstance(value, Sequence):
        yield from _sequences(value)
    else:
        yield from [("a word", "word", True), ("a number", 3, True), ("a list", [], True)]


def _numbers(value: float) -> Iterator[Relative]:
    yield from [("NaN", float("nan"), True), ("infinite", float("inf"), True), ("-infinite", -float("inf"), True)]
    yield from [("complex", value + 1j, True), ("a word", str(value), True), ("a list", [value], True)]
    yield from [("a vector", np.full(2, value), True), ("an array of objects", np.full(2, None), True)]
    yield from [("negative", -value - 1, False), ("zero", type(value)(0), False), ("boolean", True, False)]
    yield from [("huge", type(value)(10**18), False), ("a NumPy number", np.array([value])[0], False)]
    yield from [("needs gradients", torch.tensor(float(value), requires_grad=True), False)]
    if isinstance(value, int):
        yield from [("broken", value + 0.5, True), ("beyond floats", 10**400, False)]
    else:
        yield from [("1e300", 1e300, False), ("1e-300", 1e-300, False)]


def _tensors(value: torch.Tensor) -> Iterator[Relative]:
    if value.is_floating_point():
        for name, wrong in (("NaN", torch.nan), ("infinite", torch.inf), ("-infinite", -torch.inf)):
            spoilt = value.clone()
            spoilt.view(-1)[-1] = wrong
            yield name, spoilt, True
        yield from [("huge", value * 1e200, False), ("whole numbers", value.long(), False)]
        yield from [("float32", value.float(), False), ("needs gradients", value.clone().requires_grad_(), False)]
        yield from [("half", value.half(), False), ("on another device", value.to("meta"), True)]
    else:
        yield from [("fractions", value.double() + 0.5, False), ("int32", value.int(), False)]
    yield from [("complex", value.to(torch.complex128) * (1 + 1j), True), ("boolean", value > 0, False)]
    yield from [("an axis more", value[None], True), ("two axes more", value[None, None], True)]
    yield from [("an axis fewer", value[0], True), ("a row fewer", value[:-1], False), ("empty", value[:0], True)]
    yield from [("a number", 1.0, True), ("a word", "word", True), ("a list", value.tolist(), False)]
    yield from [("a NumPy array", value.numpy(), False), ("objects", np.full(tuple(value.shape), None), True)]
    yield "zeros", torch.zeros_like(value), False
    if value.dtype != torch.bool:
        yield "negative", -value - 1, False
    if value.ndim == 2:
        yield from [("a column fewer", value[:, :-1], False), ("transposed", value.T, False)]


def _arrays(value: np.ndarray) -> Iterator[Relative]:
    if value.dtype.kind in "fc":
        for name, wrong in (("NaN", np.nan), ("infinite", np.inf), ("-infinite", -np.inf)):
            spoilt = value.copy()
            spoilt.flat[-1] = wrong
            yield name, spoilt, True
        yield from [("huge", value * 1e200, False)]
    if value.dtype.kind != "c":
        yield from [("complex", value * (1 + 1j), True), ("float32", value.astype(np.float32), False)]
        yield from [("a tensor that needs gradients", torch.tensor(value).double().requires_grad_(), False)]
    yield from [("boolean", value == 0, False), ("objects", np.full(value.shape, None), True)]
    yield from [("words", np.full(value.shape, "word"), True), ("dates", np.zeros(value.shape, "M8[D]"), True)]
    yield from [("an axis more", value[None], True), ("two axes more", value[None, None], True)]
    yield from [("an axis fewer", value[0], True), ("a row fewer", value[:-1], False), ("empty", value[:0], True)]
    yield from [("ragged", [[1.0, 2.0], [1.0]], True), ("a word", "word", True), ("a list", value.tolist(), False)]
    yield from [("zeros", np.zeros_like(value), False), ("negative", -value - 1, False)]


def _sequences(value: Sequence[Any]) -> Iterator[Relative]:
    kind: Any = type(value)
    yield from [("a word", "word", True), ("a number", 3, True), ("empty", kind(), False)]
    yield from [("longer", [*value, *value[-1:]], False)]
    for name, wrong, refused in relatives(value[0]) if value else ():
        yield f"an entry: {name}", kind([wrong, *value[1:]]), refused
