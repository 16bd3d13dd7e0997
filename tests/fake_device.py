"""A device that is not the CPU, on any machine: tensors with a shape, a dtype and a device, but no numbers.

The device is called "lazy" and stands for CUDA: of all devices but the CPU it is one of the two whose tensors can be
sliced in a build of torch without CUDA. As on CUDA, an operation that mixes it with a CPU tensor fails.
"""

import contextlib

import numpy as np
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

DEVICE = torch.device("lazy")
_aten = torch.ops.aten


class _Answers(TorchDispatchMode):
    """Answers what depends on numbers: checks pass (`all` is true, `any` is false), three pairs are near-parallel."""

    last_reduction = True

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func is _aten.nonzero.default:
            return torch.empty(3, args[0].ndim, dtype=torch.int64, device=args[0].device)
        if func is _aten._local_scalar_dense.default:
            return self.last_reduction if args[0].dtype == torch.bool else 1.0 if args[0].is_floating_point() else 0
        if func is _aten.equal.default:
            return (args[0] - args[1]).device == args[0].device  # the subtraction compares the devices
        if func.overloadpacket in (_aten.all, _aten.any):
            self.last_reduction = func.overloadpacket is _aten.all
        return func(*args, **(kwargs or {}))


@contextlib.contextmanager
def fake_device(monkeypatch):
    """Inside, every tensor is fake; arrays from NumPy arrive as CPU tensors, as they would on a real machine."""
    from_numpy = torch.from_numpy
    with FakeTensorMode(allow_non_fake_inputs=False) as mode, _Answers(), monkeypatch.context() as patch:
        patch.setattr(torch, "from_numpy", lambda array: mode.from_tensor(from_numpy(array)))
        yield


def to_numpy(value):
    """For code that ends by bringing a fake tensor to NumPy."""
    assert value.device == DEVICE
    return np.zeros(value.shape)
