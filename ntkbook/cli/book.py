"""`ntkbook book`: build the site."""

from pathlib import Path
from typing import Annotated

import typer

from ntkbook.cli.console import fail
from ntkbook.ending import Ended
from ntkbook.profiles import Profile


def build_book(
    profile: Annotated[Profile, typer.Option(help="Size of the experiments.")] = Profile.QUICK,
    device: Annotated[str, typer.Option(help="Where they are computed: cpu, cuda.")] = "cpu",
    jobs: Annotated[int, typer.Option(min=1, help="Chapters that are executed at a time.")] = 2,
    force: Annotated[bool, typer.Option("--force", help="Execute every chapter again.")] = False,
) -> None:
    """Build the book: execute the chapters that changed, render the site.

    Run it in the root of the repository. The site is _build/site; if a
    chapter fails, the last good site stays, and the exit code is 1.

    For example:

        ntkbook book
        ntkbook book --profile laptop --device cuda
    """
    try:
        from ntkbook.book import BookError, build
    except ModuleNotFoundError as error:
        raise ValueError(
            f"expected what building the book needs, found no module {error.name!r}; "
            "install it with: pip install -e '.[book]'"
        ) from error
    try:
        build(Path.cwd(), profile=profile, device=device, jobs=jobs, force=force)
    except BookError as error:
        fail(str(error))
        raise typer.Exit(1) from None
    except Ended as end:
        end.add_note("the site stays as it was, what was finished is kept, and the same command goes on from there")
        raise
