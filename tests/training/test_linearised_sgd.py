import itertools

import numpy as np
import pytest
import torch

from ntkbook.networks import BiasedTwoLayer, ThreeLayer
from ntkbook.training import linearised_sgd, regression_sgd, step_unit
from ntkbook.training.batches import order_of_points

N, P, B, T = 24, 60, 5, 40
SETTINGS = {"step_size": 0.005, "batch_size": B, "n_steps": T}


def problem(seed=0, width=P):
    rng = np.random.default_rng(seed)
    features, y = (torch.from_numpy(rng.standard_normal(shape)) for shape in ((N, width), N))
    return features, y


def run(gram, y, seed=1, **settings):
    return linearised_sgd(gram, y, rng=np.random.default_rng(seed), **(SETTINGS | settings))


@pytest.mark.parametrize(("momentum", "weight_decay"), list(itertools.product((0.0, 0.9), (0.0, 0.2))))
def test_dual_steps_are_those_of_torch_sgd_on_the_weights(momentum, weight_decay):
    features, y = problem()
    theta = torch.nn.Parameter(torch.zeros(P, dtype=torch.float64))
    optimiser = torch.optim.SGD([theta], lr=0.005, momentum=momentum, weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimiser, [T // 2, 3 * T // 4], gamma=0.1)
    errors = [float(y.square().mean())]
    for batch in torch.from_numpy(order_of_points(N, B * T, np.random.default_rng(1))).split(B):
        optimiser.zero_grad()
        (torch.nn.functional.mse_loss(features[batch] @ theta, y[batch]) / 2).backward()
        optimiser.step()
        schedule.step()
        errors.append(float((features @ theta.detach() - y).square().mean()))
    settings = {"momentum": momentum, "weight_decay": weight_decay, "record_at": range(T + 1)}
    path = run(features @ features.T, y, **settings)
    torch.testing.assert_close(features.T @ path.coefficients, theta.detach(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(path.train_errors, errors, rtol=1e-12)
    assert path.train_errors[-1] < 0.9 * path.train_errors[0]


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_where_it_has_converged_it_is_kernel_regression_with_ridge_n_decay(weight_decay):
    features, y = problem()
    gram = features @ features.T
    path = run(gram, y, weight_decay=weight_decay, batch_size=N, step_size=0.1, n_steps=8000, record_at=())
    ridge = torch.linalg.solve(gram + N * weight_decay * torch.eye(N, dtype=torch.float64), y)
    torch.testing.assert_close(path.coefficients, ridge, rtol=0, atol=1e-10)
    assert not path.convergence.starved


def test_minibatches_converge_to_kernel_regression_where_it_fits_the_data():
    features, y = problem()
    gram = features @ features.T
    path = run(gram, y, step_size=0.02, n_steps=12_000, record_at=())
    assert path.convergence.fitted
    torch.testing.assert_close(path.coefficients, torch.linalg.solve(gram, y), rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", ["three", "two"])
def test_a_wide_net_of_large_outputs_moves_as_its_linearisation(kind):
    """Lazy regime: outputs scaled up and steps scaled down leave the linearised run alone; the net nears it."""
    rng = np.random.default_rng(0)
    x, y = (torch.from_numpy(rng.standard_normal(shape)) for shape in ((N, 4), N))
    gaps = []
    for scale in (1.0, 100.0):
        draw, settings = np.random.default_rng(2), {"output_scale": scale, "dtype": torch.float64}
        net = (
            ThreeLayer.initialise(4, (40, 30), draw, **settings)
            if kind == "three"
            else BiasedTwoLayer.initialise(4, 80, draw, **settings)
        )
        hidden = net.hidden(x)
        shares = [(h @ h.T) * (p @ p.T) for h, p in zip(hidden, net.pulls(hidden), strict=False)]
        gram = torch.stack(shares).sum(0)
        targets = net(x) + y
        both = {"step_size": step_unit(gram, B, momentum=0.5), "momentum": 0.5, "batch_size": B, "n_steps": T}
        path = regression_sgd(net, x, targets, rng=np.random.default_rng(1), **both)
        linear = run(gram, y, **both)
        gaps.append(np.abs(path.train_errors / linear.train_errors - 1).max())
        assert linear.train_errors[-1] < 0.9 * linear.train_errors[0]
    assert gaps[1] < 0.05 * gaps[0]


def test_dtype_is_that_of_the_data_and_the_kernel_is_left_alone():
    features, y = problem()
    gram = (features @ features.T).float()
    before = gram.clone()
    path = run(gram, y.float())
    assert path.coefficients.dtype == torch.float32
    assert torch.equal(gram, before)
    assert path.space == "dual"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gram": torch.ones(N, 3, dtype=torch.float64)}, r"gram: expected shape \(n, n\)"),
        ({"y": torch.ones(3, dtype=torch.float64)}, r"y: expected shape .*n = 24 as in gram"),
        ({"y": torch.ones(N)}, "y: expected torch.float64 on cpu as gram, found torch.float32"),
        ({"batch_size": N + 1}, "batch_size: expected a whole number from 1 to n = 24, found 25"),
        ({"momentum": -0.1}, "momentum"),
        ({"weight_decay": np.inf}, "weight_decay"),
        ({"step_size": -1.0}, "step_size"),
    ],
)
def test_bad_input_is_refused_by_name(changes, message):
    features, y = problem()
    changes = dict(changes)
    with pytest.raises(ValueError, match=message):
        run(changes.pop("gram", features @ features.T), changes.pop("y", y), **changes)


def test_step_size_that_is_too_large_is_told():
    features, y = problem()
    with pytest.raises(FloatingPointError, match="step_size: the train error is no longer finite after 40 steps"):
        run(features @ features.T, y, step_size=1e100)
