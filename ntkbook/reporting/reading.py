"""A reader's data from a file or a folder."""

from pathlib import Path

from ntkbook.expect import expects
from ntkbook.reporting.folder import read_folder
from ntkbook.reporting.npz import read_npz
from ntkbook.reporting.problem import Problem, problem
from ntkbook.reporting.table import read_table
from ntkbook.wants import pathlike


@expects(path=pathlike)
def read(
    path: Path | str,
    x: str = "x",
    y: str | None = None,
    *,
    standardise: bool = False,
    regression: bool | None = None,
) -> Problem:
    """Read inputs and labels from whatever it is.

    Parameters
    ----------
    path : path
        An .npz file with arrays x and y, a .csv or .parquet table, or a folder of images by class.
    x : str
        Name of the inputs in an .npz file.
    y : str, optional
        Name of the labels: of the array, "y" when left out, or of the column.
    standardise : bool
        For a table: whether to give all columns the same weight.
    regression : bool, optional
        See `problem`.

    Returns
    -------
    Problem

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it cannot be used; says why and what to do.
    """
    path = Path(path)
    if path.is_dir():
        return read_folder(path)
    if path.suffix.lower() in (".csv", ".parquet"):
        return read_table(path, y, standardise=standardise, regression=regression)
    if path.suffix.lower() != ".npz" and path.is_file():
        raise ValueError(
            f"{path}: expected .npz, .csv, .parquet or a folder of images, found {path.suffix or 'no ending'}"
        )
    names = {"--x": x, "--y": y or "y"}
    inputs, labels = read_npz(path, names)
    return problem(inputs, labels, name=path.name, regression=regression, x_name=x, y_name=y or "y")
