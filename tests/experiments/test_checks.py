"""Each check accepts a record in which its claim holds, and turns when one number of it is spoilt."""

import numpy as np
import pytest
import tiny
import xarray as xr

from ntkbook import experiments
from ntkbook.claims import Verdict
from ntkbook.experiments.clustered_checks import neighbour_ratios, steps_to
from ntkbook.experiments.convergence_claims import gap, slopes
from ntkbook.experiments.generalization_claims import pooled_correlation, rank_correlation


def verdict(name, claim_id, record):
    (claim,) = (claim for claim in experiments.get(name).CLAIMS if claim.id == claim_id)
    return claim.check(record).verdict


def experiment_of(claim_id):
    (name,) = (name for name in tiny.CONFIGS if claim_id in [claim.id for claim in experiments.get(name).CLAIMS])
    return name


def power_of_width(record, variable, exponent, factor=1.0):
    return 0 * record[variable] + factor * record.width**exponent


def mended(claim_id):
    """A tiny run's record, with what is too noisy at this size replaced by what the theory says."""
    record = tiny.record(experiment_of(claim_id))
    if claim_id == "A01":
        record["deviation"] = power_of_width(record, "deviation", -0.5)
    if claim_id == "A03":
        record["width_rate_violations"] = 0 * record.width_rate_violations
    if claim_id == "A04":
        record["width_residual"] = record.width_frozen + power_of_width(record, "width_frozen", -0.5, 0.5)
    if claim_id == "A06":
        record["true_share"] = record.true_share * 0 + 0.9
        record["random_share"] = record.random_share * 0 + record.fraction
    if claim_id in ("A15", "A16"):
        for variable, exponent in (
            ("width_gram_drift", -0.5),
            ("width_feature_drift", -0.25),
            ("width_linearisation_error", -0.5),
        ):
            record[variable] = power_of_width(record, variable, exponent)
    if claim_id == "A08":
        record["measure"] = (0 * record.measure + record.measure_expected).transpose(*record.measure.dims)
    if claim_id == "A09":
        record["noisy_error"] = 0.5 * record.portion + 0 * record.noisy_error
        record["noisy_l1"] = record.portion + 0 * record.noisy_l1
        record["noisy_loss"] = record.noisy_loss / 10
    if claim_id == "A10":
        record["noisy_measure"] = record.noisy_measure / 10
        record["noisy_remainder"] = record.noisy_remainder / 10
        record["noisy_ramp"] = np.minimum(record.noisy_ramp, record.noisy_measure)
        record["noisy_error"] = np.minimum(record.noisy_error, record.noisy_ramp)
    if claim_id == "A11":
        record["ball_neuron_movement"] = power_of_width(record, "ball_neuron_movement", -0.5)
        record["ball_movement"] = record.ball_norm * (1 + 1 / record.width)
    if claim_id == "A12":
        for name in (
            "ball_linear",
            "ball_jensen",
            "ball_linear_term",
            "ball_ascended",
            "ball_bound",
            "ball_linear_error",
        ):
            record[name] = record[name] / 100
    if claim_id == "A23":
        for name in ("ball_movement", "ball_l1"):
            record[name] = power_of_width(record, name, 0.0)
    if claim_id == "A17":
        record["norm"] = (0 * record.norm + record.limit * (1 - 1 / record["size"])).transpose(*record.norm.dims)
    return record if claim_id[0] == "A" else clustered(record)


