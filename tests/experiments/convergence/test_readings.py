"""Numbers and the table that the chapter quotes, and the sentences of its prose that assert an order or a size."""

import numpy as np
import pytest
from rooms import put, replace, tiny_record

from ntkbook import records
from ntkbook.bounds import arora2019 as bounds
from ntkbook.experiments.convergence.claims import gap
from ntkbook.experiments.convergence.readings import readings, requirements
from ntkbook.experiments.judging import slope
from ntkbook.experiments.problem import LABELS, Settings
from ntkbook.records import part

DATA = ("mnist", "cifar10")


@pytest.fixture(scope="module")
def recorded():
    return records.load_best("convergence")


@pytest.fixture(scope="module")
def found(recorded):
    return readings(recorded)


def test_readings_of_a_record_made_by_hand():
    record = tiny_record("convergence")
    spectra, curves, runs = (record[name].dataset for name in ("spectra", "curves", "short_runs"))
    replace(record, "spectra/true_projection", np.sqrt(spectra["index"]))
    put("spectra/true_share", 0.75, fraction=0.01)(record)
    replace(record, "spectra/random_share", 0.01 * (1 + spectra.seed))  # mean over the seeds 0 and 1: 0.015
    for name, value in {"lambda_max": 8.0, "lambda_min": 0.5, "step_size": 0.125}.items():
        put(f"curves/{name}", value)(record)
    replace(record, "curves/residual", curves.predicted - 0.02 * (curves.step == 17))
    replace(record, "short_runs/residual", runs.frozen + runs.width**-0.5 * (runs.step == 5))
    replace(record, "short_runs/gram_drift", runs.width**-0.75)
    replace(record, "short_runs/feature_drift", runs.width**-0.125)
    replace(record, "short_runs/flipped", runs.step / 100 * runs.init_scale)
    replace(record, "short_runs/slowest_form", 1 - 0.5 * (runs.labels == "worst") * (runs.step == 5))
    replace(record, "short_runs/step_error", 2 * runs.width**-0.75)
    replace(record, "short_runs/linearisation_error", runs.width**-0.625)
    replace(record, "short_runs/linearisation_error_max", runs.width**-0.25)
    replace(record, "short_runs/neuron_movement", 4 * runs.init_scale)
    replace(record, "short_runs/neuron_rms", 3 * runs.init_scale)
    put("curves/init_norm", 0.3)(record)
    replace(record, "spectra/eigenvalue", 6 / spectra["index"] ** 2)
    put("short_runs/movement_ratio", 0.01)(record)
    put("short_runs/movement_ratio", 0.02, labels="worst", width=32)(record)
    replace(record, "short_runs/rate_violations", (runs.labels == "worst") * (1 + runs.seed) * 16 / runs.width)
    expected = {
        "true-share": 75,
        "random-share": 1.5,
        "second-share": 100 * 2 / 300,
        "lambda-max": 8,
        "sharpness": 1,
        "efold": 16,
        "curve-gap-random": 2,
        "theory-gap-worst": 100 * 512**-0.5,
        "theory-slope-true": -0.5,
        "paper-gap-random": 100 * 512**-0.5,
        "paper-slope-random": -0.5,
        "gram-drift-worst": -0.75,
        "feature-drift-true": -0.125,
        "drift-worst": 512**-0.75,
        "form-worst": -50,
        "form-random": 0,
        "step-slope-true": -0.75,
        "step-median-slope-worst": -0.625,
        "step-largest-slope-worst": -0.25,
        "paper-farthest": 0.04,
        "paper-rms": 0.03,
        "init-length": 0.3,
        "decay-1": 100 / 3,  # i = 3
        "decay-2": 100 * 3 / 9 / (2 / 4),
        "theory-flips-random": 20,
        "paper-flips-random": 0.2,
        "bound-over-movement": 50,
        "theory-above": 100 * 1.5 * 16 / 512 / 3,
        "theory-above-narrow-worst": 100 * 1.5 * 16 / 32,
        "paper-above-worst": 100 * 1.5 * 16 / 512,
        "paper-above-random": 0,
    }
    found = readings(record)
    assert {key: found[key] for key in expected} == pytest.approx(expected)
    sizes = {
        "n-spectra": 300,
        "n-curves": 16,
        "n-short-runs": 12,
        "width-curves": 64,
        "width-min": 32,
        "width-max": 512,
    }
    assert {key: found[key] for key in (*sizes, "seeds", "steps")} == sizes | {"seeds": 2, "steps": 20}


