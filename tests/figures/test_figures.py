import io
import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import tiny
import xarray as xr

from ntkbook.experiments.convergence_claims import gap
from ntkbook.figures import clustered_data, convergence, generalization, kernel, learnable_functions, style, use_style

FIGURES = {
    "angle profile": ("kernel", kernel.angle_profile),
    "width limit": ("kernel", kernel.width_limit),
    "parallel inputs": ("kernel", kernel.parallel_inputs),
    "labels in the eigenbasis": ("convergence", lambda r: convergence.labels_in_eigenbasis(r, "digits")),
    "loss curves": ("convergence", lambda r: convergence.loss_curves(r, "digits")),
    "paper axes": ("convergence", lambda r: convergence.paper_axes(r, "digits")),
    "gap against width": ("convergence", lambda r: convergence.gap_against_width(r, gap(r))),
    "kernel drift": ("convergence", convergence.kernel_drift),
    "rate per step": ("convergence", convergence.rate_per_step),
    "measure against noise": ("generalization", generalization.measure_against_noise),
    "error against noise": ("generalization", lambda r: generalization.error_against_noise(r, "digits")),
    "movement against noise": ("generalization", lambda r: generalization.movement_against_noise(r, "digits")),
    "against width": ("generalization", generalization.against_width),
    "rademacher terms": ("generalization", generalization.rademacher_terms),
    "close pair": ("generalization", generalization.close_pair),
    "norms against n": ("learnable_functions", learnable_functions.norms_against_n),
    "degree weights": ("learnable_functions", learnable_functions.degree_weights),
    "error against n": ("learnable_functions", learnable_functions.error_against_n),
    "synthetic": ("clustered_data", lambda r: clustered_data.four_panels(r, "synthetic")),
    "printed": ("clustered_data", lambda r: clustered_data.four_panels(r, "printed")),
    "gentle": ("clustered_data", lambda r: clustered_data.four_panels(r, "gentle")),
    "steps": ("clustered_data", clustered_data.steps_against_width_and_dimension),
    "falls with width": ("clustered_data", clustered_data.falls_with_width),
    "coupling": ("clustered_data", clustered_data.coupling),
    "pseudo-gradient": ("clustered_data", clustered_data.pseudo_gradient),
    "structure": ("clustered_data", clustered_data.structure),
    "labels": ("clustered_data", clustered_data.labels),
    "XOR regions": ("clustered_data", clustered_data.xor_regions),
}
ON_MIXTURES = ["synthetic", "steps", "coupling", "pseudo-gradient", "structure", "labels", "XOR regions"]
ON_THE_SPHERE = [name for name, (experiment, _) in FIGURES.items() if experiment == "learnable_functions"]


@pytest.fixture(autouse=True)
def book_style():
    with mpl.rc_context():
        plt.switch_backend("agg")
        use_style()
        yield
    plt.close("all")


def drawn(name):
    experiment, draw = FIGURES[name]
    return draw(tiny.record(experiment))


def lines(axes):
    """The data of each line on some axes."""
    return [np.column_stack([line.get_xdata(), line.get_ydata()]) for line in axes.get_lines()]


def shows(axes, x, y):
    """Whether some line on the axes goes through exactly these points."""
    points = np.column_stack([x, y])
    return any(line.shape == points.shape and np.allclose(line, points) for line in lines(axes))


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_drawn_stamped_narrow_and_closed(name):
    figure = drawn(name)
    stamp = figure.get_supxlabel()
    assert re.match(r"profile tiny, (1 seed|[23] seeds)(\n|$)", stamp)
    assert ("digits (1,797 images" in stamp) == (
        name not in ("angle profile", "parallel inputs", *ON_THE_SPHERE, *ON_MIXTURES)
    )
    assert ("drawn from mixtures" in stamp) == (name in (*ON_MIXTURES, "falls with width"))
    assert ("uniform on the sphere" in stamp) == (name in ON_THE_SPHERE)
    assert figure.get_figwidth() <= 5.4
    assert figure.number not in plt.get_fignums()
    file = io.StringIO()
    figure.savefig(file, format="svg")
    assert len(file.getvalue()) > 5000


