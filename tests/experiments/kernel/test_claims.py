"""Each check accepts a record in which its claim holds, and turns when one number of it is spoilt."""

import numpy as np
import pytest
from rooms import put, replace, times, tiny_record, verdict

from ntkbook.claims import Verdict
from ntkbook.experiments.kernel.claims import CLAIMS, width_slopes

NAME, NO = "kernel", Verdict.NOT_REPRODUCED


def mended(claim_id):
    """A tiny run's record, with what is too noisy at this size replaced by what the theory says."""
    record = tiny_record(NAME)
    if claim_id == "A01":
        replace(record, "deviations/frobenius", record["deviations"].dataset.width ** -0.5)
    return record


SPOILT = [
    ("A01", "no decay", put("deviations/frobenius", 0.1)),
    ("A01", "slow decay", times("deviations/frobenius", lambda part: part.width**0.15)),
    ("A01", "fast decay", times("deviations/frobenius", lambda part: part.width**-0.15)),
    ("A01", "above the lemma", put("deviations/bound", 0.0)),
    ("A01", "one net above the lemma", put("deviations/bound", 0.062, width=256)),
    ("A01", "one entry off", put("deviations/largest_entry", 0.6, width=16, seed=2)),
    ("A01", "one net is no number", put("deviations/frobenius", np.nan, width=64, seed=1)),
    ("A01", "one entry is no number", put("deviations/largest_entry", np.nan, width=64, seed=1)),
    ("A02", "singular on data", put("images/lambda_min", 0.0)),
    ("A02", "factor of the law", times("parallel/pair", 1.02)),
    ("A02", "slope of the law", times("parallel/pair", lambda part: (part.angle / 1e-3) ** 0.02)),
    ("A02", "digits lost at 1e-6", put("parallel/pair", 1.7e-7, angle=1e-6)),
    ("A02", "duplicate", put("parallel/duplicate", 1e-12)),
    ("A02", "antipodal pair", put("parallel/antipodal", 0.5 - 1e-6)),
    ("A02", "antipodal pairs", put("parallel/many_antipodal", 1e-9)),
    ("A02", "no number on data", put("images/lambda_min", np.nan)),
    ("A20", "linear bound", put("series/minus_linear", -1e-9)),
    ("A20", "one power bound", put("series/minus_power", -1e-9, half_degree=4)),
    ("A20", "series", times("series/error", lambda part: 1.01 * part.left_out / part.error)),
    ("A20", "matrix order", put("matrix_order/least_eigenvalue", -1e-9, pair=2)),
    ("A20", "no power bound is a number", put("series/minus_power", np.nan)),
    ("A20", "one power bound is no number", put("series/minus_power", np.nan, half_degree=4)),
    ("A20", "matrix order is no number once", put("matrix_order/least_eigenvalue", np.nan, pair=2)),
]


@pytest.mark.parametrize("claim_id", [claim.id for claim in CLAIMS])
def test_check_accepts_a_record_in_which_the_claim_holds(claim_id):
    assert verdict(NAME, claim_id, mended(claim_id)) == Verdict.REPRODUCED


@pytest.mark.parametrize(("claim_id", "what", "spoil"), SPOILT, ids=[f"{s[0]}: {s[1]}" for s in SPOILT])
def test_check_turns_when_a_number_is_spoilt(claim_id, what, spoil):
    record = mended(claim_id)
    spoil(record)
    assert verdict(NAME, claim_id, record) == NO


def test_every_check_is_tried():
    assert {claim_id for claim_id, *_ in SPOILT} == {claim.id for claim in CLAIMS}


def test_slope_is_that_of_the_root_mean_square_over_seeds():
    record = tiny_record(NAME)
    size = np.sqrt((record["deviations"].dataset.frobenius ** 2).mean("seed").sel(data="digits"))
    expected = np.polyfit(np.log(size.width), np.log(size), 1)[0]
    assert width_slopes(record).values == pytest.approx([expected])
