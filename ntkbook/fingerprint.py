"""Fingerprints of code: what a result depends on, so that it is computed again when that changes and only then.

Two things rest on this module. A sweep takes up a finished cell only when the code that produced it is the code of
today, and the book executes a chapter again when the package's code behind it has changed. In both cases the code is a
*closure*: the definitions that are reached from some entry, each by the module that defines it, whatever faces
(``__init__``) re-export it, with a hash of each. What else these modules define is not part of it.

The hash of a definition covers its syntax (see `ntkbook.symbols`) and what the names in it refer to, in other packages
too. Where the syntax does not tell what is used, more is taken: a module that is passed around stands for all that it
defines or, if it is a face, re-exports; and what modules do when they are imported, besides binding names, belongs to
whatever imports them. Not seen are names that are computed (``importlib.import_module(name)``), annotations in quotes,
functions that a decorator registers elsewhere, and files that are read.
"""

import ast
import functools
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ntkbook.symbols import EFFECTS, Module, Reference, Symbol, read_module, read_symbol

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


def code_closure(entry_points: Iterable[str], root: Path | str = PACKAGE_DIR) -> dict[str, str]:
    """Hashes of the definitions that entry points reach, themselves included.

    Parameters
    ----------
    entry_points : iterable of str
        Each a module and a name at its top, "ntkbook.kernels.h_infinity:h_infinity".
    root : path
        Folder of the package; its name is the first part of the modules' names.

    Returns
    -------
    dict of str to str
        "module:name" -> SHA-256, sorted.

    Raises
    ------
    ValueError
        If the package has no such module, or the module no such name.
    SyntaxError
        If one of the sources does not parse.
    """
    return _closure(entry_points, _Sources(Path(root)))


def closure_of(measure: Callable[..., Any]) -> dict[str, str]:
    """Hashes of the definitions that a function or class reaches, itself included.

    A function outside the package, in a test or a script of one's own, is followed within its module and into the
    package.

    Parameters
    ----------
    measure : callable
        A function or class at the top of a module, or a `functools.partial` of one; what the latter binds is not code.

    Returns
    -------
    dict of str to str
        "module:name" -> SHA-256, sorted.

    Raises
    ------
    ValueError
        If it is not at the top of a module that can be imported: a lambda, a nested function, one of ``__main__``.
    """
    while isinstance(measure, functools.partial):
        measure = measure.func
    module, name = getattr(measure, "__module__", ""), getattr(measure, "__qualname__", "<nameless>")
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    if module == "__main__" or "<" in name or not file.endswith(".py"):
        raise ValueError(
            f"measure: expected a function or class at the top of a module, found {module}:{name}; "
            "move it to the top of a module of the package"
        )
    return _closure([f"{module}:{name.partition('.')[0]}"], _Sources(PACKAGE_DIR, {module: Path(file)}))


def notebook_closure(code: str, root: Path | str = PACKAGE_DIR) -> dict[str, str]:
    r"""Hashes of the package's definitions that a notebook reaches. Its own code is not hashed.

    Parameters
    ----------
    code : str
        The code cells, joined by newlines. Lines of IPython (``%magic``, ``!command``) are skipped.
    root : path
        Folder of the package.

    Returns
    -------
    dict of str to str
        "module:name" -> SHA-256, sorted, after "<notebook>", which covers what the names in it refer to; empty if it
        reaches nothing.

    Raises
    ------
    SyntaxError
        If the code does not parse.

    Examples
    --------
    >>> closure = notebook_closure("%matplotlib inline\nfrom ntkbook import fingerprint as f\nf.digest(1)")
    >>> list(closure)
    ['<notebook>', 'ntkbook.fingerprint:digest']
    """
    lines = ["" if line.startswith(("%", "!")) else line for line in code.splitlines()]
    sources = _Sources(Path(root))
    notebook = read_symbol(ast.parse("\n".join(lines)).body, package="", own={})
    meanings = _meanings(notebook, sources)
    found = _follow([*_effects(notebook.loads, sources), *_needed(meanings)], sources)
    return {"<notebook>": digest(meanings), **found} if found else {}


