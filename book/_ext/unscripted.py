"""Pages have the light colours where no script runs: the theme sets its colours by script, and without one has none."""

from pathlib import Path

from sphinx.application import Sphinx

UNSET, LIGHT = 'data-theme="auto"', 'data-theme="light"'


def colour(app: Sphinx, exception: Exception | None) -> None:
    """Name the light scheme in every page as it is written; the theme's script then asks the reader's system."""
    if exception or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text("utf-8")
        if UNSET in page:
            path.write_text(page.replace(UNSET, LIGHT, 1), "utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Run when the pages are in place."""
    app.connect("build-finished", colour)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
