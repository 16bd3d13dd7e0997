"""Settings so small that an experiment runs within a second, on data that is always there."""

from functools import cache

from ntkbook import experiments
from ntkbook.experiments import clustered_data, convergence, generalization, kernel, learnable_functions

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
        "n_draws": (2,),
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
    "clustered_data": {
        "images": "digits",
        "widths": (32, 128, 512),
        "n_seeds": 2,
        "n_images": 200,
        "n_images_test": 50,
        "widths_images": (32, 128),
        "n_steps_printed": 15,
        "n_steps_gentle": 20,
        "width_structure": 64,
        "sigmas": (0.5, 2.0),
        "ks": (3, 4),
        "ls": (1, 2),
        "dims": (10, 40),
        "n_steps_labels": 40,
        "width_simple": 400,
        "n_classes": 3,
        "dim": 40,
        "dim_structure": 30,
        "n_points": 60,
        "n_probe": 30,
        "batch_size": 8,
        "batch_size_images": 16,
        "n_steps": 30,
        "n_steps_simple": 10,
        "n_arrays": 3,
        "width_xor": 50,
        "n_steps_xor": 40,
    },
}
"""Settings by experiment."""
MODULES = {
    "kernel": kernel,
    "convergence": convergence,
    "generalization": generalization,
    "learnable_functions": learnable_functions,
    "clustered_data": clustered_data,
}


def config(name, **changes):
    return MODULES[name].Config("tiny", **CONFIGS[name] | changes)


@cache
def _record(name):
    return experiments.get(name).run(config(name))


def record(name):
    """The record of a tiny run, to be changed at will."""
    return _record(name).copy(deep=True)
