import pytest
import torch

from ntkbook.losses import softmax_cross_entropy, softmax_cross_entropy_derivative


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
