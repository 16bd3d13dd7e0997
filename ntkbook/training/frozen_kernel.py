"""The residual of gradient descent over a window in which no gate moves: powers of I - eta H, and their sums."""

import numpy as np
import torch
from torch import Tensor

DENSE = 1500
"""Rows up to which H is decomposed; beyond them, the Krylov space of each vector is."""
_MOST_VECTORS, _EVERY = 400, 10
_LEAST_BLOCK = 256


class Modes:
    """A vector v (n,) in eigenvectors of H, or in those that its Krylov space has: v = V (V' v)."""

    def __init__(self, rates: Tensor, vectors: Tensor, vector: Tensor):
        """Take eta lambda (k,), V (n, k) and v (n,)."""
        self.rates, self._vectors, self._coordinates = rates, vectors, vectors.T @ vector

    def powers(self, t: float) -> Tensor:
        """(I - eta H)^t v (n,)."""
        return self._vectors @ (power(self.rates, t) * self._coordinates)

    def sums(self, t: float) -> tuple[Tensor, Tensor]:
        """S = sum_{s<t} (I - eta H)^s v, and eta H S, each (n,)."""
        return self._both(power_sum(self.rates, t))

    def driven(self, t: float) -> tuple[Tensor, Tensor]:
        """S and eta H S, each (n,), of a residual that starts at 0 and is pushed, ever harder, t times by v in all."""
        return self._both(driven_sum(self.rates, t))

    def _both(self, factors: Tensor) -> tuple[Tensor, Tensor]:
        found = factors * self._coordinates
        return self._vectors @ found, self._vectors @ (self.rates * found)


def power(x: Tensor, t: float) -> Tensor:
    """(1 - x)^t."""
    return (1 - x) ** t


def power_sum(x: Tensor, t: float) -> Tensor:
    """sum_{s<t} (1 - x)^s = (1 - (1 - x)^t) / x."""
    near = torch.where(x.abs() < 0.5, x, 0)
    fallen = torch.where(near == x, -torch.expm1(t * torch.log1p(-near)), 1 - power(x, t))
    return torch.where(x == 0, t, fallen / torch.where(x == 0, 1, x))


def driven_sum(x: Tensor, t: float) -> Tensor:
    """sum_{s<t} r(s) of r(s+1) = (1 - x) r(s) + (2 s + 1) / t^2, r(0) = 0: pushes that grow and sum to 1."""
    small = x.abs() * t < 1e-5
    x = torch.where(small, 1, x)
    sums = power_sum(x, t)
    last = (2 * (t - sums) / x + sums) / t**2  # r(t)
    return torch.where(small, (t - 1) * (2 * t - 1) / (6 * t), (1 - last) / x)


class FrozenKernel:
    """H = K o (A A') / m, A (n, m) the gates, each times its neuron's output weight."""

    def __init__(self, inner_products: Tensor, gates: Tensor, step_size: float):
        """Take K (n, n), A and eta."""
        self._step_size = step_size
        gram = _outer(gates).mul_(inner_products).div_(gates.shape[1])
        self._gram, self._spectrum = gram, None
        if len(gram) <= DENSE:
            self._spectrum = torch.linalg.eigh(gram.double())

    def modes(self, vector: Tensor, t: float, accuracy: float) -> Modes:
        """Modes of a vector (n,), as many as its sum over t steps needs for a relative accuracy."""
        if self._spectrum is not None:
            values, vectors = self._spectrum
            return Modes(self._step_size * values, vectors, vector)
        values, vectors = lanczos(self._gram, vector, self._step_size * t, accuracy)
        return Modes(self._step_size * values, vectors, vector)


def _outer(gates: Tensor) -> Tensor:
    """A A' (n, n), its upper half a copy: little more than half of the products, where there are many rows."""
    n = len(gates)
    found, size = gates.new_empty(n, n), max(_LEAST_BLOCK, -(-n // 8))
    for first in range(0, n, size):
        found[first : first + size, : first + size] = gates[first : first + size] @ gates[: first + size].T
    return found.tril_().add_(found.tril(-1).T)


def lanczos(gram: Tensor, vector: Tensor, time: float, accuracy: float) -> tuple[Tensor, Tensor]:
    """Ritz pairs of H from a vector, orthogonalised in full, until the mean of exp(-s H) v over s <= time has settled.

    Parameters
    ----------
    gram : Tensor (n, n)
        H.
    vector : Tensor (n,), float64
        v.
    time : float
        eta t.
    accuracy : float
        Relative change of that mean, over ten vectors, at which to end.

    Returns
    -------
    Tensor (k,), Tensor (n, k)
        Ritz values, and orthonormal Ritz vectors.
    """
    norm = torch.linalg.vector_norm(vector)
    if norm == 0:
        return vector.new_zeros(1), vector.new_zeros(len(vector), 1)
    most = min(len(vector), _MOST_VECTORS)
    basis = vector.new_zeros(len(vector), most)
    basis[:, 0] = vector / norm
    diagonal, beside, before = [], [], np.zeros(0)
    j, over, values, rotation = 0, False, np.zeros(1), np.ones((1, 1))
    while not over:
        new = (gram @ basis[:, j].to(gram.dtype)).double()
        diagonal.append(float(new @ basis[:, j]))
        for _ in range(2):
            new -= basis[:, : j + 1] @ (basis[:, : j + 1].T @ new)
        beside.append(float(torch.linalg.vector_norm(new)))
        over = j + 1 == most or beside[-1] <= 1e-12 * abs(diagonal[0])
        if over or j % _EVERY == _EVERY - 1:
            values, rotation = np.linalg.eigh(np.diag(diagonal) + np.diag(beside[:-1], 1) + np.diag(beside[:-1], -1))
            x = np.clip(time * values, 1e-9, None)
            now = (rotation * (-np.expm1(-x) / x)) @ rotation[0]
            change = np.linalg.norm(now - np.pad(before, (0, len(now) - len(before))))
            over, before = over or change < accuracy * np.linalg.norm(now), now
        if not over:
            j += 1
            basis[:, j] = new / beside[-1]
    rotated = basis[:, : j + 1] @ torch.from_numpy(rotation).to(basis)
    return torch.from_numpy(values).to(basis), rotated
