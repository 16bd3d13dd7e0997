"""Laws of the code fingerprints: what changes a hash, what does not, and what a closure reaches."""

from pathlib import Path

import pytest

from ntkbook.fingerprint import digest, notebook_imports, source_closure

TOY = {
    "__init__.py": '"""A toy."""\n',
    "base.py": "SCALE = 2\n",
    "lonely.py": "x = 1\n",
    "middle.py": "def f(x):\n    from .base import SCALE\n    return SCALE * x\n",
    "sub/__init__.py": "from ..lonely import x\n",
    "sub/leaf.py": "import numpy\nfrom ntkbook import middle\n\n\ndef g(x):\n    return middle.f(x)\n",
    "sub/sibling.py": "from . import leaf\nfrom .leaf import g\n",
}


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    root = tmp_path / "ntkbook"
    for name, source in TOY.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(source)
    return root


def test_closure_holds_transitive_relative_and_local_imports_and_parents(toy: Path):
    expected = {"ntkbook", "ntkbook.sub", "ntkbook.sub.leaf", "ntkbook.middle", "ntkbook.base", "ntkbook.lonely"}
    assert set(source_closure("ntkbook.sub.leaf", toy)) == expected
    assert set(source_closure("ntkbook.sub.sibling", toy)) == expected | {"ntkbook.sub.sibling"}


def test_closure_leaves_out_what_is_not_imported(toy: Path):
    assert set(source_closure("ntkbook.middle", toy)) == {"ntkbook", "ntkbook.middle", "ntkbook.base"}


def test_import_cycles_end(toy: Path):
    (toy / "base.py").write_text("from . import middle\n")
    assert "ntkbook.middle" in source_closure("ntkbook.base", toy)


@pytest.mark.parametrize(
    "edited",
    [
        "# a comment\ndef f(x):\n    from .base import SCALE\n    return SCALE * x  # why\n",
        'def f(x):\n    """Scale x."""\n    from .base import SCALE\n\n    return (SCALE\n            * x)\n',
        '"""Module docstring."""\n\n\ndef f(x):\n    from .base import SCALE\n    "note"\n    return SCALE * x\n',
    ],
)
def test_comments_docstrings_and_layout_do_not_count(toy: Path, edited: str):
    before = source_closure("ntkbook.sub.leaf", toy)
    (toy / "middle.py").write_text(edited)
    assert source_closure("ntkbook.sub.leaf", toy) == before


def test_a_field_docstring_does_not_count_but_its_default_does(toy: Path):
    hashes = []
    for body in ("    width: int = 3\n", '    width: int = 3\n    """Neurons."""\n', "    width: int = 4\n"):
        (toy / "base.py").write_text("class Config:\n" + body)
        hashes.append(source_closure("ntkbook.base", toy)["ntkbook.base"])
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_change_of_code_far_below_changes_only_its_own_entry(toy: Path):
    before = source_closure("ntkbook.sub.leaf", toy)
    (toy / "base.py").write_text("SCALE = 3\n")
    after = source_closure("ntkbook.sub.leaf", toy)
    assert {name for name in before if before[name] != after[name]} == {"ntkbook.base"}


def test_unknown_module_is_named(toy: Path):
    with pytest.raises(ValueError, match=r"expected.*found 'ntkbook\.nothing'"):
        source_closure("ntkbook.nothing", toy)


def test_notebook_imports_skip_magics_and_other_packages(toy: Path):
    code = "%matplotlib inline\n!ls\nimport numpy as np\nfrom ntkbook.sub import leaf\nfrom ntkbook.base import SCALE\n"
    assert notebook_imports(code, toy) == {"ntkbook", "ntkbook.sub", "ntkbook.sub.leaf", "ntkbook.base"}


def test_digest_ignores_key_order_and_sees_everything_else():
    assert digest("a", {"x": 1, "y": (2, 3)}) == digest("a", {"y": [2, 3], "x": 1})
    parts = [("a", "b"), ("b", "a"), ("ab",), ("a", ["b"]), ("a", None)]
    assert len({digest(*part) for part in parts}) == len(parts)


def test_digest_rejects_what_has_no_json():
    with pytest.raises(TypeError):
        digest(Path("x"))
