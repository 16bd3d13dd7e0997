"""Settings so small that an experiment runs within a second, on data that is always there."""

from functools import cache

from ntkbook import experiments
from ntkbook.experiments import convergence, generalization, kernel, learnable_functions

CONFIGS = {
    "kernel": {"datasets": ("digits",), "n": 12, "widths": (16, 64, 256), "n_seeds": 3, "n_terms": 50, "n_orders": 5},
    "convergence": {
        "datasets": ("digits",),
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
    "generalization": {
        "datasets": ("digits",),
        "trained": ("digits",),
        "n_measure": 24,
        "n_train": 20,
        "n_test": 20,
        "width": 64,
        "portions": (0.0, 0.5, 1.0),
        "n_draws": 2,
        "n_widths": 12,
        "widths": (32, 128, 512),
        "n_seeds": 3,
        "n_pair": 10,
        "pair_width": 64,
        "pair_steps": 50,
        "angles": (1.0, 0.1),
        "stop_loss": 0.05,
    },
    "learnable_functions": {
        "dims": (3, 10),
        "sizes": (40, 80, 160),
        "n_seeds": 2,
        "train_sizes": (25, 50, 100),
        "width": 200,
        "n_steps": 100,
    },
}
"""Settings by experiment."""
MODULES = {
    "kernel": kernel,
    "convergence": convergence,
    "generalization": generalization,
    "learnable_functions": learnable_functions,
}


def config(name, **changes):
    return MODULES[name].Config("tiny", **CONFIGS[name] | changes)


@cache
def _record(name):
    return experiments.get(name).run(config(name))


def record(name):
    """The record of a tiny run, to be changed at will."""
    return _record(name).copy(deep=True)