def test_a_record_without_cifar10_says_so():
    found = readings(tiny_record("convergence"))
    assert {value for key, value in found.items() if key.startswith("cifar10-")} == {"not found"}


def test_numbers_of_cifar10_are_its_own(recorded, found):
    curves = part(recorded, "curves").sel(data="cifar10", labels="true")
    assert found["cifar10-sharpness"] == float(curves.step_size * curves.lambda_max) != found["sharpness"]
    share = part(recorded, "spectra").true_share.sel(data="cifar10", fraction=0.01)
    assert found["cifar10-true-share"] == 100 * float(share)


def test_table_has_what_the_theorems_ask_for_and_what_was_run():
    record = tiny_record("convergence")
    put("curves/lambda_min", 0.5)(record)
    put("curves/step_size", 0.0625)(record)
    width = bounds.theorem_3_1_width(16, 0.5, 0.01, 0.1)
    rows = [row[1:] for row in requirements(record).rows]
    assert rows[0] == (f"{width:.0e}", "64")
    assert rows[2:] == [("2e-03", "6e-02"), ("1e-02", "0.01")]


def test_true_labels_sit_on_the_second_eigenvector_as_for_two_clusters(found):
    assert found["second-share"] > 75
    assert found["true-share"] > 10 * found["random-share"]


def test_alignment_is_weaker_on_cifar10_and_still_above_chance(found):
    assert 10 * found["cifar10-random-share"] < found["cifar10-true-share"] < found["true-share"]


def test_random_labels_are_spread_evenly(recorded):
    spectra = part(recorded, "spectra")
    energy = (spectra.random_projection**2).cumsum("index") / spectra.sizes["index"]
    np.testing.assert_allclose(energy, energy * 0 + spectra["index"] / spectra.sizes["index"], atol=0.03)


def test_top_direction_overshoots_but_shrinks(found):
    assert 1 < found["sharpness"] < 2
    assert abs(1 - found["sharpness"]) ** 10 < 0.01  # learned within ten steps


def test_by_prediction_random_labels_keep_most_of_their_loss_for_ten_steps_and_worst_ones_for_a_hundred(recorded):
    curves = part(recorded, "curves").sel(data="mnist")
    for kind, k in (("random", 10), ("worst", 100)):
        assert float(curves.horizon_loss.sel(labels=kind).sel(horizon=k, method="nearest")) > 0.25
    assert float(curves.horizon_loss.sel(labels="true", horizon=10)) < 0.05


def test_from_step_one_on_the_losses_are_in_order_on_both_data_sets(recorded):
    curves = part(recorded, "curves")
    assert curves.data.values.tolist() == list(DATA)
    true, random, worst = (curves.loss.sel(labels=kind).isel(step=slice(1, None)) for kind in LABELS)
    assert bool(((true < random) & (random < worst)).all())


def test_nets_on_mnist_are_mostly_slower_than_predicted(recorded):
    curves = part(recorded, "curves").sel(data="mnist")
    late = curves.residual - curves.predicted
    assert bool((late.max("step") > -late.min("step")).all())


def test_predicted_runs_are_over_long_before_a_million_steps(recorded):
    spectra = part(recorded, "spectra").sel(data="mnist")
    n, lam = spectra.sizes["index"], spectra.eigenvalue.values
    slowest = 1 - Settings().step_size(n, lam[0]) * lam[-1]
    assert slowest**500_000 < 0.01


