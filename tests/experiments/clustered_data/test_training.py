"""How nets are trained: what they share, and how many there are side by side."""

import numpy as np
import pytest
import torch
from rooms import tiny_record

from ntkbook.experiments import catalogue
from ntkbook.experiments.clustered_data import experiment, nets, synthetic, training
from ntkbook.streams import Streams

from .tiny import CONFIG


def test_data_and_batches_are_the_same_at_every_width(monkeypatch):
    seen, train = [], training.sgd_ensemble

    def watched(starts, x, classes, **settings):
        seen.append((starts[0].width, x[0].clone(), classes[0].clone(), settings["rngs"][0].integers(10**9)))
        return train(starts, x, classes, **settings)

    monkeypatch.setattr(training, "sgd_ensemble", watched)
    for width, seed in ((32, 1), (128, 1), (32, 0)):
        synthetic.measure([nets.Cell(width, seed)], CONFIG.synthetic, Streams(0), "cpu")
    (_, x, y, batches), (_, x_wide, y_wide, batches_wide), (_, x_other, _, batches_other) = seen
    assert torch.equal(x, x_wide)
    assert torch.equal(y, y_wide)
    assert batches == batches_wide != batches_other
    assert not torch.equal(x, x_other)


def test_seeds_side_by_side_give_the_record_of_one_after_another(monkeypatch):
    groups, train = [], training.sgd_ensemble

    def watched(starts, x, classes, **settings):
        groups.append(len(starts))
        return train(starts, x, classes, **settings)

    monkeypatch.setattr(training, "sgd_ensemble", watched)
    monkeypatch.setattr(experiment, "nets_at_once", lambda *sizes: 2)
    together, record = catalogue.get("clustered_data").run(CONFIG, n_jobs=1), tiny_record("clustered_data")
    assert set(groups) == {2}
    for part in record.subtree:
        for name, values in part.data_vars.items():
            found = together[f"{part.path}/{name}"]
            np.testing.assert_allclose(found, values, rtol=1e-3, atol=1e-3, err_msg=f"{part.path}/{name}")


def test_nets_at_once_are_one_on_a_cpu_and_on_a_gpu_what_half_its_memory_holds(monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (6 * 10**9, 10**10))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 3 * 10**9)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 10**9)
    assert training.nets_at_once("cpu", 1000, 16_000, 1000, 1) == 1
    assert training.nets_at_once("cuda:0", 1000, 1000, 1000, 1) == 142  # 4e9 bytes / (7e6 floats of 4 bytes)
    assert training.nets_at_once("cuda:0", 1000, 1000, 1000, 3) == 47
    assert training.nets_at_once("cuda", 1000, 10**7, 1000, 1) == 1


@pytest.mark.parametrize("group", ["synthetic", "separated", "images"])
def test_every_run_begins_at_its_start_and_leaves_it(group):
    measured = tiny_record("clustered_data")[group].to_dataset()
    first = measured.isel(step=0)
    assert float(first.flipped.max()) == float(first.distance.max()) == float(first.pseudo_gap.max()) == 0
    assert bool((measured.end_distance > 0).all())


def test_recipe_records_each_of_its_first_steps_and_a_logarithmic_grid():
    assert training.Recipe(n_steps=100, per_decade=1, first=3).recorded == [0, 1, 2, 3, 10, 100]
    assert training.Recipe(n_steps=2, per_decade=1, first=5).recorded == [0, 1, 2]
    assert training.Recipe(n_steps=100, per_decade=1).recorded == [0, 1, 10, 100]


@pytest.mark.parametrize("profile", ["quick", "laptop", "paper"])
def test_first_steps_of_mixtures_are_those_of_the_first_pass(profile):
    config = catalogue.get("clustered_data").profiles[profile]
    for settings in (config.synthetic, config.separated, config.structure):
        passed = settings.recipe.first * settings.recipe.batch_size
        assert settings.n_points - settings.recipe.batch_size < passed <= settings.n_points
