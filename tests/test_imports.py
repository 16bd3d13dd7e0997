"""Imports inside the package go one way."""

import ast
from pathlib import Path

import pytest

import ntkbook

PACKAGE = Path(ntkbook.__file__).parent
DOOR = ("wants", "expect")
APART = (
    *("atomic", "checksum", "containment", "provenance", "seal", "profiles", "symbols", "fingerprint", "claims"),
    *("ending", "ledger", "verdicts", "judged", "typography", "verdict_rows", "verdict_table", "records"),
)
ORDER = (
    *DOOR,
    *APART,
    "streams",
    *("data", "losses", "networks", "kernels", "spectrum", "label_norm", "kernel_ridge"),
    *("rademacher", "margins", "adversarial", "diagnostics", "dynamics"),
    *("training", "tuning", "bounds", "figures", "reporting", "experiments", "gpu", "book", "cli", "__main__"),
)
"""A module imports what stands before it, its own package, and nothing else of ours."""
ROOM = ("claims", "readings", "figures", "experiment")
"""In an experiment's folder these import what stands before them, and the settings and parts none of them. A file that
fell apart keeps its name as the first word of the pieces', as in claims.py and claims_lemmas.py."""

FILES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def part(dotted):
    """The part of the package that a dotted name lies in, such as "kernels"; None for other packages."""
    names = dotted.split(".")
    return (names[1] if len(names) > 1 else "") if names[0] == "ntkbook" else None


def imported(source, module):
    """Parts of the package that a module's source imports, at its top or inside functions."""
    parts = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            parts |= {part(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parent = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*parent, *filter(None, [node.module])])
            parts |= {part(f"{base}.{alias.name}") if base == "ntkbook" else part(base) for alias in node.names}
    return parts - {None}


def wrong(own, parts):
    """Imported parts that do not stand before `own`."""
    position = ORDER.index(own)
    return sorted(name for name in parts if name != own and (name not in ORDER or ORDER.index(name) > position))


@pytest.mark.parametrize("file", FILES, ids=str)
def test_module_imports_only_what_stands_before_it(file):
    own = file.parts[0].removesuffix(".py")
    if own == "__init__":
        assert imported((PACKAGE / file).read_text(encoding="utf-8"), "ntkbook.__init__") == {"reporting"}  # when asked
    else:
        module = ".".join(["ntkbook", *file.with_suffix("").parts])
        assert wrong(own, imported((PACKAGE / file).read_text(encoding="utf-8"), module)) == []


@pytest.mark.parametrize("name", APART)
def test_records_claims_and_fingerprints_stand_apart(name):
    assert imported((PACKAGE / f"{name}.py").read_text(encoding="utf-8"), f"ntkbook.{name}") <= {*DOOR, *APART}


def test_learning_code_does_not_know_of_records_and_claims():
    for file in FILES:
        own = file.parts[0].removesuffix(".py")
        if own in ORDER[len(DOOR + APART) : ORDER.index("figures")]:
            assert not imported((PACKAGE / file).read_text(encoding="utf-8"), "ntkbook.x") & set(APART), file


ROOMS = sorted(folder for folder in (PACKAGE / "experiments").iterdir() if (folder / "experiment.py").is_file())


@pytest.mark.parametrize("folder", ROOMS, ids=lambda folder: folder.name)
def test_a_room_imports_one_way_and_no_other_room(folder):
    assert {f"{name}.py" for name in ("__init__", "config", *ROOM)} <= {path.name for path in folder.iterdir()}
    for file in folder.glob("*.py"):
        names = inside(file.read_text(encoding="utf-8"))
        assert {name for room, name in names if room != folder.name} == set(), file
        own = role(file.stem)
        allowed = ROOM[: ROOM.index(own) + 1] if own in ROOM else ()
        assert {role(name) for _, name in names if role(name) in ROOM} <= set(allowed), file


@pytest.mark.parametrize("folder", ROOMS, ids=lambda folder: folder.name)
def test_parts_do_not_know_how_they_are_swept_kept_or_judged(folder):
    for file in folder.glob("*.py"):
        if role(file.stem) not in ("config", *ROOM):
            parts = imported(file.read_text(encoding="utf-8"), f"ntkbook.experiments.{folder.name}.{file.stem}")
            assert not parts & ({*APART, "figures"} - {"fingerprint"}), file  # a part may hash its data


def role(module):
    """Which of `ROOM` a module is a piece of; its own name if of none."""
    first = module.partition("_")[0]
    return first if first in ROOM else module


def inside(source):
    """Rooms, and modules in them, that a source imports by full names."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("ntkbook.experiments."):
            room, _, module = node.module.removeprefix("ntkbook.experiments.").partition(".")
            if (PACKAGE / "experiments" / room).is_dir():
                found |= {(room, module)} if module else {(room, alias.name) for alias in node.names}
    return found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import ntkbook.figures.kernel", {"figures"}),
        ("from ntkbook import records, torch", {"records", "torch"}),
        ("from ntkbook.training.spaces import WeightSpace", {"training"}),
        ("def f():\n    from ntkbook.book import key", {"book"}),
        ("from ..figures import style", {"figures"}),
        ("import numpy\nfrom torch import nn", set()),
    ],
)
def test_every_way_to_import_is_seen(line, found):
    assert imported(line, "ntkbook.kernels.angles") == found


def test_an_import_in_the_wrong_direction_is_found():
    assert wrong("kernels", {"kernels", "data", "figures", "unheard_of"}) == ["figures", "unheard_of"]