class _Sources:
    """Modules by their dotted names: those of the package, and single files beside it."""

    def __init__(self, root: Path, files: Mapping[str, Path] | None = None):
        self.root = root
        self.files = dict(files or {})
        self._read: dict[str, Module | None] = {}

    def path(self, module: str) -> Path | None:
        """File of a module; None if it is of another package or does not exist."""
        first, *rest = module.split(".")
        if first != self.root.name:
            return self.files.get(module)
        base = self.root.joinpath(*rest)
        return next((path for path in (base / "__init__.py", base.with_suffix(".py")) if path.is_file()), None)

    def is_face(self, module: str) -> bool:
        path = self.path(module)
        return path is not None and path.name == "__init__.py"

    def __getitem__(self, module: str) -> Module | None:
        if module not in self._read:
            path = self.path(module)
            package = module if self.is_face(module) else module.rpartition(".")[0]
            self._read[module] = path and read_module(path.read_text("utf-8"), module, package)
        return self._read[module]

    def definitions(self, reference: Reference, seen: set[Reference]) -> Iterator[str]:
        """What a reference ends at: "module:name" for each definition, "numpy.linalg.norm" in another package."""
        module, attributes = reference
        source = self[module]
        if source is None:
            yield ".".join([module, *attributes])
        elif reference not in seen:
            seen.add(reference)
            if attributes and attributes[0] in source.names:
                yield f"{module}:{attributes[0]}"
            for further in self._next(reference, source):
                yield from self.definitions(further, seen)

    def _next(self, reference: Reference, source: Module) -> Iterator[Reference]:
        """One step towards the definitions: through an import, into a submodule, or to all that a module has."""
        module, attributes = reference
        if not attributes:
            shown = source.imports.keys() if self.is_face(module) else source.imports.keys() & {"*"}
            yield from ((module, (name,)) for name in source.names - {EFFECTS} | shown)
            return
        name, *rest = attributes
        for target, chain in source.imports.get(name, ()):
            yield target, (*chain, *rest)
        if name not in source.names and name not in source.imports:
            submodule = f"{module}.{name}"
            yield (module, ()) if self[submodule] is None else (submodule, tuple(rest))


def _closure(entry_points: Iterable[str], sources: _Sources) -> dict[str, str]:
    needed: set[str] = set()
    for entry in entry_points:
        module, _, name = entry.partition(":")
        source = sources[module]
        if source is None or name not in source.names | source.imports.keys():
            raise ValueError(
                f"entry point: expected MODULE:NAME, a name at the top of a module of {sources.root.name} "
                f"(in {sources.root}), found {entry!r}"
            )
        needed |= set(sources.definitions((module, (name,)), set()))
    return _follow(needed, sources)


def _follow(needed: Iterable[str], sources: _Sources) -> dict[str, str]:
    """Hashes of definitions and of all that they need; the effects of a module only if it has any."""
    hashes: dict[str, str] = {}
    waiting, seen = list(needed), set()
    while waiting:
        definition = waiting.pop()
        if definition in seen:
            continue
        seen.add(definition)
        module, _, name = definition.partition(":")
        source = sources[module]
        assert source is not None
        symbol = source.symbol(name)
        meanings = _meanings(symbol, sources)
        waiting += [*_effects([module, *symbol.loads], sources), *_needed(meanings)]
        if symbol.syntax:
            hashes[definition] = digest(symbol.syntax, meanings)
    return dict(sorted(hashes.items()))


def _meanings(symbol: Symbol, sources: _Sources) -> list[tuple[str, list[str]]]:
    """What each name that a symbol uses stands for: without it, two imports could change places unseen."""
    return [(name, sorted(sources.definitions(reference, set()))) for name, reference in symbol.uses]


def _needed(meanings: list[tuple[str, list[str]]]) -> list[str]:
    return [definition for _, found in meanings for definition in found if ":" in definition]


def _effects(loaded: Iterable[str], sources: _Sources) -> list[str]:
    """What runs when modules are loaded, and their parents before them."""
    names = [dotted.split(".") for dotted in loaded]
    modules = {".".join(parts[:depth]) for parts in names for depth in range(1, len(parts) + 1)}
    return [f"{module}:{EFFECTS}" for module in modules if sources[module] is not None]
