"""Laws of nets on labels that are in part random."""

import numpy as np
from rooms import tiny_record

from ntkbook.experiments.two_layer_learning import memory
from ntkbook.streams import Streams

from .tiny import CONFIG


def test_only_the_labels_differ_between_portions(monkeypatch):
    seen = {}

    def watched(runs, *args, **kwargs):
        seen[len(seen)] = runs[0]
        return train(runs, *args, **kwargs)

    train = memory.train
    monkeypatch.setattr(memory, "train", watched)
    for portion in (0.0, 0.5, 1.0):
        memory.measure(memory.Cell(portion, 0), CONFIG.memory, Streams(0), "cpu")
    for run in seen.values():
        np.testing.assert_array_equal(run.x, seen[0].x)
    for part in (seen[1].y != seen[0].y, seen[1].watched["test"][1] != seen[0].watched["test"][1]):
        assert part.mean() == 0.5
    assert (seen[2].y != seen[0].y).all()
    assert np.isin(seen[1].y, np.concatenate([seen[0].y, seen[2].y])).all()


def test_random_labels_cost_their_variance_before_anything_is_learnt():
    found = tiny_record("two_layer_learning")["memory"].dataset
    start = found.test.sel(portion=1.0).isel(step=0)
    assert bool((start > 0.5).all())
    assert bool((found.train.isel(step=-1) < found.train.isel(step=0)).all())
