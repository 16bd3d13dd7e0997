"""Laws of the runs of Algorithm 1: what they share, what each variant changes, and what is measured."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ntkbook.data.composite_targets import figure_1_target
from ntkbook.experiments.three_layer_learning import algorithm_one, algorithm_runs, risk, shrinking
from ntkbook.kernels.finite_width import finite_tangent_kernel
from ntkbook.networks import ThreeLayer
from ntkbook.streams import Streams
from ntkbook.training import step_unit

from .tiny import SHORT

SETTINGS = algorithm_one.Settings(8, 60, replace(SHORT, candidates=3))


@pytest.fixture
def seen(monkeypatch):
    """What the runs hand to Algorithm 1."""
    kept, train = {}, algorithm_runs.second_variant_sgd_ensemble

    def watched(starts, x, y, settings, **more):
        paths = train(starts, x, y, settings, **more)
        kept.update(starts=starts, x=x, y=y, settings=settings, paths=paths)
        return paths

    monkeypatch.setattr(algorithm_runs, "second_variant_sgd_ensemble", watched)
    return kept


def test_each_variant_changes_its_ingredient_and_nothing_else(seen):
    cells = [algorithm_one.Cell(variant, 0) for variant in algorithm_one.VARIANTS]
    algorithm_one.measure(cells, SETTINGS, Streams(0), "cpu")
    settings = dict(zip(algorithm_one.VARIANTS, seen["settings"], strict=True))
    full = vars(settings["full"])
    off = {name: {key for key, value in vars(found).items() if value != full[key]} for name, found in settings.items()}
    penalties, smoothing = {"penalty_first", "penalty_second"}, {"smoothing_first", "smoothing_second", "candidates"}
    assert off == {
        "full": set(),
        "no signs": {"signs"},
        "no decay": {"shrinkage"},
        "no smoothing": smoothing,
        "no penalty": penalties,
        "no noise": {"gradient_noise"},
        "no choice": {"candidates"},
        "signs only": smoothing | penalties | {"shrinkage", "gradient_noise"},
        "plain": smoothing | penalties | {"shrinkage", "gradient_noise", "signs"},
    }
    plain = vars(settings["plain"])
    assert [plain[key] for key in sorted(off["plain"])] == [1, 0.0, 0.0, 0.0, 0.0, False, 0.0, 0.0]
    assert all(full[key] for key in off["plain"])


def test_constants_are_in_units_of_the_start():
    found = replace(SHORT, step=0.3, smoothing=0.1, gradient_noise=0.2, final_scale=0.5).full(25, 0.07)
    assert found.step_size == pytest.approx(0.021)
    assert found.smoothing_first == found.smoothing_second == pytest.approx(0.1 / 5)
    assert found.gradient_noise == pytest.approx(0.2 / 5)
    assert (1 - found.shrinkage) ** (found.n_rounds - 1) == pytest.approx(0.5)


def test_runs_of_a_seed_share_data_and_start_and_take_the_step_of_their_kernel(seen):
    cells = [algorithm_one.Cell(variant, seed) for seed in (0, 1) for variant in ("full", "plain")]
    algorithm_one.measure(cells, SETTINGS, Streams(0), "cpu")
    x, y, starts = seen["x"], seen["y"], seen["starts"]
    assert torch.equal(x[0], x[1])
    assert torch.equal(starts[0].second_weights, starts[1].second_weights)
    assert not torch.equal(x[0], x[2])
    assert not torch.equal(starts[0].second_weights, starts[2].second_weights)
    np.testing.assert_allclose(y[0], figure_1_target()(x[0].double().numpy()), atol=1e-4)
    unit = step_unit(finite_tangent_kernel(starts[2], x[2]), 10)
    assert seen["settings"][2].step_size == pytest.approx(0.02 * unit)


def test_label_noise_is_on_training_targets_only_and_smaller_sets_are_part_of_larger_ones(seen):
    def train(n, noise):
        found = risk.measure([risk.Cell(n, 8, noise, "without", 0)], SHORT, Streams(0), "cpu")
        return found[0], seen["x"][0], seen["y"][0]

    _, x, y = train(400, 0.0)
    _, x_small, _ = train(50, 0.0)
    _, x_noisy, y_noisy = train(400, 2.0)
    assert torch.equal(x[:50], x_small)
    assert torch.equal(x, x_noisy)
    assert float((y_noisy - y).std()) == pytest.approx(2, rel=0.1)
    still = replace(SHORT, step=1e-9)
    clean, noisy = risk.measure([risk.Cell(50, 8, s, "without", 0) for s in (0.0, 2.0)], still, Streams(0), "cpu")
    assert float(noisy.test_path[0]) == pytest.approx(float(clean.test_path[0]))
    assert float(noisy.train_path[0]) != pytest.approx(float(clean.train_path[0]), rel=1e-3)


def test_errors_are_those_of_the_nets(seen):
    cells = [algorithm_one.Cell("signs only", 0), algorithm_one.Cell("plain", 0)]
    signed, plain = algorithm_one.measure(cells, SETTINGS, Streams(0), "cpu")
    x, y, paths = seen["x"][1], seen["y"][1], seen["paths"]
    assert float(plain.train_error) == pytest.approx(float((paths[1].network(x) - y).square().mean()), rel=1e-5)
    for name in ("test", "train"):  # no Sigma: the net of the last round is the output
        assert float(plain[f"{name}_path"][-1]) == pytest.approx(float(plain[f"{name}_error"]), rel=1e-5)
    assert float(plain.sign_noise) == 0
    # E (f - y)^2 = (E f - y)^2 + Var f over Sigma
    assert float(signed.test_path[-1]) == pytest.approx(float(signed.averaged_error + signed.sign_noise), rel=1e-5)
    np.testing.assert_allclose(signed.movement, paths[0].movement[-1])


def test_lambda_falls_to_where_it_should_and_sigma_is_where_it_should(seen):
    cells = [shrinking.Cell(scale, sigma, 0) for scale in (1.0, 0.2) for sigma in ("with", "without")]
    found = shrinking.measure(cells, SETTINGS, Streams(0), "cpu")
    assert [float(run.scales[-1]) for run in found] == pytest.approx([1, 1, 0.2, 0.2])
    assert [settings.signs for settings in seen["settings"]] == [True, False, True, False]
    assert {settings.gradient_noise + settings.smoothing_second for settings in seen["settings"]} == {0.0}


def test_identity_holds_for_the_net_of_the_paper_and_fails_where_patterns_move():
    rng = np.random.default_rng(0)
    start = ThreeLayer.initialise(4, (30, 20), rng)
    first, second = (torch.from_numpy(rng.standard_normal(shape)).float() for shape in ((4, 30), (30, 20)))
    x = torch.from_numpy(rng.standard_normal((50, 4))).float()
    assert algorithm_runs.identity_gap(start, first, second, x, rng) < 1e-13
    signs = algorithm_runs._signs(rng, 30, x)
    pair = [start.moved(first, second, sigma) for sigma in (signs, -signs)]
    expected = start(x) + algorithm_runs.quadratic_term(start.moved(first, second), start, x)
    assert float(((pair[0](x) + pair[1](x)) / 2 - expected).abs().max()) > 0.1


def test_constants_are_refused_by_name():
    with pytest.raises(ValueError, match=r"final_scale: expected (a number in \(0, 1\]|at least 4 rounds)"):
        replace(SHORT, final_scale=0.0)
