"""The contract: what an experiment is made of, and how every one of them is run."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import xarray as xr

from ntkbook.claims import Claim
from ntkbook.expect import expects
from ntkbook.experiments.lab import Lab
from ntkbook.provenance import provenance
from ntkbook.wants import device, jobs, pathlike

Number = float | int | str
"""What a page may quote."""


class Config(Protocol):
    """Settings of an experiment: a frozen dataclass, checked at construction, made of the settings of its parts."""

    @property
    def profile(self) -> str:
        """Name of the profile."""
        ...

    @property
    def n_seeds(self) -> int:
        """Repetitions."""
        ...

    @property
    def seed(self) -> int:
        """Root of every random stream."""
        ...


@expects()
@dataclass(frozen=True)
class Experiment:
    """An experiment: settings in, a labelled record with provenance out, and the claims that the record decides."""

    name: str
    """Name of its folder, its chapter and its records."""
    summary: str
    """What it is about, in one line."""
    profiles: Mapping[str, Any]
    """Settings by profile: "quick", "laptop", "paper"."""
    measure: Callable[[Any, Lab], Mapping[str, xr.Dataset]]
    """measure(config, lab) -> the parts of the record by name."""
    claims: tuple[Claim, ...]
    """What the record decides."""
    readings: Callable[[xr.DataTree], Mapping[str, Number]]
    """Every number that the chapter quotes, from a record."""
    dtype: str
    """Precision of training and of kernels, in words."""

    @expects(device=device, n_jobs=jobs, store=pathlike)
    def run(
        self, config: Config, *, device: str = "cpu", n_jobs: int | None = None, store: Path | None = None
    ) -> xr.DataTree:
        """Run the experiment.

        Parameters
        ----------
        config : Config
            Such as `profiles["quick"]`.
        device : str
            Where to compute.
        n_jobs : int, optional
            Processes that share the cells, in joblib's sense; when left out, two on a CPU and one elsewhere.
        store : Path, optional
            Folder for finished cells, which a second run takes up.

        Returns
        -------
        xarray.DataTree
            A group for each part; provenance in the attributes.
        """
        start = time.perf_counter()
        if n_jobs is None:
            n_jobs = 2 if device == "cpu" else 1
        lab = Lab(config.seed, device=device, n_jobs=n_jobs, store=store)
        record = xr.DataTree.from_dict(dict(self.measure(config, lab)))
        record.attrs = provenance(
            experiment=self.name,
            profile=config.profile,
            config=asdict(config),  # pyright: ignore[reportArgumentType]
            seeds=range(config.n_seeds),
            data=lab.used,
            device=device,
            dtype=self.dtype,
            threads=lab.threads,
            seconds=time.perf_counter() - start,
        )
        return record


@expects()
def settings(record: xr.DataTree) -> dict[str, Any]:
    """Settings that a record was made with.

    Parameters
    ----------
    record : xarray.DataTree
        Of any experiment.

    Returns
    -------
    dict
        As `dataclasses.asdict` gives them, tuples as lists.
    """
    return json.loads(record.attrs["config"])
