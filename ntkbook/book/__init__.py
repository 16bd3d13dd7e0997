"""Build the book: convert, execute, stage, render, verify."""

from ntkbook.book.chapters import BookError
from ntkbook.book.pipeline import build

__all__ = ["BookError", "build"]
