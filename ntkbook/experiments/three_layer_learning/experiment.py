"""The experiment `three_layer_learning`: learners of figure 1 tuned alike, and Algorithm 1."""

import xarray as xr

from ntkbook.experiments.experiment import Experiment
from ntkbook.experiments.lab import Lab
from ntkbook.experiments.three_layer_learning import algorithm_one, frozen_patterns, risk, scaling, shrinking
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
    return {**_figure(config, lab), **_algorithm(config, lab)}


def _figure(config: Config, lab: Lab) -> dict[str, xr.Dataset]:
    """Learners and targets."""
    return {}


def _algorithm(config: Config, lab: Lab) -> dict[str, xr.Dataset]:
    """Algorithm 1 and what its proof rests on."""
    return {
        "algorithm": lab.sweep(
            algorithm_one.measure,
            [algorithm_one.Cell(variant, seed) for seed in range(config.n_seeds) for variant in config.variants],
            config.algorithm,
            lab.streams,
            lab.device,
            together=lambda cell: (cell.seed, len(config.variants)),
        ),
        "shrinking": lab.sweep(
            shrinking.measure,
            [
                shrinking.Cell(scale, sigma, seed)
                for seed in range(config.n_seeds)
                for scale in config.final_scales
                for sigma in shrinking.SIGMA
            ],
            config.algorithm,
            lab.streams,
            lab.device,
            together=lambda cell: (cell.seed, 12),
        ),
        "risk": lab.sweep(
            risk.measure,
            [
                risk.Cell(n, width, noise, sigma, seed)
                for n in config.risk_sizes
                for width in config.risk_widths
                for noise in config.risk_noises
                if noise == 0 or (n, width) == (config.risk_sizes[-1], config.risk_widths[-1])
                for sigma in shrinking.SIGMA
                for seed in range(config.n_seeds)
            ],
            config.risk,
            lab.streams,
            lab.device,
            together=lambda cell: ((cell.n, cell.width), 6),
        ),
        "frozen": lab.sweep(
            frozen_patterns.measure,
            [
                frozen_patterns.Cell(depth, task, width, seed)
                for depth in (2, 3)
                for task in frozen_patterns.TASKS
                for width in config.frozen_widths
                for seed in range(config.n_seeds)
            ],
            config.frozen,
            lab.streams,
            lab.device,
            together=lambda cell: ((cell.depth, cell.width), 6),
        ),
        "scaling": lab.sweep(
            scaling.measure,
            [scaling.Cell(factor, seed) for factor in config.factors for seed in range(config.n_seeds)],
            config.scaling_width,
            lab.streams,
            lab.device,
        ),
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