def clustered(record):
    """Replace what is too noisy in a tiny run on clustered data by what the paper says."""
    widths = {"synthetic": record.width, "printed": record.width_images, "gentle": record.width_images}
    for arm, width in widths.items():
        record[f"{arm}_end_accuracy"] = 0 * record[f"{arm}_end_accuracy"] + 1
        for name in ("flipped", "distance", "pseudo_gap"):
            record[f"{arm}_end_{name}"] = 0 * record[f"{arm}_end_{name}"] + 0.5 * width**-0.5
        record[f"{arm}_end_output"] = 0 * record[f"{arm}_end_output"] + 1
        index = record[f"{arm}_index"]
        for name, values in {"update": xr.where(index <= 6, 1.0, 0.01), "weights": 1 - index / 1e4}.items():
            record[f"{arm}_spectrum_{name}"] = 0 * record[f"{arm}_spectrum_{name}"] + values
        record[f"{arm}_spectrum_start"] = 0 * record[f"{arm}_spectrum_start"] + 1
    for name in ("sigma", "k", "l", "d", "d_separated"):
        for what in ("distance", "flipped"):
            record[f"{name}_{what}"] = 0 * record[f"{name}_{what}"] + record[name] / 1000
        record[f"{name}_widest_gap"] = record[f"{name}_components"].copy()
        record[f"{name}_end_accuracy"] = 0 * record[f"{name}_end_accuracy"] + 1
    for name, step in {"synthetic": "synthetic_step", "d_separated": "structure_step"}.items():
        record[f"{name}_accuracy"] = 0 * record[f"{name}_accuracy"] + np.minimum(1, record[step] / 5)
    random = record.labels == "random"
    for name, values in {
        "end_fitted": 1.0,
        "end_accuracy": xr.where(random, 0.1, 1.0),
        "distance": xr.where(random, 0.3, 0.1),
        "flipped": xr.where(random, 0.2, 0.1),
    }.items():
        record[f"labels_{name}"] = 0 * record[f"labels_{name}"] + values
    record["xor_accuracy"] = 0 * record.xor_accuracy + xr.where(record.xor == "planar", 0.9, 1.0)
    return record


CLAIM_IDS = ["A01", "A02", "A20", "A03", "A04", "A05", "A06", "A07", "A14", "A15", "A16"]
CLAIM_IDS += ["A08", "A09", "A10", "A11", "A12", "A13", "A23", "A17", "A18", "A19", "A21", "A22", "A24"]
CLAIM_IDS += [f"S{i:02d}" for i in range(1, 13)]


@pytest.mark.parametrize("claim_id", CLAIM_IDS)
def test_check_accepts_a_record_in_which_the_claim_holds(claim_id):
    assert verdict(experiment_of(claim_id), claim_id, mended(claim_id)) == Verdict.REPRODUCED


def test_every_check_is_tried():
    assert sorted(CLAIM_IDS) == sorted(c.id for name in tiny.CONFIGS for c in experiments.get(name).CLAIMS)
    assert {claim_id for claim_id, *_ in SPOILT} == set(CLAIM_IDS)


def uneven(claim_id):
    """Nets on two data sets, of which the second was drawn once."""
    record = mended(claim_id)
    nets = record[[name for name in record.data_vars if str(name).startswith("noisy_")]]
    once = nets.where(nets.draw == 0).assign_coords(trained=["other"])
    both = xr.concat([nets, once], dim="trained")
    return record.drop_vars([*nets.data_vars, "trained"]).merge(both)


@pytest.mark.parametrize("claim_id", ["A09", "A10"])
def test_a_draw_that_was_not_run_on_a_data_set_does_not_count_and_those_of_the_others_do(claim_id):
    check = next(c for c in experiments.get("generalization").CLAIMS if c.id == claim_id).check
    assert check(uneven(claim_id)).verdict == Verdict.REPRODUCED
    for name in ("noisy_l1", "noisy_error", "noisy_ramp"):
        record = uneven(claim_id)
        record[name].loc[{"trained": "digits", "portion": 0.5, "draw": 1}] = np.nan
        used = name != ("noisy_ramp" if claim_id == "A09" else "noisy_l1")
        assert check(record).verdict == (NO if used else Verdict.REPRODUCED)
    if claim_id == "A10":
        nets = 3 * record.sizes["portion"]
        assert f"of {nets} nets" in check(uneven(claim_id)).measured


