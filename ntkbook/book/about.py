"""Pages that repeat files of the repository: what changed, the licence, and how to cite."""

from pathlib import Path
from typing import Any

import yaml


def changelog(root: Path) -> str:
    """The changelog without its title, as MyST Markdown."""
    return (root / "CHANGELOG.md").read_text("utf-8").partition("\n")[2].strip()


def licence(root: Path) -> str:
    """The licence, as it is."""
    return f"```text\n{(root / 'LICENSE').read_text('utf-8').strip()}\n```"


def citation(root: Path) -> str:
    """How to cite the book, in BibTeX, from ``CITATION.cff``.

    Parameters
    ----------
    root : path
        Root of the repository; its ``_config.yml`` has the address and the year.

    Returns
    -------
    str
        MyST Markdown.
    """
    cff: dict[str, Any] = yaml.safe_load((root / "CITATION.cff").read_text("utf-8"))
    config = yaml.safe_load((root / "_config.yml").read_text("utf-8"))
    authors = " and ".join(f"{{{author['name']}}}" for author in cff["authors"])
    fields = {
        "author": authors,
        "title": f"{{{config['title']}}}",
        "year": config["copyright"],
        "version": cff["version"],
        "url": config["html"]["baseurl"],
        "note": f"Book and Python package {cff['title']}",
    }
    width = max(map(len, fields))
    lines = [f"  {name:{width}} = {{{value}}}," for name, value in fields.items()]
    return "\n".join(["```bibtex", f"@software{{{cff['title']},", *lines, "}", "```"])
