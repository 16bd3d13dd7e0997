"""Each check accepts a record in which its claim holds, and turns when one number of it is spoilt."""

from functools import cache

import numpy as np
import pytest
import xarray as xr
from rooms import put, replace, times, tiny_record, verdict

from ntkbook.claims import Verdict
from ntkbook.experiments.clustered_data import claims_images
from ntkbook.experiments.clustered_data.claims import CLAIMS
from ntkbook.experiments.clustered_data.measures import edge_score, neighbour_ratios, steps_to
from ntkbook.experiments.clustered_data.structure import VARIED

NAME, NO, LATER = "clustered_data", Verdict.NOT_REPRODUCED, Verdict.ONLY_ASYMPTOTIC


def mended():
    """A tiny run's record, with what is too noisy at this size replaced by what the paper says, to be spoilt."""
    return _mended().copy(deep=True)


@cache
def _mended():
    record = tiny_record(NAME)
    for arm in ("synthetic", "separated", "images"):
        nets = record[arm].dataset
        replace(record, f"{arm}/end_accuracy", 1)
        replace(record, f"{arm}/end_output", 1)
        for name in ("flipped", "distance", "pseudo_gap"):
            replace(record, f"{arm}/end_{name}", 0.5 * nets.width**-0.5)
        replace(record, f"{arm}/spectrum_update", xr.where(nets.index <= 6, 1.0, 0.01))
        replace(record, f"{arm}/spectrum_weights", expected_edge(nets.width) - nets.index / 1e4)
        replace(record, f"{arm}/spectrum_start", 1)
    for group, varied in VARIED.items():
        nets = record[group].dataset
        replace(record, f"{group}/end_distance", nets[varied] * (1 + 0.1 * nets.seed) / 1000)
        replace(record, f"{group}/widest_gap", nets.components)
        replace(record, f"{group}/end_accuracy", 1)
    for group in ("synthetic", "separated", "dimension"):
        replace(record, f"{group}/accuracy", np.minimum(1, record[group].dataset.step / 5))
    random = record["labels"].dataset.labels == "random"
    for name, values in {
        "fitted": 1.0,
        "accuracy": xr.where(random, 0.1, 1.0),
        "distance": xr.where(random, 0.3, 0.1),
        "flipped": xr.where(random, 0.2, 0.1),
    }.items():
        replace(record, f"labels/end_{name}", values)
    for pace in ("slow", "paper"):
        replace(record, f"{pace}/bound", 0.5)
        replace(record, f"{pace}/coupled", 1)
    for part in ("slow", "paper", "arrays", "pairs"):
        replace(record, f"{part}/reach", 2)
    replace(record, "xor/accuracy", xr.where(record["xor"].dataset.discs == "planar", 0.9, 1.0))
    return record


def expected_edge(width, dim=40):
    """Largest singular value, on average, of a random matrix of dim x width entries N(0, 1 / width)."""
    rows, columns = (dim - 1) ** 0.5, width**0.5
    spread = (rows + columns) * (1 / rows + 1 / columns) ** (1 / 3)
    return (((rows + columns) ** 2 - 1.2065 * spread) / width) ** 0.5


def slow(group, **where):
    """Accuracies that rise ten times more slowly somewhere."""

    def spoil(record):
        accuracy = record[f"{group}/accuracy"]
        there = np.minimum(1, accuracy.step / 50)
        for dim, value in where.items():
            there = xr.where(accuracy[dim] == value, there, accuracy)
        replace(record, f"{group}/accuracy", there)

    return spoil


