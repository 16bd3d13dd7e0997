"""Each check accepts a record in which its claim holds, and turns when one number of it is spoilt."""

import numpy as np
import pytest
import xarray as xr
from rooms import put, tiny_record, verdict

from ntkbook.claims import Verdict
from ntkbook.experiments.three_layer_learning.claims_figure import (
    CLAIMS,
    COMPOSED,
    fresh_ratio,
    mean,
    over_linearised,
    rivals,
)

NAME, NO, LATE = "three_layer_learning", Verdict.NOT_REPRODUCED, Verdict.ONLY_ASYMPTOTIC
THREE, TWO = "3 layers", "2 layers"


def mended():
    """A tiny run's record with errors as the paper would have them."""
    record = tiny_record(NAME)
    for part in ("widths", "sizes", "linear_widths", "linear_sizes", "kernels", "target_kernels", "target_limits"):
        put(f"{part}/test_error", 0.3)(record)
    for part in ("widths", "sizes", "wide_sizes"):
        put(f"{part}/test_error", 0.2, learner=TWO)(record)
    put("targets/test_error", 0.2)(record)
    put("widths/train_error", 0.001)(record)
    put("widths/test_error", 0.1, learner=THREE, width=20)(record)
    put("widths/test_error", 0.02, learner=THREE, width=100)(record)
    for part in ("sizes", "wide_sizes"):
        put(f"{part}/test_error", 0.1, learner=THREE, n=60)(record)
        put(f"{part}/test_error", 0.05, learner=THREE, n=80)(record)
    put("targets/test_error", 0.01, learner=THREE)(record)
    put("targets/test_error", 0.05, learner=THREE, target="additive")(record)
    put("longer/validation_error", 0.02)(record)
    put("longer/validation_error_longer", 0.2)(record)
    put("starvation/gap", 0.01)(record)
    return record


def late(record):
    """Three layers win at the largest sample, and not at the one before it, which counts too."""
    record["sizes"] = record["sizes"].dataset.assign_coords(n=[80, 160])
    record["linear_sizes"] = record["linear_sizes"].dataset.assign_coords(n=[80, 160])
    put("sizes/test_error", 0.5, learner=THREE, n=80)(record)


def two_layers_late(record):
    """Two layers win at a sample size at which no linear learner was solved."""
    record["sizes"] = record["sizes"].dataset.assign_coords(n=[80, 160])
    put("sizes/test_error", 0.001, learner=TWO, n=160)(record)


def with_c_15(error):
    """A third harmonic target, c = 15, on which two layers have 0.2 and three layers what is given."""

    def spoil(record):
        targets = record["targets"].dataset
        third = targets.sel(target=["harmonic 5"]).assign_coords(target=["harmonic 15"])
        record["targets"] = xr.concat([targets, third], "target")
        put("targets/test_error", error, learner=THREE, target="harmonic 15")(record)

    return spoil


