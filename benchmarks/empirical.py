"""The finite-width Gram matrix H(0) against the Jacobian by `torch.func`."""

import numpy as np
import torch

from benchmarks.measure import Row, seconds, show
from ntkbook.kernels import empirical_gram
from ntkbook.networks import TwoLayer

N, D, M = 200, 784, 1024


def jacobian_gram(network: TwoLayer, x: torch.Tensor) -> torch.Tensor:
    """J J' with J the Jacobian of the predictions by the first layer, as in torch's tutorial on tangent kernels."""

    def predict(weights: torch.Tensor, row: torch.Tensor) -> torch.Tensor:
        return torch.relu(row @ weights) @ network.output_weights / network.width**0.5

    jacobian = torch.func.vmap(torch.func.jacrev(predict), (None, 0))(network.weights, x).flatten(1)
    return jacobian @ jacobian.T


def rows(n: int = N, d: int = D, m: int = M, repeats: int = 5, *, device: str = "cpu") -> list[Row]:
    rng = np.random.default_rng(0)
    x = torch.nn.functional.normalize(torch.from_numpy(rng.standard_normal((n, d), dtype=np.float32))).to(device)
    network = TwoLayer.initialise(d, m, rng, device=device)
    torch.testing.assert_close(empirical_gram(x, network.weights), jacobian_gram(network, x), rtol=1e-3, atol=1e-4)
    ours, peer = seconds(lambda: empirical_gram(x, network.weights), lambda: jacobian_gram(network, x), repeats=repeats)
    return [Row(f"torch.func Jacobian / empirical_gram, n = {n}, d = {d}, m = {m}", peer / ours, 15, at_most=False)]


if __name__ == "__main__":
    show(rows())
