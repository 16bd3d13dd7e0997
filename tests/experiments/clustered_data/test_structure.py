"""Which mixtures are trained on where the structure is varied."""

import numpy as np
import pytest
from rooms import tiny_record

from ntkbook import data
from ntkbook.experiments.clustered_data import structure
from ntkbook.records import part
from ntkbook.streams import Streams

from .tiny import CONFIG


@pytest.mark.parametrize("group", structure.VARIED)
def test_cells_of_a_group_differ_in_what_is_varied_and_in_their_seeds_alone(group):
    cells = CONFIG.grid.cells(group, range(2))
    assert len(cells) == len(set(cells)) == (8 if group == "dimension" else 4)
    for field in structure.fixed(group):
        (value,) = {getattr(cell, field) for cell in cells}
        base = {"mixture": "Gaussian", "sigma": 1.0, "n_classes": 3, "n_components": 2, "dim": 30}
        assert value == base[field]


def test_groups_of_the_record_have_their_values_and_components():
    record = tiny_record("clustered_data")
    for group, values in {"noise": (0.5, 2.0), "classes": (3, 4), "components": (1, 2), "dimension": (10, 40)}.items():
        assert tuple(part(record, group)[structure.VARIED[group]].values) == values
    classes, components, dimension = (part(record, group) for group in ("classes", "components", "dimension"))
    assert bool((classes.components == 2 * classes.n_classes).all())
    assert bool((components.components == 3 * components.n_components).all())
    assert dimension.mixture.values.tolist() == ["Gaussian", "separated"]


@pytest.mark.parametrize("mixture", structure.MIXTURES)
def test_the_net_is_trained_on_the_mixture_of_its_cell(mixture, monkeypatch):
    seen, train = [], structure.train

    def watched(tasks, *rest):
        seen.extend(tasks)
        return train(tasks, *rest)

    monkeypatch.setattr(structure, "train", watched)
    cell = structure.Cell(mixture, 0.5, 3, 2, 30, 1)
    structure.measure([cell], CONFIG.structure, Streams(0), "cpu")
    means = Streams(0)("means", 1)
    expected = (
        data.clustered_mixture(3, 2, 30, means, sigma=0.5)
        if mixture == "Gaussian"
        else data.separated_mixture(3, 2, 30, means)
    ).draw(60, Streams(0)("train", 1))
    np.testing.assert_allclose(seen[0].x, expected.x, atol=1e-6)
    assert seen[0].classes.tolist() == expected.classes.tolist()
