"""Laws that the numbers of a tiny run of `clustered_data` obey, and what becomes of its cells."""

import importlib
from typing import Any

import numpy as np
import pytest
import tiny
import torch

from ntkbook import data
from ntkbook.bounds import li2018 as bounds
from ntkbook.experiments import clustered_runs as runs
from ntkbook.experiments import clustered_simple as simple
from ntkbook.experiments import clustered_training as training
from ntkbook.networks import TwoLayerClassifier


@pytest.fixture
def record():
    return tiny.record("clustered_data")


def test_every_run_begins_where_it_starts(record):
    for prefix in ("synthetic", "printed", "gentle"):
        first = record.isel({f"{prefix}_step": 0})
        assert float(first[f"{prefix}_flipped"].max()) == float(first[f"{prefix}_distance"].max()) == 0
        assert bool((record[f"{prefix}_end_distance"] > 0).all())
    for pace in ("slow", "paper"):
        assert bool((record[f"{pace}_coupled"].isel({f"{pace}_step": 0}) == 1).all())


def test_energy_of_the_spectrum_is_the_square_of_the_distance(record):
    config = tiny.config("clustered_data")
    for m in config.widths:
        for seed in range(config.n_seeds):
            net = record.sel(width=m, seed=seed)
            rng = runs.cell_generator(0, training.WEIGHTS, seed, m)
            start = TwoLayerClassifier.initialise(config.dim, m, config.n_classes, rng)
            moved = float(np.linalg.norm(net.synthetic_spectrum_update))
            expected = float(net.synthetic_end_distance) * float(start.weights.norm())
            assert moved == pytest.approx(expected, rel=1e-4)  # all of at most 40 singular values are kept


def test_bound_of_lemma_5_1_is_that_of_the_step(record):
    config = tiny.config("clustered_data")
    m = config.width_simple
    for pace, rate in (("slow", config.rate_simple), ("paper", config.rate)):
        expected = [bounds.lemma_5_1_coupled(rate / m, int(t), 3, 2, m**-0.5) for t in record[f"{pace}_step"]]
        np.testing.assert_allclose(record[f"{pace}_bound"], [expected] * config.n_seeds)


def test_differences_over_neurons_are_zero_for_the_coupled_ones(record):
    for pace in ("slow", "paper"):
        share = float(record[f"{pace}_coupled"].isel({f"{pace}_step": -1}).mean("seed").min())
        within = record[f"{pace}_difference"].sel(quantile=record["quantile"] <= share - 0.05)
        assert float(within.max()) <= 1e-12
        assert float(record[f"{pace}_difference"].max()) <= 1e3


def test_differences_are_relative_to_the_pseudo_gradient_of_each_neuron(monkeypatch):
    config, kept = tiny.config("clustered_data", n_steps=3), {}
    train: Any = simple.sgd

    def watched(start, x, classes, **settings):
        plain = {name: value for name, value in settings.items() if name != "observe"}
        kept.update(start=start, x=x, classes=classes, end=train(start, x, classes, **plain))
        return train(start, x, classes, **settings)

    monkeypatch.setattr(simple, "sgd", watched)
    found = simple.simple_run(simple.Simple("paper", 1), config, "cpu")
    start, x, end = kept["start"], kept["x"], kept["end"].network
    error = torch.softmax(end(x), 1) - torch.nn.functional.one_hot(kept["classes"], 3)
    pull = error @ start.output_weights / 6
    gradient, pseudo = (x.T @ (pull * (x @ weights >= 0)) for weights in (end.weights, start.weights))
    relative = ((gradient - pseudo).norm(dim=0) / pseudo.norm(dim=0)).nan_to_num(0.0, posinf=1e3).clamp(max=1e3)
    expected = np.quantile(relative.numpy(), simple.QUANTILES)
    np.testing.assert_allclose(found.paper_difference, expected, rtol=1e-6, atol=1e-9)


