"""Each check accepts a record in which its claim holds, and turns when one number of it is spoilt."""

import numpy as np
import pytest
from rooms import put, replace, times, tiny_record, verdict

from ntkbook.claims import Verdict
from ntkbook.experiments.two_layer_learning.claims import CLAIMS, evenness_slopes, risk_slopes, width_gain

NAME, NO = "two_layer_learning", Verdict.NOT_REPRODUCED
HOLDS = {"Z01": Verdict.ONLY_ASYMPTOTIC}


def mended(claim_id):
    """A tiny run's record, with what is too noisy at this size replaced by what the theory says."""
    record = tiny_record(NAME)
    if claim_id == "Z02":
        risk = record["risk"].dataset
        replace(record, "risk/stopped", (1 + 0.01 * risk.seed) / (risk.n * risk.width**0.5))
    if claim_id == "Z03":
        nets = record["widths"].dataset
        replace(record, "widths/fitted_error", 0.02 * (1 + 0.1 * nets.seed))
        replace(record, "widths/fitted_train", 0.001)
    if claim_id == "Z04":
        memory = record["memory"].dataset
        replace(record, "memory/train", 1e-4)
        replace(record, "memory/test", 0.01 + 1.9 * memory.portion)
    if claim_id == "Z09":
        replace(record, "widths/evenness", 1.4)
    return record


def concentrated(record):
    """At one moment, on one target, one neuron does all the work."""
    nets = record["widths"].dataset
    record["widths/evenness"].loc[{"target": "figure 1", "moment": 0.1}] = nets.width**0.25


def steeper(part):
    return part.exponent * 0 + np.where(part.range == 1, 1.2, 1.0)


SPOILT = [
    ("Z01", "C_s diverges", put("complexity/samples", np.inf, function="tanh", constant=1.0)),
    ("Z01", "it never begins", put("complexity/begins", np.inf, function="sin", constant=1e4)),
    ("Z01", "not below far out", put("growth/share", 1.1, function="z", multiple=16)),
    ("Z01", "no fall far out", put("growth/share", 0.9, function="z", multiple=16)),
    ("Z01", "no power", times("truncated/exponent", steeper)),
    ("Z02", "no fall in N without noise", put("risk/stopped", 0.001, noise=0.0, width=8)),
    ("Z02", "no fall in N with noise", put("risk/stopped", 0.001, noise=0.5, width=8)),
    ("Z02", "wide nets are worse without noise", put("risk/stopped", 0.001, noise=0.0, width=4, n=20)),
    ("Z02", "wide nets are worse with noise", put("risk/stopped", 0.001, noise=0.5, width=4, n=20)),
    ("Z02", "noise is learnt", times("risk/stopped", 10.0)),
    ("Z03", "one net is not fitted", put("widths/fitted_train", 0.011, target="concept", width=8, seed=1)),
    ("Z03", "the error grows", put("widths/fitted_error", 0.03, target="concept", width=8)),
    ("Z04", "random labels are not fitted", put("memory/train", 0.011, portion=1.0, step=30)),
    ("Z04", "true labels are not fitted", put("memory/train", 0.011, portion=0.0, step=30)),
    ("Z04", "true labels are not learnt", put("memory/test", 0.11, portion=0.0, step=30)),
    ("Z04", "random labels are predicted", put("memory/test", 0.9, portion=1.0, step=30)),
    ("Z09", "one neuron at one moment", concentrated),
]


@pytest.mark.parametrize("claim_id", [claim.id for claim in CLAIMS])
def test_check_accepts_a_record_in_which_the_claim_holds(claim_id):
    assert verdict(NAME, claim_id, mended(claim_id)) == HOLDS.get(claim_id, Verdict.REPRODUCED)


@pytest.mark.parametrize(("claim_id", "what", "spoil"), SPOILT, ids=[f"{s[0]}: {s[1]}" for s in SPOILT])
def test_check_turns_when_a_number_is_spoilt(claim_id, what, spoil):
    record = mended(claim_id)
    spoil(record)
    assert verdict(NAME, claim_id, record) == NO


def test_every_check_is_tried():
    assert {claim_id for claim_id, *_ in SPOILT} == {claim.id for claim in CLAIMS}


def test_complexities_that_were_small_at_once_would_be_reproduced():
    record = mended("Z01")
    replace(record, "complexity/network", 1.0)
    assert verdict(NAME, "Z01", record) == Verdict.REPRODUCED


def test_a_widest_net_above_the_best_counts_even_where_the_slope_is_small():
    record = mended("Z03")
    record["widths/fitted_error"].loc[{"target": "concept", "width": 4}] *= 0.79
    assert verdict(NAME, "Z03", record) == NO


def test_quantities_of_the_checks_are_what_they_are_called():
    record = mended("Z02")
    np.testing.assert_allclose(risk_slopes(record), -1)
    np.testing.assert_allclose(width_gain(record), 0.5**0.5)
    nets = record["widths"].dataset
    replace(record, "widths/evenness", nets.width**0.1)
    np.testing.assert_allclose(evenness_slopes(record), 0.1)
