"""The experiment `deep_generalization`: margins by depth, what they promise, and what trained nets do."""

from functools import partial

import xarray as xr

from ntkbook import data
from ntkbook.experiments.deep_generalization import (
    certificates,
    close_pair,
    features,
    margins,
    nets,
    one_class,
    recursion,
    tasks,
    unseparable,
)
from ntkbook.experiments.deep_generalization.claims import CLAIMS, EASY, HARD, MARGIN_DATA, PROJECTED
from ntkbook.experiments.deep_generalization.config import PROFILES, Config
from ntkbook.experiments.deep_generalization.readings import readings
from ntkbook.experiments.experiment import Experiment
from ntkbook.experiments.lab import Lab

_MARGIN_TASKS = (*tasks.PAIRS, "3/8, random labels", MARGIN_DATA, "sphere, odd")
_FEATURE_TASKS = (*tasks.PAIRS, "3/8, random labels")
_CERTIFICATE_TASKS = ("3/8", MARGIN_DATA)
_WIDTH_TASKS = ("3/8", PROJECTED)


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
        "margins" by depth, "recursion" of the kernel, "features" and "unseparable" samples, "one_class", "certificates"
        against n and "close_pair" against the distance, and trained nets by "widths" and by "samples".
    """
    seeds, draws = range(config.n_seeds), range(config.n_draws)
    n_train, n_test = config.pool
    lab.note("sphere", "uniform on the sphere", f"seed {config.seed}")
    pools = {
        name: lab.sample(config.dataset, n_train=n_train, n_test=n_test, load=partial(data.load, classes=classes))
        for name, classes in tasks.PAIRS.items()
    }
    common = (pools, lab.streams, lab.device)
    of_margins = [margins.Cell(task, seed) for task in _MARGIN_TASKS for seed in seeds]
    of_features = [features.Cell(task, seed) for task in _FEATURE_TASKS for seed in draws]
    of_one_class = [one_class.Cell(d, depth, seed) for d in config.dims for depth in (1, 2) for seed in seeds]
    of_certificates = [
        certificates.Cell(task, depth, portion, seed)
        for task in _CERTIFICATE_TASKS
        for depth in config.depths
        for portion in config.portions
        for seed in seeds
    ]
    of_pairs = [close_pair.Cell(m, seed) for m in config.pair_widths for seed in draws]
    by_width = [
        nets.Cell(task, depth, m, config.train_size, seed)
        for task in _WIDTH_TASKS
        for depth in config.depths
        for m in config.widths
        for seed in seeds
    ]
    by_size = [
        nets.Cell(task, depth, config.train_width, n, seed)
        for task in (EASY, *HARD)
        for depth in config.depths
        for n in config.train_sizes
        for seed in seeds
    ]
    one = lab.sweep(one_class.measure, of_one_class, config.one_class, lab.streams, lab.device)
    pairs = lab.sweep(close_pair.measure, of_pairs, config.pairs, lab.streams, lab.device)
    draw_cells = [recursion.Cell(seed) for seed in draws]
    return {
        "margins": lab.sweep(margins.measure, of_margins, config.margins, *common),
        "recursion": lab.sweep(recursion.measure, draw_cells, config.sampled, lab.streams, lab.device),
        "features": lab.sweep(features.measure, of_features, config.features, *common),
        "unseparable": unseparable.measure(config.margins.depth, lab.streams, lab.device),
        "one_class": one.merge(one_class.expected(config.dims, config.one_class.n)),
        "certificates": lab.sweep(certificates.measure, of_certificates, config.certificates, *common).assign(
            least_coordinate=tasks.RHO
        ),
        "close_pair": pairs.merge(close_pair.expected(config.pairs)),
        "widths": lab.sweep(nets.measure, by_width, config.by_width, *common).squeeze("n", drop=True),
        "samples": lab.sweep(nets.measure, by_size, config.by_size, *common).squeeze("width", drop=True),
    }


EXPERIMENT = Experiment(
    name="deep_generalization",
    summary="Margins of deep ReLU nets by depth, and the bounds and test errors of nets that are trained.",
    profiles=PROFILES,
    measure=measure,
    claims=CLAIMS,
    readings=readings,
    dtype="float32 training, float64 kernels and margins",
)
