"""The experiment `learnable_functions`: norms of functions, nets trained on them, and a rival's requirement."""

import xarray as xr

from ntkbook.experiments.experiment import Experiment
from ntkbook.experiments.lab import Lab
from ntkbook.experiments.learnable_functions import nets, norms, rival
from ntkbook.experiments.learnable_functions.claims import CLAIMS
from ntkbook.experiments.learnable_functions.config import PROFILES, Config
from ntkbook.experiments.learnable_functions.readings import readings


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
        "norms" with bounds and limits, "degrees" of the kernel, "nets", "rival".
    """
    seeds = range(config.n_seeds)
    lab.note("sphere", "uniform on the sphere", f"seed {config.seed}")
    spheres = [norms.Cell(dim, seed) for dim in config.dims for seed in seeds]
    measured = lab.sweep(norms.measure, spheres, config.norms, lab.streams, lab.device)
    trained = [nets.Cell(target, n, seed) for target in nets.TARGETS for n in config.train_sizes for seed in seeds]
    return {
        "norms": measured.merge(norms.references(config.norms, config.dims)),
        "degrees": norms.degrees(),
        "nets": lab.sweep(nets.measure, trained, config.nets, lab.streams, lab.device),
        "rival": rival.measure(),
    }


EXPERIMENT = Experiment(
    name="learnable_functions",
    summary="The norm sqrt(y'H^-1 y) of functions on the sphere, and nets trained on them.",
    profiles=PROFILES,
    measure=measure,
    claims=CLAIMS,
    readings=readings,
    dtype="float32 training, float64 kernels",
)
