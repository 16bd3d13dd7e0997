"""What holds of every experiment."""

import dataclasses
import json
import re
from pathlib import Path

import joblib
import numpy as np
import pytest
import xarray as xr
from recorded import content
from rooms import put, tiny_config, tiny_record

from ntkbook import records
from ntkbook.claims import inventory
from ntkbook.experiments import catalogue
from ntkbook.provenance import PROVENANCE
from ntkbook.verdicts import judge, not_numbers, reads

NAMES = catalogue.NAMES
BOOK = Path(records.__file__).parents[1] / "book"


def saved(record, folder):
    records.save(record, folder / "record.nc")
    return content(folder / "record.nc")


def variables(record):
    """Every data variable of a record, as "part/variable"."""
    return [f"{part.path.strip('/')}/{name}" for part in record.subtree for name in part.data_vars]


def read_by(claim, record):
    """The variables of floats that a check reads, as "part/variable"; a part that it can do without is passed over."""
    for part in record.subtree:
        floats = [name for name, values in part.data_vars.items() if values.dtype.kind == "f"]
        without = record.to_dict() | {part.path: part.to_dataset(inherit=False).drop_vars(floats)}
        try:
            claim.check(xr.DataTree.from_dict(without))
        except Exception:  # whatever a check does without numbers that it needs
            names = [f"{part.path.strip('/')}/{name}" for name in floats]
            yield from (name for name in names if reads(claim, record, name))


def test_unknown_experiment_is_named_with_those_there_are():
    with pytest.raises(ValueError, match=r"name: expected one of kernel, convergence.* found 'kernels'"):
        catalogue.get("kernels")


@pytest.mark.parametrize("name", NAMES)
def test_experiment_has_its_name_three_profiles_and_known_claims(name):
    experiment = catalogue.get(name)
    assert experiment.name == name
    assert experiment.summary.endswith(".")
    assert list(experiment.profiles) == ["quick", "laptop", "paper"]
    for profile, config in experiment.profiles.items():
        assert config.profile == profile
        assert json.loads(json.dumps(dataclasses.asdict(config)))["profile"] == profile
    assert all(claim.id in inventory() and claim.expected and claim.tolerance for claim in experiment.claims)


def test_no_claim_is_decided_twice():
    ids = [claim.id for name in NAMES for claim in catalogue.get(name).claims]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", NAMES)
def test_record_is_whole_saves_and_can_be_judged_again(name, tmp_path):
    record, claims = tiny_record(name), catalogue.get(name).claims
    assert set(record.attrs) == set(PROVENANCE)
    assert (record.attrs["experiment"], record.attrs["profile"]) == (name, "tiny")
    assert json.loads(record.attrs["config"]) == json.loads(json.dumps(dataclasses.asdict(tiny_config(name))))
    named, sources = record.attrs["data_names"].split("; "), record.attrs["data"].split("; ")
    assert len(named) == len(sources) == len(record.attrs["data_sha256"].split("; "))
    records.save(record, tmp_path / "record.nc")
    found = records.load(tmp_path / "record.nc")
    xr.testing.assert_identical(found, record)
    assert [row["claim"] for row in judge(claims, found)] == [claim.id for claim in claims]


@pytest.mark.parametrize("name", NAMES)
def test_run_is_repeatable_and_the_seed_counts(name):
    experiment, config = catalogue.get(name), tiny_config(name)
    with joblib.parallel_config("threading"):
        again = experiment.run(config, n_jobs=2)
    record = tiny_record(name)
    assert again.equals(record)
    other = experiment.run(dataclasses.replace(config, seed=1), n_jobs=1)
    drawn = [v for v in variables(record) if {"seed", "draw"} & set(record[v].dims)]
    assert any(not np.allclose(other[v], again[v], equal_nan=True) for v in drawn)


@pytest.mark.parametrize("name", NAMES)
def test_resumed_record_equals_an_undisturbed_one_to_the_last_bit(name, tmp_path):
    """In the file: numbers, their types, attributes, storage; killed in the middle of the cells, and read from all."""
    experiment, config, cells = catalogue.get(name), tiny_config(name), tmp_path / "cells"
    experiment.run(config, n_jobs=1, store=cells)
    kept = experiment.run(config, n_jobs=1, store=cells)
    for cell in sorted(cells.iterdir())[::2]:
        cell.unlink()
    resumed = experiment.run(config, n_jobs=1, store=cells)
    undisturbed = saved(tiny_record(name), tmp_path)
    assert saved(kept, tmp_path) == undisturbed
    assert saved(resumed, tmp_path) == undisturbed


