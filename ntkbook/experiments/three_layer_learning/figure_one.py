"""Sweeps over the learners of figure 1, the kernels beside them, and the targets."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import xarray as xr

from ntkbook.experiments.lab import Lab
from ntkbook.experiments.three_layer_learning import linear, nets, starvation, tuning
from ntkbook.experiments.three_layer_learning.claims_figure import LARGE, RAW_LINEAR
from ntkbook.experiments.three_layer_learning.config_figure import FigureConfig
from ntkbook.experiments.three_layer_learning.learners import KINDS

F = "composed"
LIMITS = (*linear.LEARNERS, linear.GAUSSIAN)
IN_SIZES = tuple(name for name in KINDS if name != "2 layers, no biases")
"""Trained learners of figure 1(b); of the four, the one without biases learns nothing more from a larger sample."""


def measure(config: FigureConfig, lab: Lab, n_seeds: int) -> dict[str, xr.Dataset]:
    """Tune the learners, then measure them.

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
        "tuning" and "target_tuning", the trials; "longer", winners trained four times as long; "widths" and "sizes",
        tuned nets on F; "linear_widths" and "linear_sizes", linear learners of finite width; "kernels", their limits
        and a Gaussian kernel; "starvation"; "targets" and "target_kernels".
    """
    others = [*("even", "odd", "additive"), *(f"harmonic {c:g}" for c in config.frequencies)]
    by_f = tuning.tune(lab, config.axes, config.trials, [F], config.tuned_widths)
    by_target = tuning.tune(lab, config.axes, config.target_trials, others, [config.target_width])
    found = [tuning.Tuned.of(by_f, config.trials, F, width) for width in config.tuned_widths]
    found += [tuning.Tuned.of(by_target, config.target_trials, name, config.target_width) for name in others]
    over = _Sweeps(lab, tuple(found), range(n_seeds))
    longest = config.tuned_widths[-1]
    starved = [starvation.Cell(name, seed) for name in RAW_LINEAR for seed in range(n_seeds)]
    long = [nets.LongCell(name, longest) for name in KINDS]
    m, n = config.target_width, config.size_width
    return {
        "tuning": by_f.isel(target=0, drop=True),
        "target_tuning": by_target.isel(width=0, drop=True),
        "longer": lab.sweep(nets.measure_longer, long, config.nets, found, lab.streams, lab.device),
        "widths": over.nets(config.nets, KINDS, widths=config.widths),
        "sizes": over.nets(config.nets, IN_SIZES, widths=[n], sizes=config.sizes),
        "linear_widths": over.linear(linear.LEARNERS, widths=config.widths),
        "linear_sizes": over.linear(linear.LEARNERS, widths=[n], sizes=config.linear_sizes),
        "kernels": over.linear(LIMITS, sizes=config.linear_sizes),
        "starvation": lab.sweep(starvation.measure, starved, config.starvation, over.n_trials, lab.streams, lab.device),
        "targets": over.nets(config.target_nets, KINDS, named=[F, *others], widths=[m]),
        "target_kernels": over.linear(linear.LEARNERS, named=[F, *others], widths=[m]),
        "target_limits": over.linear(LIMITS, named=[F, *others]),
    }


@dataclass(frozen=True)
class _Sweeps:
    """Sweeps over learners, targets, widths, sizes and seeds."""

    lab: Lab
    tuned: tuple[tuning.Tuned, ...]
    seeds: Iterable[int]

    @property
    def n_trials(self) -> int:
        """Trials of every learner."""
        return max(place.n_trials for place in self.tuned)

    def nets(self, settings: nets.Settings, learners, *, named=(F,), widths, sizes=(LARGE,)) -> xr.Dataset:
        cells = [nets.Cell(*place) for place in itertools.product(learners, named, widths, sizes, self.seeds)]
        lab = self.lab
        return _narrow(lab.sweep(nets.measure, cells, settings, self.tuned, lab.streams, lab.device))

    def linear(self, learners, *, named=(F,), widths=(0,), sizes=(LARGE,)) -> xr.Dataset:
        cells = [linear.Cell(*place) for place in itertools.product(learners, named, widths, sizes, self.seeds)]
        return _narrow(self.lab.sweep(linear.measure, cells, self.n_trials, self.lab.streams, self.lab.device))


def _narrow(table: xr.Dataset) -> xr.Dataset:
    """Without target, width and n where there is one only."""
    return table.isel({dim: 0 for dim in ("target", "width", "n") if table.sizes[dim] == 1}, drop=True)