def test_rank_correlations_are_those_of_the_means_over_draws():
    rng = np.random.default_rng(0)
    draws = {name: (("trained", "portion", "draw"), rng.random((2, 5, 3))) for name in ("noisy_measure", "noisy_l1")}
    record = xr.Dataset(draws, {"trained": ["a", "b"]})

    def spearman(means):
        return means.noisy_measure.to_series().corr(means.noisy_l1.to_series(), method="spearman")

    means = record.mean("draw")
    expected = {name: spearman(means.sel(trained=name)) for name in ("a", "b")}
    assert rank_correlation(record, "noisy_l1") == pytest.approx(expected)
    assert pooled_correlation(record, "noisy_l1") == pytest.approx(spearman(means))


def put(variable, value, **where):
    """Overwrite some entries of a variable."""

    def spoil(record):
        if where:
            record[variable].loc[where] = value
        else:
            record[variable] = record[variable] * 0 + value

    return spoil


def times(variable, factor):
    """Multiply a variable by what `factor` makes of the record."""

    def spoil(record):
        record[variable] = record[variable] * factor(record)

    return spoil


def swap(variable, a, b, step):
    """Exchange two kinds of labels at one step."""

    def spoil(record):
        values = record[variable]
        first, second = (values.sel(label=kind, step=step).copy() for kind in (a, b))
        values.loc[{"label": a, "step": step}] = second
        values.loc[{"label": b, "step": step}] = first

    return spoil


def slower(record):
    """Test errors of the quadratic that fall by n^0.5 less, and still stay below a leading term far above."""
    factor = xr.where(record.learned == "quadratic", record.train_size**0.5, 1)
    record["test_error"] = record.test_error * factor
    record["leading_term"] = record.leading_term * 1e3


def slow(record, name, dim, value):
    """Halve the accuracy along some runs, up to the last step."""
    accuracy = record[f"{name}_accuracy"]
    late = accuracy.copy()
    late[{str(accuracy.dims[-1]): slice(0, -1)}] *= 0.5
    record[f"{name}_accuracy"] = xr.where(record[dim] == value, late, accuracy).transpose(*accuracy.dims)


def scale(record, variable, factor):
    record[variable] = factor * record[variable]


