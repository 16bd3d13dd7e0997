"""A book of three pages that needs no torch, with the configuration of the real one."""

import shutil
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]

TOC = """\
format: jb-book
root: book/intro
parts:
  - numbered: true
    chapters:
      - file: book/one
  - chapters:
      - file: book/build
"""

BUILD = """\
---
description: When it was run.
---

# Build

For $n$, $m$ and $k$, $d=$ **5** or 33 %.

<!-- generated: build -->
"""

CHAPTER = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---
# One

Some prose. The answer is {glue:text}`answer:.2f`.

:::{prf:lemma} The answer (A01)
:label: a01
It is a third: {eq}`eq-third`, {numref}`fig-third`.

$$
3x=1
$$ (eq-third)
:::

```{code-cell} ipython3
:tags: [parameters]
profile = "quick"
device = "cpu"
```

```{code-cell} ipython3
from pathlib import Path
log = Path("runs.txt")
log.write_text(log.read_text() + "run\\n" if log.exists() else "run\\n")
print("profile is", profile)
```

```{code-cell} ipython3
from myst_nb import glue
glue("answer", 1 / 3, display=False)
```

```{code-cell} ipython3
---
mystnb:
  figure:
    name: fig-third
    caption: A third.
---
from IPython.display import SVG
SVG('<svg xmlns="http://www.w3.org/2000/svg" width="3" height="1"></svg>')
```
"""


def write_toy_book(root: Path) -> Path:
    """Write the toy book into a folder; each run of its chapter adds a line to ``runs.txt``."""
    shutil.copy(REPOSITORY / "requirements.txt", root / "requirements.txt")
    config = (REPOSITORY / "_config.yml").read_text("utf-8")
    (root / "_config.yml").write_text(config.replace("'book/ledger.html'", "'index.html'"), "utf-8")  # it has no ledger
    for name in ("_ext", "_static"):
        shutil.copytree(REPOSITORY / "book" / name, root / "book" / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "book" / "references.bib").write_text("")
    (root / "_toc.yml").write_text(TOC)
    (root / "book" / "intro.md").write_text("# Intro\n\nRead $x^2$.\n")
    (root / "book" / "build.md").write_text(BUILD)
    (root / "book" / "one.md").write_text(CHAPTER)
    return root


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that must be there."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
