"""Laws of the code fingerprints: which definitions a closure reaches, and which changes a cell can feel."""

import functools
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ntkbook.fingerprint import closure_of, code_closure, digest, notebook_closure
from ntkbook.symbols import EFFECTS

TOY = {
    "__init__.py": "",
    "base.py": "SCALE = 2\nOFFSET = 5\n\n\ndef shift(x):\n    return x + OFFSET\n",
    "kernels/__init__.py": "from toy.kernels.gram import gram\nfrom .gram import trace as kernel_trace\n",
    "kernels/gram.py": (
        "import numpy as np\nfrom toy.base import SCALE\n\n\ndef gram(x):\n    return SCALE * np.dot(x, x)\n\n\n"
        "def trace(x):\n    return x\n"
    ),
    "nets.py": (
        "from . import base\n\n\nclass Net:\n    width: int = 3\n\n"
        "    def apply(self, x):\n        return base.shift(x)\n"
    ),
    "room/__init__.py": "from toy.room.cells import by_gram\n\nNAMES = ('room',)\n",
    "room/cells.py": (
        "from toy import kernels, nets\nfrom toy.kernels import gram, kernel_trace as tr\n\nLABELS = ('true',)\n\n\n"
        "def by_gram(x):\n    return gram(x), LABELS\n\n\n"
        "def by_trace(x):\n    return tr(x)\n\n\n"
        "def by_net(x):\n    return nets.Net().apply(x)\n\n\n"
        "def by_all(x, call):\n    return call(kernels)\n"
    ),
    "room/claims.py": "from toy.room.cells import LABELS\nCLAIMS = (LABELS,)\n",
}
CELLS = ("by_gram", "by_trace", "by_net", "by_all")


def write(root: Path, sources: dict[str, str]) -> Path:
    for name, source in sources.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(source)
    return root


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write(tmp_path / "toy", TOY)


def cell(root: Path, name: str) -> dict[str, str]:
    return code_closure([f"toy.room.cells:{name}"], root)


def voided(root: Path, file: str, old: str, new: str) -> set[str]:
    """Cells whose closures differ after an edit."""
    before = {name: cell(root, name) for name in CELLS}
    source = (root / file).read_text()
    assert old in source
    (root / file).write_text(source.replace(old, new, 1))
    return {name for name in CELLS if cell(root, name) != before[name]}


def test_a_closure_names_each_definition_by_the_module_that_defines_it_and_no_face(toy: Path):
    gram = {"toy.kernels.gram:gram", "toy.base:SCALE"}
    assert set(cell(toy, "by_gram")) == {"toy.room.cells:by_gram", "toy.room.cells:LABELS"} | gram
    assert set(cell(toy, "by_trace")) == {"toy.room.cells:by_trace", "toy.kernels.gram:trace"}
    assert set(cell(toy, "by_net")) == {*("toy.room.cells:by_net", "toy.nets:Net", "toy.base:shift", "toy.base:OFFSET")}
    assert set(code_closure(["toy.room:by_gram"], toy)) == set(cell(toy, "by_gram"))
    assert list(cell(toy, "by_net")) == sorted(cell(toy, "by_net"))


def test_a_face_that_is_passed_around_stands_for_all_that_it_re_exports(toy: Path):
    expected = {"toy.room.cells:by_all", "toy.kernels.gram:gram", "toy.kernels.gram:trace", "toy.base:SCALE"}
    assert set(cell(toy, "by_all")) == expected