NO, LATER = Verdict.NOT_REPRODUCED, Verdict.ONLY_ASYMPTOTIC
SPOILT = [
    ("A01", "no decay", put("deviation", 0.1), NO),
    ("A01", "slow decay", times("deviation", lambda r: r.width**0.15), NO),
    ("A01", "fast decay", times("deviation", lambda r: r.width**-0.15), NO),
    ("A01", "above the lemma", put("lemma_c3", 0.0), NO),
    ("A02", "singular on data", put("lambda_min", 0.0), NO),
    ("A02", "factor of the law", times("pair_lambda_min", lambda r: 1.02), NO),
    ("A02", "slope of the law", times("pair_lambda_min", lambda r: (r.angle / 1e-3) ** 0.02), NO),
    ("A02", "digits lost at 1e-6", put("pair_lambda_min", 1.7e-7, angle=1e-6), NO),
    ("A02", "duplicate", put("duplicate_lambda_min", 1e-12), NO),
    ("A02", "antipodal pair", put("antipodal_lambda_min", 0.5 - 1e-6), NO),
    ("A02", "antipodal pairs", put("many_antipodal_lambda_min", 1e-9), NO),
    ("A20", "linear bound", put("linear_order", -1e-9), NO),
    ("A20", "one power bound", put("power_order", -1e-9, degree=4), NO),
    ("A20", "series", times("series_error", lambda r: 1e6), NO),
    ("A20", "matrix order", put("matrix_order", -1e-9, trial=2), NO),
    ("A03", "paper's kappa", put("width_rate_violations", 0.01, init_scale=0.01, width=512, label="worst"), LATER),
    ("A03", "growing with m", put("width_rate_violations", 0.01, init_scale=1.0, width=512, label="random"), NO),
    ("A04", "nothing like the prediction", put("width_residual", 0.0), NO),
    ("A04", "gap that does not fall", lambda r: r.update({"width_residual": r.width_frozen + 0.01}), NO),
    ("A05", "true after random", swap("curve_loss", "true", "random", 3), NO),
    ("A05", "random after worst", swap("curve_loss", "random", "worst", 30), NO),
    ("A05", "a tie", put("curve_loss", 0.3, step=5), NO),
    ("A06", "true labels flat in the first 1 %", put("true_share", 0.04, fraction=0.01), NO),
    ("A06", "true labels flat in the first 10 %", put("true_share", 0.4, fraction=0.1), NO),
    ("A06", "random labels not flat", put("random_share", 0.6, fraction=0.1), NO),
    ("A07", "one kind of labels", put("identity_error", 1e-9, label="random"), NO),
    ("A14", "one run", put("width_movement_ratio", 1.01, init_scale=0.01, width=32, label="true", seed=1), NO),
    ("A15", "gram", put("width_gram_drift", 1.0), NO),
    ("A15", "features", put("width_feature_drift", 1.0), NO),
    ("A15", "gram of worst labels", times("width_gram_drift", lambda r: 1 + r.width * (r.label == "worst")), NO),
    ("A15", "gram at the least width", put("width_gram_drift", 0.05, width=32), LATER),
    ("A16", "no decay", put("width_linearisation_error", 0.1), NO),
    ("A16", "worst labels", times("width_linearisation_error", lambda r: r.width ** (0.3 * (r.label == "worst"))), NO),
    ("A08", "one draw below the true labels", put("measure", 0.1, share=1.0, seed=1), NO),
    ("A08", "one tenth off", times("measure", lambda r: xr.where(r.share == 0.4, 1.11, 1)), NO),
    ("A08", "the closed form is missing", put("measure_expected", np.nan, share=0.4), NO),
    ("A09", "l1 falls", put("noisy_l1", 0.9, portion=0.0), NO),
    ("A09", "errors fall", put("noisy_error", 0.001, portion=1.0), NO),
    ("A09", "not an upper bound", put("noisy_error", 1.1, portion=1.0, draw=0), NO),
    ("A09", "one net not converged", put("noisy_loss", 6e-3, portion=0.5, draw=1), NO),
    ("A09", "a number of one net is missing", put("noisy_l1", np.nan, portion=0.5, draw=1), NO),
    ("A10", "a number of one net is missing", put("noisy_ramp", np.nan, portion=0.5, draw=1), NO),
    ("A10", "one net above", put("noisy_ramp", 0.99, portion=0.0, draw=1), NO),
    ("A10", "errors above the ramp", put("noisy_error", 1.0, portion=1.0, draw=0), NO),
    ("A10", "nothing said", put("noisy_remainder", 1.0), Verdict.VACUOUS),
    ("A11", "neurons move alike", put("ball_neuron_movement", 0.1), NO),
    ("A11", "too steep", times("ball_neuron_movement", lambda r: r.width ** (-0.2 * (r.labels == "random"))), NO),
    ("A11", "moves on at kappa = 1", put("ball_movement", 1e3, init_scale=1.0, width=512, labels="random"), NO),
    ("A11", "at the paper's kappa", put("ball_movement", 1e3, init_scale=0.01, width=512, labels="random"), LATER),
    ("A12", "Jensen", put("ball_linear", 1e3, init_scale=1.0, width=32, labels="true", seed=1), NO),
    ("A12", "first term", put("ball_linear_term", 0.0, init_scale=1.0, width=32, labels="true", seed=1), NO),
    ("A12", "events", put("ball_share", 1e9, init_scale=0.01, width=32, labels="true", seed=1), NO),
    ("A12", "a net above the bound", put("ball_ascended", 1e9, init_scale=0.01, width=32, labels="true"), NO),
    ("A12", "a net above our cap", put("ball_flips_capped", -1.0, init_scale=1.0, width=32, labels="random"), NO),
    ("A12", "nothing said", put("ball_bound", 0.5), Verdict.VACUOUS),
    ("A13", "true labels", times("auxiliary_norm", lambda r: xr.where(r.labels == "true", 1 + 2e-6, 1)), NO),
    ("A23", "movement grows", times("ball_movement", lambda r: r.width**0.06), NO),
    ("A23", "error grows", times("ball_l1", lambda r: r.width ** (0.06 * (r.labels == "true"))), NO),
    ("A17", "above the theorem", put("bound", 1.9, function="power 1"), NO),
    ("A17", "above the proof", put("bound_in_proof", 2.3, function="power 2"), NO),
    ("A17", "above the limit", put("limit", 1.9, function="power 1", dim=10), NO),
    ("A17", "one draw", put("norm", 2.001, function="power 1", dim=10, size=40, seed=1), NO),
    ("A17", "no plateau", put("norm", 1.9, function="power 1", dim=3, size=80), NO),
    ("A18", "cosine", put("bound", 0.05, function="cosine 0.5"), NO),
    ("A18", "arctan", put("bound", 0.1, function="arctan"), NO),
    ("A18", "one quadratic form", put("quadratic_norm", 6.1, dim=10, seed=1, size=40), NO),
    ("A18", "one sum", put("sum_bound", 0.1, dim=10, seed=1), NO),
    ("A19", "power 5 comes to rest", put("norm", 30.0, function="power 5", dim=3), NO),
    ("A19", "a finite limit", put("limit", 50.0, function="power 3", dim=10), NO),
    ("A21", "one net above the leading term", put("leading_term", 0.0, learned="linear", train_size=25, seed=1), NO),
    ("A21", "a slope", slower, NO),
    ("A21", "the cubic is learnt", put("test_error", 1e-3, learned="cubic", train_size=100), NO),
    ("A22", "no growth without", put("norm", 10.0, function="power 3", dim=3), NO),
    ("A22", "growth with", put("cubic_norm_with_bias", 2.0, dim=3, size=80), NO),
    ("A22", "one draw above its limit", put("cubic_norm_with_bias", 7.0, dim=10, size=40, seed=1), NO),
    ("A22", "no limit", put("cubic_limit_with_bias", np.inf, dim=10), NO),
    ("A17", "a limit is missing", put("limit", np.nan, function="power 4", dim=10), NO),
    ("A17", "a norm is missing", put("norm", np.nan, function="power 4", dim=10, size=40, seed=1), NO),
    ("A18", "a quadratic form is missing", put("quadratic_norm", np.nan, dim=10, seed=1, size=40), NO),
    ("A18", "a sum is missing", put("sum_norm", np.nan, dim=10, seed=1, size=40), NO),
    ("A24", "a term is missing", put("our_terms", np.nan, term=3), NO),
    ("A24", "our sum is large", put("our_terms", 0.2), NO),
    ("A24", "the rival's terms fall", put("rival_terms", 0.0, constant=2.0, term=40), NO),
    ("A24", "the rival converges", put("rival_ratio", 0.9), NO),
    ("S01", "separated mixture too wide", put("set_lambda", 0.07, set="separated"), NO),
    ("S01", "lifted discs off the sphere", put("set_norm_max", 1.1, set="XOR, lifted, 0.02"), NO),
    ("S01", "lifted discs not learnt", put("xor_accuracy", 0.99, xor="lifted, 0.02", seed=1), NO),
    ("S01", "planar discs learnt", put("xor_accuracy", 0.995, xor="planar", seed=0), NO),
    ("S02", "wide nets slower", lambda r: slow(r, "synthetic", "width", 512), NO),
    ("S02", "one net below 99 %", put("synthetic_end_accuracy", 0.98, width=32, seed=1), NO),
    ("S02", "never there", put("synthetic_accuracy", 0.5, width=32), NO),
    ("S03", "accuracy", put("synthetic_end_accuracy", 0.99), NO),
    ("S03", "flips", put("synthetic_end_flipped", 0.11, width=128), NO),
    ("S03", "distance", put("synthetic_end_distance", 0.11, width=512), NO),
    ("S03", "no gap", put("synthetic_spectrum_update", 1.0, width=512), NO),
    ("S04", "accuracy", put("printed_end_accuracy", 0.8), NO),
    ("S04", "flips grow", put("printed_end_flipped", 0.5, width_images=128), NO),
    ("S04", "flips fall, but are many", lambda r: scale(r, "printed_end_flipped", 5), LATER),
    ("S04", "distance falls, but is large", lambda r: scale(r, "printed_end_distance", 5), LATER),
    ("S04", "no low rank", put("printed_spectrum_update", 1.0), NO),
    ("S05", "one step below the bound", put("slow_coupled", 0.1, slow_step=10, seed=1), NO),
    ("S05", "a bound that is empty", put("slow_bound", -1.0, slow_step=10), Verdict.VACUOUS),
    ("S05", "not empty at the paper's step size", put("paper_bound", 0.1), Verdict.VACUOUS),
    ("S06", "slow run", put("slow_reach", 0.9, slow_step=10, seed=1), NO),
    ("S06", "paper's step size", put("paper_reach", 0.9, paper_step=30), NO),
    ("S06", "one kind of arrays", put("array_reach", 0.9, array="signs", seed=0), NO),
    ("S06", "one pair", put("pair_reach", 0.9, pair=0.1, seed=0), NO),
    ("S07", "no fall", put("synthetic_end_pseudo_gap", 0.01), NO),
    ("S07", "a wide gap", lambda r: scale(r, "synthetic_end_pseudo_gap", 10), LATER),
    ("S08", "gap elsewhere", put("synthetic_spectrum_update", 500.0, width=128, synthetic_index=slice(1, 2)), NO),
    ("S08", "a small gap", put("synthetic_spectrum_update", 0.6, synthetic_index=slice(7, 60)), NO),
    ("S08", "final weights with a gap", put("synthetic_spectrum_weights", 2.0, width=512, synthetic_index=1), NO),
    ("S08", "one net where k varies", put("k_widest_gap", 3.0, k=4, seed=0), LATER),
    ("S08", "one net where l varies", put("l_widest_gap", 2.0, l=1, seed=1), LATER),
    ("S09", "sigma", put("sigma_distance", 0.1), NO),
    ("S09", "flips against k", put("k_flipped", 0.1), NO),
    ("S09", "distance against l", put("l_distance", 0.5, l=1), NO),
    ("S10", "random labels not fitted", put("labels_end_fitted", 0.98, labels="random", seed=0), NO),
    ("S10", "random labels nearer", put("labels_distance", 0.05, labels="random", seed=1), NO),
    ("S10", "random labels flip less", put("labels_flipped", 0.05, labels="random", seed=1), NO),
    ("S10", "true labels not generalised", put("labels_end_accuracy", 0.98, labels="true", seed=0), NO),
    ("S10", "random labels generalised", put("labels_end_accuracy", 0.3, labels="random", seed=0), NO),
    ("S11", "slow fall", times("synthetic_end_distance", lambda r: r.width**0.2), NO),
    ("S11", "fast fall", times("synthetic_end_flipped", lambda r: r.width**-0.2), NO),
    ("S11", "flips on MNIST", put("gentle_end_flipped", 0.2), NO),
    ("S11", "distance on MNIST", put("printed_end_distance", 2.0, width_images=128), NO),
    ("S12", "slower in high dimension", lambda r: slow(r, "d_separated", "d_separated", 40), NO),
    ("S12", "one net below 99 %", put("d_separated_end_accuracy", 0.98, d_separated=10, seed=0), NO),
]


