from dataclasses import replace

import pytest
import torch

from ntkbook.experiments.clustered_data import labels
from ntkbook.streams import Streams

from .tiny import CONFIG


def test_random_labels_are_of_the_same_points_and_independent_of_the_true_ones(monkeypatch):
    seen, train = [], labels.train

    def watched(tasks, *rest):
        seen.extend(tasks)
        return train(tasks, *rest)

    monkeypatch.setattr(labels, "train", watched)
    cells = [labels.Cell(kind, 0) for kind in labels.LABELS]
    labels.measure(cells, replace(CONFIG.labels, n_points=600), Streams(0), "cpu")
    true, random = seen
    assert torch.equal(true.x, random.x)
    assert torch.equal(random.x_test, random.x)
    assert torch.equal(random.classes_test, random.classes)
    assert float((true.classes == random.classes).double().mean()) == pytest.approx(1 / 3, abs=0.08)
