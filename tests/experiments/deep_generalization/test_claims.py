"""Each check accepts a record in which its claim holds, and turns when one number of it is spoilt."""

import numpy as np
import pytest
import xarray as xr
from rooms import put, replace, times, tiny_record, verdict

from ntkbook.claims import Verdict
from ntkbook.experiments.deep_generalization.claims import CLAIMS, certificate_slopes, close_slopes

NAME, NO = "deep_generalization", Verdict.NOT_REPRODUCED
NETS = {
    "test_error": 0.01,
    "surrogate": 0.05,
    "linear_term": 0.1,
    "curvature_term": 0.1,
    "movement": 0.5,
    "allowed_radius": 1.0,
    "radius": 1.0,
    "sharp_bound": 0.5,
    "linear_test_error": 0.01,
}


def mended(claim_id):
    """A tiny run's record, with what is too small or too noisy at this size replaced by what the theory says."""
    record = tiny_record(NAME)
    samples, widths, features, one_class = (
        record[part].dataset for part in ("samples", "widths", "features", "one_class")
    )
    if claim_id == "C03":
        for part in ("samples", "widths"):
            for name, value in NETS.items():
                put(f"{part}/{name}", value)(record)
        replace(record, "samples/rademacher", samples.depth * samples.n**-0.5)
        replace(record, "widths/rademacher", 1.0)
    if claim_id == "C04":
        for name in ("bartlett", "neyshabur"):
            replace(record, f"widths/{name}", widths.width**0.5)
        replace(record, "widths/linear_term", 0.3)
    if claim_id == "C11":
        replace(record, "features/gamma", 1 - 1 / features["count"])
        replace(record, "features/ceiling", 1 + 1 / features["count"])
        for name, value in {"linear": 0.5, "kernel": 2, "layer_margin": 1, "certificate": 1}.items():
            put(f"features/{name}", value)(record)
        replace(record, "one_class/expected", 32 / one_class.dim)
        replace(record, "one_class/ratio", xr.where(one_class.depth == 1, 32 / one_class.dim, 80))
    if claim_id == "C13":
        replace(record, "samples/test_error", samples.n**-0.3)
        replace(record, "widths/test_error", 0.1)
    if claim_id == "C14":
        certificates = record["certificates"].dataset
        replace(record, "certificates/certificate", 0.5 * certificates.n ** -(0.2 + 0.5 * certificates.portion))
    return record


def factor(name, by, **where):
    """Multiply a variable where it stands at some coordinates."""

    def scale(part):
        inside = xr.DataArray(True)
        for dim, value in where.items():
            inside = inside & (part[dim] == value)
        return xr.where(inside, by(part) if callable(by) else by, 1.0)

    return times(name, scale)


def closer(certificates):
    """Powers of n that make the slopes -0.4 of true labels and -0.55 of random ones."""
    return certificates.n ** xr.where(certificates.portion == 0, -0.2, xr.where(certificates.portion == 1, 0.15, 0))


