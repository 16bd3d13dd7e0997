import numpy as np
import pytest
from drawing import book_style, keeps_the_rules, lines, shows  # noqa: F401
from rooms import tiny_record

from ntkbook.experiments.clustered_data import figures, figures_images, figures_lemmas
from ntkbook.experiments.clustered_data.structure import VARIED
from ntkbook.training import log_grid

MIXTURES, DIGITS = "points drawn from mixtures", "digits (1,797 images"
FIGURES = {
    figures.synthetic: (2, MIXTURES),
    figures_images.two_starts: (2, DIGITS),
    figures_images.two_starts_of_norm_one: (2, DIGITS),
    figures.steps_against_width_and_dimension: (2, MIXTURES),
    figures.falls_with_width: (2, f"{MIXTURES}\n{DIGITS}"),
    figures_lemmas.coupling: (2, MIXTURES),
    figures_lemmas.pseudo_gradient: (2, MIXTURES),
    figures.structure: (2, MIXTURES),
    figures.labels: (2, MIXTURES),
    figures.xor_regions: (1, MIXTURES),
}


@pytest.fixture
def record():
    return tiny_record("clustered_data")


@pytest.mark.parametrize("draw", FIGURES)
def test_figure_keeps_the_rules(draw, record):
    seeds, source = FIGURES[draw]
    keeps_the_rules(draw, record, seeds=seeds, source=source)


@pytest.mark.parametrize("draw", [draw for draw, (_, source) in FIGURES.items() if "\n" not in source])
def test_figure_names_no_data_but_its_own(draw, record):
    other = {MIXTURES: DIGITS, DIGITS: MIXTURES}[FIGURES[draw][1]]
    assert other not in draw(record).get_supxlabel()


def shows_finite(axes, x, y):
    """As `shows`, where y may have holes."""
    points = np.column_stack([x, y])
    return any(
        line.shape == points.shape and np.allclose(line.astype(float), points, equal_nan=True) for line in lines(axes)
    )


@pytest.mark.parametrize(
    ("draw", "inputs"), [(figures_images.two_starts, "pixels"), (figures_images.two_starts_of_norm_one, "norm 1")]
)
def test_two_starts_stand_side_by_side_on_the_same_axes(draw, inputs, record):
    figure = draw(record)
    assert [text.get_text() for axes in figure.axes[:2] for text in axes.texts] == ["(A3)", "section 7"]
    for column, start in enumerate(("(A3)", "section 7")):
        shows_four_panels(figure.axes[column::2], record["images"].sel(start=start, inputs=inputs).to_dataset())
    for left, right in zip(figure.axes[::2], figure.axes[1::2], strict=True):
        assert left.get_ylim() == right.get_ylim()


def test_four_panels_show_means_of_the_runs_and_both_spectra(record):
    shows_four_panels(figures.synthetic(record).axes, record["synthetic"].dataset)


def shows_four_panels(all_axes, nets):
    for m in nets.width:
        net = nets.sel(width=m).mean("seed")
        for axes, what in zip(all_axes, ("accuracy", "flipped", "distance"), strict=False):
            drawn = net[what].sel(step=log_grid(int(nets.step[-1]), 4)[1:])
            assert shows(axes, drawn.step, drawn)
        for spectrum in (net.spectrum_update, net.spectrum_weights):
            assert shows_finite(all_axes[3], nets.index, spectrum.where(spectrum > 0))


def test_falls_with_width_shows_means_over_seeds_of_synthetic_data_and_images(record):
    distance, flipped, gap = figures.falls_with_width(record).axes
    images = record["images"].sel(inputs="pixels").to_dataset()
    for nets in (record["synthetic"].dataset, *(images.sel(start=start) for start in ("(A3)", "section 7"))):
        assert shows(distance, nets.width, nets.end_distance.mean("seed"))
        assert shows(flipped, nets.width, nets.end_flipped.mean("seed"))
        relative = (nets.end_pseudo_gap / nets.end_output.where(nets.end_output > 0)).mean("seed")
        assert shows_finite(gap, nets.width, relative)


def test_coupling_shows_the_complement_of_the_share_and_of_the_bound(record):
    left, right = figures_lemmas.coupling(record).axes
    for pace in ("slow", "paper"):
        mean = record[pace].dataset.mean("seed")
        share = 1 - mean.coupled[1:]
        assert shows_finite(left, mean.step[1:], share.where(share > 0))
        assert shows(left, mean.step[1:], 1 - mean.bound[1:])
        assert shows(right, 100 * mean["quantile"], np.maximum(mean.difference, 1e-16))


def test_pseudo_gradient_shows_the_reached_norm_above_the_lemmas(record):
    axes, close = figures_lemmas.pseudo_gradient(record).axes
    paper, pairs = record["paper"].dataset, record["pairs"].dataset
    norm = paper.v * paper.delta / (3 * 6)
    assert shows(axes, paper.v.mean("seed"), (paper.reach * norm).mean("seed"))
    assert shows(axes, paper.v.mean("seed"), norm.mean("seed"))
    assert shows(close, pairs.distance, pairs.distance / 6)
    for kind in ("one entry", "opposite", "worst"):
        assert shows(close, pairs.distance, pairs.distance / 6 * pairs.reach.sel(kind=kind).mean("seed"))


def test_structure_shows_the_means_over_seeds(record):
    for axes, group in zip(figures.structure(record).axes, ("noise", "classes", "components"), strict=True):
        nets = record[group].dataset
        for values in (nets.end_distance, nets.end_flipped):
            assert shows(axes, nets[VARIED[group]], values.mean("seed"))


def test_labels_show_the_means_over_seeds(record):
    nets = record["labels"].dataset
    for axes, name in zip(figures.labels(record).axes, ("fitted", "distance", "flipped"), strict=True):
        for kind in ("true", "random"):
            assert shows(axes, nets.step[1:], nets[name].sel(labels=kind).mean("seed")[1:])
