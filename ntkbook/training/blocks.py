"""SGD on the first layer in blocks of steps: the weights are read and written once a block, the iterates are the same.

Within a block of b = s B points, X_b its rows, the pre-activations at the points of step j are those at the start of
the block plus X_j X_b' G, where G holds what the earlier steps of the block have added. So s steps need one product
X_b W, one update W += X_b' G, and small corrections through X_b X_b', instead of s skinny products and s updates.

All tensors have a leading axis of nets that are trained side by side; e of them below.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ntkbook.expect import inside
from ntkbook.losses import softmax_cross_entropy, softmax_cross_entropy_derivative

_losses, _derivative = inside(softmax_cross_entropy), inside(softmax_cross_entropy_derivative)


def cheaper_space(n: int, d: int, points: int, looks: int) -> str:
    """Fewer multiplications, over m: 2 d for each point in weight space; n each, and n d a look, in the other."""
    return "preactivations" if n * (points + d * (2 + looks)) < 2 * d * points else "weights"


class _Blocks:
    """What both spaces share: the steps within a block, in buffers of e x b x m."""

    def __init__(
        self,
        starts: Sequence[Tensor],
        output_weights: Tensor,
        x: Tensor,
        classes: Tensor,
        step_size: float,
        batch_size: int,
    ):
        """Take W (d, m) of each net, a (e, k, m), inputs (e, n, d), classes (e, n), eta and B."""
        self.starts = starts
        self.x = x
        self.classes = classes
        self.output_weights = output_weights
        self.batch_size = batch_size
        self.rate = step_size / batch_size  # eta / B
        self._nets = torch.arange(len(x), device=x.device)[:, None]  # with chosen (e, b): entries of each net's own

    def _steps(self, preactivations: Tensor, products: Tensor, pulls: Tensor, classes: Tensor) -> Tensor:
        """Take the steps of one block: fill `pulls` with G (e, b, m), return the losses (e, b) before each step."""
        hidden = torch.empty_like(pulls[:, : self.batch_size])
        outputs = pulls.new_empty(*classes.shape, self.output_weights.shape[1])  # f       (e, b, k)
        for begin in range(0, classes.shape[1], self.batch_size):
            batch = slice(begin, begin + self.batch_size)
            p, f, pull = preactivations[:, batch], outputs[:, batch], pulls[:, batch]
            if begin:
                p.baddbmm_(products[:, batch, :begin], pulls[:, :begin])  # P_j += X_j X_b' G
            torch.bmm(torch.clamp(p, min=0, out=hidden), self.output_weights.mT, out=f)
            derivative = _derivative(f, classes[:, batch])  # o - 1{i = y}
            torch.bmm(derivative.mul_(-self.rate), self.output_weights, out=pull)
            pull.mul_(torch.ge(p, 0, out=hidden))  # -(eta / B) sum_i a_ir (o_i - 1{i = y}) 1{w_r.x >= 0}
        return _losses(outputs, classes)


class WeightBlocks(_Blocks):
    """W in memory: for each block one read in X_b W, one update in place, nothing of its size besides."""

    def __init__(self, *shared: Any):
        super().__init__(*shared)
        self._weights = torch.stack(list(self.starts))  # a copy, of one net too

    def advance(self, chosen: Tensor) -> Tensor:
        """Take b / B steps on the chosen points (e, b); losses before each step (e, b)."""
        x = self.x[self._nets, chosen]
        preactivations = x @ self._weights
        pulls = torch.empty_like(preactivations)
        losses = self._steps(preactivations, x @ x.mT, pulls, self.classes[self._nets, chosen])
        self._weights.baddbmm_(x.mT, pulls)  # W += X_b' G
        return losses

    def weights(self, net: int) -> Tensor:
        """First layer of a net now (d, m)."""
        return self._weights[net]

    def preactivations(self, net: int) -> Tensor:
        """X W at all training points (n, m)."""
        return self.x[net] @ self._weights[net]


class PreactivationBlocks(_Blocks):
    """P = X W at all n training points in memory, for points that recur: no product with d in it.

    The weights are W(0) + X'A with A the sum of the pulls on each point.
    """

    def __init__(self, *shared: Any):
        super().__init__(*shared)
        self._preactivations = torch.stack([x @ w for x, w in zip(self.x, self.starts, strict=True)])  # P   (e, n, m)
        self._products = self.x @ self.x.mT  # K            (e, n, n)
        self._coefficients = torch.zeros_like(self._preactivations)  # A

    def advance(self, chosen: Tensor) -> Tensor:
        """Take b / B steps on the chosen points (e, b); losses before each step (e, b)."""
        rows = self._products[self._nets, chosen]  # K is symmetric   (e, b, n)
        preactivations = self._preactivations[self._nets, chosen]
        pulls = torch.empty_like(preactivations)
        among = rows.gather(2, chosen[:, None].expand(-1, chosen.shape[1], -1))
        losses = self._steps(preactivations, among, pulls, self.classes[self._nets, chosen])
        self._preactivations.baddbmm_(rows.mT, pulls)  # P += X X_b' G
        rows_of_all = (chosen + self._nets * self.x.shape[1]).flatten()
        self._coefficients.flatten(0, 1).index_add_(0, rows_of_all, pulls.flatten(0, 1))
        return losses

    def weights(self, net: int) -> Tensor:
        """First layer of a net now (d, m), made anew."""
        return torch.addmm(self.starts[net], self.x[net].T, self._coefficients[net])

    def preactivations(self, net: int) -> Tensor:
        """X W at all training points (n, m)."""
        return self._preactivations[net]