@pytest.mark.parametrize(("claim_id", "what", "spoil", "expected"), SPOILT, ids=[f"{s[0]}: {s[1]}" for s in SPOILT])
def test_check_turns_when_a_number_is_spoilt(claim_id, what, spoil, expected):
    record = mended(claim_id)
    spoil(record)
    assert verdict(experiment_of(claim_id), claim_id, record) == expected


def test_wide_gap_that_falls_is_only_asymptotic():
    record = mended("A04")
    record["width_residual"] = record.width_frozen + power_of_width(record, "width_frozen", -0.5, 3.0)
    assert verdict("convergence", "A04", record) == LATER


def test_share_of_slow_steps_that_falls_but_is_not_zero_is_only_asymptotic():
    record = mended("A03")
    record["width_rate_violations"] = power_of_width(record, "width_rate_violations", -1.0)
    assert verdict("convergence", "A03", record) == LATER


def test_order_of_losses_counts_until_one_is_learnt():
    record = mended("A05")
    record["curve_loss"].loc[{"step": 18, "label": "true"}] = 1e-7
    swap("curve_loss", "random", "worst", 30)(record)
    assert verdict("convergence", "A05", record) == Verdict.REPRODUCED
    swap("curve_loss", "random", "worst", 17)(record)
    assert verdict("convergence", "A05", record) == NO


