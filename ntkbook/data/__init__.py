"""Data: real images of two classes, label noise, points and targets on the unit sphere. Inputs have unit norm."""

from ntkbook.data.cifar import read_batch
from ntkbook.data.errors import DataNotFoundError
from ntkbook.data.idx import read_idx
from ntkbook.data.labels import random_labels, randomise_portion
from ntkbook.data.load import available, load
from ntkbook.data.sample import Sample
from ntkbook.data.sphere import near_parallel_pair, sphere, unit_rows
from ntkbook.data.targets import arctan_target, cosine, linear, power, quadratic

__all__ = [
    "DataNotFoundError",
    "Sample",
    "arctan_target",
    "available",
    "cosine",
    "linear",
    "load",
    "near_parallel_pair",
    "power",
    "quadratic",
    "random_labels",
    "randomise_portion",
    "read_batch",
    "read_idx",
    "sphere",
    "unit_rows",
]