def test_cifar10_would_be_beyond_the_edge_of_stability(recorded):
    spectra = part(recorded, "spectra").sel(data="cifar10")
    assert float(spectra.eigenvalue[0]) / spectra.sizes["index"] == pytest.approx(0.34, abs=0.005)


def test_at_the_theory_scale_the_gap_falls_but_that_of_worst_labels_slowly(found):
    for kind in ("true", "random"):
        assert found[f"theory-slope-{kind}"] == pytest.approx(-0.5, abs=0.15)
        assert found[f"theory-gap-{kind}"] < 5
    assert found["theory-slope-random"] < found["theory-slope-worst"] < 0
    assert found["theory-gap-worst"] > 10


def test_worst_labels_lose_half_of_the_kernel_in_their_direction_at_every_width_and_random_ones_do_not(recorded, found):
    form = part(recorded, "short_runs").slowest_form.sel(init_scale=1.0).mean("seed")
    least = form.sel(labels="worst").min("step")
    np.testing.assert_allclose(least, 0.5, atol=0.1)
    np.testing.assert_allclose(form.sel(labels="random"), 1, atol=0.15)
    first = (form.sel(labels="worst") < 0.75).argmax("step")
    assert bool((first.diff("width") > 0).all())  # the wider the net the later
    assert found["form-worst"] < -40
    assert abs(found["form-random"]) < 10


def test_the_matrix_moves_farther_for_worst_labels_than_for_random_ones_at_the_largest_width(found):
    assert found["drift-worst"] > 1.5 * found["drift-random"]


def test_at_the_papers_scale_the_gap_of_random_and_worst_labels_stays_where_it_is(recorded):
    trend = slope(gap(recorded)).sel(init_scale=0.01)
    assert float(np.abs(trend.sel(labels=["random", "worst"])).max()) < 0.1
    assert float(trend.sel(labels="true")) < -0.2


def test_a_small_start_flips_many_more_gates(found):
    assert found["paper-flips-random"] > 10 * found["theory-flips-random"]


def test_at_a_small_start_gates_flip_though_neurons_move_less_than_their_length_since_they_move_more_than_kappa(found):
    kappa = 0.01
    assert found["init-length"] == pytest.approx(kappa * 28, rel=0.02)
    assert 10 * kappa < found["paper-rms"] < found["paper-farthest"] < found["init-length"]
    assert found["paper-flips-random"] > 15


def test_a_step_is_linear_at_the_lemmas_rate_or_faster_but_for_worst_labels_and_hardly_so_against_itself(found):
    assert all(found[f"step-slope-{kind}"] <= -0.5 for kind in ("true", "random"))
    assert -0.45 < found["step-slope-worst"] < -0.1
    assert found["step-median-slope-worst"] < -0.25
    assert found["step-largest-slope-worst"] > -0.2


def test_eigenvalues_fall_faster_than_one_over_i_from_the_first_and_from_the_second(recorded, found):
    assert max(found["decay-1"], found["decay-2"]) < 100
    eigenvalue = part(recorded, "spectra").eigenvalue.sel(data="mnist")
    i = eigenvalue.sizes["index"] // 100
    assert found["decay-1"] == pytest.approx(100 * i * float(eigenvalue.sel(index=i) / eigenvalue.sel(index=1)))


def test_kernel_and_gradients_freeze(found):
    assert all(found[f"gram-drift-{kind}"] < found[f"feature-drift-{kind}"] < 0 for kind in LABELS)


def test_movement_stays_far_below_its_bound(found):
    assert found["bound-over-movement"] > 10


def test_where_the_gates_move_most_the_guarantee_fails(found):
    assert found["theory-above"] == 0 < found["theory-above-narrow-worst"]
    assert 0 < found["paper-above-random"] < found["paper-above-worst"]


def test_no_computer_meets_the_widths_and_the_slowest_direction_needs_tens_of_millions_of_steps(recorded, found):
    asked = [float(row[1]) for row in requirements(recorded).rows]
    assert min(asked[:2]) > 1e15
    assert found["n-curves"] ** 2 / found["lambda-min"] ** 2 > 1e7
