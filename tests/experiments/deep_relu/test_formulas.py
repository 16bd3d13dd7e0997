"""The comparison with automatic differentiation sees what it should see."""

from dataclasses import replace

from ntkbook.experiments.deep_relu import formulas
from ntkbook.networks import DeepReLU
from ntkbook.streams import Streams

from .tiny import CONFIG


def measured(settings=CONFIG.formulas):
    return formulas.measure(formulas.Cell(0), settings, Streams(0), "cpu")


def test_formulas_agree_with_autograd_and_training_moved_the_net():
    found = measured()
    assert max(float(found.output), float(found.gradient), float(found.training)) < 1e-12
    longer = measured(replace(CONFIG.formulas, n_steps=30))
    assert 0 < float(longer.training) < 1e-12


def test_fan_in_is_told_from_fan_out(monkeypatch):
    """Variance 2 / m_{l-1} in the place of 2 / m_l, which equal widths would hide in all layers but the first."""
    initialise = DeepReLU.initialise

    def by_fan_in(d, widths, rng, **kind):
        net = initialise(d, widths, rng, **kind)
        fan_ins = (d, *widths)
        scaled = [w * (m / m_in) ** 0.5 for w, m, m_in in zip(net.weights, widths, fan_ins, strict=False)]
        return DeepReLU(tuple(scaled), net.output_weights)

    assert float(measured().spread) < 4
    monkeypatch.setattr(DeepReLU, "initialise", by_fan_in)
    assert float(measured().spread) > 8


def test_a_wrong_product_is_seen(monkeypatch):
    product = formulas.layer_product
    monkeypatch.setattr(formulas, "layer_product", lambda *of: product(*of) * (1 + 1e-9))
    assert 1e-10 < float(measured().output) < 1e-8


def test_a_wrong_gradient_is_seen(monkeypatch):
    gradient = formulas.loss_gradient
    monkeypatch.setattr(formulas, "loss_gradient", lambda *of: [g * (1 + 1e-9) for g in gradient(*of)])
    assert 1e-10 < float(measured().gradient) < 1e-8
