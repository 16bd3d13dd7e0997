"""Each check accepts a record in which its claim holds, and turns when one number of it is spoilt."""

import numpy as np
import pytest
from rooms import put, replace, times, tiny_record, verdict

from ntkbook.claims import Verdict
from ntkbook.experiments.convergence.claims import CLAIMS, gap

NAME, NO, LATER = "convergence", Verdict.NOT_REPRODUCED, Verdict.ONLY_ASYMPTOTIC


def away_from_prediction(record, factor, exponent):
    """Residuals that stray from their prediction by a power of the width."""
    runs = record["short_runs"].dataset
    replace(record, "short_runs/residual", runs.frozen + factor * runs.width**exponent)


def mended(claim_id):
    """A tiny run's record, with what is too noisy at this size replaced by what the theory says."""
    record = tiny_record(NAME)
    width = record["short_runs"].dataset.width
    if claim_id == "A03":
        put("short_runs/rate_violations", 0.0)(record)
    if claim_id == "A04":
        away_from_prediction(record, 0.5, -0.5)
    if claim_id == "A06":
        put("spectra/true_share", 0.9)(record)
        replace(record, "spectra/random_share", record["spectra"].dataset.fraction)
        replace(record, "spectra/eigenvalue", (1.0 * record["spectra"].dataset["index"]) ** -5)
    if claim_id in ("A15", "A16"):
        for name, exponent in (("gram_drift", -0.5), ("feature_drift", -0.25), ("step_error", -0.5)):
            replace(record, f"short_runs/{name}", width**exponent)
    return record


def swap(a, b, step):
    """Exchange the losses of two kinds of labels at one step."""

    def spoil(record):
        values = record["curves/loss"]
        first, second = (values.sel(labels=kind, step=step).copy() for kind in (a, b))
        values.loc[{"labels": a, "step": step}] = second
        values.loc[{"labels": b, "step": step}] = first

    return spoil


SPOILT = [
    (
        "A03",
        "paper's kappa",
        put("short_runs/rate_violations", 0.01, init_scale=0.01, width=512, labels="worst"),
        LATER,
    ),
    ("A03", "theory's kappa", put("short_runs/rate_violations", 0.01, init_scale=1.0, labels="worst"), LATER),
    ("A03", "growing with m", put("short_runs/rate_violations", 0.01, init_scale=1.0, width=512, labels="random"), NO),
    ("A04", "nothing like the prediction", put("short_runs/residual", 0.0), NO),
    ("A04", "gap that does not fall", lambda r: away_from_prediction(r, 0.01, 0), NO),
    ("A04", "wide gap that falls", lambda r: away_from_prediction(r, 3, -0.5), LATER),
    ("A06", "true labels flat in the first 1 %", put("spectra/true_share", 0.04, fraction=0.01), NO),
    ("A06", "true labels flat in the first 10 %", put("spectra/true_share", 0.4, fraction=0.1), NO),
    ("A06", "random labels not flat", put("spectra/random_share", 0.6, fraction=0.1), NO),
    ("A06", "no decay after the first", put("spectra/eigenvalue", 0.022, index=3), NO),
    ("A06", "slow decay from the first", put("spectra/eigenvalue", 0.012, index=1), NO),
    ("A07", "one kind of labels", put("identity/error", 1e-9, labels="random"), NO),
    ("A14", "one run", put("short_runs/movement_ratio", 1.01, init_scale=0.01, width=32, labels="true", seed=1), NO),
    ("A15", "gram", put("short_runs/gram_drift", 1.0), NO),
    ("A15", "features", put("short_runs/feature_drift", 1.0), NO),
    (
        "A15",
        "gram of worst labels",
        times("short_runs/gram_drift", lambda r: 1 + r["width"] * (r.labels == "worst")),
        NO,
    ),
    ("A15", "gram at the least width", put("short_runs/gram_drift", 0.05, width=32), LATER),
    ("A16", "growth", times("short_runs/step_error", lambda r: r["width"]), NO),
    (
        "A16",
        "slow decay for worst labels",
        times("short_runs/step_error", lambda r: r["width"] ** (0.3 * (r.labels == "worst"))),
        LATER,
    ),
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


def test_share_of_slow_steps_that_falls_but_is_not_zero_is_only_asymptotic():
    record = mended("A03")
    replace(record, "short_runs/rate_violations", 1 / record["short_runs"].dataset.width)
    assert verdict(NAME, "A03", record) == LATER


def test_gap_is_the_largest_distance_over_the_run():
    record = tiny_record(NAME)
    away_from_prediction(record, 0, 1)
    where = {"init_scale": 1.0, "width": 32, "labels": "true", "seed": 0}
    record["short_runs/residual"].loc[where | {"step": 5}] += 0.25
    assert float(gap(record).sel(where)) == pytest.approx(0.25)
    assert float(gap(record).sum()) == pytest.approx(0.25)


def test_gap_of_a_run_with_a_missing_number_is_missing():
    record = tiny_record(NAME)
    put("short_runs/residual", np.nan, width=32, seed=0, step=5)(record)
    assert bool(gap(record).sel(width=32, seed=0).isnull().all())
    assert bool(gap(record).sel(seed=1).notnull().all())
