"""Sweeps over the learners of figure 1, the kernels beside them, and the targets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import xarray as xr

from ntkbook.experiments.lab import Lab
from ntkbook.experiments.three_layer_learning import linear, nets, starvation, tuning
from ntkbook.experiments.three_layer_learning.claims_figure import RAW_LINEAR, THREE, TWO
from ntkbook.experiments.three_layer_learning.config_figure import FigureConfig
from ntkbook.experiments.three_layer_learning.experiment_winners import F, recorded, search
from ntkbook.experiments.three_layer_learning.learners import KINDS

FEW_LIMITS = ("3 layers (last)", "3 layers (NTK)", linear.GAUSSIAN)
LIMITS = (*linear.LEARNERS, linear.GAUSSIAN)
IN_SIZES = tuple(name for name in KINDS if name != "2 layers, no biases")
"""Trained learners of figure 1(b); of the four, the one without biases learns nothing more from a larger sample."""


def measure(config: FigureConfig, lab: Lab, n_seeds: int) -> dict[str, xr.Dataset]:
    """Tune the learners, or take over what was tuned, then measure them.

    Parameters
    ----------
    config : FigureConfig
        Settings.
    lab : Lab
        Where to compute.
    n_seeds : int
        Draws of data and nets.

    Returns
    -------
    dict of str to xarray.Dataset
        "tuning" and "target_tuning", the trials; "longer", winners trained four times as long; "widths", "sizes" and
        "wide_sizes", tuned nets on F; "linear_widths" and "linear_sizes", linear learners of finite width; "kernels",
        their limits and a Gaussian kernel; "starvation"; "targets" and "target_kernels".
    """
    others = ["even", "odd", "additive", *(f"harmonic {c:g}" for c in config.frequencies)]
    width = config.target_width
    tables, found = search(lab, config, others) if config.tuned_widths else recorded(lab, others)
    n = config.n_train
    over = _Sweeps(lab, tuple(found), n, range(n_seeds))
    starved = [starvation.Cell(name, seed) for name in RAW_LINEAR for seed in range(n_seeds)]
    longest = [*config.widths[:1], *config.tuned_widths][-1]
    long = [nets.LongCell(name, longest) for name in KINDS]
    return tables | {
        "longer": lab.sweep(nets.measure_longer, long, config.nets, found, lab.streams, lab.device),
        "widths": over.nets(config.nets, KINDS, widths=config.widths),
        "sizes": over.nets(config.nets, IN_SIZES, widths=[config.size_width], sizes=config.sizes),
        "wide_sizes": over.nets(config.nets, (THREE, TWO), widths=[config.wide], sizes=config.wide_sizes),
        "linear_widths": over.linear(linear.LEARNERS, widths=config.widths),
        "linear_sizes": over.linear(linear.LEARNERS, widths=[config.size_width], sizes=config.linear_sizes),
        "kernels": over.linear(LIMITS, sizes=config.linear_sizes),
        "starvation": lab.sweep(
            starvation.measure, starved, n, config.starvation, over.n_trials, lab.streams, lab.device
        ),
        "targets": over.nets(config.target_nets, KINDS, named=[F, *others], widths=[width]),
        "target_kernels": over.linear(linear.LEARNERS, named=[F, *others], widths=[width]),
        "target_limits": over.linear(FEW_LIMITS, named=[F, *others]),
    }


@dataclass(frozen=True)
class _Sweeps:
    """Sweeps over learners, targets, widths, sizes and seeds."""

    lab: Lab
    tuned: tuple[tuning.Tuned, ...]
    n: int
    seeds: Iterable[int]

    @property
    def n_trials(self) -> int:
        """Trials of every learner."""
        return max(place.n_trials for place in self.tuned)

    def nets(
        self,
        settings: nets.Settings,
        learners: Iterable[str],
        *,
        named: Sequence[str] = (F,),
        widths: Sequence[int],
        sizes: Sequence[int] = (),
    ) -> xr.Dataset:
        cells = [
            nets.Cell(name, target, width, n, seed)
            for name in learners
            for target in named
            for width in widths
            for n in sizes or [self.n]
            for seed in self.seeds
        ]
        lab = self.lab
        return _narrow(lab.sweep(nets.measure, cells, settings, self.tuned, lab.streams, lab.device))

    def linear(
        self,
        learners: Iterable[str],
        *,
        named: Sequence[str] = (F,),
        widths: Sequence[int] = (0,),
        sizes: Sequence[int] = (),
    ) -> xr.Dataset:
        cells = [
            linear.Cell(name, target, width, n, seed)
            for name in learners
            for target in named
            for width in widths
            for n in sizes or [self.n]
            for seed in self.seeds
        ]
        common = self.n_trials, self.lab.streams, self.lab.device
        return _narrow(self.lab.sweep(linear.measure, cells, *common, together=linear.together))


def _narrow(table: xr.Dataset) -> xr.Dataset:
    """Without target, width and n where there is one only."""
    return table.isel({dim: 0 for dim in ("target", "width", "n") if table.sizes[dim] == 1}, drop=True)
