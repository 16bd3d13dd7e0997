"""`ntkbook pdf`: print the built site as one book."""

from pathlib import Path

from ntkbook.cli.console import say


def print_pdf() -> None:
    """Print the book as one PDF. Run it in the root, after `ntkbook book`.

    The PDF is _build/site/ntkbook.pdf; the pages of the site then offer it.
    It needs Chromium, and is gone when the site is built anew.

    For example:

        ntkbook book
        ntkbook pdf
    """
    try:
        from ntkbook.book.paper import print_book
    except ModuleNotFoundError as error:
        raise ValueError(
            f"expected what printing the book needs, found no module {error.name!r}; "
            "install it with: pip install -e '.[book,dev]'"
        ) from error
    say(f"printed {print_book(Path.cwd())}")
