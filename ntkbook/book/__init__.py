"""Build the book: convert, execute, stage, render, verify."""

from ntkbook.book.pipeline import build
from ntkbook.book.sources import BookError

__all__ = ["BookError", "build"]