@pytest.mark.parametrize("name", FIGURES)
def test_every_panel_has_labelled_axes_and_the_figure_a_legend(name):
    figure = drawn(name)
    for axes in figure.axes:
        assert axes.get_ylabel()
        same_place = (other for other in figure.axes if other.get_position().bounds == axes.get_position().bounds)
        assert any(other.get_xlabel() for other in same_place)
    assert figure.legends or any(axes.get_legend() for axes in figure.axes)


@pytest.mark.parametrize("name", FIGURES)
def test_drawing_leaves_the_record_alone(name):
    experiment, draw = FIGURES[name]
    record = tiny.record(experiment)
    draw(record)
    assert record.identical(tiny.record(experiment))


@pytest.mark.parametrize(
    ("name", "seeds"),
    [
        ("width limit", "3 seeds"),
        ("kernel drift", "2 seeds"),
        ("loss curves", "1 seed\n"),
        ("norms against n", "2 seeds"),
        ("error against noise", "2 seeds"),
        ("measure against noise", "3 seeds"),
        ("close pair", "1 seed\n"),
    ],
)
def test_stamp_counts_the_seeds_that_are_shown(name, seeds):
    assert seeds in drawn(name).get_supxlabel()


def test_stamp_counts_the_draws_that_were_run_on_a_data_set():
    record = tiny.record("generalization")
    nets = [name for name in record.data_vars if str(name).startswith("noisy_")]
    record = record.assign({name: record[name].where(record.draw == 0) for name in nets})
    for draw in (generalization.error_against_noise, generalization.movement_against_noise):
        assert "1 seed\n" in draw(record, "digits").get_supxlabel()


def test_bands_go_from_the_least_to_the_largest_draw():
    record = tiny.record("generalization")
    axes = generalization.error_against_noise(record, "digits").axes[0]
    loss = record.noisy_l1.sel(trained="digits")
    edges = {(float(p), float(v)) for p in loss.portion for v in (loss.sel(portion=p).min(), loss.sel(portion=p).max())}
    band = np.asarray(axes.collections[0].get_paths()[0].vertices)
    assert {(x, y) for x, y in band} == edges
    assert shows(axes, record.portion, loss.mean("draw"))


def test_stamp_names_the_data_that_are_shown_and_no_other():
    attributes = {"profile": "tiny", "data": "digits here; MNIST there"}
    record = xr.Dataset(coords={"data": ["digits", "mnist"]}, attrs=attributes)
    figure, _ = style.panels(1)
    assert style.stamp(figure, record, seeds=4, data=["mnist"]).get_supxlabel() == "profile tiny, 4 seeds\nMNIST there"
    assert style.stamp(figure, record, seeds=4).get_supxlabel().splitlines()[1:] == ["digits here", "MNIST there"]


def test_paper_axes_show_the_prediction_of_eq_8_at_the_size_of_the_spectrum():
    record, (axes,) = tiny.record("convergence").sel(data="digits"), drawn("paper axes").axes
    lam, n = record.eigenvalue.values, 24
    eta = min(10 / n, 1.5 / lam[0])
    energies = (record.true_projection.values**2, record.random_projection.values**2, n * (np.arange(n) == n - 1))
    for energy, line in zip(energies, lines(axes), strict=True):
        losses = [np.sum((1 - eta * lam) ** (2 * int(k)) * energy) / (2 * n) for k in line[:, 0]]
        np.testing.assert_allclose(line[:, 1], losses, rtol=1e-9, atol=1e-300)
        assert line[0, 1] == pytest.approx(0.5, rel=1e-9)  # labels are +-1


def test_width_limit_shows_each_seed_and_the_lemma():
    record, (axes,) = tiny.record("kernel"), drawn("width limit").axes
    for seed in record.seed:
        assert shows(axes, record.width, record.deviation.sel(data="digits", seed=seed))
    assert shows(axes, record.width, record.lemma_c3)
    assert axes.get_xscale() == axes.get_yscale() == "log"


def test_parallel_inputs_shows_the_measured_eigenvalues_and_the_law():
    record, (axes,) = tiny.record("kernel"), drawn("parallel inputs").axes
    assert shows(axes, record.angle, record.pair_lambda_min)
    assert shows(axes, record.angle, record.angle / (2 * np.pi))


