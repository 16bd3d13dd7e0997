"""Each check accepts a record in which its claim holds, and turns when one number of it is spoilt."""

import numpy as np
import pytest
import xarray as xr
from rooms import put, replace, times, tiny_record, verdict

from ntkbook.claims import Verdict
from ntkbook.experiments.generalization.claims import CLAIMS
from ntkbook.experiments.generalization.claims_noise import inversions, pooled_correlation, rank_correlation
from ntkbook.verdicts import judge

NAME, NO, LATER = "generalization", Verdict.NOT_REPRODUCED, Verdict.ONLY_ASYMPTOTIC


def mended(claim_id):
    """A tiny run's record, with what is too noisy at this size replaced by what the theory says."""
    record = tiny_record(NAME)
    nets, balls = record["nets"].dataset, record["balls"].dataset
    if claim_id == "A08":
        replace(record, "measures/measure", record["measures"].dataset.expected)
    if claim_id == "A09":
        replace(record, "nets/measure", 1 + nets.portion)
        replace(record, "nets/error", 0.5 * nets.portion)
        replace(record, "nets/l1", nets.portion)
        replace(record, "nets/loss", nets.loss / 20)
    if claim_id == "A10":
        ramp = np.minimum(nets.ramp, nets.measure / 10)
        replace(record, "nets/measure", nets.measure / 10)
        replace(record, "nets/remainder", nets.remainder / 10)
        replace(record, "nets/ramp", ramp)
        replace(record, "nets/error", np.minimum(nets.error, ramp))
    if claim_id == "A11":
        replace(record, "balls/neuron_movement", balls.width**-0.4)
        for name in ("", "low_"):
            replace(record, f"balls/{name}movement", balls[f"{name}linear_movement"] * (1 + balls.width**-0.5))
        replace(record, "balls/low_loss", 1e-2)
    if claim_id == "A12":
        for name in ("linear", "jensen", "linear_term", "ascended", "bound", "linear_error"):
            replace(record, f"balls/{name}", balls[name] / 100)
    if claim_id == "A23":
        for name in ("movement", "ramp"):
            replace(record, f"balls/{name}", 1.0)
    return record


def three_portions(record):
    """Leave the nets with every other portion."""
    record["nets"] = xr.DataTree(record["nets"].to_dataset().isel(portion=slice(None, None, 2)))


SPOILT = [
    ("A08", "one draw below the true labels", put("measures/measure", 0.1, portion=1.0, seed=1), NO),
    ("A08", "one tenth off", times("measures/measure", lambda r: xr.where(r["portion"] == 0.4, 1.11, 1)), NO),
    ("A08", "the closed form is missing", put("measures/expected", np.nan, portion=0.4), NO),
    ("A09", "l1 falls", put("nets/l1", 0.9, portion=0.0), NO),
    ("A09", "errors fall", put("nets/error", 0.001, portion=1.0), NO),
    ("A09", "not an upper bound", put("nets/error", 1.1, portion=1.0, draw=0), NO),
    ("A09", "one net not converged", put("nets/loss", 6e-3, portion=0.5, draw=1), NO),
    ("A09", "a number of one net is missing", put("nets/l1", np.nan, portion=0.5, draw=1), NO),
    ("A10", "a number of one net is missing", put("nets/ramp", np.nan, portion=0.5, draw=1), NO),
    ("A10", "one net above", put("nets/ramp", 0.99, portion=0.0, draw=1), NO),
    ("A10", "errors above the ramp", put("nets/error", 1.0, portion=1.0, draw=0), NO),
    ("A09", "three portions", lambda record: three_portions(record), NO),
    ("A10", "nothing said", put("nets/remainder", 1.0), Verdict.VACUOUS),
    (
        "A10",
        "nothing said of one net with true labels",
        put("nets/remainder", 1.0, portion=0.0, draw=1),
        Verdict.VACUOUS,
    ),
    ("A11", "the farthest neurons move alike", put("balls/neuron_movement", 0.1), NO),
    (
        "A11",
        "r.m.s. too steep",
        times("balls/movement", lambda r: r["width"] ** (-0.2 * (r["labels"] == "random"))),
        NO,
    ),
    (
        "A11",
        "excess that stays",
        times("balls/movement", lambda r: 1 + 0.05 * r["width"] ** 0.5 * (r.init_scale == 1)),
        NO,
    ),
    (
        "A11",
        "excess that stays at the low loss",
        put("balls/low_linear_movement", 0.1, labels="random", init_scale=1.0),
        NO,
    ),
    ("A11", "one net did not come so far", put("balls/low_loss", 1.1e-2, width=32, labels="true", seed=1), NO),
    ("A11", "at the paper's kappa", put("balls/movement", 1e3, init_scale=0.01, width=512, labels="random"), LATER),
    ("A11", "there at the low loss", put("balls/low_movement", 1e3, init_scale=0.01, width=512, labels="true"), LATER),
    ("A12", "Jensen", put("balls/linear", 1e3, init_scale=1.0, width=32, labels="true", seed=1), NO),
    ("A12", "first term", put("balls/linear_term", 0.0, init_scale=1.0, width=32, labels="true", seed=1), NO),
    ("A12", "events", put("balls/in_reach", 1e9, init_scale=0.01, width=32, labels="true", seed=1), NO),
    ("A12", "a net above the bound", put("balls/ascended", 1e9, init_scale=0.01, width=32, labels="true"), NO),
    ("A12", "a net above our cap", put("balls/flips_capped", -1.0, init_scale=1.0, width=32, labels="random"), NO),
    ("A12", "nothing said", put("balls/bound", 0.5), Verdict.VACUOUS),
    ("A13", "true labels", times("auxiliary/norm", lambda r: xr.where(r["labels"] == "true", 1 + 2e-6, 1)), NO),
    ("A23", "movement grows", times("balls/movement", lambda r: r["width"] ** 0.06), NO),
    ("A23", "loss grows", times("balls/ramp", lambda r: r["width"] ** (0.06 * (r["labels"] == "true"))), NO),
]


