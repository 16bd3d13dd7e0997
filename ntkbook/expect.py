"""The door of a public function: what its arguments must be, said once, above the mathematics.

    @expects("d widths", x="n d", labels=signs("n"), delta=probability)
    def theorem(network: TwoLayer, x: Tensor, labels: Tensor, depth: int, delta: float) -> float: ...

What is not named follows from the annotation: an int is a whole number >= 1, a float a positive number, a tensor or an
array has finite entries, a sequence entries of its kind and at least one, and anything else is of its class; with
`| None` it may be None. Letters for axes stand for one size throughout a call, those of networks and spectra included,
and all tensors have one dtype and device. The wants are in `ntkbook.wants`.
"""

import collections.abc
import functools
import inspect
import math
import os
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from ntkbook import wants
from ntkbook.wants import Array, Call, Each, Want, check_finite, is_class_of_torch, is_tensor, told

if TYPE_CHECKING:
    from torch import Tensor

F = TypeVar("F", bound=Callable)
_ENTRIES = {np.complex128: "complex", np.int64: "class"}
_REMEDIES = {np.random.Generator: "numpy Generator, found {}; use numpy.random.default_rng"}


def expects(*room: str, differentiable: bool = False, **named: Any) -> Callable[[F], F]:
    """Refuse arguments that a function, or a class at construction, cannot mean.

    Parameters
    ----------
    *room : str
        Names of counts, such as "n d", of which an array is made: their product must fit into memory.
    differentiable : bool
        Whether tensors that require gradients are welcome.
    **named
        Of a parameter, what is wanted instead of what its annotation says: a want of `ntkbook.wants`, the axes of an
        array, such as "n d", or None for no check.

    Returns
    -------
    callable
        A decorator; what it returns raises `TypeError` for a value of another kind and `ValueError` for another value,
        in the form "name: expected ..., found ...; remedy".
    """

    def decorate(function: Any) -> Any:
        if isinstance(function, type):
            function.__init__ = decorate(function.__init__)  # pyright: ignore[reportAttributeAccessIssue]
            return function
        door: list[_Door] = []  # made at the first call, when all annotations can be resolved

        @functools.wraps(function)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if not door:
                door.append(_Door(function, named, room, differentiable))
            door[0].check(args, kwargs)
            try:
                return function(*args, **kwargs)
            except (OverflowError, ZeroDivisionError) as error:
                raise ValueError(door[0].extreme(args, kwargs)) from error

        return checked

    return decorate


def inside(function: F) -> F:
    """The function behind its door, for loops of the package that would pass it at every step."""
    return getattr(function, "__wrapped__", function)


