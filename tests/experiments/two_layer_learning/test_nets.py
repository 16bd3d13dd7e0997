"""Laws of what is trained and of what is seen along the run."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ntkbook.experiments.two_layer_learning import nets, widths
from ntkbook.kernels import finite_tangent_kernel
from ntkbook.networks import BiasedTwoLayer
from ntkbook.training import step_unit

from .tiny import RECIPE


def test_evenness_is_one_for_equal_neurons_and_fourth_root_of_m_for_one():
    equal = torch.randn(3, 1, generator=torch.manual_seed(0)).expand(3, 16)
    assert float(nets.evenness(equal)) == pytest.approx(1)
    one = torch.zeros(3, 16)
    one[:, 5] = 7.0
    assert float(nets.evenness(one)) == pytest.approx(2)
    assert float(nets.evenness(torch.zeros(3, 16))) == 1


@pytest.mark.parametrize("dim", [4, 5])
def test_nulls_are_those_of_many_gaussian_neurons(dim):
    rng, nulls = np.random.default_rng(0), widths.nulls(dim)
    rows = torch.tensor(rng.standard_normal((dim, 400_000)))
    assert float(nets.evenness(rows)) == pytest.approx(float(nulls.null), rel=2e-3)
    scaled = rows * torch.tensor(rng.standard_normal(400_000))
    assert float(nets.evenness(scaled)) == pytest.approx(float(nulls.null_scaled), rel=1e-2)


def test_nulls_of_the_paper_in_four_dimensions():
    assert float(widths.nulls(4).null) == pytest.approx(1.107, abs=5e-4)
    assert float(widths.nulls(4).null_scaled) == pytest.approx(1.456, abs=1e-3)


def test_a_level_is_met_between_two_records_on_a_power_law():
    steps = np.array([1.0, 10.0, 100.0])
    train, test = 1 / steps, 1 / steps**0.5
    level, value, place = nets.at_level(train, test, 1e-1 / 10**0.5)
    assert (level, value, place) == pytest.approx((10**-1.5, 10**-0.75, 1.5))


def test_a_run_that_never_reaches_the_level_gives_its_last_record():
    assert nets.at_level(np.array([1.0, 0.5]), np.array([2.0, 3.0]), 0.1) == (0.5, 3.0, 1.0)
    assert nets.at_level(np.array([0.05, 0.01]), np.array([2.0, 3.0]), 0.1) == (0.05, 2.0, 0.0)


def run(seed=0, n=30):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 3))
    x /= np.linalg.norm(x, axis=1)[:, None]
    y = x[:, 0]
    return nets.Run(x, y, {"itself": (x, y)}, np.random.default_rng(1), np.random.default_rng(2))


def test_training_takes_steps_in_the_nets_own_unit_and_watches_the_sets():
    recipe = replace(RECIPE, step=0.5)
    (path,) = nets.train([run()], 20, 15, recipe, "cpu")
    start = BiasedTwoLayer.initialise(3, 20, np.random.default_rng(1), output_scale=recipe.output_scale)
    gram = finite_tangent_kernel(start, nets.tensor(run().x, "cpu"))
    assert path.step_size == pytest.approx(0.5 * step_unit(gram, 10, momentum=0.9), rel=1e-6)
    np.testing.assert_allclose(path.observations["itself"], path.train_errors, rtol=1e-5)
    assert path.observations["evenness"][0] == 1
    assert path.train_errors[-1] < path.train_errors[0]


def test_nets_side_by_side_are_the_nets_alone():
    together = nets.train([run(0), run(5)], 20, 15, RECIPE, "cpu")
    alone = nets.train([run(5)], 20, 15, RECIPE, "cpu")[0]
    np.testing.assert_allclose(together[1].train_errors, alone.train_errors, rtol=1e-4)
