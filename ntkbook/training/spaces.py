"""Two coordinates for gradient descent on the first layer: weights W, or pre-activations P = X W."""

import torch
from torch import Tensor

from ntkbook.networks import TwoLayer


class _Space:
    """What both spaces share: the forward pass and the scaled gates, in two n x m buffers."""

    def __init__(self, network: TwoLayer, x: Tensor, step_size: float):
        self.x = x
        self.start = network.weights
        self.output_weights = network.output_weights
        self.root_width = network.width**0.5
        self.step_size = step_size
        self.preactivations = x @ network.weights  # P            (n, m)
        self._buffer = torch.empty_like(self.preactivations)

    def predict(self) -> Tensor:
        """Predictions u = relu(P) a / sqrt(m), shape (n,)."""
        torch.clamp(self.preactivations, min=0, out=self._buffer)
        return self._buffer @ self.output_weights / self.root_width

    def _scaled_gates(self, residual: Tensor) -> Tensor:
        """diag(r) M diag(a) (n, m), M_ir = 1{P_ir >= 0}."""
        torch.ge(self.preactivations, 0, out=self._buffer)
        return self._buffer.mul_(self.output_weights).mul_(residual[:, None])


class WeightSpace(_Space):
    """W += (eta / sqrt(m)) X' diag(r) M diag(a): two products of n d m a step."""

    def __init__(self, network: TwoLayer, x: Tensor, step_size: float):
        super().__init__(network, x, step_size)
        self._weights = network.weights.clone()

    def step(self, residual: Tensor) -> None:
        """One step of gradient descent from the residual r = y - u (n,)."""
        self._weights.addmm_(self.x.T, self._scaled_gates(residual), alpha=self.step_size / self.root_width)
        torch.mm(self.x, self._weights, out=self.preactivations)

    def weights(self, neurons: slice) -> Tensor:
        """First-layer weights of some neurons, shape (d, neurons)."""
        return self._weights[:, neurons]

    def displacement(self, neurons: slice) -> Tensor:
        """W(k) - W(0) of some neurons, shape (d, neurons)."""
        return self._weights[:, neurons] - self.start[:, neurons]


class PreactivationSpace(_Space):
    """P += (eta / sqrt(m)) X X' diag(r) M diag(a): one product of n^2 m a step, whatever d is.

    The weights are W(k) = W(0) + X'A with A the sum of all scaled gates, kept only if asked for.
    """

    def __init__(self, network: TwoLayer, x: Tensor, step_size: float, *, keep_coefficients: bool):
        super().__init__(network, x, step_size)
        self._inner_products = x @ x.T  # K            (n, n)
        self._coefficients = torch.zeros_like(self.preactivations) if keep_coefficients else None

    def step(self, residual: Tensor) -> None:
        """One step of gradient descent from the residual r = y - u (n,)."""
        rate = self.step_size / self.root_width
        gates = self._scaled_gates(residual)
        self.preactivations.addmm_(self._inner_products, gates, alpha=rate)
        if self._coefficients is not None:
            self._coefficients.add_(gates, alpha=rate)

    def weights(self, neurons: slice) -> Tensor:
        """First-layer weights of some neurons, shape (d, neurons); needs the coefficients."""
        return self.displacement(neurons).add_(self.start[:, neurons])

    def displacement(self, neurons: slice) -> Tensor:
        """W(k) - W(0) = X'A of some neurons, shape (d, neurons); needs the coefficients."""
        assert self._coefficients is not None
        return self.x.T @ self._coefficients[:, neurons]
