"""The experiments, in the order of the book."""

import importlib

from ntkbook.expect import expects
from ntkbook.experiments.experiment import Experiment

NAMES = (
    "kernel",
    "convergence",
    "million_steps",
    "generalization",
    "learnable_functions",
    "clustered_data",
    "deep_relu",
    "deep_generalization",
    "two_layer_learning",
    "three_layer_learning",
)
"""A folder each."""


@expects()
def get(name: str) -> Experiment:
    """Experiment by name.

    Parameters
    ----------
    name : str
        One of `NAMES`.

    Returns
    -------
    Experiment

    Raises
    ------
    ValueError
        If there is no such experiment.
    """
    if name not in NAMES:
        raise ValueError(f"name: expected one of {', '.join(NAMES)}, found {name!r}")
    return importlib.import_module(f"ntkbook.experiments.{name}.experiment").EXPERIMENT
