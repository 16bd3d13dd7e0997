"""What loops over several nets at once share: stacking what nets have in common, and checks that they agree."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor


def stack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors along a new first axis; a view where they are all the same one."""
    first = tensors[0]
    if all(tensor is first for tensor in tensors):
        return first.expand(len(tensors), *first.shape)
    return torch.stack(list(tensors))


def own(view: Tensor) -> Tensor:
    """The tensor itself if it has its memory alone, otherwise a copy, so that a net that is kept keeps no other."""
    return view if view.untyped_storage().nbytes() == view.nbytes else view.clone()


def check_counts(networks: Sequence[Any], others: Mapping[str, Sequence[Any]]) -> None:
    """At least one net, and one of everything else for each."""
    if not networks:
        raise ValueError("networks: expected at least one, found none")
    for name, values in others.items():
        if len(values) != len(networks):
            raise ValueError(f"{name}: expected one for each of the {len(networks)} networks, found {len(values)}")


def check_one_kind(name: str, kinds: Sequence[str]) -> None:
    """All of one kind, described in words."""
    if len(found := set(kinds)) > 1:
        raise ValueError(
            f"{name}: expected one shape, dtype and device for all, found {', '.join(sorted(found))}; "
            "train the others on their own"
        )


def kind(tensor: Tensor) -> str:
    """Shape, dtype and device in words."""
    return f"{tuple(tensor.shape)} {tensor.dtype} on {tensor.device}"
