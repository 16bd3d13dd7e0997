import numpy as np
import pytest
from drawing import book_style, keeps_the_rules, lines, shows  # noqa: F401
from rooms import tiny_record

from ntkbook.experiments.two_layer_learning import figures

FIGURES = {
    figures.complexity_against_epsilon: 1,
    figures.risk_against_n: 2,
    figures.error_against_width: 2,
    figures.memory_along_training: 2,
    figures.memory_against_portion: 2,
    figures.evenness_against_width: 2,
    figures.parity_bars: 2,
}


@pytest.fixture
def record():
    return tiny_record("two_layer_learning")


@pytest.mark.parametrize("draw", FIGURES)
def test_figure_keeps_the_rules(draw, record):
    keeps_the_rules(draw, record, seeds=FIGURES[draw], source="uniform on the sphere")


def test_complexities_are_shown_beside_one_over_epsilon(record):
    measured, cut = record["complexity"].dataset, record["truncated"].dataset
    for axes, c in zip(figures.complexity_against_epsilon(record).axes, (1e4, 1.0), strict=True):
        for name in ("exp", "z", "z^3"):
            assert shows(axes, measured.digits, measured.network.sel(function=name, constant=c))
        assert shows(axes, cut.digits, cut.network.sel(function="tanh", constant=c))
        assert shows(axes, measured.digits, measured.digits)


def test_risk_shows_each_width_and_the_net_that_was_not_stopped(record):
    risk, axes = record["risk"].dataset, figures.risk_against_n(record).axes
    for panel, noise in zip(axes, (0.0, 0.5), strict=True):
        for width in risk.width.values:
            assert shows(panel, risk.n, risk.stopped.sel(noise=noise, width=width).mean("seed"))
    final = risk.final.sel(noise=0.5).isel(width=-1).mean("seed")
    assert [shows(panel, risk.n, final) for panel in axes] == [False, True]


def test_widths_show_means_and_every_seed(record):
    nets, (axes,) = record["widths"].dataset.sel(target="concept"), figures.error_against_width(record).axes
    for values in (nets.fitted_error, nets.test.sel(moment=0.01)):
        assert shows(axes, nets.width, values.mean("seed"))
        assert all(shows(axes, nets.width, values.sel(seed=seed)) for seed in nets.seed)


def test_evenness_is_shown_beside_chance_and_one_neuron(record):
    nets, (axes,) = record["widths"].dataset, figures.evenness_against_width(record).axes
    for target in nets.target:
        assert shows(axes, nets.width, nets.evenness.sel(target=target).isel(moment=-1).mean("seed"))
    assert shows(axes, nets.width, nets.width**0.25)
    levels = [float(line[0, 1]) for line in lines(axes) if len(line) == 2 and line[0, 1] == line[1, 1]]
    assert {round(level, 6) for level in levels} >= {round(float(nets.null), 6), round(float(nets.null_scaled), 6)}


def test_memory_shows_train_and_test_of_both_kinds(record):
    memory, (axes,) = record["memory"].dataset.isel(step=slice(1, None)), figures.memory_along_training(record).axes
    for portion in (0.0, 1.0):
        for name in ("train", "test"):
            assert shows(axes, memory.step, memory[name].sel(portion=portion).mean("seed"))
    (axes,) = figures.memory_against_portion(record).axes
    assert shows(axes, memory.portion, memory.test.isel(step=-1).mean("seed"))
    best = next(line for line in lines(axes) if len(line) == 50)
    np.testing.assert_allclose(best[:, 1], best[:, 0] * (2 - best[:, 0]))


def test_bars_show_nets_and_kernels_by_parity_and_the_wall(record):
    nets, kernels = record["parity"].dataset, record["kernels"].dataset
    figure = figures.parity_bars(record)
    for axes, part in zip(figure.axes, ("even", "odd"), strict=True):
        heights = np.array([[bar.get_height() for bar in bars] for bars in axes.containers])
        np.testing.assert_allclose(heights[:-1], nets[part].mean("seed").transpose("output_scale", "learner"))
        np.testing.assert_allclose(heights[-1], kernels[part].mean("seed"))
    levels = [line[0, 1] for line in lines(figure.axes[1]) if len(line) == 2]
    assert float(record["shares/odd"]) in levels
