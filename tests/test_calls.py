"""Every public callable of book/api.md against wrong arguments: accepted rightly, or refused in words; never else.

One argument at a time is replaced by each of its relatives (`bad_values`). "In words" is a ValueError or a TypeError
that names the argument, says what was expected and what was found, and what to do. A call that is accepted returns
numbers, of the kind that good arguments give. Run with -s for a table of the counts.
"""

import inspect
import itertools
import math
import re
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import bad_values
import good_calls
import numpy as np
import pytest
import torch

from ntkbook.experiments import catalogue

PUBLIC = good_calls.public()
SECONDS = 2.0
"""Of the processor, that a call may take."""
NETS = tuple(
    f"networks.{name}" for name in ("TwoLayer", "TwoLayerClassifier", "DeepReLU", "ThreeLayer", "BiasedTwoLayer")
)
ANGLES = ("kernels.arc_cosine_0", "kernels.arc_cosine_1", "kernels.relu_layer_angle")
PROFILES = ("kernels.sphere.h_infinity_profile", "kernels.sphere.h_infinity_profile_with_bias")
JUDGED = ("at_most", "below", "at_least", "above")
WEIGHTS = ("weights", "output_weights", "biases", "first_weights", "second_weights", "first_biases", "second_biases")
COUNTS: Counter[tuple[str, str]] = Counter()
"""Calls by group and outcome."""
MEANT = {
    # Any shape is one: what is done is done for each entry.
    *itertools.product(
        ("losses.logistic", "losses.logistic_derivative", "losses.ramp"), ("margins",), ("axis", "axes")
    ),
    *itertools.product(("losses.surrogate_error",), ("margins",), ("axis", "axes")),
    *itertools.product(
        ("kernels.arc_cosine_0", "kernels.arc_cosine_1", "kernels.relu_layer_angle"), ("angles",), ("axis", "axes")
    ),
    *itertools.product(("kernels.h_infinity_series",), ("inner_products",), ("axis", "axes")),
    *itertools.product(PROFILES, ("cosines",), ("axis", "axes")),
    # One vector, or several as columns.
    ("spectrum.energy_share", "projections", "an axis more"),
    *(
        (f"{name}", "labels", "an axis more")
        for name in ("spectrum.Spectrum.project", "bounds.arora2019.complexity_measure")
    ),
    # log 0 and log infinity: a radius of 0, and one at which a series diverges. No end: a degree, a radius.
    *((f"bounds.allenzhu2019.log_{name}_complexity", "log_radius", "infinite") for name in ("network", "sample")),
    *((f"bounds.allenzhu2019.{name}", "log_radius", "infinite") for name in ("growth_begins", "truncation_degree")),
    *(("bounds.taylor.TaylorSeries", name, "infinite") for name in ("degree", "radius")),
    # An outcome may be anything: NaN never holds.
    *(
        (name, argument, end)
        for name in ("claims.Condition", *(f"experiments.judging.{name}" for name in JUDGED))
        for argument, end in (
            *itertools.product(("value",), ("NaN", "infinite", "list", "vector")),
            ("bound", "infinite"),
        )
    ),
    ("data.unit_rows", "x", "empty"),
    # One image, which has one label.
    *itertools.product(("reporting.problem", "reporting.report"), ("x",), ("axis", "axes")),
    # What messages call the arrays.
    *itertools.product(("reporting.problem",), ("x_name", "y_name"), ("unknown",)),
    # Nothing was recorded.
    ("records.load_best", "experiment", "unknown"),
    ("records.load_best", "folder", "no such file"),
    # Whatever can be written as JSON.
    *(("experiments.sweep.identity", "value", end) for end in ("None", "NaN", "infinite", "word", "list", "broken")),
    *itertools.product(("training.regression_sgd_ensemble",), ("step_sizes", "weight_decays"), ("huge", "1e300")),
    # A net that diverged is kept, and refused where it is used.
    *itertools.product(NETS, WEIGHTS, ("NaN", "infinite")),
}
"""Callable, argument and a word of the relative's name where a relative is meant after all."""


class HangError(BaseException):
    """A call that takes too long."""


def _ring(*_: Any) -> None:
    raise HangError


def _call(call: Callable, arguments: dict[str, Any]) -> Any:
    """Call with a time limit; `self` and what comes before *args go in by position."""
    parameters = inspect.signature(call).parameters.values()
    star = next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), None)
    before = [p.name for p in parameters if star in arguments and p.kind is p.POSITIONAL_OR_KEYWORD]
    first = [name for name in dict.fromkeys(["self", *before]) if name in arguments]
    rest = {name: value for name, value in arguments.items() if name not in (*first, star)}
    signal.signal(signal.SIGPROF, _ring)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        return call(*(arguments[name] for name in first), *arguments.get(star or "", ()), **rest)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _finite(value: Any) -> bool:
    """No NaN and no infinity anywhere in a result."""
    if isinstance(value, torch.Tensor):
        return bool(torch.isfinite(value).all())
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind not in "fc" or bool(np.isfinite(value).all())
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_finite, value))
    if is_dataclass(value) and not isinstance(value, type):
        return all(_finite(getattr(value, field.name)) for field in fields(value))
    return True