@pytest.mark.parametrize(
    ("file", "old", "new", "cells"),
    [
        ("base.py", "SCALE = 2", "SCALE = 3", {"by_gram", "by_all"}),
        ("base.py", "OFFSET = 5", "OFFSET = 6", {"by_net"}),
        ("kernels/gram.py", "SCALE * np.dot", "np.dot", {"by_gram", "by_all"}),
        ("kernels/gram.py", "return x\n", "return 2 * x\n", {"by_trace", "by_all"}),
        ("kernels/gram.py", "import numpy as np", "import jax.numpy as np", {"by_gram", "by_all"}),
        ("kernels/__init__.py", "import trace", "import gram", {"by_trace", "by_all"}),
        ("nets.py", "width: int = 3", "width: int = 4", {"by_net"}),
        ("nets.py", "shift(x)", "shift(2 * x)", {"by_net"}),
        ("nets.py", "class Net", "set_precision(64)\n\n\nclass Net", set(CELLS)),
        ("kernels/gram.py", "\n\n\ndef gram", "\n\nassert SCALE > 0\n\n\ndef gram", set(CELLS)),
        ("__init__.py", "", "import torch\n\ntorch.set_default_dtype(torch.float64)\n", set(CELLS)),
        ("room/cells.py", "gram(x), LABELS", "gram(x), LABELS, 1", {"by_gram"}),
        ("room/cells.py", "import gram, kernel_trace as tr", "import kernel_trace as gram, gram as tr", set(CELLS[:2])),
    ],
)
def test_a_change_voids_exactly_the_cells_that_use_it(toy: Path, file, old, new, cells):
    assert voided(toy, file, old, new) == cells


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("room/__init__.py", "('room',)", "('room', 'other')"),
        ("room/__init__.py", "import by_gram", "import by_gram, by_net"),
        ("room/claims.py", "(LABELS,)", "(LABELS, 'A02')"),
        ("room/cells.py", "def by_gram", "def figure(x):\n    return gram(x)\n\n\ndef by_gram"),
        ("kernels/gram.py", "def trace", "def other(x):\n    return x\n\n\ndef trace"),
        ("base.py", "def shift", "# a comment\ndef shift"),
        ("base.py", "def shift(x):", 'def shift(x: float) -> float:\n    """Shift."""'),
        ("nets.py", "width: int = 3\n", 'width: int = 3\n    """Neurons."""\n'),
        ("base.py", "def shift", "if __name__ == '__main__':\n    print(SCALE)\n\n\ndef shift"),
    ],
)
def test_new_neighbours_faces_claims_prose_and_types_void_nothing(toy: Path, file, old, new):
    assert voided(toy, file, old, new) == set()


def test_only_the_entry_of_the_changed_definition_differs(toy: Path):
    before = cell(toy, "by_gram")
    (toy / "base.py").write_text(TOY["base.py"].replace("SCALE = 2", "SCALE = 3"))
    after = cell(toy, "by_gram")
    assert {name for name in before if before[name] != after[name]} == {"toy.base:SCALE"}


def test_the_class_that_an_argument_is_annotated_with_is_part_of_the_closure(toy: Path):
    (toy / "cell.py").write_text("from toy.nets import Net\n\n\ndef f(net: Net, x):\n    return net.apply(x)\n")
    assert {"toy.nets:Net", "toy.base:shift"} <= set(code_closure(["toy.cell:f"], toy))


@pytest.mark.parametrize(
    "source",
    [
        "from toy.kernels import *\n\n\ndef f(x):\n    return gram(x)\n",
        "import toy.kernels\n\n\ndef f(x):\n    return toy.kernels.gram(x)\n",
        "import toy.kernels as k\n\n\ndef f(x):\n    return getattr(k, 'gram')(x)\n",
        "def f(x):\n    from .kernels.gram import gram as g\n    return g(x)\n",
        "try:\n    from toy.fast import gram\nexcept ImportError:\n    from toy.kernels import gram\n\n\n"
        "def f(x):\n    return gram(x)\n",
        "import toy.kernels.gram as g\n\n\ndef f(x):\n    return g(x)\n",  # the function: so does Python read it
        "from toy.kernels import gram\n\n\ndef f(x, kernel=gram):\n    return kernel(x)\n",
        "from toy.kernels import gram\n\n\n@gram\ndef f(x):\n    return x\n",
        "from toy.kernels import gram\n\nTABLE = {'k': gram}\n\n\ndef f(x):\n    return TABLE['k'](x)\n",
        "from toy import hub\n\n\ndef f(x):\n    return hub.gram(x)\n",
        "from toy.hub import gram\n\n\ndef f(x):\n    return gram(x)\n",
    ],
)
def test_every_way_to_reach_a_formula_is_followed(toy: Path, source: str):
    write(toy, {"cell.py": source, "hub.py": "from toy.kernels import *\n"})
    assert {"toy.cell:f", "toy.kernels.gram:gram", "toy.base:SCALE"} <= set(code_closure(["toy.cell:f"], toy))


