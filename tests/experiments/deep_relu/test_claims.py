"""Each check accepts a record in which its claim holds, and turns when one number of it is spoilt."""

import numpy as np
import pytest
import xarray as xr
from rooms import put, replace, times, tiny_record, verdict

from ntkbook import adversarial
from ntkbook.claims import Verdict
from ntkbook.experiments.deep_relu.claims import CLAIMS
from ntkbook.experiments.deep_relu.quantities import NORMS, local_slopes, reached_by_all, slopes_in_width, widest

NAME, NO = "deep_relu", Verdict.NOT_REPRODUCED


def mended(claim_id):
    """A tiny run's record, with what is too noisy at this size replaced by what the theory says."""
    record = tiny_record(NAME)
    widths, n, moved = record["widths"].dataset, record["certificates"].dataset.n, record["linearity"].dataset
    tau, m, depth = moved.tau, moved.width, moved.depth
    theory = {
        "C05": {
            "widths/movement": 10,
            "widths/movement_at": 10,
            "long/movement_at": -np.log(2 * widths.epsilon),
            "long/time_to": 20 / widths.epsilon,
        },
        "C06": {"widths/time_to": 20 / widths.epsilon, "long/time_to": 20 / widths.epsilon},
        "C07": {
            "widths/constant": 0.1,
            "widths/certificate": 0.05,
            "certificates/proof": 0.001,
            "certificates/certificate": 0.2 * n ** -xr.DataArray([0.4, 0.65, 0.1], dims="task"),
        },
        "C08": {f"{part}/{name}": 0.8 for part in ("widths", "long") for name in ("largest", "gradient_start")},
        "C09": {
            "linearity/gap": tau**2,
            "linearity/gap_largest": 2 * tau**2,
            "linearity/gap_printed": tau,
            "linearity/adversarial_gap": adversarial.GAP * m**0.5 * tau ** (4 / 3),
            "linearity/adversarial_scale": m**0.5 * tau ** (4 / 3),
        },
        "C10": {
            **{f"linearity/{name}": 1 for name in NORMS},
            "linearity/flips": m * tau,
            "linearity/adversarial_flips": adversarial.FLIPS * m * tau ** (2 / 3),
            "linearity/most_flips": adversarial.MOST_FLIPS / depth ** (4 / 3),
        },
        "C15": {
            "start/largest": np.log(record["start"].dataset.n) ** 0.5,
            "start/mean_square": 1 - 1 / np.pi,
        },
    }
    for variable, values in theory.get(claim_id, {}).items():
        replace(record, variable, values)
    return record


def each(*changes):
    """Several changes to one record."""

    def spoil(record):
        for change in changes:
            change(record)

    return spoil


def never_small(record):
    """One run that comes to a surrogate error of 0.1 and no further."""
    epsilon = record["long/epsilon"]
    where = {"task": "margin", "depth": 2, "width": 32, "seed": 1, "epsilon": epsilon[epsilon < 0.1]}
    record["long/time_to"].loc[where] = np.inf


def of_task(task, power):
    """A factor that grows with n by a power, for one task only."""
    return times("certificates/certificate", lambda p: xr.where(p.task == task, p.n**power, 1))


