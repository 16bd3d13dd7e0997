import numpy as np
import pytest

from ntkbook.training.chebyshev import damping_factor, stage_count, window_stages

WINDOWS = [(8.0, 5), (40.5, 12), (1000.0, 96), (30_000.5, 700)]


@pytest.mark.parametrize(("n_steps", "n_stages"), WINDOWS)
def test_a_window_is_gradient_descent_up_to_the_third_order(n_steps, n_stages):
    z = np.array([0.1, 0.05, 0.025])
    x = z / n_steps
    gap = damping_factor(x, n_steps, n_stages) - (1 - x) ** n_steps
    assert np.all(np.abs(gap) < 0.2 * z**3)
    np.testing.assert_allclose(gap[:-1] / gap[1:], 8, rtol=0.15)


@pytest.mark.parametrize("sharpness", [0.5, 2.0, 20.0])
@pytest.mark.parametrize("n_steps", [10.0, 333.5, 50_000.0])
def test_no_mode_grows_up_to_the_sharpness_asked_for(n_steps, sharpness):
    x = np.concatenate([np.geomspace(1e-9, sharpness, 3000), np.linspace(0, sharpness, 3000)])
    assert np.abs(damping_factor(x, n_steps, stage_count(n_steps, sharpness))).max() <= 1 + 1e-9


def test_stages_grow_as_the_root_of_the_steps():
    counts = np.array([stage_count(t, 2.0) for t in (1e3, 1e5, 1e7)])
    np.testing.assert_allclose(counts[1:] / counts[:-1], 10, rtol=0.02)
    assert stage_count(0.5, 0.1) == 3


def test_stages_of_the_flow_are_those_of_the_literature():
    """For long windows (1 - x)^t is exp(-x t): Sommeijer et al. (1998), eqs. (2.4)-(2.6)."""
    s, t, epsilon = 7, 1e12, 2 / 13
    w0 = 1 + epsilon / s**2
    value = [np.polynomial.chebyshev.Chebyshev.basis(j) for j in range(s + 1)]
    slope, bend = ([polynomial.deriv(order)(w0) for polynomial in value] for order in (1, 2))
    b = [bend[j] / slope[j] ** 2 for j in range(2, s + 1)]
    b, w1 = [b[0], b[0], *b], slope[s] / bend[s]
    stages = window_stages(t, s)
    assert stages[0].first / t == pytest.approx(b[1] * w1, rel=1e-9)
    for j in range(2, s + 1):
        stage = stages[j - 1]
        assert stage.mu == pytest.approx(2 * b[j] * w0 / b[j - 1], rel=1e-9)
        assert stage.nu == pytest.approx(-b[j] / b[j - 2], rel=1e-9)
        assert stage.now / t == pytest.approx(2 * b[j] * w1 / b[j - 1], rel=1e-9)
        assert stage.first / stage.now == pytest.approx(-(1 - b[j - 1] * value[j - 1](w0)), rel=1e-9)
