"""Margins by several routes: support vector machines, quadratic programs, and geometry that is known."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import unit_inputs
from scipy.optimize import minimize
from sklearn.svm import SVC

from ntkbook import margins
from ntkbook.kernels import conjugate_kernel, h_infinity
from ntkbook.networks import DeepReLU, loss_gradient, tangent_gram


def signs(n, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).choice([-1.0, 1.0], n))


def normal(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape))


def by_support_vector_machine(gram, labels):
    """Margin by libsvm. It always fits an intercept, which is 0 on a sample that holds -phi with label -y too."""
    k, y = gram.numpy(), labels.numpy()
    machine = SVC(C=1e10, kernel="precomputed", tol=1e-9)
    machine.fit(np.block([[k, -k], [-k, k]]), np.append(y, -y))
    assert machine.intercept_[0] == pytest.approx(0, abs=1e-6)
    coefficients, rows = machine.dual_coef_[0], machine.support_
    both = np.block([[k, -k], [-k, k]])[np.ix_(rows, rows)]
    return float((coefficients @ both @ coefficients) ** -0.5)


def by_quadratic_program(gram, labels):
    """Distance from 0 to the hull of y_i phi(x_i), by sequential quadratic programming."""
    signed = (gram * torch.outer(labels, labels)).numpy()
    n = len(signed)
    found = minimize(
        lambda a: a @ signed @ a,
        np.full(n, 1 / n),
        jac=lambda a: 2 * signed @ a,
        bounds=[(0, 1)] * n,
        constraints={"type": "eq", "fun": lambda a: a.sum() - 1, "jac": np.ones_like},
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 1000},
    )
    return float(found.fun**0.5)


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_margin_is_that_of_a_support_vector_machine_without_intercept(depth):
    x = unit_inputs(40, 6)
    y = torch.where(x[:, 0] > 0, 1.0, -1.0).double() if depth == 0 else signs(40)
    gram = conjugate_kernel(x, depth)
    found = margins.hard_margin(gram, y)
    assert found.value == pytest.approx(by_support_vector_machine(gram, y), rel=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_margin_is_that_of_a_quadratic_program(seed):
    x, y = unit_inputs(12, 20, seed), signs(12, seed)
    for gram in (x @ x.T, h_infinity(x)):
        assert margins.hard_margin(gram, y).value == pytest.approx(by_quadratic_program(gram, y), rel=1e-6)


def test_margin_with_an_intercept_would_be_another():
    """Points (1, 1 + t) and (1, 1 - t) of two classes: without intercept a margin below t, with one exactly t."""
    t = 0.3
    x, y = torch.tensor([[1, 1 + t], [1, 1 - t]], dtype=torch.float64), torch.tensor([1.0, -1.0], dtype=torch.float64)
    a, b = y[:, None] * x
    distance = abs(float(a[0] * b[1] - a[1] * b[0])) / float((a - b).norm())  # of 0 from the line through y_i x_i
    found = margins.hard_margin(x @ x.T, y)
    assert found.value == pytest.approx(distance, rel=1e-12)
    assert found.value < t


@pytest.mark.parametrize("n", [1, 2, 7])
def test_orthonormal_points_have_margin_one_over_root_n(n):
    found = margins.hard_margin(4 * torch.eye(n, dtype=torch.float64), signs(n))
    assert found.value == pytest.approx(2 / n**0.5, rel=1e-13)
    np.testing.assert_allclose(found.weights, np.full(n, 1 / n), rtol=1e-12)


def test_points_of_a_cap_have_the_cosine_of_its_angle_and_only_its_rim_has_weight():
    angles = torch.tensor([-0.9, -0.3, 0.0, 0.5, 0.9], dtype=torch.float64)
    x, y = torch.stack([angles.cos(), angles.sin()], 1), torch.tensor([1.0, -1, 1, 1, -1], dtype=torch.float64)
    found = margins.hard_margin((y[:, None] * x) @ (y[:, None] * x).T, y)
    assert found.value == pytest.approx(math.cos(0.9), rel=1e-12)
    np.testing.assert_allclose(found.weights, [0.5, 0, 0, 0, 0.5], atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 25), st.integers(26, 60), st.integers(0, 10**6))
def test_weights_prove_the_margin_from_both_sides(n, d, seed):
    x, y = normal(n, d, seed=seed), signs(n, seed)
    found = margins.hard_margin(x @ x.T, y)
    assert float(found.weights.min()) >= 0
    assert float(found.weights.sum()) == pytest.approx(1, abs=1e-13)
    point = (found.weights * y) @ x
    assert float(point.norm()) == pytest.approx(found.value, rel=1e-10)  # no w does better: |w.point| <= |point|
    assert float((y * (x @ point)).min() / point.norm()) == pytest.approx(found.attained, rel=1e-9)
    assert found.attained == pytest.approx(found.value, rel=1e-9)  # this w does as well


def test_margin_is_invariant_and_homogeneous_and_falls_with_more_points():
    x, y = unit_inputs(30, 8), signs(30)
    gram = h_infinity(x)
    value = margins.hard_margin(gram, y).value
    order = torch.from_numpy(np.random.default_rng(1).permutation(30))
    assert margins.hard_margin(gram[order][:, order], y[order]).value == pytest.approx(value, rel=1e-10)
    assert margins.hard_margin(1e6 * gram, -y).value == pytest.approx(1e3 * value, rel=1e-10)
    assert margins.hard_margin(gram[:20, :20], y[:20]).value >= value


@pytest.mark.parametrize(("n", "d"), [(80, 100), (150, 6), (300, 784)])
def test_block_pivoting_and_the_active_set_method_agree(n, d):
    x, y = unit_inputs(n, d), signs(n)
    signed = conjugate_kernel(x, 2) * torch.outer(y, y)
    found, expected = margins._block_pivoting(signed), margins._lawson_hanson(signed)
    np.testing.assert_allclose(found, expected, atol=1e-9 * float(expected.max()))


def test_a_repeated_point_changes_nothing_though_its_gram_matrix_is_singular():
    x, y = unit_inputs(30, 40), signs(30)
    x, y = torch.cat([x, x[:5]]), torch.cat([y, y[:5]])
    gram = x @ x.T
    once = margins.hard_margin(gram[:30, :30], y[:30])
    assert once.weights[:5].max() > 0
    assert margins.hard_margin(gram, y).value == pytest.approx(once.value, rel=1e-9)


def contradictory():
    x, y = unit_inputs(20, 30), signs(20)
    x[7], y[7], y[3] = x[3], 1.0, -1.0
    return x, y


def antipodal(pairs=60):
    half = unit_inputs(pairs, 4)
    y = (half[:, 0] * half[:, 1] * half[:, 2]).sign()
    return torch.cat([half, -half]), torch.cat([y, -y])


@pytest.mark.parametrize("depth", [0, 1, 4])
def test_an_input_with_both_labels_is_named_at_every_depth(depth):
    x, y = contradictory()
    with pytest.raises(margins.NotSeparableError, match="rows 3 and 7 to be one input with both labels") as caught:
        margins.hard_margin(conjugate_kernel(x, depth), y)
    assert caught.value.rows == (3, 7)
    x[7], y[7] = x[3], y[3]  # a duplicate with the same label does no harm
    assert margins.hard_margin(conjugate_kernel(x, depth), y).value > 0


def test_antipodal_pairs_with_odd_labels_are_separable_from_two_hidden_layers_on():
    x, y = antipodal()
    reason = r"antipodal pairs with odd labels.* use two hidden layers"
    with pytest.raises(margins.NotSeparableError, match=reason) as caught:
        margins.hard_margin(conjugate_kernel(x, 1), y, inputs=x)
    assert len(caught.value.rows) > 2
    with pytest.raises(margins.NotSeparableError, match=r"a combination of rows \d+, .* that is 0"):
        margins.hard_margin(conjugate_kernel(x, 1), y)
    assert margins.hard_margin(conjugate_kernel(x, 2), y).value > 1e-3
    linear = x[:, 0].sign()  # odd as well, and linear
    assert margins.hard_margin(conjugate_kernel(x, 1), linear).value > 1e-3


def test_random_labels_on_a_sphere_are_separable_with_a_small_margin():
    x = unit_inputs(200, 20)
    gram = conjugate_kernel(x, 1)
    true, random = (margins.hard_margin(gram, y).value for y in (x[:, 0].sign(), signs(200)))
    assert 0 < random < 0.5 * true


@pytest.mark.parametrize("bad", [torch.ones(4).double(), torch.tensor([1.0, 0.0, 1.0]).double()])
def test_labels_that_are_not_signs_are_refused(bad):
    with pytest.raises(ValueError, match=r"labels: expected (shape .*n = 3 as in gram|labels \+1 and -1), found"):
        margins.hard_margin(torch.eye(3, dtype=torch.float64), bad)


# The certificate of the gradient, and layers


def small_net(widths=(40, 30), seed=0, dtype=torch.float64, d=6):
    return DeepReLU.initialise(d, widths, np.random.default_rng(seed), dtype=dtype)


def last_layer_gradient(network, x, slopes):
    """|grad_{W_L} of sum_i slopes_i f(x_i)| by autograd."""
    *lower, last = network.weights
    leaf = last.clone().requires_grad_()
    outputs = DeepReLU((*lower, last), network.output_weights).hidden(x)[-2] @ leaf
    (gradient,) = torch.autograd.grad(slopes @ (torch.relu(outputs) @ network.output_weights), leaf)
    return float(gradient.norm())


@pytest.mark.parametrize("widths", [(30,), (40, 30), (20, 40, 30)])
def test_no_weighting_of_the_losses_beats_the_certificate_and_one_attains_it(widths):
    x, y, network = unit_inputs(15, 6), signs(15), small_net(widths)
    certificate = margins.gradient_certificate(network, x, y) * min(widths) ** 0.5
    rng = np.random.default_rng(0)
    for weights in torch.from_numpy(rng.dirichlet(np.full(15, 0.3), 200)):
        assert last_layer_gradient(network, x, weights * y) >= certificate * (1 - 1e-10)
    worst = margins.hard_margin(tangent_gram(network, x, len(widths)), y).weights
    assert last_layer_gradient(network, x, worst * y) == pytest.approx(certificate, rel=1e-9)
    surrogate = torch.sigmoid(-y * network(x)).mean()
    assert float(loss_gradient(network, x, y)[-1].norm() / surrogate) >= certificate


def test_certificate_at_one_layer_tends_to_the_margin_of_h_infinity():
    x, y = unit_inputs(15, 6), signs(15)
    limit = margins.hard_margin(h_infinity(x), y).value
    assert margins.gradient_certificate(small_net((20_000,)), x, y) == pytest.approx(limit, rel=0.03)


def test_certificate_hardly_depends_on_the_precision_of_the_net():
    x, y = unit_inputs(15, 6), signs(15)
    single = margins.gradient_certificate(small_net(dtype=torch.float32), x.float(), y.float())
    network = small_net(dtype=torch.float32)
    double = DeepReLU(tuple(w.double() for w in network.weights), network.output_weights.double())
    assert single == pytest.approx(margins.gradient_certificate(double, x, y), rel=1e-5)


def test_layer_margins_start_at_the_inputs_and_tend_to_the_conjugate_kernel():
    x, y = unit_inputs(10, 12), signs(10)
    network = small_net((6000, 3000), d=12)
    assert margins.layer_margin(network, x, y, 0).value == pytest.approx(margins.hard_margin(x @ x.T, y).value)
    for layer in (1, 2):
        limit = margins.hard_margin(conjugate_kernel(x, layer), y).value
        assert margins.layer_margin(network, x, y, layer).value == pytest.approx(limit, rel=0.05)
    with pytest.raises(margins.NotSeparableError, match="odd labels"):
        margins.layer_margin(small_net((300, 20), d=4), *antipodal(), 1)


# Random features


def test_one_class_has_margin_of_its_mean_feature_and_a_ceiling_of_one_over_root_two_pi():
    x, u = unit_inputs(12, 5), normal(5, 300)
    found = margins.relu_feature_margin(x, torch.ones(12, dtype=torch.float64), u)
    assert found.value == pytest.approx(float((x @ u).clamp(min=0).mean(1).min()), rel=1e-9)  # c = 1 is best
    mean, error = margins.relu_feature_ceiling(
        x, torch.ones(12, dtype=torch.float64), found.weights, normal(5, 20_000, seed=1)
    )
    assert mean == pytest.approx((2 * math.pi) ** -0.5, abs=5 * error)


@pytest.mark.parametrize("labels", ["linear", "random"])
def test_linear_program_is_bracketed_by_its_dual_and_by_both_kernels(labels):
    x = unit_inputs(30, 40)
    y = x[:, 0].sign() if labels == "linear" else signs(30)
    found = margins.relu_feature_margin(x, y, normal(40, 3000))
    phi = (x @ normal(40, 3000)).clamp(min=0)
    assert found.value == pytest.approx(float((y * (phi @ found.coefficients)).min()) / 3000, rel=1e-12)
    assert float(found.coefficients.abs().max()) <= 1
    dual = float(((found.weights * y) @ phi).abs().mean())  # on the features of the program: strong duality
    assert dual == pytest.approx(found.value, rel=1e-6)
    mean, error = margins.relu_feature_ceiling(x, y, found.weights, normal(40, 20_000, seed=1))
    linear = margins.hard_margin(x @ x.T, y).value
    kernel = margins.hard_margin(conjugate_kernel(x, 1) / 2, y).value
    assert linear / (2 * math.pi) ** 0.5 < mean + 3 * error
    assert linear / (2 * math.pi) ** 0.5 < found.value < kernel
    assert mean - found.value < 0.1 * mean


def test_margin_over_features_rises_with_their_number_and_its_ceiling_falls():
    x, y = unit_inputs(20, 6), signs(20)
    fresh, values, ceilings = normal(6, 20_000, seed=99), [], []
    for count in (100, 1600):
        runs = [margins.relu_feature_margin(x, y, normal(6, count, seed=seed)) for seed in range(8)]
        values.append(np.mean([run.value for run in runs]))
        ceilings.append(np.mean([margins.relu_feature_ceiling(x, y, run.weights, fresh)[0] for run in runs]))
    assert values[0] < values[1] < ceilings[1] < ceilings[0]


def test_features_do_not_separate_both_labels_of_an_input_nor_odd_labels_that_are_not_linear():
    x, y = contradictory()
    with pytest.raises(margins.NotSeparableError, match="rows 3 and 7 to be one input with both labels"):
        margins.relu_feature_margin(x, y, normal(30, 500))
    x, y = antipodal()
    with pytest.raises(margins.NotSeparableError, match="antipodal pairs with odd labels"):
        margins.relu_feature_margin(x, y, normal(4, 2000))
    assert margins.relu_feature_margin(x, x[:, 0].sign(), normal(4, 2000)).value > 1e-3