def _outcome(call: Callable, arguments: dict[str, Any], changed: str, refused: bool | None, like: Any) -> str:
    """What a call did: "accepted" and "refused" are right, anything else is not. Where `refused` is None, either is."""
    try:
        found = _call(call, arguments)
    except HangError:
        return "hang"
    except Exception as error:
        text = str(error)
        in_words = re.search(r"^[^:]+: .*(expected .*found|no longer finite|no such record)", text, re.DOTALL)
        named = (
            re.search(rf"\b({changed}|common)\b", text) or not refused
        )  # two that do not fit are both named, or one of them
        worded = isinstance(error, ValueError | TypeError | FloatingPointError) and in_words and named
        return "refused" if worded or isinstance(error, OSError) else f"raw: {type(error).__name__}: {text}"
    if refused is None:
        return "accepted"
    if refused:
        return f"silent: {str(found)[:200]}"
    if not isinstance(found, type(like) if not isinstance(like, np.ndarray) else np.ndarray | np.generic):
        return f"of another kind: {type(found).__name__} for {type(like).__name__}"
    return "accepted" if _finite(found) or not _finite(like) else f"not finite: {str(found)[:200]}"


def _tries(name: str, call: Callable) -> Iterator[tuple[str, str, dict[str, Any], bool | None]]:
    """Argument, relative, all arguments, and whether they must be refused: for every relative of every argument."""
    parameters = inspect.signature(call).parameters
    for argument, value in good_calls.good(name, call).items():
        if argument == "self" or parameters[argument].kind is inspect.Parameter.VAR_POSITIONAL:
            continue
        for place, (relative, _, refused) in enumerate(bad_values.relatives(value)):
            if relative == "None" and good_calls.may_be_none(call, argument):
                continue
            arguments = good_calls.good(name, call)  # drawn anew: a call may change what it is given
            _, arguments[argument], _ = next(itertools.islice(bad_values.relatives(arguments[argument]), place, None))
            meant = any((name, argument, word) in MEANT for word in _words(relative))
            yield argument, relative, arguments, None if meant else refused


def _words(relative: str) -> list[str]:
    return [relative, *re.findall(r"ax[ie]s|infinite|NaN|list|vector|word|huge|1e300", relative)]


@pytest.fixture(scope="module", autouse=True)
def _table() -> Iterator[None]:
    yield
    outcomes = ("accepted", "refused", "failed")
    print("\n" + " " * 24 + "".join(f"{word:>10}" for word in ("tries", *outcomes)))
    groups = dict.fromkeys(group for group, _ in COUNTS)
    for group in groups:
        counts = [COUNTS[group, outcome] for outcome in outcomes]
        print(f"{group:24}" + "".join(f"{count:10}" for count in (sum(counts), *counts)))
    totals = [sum(COUNTS[group, outcome] for group in groups) for outcome in outcomes]
    print(f"{'all':24}" + "".join(f"{count:10}" for count in (sum(totals), *totals)))


@pytest.fixture(autouse=True)
def _quiet(monkeypatch, tmp_path):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    monkeypatch.delenv("NTKBOOK_DATA", raising=False)
    monkeypatch.chdir(tmp_path)


def _count(group: str, outcome: str) -> bool:
    right = outcome in ("accepted", "refused")
    COUNTS[group, outcome if right else "failed"] += 1
    return right


@pytest.mark.parametrize("name", PUBLIC)
def test_a_wrong_argument_is_refused_in_words_or_meant(name):
    call, wrong = PUBLIC[name], []
    like = _call(call, good_calls.good(name, call))
    for argument, relative, arguments, refused in _tries(name, call):
        outcome = _outcome(call, arguments, argument, refused, like)
        if not _count(name.split(".")[0], outcome):
            wrong.append(f"{name}({argument} = {relative}): {outcome}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLIC)
def test_two_wrong_arguments_are_refused_in_words_or_meant(name):
    call, wrong, rng = PUBLIC[name], [], np.random.default_rng(0)
    like, tries = _call(call, good_calls.good(name, call)), list(_tries(name, call))
    pairs = [(one, other) for one, other in itertools.combinations(tries, 2) if one[0] != other[0]]
    for place in rng.permutation(len(pairs))[:100]:
        (one, first, arguments, refused), (other, second, others, also) = pairs[place]
        arguments = good_calls.good(name, call) | {one: arguments[one], other: others[other]}
        named = f"({one}|{other})"
        wanted = None if None in (refused, also) else refused or also
        outcome = _outcome(call, arguments, named, wanted, like)
        if not _count(f"{name.split('.')[0]} in pairs", outcome):
            wrong.append(f"{name}({one} = {first}, {other} = {second}): {outcome}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", [name for name in PUBLIC if good_calls.takes_net(PUBLIC[name])])
def test_a_net_that_diverged_is_refused(name):
    call = PUBLIC[name]
    for argument, value in good_calls.good(name, call).items():
        if type(value).__name__ in {net.rpartition(".")[2] for net in NETS}:
            arguments = good_calls.good(name, call)
            last = [field.name for field in fields(value)][-1]
            arguments[argument] = replace(value, **{last: torch.full_like(getattr(value, last), torch.nan)})
            with pytest.raises(ValueError, match=r": expected finite numbers, found nan"):
                _call(call, arguments)


def _settings(config: Any) -> Iterator[Any]:
    """A configuration and the settings in it."""
    yield config
    for field in fields(config):
        if is_dataclass(value := getattr(config, field.name)):
            yield from _settings(value)


@pytest.mark.parametrize("experiment", catalogue.NAMES)
def test_wrong_settings_are_refused_in_words(experiment):
    wrong = []
    for settings in _settings(catalogue.get(experiment).profiles["quick"]):
        for field in fields(settings):
            value = getattr(settings, field.name)
            for relative, spoilt, refused in bad_values.relatives(value):
                if relative == "None" and (value is None or "None" in str(field.type)):
                    continue
                if relative == "empty" and value == ():
                    continue
                refused = refused or relative in ("negative", "empty", "an entry: negative")
                outcome = _outcome(replace, {"self": settings, field.name: spoilt}, field.name, refused, settings)
                if not _count("settings", outcome):
                    wrong.append(f"{type(settings)}({field.name} = {relative}): {outcome}")
    assert not wrong, "\n".join(wrong)
