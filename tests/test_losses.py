import numpy as np
import pytest
import torch

from ntkbook.losses import (
    logistic,
    logistic_derivative,
    ramp,
    softmax_cross_entropy,
    softmax_cross_entropy_derivative,
    surrogate_error,
)


@pytest.fixture
def outputs():
    return torch.randn(20, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 3


@pytest.fixture
def classes():
    return torch.arange(20) % 5


def test_cross_entropy_is_torchs(outputs, classes):
    expected = torch.nn.functional.cross_entropy(outputs, classes, reduction="none")
    torch.testing.assert_close(softmax_cross_entropy(outputs, classes), expected, rtol=1e-12, atol=1e-14)


def test_derivative_is_that_of_autograd_and_its_rows_sum_to_zero(outputs, classes):
    leaf = outputs.clone().requires_grad_()
    (expected,) = torch.autograd.grad(softmax_cross_entropy(leaf, classes).sum(), leaf)
    found = softmax_cross_entropy_derivative(outputs, classes)
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(found.sum(1), torch.zeros(20, dtype=torch.float64), rtol=0, atol=1e-14)


def test_derivative_keeps_its_digits_where_the_net_is_sure():
    outputs = torch.tensor([[60.0, 0.0, 0.0]], dtype=torch.float64)
    found = softmax_cross_entropy_derivative(outputs, torch.tensor([0]))
    assert float(found[0, 0]) == pytest.approx(-2 * 8.75651076269652e-27, rel=1e-9)  # -(1 - o_y) = -2 e^-60


def test_outputs_that_are_equal_cost_log_k():
    loss = softmax_cross_entropy(torch.full((2, 7), 3.0), torch.tensor([0, 6]))
    torch.testing.assert_close(loss, torch.full((2,), 7.0).log())


def test_large_outputs_do_not_overflow():
    outputs = torch.tensor([[1e4, -1e4], [-1e4, 1e4]])
    assert softmax_cross_entropy(outputs, torch.tensor([0, 0])).tolist() == [0, 2e4]
    assert softmax_cross_entropy_derivative(outputs, torch.tensor([0, 0])).tolist() == [[0, 0], [-1, 1]]


MARGINS = torch.tensor([*np.linspace(-40, 40, 8000), 0.0, -1e4, 1e4], dtype=torch.float64)


def test_logistic_loss_and_its_derivatives_are_those_of_autograd():
    leaf = MARGINS[:-2].clone().requires_grad_()
    (first,) = torch.autograd.grad(torch.log1p(torch.exp(-leaf)).sum(), leaf, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), leaf)
    torch.testing.assert_close(logistic(MARGINS[:-2]), torch.log1p(torch.exp(-leaf)).detach(), rtol=1e-13, atol=0)
    torch.testing.assert_close(logistic_derivative(MARGINS[:-2]), first.detach(), rtol=1e-12, atol=0)
    assert float(second.max()) == 0.25  # the derivative is 1/4-Lipschitz


def test_logistic_loss_keeps_its_digits_and_does_not_overflow():
    margins = torch.tensor([40.0, -1e4, 1e4], dtype=torch.float64)
    assert logistic(margins).tolist() == pytest.approx([4.248354255291589e-18, 1e4, 0], rel=1e-12)
    assert logistic_derivative(margins).tolist() == pytest.approx([-4.248354255291589e-18, -1, 0], rel=1e-12)


def test_errors_ramp_surrogate_and_logistic_loss_stand_in_this_order_at_every_margin():
    errors = (MARGINS < 0).double()
    surrogate = surrogate_error(MARGINS[:, None])  # one input a row: the law is pointwise
    assert bool((errors <= ramp(MARGINS)).all())
    assert bool((ramp(MARGINS) <= 2 * surrogate + 1e-15).all())
    assert bool((surrogate <= logistic(MARGINS) * (1 + 1e-15)).all())
    assert float(ramp(MARGINS)[-3]) == 2 * float(surrogate[-3]) == 1  # at margin 0 the middle link is tight


def test_surrogate_error_is_the_mean_negative_derivative():
    torch.testing.assert_close(surrogate_error(MARGINS), -logistic_derivative(MARGINS).mean())
    assert surrogate_error(torch.zeros(3, 5)).tolist() == [0.5] * 3
