"""Numbers and tables that the chapter quotes, and the sentences of its prose that assert an order or a size."""

import numpy as np
import pytest
from rooms import replace, tiny_record

from ntkbook import records
from ntkbook.data import sphere
from ntkbook.experiments.kernel.config import PROFILES
from ntkbook.experiments.kernel.readings import least_eigenvalues, power_series, readings
from ntkbook.kernels import even_coefficients


@pytest.fixture
def recorded():
    return records.load_best("kernel")


def number(record, key):
    return float(readings(record)[key])


def test_readings_of_a_record_made_by_hand():
    record = tiny_record("kernel")
    width = record["deviations"].dataset.width
    replace(record, "deviations/frobenius", 2 * width**-0.5)
    replace(record, "deviations/bound", 6 * width**-0.5)
    replace(record, "deviations/expected", 2 * width**-0.5 * (1 + (width == 64) / 4))
    replace(record, "images/lambda_min", 0.02)
    replace(record, "images/lambda_max", 3.0)
    replace(record, "images/least_angle", np.pi / 6)
    expected = {"n": 12, "seeds": 3, "slope": -0.5, "bound-ratio": 3, "exact-ratio": 20}
    expected |= {"lambda-min": 0.02, "lambda-max": 3, "condition": 150, "least-angle": 30}
    expected |= {
        "slack-confidence": np.sqrt(2 * np.log(20)),
        "slack-union": np.sqrt(np.log(2 * 144 * 10) / np.log(20)),
        "slack-variance": 12 / 4,  # n/2 over the exact root mean square times sqrt(m)
    }
    assert readings(record) == pytest.approx(expected)


def test_tables_have_a_row_for_each_kind_of_input_and_each_term():
    record = tiny_record("kernel")
    replace(record, "series/minus_power", 0.1 * record["series"].dataset.half_degree)
    rows = least_eigenvalues(record).rows
    assert [row[0] for row in rows] == [
        "a pair at angle 1e-06",
        "an exact duplicate",
        "one antipodal pair",
        "6 antipodal pairs in 5 dimensions",
        "12 images, digits",
    ]
    assert rows[0][2] == "1.591549e-07"
    table = power_series(record)
    assert table.header == ("quantity", "digits")
    assert table.rows[4] == ("least eigenvalue of H - K^4 / (2 pi 9)", "0.2000")
    assert table.rows[-1][0] == "Lemma E.1 on 5 random pairs, least relative eigenvalue"
    assert all(len(row) == 2 for row in table.rows)


def test_what_is_said_of_images_is_read_from_mnist(recorded):
    assert all(config.datasets[0] == "mnist" for config in PROFILES.values())
    assert recorded["images"].dataset["data"][0] == "mnist"
    assert readings(recorded)["lambda-min"] == float(recorded["images"].dataset.lambda_min.sel(data="mnist"))


def test_lemma_holds_with_room_to_spare(recorded):
    deviations = recorded["deviations"].dataset
    assert number(recorded, "bound-ratio") > 5
    assert bool((deviations.frobenius < deviations.bound / 3).all())


def test_the_lemma_loses_by_its_confidence_by_the_union_bound_and_by_the_variance_alike(recorded):
    found = {key: number(recorded, f"slack-{key}") for key in ("confidence", "union", "variance")}
    assert all(2 < value < 2.6 for value in found.values())
    deviations = recorded["deviations"].dataset.isel(data=0)
    assert np.prod(list(found.values())) == pytest.approx(float((deviations.bound / deviations.expected).mean()))


def test_nets_scatter_about_the_exact_size_and_do_not_level_off(recorded):
    assert number(recorded, "exact-ratio") < 20
    assert number(recorded, "slope") == pytest.approx(-0.5, abs=0.02)


def test_64_neurons_get_the_shape_roughly_and_4096_are_hard_to_tell_from_the_formula(recorded):
    profile = recorded["profile"].dataset
    off = np.abs(profile.net - profile.closed_form).max("angle")
    assert float(off.sel(width=4096)) < 0.02 < float(off.sel(width=64)) < 0.2


@pytest.mark.parametrize(("degrees", "most", "exactly"), [(13, 3e-5, 1.3e-6), (6, 1 / 9, 0.016)])
def test_truncating_the_series_costs_less_at_an_angle_by_the_factors_that_the_page_names(degrees, most, exactly):
    kept, cosine = 200, np.cos(np.radians(degrees))
    assert cosine ** (2 * kept + 2) == pytest.approx(most, rel=0.05)
    coefficients = even_coefficients(200_000).numpy()[kept:]
    lost = (coefficients * cosine ** (2 * np.arange(kept + 1, 200_001))).sum()
    assert lost / (0.25 - float(even_coefficients(kept).sum())) == pytest.approx(exactly, rel=0.02)


def test_a_neurons_length_is_28_times_what_a_gate_takes_to_flip_on_mnist():
    rng = np.random.default_rng(0)
    weights, inputs = rng.standard_normal((2000, 784)), sphere(100, 784, rng)
    across = np.abs(weights @ inputs.T)
    assert np.linalg.norm(weights, axis=1).mean() / np.sqrt((across**2).mean()) == pytest.approx(28, rel=0.02)


def test_naive_formula_returns_noise_below_an_angle_of_a_thousandth_and_follows_the_law_above(recorded):
    parallel = recorded["parallel"].dataset
    off = np.abs(parallel.pair_naive / (parallel.angle / (2 * np.pi)) - 1)
    assert bool((off.sel(angle=slice(None, 1e-4)) > 0.9).all())
    assert bool((off.sel(angle=slice(1e-2, None)) < 0.2).all())


def test_least_eigenvalue_on_images_is_comfortably_positive_and_the_condition_number_large(recorded):
    assert number(recorded, "lambda-min") > 0.01
    assert number(recorded, "condition") > 500


def test_series_is_off_by_more_the_closer_the_closest_pair_is(recorded):
    order = recorded["images"].dataset.least_angle.argsort().values
    assert bool((np.diff(recorded["series"].dataset.error.values[order]) < 0).all())


def test_removing_any_single_term_hardly_touches_the_bottom_of_the_spectrum(recorded):
    series, lambda_min = recorded["series"].dataset, recorded["images"].dataset.lambda_min
    for least in (series.minus_linear, series.minus_power):
        assert bool((least > 0.95 * lambda_min).all())
