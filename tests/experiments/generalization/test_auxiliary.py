import numpy as np
import pytest
import torch

from ntkbook import data
from ntkbook.experiments.generalization import auxiliary
from ntkbook.networks import TwoLayer
from ntkbook.streams import Streams


def test_limit_has_the_norm_of_the_least_norm_solution_by_pseudo_inverse():
    sample = data.load("digits", n_train=10, n_test=0, rng=np.random.default_rng(0))
    found = auxiliary.measure(sample, Streams(0))
    x = torch.tensor(sample.x_train)
    start = TwoLayer.initialise(64, 200, Streams(0)("weights", 200), dtype=torch.float64)
    gates = (x @ start.weights >= 0) * start.output_weights / 200**0.5
    features = torch.einsum("nd,nm->ndm", x, gates).reshape(10, -1).numpy()  # Z(0)'
    for kind, y in {"true": sample.y_train, "random": data.random_labels(10, Streams(0)("labels", 0))}.items():
        least = np.linalg.norm(np.linalg.pinv(features) @ y)
        assert float(found.norm.sel(labels=kind)) == pytest.approx(least, rel=1e-6)
        assert float(found.expected.sel(labels=kind)) == pytest.approx(least, rel=1e-9)
