"""The experiments, in the order of the book."""

import importlib

from ntkbook.expect import expects
from ntkbook.experiments.experiment import Experiment
from ntkbook.wants import one_of

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


@expects(name=one_of(*NAMES))
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
    return importlib.import_module(f"ntkbook.experiments.{name}.experiment").EXPERIMENT