@pytest.mark.parametrize("name", NAMES)
def test_no_verdict_rests_on_nan(name):
    """Each variable that a check reads, all NaN: the claim is refused with the variable's name."""
    claims = catalogue.get(name).claims
    record = tiny_record(name)
    for claim in claims:
        read = list(read_by(claim, record))
        assert read, claim.id
        for variable in read:
            spoilt = record.copy(deep=True)
            put(variable, np.nan)(spoilt)
            with pytest.raises(ValueError, match=rf"{claim.id}: expected numbers in .*{variable}.*found NaN"):
                judge([claim], spoilt)


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(records.RESULTS.glob("*.nc")), ids=lambda path: path.stem)
def test_no_verdict_on_a_committed_record_rests_on_nan(path):
    """Each variable of the record, all NaN and for one repetition: who reads it refuses, with the variable's name."""
    record = records.load(path)
    claims = catalogue.get(record.attrs["experiment"]).claims
    reader = {variable: claim for claim in claims for variable in read_by(claim, record)}  # one, the others do the same
    for variable in variables(record):
        values = record[variable]
        if not isinstance(values, xr.DataArray) or values.dtype.kind != "f":
            continue
        repeated = [dim for dim in ("seed", "draw") if values.sizes.get(dim, 1) > 1]
        for kept in (None, *repeated):
            spoilt = record.copy(deep=True)
            last = values[kept] == values[kept][-1] if kept else xr.ones_like(values, bool)
            spoilt[variable] = values.where(~last)
            assert variable in list(not_numbers(spoilt))
            if (claim := reader.get(variable)) is not None:
                with pytest.raises(ValueError, match=rf"{claim.id}: expected numbers in .*{variable}.*found NaN"):
                    judge([claim], spoilt)


@pytest.mark.parametrize("name", NAMES)
def test_page_quotes_every_reading_and_no_other(name):
    text = (BOOK / f"{name}.md").read_text(encoding="utf-8")
    quoted = {key.removeprefix("recorded-") for key in re.findall(r"\{glue:\w*\}`([\w-]+)", text)}
    found = catalogue.get(name).readings(tiny_record(name))
    assert quoted == set(found)
    assert all(type(value) in (float, int, str) for value in found.values())


@pytest.mark.parametrize("path", sorted(records.RESULTS.glob("*.nc")), ids=lambda path: path.stem)
def test_committed_record_was_made_with_the_settings_of_its_profile(path):
    record = records.load(path)
    experiment = catalogue.get(record.attrs["experiment"])
    config = experiment.profiles[record.attrs["profile"]]
    assert json.loads(record.attrs["config"]) == json.loads(json.dumps(dataclasses.asdict(config)))
    fresh = tiny_record(experiment.name)
    shapes, wanted = ({v: tree[v].dims for v in variables(tree)} for tree in (record, fresh))
    if "curves" in record.attrs:  # put together from sessions, with what they followed exactly beside the runs
        wanted |= {f"exact/{v}": wanted[f"runs/{v}"] for v in ("residual", "measured")}
    assert shapes == wanted


@pytest.mark.parametrize("name", NAMES)
def test_experiment_has_a_recorded_run_and_a_chapter(name):
    assert records.load_best(name) is not None
    assert (BOOK / f"{name}.md").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_each_claim_has_its_place_in_the_chapter(name):
    text = (BOOK / f"{name}.md").read_text(encoding="utf-8")
    for claim in catalogue.get(name).claims:
        label = re.escape(claim.id.lower())
        assert re.search(rf"^:label: *{label}\s*$|^\({label}\)=", text, re.MULTILINE), claim.id


@pytest.mark.parametrize("name", NAMES)
def test_code_cells_of_the_chapter_are_short(name):
    text = (BOOK / f"{name}.md").read_text(encoding="utf-8")
    for cell in re.findall(r"```\{code-cell\}.*?\n(.*?)```", text, re.DOTALL):
        code = re.sub(r"^---\n.*?\n---\n", "", cell, flags=re.DOTALL)
        shown = [line for line in code.splitlines() if line.strip() and not line.startswith(":")]
        assert len(shown) <= 12, shown[:2]