SPOILT = [
    ("C01", "outputs of one net", put("formulas/output", 1e-11, seed=1)),
    ("C01", "gradients of one net", put("formulas/gradient", 1e-11, seed=1)),
    ("C01", "training of one net", put("formulas/training", 1e-9, seed=1)),
    ("C01", "variance of the start", put("formulas/spread", 5.5, seed=0)),
    ("C02", "errors above the ramp", put("widths/error", 1.0)),
    ("C02", "ramp above 2 E_S", put("long/ramp", 1.5, task="true", seed=1)),
    ("C02", "E_S above the loss", put("widths/loss", 0.0, depth=1)),
    ("C05", "movement grows with m", times("widths/movement", lambda p: p.width**0.15)),
    (
        "C05",
        "movement falls with m, random labels",
        times("widths/movement", lambda p: p.width ** (-0.2 * (p.task == "random"))),
    ),
    ("C05", "movement at fixed error grows", times("widths/movement_at", lambda p: p.width**0.15)),
    ("C05", "as 1/epsilon and more", times("long/movement_at", lambda p: p.epsilon**-0.8)),
    ("C05", "one run does not get there", never_small),
    ("C06", "steps as epsilon^-2 and more", times("long/time_to", lambda p: p.epsilon**-1.2)),
    ("C06", "one run does not get there", never_small),
    ("C06", "more steps in wide nets", times("widths/time_to", lambda p: p.width**0.2)),
    ("C06", "fewer steps in wide nets", times("widths/time_to", lambda p: p.width**-0.2)),
    ("C07", "one margin below the proof", put("certificates/certificate", 1e-4, task="true", depth=2, n=20, seed=1)),
    (
        "C07",
        "one wide net below its margin",
        put("widths/constant", 0.04, task="random", depth=2, width=64, seed=1, step=5),
    ),
    ("C07", "the margin falls with m", times("widths/certificate", lambda p: (p.width / 64) ** -0.2)),
    ("C07", "B falls with n where there is a margin", of_task("margin", -0.3)),
    ("C07", "B does not fall for random labels", of_task("random", 0.3)),
    ("C08", "one large gradient of the loss", put("long/largest", 2.1, task="true", depth=1, seed=0)),
    ("C08", "one large gradient of f", put("widths/gradient_start", 2.1, task="true", depth=1, width=32, seed=0)),
    ("C08", "grows with m", times("widths/largest", lambda p: p.width**0.15)),
    ("C08", "grows with m at the start", times("widths/gradient_start", lambda p: p.width**0.15)),
    ("C09", "first order along the gradient", times("linearity/gap", lambda p: p.tau**-1)),
    ("C09", "second order adversarially", times("linearity/adversarial_gap", lambda p: (p.tau / 0.08) ** 0.2)),
    ("C09", "another constant", times("linearity/adversarial_scale", 1.2)),
    (
        "C09",
        "another power of m",
        each(*(times(f"linearity/adversarial_{v}", lambda p: (p.width / 512) ** 0.2) for v in ("gap", "scale"))),
    ),
    ("C09", "one gap above the bound", put("linearity/gap_largest", 1e3, depth=2, width=512, tau=0.05, seed=1)),
    (
        "C09",
        "an adversarial gap above the bound",
        put("linearity/adversarial_bound", 1e-3, depth=1, width=1024, seed=1),
    ),
    ("C09", "one loss above the inequality", put("linearity/excess", 1e-6, depth=2, width=512, tau=0.1, seed=0)),
    *[
        ("C10", f"one large value, {name}", put(f"linearity/{name}", 3.1, seed=1))
        for name in NORMS
        if name != "most_flips"
    ],
    ("C10", "most flips above the bound", put("linearity/most_flips", 3.1)),
    *[
        ("C10", f"grows with m, {name}", times(f"linearity/{name}", lambda p: (p.width / 512) ** 0.15))
        for name in NORMS
    ],
    ("C10", "flips along the gradient", times("linearity/flips", lambda p: p.tau**-0.2)),
    ("C10", "flips adversarially", times("linearity/adversarial_flips", lambda p: (p.tau / 0.07) ** 0.15)),
    ("C10", "another constant", times("linearity/adversarial_flips", 1.2)),
    ("C10", "another most", times("linearity/most_flips", 0.9)),
    ("C15", "one large output", put("start/largest", 5.0, depth=1, width=32, n=20, seed=3)),
    ("C15", "grows faster with n", times("start/largest", lambda p: (p.n / 20) ** 0.15)),
    ("C15", "grows with m", times("start/largest", lambda p: (p.width / 64) ** 0.15)),
    ("C15", "r.m.s. at one depth", times("start/mean_square", lambda p: xr.where(p.depth == 2, 1.3, 1))),
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


def test_level_reached_by_all_is_the_least_that_no_run_misses():
    times_to = xr.DataArray(
        [[[1.0, 2.0, np.inf]], [[1.0, 5.0, 9.0]]], {"epsilon": [0.4, 0.2, 0.1]}, ("seed", "width", "epsilon")
    )
    assert reached_by_all(xr.Dataset({"time_to": times_to})) == 0.2


def test_local_slopes_are_those_of_powers_and_leave_out_what_was_not_reached():
    epsilon = xr.DataArray([0.4, 0.1, 0.05, 0.02], {"epsilon": [0.4, 0.1, 0.05, 0.02]}, ("epsilon",))
    powers = epsilon ** -xr.DataArray([1.0, 2.0], dims="task") * xr.ones_like(xr.DataArray([0, 0], dims="seed"))
    powers[{"epsilon": 3, "task": 1, "seed": 0}] = np.inf
    np.testing.assert_allclose(local_slopes(powers).transpose("task", "epsilon"), [[1, 1], [2, -np.inf]])


def test_widest_nets_are_chosen_by_depth_where_gates_can_flip():
    nets = tiny_record(NAME)["linearity"].to_dataset()
    assert [(depth, int(wide.width)) for depth, wide in widest(nets)] == [(1, 1024), (2, 512)]
    replaced = nets.assign_coords(tau=[0.005, 0.1])
    assert [wide.tau.values.tolist() for _, wide in widest(replaced)] == [[0.1], [0.1]]
    nets["pull"] = nets.pull * 0 + nets.width**0.3
    assert list(slopes_in_width(nets, "pull").values()) == pytest.approx([0.3, 0.3])
