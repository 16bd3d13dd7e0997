"""The experiment `convergence`: spectra with the labels in them, long runs, and short runs over widths and scales."""

import xarray as xr

from ntkbook.experiments.convergence import curves, identity, short_runs, spectra
from ntkbook.experiments.convergence.claims import CLAIMS
from ntkbook.experiments.convergence.config import PROFILES, Config
from ntkbook.experiments.convergence.readings import readings
from ntkbook.experiments.experiment import Experiment
from ntkbook.experiments.lab import Lab
from ntkbook.experiments.problem import LABELS, Problem


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
        "spectra" and "curves" of each data set found; "short_runs" and "identity" on the first of them.
    """
    names, seeds = lab.found(config.datasets), range(config.n_seeds)

    def pose(name: str, n: int) -> Problem:
        return Problem.pose(lab.sample(name, n_train=n), config.step_size, lab.streams, lab.device)

    measured = [
        spectra.measure(lab.sample(name, n_train=config.n_spectra), len(seeds), lab.streams, lab.device)
        for name in names
    ]
    problems = {name: pose(name, config.n_curves) for name in names}
    long = [curves.Cell(name, labels) for name in names for labels in LABELS]
    problem = pose(names[0], config.n_short_runs)
    short = [
        short_runs.Cell(scale, m, labels, seed)
        for scale in config.init_scales
        for m in config.widths
        for labels in LABELS
        for seed in seeds
    ]
    return {
        "spectra": xr.concat(measured, dim=xr.Variable("data", names), join="exact"),
        "curves": lab.sweep(curves.measure, long, config.curves, problems, lab.streams),
        "short_runs": lab.sweep(short_runs.measure, short, config.short_runs, problem, lab.streams),
        "identity": identity.measure(problem, config.short_runs.n_steps),
    }


EXPERIMENT = Experiment(
    name="convergence",
    summary="How fast gradient descent fits true, random and worst-case labels, beside the frozen kernel.",
    profiles=PROFILES,
    measure=measure,
    claims=CLAIMS,
    readings=readings,
    dtype="float32 training, float64 spectra",
)
