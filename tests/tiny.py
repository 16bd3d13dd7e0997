"""Settings so small that an experiment runs within a second, on data that is always there."""

from functools import cache

from ntkbook import experiments
from ntkbook.experiments import convergence, kernel

CONFIGS = {
    "kernel": {"n": 12, "widths": (16, 64, 256), "n_seeds": 3, "n_terms": 50, "n_orders": 5},
    "convergence": {
        "n_spectrum": 24,
        "n_curves": 16,
        "width_curves": 64,
        "steps_curves": 30,
        "n_widths": 12,
        "widths": (32, 128, 512),
        "steps_widths": 20,
        "n_seeds": 2,
        "horizon": 1000,
    },
}


def config(name, **changes):
    module = {"kernel": kernel, "convergence": convergence}[name]
    return module.Config("tiny", **CONFIGS[name] | {"datasets": ("digits",)} | changes)


@cache
def _record(name):
    return experiments.get(name).run(config(name))


def record(name):
    """The record of a tiny run, to be changed at will."""
    return _record(name).copy(deep=True)
