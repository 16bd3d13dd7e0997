"""What the source of a module defines, symbol by symbol, and what the syntax of each symbol uses.

A *symbol* is a name that the module binds at its top: a function, a class with its methods, a constant. It consists of
every top-level statement that binds it; a condition around a binding is part of it. What a module does at its top
besides binding names (a call, an assertion, a loop) is one more symbol, `EFFECTS`.

Of the syntax, comments, layout, docstrings and type annotations are left out. A class named in an annotation is used
all the same: it is the one whose methods are called on the argument, and nothing else in the syntax tells which.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

EFFECTS = "<effects>"
"""Name of the symbol that stands for what a module does at its top besides binding names."""

Reference = tuple[str, tuple[str, ...]]
"""A module and a chain of attributes in it, ("ntkbook.data", ("Sample", "save")); no attributes: the module itself."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Scope = _Named | ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_Import = ast.Import | ast.ImportFrom
_Quiet = _Named | _Import | ast.Assign | ast.AnnAssign | ast.AugAssign | ast.If | ast.Try | ast.Pass


@dataclass(frozen=True)
class Symbol:
    """One symbol of a module."""

    syntax: Any
    """Its syntax as lists and dictionaries of strings; empty if there is none."""
    uses: tuple[tuple[str, Reference], ...]
    """Names that it uses, as written ("d.sphere"), and what they refer to (("ntkbook.data", ("sphere",)))."""
    loads: frozenset[str]
    """Dotted names of what its imports may load."""


class Module:
    """What one source text binds at its top; what its symbols use is read when they are asked for.

    Parameters
    ----------
    source : str
        Python.
    name : str
        Dotted name of the module.
    package : str
        Where its relative imports start: its parent, or itself for an ``__init__``.

    Raises
    ------
    SyntaxError
        If the source does not parse.
    """

    def __init__(self, source: str, name: str, package: str):
        self.imports: dict[str, list[Reference]] = {}
        """What an imported name may refer to; under "*", the modules of which everything is imported."""
        self._statements: dict[str, list[ast.stmt]] = {EFFECTS: []}
        self._loads: set[str] = set()
        for statement in _run(ast.parse(source).body):
            for imported, reference, loaded in _imports(_shallow(statement), package):
                self.imports.setdefault(imported, []).append(reference)
                self._loads |= loaded
            if not isinstance(statement, _Import):
                for bound in _bindings(statement):
                    self._statements.setdefault(bound, []).append(statement)
            if any(map(_acts, _shallow(statement))):
                self._statements[EFFECTS].append(statement)
        self._package = package
        self._own: dict[str, Reference] = {bound: (name, (bound,)) for bound in [*self._statements, *self.imports]}
        self._symbols: dict[str, Symbol] = {}

    @property
    def names(self) -> set[str]:
        """Names of the symbols, `EFFECTS` among them."""
        return set(self._statements)

    def symbol(self, name: str) -> Symbol:
        """Symbol by name; the effects load what the module imports at its top."""
        if name not in self._symbols:
            symbol = read_symbol(self._statements[name], self._package, self._own)
            loads = symbol.loads | self._loads if name == EFFECTS else symbol.loads
            self._symbols[name] = replace(symbol, loads=loads)
        return self._symbols[name]


read_module = lru_cache(maxsize=1024)(Module)
"""The same, read once for each source text."""


def read_symbol(statements: list[ast.stmt], package: str, own: dict[str, Reference]) -> Symbol:
    """Syntax and uses of the statements that make a symbol.

    Parameters
    ----------
    statements : list of ast.stmt
        Such as one function.
    package : str
        Where relative imports start.
    own : dict of str to Reference
        Names that the module binds at its top.

    Returns
    -------
    Symbol
    """
    references = {name: [reference] for name, reference in own.items()}
    imported, loads = {"*"}, set()
    for name, reference, loaded in _imports((node for part in statements for node in ast.walk(part)), package):
        references.setdefault(name, []).append(reference)
        imported.add(name)
        loads |= loaded
    seen = _Uses(imported)
    for statement in statements:
        seen.visit(statement)
    chains = sorted(seen.chains | ({("*",)} if statements else set()))
    uses = [
        (".".join(chain), (module, (*attributes, *chain[1:])))
        for chain in chains
        for module, attributes in references.get(chain[0], ())
    ]
    return Symbol(_syntax(statements), tuple(uses), frozenset(loads))


