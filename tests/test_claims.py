import json
import re

import pytest
import xarray as xr

from ntkbook import claims
from ntkbook.claims import Claim, Judgement, Verdict, inventory, judge, read_ledger, worse, write_ledger

PROVENANCE = {
    "experiment": "toy",
    "profile": "quick",
    "data": "three numbers",
    "seeds": "0, 1",
    "device": "cpu",
    "commit": "abc",
    "created": "today",
}


def record(value=1.0):
    return xr.Dataset({"value": value}, attrs=PROVENANCE)


def is_positive(dataset):
    value = float(dataset.value)
    return Judgement(Verdict.REPRODUCED if value > 0 else Verdict.NOT_REPRODUCED, f"value {value:g}")


def claim(id="A01", check=is_positive):
    return Claim(id, check, "above 0", "none")


def row(**changes):
    return dict.fromkeys(claims.KEYS, "x") | {"claim": "A01", "profile": "quick", "verdict": "reproduced"} | changes


def test_inventory_holds_all_sixty_five_claims_of_four_papers():
    statements = inventory()
    assert len(statements) == 65
    assert all(key == s.id and re.fullmatch(r"[A-Z]\d\d", key) for key, s in statements.items())
    assert all(s.paper and s.where and s.says for s in statements.values())
    assert len({s.paper for s in statements.values()}) == 4
    assert all(s.says.isascii() for s in statements.values())


def test_a_claim_must_be_in_the_inventory():
    with pytest.raises(ValueError, match="id: expected a claim of the inventory, found 'Z99'"):
        claim("Z99")


def test_judging_gives_rows_of_the_ledger_from_the_record_alone():
    rows = judge([claim("A01"), claim("A02")], record(2.0))
    assert [set(r) for r in rows] == [set(claims.KEYS)] * 2
    assert rows[1] == {
        "claim": "A02",
        "profile": "quick",
        "verdict": "reproduced",
        "measured": "value 2",
        "expected": "above 0",
        "tolerance": "none",
        "experiment": "toy",
        "data": "three numbers",
        "seeds": "0, 1",
        "device": "cpu",
        "commit": "abc",
    }
    assert judge([claim()], record(-1.0))[0]["verdict"] == "not reproduced"
    assert judge([], record()) == []


def test_worse_names_claim_profile_and_both_verdicts():
    lines = worse([row(verdict="vacuous", measured="0.3")], [row()])
    assert len(lines) == 1
    assert all(text in lines[0] for text in ("A01", "quick", "was reproduced", "is vacuous", "0.3"))


VERDICTS = ["reproduced", "only asymptotic", "vacuous", "not reproduced"]


@pytest.mark.parametrize("now", [*VERDICTS, "not run"])
@pytest.mark.parametrize("before", [*VERDICTS, "not run"])
def test_worse_goes_down_the_order_and_leaves_not_run_alone(now, before):
    got_worse = "not run" not in (now, before) and VERDICTS.index(now) > VERDICTS.index(before)
    assert bool(worse([row(verdict=now)], [row(verdict=before)])) == got_worse


def test_worse_compares_the_same_claim_and_profile_only():
    bad = row(verdict="not reproduced")
    assert worse([bad], []) == []
    assert worse([bad], [row(claim="A02"), row(profile="laptop")]) == []
    assert worse([], [row()]) == []


def test_ledger_round_trip_sorts_and_leaves_no_other_file(tmp_path):
    path = tmp_path / "new" / "ledger.json"
    rows = [row(claim="A02"), row(profile="quick", measured="caf\u00e9"), row(profile="laptop")]
    write_ledger(rows, path)
    assert read_ledger(path) == [rows[2], rows[1], rows[0]]
    assert [p.name for p in path.parent.iterdir()] == ["ledger.json"]
    first = path.read_bytes()
    write_ledger(reversed(rows), path)
    assert path.read_bytes() == first
    assert first.endswith(b"\n")


def test_failing_write_leaves_the_old_ledger(tmp_path):
    path = tmp_path / "ledger.json"
    write_ledger([row()], path)
    with pytest.raises((KeyError, TypeError)):
        write_ledger([row(measured=object())], path)
    with pytest.raises(KeyError):
        write_ledger([{"claim": "A01", "profile": "quick"}], path)
    assert read_ledger(path) == [row()]


def test_absent_ledger_is_empty(tmp_path):
    assert read_ledger(tmp_path / "none.json") == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "expected JSON"),
        ("[{", "expected JSON"),
        (json.dumps([row()])[:-9], "expected JSON"),
        (json.dumps([{"claim": "A01"}]), "expected rows with the keys claim, .* found claim"),
        (json.dumps([row(extra="x")]), "expected rows with the keys .* found .*extra"),
        (json.dumps([row(claim="Z99")]), "unknown claim or verdict in 'Z99'"),
        (json.dumps([row(verdict="fine")]), "unknown claim or verdict in 'A01': 'fine'"),
        (json.dumps(row()), "expected"),
        ("{}", "expected"),
        ("5", "expected"),
        ("[1]", "expected"),
    ],
)
def test_damaged_ledger_is_named(tmp_path, content, message):
    path = tmp_path / "ledger.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=rf"ledger\.json: .*{message}"):
        read_ledger(path)
