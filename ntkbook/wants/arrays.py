"""Tensors and arrays of finite numbers, whose axes have names."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ntkbook.wants.call import Call, told
from ntkbook.wants.tensors import is_tensor

if TYPE_CHECKING:
    from torch import Tensor

_LARGEST_NUMBER, _LARGEST_FLOAT32 = 1e100, 1e18
"""Of entries: beyond these squares overflow."""


@dataclass(frozen=True)
class Array:
    """A tensor, or for NumPy anything that can be made an array, of finite numbers, whose axes have names."""

    axes: tuple[str, ...] = ()
    """Shapes that will do, such as "n d"; "..." in front is any more axes, "?" any size. Without one, any."""
    entries: str = "real"
    """"real", "whole", "class", "sign", "complex", "gate" or "any"; gates are booleans, or numbers."""
    least: float = -math.inf
    most: float = math.inf
    torch: bool = True
    """Whether it must be a tensor."""
    alike: bool = True
    """Whether it must agree with the other tensors in dtype and device."""
    empty: bool = False
    """Whether its first axis may have no entry."""
    finite: bool = True
    """Whether its entries are looked at."""
    below: str = ""
    """An axis whose size all entries must be below."""
    coarse: bool = False
    """Whether tensors of half the precision of float32 will do."""
    symmetric: bool = False
    """Whether it must be symmetric, to rounding."""
    triangular: bool = False
    """Whether it must be lower triangular with a positive diagonal, as Cholesky factors are."""

    def __call__(self, name: str, value: Any, call: Call) -> None:
        """Raise an error unless the value is what is wanted."""
        array: Any = self._tensor(name, value, call) if self.torch else self._numpy(name, value)
        self._shape(name, tuple(array.shape), call)
        if self.torch and self.alike and array.is_floating_point():
            call.agree(name, array)
        if self.finite and not (self.torch and array.is_meta):
            check_finite(name, array)
            _check_entries(name, array, self, call)

    def _tensor(self, name: str, value: Any, call: Call) -> "Tensor":
        import torch

        if not is_tensor(value):
            raise TypeError(f"{name}: expected a torch tensor, found {told(value)}; convert with torch.as_tensor(...)")
        floating = value.dtype in (torch.float32, torch.float64) or (self.coarse and value.is_floating_point())
        whole = not value.is_floating_point() and not value.is_complex() and value.dtype != torch.bool
        if self.entries == "whole":
            wanted, right = "whole numbers in a torch tensor", floating or whole
        elif self.entries == "class":
            wanted, right = "int64 numbers in a torch tensor", value.dtype == torch.int64
        elif self.entries == "gate":
            wanted, right = "booleans in a torch tensor", floating or value.dtype == torch.bool
        else:
            wanted, right = "a floating-point torch tensor, float32 or float64", floating
        if not right:
            raise TypeError(f"{name}: expected {wanted}, found {told(value)}; convert with .to(dtype=...)")
        if value.device.type == "meta":
            raise ValueError(
                f"{name}: expected a tensor with numbers, found one on the meta device; move it to another"
            )
        if value.requires_grad and not call.differentiable:
            raise ValueError(
                f"{name}: expected a tensor without gradients, found one that requires them; pass {name}.detach()"
            )
        return value

    def _numpy(self, name: str, value: Any) -> np.ndarray:
        if is_tensor(value) and value.requires_grad:
            raise ValueError(
                f"{name}: expected an array without gradients, found a tensor that requires them; pass {name}.detach()"
            )
        try:
            array = np.asarray(value)
        except (ValueError, TypeError, RuntimeError) as error:
            raise ValueError(f"{name}: expected an array, found {told(value)}; make its rows of one length") from error
        kinds = {"complex": "iufc", "class": "iu"}.get(self.entries, "iuf")
        if array.dtype.kind not in kinds and self.entries != "any":
            wanted = {"complex": "numbers", "class": "whole numbers"}.get(self.entries, "real numbers")
            raise TypeError(f"{name}: expected {wanted}, found {told(array)}; convert with .astype(float)")
        return array

    def _shape(self, name: str, shape: tuple[int, ...], call: Call) -> None:
        if 0 in shape[self.empty :] and self.entries != "any":
            raise ValueError(f"{name}: expected at least one entry, found shape {shape}; look at how it was cut")
        if not self.axes:
            return
        for axes in self.axes:
            names = axes.split()
            free = names[:1] == ["..."]
            names = names[free:]
            if len(shape) < len(names) or (len(shape) > len(names) and not free):
                continue
            first = len(shape) - len(names)
            sizes = [*([("...", shape[:first])] if free else []), *zip(names, shape[first:], strict=True)]
            if all(axis == "?" or call.size(axis, size, name) for axis, size in sizes):
                return
        letters = {axis for axes in self.axes for axis in axes.split()} & set(call.sizes)
        known = sorted(
            f"{a} = {call.sizes[a][0]} as in {call.sizes[a][1]}" for a in letters if call.sizes[a][1] != name
        )
        told_axes = " or ".join(f"({', '.join(axes.split())}{',' * (' ' not in axes)})" for axes in self.axes)
        with_known = f" with {', '.join(known)}" if known else ""
        raise ValueError(f"{name}: expected shape {told_axes}{with_known}, found {shape}; reshape or transpose it")


def check_finite(name: str, array: Any, *, large: bool = False) -> None:
    """Raise ValueError unless all entries are finite, and, but for `large` ones, have squares that are."""
    if is_tensor(array):
        import torch

        if not array.is_floating_point() or not array.numel() or array.is_meta:
            return
        ends = torch.stack(torch.aminmax(array.detach()))  # NaN if there is one; no temporary of the size of the data
        largest = _LARGEST_FLOAT32 if array.dtype == torch.float32 else _LARGEST_NUMBER
        largest = torch.finfo(array.dtype).max if large else largest
        right = bool((ends.abs() <= largest).all())
    else:
        largest = _LARGEST_FLOAT32 if array.dtype == np.float32 else _LARGEST_NUMBER
        right = bool((np.abs(array) <= largest).all())
    if not right:
        entries = array.detach().cpu().numpy() if is_tensor(array) else array
        place = tuple(map(int, np.argwhere(~(np.abs(entries) <= largest))[0]))
        where = f" in row {place[0]}" if len(place) > 1 else f" in place {place[0]}" if place else ""
        wanted = f"numbers of at most {largest:g}" if np.isfinite(entries[place]) else "finite numbers"
        raise ValueError(f"{name}: expected {wanted}, found {entries[place]:g}{where}; correct or drop it")


def _check_entries(name: str, array: Any, want: Array, call: Call) -> None:
    """Raise ValueError unless the entries are of their kind and in their range."""
    if want.entries == "sign" and not bool((abs(array) == 1).all()):
        others = f"others from {array.min().item():g} to {array.max().item():g}"
        raise ValueError(f"{name}: expected labels +1 and -1, found {others}; write 2 y - 1 for classes 0 and 1")
    if want.entries == "whole" and not bool((array == array.round()).all()):
        raise ValueError(f"{name}: expected whole numbers, found fractions; round them")
    most = call.sizes[want.below][0] - 1 if want.below else want.most
    inside = (want.least == -math.inf or bool((array >= want.least).all())) and (
        most == math.inf or bool((array <= most).all())
    )
    if not inside:
        raise ValueError(
            f"{name}: expected entries from {want.least:g} to {most:g}, found {array.min().item():g} to "
            f"{array.max().item():g}; scale or clip them"
        )
    if want.symmetric and not _is_symmetric(array):
        raise ValueError(
            f"{name}: expected a symmetric matrix, found entries that differ; take ({name} + {name}.T) / 2 if the "
            "difference is rounding"
        )
    if want.triangular and not (bool((array.diagonal() > 0).all()) and not bool(array.triu(1).any())):
        raise ValueError(
            f"{name}: expected a lower triangular matrix with a positive diagonal, found another; factorise first"
        )


def _is_symmetric(matrix: "Tensor") -> bool:
    """To rounding of its largest entry."""
    import torch

    rounding = 1e-12 if matrix.dtype == torch.float64 else 1e-6
    return torch.equal(matrix, matrix.T) or bool((matrix - matrix.T).abs().max() <= rounding * matrix.abs().max())


def _shapes(axes: str) -> tuple[str, ...]:
    return tuple(axes.split(" or "))


def signs(axes: str, *, alike: bool = True) -> Array:
    """Labels +1 and -1."""
    return Array(_shapes(axes), "sign", alike=alike)


def classes(axes: str, *, below: str = "") -> Array:
    """Classes 0, 1, ... in int64, less than the size of an axis."""
    return Array(_shapes(axes), "class", least=0, below=below)


def gates(axes: str) -> Array:
    """Which neuron is on for which input."""
    return Array(_shapes(axes), "gate", alike=False)


def entries(axes: str, least: float, most: float) -> Array:
    """Numbers in [least, most]."""
    return Array(_shapes(axes), least=least, most=most)


def wholes(axes: str) -> Array:
    """Whole numbers >= 0, in a tensor of any kind."""
    return Array(_shapes(axes), "whole", least=0, alike=False)


def unseen(*axes: str) -> Array:
    """Numbers that are not looked at: what diverged is kept, and refused where it is used."""
    return Array(axes, finite=False)


def none_or(axes: str) -> Array:
    """Numbers, of which there may be none."""
    return Array(_shapes(axes), empty=True)


def unlike(axes: str) -> Array:
    """Numbers in a dtype and on a device of their own."""
    return Array(_shapes(axes), alike=False)


def coarse(axes: str) -> Array:
    """Numbers in any precision."""
    return Array(_shapes(axes), coarse=True)


def symmetric(axes: str) -> Array:
    """A symmetric matrix, to rounding."""
    return Array(_shapes(axes), symmetric=True)


def triangular(axes: str) -> Array:
    """A lower Cholesky factor."""
    return Array(_shapes(axes), triangular=True)


raw = Array(entries="any", finite=False, torch=False)
"""Whatever NumPy can hold: a reader's data, which have remedies of their own."""


def like(want: Array, **changes: Any) -> Array:
    """The same, but for some of its fields."""
    return replace(want, **changes)
