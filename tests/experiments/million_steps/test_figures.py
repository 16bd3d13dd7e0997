from functools import partial

import numpy as np
import pytest
from drawing import book_style, keeps_the_rules, shows  # noqa: F401
from rooms import tiny_record

from ntkbook import records
from ntkbook.experiments.million_steps import figures
from ntkbook.experiments.problem import LABELS

FIGURES = {
    "paper axes": partial(figures.paper_axes, name="digits"),
    "window lengths": partial(figures.window_lengths, name="digits"),
    "error found": partial(figures.error_found, name="digits"),
}


@pytest.fixture
def record():
    return tiny_record("million_steps")


@pytest.mark.parametrize("name", FIGURES)
def test_figure_keeps_the_rules(name, record):
    keeps_the_rules(FIGURES[name], record, seeds=1, source="digits (1,797 images")


def test_paper_axes_show_trained_and_predicted_losses(record):
    runs = record["runs"].dataset.isel(data=0, seed=0)
    for axes in figures.paper_axes(record, "digits").axes:
        for kind in LABELS:
            run = runs.sel(labels=kind)
            assert shows(axes, run.step, run.loss)
            assert shows(axes, run.step, run.predicted**2 / 2)


def test_window_lengths_are_those_of_the_record(record):
    runs = record["runs"].dataset.isel(data=0, seed=0)
    (axes,) = figures.window_lengths(record, "digits").axes
    for kind in LABELS:
        run = runs.sel(labels=kind).isel(step=slice(1, None))
        assert shows(axes, run.step, run.window)
    assert float(runs.window.min()) == 1
    assert float(runs.window.max()) > 16


def test_error_found_and_estimated_are_those_of_the_record_from_the_first_window_on(record):
    runs = record["runs"].dataset.isel(data=0, seed=0)
    (axes,) = figures.error_found(record, "digits").axes
    for kind in LABELS:
        run = runs.sel(labels=kind)
        run = run.isel(step=np.flatnonzero(run.estimated_error > 0))
        assert len(run.step) > 1
        assert shows(axes, run.step, run.distance)
        assert shows(axes, run.step, run.estimated_error)
    assert shows(axes, [0, 1], [0.01, 0.01])


def test_curves_of_a_run_that_ended_early_stop_there():
    record = records.load(records.RESULTS / "million_steps-paper.nc")
    run = record["runs"].dataset.sel(data="mnist", labels="true").isel(seed=0)
    reached = run.where(run.measured, drop=True)
    top, _ = figures.paper_axes(record, "mnist").axes
    assert shows(top, reached.step, reached.loss)
    assert top.get_xlim()[1] == 1_000_000
    assert np.isfinite(reached.loss).all()
