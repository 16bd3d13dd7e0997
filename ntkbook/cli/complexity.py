"""`ntkbook complexity`: the measure of Arora et al. (2019), eq. (10), on a reader's own data."""

from pathlib import Path
from typing import Annotated

import typer
import xarray as xr

from ntkbook.atomic import check_writable
from ntkbook.cli.console import console, note, say

MEASURE, SPECTRUM = 2.5, 5.2
"""Float64 matrices of n x n that the measure holds at once, and those that the spectrum does."""


def complexity(
    file: Annotated[Path, typer.Argument(help="Arrays from numpy.savez: inputs (n, d) and labels (n,).")],
    x: Annotated[str, typer.Option("--x", help="Name of the inputs in the file.")] = "x",
    y: Annotated[str, typer.Option("--y", help="Name of the labels in the file.")] = "y",
    out: Annotated[
        Path | None, typer.Option(help="Picture of the spectrum, .svg, .png or .pdf. Default: FILE-spectrum.svg, here.")
    ] = None,
    shuffles: Annotated[int, typer.Option(min=2, help="Random orders of the labels to compare with.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Of the shuffles.")] = 0,
) -> None:
    """Measure, without training, how hard your labels are to learn.

    The measure is sqrt(2 y'H^-1 y / n) of Arora et al. (2019), eq. (10). Up
    to lower-order terms it bounds the test error of the wide two-layer ReLU
    net that gradient descent finds; above 1 it says nothing. Labels that fit
    their inputs score far below the same labels in random order. Inputs are
    scaled to unit norm; two classes become -1 and +1; other labels are
    divided by the largest.

    For example, in Python, numpy.savez("mine.npz", x=x, y=y); then:

        ntkbook complexity mine.npz
        ntkbook complexity mine.npz --x images --y labels --out mine.png
    """
    import matplotlib

    matplotlib.use("agg")
    import numpy as np

    from ntkbook.cli.own_data import read_own_data
    from ntkbook.figures import use_style
    from ntkbook.figures.complexity import spectrum_and_labels
    from ntkbook.reporting.memory import check_memory, fits
    from ntkbook.spectrum import EIGH_LIMIT

    target = _picture(Path(f"{file.stem}-spectrum.svg") if out is None else out)
    check_writable(target.parent)
    sample, told = read_own_data(file, x, y)
    for line in told:
        say(line)
    n, d = sample.x_train.shape
    check_memory(n, d, MEASURE)
    spectrum = n <= EIGH_LIMIT and fits(n, d, SPECTRUM)
    record = measure(sample.x_train, sample.y_train, shuffles, np.random.default_rng(seed), spectrum=spectrum)
    record.attrs["data"] = f"{file.name}, n = {n}, d = {d}"
    _report(record)
    if not spectrum:
        note(f"n = {n:,} is too many for a spectrum and its picture; ntkbook report goes without eigenvectors")
        return
    use_style()
    figure = spectrum_and_labels(record)
    figure.savefig(target, facecolor="white")
    say(f"Saved {target}")


def measure(x, y, shuffles: int, rng, *, spectrum: bool = True) -> xr.Dataset:
    """Complexity of labels and of random orders of them, by one factorisation, and the spectrum behind it.

    Parameters
    ----------
    x : ndarray (n, d), float64
        Inputs of unit norm, no two parallel.
    y : ndarray (n,), float64
        Labels in [-1, 1].
    shuffles : int
        Random orders.
    rng : numpy Generator
        Draws them.
    spectrum : bool
        Whether to compute eigenvalues and projections.

    Returns
    -------
    xarray.Dataset
        `measure` and `shuffled_measure` (shuffle,): eq. (10); `eigenvalue` (index,) of H-infinity, largest first;
        `projection` and `shuffled_projection` (index,): |v_i.y| of the labels and of the first random order.
        Without a spectrum the measures alone.

    Raises
    ------
    NotPositiveDefiniteError
        If the kernel is singular; names all groups of inputs at fault.
    """
    import numpy as np
    import torch

    from ntkbook.bounds.arora2019 import complexity_measure
    from ntkbook.kernels import h_infinity
    from ntkbook.label_norm import NotPositiveDefiniteError
    from ntkbook.reporting.coincidences import coincidences
    from ntkbook.reporting.measure import singular
    from ntkbook.spectrum import eigendecompose

    labels = torch.from_numpy(np.column_stack([y, *(rng.permutation(y) for _ in range(shuffles))]))
    with console().status("Gram matrix ...") as status:
        gram = h_infinity(torch.tensor(x))
        status.update("Cholesky factor ...")
        try:
            measures = complexity_measure(gram, labels).numpy()
        except NotPositiveDefiniteError as error:
            raise NotPositiveDefiniteError(singular(coincidences(x, y), str(error))) from error
        found = {"measure": measures[0], "shuffled_measure": ("shuffle", measures[1:])}
        if not spectrum:
            return xr.Dataset(found)
        status.update("eigenvectors ... (takes longest, as n^3)")
        decomposed = eigendecompose(gram)
        projections = decomposed.project(labels[:, :2]).abs().numpy()
    return xr.Dataset(
        {
            **found,
            "eigenvalue": ("index", decomposed.eigenvalues.numpy()),
            "projection": ("index", projections[:, 0]),
            "shuffled_projection": ("index", projections[:, 1]),
        },
        {"index": np.arange(1, len(y) + 1)},
    )


def _report(record: xr.Dataset) -> None:
    true, shuffled = float(record.measure), record.shuffled_measure.values
    lower = int((shuffled <= true).sum())
    if "eigenvalue" in record:
        top, least = float(record.eigenvalue[0]), float(record.eigenvalue[-1])
        say(f"H-infinity: lambda_max {top:.4g}, lambda_min {least:.4g}, condition number {top / least:.3g}")
    say("sqrt(2 y'H^-1 y / n), eq. (10):")
    say(f"  true labels      {true:.4f}")
    say(f"  shuffled labels  {shuffled.mean():.4f}, sd {shuffled.std(ddof=1):.4f} over {len(shuffled)} shuffles")
    say(f"  {lower} of {len(shuffled)} shuffles score as low as the true labels.")
    if true > 1:
        say("  Above 1 it says nothing about a loss in [0, 1]; the comparison with shuffled labels still does.")


def _picture(target: Path) -> Path:
    from matplotlib.backend_bases import FigureCanvasBase

    kinds = FigureCanvasBase.get_supported_filetypes()
    if target.suffix.removeprefix(".") not in kinds:
        raise ValueError(f"--out: expected a picture ending in .svg, .png or .pdf, found {target.name!r}")
    return target
