"""The experiment `kernel`: H-infinity as a limit, its least eigenvalue, its power series."""

import xarray as xr

from ntkbook.experiments.experiment import Experiment
from ntkbook.experiments.kernel import deviations, images, matrix_order, parallel, profile, series
from ntkbook.experiments.kernel.claims import CLAIMS
from ntkbook.experiments.kernel.config import PROFILES, Config
from ntkbook.experiments.kernel.readings import readings
from ntkbook.experiments.lab import Lab


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
        "deviations" of H(0) from its limit, "images" with the ends of their spectra, "parallel" inputs, "series" and
        its terms, "matrix_order", "profile" of the kernel in the angle.
    """
    samples = {name: lab.sample(name, n_train=config.n) for name in lab.found(config.datasets)}
    inputs = {name: images.Inputs.of(sample, lab.device) for name, sample in samples.items()}
    nets = [deviations.Cell(name, m, seed) for name in inputs for m in config.widths for seed in range(config.n_seeds)]
    measured = lab.sweep(deviations.measure, nets, inputs, lab.streams)
    return {
        "deviations": measured.merge(deviations.references(inputs, config.widths, config.delta)),
        "images": images.measure(inputs),
        "parallel": parallel.measure(config.angles, lab.streams),
        "series": series.measure(inputs, config.n_terms),
        "matrix_order": matrix_order.measure(config.n_pairs, lab.streams),
        "profile": profile.measure(lab.streams),
    }


EXPERIMENT = Experiment(
    name="kernel",
    summary="H-infinity as the limit of wide nets, its least eigenvalue, its power series.",
    profiles=PROFILES,
    measure=measure,
    claims=CLAIMS,
    readings=readings,
    dtype="float64",
)
