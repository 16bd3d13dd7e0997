"""The parts of the figure's half follow the device; fake tensors tell, without a GPU."""

import pytest
from fake_device import fake_device, to_numpy

from ntkbook.experiments.three_layer_learning import learners, linear
from ntkbook.experiments.three_layer_learning.targets import task
from ntkbook.spectrum import Spectrum
from ntkbook.streams import Streams
from ntkbook.training import recording

STREAMS = Streams(0)
X, Y = task("composed", 60, 0, STREAMS).train
POINT = {"step": 0.3, "decay": 1e-5, "rise": 3.0}


@pytest.fixture(autouse=True)
def _fake_numbers(monkeypatch):
    """What a device answers only with numbers: the largest eigenvalue, and what is brought to NumPy."""
    for module in (recording, learners, linear):
        monkeypatch.setattr(module, "to_numpy", to_numpy)
    monkeypatch.setattr(linear, "eigendecompose", lambda gram: Spectrum(gram[0], gram))
    monkeypatch.setattr(learners, "step_unit", lambda gram, *_, **__: float(to_numpy(gram).sum()) + 0.1)


@pytest.mark.parametrize("kind", learners.KINDS)
def test_trained_learners_stay_on_the_device(monkeypatch, kind):
    with fake_device(monkeypatch):
        train = learners.Trained(learners.KINDS[kind], 8, 20, STREAMS, 0, "lazy")
        fits = train(X, Y, [POINT, {**POINT, "rise": 1.0}])
        assert [fit and fit.predict(X).shape for fit in fits] == [(60,), (60,)]


@pytest.mark.parametrize("width", [0, 8])
@pytest.mark.parametrize("name", linear.LEARNERS)
def test_linear_learners_stay_on_the_device(monkeypatch, name, width):
    with fake_device(monkeypatch):
        kernel = linear.kernel_of(name, width, 0, STREAMS, "lazy")
        (fit,) = linear.Ridge(lambda _: kernel, "lazy")(X, Y, [{"ridge": 0.1}])
        assert fit is not None
        assert fit.predict(X[:7]).shape == (7,)


def test_gaussian_kernel_stays_on_the_device(monkeypatch):
    with fake_device(monkeypatch):
        fits = linear.Ridge(lambda point: linear.gaussian(point["bandwidth"]), "lazy")(
            X, Y, [{"ridge": 0.1, "bandwidth": length} for length in (0.5, 1.0)]
        )
        assert len(fits) == 2
