import json
from functools import partial

import numpy as np
import pytest
import xarray as xr

from ntkbook.claims import Claim, Condition, Judgement, Verdict
from ntkbook.ledger import KEYS
from ntkbook.verdicts import judge, margin, not_numbers, reads

PROVENANCE = {
    "experiment": "toy",
    "profile": "quick",
    "data": "three numbers",
    "seeds": "0, 1",
    "device": "cpu",
    "commit": "abc",
}


def record(values=(2.0,), **others):
    """One part with a number for each seed, and others that are given whole."""
    part = xr.Dataset({"value": ("seed", list(values))} | others, {"seed": range(len(values))})
    tree = xr.DataTree.from_dict({"numbers": part})
    tree.attrs = PROVENANCE
    return tree


def claim(check, id="A01"):
    return Claim(id, check, "above 0", "none")


def mean_is(relation, bound, tree, exact=False):
    mean = float(tree["numbers"].value.mean(skipna=False))
    return Judgement(f"mean {mean:g}", ((Verdict.REPRODUCED, (Condition("mean", mean, relation, bound, exact),)),))


positive = claim(partial(mean_is, ">", 0.0))


def test_judging_gives_rows_of_the_ledger_from_the_record_alone():
    rows = judge([positive, claim(partial(mean_is, ">", 0.0), "A02")], record())
    assert [list(row) for row in rows] == [list(KEYS)] * 2
    assert rows[1] == {
        "claim": "A02",
        "profile": "quick",
        "verdict": "reproduced",
        "measured": "mean 2",
        "expected": "above 0",
        "tolerance": "none",
        "experiment": "toy",
        "data": "three numbers",
        "seeds": "0, 1",
        "device": "cpu",
        "commit": "abc",
        "margin": "one seed",
    }
    assert judge([positive], record([-1.0]))[0]["verdict"] == "not reproduced"
    assert judge([], record()) == []
    assert json.dumps(rows)


def test_a_variable_with_nan_is_refused_by_the_claims_that_read_it_and_by_no_other():
    spoilt = record([1.0, np.nan])
    with pytest.raises(ValueError, match=r"A01: expected numbers in numbers/value of the record of toy, found NaN"):
        judge([positive], spoilt)
    unread = record([1.0], other=("x", [np.nan, 1.0]))
    assert list(not_numbers(unread)) == ["numbers/other"]
    assert judge([positive], unread)[0]["verdict"] == "reproduced"


def test_nan_is_excused_where_nothing_was_measured_and_nowhere_else():
    values = [[1.0, np.nan], [2.0, 3.0]]
    part = xr.Dataset({"value": (("data", "draw"), values), "measured": (("data", "draw"), np.isfinite(values))})
    tree = xr.DataTree.from_dict({"nets": part})
    assert list(not_numbers(tree)) == []
    tree.children["nets"].data_vars["value"][1, 0] = np.nan
    assert list(not_numbers(tree)) == ["nets/value"]


def test_a_nan_among_the_coordinates_is_found():
    part = xr.Dataset({"value": ("step", [1.0, 2.0])}, {"step": [0.0, np.nan]})
    assert list(not_numbers(xr.DataTree.from_dict({"curves": part}))) == ["curves/step"]


def test_a_check_reads_what_it_cannot_do_without():
    tree = record([1.0], other=("x", [1.0]))
    assert reads(positive, tree, "numbers/value")
    assert not reads(positive, tree, "numbers/other")
    assert "value" in tree["numbers"]


@pytest.mark.parametrize("count", [3, 5, 20])
def test_margin_is_the_distance_in_standard_errors_of_the_mean(count):
    values = np.random.default_rng(count).normal(4.0, 1.0, count)
    expected = (values.mean() - 1) / (values.std(ddof=1) / count**0.5)
    assert margin(claim(partial(mean_is, ">", 1.0)), record(values)) == pytest.approx(expected, rel=0.35)
    assert margin(claim(partial(mean_is, "<", 1.0)), record(values)) == pytest.approx(expected, rel=0.35)


def test_margin_shrinks_with_the_distance_and_the_verdict_turns_at_zero():
    values = [0.9, 1.0, 1.1]
    bounds = (0.5, 0.9, 0.99, 1.01)
    margins = [float(margin(claim(partial(mean_is, ">", bound)), record(values))) for bound in bounds]
    assert margins[0] > margins[1] > margins[2] >= 0
    assert margins[2] < 1
    assert margins[3] < 1


def two(first, second, tree):
    part = tree["numbers"]
    conditions = [Condition(name, float(part[name].mean()), "<", 1.0) for name in (first, second)]
    return Judgement("", ((Verdict.REPRODUCED, tuple(conditions)), (Verdict.ONLY_ASYMPTOTIC, (conditions[0],))))


def test_the_nearest_condition_counts_where_all_hold_and_the_farthest_of_those_that_fail():
    def tree(near, far):
        draws = np.array([-0.1, 0.0, 0.1])
        return record([0.0] * 3, near=("seed", near + draws), far=("seed", far + draws))

    check = claim(partial(two, "near", "far"))
    alone = {x: margin(claim(partial(two, "near", "near")), tree(x, 0)) for x in (0.9, 0.5, 1.1, 1.5)}
    assert margin(check, tree(0.9, 0.5)) == alone[0.9]  # reproduced: the nearer one
    assert margin(check, tree(1.1, 1.5)) == alone[1.1]  # not reproduced: "only asymptotic" lacks the first alone
    assert margin(check, tree(0.9, 1.5)) == alone[0.9]  # only asymptotic: it holds by less than "reproduced" fails by
    assert margin(check, tree(0.5, 1.1)) == alone[1.1]  # only asymptotic: "reproduced" is nearer


def test_margins_without_a_spread_are_words():
    assert margin(claim(partial(mean_is, ">", 0.0, exact=True)), record([1.0, 2.0])) == "exact"
    assert margin(positive, record([1.0])) == "one seed"
    assert margin(positive, record([1.0, 1.0])) == "no spread"
    assert margin(positive, record([0.1, 0.1, 0.1])) == "no spread"  # their standard deviation is not 0 by rounding
    alone = claim(lambda tree: Judgement("", ((Verdict.REPRODUCED, (_other(tree),)),)))
    assert margin(alone, record([1.0, 2.0], other=("x", [3.0]))) == "one seed"


def _other(tree):
    return Condition("other", float(tree["numbers"].other[0]), ">", 1.0)


def test_parts_with_as_many_seeds_are_drawn_together():
    """A difference between two parts that never varies has no spread, though both parts do."""
    part = xr.Dataset({"value": ("seed", [1.0, 5.0, 9.0])}, {"seed": range(3)})
    tree = xr.DataTree.from_dict({"a": part, "b": part + 1})

    def check(tree):
        gap = float((tree["b"].value - tree["a"].value).max())
        return Judgement("", ((Verdict.REPRODUCED, (Condition("gap", gap, "<=", 2.0),)),))

    assert margin(claim(check), tree) == "no spread"