SPOILT = [
    ("S01", "separated mixture too wide", put("sets/lam", 0.07, data="separated"), NO),
    ("S01", "lifted discs off the sphere", put("sets/norm_max", 1.1, data="XOR, lifted, 0.02"), NO),
    ("S01", "lifted discs inside the sphere", put("sets/norm_min", 0.9, data="XOR, lifted, 0.02"), NO),
    ("S01", "lifted discs not learnt", put("xor/accuracy", 0.99, discs="lifted, 0.02", seed=1), NO),
    ("S01", "planar discs beyond the ceiling", put("xor/accuracy", 0.997, discs="planar", seed=0), NO),
    ("S02", "narrow nets slower", slow("synthetic", width=32), LATER),
    ("S02", "narrow nets slower on the separated mixture", slow("separated", width=32), LATER),
    ("S02", "wide nets slower", slow("synthetic", width=512), NO),
    ("S02", "wide nets slower on the separated mixture", slow("separated", width=512), NO),
    ("S02", "one net below 99 %", put("synthetic/end_accuracy", 0.98, width=32, seed=1), NO),
    ("S02", "one net below 99 % on the separated mixture", put("separated/end_accuracy", 0.98, width=32, seed=1), NO),
    ("S02", "never there", put("synthetic/accuracy", 0.5, width=512), NO),
    ("S02", "99 % nowhere", put("synthetic/accuracy", 0.98, step=slice(5, None)), NO),
    ("S03", "accuracy", put("synthetic/end_accuracy", 0.99), NO),
    ("S03", "flips", put("synthetic/end_flipped", 0.11, width=128), NO),
    ("S03", "distance", put("synthetic/end_distance", 0.11, width=512), NO),
    ("S03", "no gap", put("synthetic/spectrum_update", 1.0, width=512), NO),
    ("S04", "accuracy", put("images/end_accuracy", 0.8), NO),
    ("S04", "flips grow", put("images/end_flipped", 0.5, width=128), NO),
    ("S04", "distance grows", put("images/end_distance", 0.5, width=128), NO),
    ("S04", "flips fall, but are many", times("images/end_flipped", 5), LATER),
    ("S04", "distance falls, but is large", times("images/end_distance", 5), LATER),
    ("S04", "no low rank", put("images/spectrum_update", 0.01), NO),
    ("S04", "with (A3)'s start alone", put("images/end_flipped", 0.5, start="section 7"), NO),
    ("S05", "one step below the bound", put("slow/coupled", 0.1, step=10, seed=1), NO),
    ("S05", "one step below the bound at the paper's pace", put("paper/coupled", 0.1, step=30, seed=1), NO),
    ("S05", "not coupled at the start", put("slow/coupled", 0.4, step=0, seed=1), NO),
    ("S05", "empty where the points are learned", put("paper/bound", -1.0), Verdict.VACUOUS),
    ("S05", "nothing learned", put("paper/accuracy", 0.5), Verdict.VACUOUS),
    ("S06", "slow run", put("slow/reach", 0.9, step=10, seed=1), NO),
    ("S06", "paper's step size", put("paper/reach", 0.9, step=30), NO),
    ("S06", "one kind of arrays", put("arrays/reach", 0.9, kind="worst", seed=0), NO),
    ("S06", "one pair", put("pairs/reach", 0.9, kind="worst", distance=0.1, seed=0), NO),
    ("S07", "no fall", put("synthetic/end_pseudo_gap", 0.01), NO),
    ("S07", "a wide gap", times("synthetic/end_pseudo_gap", 10), LATER),
    ("S08", "gap elsewhere", put("synthetic/spectrum_update", 500.0, width=128, index=slice(1, 2)), NO),
    ("S08", "a small gap", put("synthetic/spectrum_update", 0.6, index=slice(7, 60)), NO),
    ("S08", "final weights not random", put("synthetic/spectrum_weights", 3.0, width=512, index=1), NO),
    ("S08", "final weights too regular", put("synthetic/spectrum_weights", 1.0, width=512, index=1), NO),
    ("S08", "narrow final weights not random", put("synthetic/spectrum_weights", 9.0, width=32, index=1), LATER),
    ("S08", "one net where k varies", put("classes/widest_gap", 3.0, n_classes=4, seed=0), LATER),
    ("S08", "one net where l varies", put("components/widest_gap", 2.0, n_components=1, seed=1), LATER),
    ("S09", "sigma", put("noise/end_distance", 0.1), NO),
    ("S09", "one seed against k", put("classes/end_distance", 0.001, n_classes=4, seed=1), NO),
    ("S09", "growth within the noise", put("components/end_distance", 0.02, n_components=2, seed=0), NO),
    ("S10", "random labels not fitted", put("labels/end_fitted", 0.98, labels="random", seed=0), NO),
    ("S10", "random labels nearer", put("labels/end_distance", 0.05, labels="random", seed=1), NO),
    ("S10", "random labels flip less", put("labels/end_flipped", 0.05, labels="random", seed=1), NO),
    ("S10", "true labels not generalised", put("labels/end_accuracy", 0.98, labels="true", seed=0), NO),
    ("S10", "random labels generalised", put("labels/end_accuracy", 0.3, labels="random", seed=0), NO),
    ("S11", "slow fall", times("synthetic/end_distance", lambda nets: nets.width**0.2), NO),
    ("S11", "fast fall", times("synthetic/end_flipped", lambda nets: nets.width**-0.2), NO),
    ("S11", "flips on MNIST", put("images/end_flipped", 0.2), LATER),
    ("S11", "distance on MNIST", put("images/end_distance", 2.0, width=128), LATER),
    ("S12", "slower in high dimension", slow("dimension", mixture="separated", dim=40), NO),
    ("S12", "one net below 99 %", put("dimension/end_accuracy", 0.98, mixture="separated", dim=10, seed=0), NO),
]


