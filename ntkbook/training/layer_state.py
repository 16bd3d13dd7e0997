"""Nets of one shape under minibatch SGD on the squared loss, side by side, in place and without autograd.

A net is f(x) = a.relu(W_L' ... relu(W_1'x + b_1) ... + b_L) with W_1, ..., W_L trained; L = 1 and 2 are the two- and
three-layer nets of Allen-Zhu et al. (2019). All tensors have a leading axis of nets; e of them below.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

_BLOCK_ELEMENTS = 2**18  # of the rows of a layer that are in the cache while they and their velocities move
_CHUNK_ELEMENTS = 2**20  # of the outputs of a layer when all points are looked at
_gate = torch.ops.aten.threshold_backward.grad_input  # b 1{h > 0} in one pass, without a mask in memory


class Layers(NamedTuple):
    """What is trained and what is fixed in one net."""

    weights: tuple[Tensor, ...]
    """W_l (m_{l-1}, m_l)."""
    biases: tuple[Tensor, ...]
    """b_l (m_l,)."""
    output_weights: Tensor
    """a (m_L,)."""


class LayerState:
    """Weights, momentum, and the buffers of a step of batches of B points."""

    def __init__(
        self, nets: Sequence[Layers], x: Tensor, y: Tensor, weight_decays: Tensor, momentum: float, batch_size: int
    ):
        """Take the nets, inputs (e, n, d), targets (e, n), decays (e,), beta and B; the nets are left as they are."""
        self.x, self.y = x, y
        self.weights = [torch.stack(w) for w in zip(*(net.weights for net in nets), strict=True)]
        self._start = [net.weights for net in nets]
        self._biases = [torch.stack(b)[:, None] for b in zip(*(net.biases for net in nets), strict=True)]
        self._outer = torch.stack([net.output_weights for net in nets])
        self._velocities = [torch.zeros_like(w) for w in self.weights]
        self._decays = weight_decays[:, None, None] if bool((weight_decays != 0).any()) else None
        self._momentum = momentum
        self._nets = torch.arange(len(nets), device=x.device)[:, None]
        self._hidden = [x.new_empty(len(nets), batch_size, w.shape[2]) for w in self.weights]
        self._pulls = [torch.empty_like(h) for h in self._hidden]

    def step(self, chosen: Tensor, rates: Tensor) -> None:
        """One step of size `rates` (e, 1, 1) on the half mean square over the chosen points (e, B).

        As torch.optim.SGD: velocity = beta velocity + gradient + decay W, then W -= rate velocity.
        """
        x = self.x[self._nets, chosen]
        f = self._forward(x, self._hidden)
        slopes = (f - self.y[self._nets, chosen]).div_(chosen.shape[1])  # (f - y) / B                 (e, B)
        top = torch.mul(slopes[:, :, None], self._outer[:, None], out=self._pulls[-1])
        _gate(top, self._hidden[-1], 0, grad_input=top)
        for layer in reversed(range(len(self.weights))):
            pulls, inputs = self._pulls[layer], self._hidden[layer - 1] if layer else x
            weights, velocity = self.weights[layer], self._velocities[layer]
            if layer:
                below = torch.bmm(pulls, weights.mT, out=self._pulls[layer - 1])  # before this layer moves
                _gate(below, inputs, 0, grad_input=below)
            size = self._rows_at_once(weights)
            parts = (part.split(size, dim=1) for part in (inputs.mT, velocity, weights))
            for h, v, w in zip(*parts, strict=True):
                v.baddbmm_(h, pulls, beta=self._momentum)
                if self._decays is not None:
                    v.addcmul_(w, self._decays)
                w.addcmul_(v, rates, value=-1)

    @staticmethod
    def _rows_at_once(weights: Tensor) -> int:
        """Rows of a layer that move together: as many as a CPU's cache holds; elsewhere all, for launches cost more."""
        if weights.device.type != "cpu":
            return weights.shape[1]
        return max(1, _BLOCK_ELEMENTS // (len(weights) * weights.shape[2]))

    def train_errors(self) -> Tensor:
        """Mean of (f(x_i) - y_i)^2 over all n points (e,)."""
        rows = max(1, _CHUNK_ELEMENTS // (len(self.x) * max(w.shape[2] for w in self.weights)))
        parts = zip(self.x.split(rows, dim=1), self.y.split(rows, dim=1), strict=True)
        squares = [(self._forward(x) - y).square_().sum(1, dtype=torch.float64) for x, y in parts]
        return torch.stack(squares).sum(0) / self.x.shape[1]

    def movement(self, net: int) -> Tensor:
        """|W_l - W_l(0)|_F of a net (L,)."""
        pairs = zip(self.weights, self._start[net], strict=True)
        return torch.stack([torch.linalg.vector_norm(w[net] - w_0) for w, w_0 in pairs])

    def _forward(self, x: Tensor, hidden: Sequence[Tensor] | None = None) -> Tensor:
        """Outputs f at inputs (e, B, d), shape (e, B); `hidden` keeps what the layers give."""
        h = x
        for layer, (w, b) in enumerate(zip(self.weights, self._biases, strict=True)):
            out = None if hidden is None else hidden[layer]
            h = torch.baddbmm(b.expand(-1, x.shape[1], -1), h, w, out=out).clamp_(min=0)
        return torch.bmm(h, self._outer[:, :, None])[:, :, 0]
