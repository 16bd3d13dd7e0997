"""Each check on the algorithm accepts a record in which its claim holds, and turns when one number is spoilt."""

import numpy as np
import pytest
import xarray as xr
from rooms import put, replace, times, tiny_record, verdict

from ntkbook.claims import Verdict
from ntkbook.experiments.three_layer_learning.claims_algorithm import (
    CLAIMS,
    VARIANCE,
    cost_of_leaving_out,
    growth_in_m,
    noise_kept,
    rise_in_m,
    slope_in_n,
)

NAME = "three_layer_learning"
YES, TREND, NO = Verdict.REPRODUCED, Verdict.ONLY_ASYMPTOTIC, Verdict.NOT_REPRODUCED


def mended():
    """A tiny run's record, with what is too noisy at this size replaced by what the theory says."""
    record = tiny_record(NAME)
    put("algorithm/test_error", 0.4 * VARIANCE)(record)
    risk, frozen = record["risk"].dataset, record["frozen"].dataset
    clean = 5 * (50 / risk.n) ** 0.6
    replace(record, "risk/test_error", clean + 0.2 * risk.noise**2)
    gap = (frozen.width / 8) ** -0.5 * (0.1 + 0 * frozen.gap)
    replace(record, "frozen/gap", gap.where((frozen.depth == 2) | (frozen.task != "F"), 0.6))
    return record


def gap(value, **where):
    """Set the gap after training, which is that of the last step."""
    return lambda record: put("frozen/gap", value, **where, step=record["frozen"].dataset.step.values[-1])(record)


def falls_and_grows(record):
    """A third width between the two: the error falls to it and grows from there, and is least there."""
    risk = record["risk"].dataset
    between = risk.sel(width=[8]).assign_coords(width=[6])
    record["risk"] = xr.concat([risk, between], "width").sortby("width")
    put("risk/test_error", 4.0, width=4)(record)
    put("risk/test_error", 1.0, width=6, n=100)(record)
    put("risk/test_error", 1.3, width=8, n=100)(record)


SPOILT = [
    ("Z07", "it does not learn", put("algorithm/test_error", 0.6 * VARIANCE), NO),
    ("Z07", "smoothing is needed", put("algorithm/test_error", 0.51 * VARIANCE, variant="no smoothing"), NO),
    ("Z07", "signs are needed", put("algorithm/test_error", 0.51 * VARIANCE, variant="no signs"), NO),
    ("Z07", "an NTK term is left", put("algorithm/identity_gap", 1e-10, variant="plain", seed=1), NO),
    ("Z10", "two layers on F", gap(0.2, depth=2, task="F"), TREND),
    ("Z10", "three layers on F", gap(0.4, depth=3, task="F"), NO),
    (
        "Z10",
        "two layers nowhere",
        lambda record: [gap(0.2, depth=2, task=task)(record) for task in ("F", "lazy")],
        NO,
    ),
    ("Z11", "without biases", put("scaling/plain_gap", 1e-10, factor=0.5, seed=1), NO),
    ("Z11", "with biases scaled", put("scaling/restored_gap", 1e-10, factor=0.5, seed=1), NO),
    ("Z11", "biases do not matter", put("scaling/biased_gap", 0.05, factor=0.1), NO),
    ("Z13", "slowly in N", times("risk/test_error", lambda risk: (risk.n / 50) ** 0.3), TREND),
    ("Z13", "not in N", times("risk/test_error", lambda risk: (risk.n / 50) ** 0.7), NO),
    ("Z13", "growth in m", times("risk/test_error", lambda risk: (risk.width / 4) ** 0.2), NO),
    ("Z13", "growth beyond the best m", falls_and_grows, NO),
    ("Z13", "noise is learnt", put("risk/test_error", 9.0, noise=2.0, n=100, width=8), NO),
]


@pytest.mark.parametrize("claim_id", [claim.id for claim in CLAIMS])
def test_check_accepts_a_record_in_which_the_claim_holds(claim_id):
    assert verdict(NAME, claim_id, mended()) == YES


@pytest.mark.parametrize(("claim_id", "what", "spoil", "then"), SPOILT, ids=[f"{s[0]}: {s[1]}" for s in SPOILT])
def test_check_turns_when_a_number_is_spoilt(claim_id, what, spoil, then):
    record = mended()
    spoil(record)
    assert verdict(NAME, claim_id, record) == then


def test_every_check_is_tried():
    assert {claim_id for claim_id, *_ in SPOILT} == {claim.id for claim in CLAIMS}


def test_runs_without_sigma_do_not_count_for_theorem_2():
    record = mended()
    put("risk/test_error", 40.0, sigma="without")(record)
    assert verdict(NAME, "Z13", record) == YES


def test_cost_slope_growth_and_noise_are_of_means_over_seeds():
    record = mended()
    risk = record["risk"].dataset
    assert slope_in_n(risk, "with") == pytest.approx(-0.6)
    assert float(growth_in_m(risk, "without")) == float(rise_in_m(risk, "without")) == pytest.approx(1)
    np.testing.assert_allclose(noise_kept(risk, "with"), [0.2])
    falls_and_grows(record)
    assert float(growth_in_m(record["risk"].dataset, "with")) == pytest.approx(1.3 / 4)
    assert float(rise_in_m(record["risk"].dataset, "with")) == pytest.approx(1.3)
    put("algorithm/test_error", 3.0, variant="full", seed=0)(record)
    put("algorithm/test_error", 1.0, variant="full", seed=1)(record)
    put("algorithm/test_error", 5.0, variant="plain")(record)
    assert float(cost_of_leaving_out(record).sel(variant="plain")) == pytest.approx(2.5)
