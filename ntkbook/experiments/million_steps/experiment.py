"""The experiment `million_steps`: true, random and worst-case labels, trained to the end of the paper's axis."""

import xarray as xr

from ntkbook.experiments.experiment import Experiment
from ntkbook.experiments.lab import Lab
from ntkbook.experiments.million_steps import runs
from ntkbook.experiments.million_steps.claims import CLAIMS
from ntkbook.experiments.million_steps.config import PROFILES, Config
from ntkbook.experiments.million_steps.readings import readings
from ntkbook.experiments.problem import LABELS, Problem, Settings


def measure(config: Config, lab: Lab) -> dict[str, xr.Dataset]:
    """Measure the part.

    Parameters
    ----------
    config : Config
        Settings.
    lab : Lab
        Where to compute.

    Returns
    -------
    dict of str to xarray.Dataset
        "runs" over data sets, labels and seeds.
    """
    names = lab.found(config.datasets)
    problems = {
        name: Problem.pose(lab.sample(name, n_train=config.n), Settings(), lab.streams, lab.device) for name in names
    }
    cells = [runs.Cell(name, labels, seed) for name in names for labels in LABELS for seed in range(config.n_seeds)]
    return {"runs": lab.sweep(runs.measure, cells, config.runs, problems, lab.streams)}


EXPERIMENT = Experiment(
    name="million_steps",
    summary="Figure 1 of Arora et al. (2019), trained to the end of its axis.",
    profiles=PROFILES,
    measure=measure,
    claims=CLAIMS,
    readings=readings,
    dtype="float32 training, float64 spectra",
)
