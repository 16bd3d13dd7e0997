"""Sweeps behind Algorithm 1 and what its proof rests on."""

import xarray as xr

from ntkbook.experiments.lab import Lab
from ntkbook.experiments.three_layer_learning import algorithm_one, frozen_patterns, risk, scaling, shrinking
from ntkbook.experiments.three_layer_learning.config_algorithm import AlgorithmConfig


def measure(config: AlgorithmConfig, lab: Lab, n_seeds: int) -> dict[str, xr.Dataset]:
    """Measure the parts behind Algorithm 1.

    Parameters
    ----------
    config : AlgorithmConfig
        Settings.
    lab : Lab
        Where to compute.
    n_seeds : int
        Draws of the data and of the nets.

    Returns
    -------
    dict of str to xarray.Dataset
        "algorithm", in full and without each ingredient; "shrinking", down to several lambda_T; "risk", against N, m
        and noise; "frozen", patterns of the start put back; "scaling", the identity.
    """
    seeds = range(n_seeds)
    return {
        "algorithm": lab.sweep(
            algorithm_one.measure,
            [algorithm_one.Cell(variant, seed) for seed in seeds for variant in config.variants],
            config.one,
            lab.streams,
            lab.device,
            together=lambda cell: (cell.seed, len(config.variants)),
        ),
        "shrinking": lab.sweep(
            shrinking.measure,
            [
                shrinking.Cell(scale, sigma, seed)
                for seed in seeds
                for scale in config.final_scales
                for sigma in shrinking.SIGMA
            ],
            config.one,
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
                for seed in seeds
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
                for seed in seeds
            ],
            config.frozen,
            lab.streams,
            lab.device,
            together=lambda cell: (cell, 1),  # a net's last digits depend on who is trained beside it
        ),
        "scaling": lab.sweep(
            scaling.measure,
            [scaling.Cell(factor, seed) for factor in config.factors for seed in seeds],
            config.scaling_width,
            lab.streams,
            lab.device,
        ),
    }
