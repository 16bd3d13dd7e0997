"""What all pages share: style, tables, quoted numbers. The figures of a chapter are in its experiment's folder."""

from ntkbook.figures.quote import quote
from ntkbook.figures.style import use_style

__all__ = ["quote", "use_style"]
