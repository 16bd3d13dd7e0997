"""Each check accepts a record in which its claim holds, and turns when one number of it is spoilt."""

import numpy as np
import pytest
import xarray as xr
from rooms import put, replace, times, tiny_record, verdict

from ntkbook.claims import Verdict
from ntkbook.experiments.learnable_functions.claims import CLAIMS, doubling

NAME, NO = "learnable_functions", Verdict.NOT_REPRODUCED


def mended(claim_id):
    """A tiny run's record, with what is too noisy at this size replaced by what the theory says."""
    record = tiny_record(NAME)
    if claim_id == "A17":
        norms = record["norms"].dataset
        replace(record, "norms/norm", norms.limit * (1 - 1 / norms.n))
    return record


def slower(record):
    """Mean squares of the quadratic that do not fall."""
    nets = record["nets"].dataset
    replace(record, "nets/test_square", xr.where(nets.target == "quadratic", nets.zero_square / 2, nets.test_square))


SPOILT = [
    ("A17", "above the theorem", put("norms/bound", 1.9, function="power 1")),
    ("A17", "above the proof", put("norms/bound_in_proof", 2.3, function="power 2")),
    ("A17", "above the limit", put("norms/limit", 1.9, function="power 1", dim=10)),
    ("A17", "one draw", put("norms/norm", 2.001, function="power 1", dim=10, n=40, seed=1)),
    ("A17", "no plateau", put("norms/norm", 1.9, function="power 1", dim=3, n=80)),
    ("A18", "cosine", put("norms/bound", 0.05, function="cosine 0.5")),
    ("A18", "arctan", put("norms/bound", 0.1, function="arctan")),
    ("A18", "one quadratic form", put("norms/quadratic_norm", 6.1, dim=10, seed=1, n=40)),
    ("A18", "one sum", put("norms/sum_bound", 0.1, dim=10, seed=1)),
    ("A19", "power 5 comes to rest", put("norms/norm", 30.0, function="power 5", dim=3)),
    ("A19", "a finite limit", put("norms/limit", 50.0, function="power 3", dim=10)),
    ("A21", "one net above the leading term", put("nets/leading_term", 0.0, target="linear", n=25, seed=1)),
    ("A21", "a slope", slower),
    ("A21", "the cubic is learnt", times("nets/test_square", lambda r: 1 - 0.999 * (r.target == "cubic"))),
    ("A21", "one net not trained as far", put("nets/train_loss", 1e-4, target="cubic", n=100, seed=1)),
    ("A22", "no growth without", put("norms/norm", 10.0, function="power 3", dim=3)),
    ("A22", "growth with", put("norms/cubic_norm_with_bias", 2.0, dim=3, n=80)),
    ("A22", "one draw above its limit", put("norms/cubic_norm_with_bias", 7.0, dim=10, n=40, seed=1)),
    ("A22", "no limit", put("norms/cubic_limit_with_bias", np.inf, dim=10)),
    ("A24", "our sum is large", put("rival/ours", 0.2)),
    ("A24", "the rival's terms fall", put("rival/theirs", 0.0, constant=2.0, term=40)),
    ("A24", "the rival converges", put("rival/ratio", 0.9)),
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


def test_growth_is_that_of_the_mean_over_seeds():
    values = xr.DataArray([[1.0, 3.0], [2.0, 4.0], [4.0, 5.0]], dims=("n", "seed"))
    assert float(doubling(values)) == pytest.approx(4.5 / 3)