def test_recursion_and_circles_of_imports_end(toy: Path):
    write(
        toy,
        {
            "even.py": "from toy import odd\n\n\ndef even(n):\n    return n == 0 or odd.odd(n - 1)\n",
            "odd.py": "from toy.even import even\n\n\ndef odd(n):\n    return n != 0 and even(n - 1)\n",
            "here.py": "from toy.there import lost\n\n\ndef f():\n    return lost\n",
            "there.py": "from toy.here import lost\n",
        },
    )
    assert set(code_closure(["toy.odd:odd"], toy)) == {"toy.even:even", "toy.odd:odd"}
    assert set(code_closure(["toy.here:f"], toy)) == {"toy.here:f"}


def test_effects_are_named_and_follow_what_they_use(toy: Path):
    (toy / "kernels" / "gram.py").write_text("from toy.base import shift\nshift(1)\n" + TOY["kernels/gram.py"])
    assert {f"toy.kernels.gram:{EFFECTS}", "toy.base:shift"} <= set(cell(toy, "by_trace"))


@pytest.mark.parametrize("entry", ["toy.nothing:f", "toy.base:nothing", "toy.base", "numpy:dot"])
def test_an_unknown_entry_point_is_named(toy: Path, entry: str):
    with pytest.raises(ValueError, match=rf"expected MODULE:NAME.*found '{entry}'"):
        code_closure([entry], toy)


WAYS = {
    "face": ("from toy import f{j} as g{j}", "", "g{j}()"),
    "module": ("from toy import m{k}", "", "m{k}.f{j}()"),
    "dotted": ("import toy.m{k}", "", "toy.m{k}.f{j}()"),
    "relative": ("from .m{k} import f{j}", "", "f{j}()"),
    "inside": ("", "from toy.m{k} import f{j} as h{j}", "h{j}()"),
}


@st.composite
def programs(draw):
    """Functions in modules, function j in module j % 3, with calls between them in all the ways of importing."""
    n = draw(st.integers(2, 8))
    function = st.integers(0, n - 1)
    calls = draw(st.dictionaries(st.tuples(function, function), st.sampled_from(sorted(WAYS)), max_size=2 * n))
    return n, calls, draw(function)


def program_sources(n: int, calls: dict[tuple[int, int], str], constants: list[int]) -> dict[str, str]:
    tops, bodies = {k: set() for k in range(3)}, dict.fromkeys(range(3), "")
    for i in range(n):
        inside, values = "", [str(constants[i])]
        for (caller, j), way in calls.items():
            if caller == i:
                top, local, call = (part.format(j=j, k=j % 3) for part in WAYS[way])
                if way == "relative" and j % 3 == i % 3:
                    top = ""
                tops[i % 3].add(top)
                inside += f"    {local}\n" if local else ""
                values.append(call)
        bodies[i % 3] += f"def f{i}():\n{inside}    return {' + '.join(values)}\n\n\n"
    face = "".join(f"from toy.m{j % 3} import f{j}\n" for j in range(n))
    return {f"m{k}.py": "\n".join([*sorted(tops[k]), bodies[k]]) for k in range(3)} | {"__init__.py": face}


