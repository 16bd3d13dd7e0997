import json

import pytest

from ntkbook.ledger import KEYS, changed, read_ledger, worse, write_ledger


def row(**changes):
    return dict.fromkeys(KEYS, "x") | {"claim": "A01", "profile": "quick", "verdict": "reproduced"} | changes


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


@pytest.mark.parametrize(
    ("now", "before", "differs"),
    [
        ("slope -0.50, gap 3.1e-05", "slope -0.50, gap 3.1e-05", False),
        ("slope -0.501, gap 3.10e-05", "slope -0.499, gap 3.11e-05", False),
        ("slope -0.25, gap 3.1e-05", "slope -0.50, gap 3.1e-05", True),
        ("slope 0.50, gap 3.1e-05", "slope -0.50, gap 3.1e-05", True),
        ("slope -0.50, gap 3.1e-04", "slope -0.50, gap 3.1e-05", True),
        ("slope -0.50", "slope -0.50, gap 3.1e-05", True),
        ("rise -0.50, gap 3.1e-05", "slope -0.50, gap 3.1e-05", True),
    ],
)
def test_the_same_run_has_the_same_numbers(now, before, differs):
    lines = changed([row(measured=now)], [row(measured=before)])
    assert bool(lines) == differs
    assert all(now in line and before in line for line in lines)
    for key in ("claim", "profile", "commit", "device", "data", "seeds"):
        assert changed([row(measured=now)], [row(measured=before) | {key: "A02"}]) == []


def test_ledger_round_trip_sorts_and_leaves_no_other_file(tmp_path):
    path = tmp_path / "new" / "ledger.json"
    rows = [row(claim="A02"), row(profile="quick", measured="caf\u00e9"), row(profile="laptop")]
    write_ledger(rows, path)
    assert read_ledger(path) == [rows[2], rows[1], rows[0]]
    assert [p.name for p in path.parent.iterdir()] == ["ledger.json"]
    first = path.read_bytes()
    write_ledger(rows[::-1], path)
    assert path.read_bytes() == first
    assert first.endswith(b"\n")


def test_failing_write_leaves_the_old_ledger(tmp_path):
    path = tmp_path / "ledger.json"
    write_ledger([row()], path)
    with pytest.raises(ValueError, match=r"rows\[0\]: expected words, .* found object as measured"):
        write_ledger([row(measured=object())], path)
    with pytest.raises(ValueError, match=r"rows\[0\]: expected a row with the keys"):
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
        (json.dumps([{"claim": "A01"}]), "expected a row with the keys claim, .* found claim"),
        (json.dumps([row(extra="x")]), "expected a row with the keys .* found .*extra"),
        (json.dumps([row(claim="Z99")]), "expected a known claim and verdict, found 'Z99'"),
        (json.dumps([row(verdict="fine")]), "expected a known claim and verdict, found 'A01': 'fine'"),
        (
            json.dumps([row(), row(measured="2")]),
            "expected one verdict a claim and .* two for A01 at profile quick",
        ),
        (json.dumps(row()), "expected"),
        ("{}", "expected"),
        ("5", "expected"),
        ("[1]", "expected"),
        ("[" * 100_000, "expected JSON"),
        (json.dumps([row(claim=["A01"])]), "expected words, .* found list as claim"),
        (json.dumps([row(measured={"a": 1})]), "expected words, .* found .* as measured"),
        (json.dumps([row(margin=[])]), "expected words, .* found list as margin"),
        (json.dumps([row(margin=True)]), "expected words, .* found True as margin"),
        (json.dumps([row(margin=float("-inf"))]), "expected words, .* found -inf as margin"),
        (json.dumps([row(margin=10**400)]), "expected words, .* found a number of 401 digits as margin"),
        (json.dumps([row(margin=float("nan"))]), "expected words, .* found nan as margin"),
    ],
)
def test_damaged_ledger_is_named(tmp_path, content, message):
    path = tmp_path / "ledger.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=rf"ledger\.json.*: .*{message}"):
        read_ledger(path)
