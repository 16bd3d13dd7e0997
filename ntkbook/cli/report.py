"""`ntkbook report`: one page on a reader's own data."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from ntkbook.atomic import check_writable
from ntkbook.cli.console import note, say


def report(
    file: Annotated[Path, typer.Argument(help=".npz, .csv, .parquet, or a folder of images by class.")],
    x: Annotated[str, typer.Option("--x", help="Name of the inputs in an .npz file.")] = "x",
    y: Annotated[str | None, typer.Option("--y", help="Labels: name of the array, or of the column.")] = None,
    out: Annotated[Path | None, typer.Option(help="The page. Default: FILE-report.html, here.")] = None,
    standardise: Annotated[bool, typer.Option(help="Table: give all columns the same weight.")] = False,
    regression: Annotated[
        bool | None, typer.Option("--regression/--classes", help="What numbers in the labels are. Default: guessed.")
    ] = None,
    merge: Annotated[
        bool, typer.Option(help="Keep one of each group of duplicates; drop inputs with several labels.")
    ] = False,
    jitter: Annotated[float, typer.Option(min=0, help="Add this to the diagonal of a singular kernel.")] = 0.0,
    seed: Annotated[int, typer.Option(min=0, help="Of shuffles and subsets.")] = 0,
) -> None:
    """Write a page on what three papers say about your data, without training.

    All contradicted labels are listed in FILE-suspects.csv, worst first.

    How fast the labels can be learnt, how complex they are beside the same
    labels in random order, which labels look wrong, whether the inputs are
    clustered, what depth does to the margin. A table needs a header and
    numbers; its labels are the column called y, label, target or class, else
    the last. A folder holds one folder of images for each class. Arrays of
    shape (n, height, width) or (n, height, width, 3) are shown as images.

    For example:

        ntkbook report mine.npz
        ntkbook report mine.csv --y species --standardise --out mine.html
    """
    from ntkbook.atomic import replacing
    from ntkbook.reporting.measure import measure
    from ntkbook.reporting.reading import read
    from ntkbook.reporting.report import Report

    target = Path(f"{file.resolve().stem}-report.html") if out is None else out
    if target.is_dir():
        raise ValueError(f"--out: expected a file, found the folder {target}; add a name that ends in .html")
    check_writable(target.parent)
    problem = read(file, x, y, standardise=standardise, regression=regression)
    for line in problem.told:
        say(line)
    options = {
        "--x": x if x != "x" else None,
        "--y": y,
        "--standardise": standardise,
        ("--regression" if regression else "--classes"): regression is not None,
        "--merge": merge,
        "--jitter": jitter or None,
        "--seed": seed or None,
    }
    words = [word for key, value in options.items() if value not in (None, False) for word in (key, value)]
    command = shlex.join(["ntkbook", "report", file.name, *(str(word) for word in words if word is not True)])
    found = Report(*measure(problem, merge=merge, jitter=jitter, seed=seed), command)
    m = found.measures
    for line in m.coincidences.sentences(problem.called):
        note(line)
    suspects = target.with_name(f"{target.stem.removesuffix('-report')}-suspects.csv")
    found.save(target)
    with replacing(suspects) as part:
        found.suspects().to_csv(part, index=False, float_format="%.4f")
    for k, name in enumerate(problem.labels.classes if m.complexity.size > 1 else [""]):
        say(f"complexity{' of ' * bool(name)}{name} {m.complexity[k]:.3f}, shuffled {m.shuffled[:, k].mean():.3f}")
    if problem.labels.classes:
        say(f"{m.contradicted:,} of {len(m.margins):,} labels are contradicted by a fit of all others")
    if not m.beats_guessing:
        note(
            "the kernel predicts left-out labels hardly better than guessing, so it cannot tell which labels are wrong"
        )
    for line in problem.cautions:
        note(line)
    say(f"Saved {target} and {suspects.name} ({m.seconds:.0f} s of CPU time)")
