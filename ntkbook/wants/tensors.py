"""Telling what is torch's without loading it: help, claims, the ledger and records do without."""

import sys
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from torch import Tensor


def is_tensor(value: Any) -> "TypeGuard[Tensor]":
    """Whether a value is a tensor; where nobody loaded torch there is none."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def is_class_of_torch(hint: Any, name: str) -> bool:
    """Whether an annotation is torch's class of this name, such as "dtype"."""
    torch = sys.modules.get("torch")
    return torch is not None and hint is getattr(torch, name)
