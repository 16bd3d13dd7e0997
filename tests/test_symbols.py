"""Laws of reading a source text: which statements make a symbol, what of its syntax counts, and what it uses."""

import pytest

from ntkbook.symbols import EFFECTS, Module


def read(source, package="toy"):
    return Module(source, "toy.leaf", package)


def syntax(source, name="f"):
    return read(source).symbol(name).syntax


def uses(source, name="f"):
    """Names that a symbol uses -> what they refer to, the module itself written as "."."""
    return {written: ".".join([module, *chain]) for written, (module, chain) in read(source).symbol(name).uses}


FUNCTION = "def f(x, y=2):\n    return x + y\n"


@pytest.mark.parametrize(
    "edited",
    [
        "# why\ndef f(x, y=2):\n\n    return (x\n            + y)  # because\n",
        'def f(x, y=2):\n    """Sum."""\n    "note"\n    return x + y\n',
        "def f(x: float, y: int = 2) -> float:\n    return x + y\n",
        '"""Module."""\nimport numpy\n\nz = 3\n\n\n' + FUNCTION,
    ],
)
def test_comments_layout_docstrings_annotations_and_neighbours_do_not_count(edited):
    assert syntax(edited) == syntax(FUNCTION)


@pytest.mark.parametrize(
    "edited",
    [
        "def f(x, y=3):\n    return x + y\n",
        "def f(x, *, y=2):\n    return x + y\n",
        "def f(x, y=2):\n    return x - y\n",
        "def f(x, y=2):\n    return x + y + 0\n",
        "@g\ndef f(x, y=2):\n    return x + y\n",
        FUNCTION + FUNCTION,
        "if fast:\n    def f(x, y=2):\n        return x + y\n",
    ],
)
def test_defaults_operators_decorators_and_conditions_count(edited):
    assert syntax(edited) != syntax(FUNCTION)


def test_numbers_that_are_equal_in_python_are_told_apart():
    values = ("1", "1.0", "True", "'1'", "b'1'", "None", "...", "-1", "1j")
    found = [syntax(f"f = {value}", "f") for value in values]
    assert all(found[i] != found[j] for i in range(len(values)) for j in range(i))


def test_of_a_field_the_default_counts_and_neither_its_docstring_nor_its_type():
    bodies = ("width: int = 3", 'width: int = 3\n    """Neurons."""', "width: str = 3", "width: int = 4", "width: int")
    plain, described, retyped, other, without = (syntax(f"class f:\n    {body}\n") for body in bodies)
    assert plain == described == retyped
    assert other != plain != without


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a, (b, *c) = d = 1, (2,)", "abcd"),
        ("a: int = 1\na += 1", "a"),
        ("if x:\n    a = 1\nelse:\n    def b(): c = 1", "ab"),
        ("try:\n    import a\nexcept ImportError:\n    a = None", "a"),
        ("class a:\n    b = 1\n    def c(self): d = 1", "a"),
        ("a = [b for b in (c := x)]", "a"),
        ("if TYPE_CHECKING:\n    from x import a\nb = 1", "b"),
    ],
)
def test_symbols_are_what_the_top_of_a_module_binds(source, names):
    assert read(source).names == {*names, EFFECTS}
    assert not syntax(source, EFFECTS)


@pytest.mark.parametrize(
    "source",
    [
        "torch.set_default_dtype(torch.float64)",
        "torch.backends.cudnn.benchmark = True",
        "TABLE['x'] = 1",
        "assert x",
        "for name in x:\n    a = name",
        "if x:\n    torch.manual_seed(0)",
        "with x:\n    a = 1",
        "del x",
    ],
)
def test_what_does_more_than_bind_a_name_is_an_effect(source):
    assert syntax(source, EFFECTS)


@pytest.mark.parametrize(
    "source",
    ['"""Doc."""', "import x", "from x import *", "a = x()", "if __name__ == '__main__':\n    main()", "def f(): x()"],
)
def test_docstrings_imports_definitions_and_the_script_of_a_module_are_no_effects(source):
    assert not syntax(source, EFFECTS)


@pytest.mark.parametrize(
    ("line", "written", "meant"),
    [
        ("import toy.sub", "toy.sub.g", "toy.sub.g"),
        ("import toy.sub as s", "s.g", "toy.sub.g"),
        ("from toy import sub", "sub.g", "toy.sub.g"),
        ("from toy.sub import g", "g", "toy.sub.g"),
        ("from toy.sub import g as h", "h", "toy.sub.g"),
        ("from .sub import g", "g", "toy.sub.g"),
        ("from . import sub", "sub.g", "toy.sub.g"),
        ("from ..other import g", "g.x", "toy.other.g.x"),
        ("import numpy as np", "np.linalg.norm", "numpy.linalg.norm"),
    ],
)
def test_an_import_counts_at_the_top_and_inside_a_function(line, written, meant):
    package = "toy.sub" if ".." in line else "toy"
    for source in (f"{line}\ndef f():\n    return {written}()", f"def f():\n    {line}\n    return {written}()"):
        found = dict(read(source, package).symbol("f").uses)[written]
        while found[0] == "toy.leaf":  # through the module's own import
            (target,) = read(source, package).imports[found[1][0]]
            found = target[0], (*target[1], *found[1][1:])
        assert ".".join([found[0], *found[1]]) == meant


@pytest.mark.parametrize(
    "body",
    [
        "def f(): return g",
        "def f(x=g): return x",
        "def f(x): return [g(i) for i in x]",
        "def f(x): return lambda: g",
        "def f(g=g): return g",
        "def f():\n    def h(g): return g\n    return g",
        "def f():\n    global g\n    g = 1\n    return g",
        "def f(x: g): return x",
        "def f(x): return f'{g}'",
        "def f(): g[0] = 1",
        "@g\ndef f(): pass",
        "class f(g): pass",
        "class f:\n    x = g",
        "class f:\n    def m(self): return g",
        "class f:\n    x: g",
        "f = g",
        "f = 1\nf += g",
        "if g:\n    f = 1",
    ],
)
def test_a_name_is_used_wherever_it_is_read(body):
    assert "toy.leaf.g" in uses(f"g = 1\n{body}").values()


@pytest.mark.parametrize(
    "body",
    [
        "def f(g): return g",
        "def f(x):\n    g = x\n    return g.y",
        "def f(x):\n    for g in x: print(g)",
        "def f(*g): return lambda: g",
        "def f():\n    def g(): pass\n    return g",
        "def f(x): return x.g",
        "f = lambda g: g",
        "def f(x): return x(g=1)",
    ],
)
def test_a_local_variable_is_not_the_module_s(body):
    assert "toy.leaf.g" not in uses(f"g = 1\n{body}").values()


def test_a_module_that_is_read_without_an_attribute_is_used_whole():
    assert uses("def f():\n    import toy.sub as s\n    return g(s)") == {"s": "toy.sub"}


def test_a_name_that_may_come_from_several_imports_is_used_from_all():
    source = "def f(x):\n    if x:\n        from toy.a import g\n    else:\n        from toy.b import g\n    return g"
    assert read(source).symbol("f").uses == (("g", ("toy.a", ("g",))), ("g", ("toy.b", ("g",))))


def test_a_star_is_used_by_every_symbol():
    assert uses("from .sub import *\ndef f(): pass") == {"*": "toy.leaf.*"}
    assert read("from .sub import *").imports == {"*": [("toy.sub", ())]}


def test_source_that_does_not_parse_is_an_error():
    with pytest.raises(SyntaxError):
        read("def f(")