SPOILT = [
    ("C03", "one net above the bound", put("samples/test_error", 0.9, task="4/9", depth=2, n=20, seed=1), NO),
    ("C03", "one wide net above it", put("widths/test_error", 0.9, width=64, seed=1), NO),
    ("C03", "shallow in n", times("samples/rademacher", lambda part: part.n**0.15), NO),
    ("C03", "steep in n", times("samples/rademacher", lambda part: part.n**-0.15), NO),
    ("C03", "rises with m", times("widths/rademacher", lambda part: part.width**0.15), NO),
    ("C03", "falls with m", times("widths/rademacher", lambda part: part.width**-0.15), NO),
    ("C03", "layers add more", factor("samples/rademacher", 1.3, depth=2), NO),
    ("C03", "layers add less", factor("samples/rademacher", 0.7, depth=2), NO),
    ("C03", "outside of the class", put("samples/radius", 0.4, task="0/1", depth=1, n=80, seed=0), NO),
    ("C03", "above the sharp bound", put("samples/linear_test_error", 0.6, task="0/1", n=20, seed=0), NO),
    ("C03", "linear part is empty", put("samples/sharp_bound", 1.0, task="0/1", depth=2, n=80), NO),
    ("C03", "tau is too large", put("widths/movement", 1.1, seed=1, width=32), Verdict.VACUOUS),
    ("C03", "the whole is empty", put("samples/curvature_term", 1.0, seed=1), Verdict.VACUOUS),
    *(
        ("C04", f"{name} {power:+}", times(f"widths/{name}", lambda part, power=power: part.width**power), NO)
        for name in ("bartlett", "neyshabur", "linear_term")
        for power in (0.15, -0.15)
    ),
    ("C11", "gamma_N does not rise", put("features/gamma", 0.985, count=20), NO),
    ("C11", "gamma_N falls on one task", factor("features/gamma", 0.9, count=60, task="4/9"), NO),
    ("C11", "ceiling rises", factor("features/ceiling", 1.1, count=60, task="3/8"), NO),
    ("C11", "bracket crosses", put("features/gamma", 1.02, count=60, task="3/8, random labels"), NO),
    ("C11", "bracket is wide", factor("features/gamma", 0.84, task="0/1"), NO),
    ("C11", "below the inputs' margin", put("features/linear", 1.1, task="0/1"), NO),
    ("C11", "above the kernel's margin", put("features/kernel", 0.9, task="0/1"), NO),
    ("C11", "one draw without margin", put("features/gamma", 0.0, seed=1, task="4/9", count=20), NO),
    ("C11", "a margin without separation", put("unseparable/gamma", 1e-9), NO),
    ("C11", "one layer below B.2", put("features/layer_margin", 0.1, layer=2, seed=1, task="3/8"), NO),
    ("C11", "one net below B.3", put("features/certificate", 0.08, layer=2, seed=1, task="3/8"), NO),
    ("C11", "B.3 fails with two layers", put("one_class/ratio", 0.9, depth=2, dim=8, seed=0), NO),
    ("C11", "off the law", factor("one_class/ratio", 1.15, depth=1), NO),
    ("C11", "under the law", factor("one_class/ratio", 0.85, depth=1), NO),
    ("C11", "B.3 holds in high dimension", times("one_class/expected", lambda part: part.dim / 32), NO),
    ("C12", "one layer off", put("recursion/deviation", 3.0, layer=3), NO),
    ("C12", "one sample without margin", put("margins/margin", 0.0, layer=2, seed=1, task="4/9"), NO),
    ("C12", "a margin for a contradiction", put("unseparable/margin", 1e-9, case="contradictory duplicate"), NO),
    ("C12", "odd labels at l = 1", put("unseparable/margin", 1e-9, case="antipodal pairs, odd labels", layer=1), NO),
    ("C12", "not at l = 2", put("unseparable/margin", 0.0, case="antipodal pairs, odd labels", layer=2), NO),
    ("C13", "slow in n", times("samples/test_error", lambda part: part.n**0.1), NO),
    ("C13", "slow for one pair", factor("samples/test_error", 2, task="4/9", depth=2, n=80), NO),
    ("C13", "rises with m", factor("widths/test_error", 1.2, width=64, depth=1), NO),
    ("C14", "random labels fall slowly", factor("certificates/certificate", lambda part: part.n**0.25, portion=1), NO),
    ("C14", "true labels fall fast", factor("certificates/certificate", lambda part: part.n**-0.35, portion=0), NO),
    ("C14", "little apart", times("certificates/certificate", closer), NO),
    ("C14", "below the floor", put("certificates/least_coordinate", 0.6), NO),
    ("C14", "slope of wide pairs", times("close_pair/certificate", lambda part: part.angle**0.15), NO),
    ("C14", "slope of narrow pairs", times("close_pair/certificate", lambda part: part.angle**-0.15), NO),
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


def test_certificate_slopes_are_those_of_means_over_seeds():
    record = tiny_record(NAME)
    one = record["certificates"].dataset.certificate.sel(task="3/8", depth=1, portion=0.5)
    expected = np.polyfit(np.log(one.n), np.log(one.mean("seed")), 1)[0]
    assert float(certificate_slopes(record).sel(task="3/8", depth=1, portion=0.5)) == pytest.approx(expected)


def test_slopes_in_the_distance_leave_out_what_lies_between_the_regimes():
    record = tiny_record(NAME)
    pairs = record["close_pair"].dataset
    steep = xr.where(pairs.width * pairs.angle <= 0.3, pairs.angle, pairs.angle**0.5)
    between = (pairs.width * pairs.angle > 0.3) & (pairs.width * pairs.angle < 30)
    replace(record, "close_pair/certificate", xr.where(between, 1e6, steep))
    wide, narrow = close_slopes(record)
    np.testing.assert_allclose(wide, 0.5)
    np.testing.assert_allclose(narrow, 1)
