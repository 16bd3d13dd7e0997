"""Fingerprints of code: what a result depends on, so that it is computed again when that changes and only then.

Two things rest on this module. The book executes a chapter again when the code of the modules that it imports changed,
and a sweep takes up a finished cell only when the code that produced it is the code of today. Comments, docstrings and
layout do not count: the hash is taken over the syntax tree.

A module that is imported by a computed name (``importlib.import_module(name)``) is not seen.
"""

import ast
import hashlib
import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

PACKAGE_DIR = Path(__file__).resolve().parent


def digest(*parts: Any) -> str:
    """SHA-256 of JSON-able parts, in hex.

    The order of the parts counts, the order of keys in a dictionary does not, and a tuple equals the list of its items.

    Parameters
    ----------
    *parts : JSON-able
        Strings, numbers, booleans, None, and lists, tuples and dictionaries of these.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    TypeError
        If a part cannot be written as JSON (an array, a path): turn it into a string or a list first.

    Examples
    --------
    >>> digest("quick", {"width": 10, "seed": 0}) == digest("quick", {"seed": 0, "width": 10})
    True
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def source_closure(module: str, root: Path | str = PACKAGE_DIR) -> dict[str, str]:
    """Hashes of a module and of every module of the package that it imports, directly or not.

    Imports inside functions count, and so do the ``__init__`` modules of the parent packages: Python runs them too.

    Parameters
    ----------
    module : str
        Dotted name, such as ``"ntkbook.experiments.kernel"``.
    root : path
        Folder of the package; its name is the first part of ``module``.

    Returns
    -------
    dict of str to str
        Module name -> SHA-256 of its syntax tree without docstrings, sorted by name.

    Raises
    ------
    ValueError
        If the package has no such module.
    SyntaxError
        If one of the sources does not parse.
    """
    root = Path(root)
    if _source_path(module, root) is None:
        raise ValueError(f"module: expected the name of a module below {root.name} (in {root}), found {module!r}")
    hashes: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = _source_path(name, root)
        if path is None or name in hashes:
            continue
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        hashes[name], imported = _read(path.read_text("utf-8"), package)
        waiting += [*imported, *_parents(name)]
    return dict(sorted(hashes.items()))


def notebook_imports(code: str, root: Path | str = PACKAGE_DIR) -> set[str]:
    r"""Modules of the package that the code cells of a notebook import themselves.

    Parameters
    ----------
    code : str
        The code cells, joined by newlines. Lines of IPython (``%magic``, ``!command``) are skipped.
    root : path
        Folder of the package.

    Returns
    -------
    set of str
        Dotted names; give each to ``source_closure`` for what stands behind it.

    Raises
    ------
    SyntaxError
        If the code does not parse.

    Examples
    --------
    >>> sorted(notebook_imports("%matplotlib inline\nimport numpy as np\nfrom ntkbook import fingerprint"))
    ['ntkbook', 'ntkbook.fingerprint']
    """
    root = Path(root)
    lines = ["" if line.startswith(("%", "!")) else line for line in code.splitlines()]
    names = set(_imported(ast.parse("\n".join(lines)), package=""))
    return {name for name in names if _source_path(name, root) is not None}


def _source_path(module: str, root: Path) -> Path | None:
    """File that holds a module of the package, or None when the name is something else."""
    first, *rest = module.split(".")
    if first != root.name:
        return None
    base = root.joinpath(*rest)
    return next((path for path in (base / "__init__.py", base.with_suffix(".py")) if path.is_file()), None)


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:depth]) for depth in range(1, len(parts))]


@lru_cache(maxsize=1024)
def _read(source: str, package: str) -> tuple[str, tuple[str, ...]]:
    """Hash of one source text, and the names it may import; ``package`` is what its relative imports start from."""
    tree = ast.parse(source)
    imported = tuple(_imported(tree, package))
    bare = ast.dump(_WithoutStrings().visit(tree), annotate_fields=False)
    return hashlib.sha256(bare.encode()).hexdigest(), imported


def _imported(tree: ast.AST, package: str) -> Iterator[str]:
    """Every dotted name that an import may load: ``from a import b`` gives a and a.b, since b may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from [*_parents(alias.name), alias.name]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from [*_parents(base), base]
            yield from (f"{base}.{alias.name}" for alias in node.names)


class _WithoutStrings(ast.NodeTransformer):
    """Drop statements that are a bare string: docstrings, also those under the fields of a dataclass."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        is_string = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_string else node


def closure_of(function):
    """Stand-in until the closure by symbols is merged."""
    return source_closure(function.__module__)