def test_loss_curves_show_measured_and_predicted_losses_of_each_kind_of_labels():
    record = tiny.record("convergence").sel(data="digits")
    for axes in drawn("loss curves").axes:
        for kind in record.label.values:
            curve = record.sel(label=kind)
            assert shows(axes, record.step, curve.curve_loss)
            assert shows(axes, record.horizon, curve.curve_horizon_loss)


def test_labels_in_the_eigenbasis_show_the_projections():
    record = tiny.record("convergence").sel(data="digits")
    axes = drawn("labels in the eigenbasis").axes[0]
    assert shows(axes, record["index"], record.true_projection)
    assert shows(axes, record["index"], record.random_projection)


def test_panels_show_gap_and_drift_of_each_kind_of_labels_and_scale():
    record = tiny.record("convergence")
    for axes, scale in zip(drawn("gap against width").axes, record.init_scale, strict=True):
        for kind in record.label:
            assert shows(axes, record.width, gap(record).sel(init_scale=scale, label=kind).mean("seed"))
    arm = record.sel(init_scale=1.0)
    drifts = (arm.width_gram_drift, arm.width_feature_drift, arm.width_linearisation_error)
    for axes, values in zip(drawn("kernel drift").axes, drifts, strict=True):
        for kind in record.label:
            assert shows(axes, record.width, values.sel(label=kind).mean("seed"))


def test_noise_figures_show_the_mean_losses_movement_and_measure():
    record = tiny.record("generalization").sel(data="digits", trained="digits")
    left, right = drawn("error against noise").axes
    assert shows(left, record.portion, record.noisy_l1.mean("draw"))
    assert shows(left, record.portion, record.noisy_error.mean("draw"))
    assert shows(right, record.portion, record.noisy_measure.mean("draw"))
    top, bottom = drawn("movement against noise").axes
    assert shows(top, record.portion, record.noisy_movement.mean("draw"))
    assert shows(top, record.portion, record.noisy_norm.mean("draw"))
    assert shows(top, record.portion, record.noisy_linear_movement.mean("draw"))
    assert shows(bottom, record.portion, record.noisy_neuron_movement.mean("draw"))
    (axes,) = drawn("measure against noise").axes
    assert shows(axes, record.share, record.measure.mean("seed"))
    assert shows(axes, record.share, record.measure_expected)


def test_width_figures_show_every_scale_and_kind_of_labels():
    record = tiny.record("generalization")
    ratio = record.ball_movement / record.ball_norm
    for axes, values in zip(
        drawn("against width").axes, (record.ball_neuron_movement, ratio, record.ball_l1), strict=True
    ):
        for scale in record.init_scale:
            for kind in record.labels:
                assert shows(axes, record.width, values.sel(init_scale=scale, labels=kind).mean("seed"))
    for axes, scale in zip(drawn("rademacher terms").axes, record.init_scale, strict=True):
        row = record.sel(init_scale=scale, labels="random").mean("seed")
        for variable in ("ball_bound", "ball_linear_term", "ball_linear", "ball_ascended"):
            assert shows(axes, record.width, row[variable])
        assert shows(axes, record.width, row.ball_jensen + row.ball_flips_counted)
        assert shows(axes, record.width, row.ball_jensen + row.ball_flips_capped)


def test_close_pair_shows_the_measure_its_law_and_the_steps():
    record = tiny.record("generalization")
    top, middle, bottom = drawn("close pair").axes
    assert shows(top, record.angle, record.pair_measure)
    assert shows(top, record.angle, np.sqrt(8 * np.pi / 11 / record.angle))
    assert shows(middle, record.angle, record.pair_error)
    assert shows(bottom, record.angle, record.pair_steps)
    assert shows(bottom, record.angle, record.pair_linear_steps)


def test_norms_against_n_show_each_power_and_its_limit_where_there_is_one():
    record = tiny.record("learnable_functions")
    for axes, dim in zip(drawn("norms against n").axes, (3, 10), strict=True):
        for p in (1, 2, 3, 4, 5, 6, 8):
            power = record.sel(dim=dim, function=f"power {p}")
            assert shows(axes, record["size"], power.norm.mean("seed"))
            level = any(np.allclose(line[:, 1], power.limit) for line in lines(axes))
            assert level == (p not in (3, 5))