READ = {
    "A01": "deviation",
    "A02": "lambda_min",
    "A20": "linear_order",
    "A03": "width_rate_violations",
    "A05": "curve_loss",
    "A06": "true_share",
    "A07": "identity_error",
    "A14": "width_movement_ratio",
    "A08": "measure",
    "A09": "noisy_l1",
    "A10": "noisy_ramp",
    "A11": "ball_movement",
    "A12": "ball_linear",
    "A13": "auxiliary_norm",
    "A23": "ball_l1",
    "A17": "norm",
    "A18": "norm",
    "A19": "norm",
    "A21": "test_error",
    "A22": "cubic_norm_with_bias",
    "A24": "rival_terms",
    "S01": "xor_accuracy",
    "S02": "synthetic_accuracy",
    "S03": "synthetic_end_distance",
    "S04": "printed_end_flipped",
    "S05": "slow_coupled",
    "S06": "array_reach",
    "S07": "synthetic_end_pseudo_gap",
    "S08": "synthetic_spectrum_update",
    "S09": "sigma_distance",
    "S10": "labels_distance",
    "S11": "synthetic_end_distance",
    "S12": "d_separated_accuracy",
}


@pytest.mark.parametrize("claim_id", READ)
def test_a_record_of_nan_reproduces_nothing(claim_id):
    record = mended(claim_id)
    record[READ[claim_id]] = record[READ[claim_id]] * np.nan
    assert verdict(experiment_of(claim_id), claim_id, record) != Verdict.REPRODUCED


