"""Experiments: frozen settings in, a labelled record with provenance out, and the claims that the record decides."""

import importlib
from types import ModuleType

NAMES = ("kernel", "convergence", "generalization", "learnable_functions", "clustered_data")
"""Experiments in the order of the book."""


def get(name: str) -> ModuleType:
    """Experiment by name: a module with `Config`, `PROFILES`, `run` and `CLAIMS`.

    Parameters
    ----------
    name : str
        One of `NAMES`.

    Returns
    -------
    module

    Raises
    ------
    ValueError
        If there is no such experiment.
    """
    if name not in NAMES:
        raise ValueError(f"name: expected one of {', '.join(NAMES)}, found {name!r}")
    return importlib.import_module(f"ntkbook.experiments.{name}")