def test_error_against_n_shows_errors_and_leading_terms_relative_to_predicting_zero():
    record, (axes,) = tiny.record("learnable_functions"), drawn("error against n").axes
    for name in record.learned:
        net = record.sel(learned=name)
        zero = net.zero_error.mean("seed")
        assert shows(axes, record.train_size, (net.test_error / zero).mean("seed"))
        assert shows(axes, record.train_size, net.leading_term.mean("seed") / zero)


def test_degree_weights_show_every_degree_of_both_kernels():
    record, (axes,) = tiny.record("learnable_functions"), drawn("degree weights").axes
    heights = [[bar.get_height() for bar in bars] for bars in axes.containers]
    np.testing.assert_allclose(heights, record.degree_eigenvalue)


@pytest.mark.parametrize(("name", "width"), [("synthetic", "width"), ("printed", "width_images")])
def test_four_panels_show_means_of_the_runs_and_both_spectra(name, width):
    record, all_axes = tiny.record("clustered_data"), drawn(name).axes
    for m in record[width].values:
        net = record.sel({width: m})
        for axes, what in zip(all_axes, ("accuracy", "flipped", "distance"), strict=False):
            assert shows(axes, net[f"{name}_step"][1:], net[f"{name}_{what}"].mean("seed")[1:])
        for what in ("update", "weights"):
            spectrum = net[f"{name}_spectrum_{what}"].mean("seed")
            assert shows_finite(all_axes[3], record[f"{name}_index"], spectrum.where(spectrum > 0))


def shows_finite(axes, x, y):
    """As `shows`, where y may have holes."""
    points = np.column_stack([x, y])
    return any(line.shape == points.shape and np.allclose(line, points, equal_nan=True) for line in lines(axes))


def test_coupling_shows_the_complement_of_the_share_and_of_the_bound():
    record, (left, right) = tiny.record("clustered_data"), drawn("coupling").axes
    for pace in ("slow", "paper"):
        step = record[f"{pace}_step"][1:]
        share = 1 - record[f"{pace}_coupled"].mean("seed")[1:]
        assert shows_finite(left, step, share.where(share > 0))
        assert shows(left, step, 1 - record[f"{pace}_bound"].mean("seed")[1:])
        assert shows(right, 100 * record["quantile"], np.maximum(record[f"{pace}_difference"].mean("seed"), 1e-16))


def test_pseudo_gradient_shows_the_reached_norm_above_the_lemmas():
    record, (axes, pairs) = tiny.record("clustered_data"), drawn("pseudo-gradient").axes
    norm = record.paper_v * record.paper_delta / 6
    assert shows(axes, record.paper_v.mean("seed"), (record.paper_reach * norm).mean("seed"))
    assert shows(pairs, record["pair"], record["pair"] / 2)
    assert shows(pairs, record["pair"], record.pair_reach.mean("seed") * record["pair"] / 2)


def test_structure_and_labels_show_the_means_over_seeds():
    record = tiny.record("clustered_data")
    for axes, name in zip(drawn("structure").axes, ("sigma", "k", "l"), strict=True):
        for what in ("distance", "flipped"):
            assert shows(axes, record[name], record[f"{name}_{what}"].mean("seed"))
    for axes, name in zip(drawn("labels").axes, ("fitted", "moved", "flips"), strict=True):
        for kind in ("true", "random"):
            mean = record[f"labels_{name}"].sel(labels=kind).mean("seed")
            assert shows(axes, record.labels_step[1:], mean[1:])


def test_every_concept_has_a_colour_a_name_and_a_marker_of_its_own():
    for names in (("true", "random", "worst"), ("mnist", "cifar10", "digits")):
        for table in (style.COLOURS, style.NAMES, style.MARKERS):
            assert len({table[name] for name in names}) == 3


def test_slope_guide_has_its_slope():
    figure, (axes,) = style.panels(1)
    style.slope_guide(axes, (10.0, 1000.0), 2.0, -0.5, "guide")
    ((start, end),) = lines(axes)
    assert start.tolist() == [10, 2]
    assert end.tolist() == pytest.approx([1000, 0.2])
    plt.close(figure)
