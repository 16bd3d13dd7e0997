import pytest
import xarray as xr

from ntkbook.claims import Claim
from ntkbook.experiments.judging import above, decide
from ntkbook.judged import judged
from ntkbook.seal import sealed
from ntkbook.verdicts import judge

CHECKED = []
ABOUT = dict.fromkeys(("experiment", "profile", "data", "seeds", "device", "commit"), "x")


def record(value=1.0):
    tree = xr.DataTree.from_dict({"numbers": xr.Dataset({"value": ("seed", [value, value + 1])})})
    tree.attrs = ABOUT
    return tree


def positive(found):
    CHECKED.append("positive")
    return decide("value", reproduced=[above("value", found["numbers/value"].mean(), 0.0)])


def large(found):
    CHECKED.append("large")
    return decide("value", reproduced=[above("value", found["numbers/value"].mean(), 9.0)])


CLAIM = Claim("A01", positive, "above 0", "none")


def test_the_same_record_is_judged_once_and_gives_the_same_rows(tmp_path):
    first = judged([CLAIM], record(), tmp_path)
    assert first == judge([CLAIM], record())
    CHECKED.clear()
    assert judged([CLAIM], record(), tmp_path) == first
    assert CHECKED == []


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        (CLAIM, record(2.0)),
        (Claim("A01", large, "above 0", "none"), record()),
        (Claim("A01", positive, "above 0", "a little"), record()),
        (Claim("A02", positive, "above 0", "none"), record()),
    ],
    ids=["record", "check", "tolerance", "claim"],
)
def test_another_record_check_or_claim_is_judged_anew(tmp_path, claim, found):
    judged([CLAIM], record(), tmp_path)
    CHECKED.clear()
    rows = judged([claim], found, tmp_path)
    assert CHECKED != []
    assert rows == judge([claim], found)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: b"",
        lambda content: b"[]",
        lambda content: content[:-1],
        lambda content: content[1:],
        lambda content: content.replace(b"reproduced", b"vacuous"),
        lambda content: content.replace(b"above 0", b"above 9"),
        lambda content: content.rpartition(b"\nsha256 ")[0],
        lambda content: sealed(content.rpartition(b"\nsha256 ")[0].replace(b"verdicts-", b"verdicts-0")),
    ],
    ids=["empty", "other", "cut", "cut before", "verdict", "words", "no checksum", "another name"],
)
def test_a_file_that_is_not_what_was_written_is_judged_anew(tmp_path, change):
    first = judged([CLAIM], record(), tmp_path)
    (path,) = tmp_path.iterdir()
    assert change(path.read_bytes()) != path.read_bytes()
    path.write_bytes(change(path.read_bytes()))
    CHECKED.clear()
    assert judged([CLAIM], record(), tmp_path) == first
    assert CHECKED != []
    CHECKED.clear()
    assert judged([CLAIM], record(), tmp_path) == first
    assert CHECKED == []
