"""Laws of the certificates against n and against the distance of two inputs."""

import numpy as np
import pytest
from rooms import tiny_record

from ntkbook import data
from ntkbook.experiments.deep_generalization import certificates, close_pair, tasks
from ntkbook.streams import Streams

from .tiny import CONFIG


def test_more_points_and_more_noise_never_help():
    found = tiny_record("deep_generalization")["certificates"].dataset.certificate
    assert bool((found.diff("n") <= 0).all())
    last = found.isel(n=-1).mean("seed")
    assert bool((last.sel(portion=1) < last.sel(portion=0)).all())


def test_margin_data_stay_above_half_their_margin_with_one_layer():
    settings = certificates.Settings(sizes=(50, 300), width=2000)
    cell = certificates.Cell("sphere, margin", 1, 0, 0)
    found = certificates.measure(cell, settings, {}, Streams(0), "cpu").certificate
    assert float(found.min()) > 0.95 * tasks.RHO / 2


def test_portion_zero_keeps_the_labels_and_a_contradiction_has_the_certificate_zero(monkeypatch):
    settings = certificates.Settings(sizes=(5, 10), width=32)
    seen = []
    monkeypatch.setattr(certificates, "gradient_certificate", lambda net, x, y: seen.append(y) or 1.0)
    certificates.measure(certificates.Cell("sphere, margin", 1, 0, 0), settings, {}, Streams(0), "cpu")
    np.testing.assert_array_equal(seen[1], tasks.draw("sphere, margin", 10, 0, {}, Streams(0)).y_train)
    monkeypatch.undo()
    one = np.full((10, 3), 3**-0.5)
    twice = data.Sample(one, np.array([1.0, -1.0] * 5), one[:0], np.zeros(0), "twice", "one point")
    monkeypatch.setattr(tasks, "draw", lambda *_: twice)
    found = certificates.measure(certificates.Cell("any", 1, 0, 0), settings, {}, Streams(0), "cpu").certificate
    assert not found.any()


def test_close_pairs_have_the_exact_root_mean_square():
    settings = close_pair.Settings(angles=(1e-3, 0.1, 0.5))
    nets = [close_pair.measure(close_pair.Cell(400, seed), settings, Streams(0), "cpu") for seed in range(300)]
    found = np.sqrt(np.mean([net.certificate.values**2 for net in nets], axis=0))
    np.testing.assert_allclose(found, close_pair.expected(settings).expected, rtol=0.1)


def test_no_gate_between_two_inputs_leaves_a_linear_law():
    """All m/2 open gates are shared: B = |x - x'| / sqrt(8) for a small angle."""
    pairs = tiny_record("deep_generalization")["close_pair"].dataset.certificate.sel(width=4096)
    near = pairs.sel(angle=[1e-6, 1e-5]).median("seed")
    np.testing.assert_allclose(near / near.angle, 8**-0.5, rtol=0.05)
    assert CONFIG.pairs.angles[0] == pytest.approx(float(near.angle[0]))
