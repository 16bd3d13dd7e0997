"""How a figure was made: its run and its command in one folded line, the numbers behind it as CSV and as the record."""

import re
import shutil
from html import escape
from pathlib import Path

import pandas as pd
import xarray as xr

from ntkbook import records
from ntkbook.book.chapters import BookError


class Origins:
    """The runs that figures show, and the files that hold their numbers.

    Parameters
    ----------
    built : path
        Folder of the records that this build made.
    to : path
        Where to write the records and tables that figures refer to.
    """

    def __init__(self, built: Path, to: Path) -> None:
        self._built, self._to = built, to
        self._opened: dict[str, xr.DataTree] = {}
        self._written: dict[str, dict[str, str]] = {}

    def told(self, stamp: tuple[str, ...], base: str) -> str:
        """Say how a figure was made, and write the files that this leads to.

        Parameters
        ----------
        stamp : tuple of str
            Name and lines of the figure's stamp (`figures.style.stamp`); may be empty.
        base : str
            Address of the folder of the records, as seen from the page.

        Returns
        -------
        str
            HTML, a folded element; empty for an empty stamp.

        Raises
        ------
        BookError
            If the record is not there.
        """
        if not stamp:
            return ""
        _, experiment, profile, commit, *parts = stamp[0].split(":")
        run, *data = stamp[1:]
        record, folder = self._record(experiment, profile, commit), _name(experiment, profile, commit)
        device = " --device cuda" if record.attrs["device"] == "cuda" else ""
        command = f"ntkbook run {experiment} --profile {profile}{device}"
        links = [
            f'<a href="{base}{folder}/{file}" download>{escape(said)}</a>'
            for part in parts
            for said, file in self._tables(record, part, folder).items()
        ]
        links.append(f'<a href="{base}{folder}.nc" download>the whole record</a> (netCDF)')
        sources = f"; data: {escape(', '.join(data))}" if data else ""
        return (
            '<details class="made"><summary>How this was made</summary>\n'
            f"<p>{escape(run[0].upper() + run[1:])}, {escape(record.attrs['device'])}{sources}. "
            f"Commit <code>{commit}</code>. To run it again: <code>{command}</code></p>\n"
            f"<p>Its numbers as CSV: {', '.join(links[:-1])}; {links[-1]}.</p>\n</details>"
        )

    def _record(self, experiment: str, profile: str, commit: str) -> xr.DataTree:
        name = _name(experiment, profile, commit)
        if name not in self._opened:
            for folder in (self._built, records.RESULTS):
                path = folder / f"{experiment}-{profile}.nc"
                if path.is_file() and (found := records.load(path)).attrs["commit"] == commit:
                    self._to.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(path, self._to / f"{name}.nc")
                    self._opened[name] = found
                    break
            else:
                raise BookError(
                    f"expected the record {experiment}-{profile} of commit {commit}, found none; build with --force"
                )
        return self._opened[name]

    def _tables(self, record: xr.DataTree, part: str, folder: str) -> dict[str, str]:
        """Write the tables of a part once; what they are called -> their file."""
        if f"{folder}/{part}" not in self._written:
            (self._to / folder).mkdir(exist_ok=True)
            files = {}
            for dims, table in tables(records.part(record, part)).items():
                file = "-".join([part, *dims]) + ".csv"
                table.to_csv(self._to / folder / file, index=False, lineterminator="\n")
                files[f"{part} by {', '.join(dims)}" if dims else part] = file
            self._written[f"{folder}/{part}"] = files
        return self._written[f"{folder}/{part}"]


def _name(experiment: str, profile: str, commit: str) -> str:
    """Name of a run's files; a record that was put together from several has more than a commit to tell."""
    return re.sub(r"[^\w.-]+", "-", f"{experiment}-{profile}-{commit}")


def tables(part: xr.Dataset) -> dict[tuple[str, ...], pd.DataFrame]:
    """Write a part of a record as tables, one for each set of dimensions that some of its variables share.

    Parameters
    ----------
    part : xarray.Dataset
        With any variables.

    Returns
    -------
    dict
        Dimensions -> a table with a column for each of them, then one for each variable.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, values in part.data_vars.items():
        groups.setdefault(tuple(str(dim) for dim in values.dims), []).append(str(name))
    return {dims: _table(part[names], list(dims)) for dims, names in groups.items()}


def _table(alike: xr.Dataset, dims: list[str]) -> pd.DataFrame:
    names = [str(name) for name in alike.data_vars]
    if not dims:
        return pd.DataFrame({name: [alike[name].item()] for name in names})
    return pd.DataFrame(alike.to_dataframe().reset_index(), columns=[*dims, *names])