@pytest.mark.parametrize("claim_id", [claim.id for claim in CLAIMS])
def test_check_accepts_a_record_in_which_the_claim_holds(claim_id):
    assert verdict(NAME, claim_id, mended()) == Verdict.REPRODUCED


@pytest.mark.parametrize(("claim_id", "what", "spoil", "expected"), SPOILT, ids=[f"{s[0]}: {s[1]}" for s in SPOILT])
def test_check_turns_when_a_number_is_spoilt(claim_id, what, spoil, expected):
    record = mended()
    spoil(record)
    assert verdict(NAME, claim_id, record) == expected


def test_every_check_is_tried():
    assert {claim_id for claim_id, *_ in SPOILT} == {f"S{i:02d}" for i in range(1, 13)}
    assert [claim.id for claim in CLAIMS] == sorted({claim_id for claim_id, *_ in SPOILT})


def test_what_the_gaussian_mixture_does_in_other_dimensions_decides_nothing():
    record = mended()
    put("dimension/end_accuracy", 0.5, mixture="Gaussian")(record)
    slow("dimension", mixture="Gaussian", dim=40)(record)
    assert verdict(NAME, "S12", record) == Verdict.REPRODUCED


@pytest.mark.parametrize("claim_id", ["S04", "S11"])
@pytest.mark.parametrize("inputs", ["norm 1", "pixels"])
def test_images_are_judged_at_the_scale_that_fits_better_and_with_the_start_of_section_7(claim_id, inputs):
    record = mended()
    put("images/end_flipped", 0.5, inputs=inputs)(record)
    put("images/end_flipped", 0.5, start="(A3)")(record)
    assert verdict(NAME, claim_id, record) == Verdict.REPRODUCED


def test_share_of_the_leading_singular_values_is_that_of_the_whole_update():
    record, rng = mended(), np.random.default_rng(0)
    start, update = rng.standard_normal((80, 90)), np.diag([3.0] * 6 + [0.5] * 74) @ rng.standard_normal((80, 90))
    for name, matrix in (("start", start), ("update", update)):
        replace(record, f"images/spectrum_{name}", xr.DataArray(np.linalg.svd(matrix)[1][:60], dims="index"))
    replace(record, "images/end_distance", np.linalg.norm(update) / np.linalg.norm(start))
    (found, *_) = claims_images.ends(record).values()
    shares = [np.sum(np.linalg.svd(matrix)[1][:6] ** 2) / np.sum(matrix**2) for matrix in (update, start)]
    np.testing.assert_allclose(found["concentrated"], shares[0] / shares[1])


def test_flips_do_not_decide_whether_less_structure_moves_further():
    record = mended()
    put("classes/end_flipped", 0.1)(record)
    assert verdict(NAME, "S09", record) == Verdict.REPRODUCED


def test_steps_to_an_accuracy_are_whole_and_infinite_where_it_is_not_reached():
    accuracy = xr.DataArray([[0.0, 0.5, 1.0, 0.9], [1.0, 1, 1, 1], [0.0, 0.1, 0.2, 0.3]], dims=("net", "step"))
    accuracy = accuracy.assign_coords(step=[0, 1, 2, 10])
    assert steps_to(accuracy, 0.75).values.tolist() == [2, 0, np.inf]


def test_edge_score_is_a_standard_normal_distance_for_random_matrices():
    rng = np.random.default_rng(0)
    drawn = [edge_score(float(np.linalg.norm(rng.normal(0, 0.3, (60, 90)), 2)), 60, 90, 0.3) for _ in range(200)]
    assert abs(np.mean(drawn)) < 0.3  # Tracy and Widom's law holds in the limit
    assert np.std(drawn) == pytest.approx(1, abs=0.2)
    spiked = rng.normal(0, 0.3, (60, 90)) + 0.3 * np.outer(np.ones(60), np.ones(90))
    assert edge_score(float(np.linalg.norm(spiked, 2)), 60, 90, 0.3) > 20


def test_neighbour_ratios_are_of_the_mean_spectrum():
    spectrum = xr.DataArray([[8.0, 4, 2, 1, 0.5], [8.0, 4, 4, 1, 0.5]], dims=("seed", "index"))
    np.testing.assert_allclose(neighbour_ratios(spectrum, 2), [2, 4 / 3, 3, 2])
