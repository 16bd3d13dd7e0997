"""What all figures and pages share: style, tables, quoted numbers; the figures of a chapter are in its experiment's folder."""

from ntkbook.figures.quote import quote
from ntkbook.figures.style import use_style

__all__ = ["quote", "use_style"]
