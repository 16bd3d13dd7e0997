"""The experiment `clustered_data`: SGD close to its start, on clusters, on digits, and without minibatches."""

from collections.abc import Hashable
from dataclasses import replace
from functools import partial

import xarray as xr

from ntkbook import data
from ntkbook.experiments.clustered_data import arrays, coupling, images, labels, pairs, sets, structure, synthetic, xor
from ntkbook.experiments.clustered_data.claims import CLAIMS
from ntkbook.experiments.clustered_data.config import PROFILES, Config
from ntkbook.experiments.clustered_data.nets import Cell
from ntkbook.experiments.clustered_data.readings import readings
from ntkbook.experiments.clustered_data.training import nets_at_once
from ntkbook.experiments.experiment import Experiment
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
        "sets" with the assumptions; nets of several widths on the "synthetic" data, on the "separated" mixture and on
        "images", these under two scales of the start and of the inputs; nets on mixtures of less or more structure:
        "noise", "classes", "components", "dimension"; nets on true and random "labels" and on "xor" data; setting (S):
        "slow" and "paper" with the two paces, "arrays", "pairs".
    """
    seeds, where = range(config.n_seeds), (lab.streams, lab.device)
    lab.note("mixtures", "points drawn from mixtures", f"seed {config.seed}")
    digits = {
        name: lab.sample(
            config.images,
            n_train=config.n_images,
            n_test=config.n_images_test,
            load=partial(data.load_classes, unit_norm=unit_norm),
        )
        for name, unit_norm in images.INPUTS.items()
    }

    def alike(kind: Hashable, dim: int, width: int) -> tuple[Hashable, int]:
        """What nets trained side by side share, and how many they may be."""
        return kind, nets_at_once(lab.device, dim, width, config.synthetic.n_points, lab.processes)

    def by_width(settings: synthetic.Settings) -> xr.Dataset:
        return lab.sweep(
            synthetic.measure, [Cell(width, seed) for width in config.widths for seed in seeds], settings, *where,
            together=lambda cell: alike(cell.width, settings.clusters.dim, cell.width),
        )  # fmt: skip

    def on_images(inputs: str) -> xr.Dataset:
        cells = [
            images.Cell(start, inputs, width, seed)
            for start in images.STARTS
            for width in config.widths_images
            for seed in range(config.n_seeds_images)
        ]
        return lab.sweep(
            images.measure, cells, config.recipe_images, digits[inputs], *where,
            together=lambda cell: alike((cell.start, cell.width), digits[inputs].x_train.shape[1], cell.width),
        )  # fmt: skip

    def on_mixtures(group: str) -> xr.Dataset:
        cells = config.grid.cells(group, seeds)
        found = lab.sweep(
            structure.measure, cells, config.structure, *where,
            together=lambda cell: alike(replace(cell, seed=0), cell.dim, config.structure.width),
        )  # fmt: skip
        return found.isel(dict.fromkeys(structure.fixed(group), 0), drop=True)

    return {
        "sets": sets.measure(config.synthetic, digits["norm 1"], lab.streams),
        "synthetic": by_width(config.synthetic),
        "separated": by_width(config.separated),
        **{group: on_mixtures(group) for group in structure.VARIED},
        "labels": lab.sweep(
            labels.measure,
            [labels.Cell(name, seed) for name in labels.LABELS for seed in seeds],
            config.labels,
            *where,
            together=lambda cell: alike("labels", config.labels.clusters.dim, config.labels.width),
        ),
        "xor": lab.sweep(
            xor.measure,
            [xor.Cell(discs, seed) for discs in xor.DISCS for seed in seeds],
            config.xor,
            *where,
            together=lambda cell: alike(cell.discs, 3, config.xor.width),
        ),
        **{
            name: lab.sweep(coupling.measure, [coupling.Cell(seed) for seed in seeds], config.simple, pace, *where)
            for name, pace in (("slow", config.slow), ("paper", config.paper))
        },
        "arrays": lab.sweep(
            arrays.measure,
            [arrays.Cell(kind, seed) for kind in arrays.KINDS for seed in seeds],
            config.simple,
            config.n_arrays,
            *where,
        ),
        "pairs": lab.sweep(
            pairs.measure,
            [
                pairs.Cell(kind, distance, seed)
                for kind in pairs.KINDS
                for distance in pairs.DISTANCES
                for seed in seeds
            ],
            config.simple.width,
            *where,
        ),
        "images": xr.concat([on_images(inputs) for inputs in images.INPUTS], "inputs"),
    }


EXPERIMENT = Experiment(
    name="clustered_data",
    summary="SGD on clustered data, close to its start.",
    profiles=PROFILES,
    measure=measure,
    claims=CLAIMS,
    readings=readings,
    dtype="float32 training, float64 in setting (S)",
)
