"""Where a number comes from: the settings, data, code, versions and threads of the run that made it."""

import json
import os
import platform
import subprocess
import time
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

PROVENANCE = (
    "experiment",
    "profile",
    "config",
    "seeds",
    "data",
    "data_names",
    "data_sha256",
    "device",
    "dtype",
    "threads",
    "versions",
    "commit",
    "created",
    "seconds",
)
"""Attributes that a record carries, as strings."""
ADDED = ("threads",)
"""Those that older records lack."""


def provenance(
    *,
    experiment: str,
    profile: str,
    config: Mapping[str, Any],
    seeds: Iterable[int],
    data: Mapping[str, tuple[str, str]],
    device: str,
    dtype: str,
    threads: str,
    seconds: float,
) -> dict[str, str]:
    """Attributes that let a number be traced to the run that made it.

    Parameters
    ----------
    experiment, profile : str
        Names.
    config : mapping
        All settings, as JSON can hold them.
    seeds : iterable of int
        Seeds of the runs.
    data : mapping of str to (str, str)
        Name of each data set to its source, in words, and the hashes of what was drawn from it.
    device, dtype : str
        Of training.
    threads : str
        On how many each process computed: sums of other parts differ in their last bits.
    seconds : float
        Run time.

    Returns
    -------
    dict of str to str
        With the keys `PROVENANCE`.
    """
    packages = ("torch", "numpy", "scipy", "xarray", "ntkbook")
    versions = {"python": platform.python_version()} | {name: _version(name) for name in packages}
    return {
        "experiment": experiment,
        "profile": profile,
        "config": json.dumps(config, sort_keys=True),
        "seeds": ", ".join(str(seed) for seed in seeds),
        "data": "; ".join(source for source, _ in data.values()),
        "data_names": "; ".join(data),
        "data_sha256": "; ".join(sha256 for _, sha256 in data.values()),
        "device": device,
        "dtype": dtype,
        "threads": threads,
        "versions": json.dumps(versions),
        "commit": commit(),
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": f"{seconds:.1f}",
    }


def commit() -> str:
    """Commit of the code that is running, "-dirty" appended when tracked files differ.

    Outside a checkout it is what NTKBOOK_COMMIT says, for a plain copy of the tree on another machine, else "unknown".
    A package that was installed may lie inside a repository that does not track it: that one's commit says nothing.

    Returns
    -------
    str
    """
    source = Path(__file__)
    tracked = ["git", "ls-files", "--error-unmatch", source.name]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}  # as hooks set them
    describe = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        for command in (tracked, describe):
            answer = subprocess.run(
                command, cwd=source.parent, env=environment, capture_output=True, text=True, check=True
            )
    except (OSError, subprocess.CalledProcessError):
        return os.environ.get("NTKBOOK_COMMIT") or "unknown"
    return answer.stdout.strip()


def _version(package: str) -> str:
    """Version of an installed package; of a plain copy of the tree there is none."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
