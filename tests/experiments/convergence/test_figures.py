from functools import partial

import numpy as np
import pytest
from drawing import book_style, keeps_the_rules, lines, shows  # noqa: F401
from rooms import tiny_record

from ntkbook.experiments.convergence import figures
from ntkbook.experiments.convergence.claims import gap
from ntkbook.experiments.problem import LABELS
from ntkbook.records import part

FIGURES = {
    "labels in the eigenbasis": (partial(figures.labels_in_eigenbasis, name="digits"), 1),
    "loss curves": (partial(figures.loss_curves, name="digits"), 1),
    "gap against width": (figures.gap_against_width, 2),
    "kernel drift": (figures.kernel_drift, 2),
    "slowest direction": (figures.slowest_direction, 2),
    "rate per step": (figures.rate_per_step, 1),
}


@pytest.fixture
def record():
    return tiny_record("convergence")


@pytest.mark.parametrize("name", FIGURES)
def test_figure_keeps_the_rules(name, record):
    draw, seeds = FIGURES[name]
    keeps_the_rules(draw, record, seeds=seeds, source="digits (1,797 images")


def test_labels_in_the_eigenbasis_show_the_projections(record):
    spectra = part(record, "spectra").sel(data="digits")
    axes = figures.labels_in_eigenbasis(record, "digits").axes[0]
    assert shows(axes, spectra["index"], spectra.true_projection)
    assert shows(axes, spectra["index"], spectra.random_projection)


def test_loss_curves_show_measured_and_predicted_losses_of_each_kind_of_labels(record):
    curves = part(record, "curves").sel(data="digits")
    for axes in figures.loss_curves(record, "digits").axes:
        for kind in LABELS:
            curve = curves.sel(labels=kind)
            assert shows(axes, curves.step, curve.loss)
            assert shows(axes, curves.horizon, curve.horizon_loss)


def test_gap_against_width_shows_the_mean_of_each_kind_of_labels_at_each_scale(record):
    gaps = gap(record)
    for axes, scale in zip(figures.gap_against_width(record).axes, gaps.init_scale, strict=True):
        for kind in LABELS:
            assert shows(axes, gaps.width, gaps.sel(init_scale=scale, labels=kind).mean("seed"))


def test_kernel_drift_shows_the_mean_of_each_kind_of_labels_at_the_theory_scale(record):
    arm = part(record, "short_runs").sel(init_scale=1.0)
    drifts = (arm.gram_drift, arm.feature_drift, arm.step_error)
    for axes, values in zip(figures.kernel_drift(record).axes, drifts, strict=True):
        for kind in LABELS:
            assert shows(axes, arm.width, values.sel(labels=kind).mean("seed"))


def test_slowest_direction_shows_the_form_of_both_kinds_of_labels_at_each_width(record):
    form, (axes,) = part(record, "short_runs").slowest_form.sel(init_scale=1.0), figures.slowest_direction(record).axes
    for kind in ("random", "worst"):
        for width in form.width:
            assert shows(axes, form.step, form.sel(labels=kind, width=width).mean("seed"))


def test_rate_per_step_shows_the_share_removed_by_steps_that_follow_a_recorded_one_and_the_least_allowed(record):
    runs = part(record, "short_runs").sel(width=512, seed=0)
    for axes, scale in zip(figures.rate_per_step(record).axes, (1.0, 0.01), strict=True):
        for kind in LABELS:
            loss = runs.residual.sel(init_scale=scale, labels=kind) ** 2
            follows = [k for k in runs.step.values if k - 1 in runs.step.values]
            assert shows(axes, follows, [1 - float(loss.sel(step=k) / loss.sel(step=k - 1)) for k in follows])
        assert any(np.allclose(line[:, 1], 1 - float(runs.rate_bound.max())) for line in lines(axes))