SPOILT = [
    (
        "Z05",
        "one rival better at one width",
        put("linear_widths/test_error", 0.01, learner="2 layers (last)", width=100),
        NO,
    ),
    ("Z05", "two layers better", put("widths/test_error", 0.01, learner=TWO, width=100), NO),
    ("Z05", "two layers catch up", put("longer/validation_error_longer", 0.01, learner=TWO), NO),
    ("Z05", "no fall with the width", put("widths/test_error", 0.03, learner=THREE, width=20), NO),
    ("Z05", "three layers starved", put("widths/train_error", 0.1, learner=THREE, width=100), NO),
    ("Z06", "one rival better", put("linear_sizes/test_error", 0.01, learner="3 layers (NTK)", n=80), NO),
    ("Z06", "no fall with the sample", put("sizes/test_error", 0.05, learner=THREE, n=60), NO),
    ("Z06", "only at the largest sample", late, LATE),
    ("Z06", "two layers better beyond the linear learners", two_layers_late, NO),
    ("Z06", "two layers better among the wider nets", put("wide_sizes/test_error", 0.01, learner=TWO, n=80), NO),
    ("Z06", "wider nets do not fall with the sample", put("wide_sizes/test_error", 0.05, learner=THREE, n=60), NO),
    (
        "Z08",
        "a two-layer net better",
        put("targets/test_error", 0.001, learner="2 layers, no biases", target="even"),
        NO,
    ),
    (
        "Z08",
        "a linear learner better",
        put("target_kernels/test_error", 0.001, learner="2 layers (NTK)", target="odd"),
        NO,
    ),
    (
        "Z08",
        "the sum suits three layers as well",
        put("targets/test_error", 0.005, learner=THREE, target="additive"),
        NO,
    ),
    (
        "Z08",
        "the sum suits three layers better than one part",
        put("targets/test_error", 0.06, learner=THREE, target="odd"),
        NO,
    ),
    (
        "Z12",
        "the linearised net better",
        put("linear_widths/test_error", 0.01, learner="3 layers (NTK)", width=100),
        NO,
    ),
    (
        "Z12",
        "the linearised net of two layers better",
        put("linear_widths/test_error", 0.1, learner="2 layers (NTK)", width=100),
        NO,
    ),
    ("Z12", "better at one N", put("linear_sizes/test_error", 0.01, learner="3 layers (NTK)", n=80), NO),
    ("Z12", "better at one N, two layers", put("linear_sizes/test_error", 0.1, learner="2 layers (NTK)", n=80), NO),
    (
        "Z12",
        "better on the sum",
        put("target_kernels/test_error", 0.04, learner="3 layers (NTK)", target="additive"),
        NO,
    ),
    (
        "Z12",
        "better on one part, two layers",
        put("target_kernels/test_error", 0.1, learner="2 layers (NTK)", target="even"),
        NO,
    ),
    ("Z12", "the infinite kernel better", put("kernels/test_error", 0.01, learner="3 layers (NTK)", n=80), NO),
    (
        "Z12",
        "the infinite kernel of two layers better",
        put("kernels/test_error", 0.1, learner="2 layers (NTK)", n=80),
        NO,
    ),
    ("Z12", "SGD and ridge apart", put("starvation/gap", 0.2, learner="3 layers (NTK)"), NO),
    ("Z14", "two layers better in between", put("targets/test_error", 0.001, learner=TWO, target="harmonic 5"), NO),
    ("Z14", "not learnt at a small c", put("targets/test_error", 0.15, learner=THREE, target="harmonic 1"), LATE),
    ("Z14", "two layers better at c = 15, where three layers learn", with_c_15(0.4), NO),
    ("Z14", "nothing learnt at all", put("targets/test_error", 0.6, learner=THREE), NO),
]


@pytest.mark.parametrize("claim_id", [claim.id for claim in CLAIMS])
def test_check_accepts_a_record_in_which_the_claim_holds(claim_id):
    assert verdict(NAME, claim_id, mended()) == Verdict.REPRODUCED


@pytest.mark.parametrize(("claim_id", "what", "spoil", "turned"), SPOILT, ids=[f"{s[0]}: {s[1]}" for s in SPOILT])
def test_check_turns_when_a_number_is_spoilt(claim_id, what, spoil, turned):
    record = mended()
    spoil(record)
    assert verdict(NAME, claim_id, record) == turned


def test_a_frequency_at_which_three_layers_learn_nothing_does_not_count():
    record = mended()
    with_c_15(0.6)(record)
    assert verdict(NAME, "Z14", record) == Verdict.REPRODUCED


def test_linearised_nets_are_asked_for_at_widths_sample_sizes_and_targets():
    found = over_linearised(mended(), THREE)
    assert [float(found["m >= 100"].item()), float(found["N >= 1000"].item())] == pytest.approx(
        [0.02 / 0.3, 0.05 / 0.3]
    )
    assert list(found["by target"].target.values) == [*COMPOSED, "additive"]
    np.testing.assert_allclose(found["by target"], [1 / 30, 1 / 30, 1 / 30, 1 / 6])


def test_every_check_is_tried():
    assert {claim_id for claim_id, *_ in SPOILT} == {claim.id for claim in CLAIMS}


def test_rivals_are_the_five_of_the_figure_and_the_two_layer_ntk():
    assert set(rivals(mended(), "widths").learner.values) == {
        "2 layers",
        "3 layers (last)",
        "2 layers (last)",
        "3 layers (NTK)",
        "2 layers (NTK)",
    }


def test_what_suits_nobody_does_not_count_for_three_layers():
    record = mended()
    put("targets/test_error", 1.0)(record)
    assert fresh_ratio(record, "composed", (TWO,)) == 1
    assert np.isfinite(mean(record, "targets")).all()
    assert set(COMPOSED) <= set(record["targets"].target.values)