def test_error_falls_and_the_largest_error_with_it(record):
    assert bool((record.paper_v.isel(paper_step=-1) < record.paper_v.isel(paper_step=0) / 2).all())
    assert bool((record.paper_accuracy.isel(paper_step=-1) == 1).all())
    assert bool((record.paper_v <= 1 / 6).all())


def test_large_counts_the_neurons_above_the_norm_of_the_lemma():
    norms = torch.tensor([0.0, 0.05, 0.2, 0.4, 0.1, 0.0, 0.0, 0.0], dtype=torch.float64)
    found = simple.large(norms, 1.0, 0.5, 2, 1)  # norm 0.25, share 1/8, so one neuron
    assert found["large"] == 1 / 8
    assert found["reach"] == pytest.approx(0.4 / 0.25)
    assert found["norm"] == pytest.approx(float(norms.square().mean().sqrt()))


@pytest.mark.parametrize("kind", ["one entry", "signs", "uniform", "rank one"])
def test_error_arrays_have_largest_entry_one(kind):
    array = simple.draw_array(kind, 6, 3, np.random.default_rng(0))
    assert array.shape == (6, 3)
    assert array.max() == 1
    assert array.min() >= -1
    assert (np.count_nonzero(array) == 1) == (kind == "one entry")


def test_pair_of_points_has_its_distance_and_the_norms_of_two_opposite_errors():
    config = tiny.config("clustered_data", width_simple=20_000)
    found = simple.pair_run(simple.Pair(0.5, 0), config, "cpu")
    # E |(1{on both} (x - x') + 1{on one} x)|^2 E (a_1 - a_2)^2 = ((pi - t)/(2 pi) delta^2 + t/pi) * 2, t the angle
    angle = 2 * np.arcsin(0.25)
    expected = ((np.pi - angle) / (2 * np.pi) * 0.25 + angle / np.pi) * 2
    assert float(found.pair_norm) ** 2 == pytest.approx(expected, rel=0.05)


def test_assumptions_are_measured_on_the_data_of_the_chapter(record):
    assert record["set"].values.tolist()[:2] == ["synthetic", "separated"]
    row = record.sel(set="separated")
    assert float(row.set_lambda) <= float(row.set_allowed) == 1 / 16
    assert float(record.sel(set="MNIST, an image one component").set_lambda) < 1e-6
    assert float(record.sel(set="XOR, planar").set_norm_min) < 0.05


def test_data_and_batches_are_the_same_at_every_width(monkeypatch):
    config, seen = tiny.config("clustered_data"), []
    train = training.sgd_ensemble

    def watched(starts, x, classes, **settings):
        seen.append((starts[0].width, x[0].clone(), classes[0].clone(), settings["rngs"][0].integers(10**9)))
        return train(starts, x, classes, **settings)

    monkeypatch.setattr(training, "sgd_ensemble", watched)
    for width in (32, 128):
        runs.synthetic_run([runs.Net(width, 1)], config, "cpu")
    runs.synthetic_run([runs.Net(32, 0)], config, "cpu")
    (_, x, y, batches), (_, x_wide, y_wide, batches_wide), (_, x_other, _, batches_other) = seen
    assert torch.equal(x, x_wide)
    assert torch.equal(y, y_wide)
    assert batches == batches_wide != batches_other
    assert not torch.equal(x, x_other)


def test_random_labels_are_of_the_same_points_and_independent_of_the_true_ones(monkeypatch):
    config, seen = tiny.config("clustered_data", n_points=600), []
    train = runs.train

    def watched(tasks, width, keys):
        seen.extend(tasks)
        return train(tasks, width, keys)

    monkeypatch.setattr(runs, "train", watched)
    runs.labels_run([runs.Labels(kind, 0) for kind in ("true", "random")], config, "cpu")
    true, random = seen
    assert torch.equal(true.x, random.x)
    assert torch.equal(random.x_test, random.x)
    assert torch.equal(random.classes_test, random.classes)
    assert float((true.classes == random.classes).double().mean()) == pytest.approx(1 / 3, abs=0.08)


