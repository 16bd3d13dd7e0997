"""SGD on the first layer in blocks of steps: the weights are read and written once a block, the iterates are the same.

Within a block of b = s B points, X_b its rows, the pre-activations at the points of step j are those at the start of
the block plus X_j X_b' G, where G holds what the earlier steps of the block have added. So s steps need one product
X_b W, one update W += X_b' G, and small corrections through X_b X_b', instead of s skinny products and s updates.
"""

import torch
from torch import Tensor

from ntkbook.losses import softmax_cross_entropy, softmax_cross_entropy_derivative
from ntkbook.networks import TwoLayerClassifier


class _Blocks:
    """What both spaces share: the steps within a block, in buffers of b x m."""

    def __init__(self, network: TwoLayerClassifier, x: Tensor, classes: Tensor, *, step_size: float, batch_size: int):
        self.x = x
        self.classes = classes
        self.start = network.weights
        self.output_weights = network.output_weights
        self.batch_size = batch_size
        self.rate = step_size / batch_size  # eta / B
        self._hidden = x.new_empty(batch_size, network.width)

    def _steps(self, preactivations: Tensor, products: Tensor, pulls: Tensor, classes: Tensor) -> Tensor:
        """Take the steps of one block: fill `pulls` with G (b, m), return the losses (b,) seen before each step."""
        losses = []
        for begin in range(0, len(classes), self.batch_size):
            batch = slice(begin, begin + self.batch_size)
            p, pull = preactivations[batch], pulls[batch]
            if begin:
                p.addmm_(products[batch, :begin], pulls[:begin])  # P_j += X_j X_b' G
            outputs = torch.clamp(p, min=0, out=self._hidden) @ self.output_weights.T  # f       (B, k)
            derivative = softmax_cross_entropy_derivative(outputs, classes[batch])  # o - 1{i = y}
            torch.mm(derivative.mul_(-self.rate), self.output_weights, out=pull)
            pull.mul_(torch.ge(p, 0, out=self._hidden))  # -(eta / B) sum_i a_ir (o_i - 1{i = y}) 1{w_r.x >= 0}
            losses.append(softmax_cross_entropy(outputs, classes[batch]))
        return torch.cat(losses)


class WeightBlocks(_Blocks):
    """W in memory: for each block one read in X_b W, one update in place, nothing of its size besides."""

    def __init__(self, network: TwoLayerClassifier, x: Tensor, classes: Tensor, *, step_size: float, batch_size: int):
        super().__init__(network, x, classes, step_size=step_size, batch_size=batch_size)
        self._weights = network.weights.clone()

    def advance(self, chosen: Tensor) -> Tensor:
        """Take len(chosen) / B steps on the chosen points; losses before each step (b,)."""
        x = self.x[chosen]
        preactivations = x @ self._weights
        pulls = torch.empty_like(preactivations)
        losses = self._steps(preactivations, x @ x.T, pulls, self.classes[chosen])
        self._weights.addmm_(x.T, pulls)  # W += X_b' G
        return losses

    @property
    def weights(self) -> Tensor:
        """First layer now (d, m)."""
        return self._weights

    @property
    def preactivations(self) -> Tensor:
        """X W at all training points (n, m)."""
        return self.x @ self._weights


class PreactivationBlocks(_Blocks):
    """P = X W at all n training points in memory, for points that recur: no product with d in it.

    The weights are W(0) + X'A with A the sum of the pulls on each point.
    """

    def __init__(self, network: TwoLayerClassifier, x: Tensor, classes: Tensor, *, step_size: float, batch_size: int):
        super().__init__(network, x, classes, step_size=step_size, batch_size=batch_size)
        self.preactivations = x @ network.weights  # P            (n, m)
        self._products = x @ x.T  # K            (n, n)
        self._coefficients = torch.zeros_like(self.preactivations)  # A

    def advance(self, chosen: Tensor) -> Tensor:
        """Take len(chosen) / B steps on the chosen points; losses before each step (b,)."""
        columns = self._products[:, chosen]
        preactivations = self.preactivations[chosen]
        pulls = torch.empty_like(preactivations)
        losses = self._steps(preactivations, columns[chosen], pulls, self.classes[chosen])
        self.preactivations.addmm_(columns, pulls)  # P += X X_b' G
        self._coefficients.index_add_(0, chosen, pulls)
        return losses

    @property
    def weights(self) -> Tensor:
        """First layer now (d, m), made anew."""
        return torch.addmm(self.start, self.x.T, self._coefficients)