def test_gap_is_the_largest_distance_over_the_run():
    record = tiny.record("convergence")
    record["width_residual"] = record.width_frozen * 1.0
    where = {"init_scale": 1.0, "width": 32, "label": "true", "seed": 0, "width_step": 5}
    record["width_residual"].loc[where] += 0.25
    found = gap(record)
    assert float(found.sel({k: v for k, v in where.items() if k != "width_step"})) == pytest.approx(0.25)
    assert float(found.sum()) == pytest.approx(0.25)


def test_steps_to_an_accuracy_are_interpolated_and_infinite_where_it_is_not_reached():
    accuracy = xr.DataArray([[0.0, 0.5, 1.0, 0.9], [1.0, 1, 1, 1], [0.0, 0.1, 0.2, 0.3]], dims=("net", "x_step"))
    accuracy = accuracy.assign_coords(x_step=[0, 1, 3, 10])
    assert steps_to(accuracy, 0.75).values.tolist() == [2, 0, np.inf]


def test_neighbour_ratios_are_of_the_mean_spectrum():
    spectrum = xr.DataArray([[8.0, 4, 2, 1, 0.5], [8.0, 4, 4, 1, 0.5]], dims=("seed", "index"))
    np.testing.assert_allclose(neighbour_ratios(spectrum, 2), [2, 4 / 3, 3, 2])


def test_slopes_are_those_of_the_mean_over_seeds():
    record = tiny.record("convergence")
    values = power_of_width(record, "width_gram_drift", -0.7) * (1 + record.seed)
    np.testing.assert_allclose(slopes(values), -0.7)
    assert set(slopes(values).dims) == {"init_scale", "label"}