def test_xor_region_is_that_of_the_net_on_its_plane():
    config = tiny.config("clustered_data", n_points=400, n_steps_xor=400, width_xor=300)
    (found,) = runs.xor_run([runs.Xor("lifted, 0.02", 0)], config, "cpu")
    assert float(found.xor_accuracy) == 1
    centres = [(0, 0), (2, 2), (0, 2), (2, 0)]
    at_centres = [float(found.xor_region.sel(xor_x=a, xor_y=b, method="nearest")) for a, b in centres]
    assert at_centres == [0, 0, 1, 1]
    planar = runs.xor_run([runs.Xor("planar", 0)], config, "cpu")[0].xor_region
    inner = planar.sel(xor_x=slice(-0.01, 1.26), xor_y=slice(-0.01, 1.26)).values  # 0, 0.025, ..., 1.25
    outer = planar.sel(xor_x=slice(-0.01, 2.51), xor_y=slice(-0.01, 2.51)).values
    assert (outer[2::2, 2::2] == inner[1:, 1:]).mean() > 0.99  # a cone: the same at 2x as at x


def test_seeds_side_by_side_give_the_record_of_one_after_another(record, monkeypatch):
    experiment, groups = importlib.import_module("ntkbook.experiments.clustered_data"), []
    train = training.sgd_ensemble

    def watched(starts, x, classes, **settings):
        groups.append(len(starts))
        return train(starts, x, classes, **settings)

    monkeypatch.setattr(training, "sgd_ensemble", watched)
    monkeypatch.setattr(experiment, "nets_at_once", lambda *sizes: 2)
    together = experiment.run(tiny.config("clustered_data"), device="cpu")
    assert set(groups) == {2}
    assert set(together.data_vars) == set(record.data_vars)
    for name in record.data_vars:
        np.testing.assert_allclose(together[name], record[name], rtol=1e-3, atol=1e-3, err_msg=str(name))


def test_nets_at_once_are_one_on_a_cpu_and_on_a_gpu_what_half_its_memory_holds(monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (6 * 10**9, 10**10))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 3 * 10**9)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 10**9)
    assert training.nets_at_once("cpu", 1000, 16_000, 1000, 1) == 1
    assert training.nets_at_once("cuda:0", 1000, 1000, 1000, 1) == 142  # 4e9 bytes / (7e6 floats of 4 bytes)
    assert training.nets_at_once("cuda:0", 1000, 1000, 1000, 3) == 47
    assert training.nets_at_once("cuda", 1000, 10**7, 1000, 1) == 1


@pytest.mark.slow
def test_paper_s_synthetic_data_give_the_numbers_measured_before():
    """Accuracy 1.00; flipped 0.069 and 0.036; relative distance 0.042 and 0.022, at m = 250 and 1000."""
    sizes = {"n_classes": 10, "dim": 1000, "dim_structure": 40, "dims": (20, 40)}
    config = tiny.config("clustered_data", **sizes, n_points=1000, batch_size=16, n_steps=400)
    for width, flipped, distance in ((250, 0.069, 0.042), (1000, 0.036, 0.022)):
        nets = runs.synthetic_run([runs.Net(width, seed) for seed in range(3)], config, "cpu")
        assert all(float(net.synthetic_end_accuracy) >= 0.999 for net in nets)
        assert np.mean([net.synthetic_end_flipped for net in nets]) == pytest.approx(flipped, rel=0.15)
        assert np.mean([net.synthetic_end_distance for net in nets]) == pytest.approx(distance, rel=0.15)
        gaps = [float(net.synthetic_spectrum_update[19] / net.synthetic_spectrum_update[20]) for net in nets]
        assert 3 < np.mean(gaps) < 7  # measured before: 3.4 to 6; one draw of the means may lie outside


def test_images_of_the_figure_are_those_of_the_sample(record):
    sample = data.load_classes("digits", n_train=200, n_test=50, rng=runs.cell_generator(0, 20))
    assert sample.sha256 in record.attrs["data_sha256"]
