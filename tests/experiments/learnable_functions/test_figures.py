import numpy as np
import pytest
from drawing import book_style, keeps_the_rules, lines, shows  # noqa: F401
from rooms import tiny_record

from ntkbook.experiments.learnable_functions import figures

FIGURES = {figures.norms_against_n: 2, figures.degree_weights: 1, figures.error_against_n: 2}


@pytest.fixture
def record():
    return tiny_record("learnable_functions")


@pytest.mark.parametrize("draw", FIGURES)
def test_figure_keeps_the_rules(draw, record):
    keeps_the_rules(draw, record, seeds=FIGURES[draw], source="uniform on the sphere")


def test_norms_against_n_show_each_power_and_its_limit_where_there_is_one(record):
    norms = record["norms"].dataset
    for axes, dim in zip(figures.norms_against_n(record).axes, (3, 10), strict=True):
        for p in (1, 2, 3, 4, 5, 6, 8):
            power = norms.sel(dim=dim, function=f"power {p}")
            assert shows(axes, norms.n, power.norm.mean("seed"))
            level = any(np.allclose(line[:, 1], power.limit) for line in lines(axes))
            assert level == (p not in (3, 5))


def test_error_against_n_shows_nets_beside_kernel_regression_and_beside_the_bound(record):
    nets, (top, bottom) = record["nets"].dataset.mean("seed"), figures.error_against_n(record).axes
    for target in nets.target:
        net = nets.sel(target=target)
        assert shows(top, nets.n, net.test_square / net.zero_square)
        assert shows(top, nets.n, net.kernel_square / net.zero_square)
        assert shows(bottom, nets.n, net.test_error)
        assert shows(bottom, nets.n, net.leading_term)
    linear = nets.sel(target="linear")
    assert shows(bottom, nets.n, linear.leading_term + linear.remainder)


def test_degree_weights_show_every_degree_of_both_kernels(record):
    (axes,) = figures.degree_weights(record).axes
    heights = [[bar.get_height() for bar in bars] for bars in axes.containers]
    np.testing.assert_allclose(heights, record["degrees"].weight)
