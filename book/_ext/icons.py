"""Ship the icons that the pages show, not all of Font Awesome.

The theme loads 2,000 icons as a script and again as fonts, 0.8 MB compressed. When the pages are written, this keeps
the glyphs that they or the style sheet name, in fonts of a few kB under the theme's own file names, and empties the
script.
"""

import re
from pathlib import Path

from fontTools import subset, ttLib
from sphinx.application import Sphinx

THEME = "_static/styles/pydata-sphinx-theme.css"
SCRIPT = "_static/scripts/fontawesome.js"
FONTS = "_static/vendor/fontawesome/webfonts"

_NAMED = re.compile(r"\bfa-[a-z0-9-]+")
_GLYPH = re.compile(r'((?:\.fa-[a-z0-9-]+:{1,2}before,?\s*)+)\{\s*content:\s*"\\([0-9a-f]+)"')
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_ANGLE_DOWN = 0xF107
"""Written into the style of the table of contents without a name."""


def glyphs(pages: str, style: str) -> set[int]:
    """Find the code points of the icons that pages name, and of those that the style sheet sets by itself."""
    named = set(_NAMED.findall(pages))
    codes = {ord(glyph) for glyph in _PRIVATE.findall(style)} | {_ANGLE_DOWN}
    for names, code in _GLYPH.findall(style):
        if named & set(_NAMED.findall(names)):
            codes.add(int(code, 16))
    return codes


def shrink(font: Path, codes: set[int]) -> None:
    """Keep these glyphs of a TrueType font, and write the same, compressed, in place of its ``.woff2``.

    The format is WOFF 1: WOFF 2 would need a compressor that is no dependency, and browsers go by a file's first bytes.
    """
    options = subset.Options(layout_features=[], notdef_outline=True, recalc_timestamp=False)
    subsetter = subset.Subsetter(options)
    with ttLib.TTFont(font, recalcTimestamp=False) as face:
        subsetter.populate(unicodes=codes)
        subsetter.subset(face)
        face.save(font)
        face.flavor = "woff"
        face.save(font.with_suffix(".woff2"))


def lighten(app: Sphinx, exception: Exception | None) -> None:
    """Do so for a site that has been written."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    pages = "".join(path.read_text("utf-8") for path in sorted(out.rglob("*.html")))
    codes = glyphs(pages, (out / THEME).read_text("utf-8"))
    for font in sorted((out / FONTS).glob("*.ttf")):
        shrink(font, codes)
    (out / SCRIPT).write_text("// Icons are glyphs of the fonts in ../vendor: see book/_ext/icons.py.\n", "utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Run when the pages and the theme's files are in place."""
    app.connect("build-finished", lighten, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
