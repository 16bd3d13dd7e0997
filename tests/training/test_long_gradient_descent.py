import numpy as np
import pytest
import torch

from ntkbook import data
from ntkbook.kernels import h_infinity
from ntkbook.networks import TwoLayer
from ntkbook.spectrum import eigendecompose, worst_case_labels
from ntkbook.training import gradient_descent, long_gradient_descent


def digits(n, labels, seed=0):
    """Images of zeros and ones, labels of one kind, and the step size at which the paper trains."""
    rng = np.random.default_rng(seed)
    sample = data.load("mnist", n_train=n, n_test=0, rng=rng)
    x = torch.from_numpy(sample.x_train)
    spectrum = eigendecompose(h_infinity(x))
    y = {
        "true": torch.from_numpy(sample.y_train),
        "random": torch.from_numpy(rng.choice([-1.0, 1.0], n)),
        "worst": worst_case_labels(spectrum),
    }[labels]
    return x, y, 10 / n


def exact(network, x, y, steps, **run):
    """Gradient descent at the given steps and the two before each."""
    at = np.unique(np.concatenate([np.maximum(np.asarray(steps) - back, 0) for back in range(3)]))
    path = gradient_descent(network, x, y, record_at=at, n_steps=int(at[-1]), space="preactivations", **run)
    return dict(zip(path.steps.tolist(), path.residuals, strict=True)), path


def errors(path, residuals):
    """Distance of the norm of the mean residual from that of exact gradient descent, in units of |r(0)|."""
    scale = np.linalg.norm(residuals[0])
    found = []
    for k, mean in zip(path.steps.tolist(), path.mean_residuals, strict=True):
        if k >= 2:
            true = (residuals[k] + 2 * residuals[k - 1] + residuals[k - 2]) / 4
            found.append(abs(np.linalg.norm(mean) - np.linalg.norm(true)) / scale)
    return np.array(found)


CASES = [
    ("true", 60, 200, 0.01, 1.0, 0),
    ("true", 40, 400, 1.0, 1.0, 1),
    ("random", 60, 200, 0.01, 1.0, 0),
    ("random", 40, 400, 0.1, 0.5, 1),
    ("random", 50, 300, 0.01, 0.3, 2),
    ("worst", 60, 200, 0.01, 1.0, 0),
    ("worst", 40, 400, 1.0, 1.0, 1),
    ("worst", 50, 300, 0.1, 0.5, 2),
]


@pytest.mark.parametrize(("labels", "n", "m", "init_scale", "pace_of_eta", "seed"), CASES)
def test_leaps_stay_within_rtol_of_gradient_descent(labels, n, m, init_scale, pace_of_eta, seed):
    x, y, eta = digits(n, labels, seed)
    x, y, eta = x.float(), y.float(), eta * pace_of_eta
    network = TwoLayer.initialise(784, m, np.random.default_rng(seed), init_scale=init_scale)
    path = long_gradient_descent(network, x, y, step_size=eta, n_steps=2000, rtol=1e-3)
    residuals, _ = exact(network, x, y, path.steps, step_size=eta)
    assert len(path.leaps)
    assert errors(path, residuals).max() < 1e-3
