"""What the arguments of one call have in common, and how a value is told in a few words."""

import numbers
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ntkbook.wants.tensors import is_tensor

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass
class Call:
    """What the arguments of one call have in common."""

    sizes: dict[str, tuple[Any, str]] = field(default_factory=dict)
    """Axis to its size, and the argument that set it."""
    kind: "tuple[torch.dtype, torch.device, str] | None" = None
    """dtype and device of the tensors, and the argument that set them."""
    differentiable: bool = False
    """Whether tensors that require gradients are welcome."""

    def size(self, axis: str, size: Any, name: str) -> bool:
        """Whether an axis has one size throughout; the first argument sets it."""
        return self.sizes.setdefault(axis, (size, name))[0] == size

    def agree(self, name: str, tensor: "Tensor") -> None:
        """Raise ValueError unless all tensors of the call have one dtype and device."""
        dtype, device, first = self.kind = self.kind or (tensor.dtype, tensor.device, name)
        if (tensor.dtype, tensor.device) != (dtype, device):
            raise ValueError(
                f"{name}: expected {dtype} on {device} as {first}, found {tensor.dtype} on {tensor.device}; "
                "convert with .to(...)"
            )


Want = Callable[[str, Any, Call], None]


def told(value: Any) -> str:
    """A value in a few words."""
    if is_tensor(value):
        return f"a tensor of {value.dtype} and shape {tuple(value.shape)}"
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} and shape {value.shape}"
    if value is None or isinstance(value, bool | numbers.Number | str):
        text = (
            repr(value) if not isinstance(value, int) or abs(value) < 1e15 else f"a number of {len(str(value))} digits"
        )
        return text if len(text) < 60 else f"{text[:50]}..."
    return type(value).__name__
