"""The explorer `clustered_data` against the package: the same start and points, the same net after training."""

import numpy as np
import pytest
import torch

from ntkbook import data
from ntkbook.diagnostics import Probe
from ntkbook.networks import TwoLayerClassifier
from ntkbook.training import sgd

WIDTH, STEPS, ETA = 30, 200, 10 / 30


@pytest.fixture(scope="module", params=[False, True], ids=["plane", "lifted"])
def both(request, ask):
    """Start, inputs, classes and the package's trained net; and the explorer's weights after the same steps."""
    rng = np.random.default_rng(0)
    points = data.xor_mixture(radius=0.3, lifted=request.param).draw(40, rng)
    x, classes = torch.tensor(points.x), torch.tensor(points.classes)
    start = TwoLayerClassifier.initialise(x.shape[1], WIDTH, 2, rng, dtype=torch.float64)
    path = sgd(start, x, classes, step_size=ETA, batch_size=40, n_steps=STEPS, rng=rng)
    given = [flat(start.weights), flat(start.output_weights), x.tolist(), classes.tolist()]
    (found,) = ask("clustered_data", ["train", *given, ETA, STEPS])
    return start, x, classes, path.network, found


def flat(weights):
    """Weights (d, m) as the explorer holds them, neuron by neuron."""
    return weights.T.reshape(-1).tolist()


def test_full_batch_training_gives_the_weights_of_the_package(both):
    *_, network, found = both
    assert found == pytest.approx(flat(network.weights), rel=1e-6, abs=1e-9)


def test_outputs_are_those_of_the_package(both, ask):
    _, x, _, network, _ = both
    given = [flat(network.weights), flat(network.output_weights)]
    found = ask("clustered_data", *(["outputs", *given, point] for point in x.tolist()))
    assert np.array(found) == pytest.approx(network(x).numpy(), rel=1e-6, abs=1e-12)


def test_probe_is_that_of_the_package(both, ask):
    start, x, classes, network, _ = both
    layers = [flat(network.weights), flat(start.weights), flat(start.output_weights)]
    (found,) = ask("clustered_data", ["probe", *layers, x.tolist(), classes.tolist()])
    expected = Probe(start, x, classes)(network.weights)
    assert expected["distance"] > 0.1
    assert expected["flipped"] > 0
    assert found == pytest.approx({key: expected[key] for key in found}, rel=1e-6)


def test_lifted_inputs_are_those_of_the_mixture(ask):
    points = np.random.default_rng(1).uniform(-1, 3, (20, 2))
    (found,) = ask("clustered_data", ["inputsOf", points.tolist(), True])
    assert np.array(found) == pytest.approx(data.unit_rows(np.column_stack([points, np.ones(20)])), rel=1e-9)


def test_discs_hold_their_points_uniformly(ask):
    (found,) = ask("clustered_data", ["drawDiscs", 3, 2000, 0.5])
    means = np.repeat(data.xor_mixture().means, 2000, axis=0)
    radii = np.linalg.norm(np.array(found["points"]) - means, axis=1)
    assert radii.max() <= 0.5
    assert (radii**2).mean() == pytest.approx(0.125, rel=0.03)
    assert found["classes"] == np.repeat([0, 0, 1, 1], 2000).tolist()


def test_starts_have_the_moments_of_assumption_a3(ask):
    (found,) = ask("clustered_data", ["drawNet", 1, 3, 3000])
    assert np.var(found["weights"]) * 3000 == pytest.approx(1, rel=0.06)
    assert np.var(found["outer"]) == pytest.approx(1, rel=0.08)
    assert (len(found["weights"]), len(found["outer"])) == (9000, 6000)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_only_lifted_nets_learn_all_four_discs(ask, seed):
    """What the chapter says of the picture, at its first settings."""
    (discs,) = ask("clustered_data", ["drawDiscs", seed, 25, 0.3])
    right = {}
    for lifted in (False, True):
        views = ["inputsOf", discs["points"], lifted], ["drawNet", seed + 1000, 2 + lifted, 100]
        x, net = ask("clustered_data", *views)
        (weights,) = ask("clustered_data", ["train", *net.values(), x, discs["classes"], 0.1, 20 if lifted else 2000])
        (now,) = ask("clustered_data", ["probe", weights, *net.values(), x, discs["classes"]])
        right[lifted] = now["accuracy"]
    assert right[False] < right[True] == 1
