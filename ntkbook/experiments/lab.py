"""What an experiment may use while it measures: samples, random streams, sweeps; and what it used, for the record."""

from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any

import joblib
import torch
import xarray as xr

from ntkbook import data
from ntkbook.data.load import NAMES
from ntkbook.expect import expects
from ntkbook.experiments.sweep import THREADS, sweep, table
from ntkbook.streams import Streams
from ntkbook.wants import device, each, jobs, natural, one_of, pathlike, record


@expects(seed=natural, device=device, n_jobs=jobs, store=pathlike)
class Lab:
    """One run of an experiment: where it computes, where finished cells are kept, and what data it has used."""

    def __init__(self, seed: int, *, device: str, n_jobs: int, store: Path | None):
        """Take the root of the random streams, the device, the number of processes and the folder for cells."""
        self.streams = Streams(seed)
        self.device = device
        self.processes = joblib.effective_n_jobs(n_jobs)
        self._n_jobs = n_jobs
        self._store = store
        self._used: dict[str, tuple[str, list[str]]] = {}
        self._threads: set[str] = set()

    @expects(names=each(one_of(*NAMES)))
    def found(self, names: Sequence[str]) -> list[str]:
        """Data sets that can be loaded without a download.

        Parameters
        ----------
        names : sequence of str
            Wanted, in the sense of `ntkbook.data.load`.

        Returns
        -------
        list of str
            Those of them that are found, in the same order.

        Raises
        ------
        ValueError
            If none is found.
        """
        found = [name for name in names if data.available(name)]
        if not found:
            raise ValueError(
                f"datasets: expected one of {', '.join(names)}, found none of their files; "
                "set NTKBOOK_DATA to a folder that holds them"
            )
        return found

    @expects(n_test=natural, draw=natural)
    def sample(
        self,
        name: str,
        *,
        n_train: int,
        n_test: int = 0,
        draw: int | None = None,
        load: Callable[..., data.Sample] = data.load,
    ) -> data.Sample:
        """Draw images from the stream "images", and enter them among the data used.

        Parameters
        ----------
        name : str
            Data set.
        n_train, n_test : int
            How many.
        draw : int, optional
            Number of the draw, where there are several.
        load : callable
            `data.load`, two classes, or `data.load_classes`, all of them.

        Returns
        -------
        Sample
        """
        rng = self.streams("images", *([] if draw is None else [draw]))
        sample = load(name, n_train=n_train, n_test=n_test, rng=rng)
        self.note(name, sample.source, f"{n_train}:{sample.sha256}")
        return sample

    @expects()
    def note(self, name: str, source: str, sha256: str) -> None:
        """Enter data among those used: name, where they came from in words, and what identifies them."""
        self._used.setdefault(name, (source, []))[1].append(sha256)

    @property
    def used(self) -> dict[str, tuple[str, str]]:
        """Data used, by name: source, and the hashes of what was drawn from it."""
        return {name: (source, " ".join(dict.fromkeys(found))) for name, (source, found) in self._used.items()}

    @property
    def threads(self) -> str:
        """On how many threads cells were computed; of several numbers, as when some were kept, each."""
        return ", ".join(sorted(self._threads)) or str(torch.get_num_threads())

    @expects(cells=each(record))
    def sweep(
        self,
        measure: Callable[..., Any],
        cells: Sequence[Any],
        *common: Any,
        together: Callable[[Any], tuple[Hashable, int]] | None = None,
    ) -> xr.Dataset:
        """Measure cells, see `ntkbook.experiments.sweep`, and put them on a grid of their fields.

        Parameters
        ----------
        measure : callable
            measure(cell, *common) -> xarray.Dataset, a module-level function of the package.
        cells : sequence of dataclass
            What varies.
        *common
            Passed to every call.
        together : callable, optional
            Of a cell, what it must share with those that one call measures together, and how many these may be.

        Returns
        -------
        xarray.Dataset
        """
        results = sweep(measure, cells, *common, n_jobs=self._n_jobs, store=self._store, together=together)
        self._threads |= {result.attrs.pop(THREADS, "unknown") for result in results}  # in cells kept from before
        return table(cells, results)
