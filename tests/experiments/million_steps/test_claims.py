import numpy as np
import pytest
from rooms import put, tiny_record, verdict

from ntkbook.claims import Verdict
from ntkbook.experiments.million_steps.claims import until_learnt

NAME, NO = "million_steps", Verdict.NOT_REPRODUCED


def ordered():
    """A record in which true labels are learnt before random ones, and these before worst-case ones."""
    record = tiny_record(NAME)
    for kind, factor in (("true", 1e-3), ("random", 1e-2), ("worst", 1e-1)):
        steps = record["runs"].dataset.step.values
        record["runs/loss"].loc[{"labels": kind}] = np.where(steps == 0, 0.5, factor / (1 + steps))
    return record


def steps_of(record) -> list[int]:
    return record["runs"].dataset.step.values.tolist()


def swap(a, b, place):
    def spoil(record):
        loss = record["runs/loss"]
        first, second = (loss.sel(labels=kind).isel(step=place).values.copy() for kind in (a, b))
        loss.loc[{"labels": a, "step": loss.step[place]}] = second
        loss.loc[{"labels": b, "step": loss.step[place]}] = first

    return spoil


def test_the_order_is_reproduced_where_it_holds():
    assert verdict(NAME, "A05", ordered()) == Verdict.REPRODUCED


@pytest.mark.parametrize(
    "spoil", [swap("true", "random", 3), swap("random", "worst", 20), put("runs/loss", 0.3), swap("true", "worst", 1)]
)
def test_one_step_out_of_order_is_enough(spoil):
    record = ordered()
    spoil(record)
    assert verdict(NAME, "A05", record) == NO


def test_the_order_counts_from_the_first_step_on():
    record = ordered()
    swap("true", "worst", 0)(record)
    assert verdict(NAME, "A05", record) == Verdict.REPRODUCED


def test_a_pair_counts_until_its_faster_kind_is_learnt():
    record = ordered()
    put("runs/loss", 1e-7, labels="true", step=steps_of(record)[10])(record)
    late = put("runs/loss", 1.0, labels="true", step=steps_of(record)[15])
    late(record)
    assert verdict(NAME, "A05", record) == Verdict.REPRODUCED
    swap("random", "worst", 15)(record)
    assert verdict(NAME, "A05", record) == NO
    record = ordered()
    put("runs/loss", 1e-7, labels="true", step=steps_of(record)[10])(record)
    swap("true", "random", 9)(record)
    assert verdict(NAME, "A05", record) == NO


def test_a_pair_counts_as_far_as_both_came():
    record = ordered()
    last = steps_of(record)[12]
    for step in steps_of(record)[13:]:
        put("runs/loss", np.nan, labels="worst", step=step)(record)
        record["runs/measured"].loc[{"labels": "worst", "step": step}] = False
    runs = record["runs"].dataset.isel(data=0)
    assert int(until_learnt(runs, "random", "worst").step[-1]) == last
    assert int(until_learnt(runs, "true", "random").step[-1]) > last
    assert verdict(NAME, "A05", record) == Verdict.REPRODUCED
    swap("true", "random", 14)(record)
    assert verdict(NAME, "A05", record) == NO
