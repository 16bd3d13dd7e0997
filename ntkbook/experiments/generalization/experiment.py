"""The experiment `generalization`: the complexity measure, test error under label noise, and the steps of the proof."""

import xarray as xr

from ntkbook.data import Sample
from ntkbook.experiments.experiment import Experiment
from ntkbook.experiments.generalization import auxiliary, balls, measures, nets, pairs
from ntkbook.experiments.generalization.claims import CLAIMS
from ntkbook.experiments.generalization.config import PROFILES, Config
from ntkbook.experiments.generalization.readings import readings
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
        "measures" by eq. (10) alone, "nets" with noisy labels, and "square" ones of these, "balls" around the starts of
        nets of growing width, the "auxiliary" sequence, "pairs" of close inputs.
    """
    names = lab.found(config.datasets)
    labelled = [lab.sample(name, n_train=config.n_measure, draw=0) for name in names]
    few = _few(config, lab)
    close = lab.sample(names[0], n_train=config.n_pair, n_test=config.n_test, draw=0)
    turned = [pairs.Cell(angle) for angle in config.angles]
    return {
        "measures": xr.concat(
            [measures.measure(sample, config.n_seeds, lab.streams) for sample in labelled], xr.Variable("data", names)
        ),
        "balls": _balls(config, lab, few),
        "pairs": lab.sweep(pairs.measure, turned, config.pairs, config.descent, close, lab.streams, lab.device),
        "nets": _nets(config, lab),
        "square": _square(config, lab),
        "auxiliary": auxiliary.measure(few, lab.streams),
    }


def _few(config: Config, lab: Lab) -> Sample:
    """Images of the sweep over widths."""
    return lab.sample(lab.found(config.datasets)[0], n_train=config.n_widths, n_test=config.n_test, draw=0)


def _balls(config: Config, lab: Lab, few: Sample) -> xr.Dataset:
    """Nets of growing width, at each scale of initialisation and for each kind of labels."""
    cells = [
        balls.Cell(scale, width, labels, seed)
        for scale in config.init_scales
        for width in config.widths
        for labels in balls.PORTIONS
        for seed in range(config.n_seeds)
    ]
    return lab.sweep(balls.measure, cells, config.balls, config.descent, few, lab.streams, lab.device)


def _nets(config: Config, lab: Lab) -> xr.Dataset:
    """Nets on each data set that is found, each draw with images of its own."""
    found = lab.found(config.trained)
    draws = {name: n for name, n in zip(config.trained, config.n_draws, strict=True) if name in found}
    rows: list[xr.Dataset] = []
    for name, n_draws in draws.items():
        columns: list[xr.Dataset] = []
        for draw in range(n_draws):
            sample = lab.sample(name, n_train=config.n_train, n_test=config.n_test, draw=draw)
            cells = [nets.Cell(name, portion, draw) for portion in config.portions]
            common = config.nets, config.descent, sample, lab.streams, lab.device
            columns.append(lab.sweep(nets.measure, cells, *common))
        rows.append(xr.concat(columns, "draw"))
    grid = xr.concat(rows, "data", join="outer")
    if len(set(draws.values())) > 1:  # the grid has places that were not to be measured
        drawn = grid["draw"] < xr.DataArray(list(draws.values()), {"data": list(draws)})
        grid["measured"] = drawn.broadcast_like(grid.steps)
    return grid


def _square(config: Config, lab: Lab) -> xr.Dataset:
    """Nets as wide as there are images, on the first draw of the first data set."""
    name = lab.found(config.trained)[0]
    sample = lab.sample(name, n_train=config.n_train, n_test=config.n_test, draw=0)
    cells = [nets.Cell(name, portion, 0) for portion in config.square_portions]
    return lab.sweep(nets.measure, cells, config.square, config.descent, sample, lab.streams, lab.device)


EXPERIMENT = Experiment(
    name="generalization",
    summary="The complexity of a labelled data set, and the test error of nets trained on it under label noise.",
    profiles=PROFILES,
    measure=measure,
    claims=CLAIMS,
    readings=readings,
    dtype="float32 training, float64 kernels",
)
