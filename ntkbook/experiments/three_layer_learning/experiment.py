"""The experiment `three_layer_learning`: learners of figure 1 tuned alike, and Algorithm 1."""

import xarray as xr

from ntkbook.experiments.experiment import Experiment
from ntkbook.experiments.lab import Lab
from ntkbook.experiments.three_layer_learning import experiment_algorithm, experiment_figure
from ntkbook.experiments.three_layer_learning.claims import CLAIMS
from ntkbook.experiments.three_layer_learning.config import PROFILES, Config
from ntkbook.experiments.three_layer_learning.readings import readings


def measure(config: Config, lab: Lab) -> dict[str, xr.Dataset]:
    """Measure the parts.

    Parameters
    ----------
    config : Config
        Settings.
    lab : Lab
        Where to compute.

    Returns
    -------
    dict of str to xarray.Dataset
        Those of the figure, then those of the algorithm.
    """
    lab.note("sphere", "uniform on the sphere of R^4", f"seed {config.seed}")
    return {
        **experiment_figure.measure(config.figure, lab, config.n_seeds),
        **experiment_algorithm.measure(config.algorithm, lab, config.n_seeds),
    }


EXPERIMENT = Experiment(
    name="three_layer_learning",
    summary="Three layers against kernels on composed targets, tuned alike, and Algorithm 1.",
    profiles=PROFILES,
    measure=measure,
    claims=CLAIMS,
    readings=readings,
    dtype="float32 training, float64 kernels",
)