def _run(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Top-level statements that count; what is there for type checkers or for a script is not a condition."""
    for statement in body:
        test = ast.unparse(statement.test) if isinstance(statement, ast.If) else None
        if isinstance(statement, ast.If) and test in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            yield from _run([*statement.body, *statement.orelse])
        elif isinstance(statement, ast.If) and test == "__name__ == '__main__'":
            yield from _run(statement.orelse)
        else:
            yield statement


def _shallow(node: ast.AST) -> Iterator[ast.AST]:
    """A node and what is below it in the same scope: not the inside of a function, class or comprehension."""
    yield node
    if not isinstance(node, _Scope):
        for child in ast.iter_child_nodes(node):
            yield from _shallow(child)


def _bindings(statement: ast.AST) -> set[str]:
    """Names that a statement binds in its scope, by an import too."""
    names = set()
    for node in _shallow(statement):
        if isinstance(node, _Named):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, _Import):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    return names


def _acts(node: ast.AST) -> bool:
    """Whether a node at the top of a module does more than bind a name."""
    if isinstance(node, ast.Attribute | ast.Subscript):
        return isinstance(node.ctx, ast.Store)
    return isinstance(node, ast.stmt) and not isinstance(node, _Quiet) and not _is_text(node)


def _is_text(node: ast.AST) -> bool:
    """Whether a statement is a bare string: a docstring, also one under the field of a dataclass."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _imports(nodes: Iterable[ast.AST], package: str) -> Iterator[tuple[str, Reference, set[str]]]:
    """Names that imports bind, what each refers to, and what may be loaded: in ``from a import b``, b may be a module.

    A module's attribute comes before its submodule of the same name: so does Python read ``import a.b as c``.
    """
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                first, *rest = alias.name.split(".")
                yield alias.asname or first, (first, tuple(rest) if alias.asname else ()), {alias.name}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                attributes = () if alias.name == "*" else (alias.name,)
                yield alias.asname or alias.name, (base, attributes), {base, ".".join([base, *attributes])}


class _Uses(ast.NodeVisitor):
    """Collect the names that are read, each with its attributes, unless a function around them binds the name."""

    def __init__(self, imported: set[str]):
        self.imported = imported
        self.chains: set[tuple[str, ...]] = set()
        self.local: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        self._use(node, ())

    def visit_Attribute(self, node: ast.Attribute) -> None:
        attributes: list[str] = []
        root: ast.expr = node
        while isinstance(root, ast.Attribute):
            attributes.insert(0, root.attr)
            root = root.value
        if isinstance(root, ast.Name):
            self._use(root, tuple(attributes))
        else:
            self.visit(root)

    def _use(self, root: ast.Name, attributes: tuple[str, ...]) -> None:
        if isinstance(root.ctx, ast.Load) and root.id not in self.local:
            self.chains.add((root.id, *attributes))

    def _visit_function(self, node: _Function) -> None:
        """Decorators, defaults and annotations are read outside; parameters and what the body binds are local."""
        body = node.body if isinstance(node.body, list) else [node.body]
        for name, outer in ast.iter_fields(node):
            for part in outer if isinstance(outer, list) else [outer]:
                if name != "body" and isinstance(part, ast.AST):
                    self.visit(part)
        parameters = {part.arg for part in ast.iter_child_nodes(node.args) if isinstance(part, ast.arg)}
        declared = {name for part in ast.walk(node) if isinstance(part, ast.Global) for name in part.names}
        around = self.local
        self.local = around.union(parameters, *map(_bindings, body)) - declared - self.imported
        for part in body:
            self.visit(part)
        self.local = around

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _visit_function


def _syntax(node: Any) -> Any:
    """Syntax tree as lists and dictionaries; the same for all versions of Python, since empty fields are left out."""
    if isinstance(node, list):
        return [_syntax(item) for item in node if not _is_text(item)]
    if isinstance(node, ast.AST):
        left_out = ("annotation", "returns", "type_comment", "kind")
        fields = {name: value for name, value in ast.iter_fields(node) if name not in left_out}
        return {type(node).__name__: {name: _syntax(x) for name, x in fields.items() if x is not None and x != []}}
    return repr(node)