@settings(max_examples=60, deadline=None)
@given(programs())
def test_cells_are_void_exactly_if_the_changed_function_can_be_called(program):
    n, calls, changed = program
    reached = {i: {i} for i in range(n)}
    for _ in range(n):
        for i, j in calls:
            reached[i] |= reached[j]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "toy"

        def closures(constants):
            write(root, program_sources(n, calls, constants))
            return [code_closure([f"toy.m{i % 3}:f{i}"], root) for i in range(n)]

        before, after = closures(list(range(n))), closures([i + n * (i == changed) for i in range(n)])
    for i in range(n):
        assert set(before[i]) == {f"toy.m{j % 3}:f{j}" for j in reached[i]}
        assert (before[i] != after[i]) == (changed in reached[i])


def local_cell(x):
    return helper(x)


def helper(x):
    return digest(x)


class Weights:
    def norm(self):
        return helper(self)


def test_a_function_of_a_test_is_followed_in_its_module_and_into_the_package():
    expected = {f"{__name__}:local_cell", f"{__name__}:helper", "ntkbook.fingerprint:digest"}
    assert set(closure_of(local_cell)) == expected
    assert closure_of(functools.partial(functools.partial(local_cell), 1)) == closure_of(local_cell)


def test_a_class_and_its_method_stand_for_the_whole_class():
    assert f"{__name__}:helper" in closure_of(Weights)
    assert closure_of(Weights.norm) == closure_of(Weights)
    assert closure_of(digest) == code_closure(["ntkbook.fingerprint:digest"])


def test_functions_that_no_module_names_are_refused(monkeypatch: pytest.MonkeyPatch):
    def nested():
        pass

    for function in (nested, lambda: 0, len, functools.partial(lambda: 0), object()):
        with pytest.raises(ValueError, match=r"measure: expected.*at the top of a module, found.*; move it to"):
            closure_of(function)  # pyright: ignore[reportArgumentType]
    monkeypatch.setattr(helper, "__module__", "__main__")
    with pytest.raises(ValueError, match=r"found __main__:helper; move it to"):
        closure_of(helper)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("from toy.kernels import gram\ngram(1)", {"toy.kernels.gram:gram", "toy.base:SCALE"}),
        ("import toy.base as b\ndef f(x):\n    return b.shift(x)", {"toy.base:shift", "toy.base:OFFSET"}),
        ("%matplotlib inline\n!ls\nfrom toy import base\nshow(base.SCALE)", {"toy.base:SCALE"}),
        ("from toy import base\nshow(base)", {"toy.base:SCALE", "toy.base:OFFSET", "toy.base:shift"}),
        ("import numpy as np\nfrom toy import base\nnp.sum(1)", set()),
    ],
)
def test_a_notebook_reaches_what_its_cells_use(toy: Path, code: str, expected: set[str]):
    assert set(notebook_closure(code, toy)) - {"<notebook>"} == expected
    assert bool(expected) == bool(notebook_closure(code, toy))


def test_a_notebook_feels_that_two_names_of_a_face_change_places(toy: Path):
    code = "from toy.kernels import gram, kernel_trace\ngram(1) / kernel_trace(2)"
    before = notebook_closure(code, toy)
    write(toy, {"kernels/__init__.py": "from .gram import gram as kernel_trace, trace as gram\n"})
    after = notebook_closure(code, toy)
    assert before != after
    assert before.keys() == after.keys()


def test_a_notebook_feels_what_a_module_does_when_it_is_imported(toy: Path):
    (toy / "base.py").write_text("print()\n")
    assert f"toy.base:{EFFECTS}" in notebook_closure("import toy.base", toy)


def test_digest_ignores_key_order_and_sees_everything_else():
    assert digest("a", {"x": 1, "y": (2, 3)}) == digest("a", {"y": [2, 3], "x": 1})
    parts = [("a", "b"), ("b", "a"), ("ab",), ("a", ["b"]), ("a", None)]
    assert len({digest(*part) for part in parts}) == len(parts)


def test_digest_rejects_what_has_no_json():
    with pytest.raises(TypeError):
        digest(Path("x"))
