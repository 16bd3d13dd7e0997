"""Norms sqrt(y'H^-1 y) of a hundred label vectors against one: both pay for one factorisation."""

import numpy as np
import torch

from benchmarks.measure import Row, seconds, show
from ntkbook.data import sphere
from ntkbook.kernels import h_infinity
from ntkbook.label_norm import label_norms

N, D, LABELS = 4000, 50, 100


def rows(n: int = N, d: int = D, labels: int = LABELS, repeats: int = 5, *, device: str = "cpu") -> list[Row]:
    rng = np.random.default_rng(0)
    gram = h_infinity(torch.from_numpy(sphere(n, d, rng)).to(device))
    many = torch.from_numpy(rng.choice([-1.0, 1.0], (n, labels))).to(device)
    sweep, one = seconds(lambda: label_norms(gram, many), lambda: label_norms(gram, many[:, 0]), repeats=repeats)
    return [Row(f"norms of {labels} label vectors / of one, n = {n}", sweep / one, 1.5)]


if __name__ == "__main__":
    show(rows())
