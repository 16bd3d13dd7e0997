"""Two coordinates for gradient descent on the first layer: weights W, or pre-activations P = X W."""

from abc import ABC, abstractmethod
from collections.abc import Iterator

import torch
from torch import Tensor

from ntkbook.networks import TwoLayer

_BLOCK_ELEMENTS, _LEAST_NEURONS = 2**20, 512  # a block of P stays in the cache, and its products stay efficient


class _Space(ABC):
    """What both spaces share: pre-activations P (n, m), walked over in blocks of neurons.

    `buffer` has the size of one block; each step overwrites it.
    """

    def __init__(self, network: TwoLayer, x: Tensor, step_size: float):
        self.x = x
        self.start = network.weights
        self.output_weights = network.output_weights
        self.root_width = network.width**0.5
        self.step_size = step_size
        self.preactivations = x @ network.weights  # P            (n, m)
        self._width = max(_LEAST_NEURONS, _BLOCK_ELEMENTS // len(x))
        self.buffer = x.new_empty(len(x), min(self._width, network.width))

    def predict(self) -> Tensor:
        """Predictions u = relu(P) a / sqrt(m), shape (n,)."""
        u = self.x.new_zeros(len(self.x))
        for neurons, buffer in self._blocks():
            self._add_output(u, neurons, buffer)
        return u / self.root_width

    def step(self, residual: Tensor) -> Tensor:
        """One step of gradient descent from the residual r = y - u (n,); returns the new predictions (n,).

        Each block of neurons is read once: gates, update and output while it is in the cache.
        """
        u, rate = torch.zeros_like(residual), self.step_size / self.root_width
        for neurons, buffer in self._blocks():
            torch.ge(self.preactivations[:, neurons], 0, out=buffer)
            buffer.mul_(self.output_weights[neurons]).mul_(residual[:, None])  # diag(r) M diag(a)
            self._update(neurons, buffer, rate)
            self._add_output(u, neurons, buffer)
        return u / self.root_width

    def last_weights(self) -> Tensor:
        """First layer at the end of the run (d, m); lets go of the pre-activations to make room, so call it last."""
        del self.preactivations, self.buffer
        return self.weights(slice(None))

    @abstractmethod
    def weights(self, neurons: slice, out: Tensor | None = None) -> Tensor:
        """First-layer weights of some neurons, shape (d, neurons); those in memory, or made anew in `out`."""

    @abstractmethod
    def displacement(self, neurons: slice, out: Tensor | None = None) -> Tensor:
        """W(k) - W(0) of some neurons, shape (d, neurons), in `out` where it is given."""

    @abstractmethod
    def _update(self, neurons: slice, scaled_gates: Tensor, rate: float) -> None:
        """Move a block of neurons by `rate` times the gradient that belongs to its scaled gates (n, neurons)."""

    def _add_output(self, u: Tensor, neurons: slice, buffer: Tensor) -> None:
        torch.clamp(self.preactivations[:, neurons], min=0, out=buffer)
        u.addmv_(buffer, self.output_weights[neurons])

    def _blocks(self) -> Iterator[tuple[slice, Tensor]]:
        """Neurons of each block, and a buffer (n, neurons)."""
        m = len(self.output_weights)
        for first in range(0, m, self._width):
            neurons = slice(first, min(first + self._width, m))
            yield neurons, self.buffer[:, : neurons.stop - first]


class WeightSpace(_Space):
    """W += (eta / sqrt(m)) X' diag(r) M diag(a): two products of n d m a step."""

    def __init__(self, network: TwoLayer, x: Tensor, step_size: float):
        super().__init__(network, x, step_size)
        self._weights = network.weights.clone()

    def _update(self, neurons: slice, scaled_gates: Tensor, rate: float) -> None:
        weights = self._weights[:, neurons].addmm_(self.x.T, scaled_gates, alpha=rate)
        torch.mm(self.x, weights, out=self.preactivations[:, neurons])

    def weights(self, neurons: slice, out: Tensor | None = None) -> Tensor:
        """First-layer weights of some neurons, shape (d, neurons), as they are in memory; `out` is not needed."""
        return self._weights[:, neurons]

    def displacement(self, neurons: slice, out: Tensor | None = None) -> Tensor:
        """W(k) - W(0) of some neurons, shape (d, neurons), in `out` where it is given."""
        return torch.sub(self._weights[:, neurons], self.start[:, neurons], out=out)


class PreactivationSpace(_Space):
    """P += (eta / sqrt(m)) X X' diag(r) M diag(a): one product of n^2 m a step, whatever d is.

    The weights are W(k) = W(0) + X'A with A the sum of all scaled gates, kept only if asked for.
    """

    def __init__(self, network: TwoLayer, x: Tensor, step_size: float, *, keep_coefficients: bool):
        super().__init__(network, x, step_size)
        self._inner_products = x @ x.T  # K            (n, n)
        self._coefficients = torch.zeros_like(self.preactivations) if keep_coefficients else None

    def _update(self, neurons: slice, scaled_gates: Tensor, rate: float) -> None:
        self.preactivations[:, neurons].addmm_(self._inner_products, scaled_gates, alpha=rate)
        if self._coefficients is not None:
            self._coefficients[:, neurons].add_(scaled_gates, alpha=rate)

    def weights(self, neurons: slice, out: Tensor | None = None) -> Tensor:
        """First-layer weights of some neurons, shape (d, neurons), made anew, in `out` where it is given."""
        return self.displacement(neurons, out).add_(self.start[:, neurons])

    def displacement(self, neurons: slice, out: Tensor | None = None) -> Tensor:
        """W(k) - W(0) = X'A of some neurons, shape (d, neurons), in `out` where it is given; needs the coefficients."""
        assert self._coefficients is not None
        return torch.mm(self.x.T, self._coefficients[:, neurons], out=out)
