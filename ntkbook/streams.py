"""Random streams by name: one independent generator for each purpose and cell, and nothing global."""

import hashlib
from dataclasses import dataclass

import numpy as np

from ntkbook.expect import expects
from ntkbook.wants import natural


@expects(seed=natural)
@dataclass(frozen=True)
class Streams:
    """The random streams of an experiment.

    A stream is named by its purpose and by whole numbers that tell the cells apart:
    ``streams("weights", width, seed)``. Different names or numbers give independent streams, and a stream depends on
    nothing else: adding one leaves the others as they are.
    """

    seed: int
    """Root of every stream."""

    @expects(key=natural)
    def __call__(self, name: str, *key: int) -> np.random.Generator:
        """Generator of a stream.

        Parameters
        ----------
        name : str
            The purpose, such as "weights".
        *key : int
            Whole numbers >= 0 that name the cell.

        Returns
        -------
        numpy.random.Generator
            At the beginning of the stream.
        """
        purpose = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(purpose, *key)))
