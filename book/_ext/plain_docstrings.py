"""Show docstrings as they are written.

Docstrings here are plain text with formulas such as |y - u(k)| or W_, in which reStructuredText would see
substitutions, emphasis and references. What stands in backquotes keeps its meaning.
"""

import re
from typing import Any

from sphinx.application import Sphinx

_QUOTED = re.compile(r"(``.*?``|(?::[\w:.+-]+:)?`.*?`_*)")
_MARKUP = re.compile(r"[|*]|(?<=\w)_(?!\w)")


def escape(line: str) -> str:
    """Escape the markup in one line, except in backquotes and examples."""
    if line.lstrip().startswith((">>>", "...")):
        return line
    parts = _QUOTED.split(line)
    return "".join(part if _QUOTED.fullmatch(part) else _MARKUP.sub(r"\\\g<0>", part) for part in parts)


def rewrite(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Escape a docstring in place."""
    lines[:] = [escape(line) for line in lines]
    if what in ("attribute", "property"):
        lines.insert(0, "\\")  # an empty first line: napoleon takes what stands before a colon in it for a type


def setup(app: Sphinx) -> dict[str, bool]:
    """Run before napoleon reads the sections."""
    app.connect("autodoc-process-docstring", rewrite, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
