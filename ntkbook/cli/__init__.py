"""The command line, a module a command: ``ntkbook list | run | check | complexity | report | book | pdf | gpu``.

Exit codes: 0 all well; 1 a verdict got worse, or the book could not be built; 2 the call, a file or a device is wrong.
The docstring of a command is its help, so its lines are short: a terminal shows them as they are broken.
"""

import sys
import traceback
from pathlib import Path

import typer

from ntkbook.cli import book, check, complexity, gpu, listing, pdf, report, run
from ntkbook.cli.console import fail
from ntkbook.fingerprint import PACKAGE_DIR

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
app.command("list")(listing.list_experiments)
app.command("run")(run.run)
app.command("check")(check.check)
app.command("complexity")(complexity.complexity)
app.command("report")(report.report)
app.command("book")(book.build_book)
app.command("pdf")(pdf.print_pdf)
app.command("gpu")(gpu.gpu)


@app.callback()
def about() -> None:
    """Four papers on overparameterised networks: every claim stated, run and judged.

    For example:

        ntkbook list                  what can be run, and what came of it
        ntkbook run kernel            run an experiment, judge its claims
        ntkbook check                 judge the recorded runs again
        ntkbook complexity data.npz   how hard are your labels to learn?
        ntkbook report data.npz       a page on your own data
        ntkbook book                  build the site
        ntkbook pdf                   print the site as one book
        ntkbook gpu                   check, train and time on one GPU
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; what a check, the disk or the memory refused becomes one line and exit code 2.

    Parameters
    ----------
    arguments : list of str, optional
        What stands behind `ntkbook`; `sys.argv[1:]` when left out.

    Raises
    ------
    SystemExit
        Always, with the exit code.
    """
    try:
        app(arguments, prog_name="ntkbook")
    except (OSError, MemoryError, ValueError) as error:
        if not _is_for_the_user(error):
            raise
        fail(str(error) or "memory ran out")
        sys.exit(2)


def _is_for_the_user(error: Exception) -> bool:
    """Tell a missing file, or a check of this package, from a bug: a ValueError of NumPy keeps its traceback."""
    raised_in = Path(traceback.extract_tb(error.__traceback__)[-1].filename).resolve()  # environments may be links
    return not isinstance(error, ValueError) or raised_in.is_relative_to(PACKAGE_DIR)
