"""The parts of the algorithm's half follow the device; fake tensors tell, without a GPU."""

import pytest
from fake_device import fake_device, to_numpy

from ntkbook.experiments.three_layer_learning import algorithm_one, algorithm_runs, frozen_patterns, scaling
from ntkbook.streams import Streams
from ntkbook.training import recording

from .tiny import ALGORITHM


@pytest.fixture(autouse=True)
def _fake_numbers(monkeypatch):
    """What a device answers only with numbers: the largest eigenvalue, and what is brought to NumPy."""
    monkeypatch.setattr(recording, "to_numpy", to_numpy)
    for module in (algorithm_runs, frozen_patterns):
        monkeypatch.setattr(module, "step_unit", lambda gram, *_, **__: float(to_numpy(gram).sum()) + 0.1)
    monkeypatch.setattr(algorithm_runs, "last_quarter_slope", lambda *_: 0.0)


def test_algorithm_1_stays_on_the_device(monkeypatch):
    with fake_device(monkeypatch):
        cells = [algorithm_one.Cell(variant, 0) for variant in ("full", "plain")]
        found = algorithm_one.measure(cells, ALGORITHM.one, Streams(0), "lazy")
    assert [run.sizes["round"] for run in found] == [5, 5]


@pytest.mark.parametrize("depth", [2, 3])
def test_frozen_patterns_stay_on_the_device(monkeypatch, depth):
    with fake_device(monkeypatch):
        cells = [frozen_patterns.Cell(depth, task, 8, 0) for task in frozen_patterns.TASKS]
        found = frozen_patterns.measure(cells, ALGORITHM.frozen, Streams(0), "lazy")
    assert len(found) == 2


def test_scaling_stays_on_the_device(monkeypatch):
    with fake_device(monkeypatch):
        assert float(scaling.measure(scaling.Cell(0.5, 0), 10, Streams(0), "lazy").plain_gap) == 1.0
