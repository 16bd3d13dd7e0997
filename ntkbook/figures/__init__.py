"""Figures of the book, a module a chapter: a record in, a matplotlib figure out, no training in here."""

from ntkbook.figures.style import use_style

__all__ = ["use_style"]
