"""Data: real images, label noise, points and targets on the unit sphere, clustered data. Images have unit norm."""

from ntkbook.data.cifar import read_batch
from ntkbook.data.clustered import Mixture, Points, clustered_mixture, separated_mixture, xor_mixture
from ntkbook.data.composite_targets import additive_target, figure_1_target, harmonic_target
from ntkbook.data.errors import DataNotFoundError
from ntkbook.data.idx import read_idx
from ntkbook.data.labels import random_labels, randomise_portion
from ntkbook.data.load import available, files, load, load_classes
from ntkbook.data.sample import Sample
from ntkbook.data.separation import Separation, separation
from ntkbook.data.sphere import constant_coordinate, near_parallel_pair, sphere, unit_rows
from ntkbook.data.targets import arctan_target, cosine, linear, power, quadratic
from ntkbook.data.waves import Waves

__all__ = [
    "DataNotFoundError",
    "Mixture",
    "Points",
    "Sample",
    "Separation",
    "Waves",
    "additive_target",
    "arctan_target",
    "available",
    "clustered_mixture",
    "constant_coordinate",
    "cosine",
    "figure_1_target",
    "files",
    "harmonic_target",
    "linear",
    "load",
    "load_classes",
    "near_parallel_pair",
    "power",
    "quadratic",
    "random_labels",
    "randomise_portion",
    "read_batch",
    "read_idx",
    "separated_mixture",
    "separation",
    "sphere",
    "unit_rows",
    "xor_mixture",
]