class _Door:
    """The wants of all parameters of a function."""

    def __init__(self, function: Callable, named: Mapping[str, Any], room: Sequence[str], differentiable: bool):
        hints = typing.get_type_hints(function)
        parameters = inspect.signature(function).parameters
        self._construction = function.__name__ == "__init__"
        self._positional = [p.name for p in parameters.values() if p.kind is not p.KEYWORD_ONLY and p.kind != 2]
        self._star = next((p.name for p in parameters.values() if p.kind is p.VAR_POSITIONAL), None)
        self._room, self._differentiable = [names.split() for names in room], differentiable
        self._defaults = {p.name: p.default for p in parameters.values() if p.default is not p.empty}
        self._wants: dict[str, Want] = {}
        for name in parameters:
            want = _of_hint(hints.get(name, Any))
            if name in named:
                want = _named(named[name], hints.get(name, Any))
            if want is not None:
                self._wants[name] = want

    def check(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        call = Call(differentiable=self._differentiable)
        arguments = {**dict(zip(self._positional, args, strict=False)), **kwargs}
        if self._construction:
            del arguments["self"]  # which has nothing yet
        for name, value in arguments.items():
            _enter(name, value, call)
            want = self._wants.get(name)
            if want is not None:
                want(name, value, call)
        if self._star is not None and (want := self._wants.get(self._star)) is not None:
            for value in args[len(self._positional) :]:
                want(self._star, value, call)
        for names in self._room:
            _fits({name: arguments.get(name, self._defaults.get(name)) for name in names})

    def extreme(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
        """What to say of numbers whose result is beyond those that a float can hold."""
        arguments = {**dict(zip(self._positional, args, strict=False)), **kwargs}
        found = {name: told(value) for name, value in arguments.items() if isinstance(value, int | float)}
        given = ", ".join(f"{name} = {value}" for name, value in found.items())
        return (
            f"{', '.join(found)}: expected numbers whose result a float can hold, found {given}; take less extreme ones"
        )


def _enter(name: str, value: Any, call: Call) -> None:
    """Let what knows its sizes, a network or a spectrum, set those of the call, and its dtype and device."""
    sizes = getattr(type(value), "_sizes", None)
    if sizes is None:
        return
    who = type(value).__name__ if name == "self" else name
    for axis, size in sizes(value).items():
        if not call.size(axis, size, who):
            known, first = call.sizes[axis]
            raise ValueError(f"{name}: expected {axis} = {known} as in {first}, found {size}; take two of one shape")
    for tensor in _tensors(value):
        if tensor.is_floating_point():
            call.agree(who, tensor)
    if name == "self":
        _look(who, value, call)


def _look(name: str, value: Any, call: Call) -> None:
    """Raise ValueError unless the tensors in a network or a spectrum are finite and may be used so."""
    for tensor in _tensors(value):
        check_finite(name, tensor, large=True)  # nets on their way to divergence are seen
        if tensor.requires_grad and not call.differentiable:
            raise ValueError(
                f"{name}: expected tensors without gradients, found one that requires them; make it of detached ones"
            )


def _tensors(value: Any) -> "list[Tensor]":
    if not hasattr(type(value), "_sizes"):
        return []
    fields = (field if isinstance(field, tuple) else (field,) for field in vars(value).values())
    return [tensor for field in fields for tensor in field if is_tensor(tensor)]


def _fits(counts: Mapping[str, Any]) -> None:
    """Raise ValueError unless an array of so many numbers fits into memory."""
    sizes = [max(value) if isinstance(value, Sequence) else value for value in counts.values() if value is not None]
    needed, memory = 8 * math.prod(map(int, sizes)), _memory()
    if needed > memory:
        found = ", ".join(f"{name} = {told(value)}" for name, value in counts.items())
        raise ValueError(
            f"{', '.join(counts)}: expected an array that fits into the {memory / 2**30:.0f} GB of memory, "
            f"found {found}, which needs {needed / 2**30:.3g} GB; take fewer"
        )


def _memory() -> int:
    """Bytes of this machine's memory; where the system does not tell, more than any has."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 2**42


def _named(want: Any, hint: Any) -> Want | None:
    """What a decorator names, for a parameter with this annotation."""
    if isinstance(want, str):
        want = Array(tuple(want.split(" or ")))
    if isinstance(want, Each):
        inner = typing.get_args(_without_none(hint))
        hint_of_entries = inner[0] if inner else Any
        entries = tuple(_certain(_named(entry, hint_of_entries)) for entry in want.wants)
        made = Each(entries, want.empty, want.fixed)
        return _optional(made, hint)
    if isinstance(want, Array):
        entries = _entries(hint) if want.entries == "real" else want.entries
        want = wants.like(want, torch=is_class_of_torch(_without_none(hint), "Tensor"), entries=entries)
    return None if want is None else _optional(want, hint)


def _optional(want: Want, hint: Any) -> Want:
    if type(None) not in typing.get_args(hint):
        return want
    return lambda name, value, call: None if value is None else want(name, value, call)


def _without_none(hint: Any) -> Any:
    """The annotation X of `X | None`."""
    if hint == ArrayLike or typing.get_origin(hint) not in (typing.Union, types.UnionType):
        return hint
    others = [option for option in typing.get_args(hint) if option is not type(None)]
    return others[0] if len(others) == 1 else typing.Union[tuple(others)]  # noqa: UP007


def _entries(hint: Any) -> str:
    found = [kind for dtype, kind in _ENTRIES.items() if dtype.__name__ in str(hint)]
    return found[0] if found and hint != ArrayLike else "real"


def _of_hint(hint: Any) -> Want | None:
    """What an annotation says; None where it says nothing."""
    bare = _without_none(hint)
    want = _of_bare(bare)
    return None if want is None else _optional(want, hint)


def _of_bare(hint: Any) -> Want | None:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint is int or hint is float:
        return wants.count if hint is int else wants.positive
    if hint is bool:
        return wants.one_of(True, False)
    is_torch = is_class_of_torch(hint, "Tensor")
    if is_torch or hint == ArrayLike or origin is np.ndarray:
        return Array(entries=_entries(hint), torch=is_torch)
    if is_class_of_torch(hint, "dtype"):
        import torch

        return wants.one_of(torch.float32, torch.float64)
    if origin is typing.Literal:
        return wants.one_of(*inner)
    if origin is tuple:
        fixed = inner[-1] is not Ellipsis
        entries = tuple(_certain(_of_hint(kind)) for kind in inner if kind is not Ellipsis)
        return Each(entries, fixed=fixed, empty=not entries)
    if origin in (list, collections.abc.Sequence):
        return Each((_certain(_of_hint(inner[0])),))
    if origin in (typing.Union, types.UnionType):
        if any(is_class_of_torch(kind, "device") for kind in inner):
            return wants.device
        return _instance(*inner) if all(map(_is_class, inner)) else None
    if origin is collections.abc.Callable or hint is Callable:
        return _callable
    if origin in (collections.abc.Mapping, dict):
        return _instance(Mapping)
    if origin is collections.abc.Iterable:
        return _iterable(wants.natural if inner[0] is int else _certain(_of_hint(inner[0])))
    return _instance(hint) if _is_class(hint) else None


def _is_class(hint: Any) -> bool:
    return isinstance(hint, type) and hint not in (object, Any, int, float) and typing.get_origin(hint) is None


def _certain(want: Want | None) -> Want:
    return want if want is not None else lambda name, value, call: None


def _iterable(entry: Want) -> Want:
    """Anything to be gone through; its entries are looked at if that does not use them up."""
    is_iterable, has_entries = _instance(Iterable), Each((entry,), empty=True)

    def check(name: str, value: Any, call: Call) -> None:
        is_iterable(name, value, call)
        if isinstance(value, Sequence | np.ndarray) or is_tensor(value):
            has_entries(name, value, call)

    return check


def _instance(*classes: type) -> Want:
    """An object of one of some classes, or with the methods of a protocol."""

    def check(name: str, value: Any, call: Call) -> None:
        if not any(_is_a(value, kind) for kind in classes):
            wanted = " or ".join(kind.__name__ for kind in classes)
            remedy = _REMEDIES.get(classes[0], wanted + ", found {}; make one")
            raise TypeError(f"{name}: expected a {remedy.format(type(value).__name__)}")
        if value == "" if isinstance(value, str) else False:
            raise ValueError(f"{name}: expected a word, found an empty one; give it a name")
        _look(name, value, call)

    return check


def _is_a(value: Any, kind: Any) -> bool:
    if getattr(kind, "_is_protocol", False) and kind not in (Mapping, Iterable):
        asked = [name for base in kind.__mro__ for name in vars(base) if not name.startswith("_")]
        return not isinstance(value, type) and all(hasattr(value, name) for name in asked)
    return isinstance(value, kind) and not (kind is Iterable and isinstance(value, str | bytes))


def _callable(name: str, value: Any, call: Call) -> None:
    if not callable(value):
        raise TypeError(f"{name}: expected a function, found {told(value)}; pass it without calling it")