@pytest.mark.parametrize("claim_id", [claim.id for claim in CLAIMS])
def test_check_accepts_a_record_in_which_the_claim_holds(claim_id):
    assert verdict(NAME, claim_id, mended(claim_id)) == Verdict.REPRODUCED


@pytest.mark.parametrize(("claim_id", "what", "spoil", "expected"), SPOILT, ids=[f"{s[0]}: {s[1]}" for s in SPOILT])
def test_check_turns_when_a_number_is_spoilt(claim_id, what, spoil, expected):
    record = mended(claim_id)
    spoil(record)
    assert verdict(NAME, claim_id, record) == expected


def test_every_check_is_tried():
    assert {claim_id for claim_id, *_ in SPOILT} == {claim.id for claim in CLAIMS}


def uneven(claim_id):
    """Nets on two data sets, of which the second was drawn once."""
    record = mended(claim_id)
    nets = record["nets"].to_dataset()
    once = nets.where(nets.draw == 0).assign_coords(data=["other"])
    both = xr.concat([nets, once], "data")
    record["nets"] = xr.DataTree(both.assign(measured=both.steps.notnull()))
    return record


@pytest.mark.parametrize("claim_id", ["A09", "A10"])
def test_a_draw_that_was_not_run_on_a_data_set_does_not_count_and_those_of_the_others_do(claim_id):
    (claim,) = (claim for claim in CLAIMS if claim.id == claim_id)
    found = claim.check(uneven(claim_id))
    assert found.verdict == Verdict.REPRODUCED
    for name in ("l1", "error", "ramp"):
        record = uneven(claim_id)
        put(f"nets/{name}", np.nan, data="digits", portion=0.5, draw=1)(record)
        used = name != ("ramp" if claim_id == "A09" else "l1")
        assert claim.check(record).verdict == (NO if used else Verdict.REPRODUCED)
        if used:
            with pytest.raises(ValueError, match=rf"{claim_id}: expected numbers in nets/{name}"):
                judge([claim], record)
    if claim_id == "A10":
        assert f"of {3 * uneven(claim_id)['nets'].sizes['portion']} nets" in found.measured
        assert "digits 0 (draw 0), digits 0 (draw 1)" in found.measured


def test_inversions_are_the_pairs_of_data_sets_whose_measures_and_losses_disagree():
    measure = [[1.0, 3.0], [2.0, 4.0]]
    nets = xr.Dataset(
        {"measure": (("data", "portion"), measure), "l1": (("data", "portion"), [[0.5, 0.4], [0.3, 0.6]])},
        {"data": ["a", "b"], "portion": [0.0, 1.0]},
    )
    record = xr.DataTree.from_dict({"nets": nets.expand_dims(draw=2)})
    assert inversions(record, "l1") == [("a 0", "b 0")]  # within a data set the order is not looked at
    assert inversions(record, "measure") == []


def test_rank_correlations_are_those_of_the_means_over_draws():
    rng = np.random.default_rng(0)
    draws = {name: (("data", "portion", "draw"), rng.random((2, 5, 3))) for name in ("measure", "l1")}
    nets = xr.Dataset(draws, {"data": ["a", "b"]})
    record = xr.DataTree.from_dict({"nets": nets})

    def spearman(means):
        return means.measure.to_series().corr(means.l1.to_series(), method="spearman")

    means = nets.mean("draw")
    expected = {name: spearman(means.sel(data=name)) for name in ("a", "b")}
    assert rank_correlation(record, "l1") == pytest.approx(expected)
    assert pooled_correlation(record, "l1") == pytest.approx(spearman(means))
