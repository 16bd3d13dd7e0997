"""The explorer `three_layer_learning` against the package and the committed record."""

import json

import numpy as np
import pytest
from pages import EXPLORERS

from ntkbook.book.explorers import part
from ntkbook.book.slices import DEGREES, circle, slicers
from ntkbook.data import figure_1_target, sphere
from ntkbook.experiments.judging import log_slope

SHIPPED = json.loads(EXPLORERS.joinpath("three_layer_learning", "data.json").read_text("utf-8"))
PARTS = {"trained": "sizes", "linear": "linear_sizes", "infinite": "kernels"}
KEYS = {"error": "test_error", "even": "even_error", "odd": "odd_error"}


def test_target_and_its_parts_are_those_of_the_package(ask):
    x = sphere(50, 4, np.random.default_rng(0))
    waves = figure_1_target()
    for name, expected in (("target", waves), ("even", waves.even), ("odd", waves.odd)):
        found = ask("three_layer_learning", *([name, point] for point in x.tolist()))
        assert found == pytest.approx(expected(x).tolist(), rel=1e-6, abs=1e-9)


def test_the_slice_is_the_great_circle_of_the_package(ask):
    assert SHIPPED["degrees"] == DEGREES.tolist()
    points = np.array(ask("three_layer_learning", *(["onCircle", t] for t in np.deg2rad(DEGREES))))
    assert points == pytest.approx(circle(), abs=1e-12)
    assert np.linalg.norm(points, axis=1) == pytest.approx(np.ones(len(DEGREES)))
    assert np.linalg.matrix_rank(points, tol=1e-9) == 2


def test_parts_of_a_slice_are_the_slices_of_the_parts(ask):
    waves = figure_1_target()
    whole = waves(circle()).tolist()
    for sign, expected in ((1, waves.even), (-1, waves.odd)):
        (found,) = ask("three_layer_learning", ["part", whole, sign])
        assert found == pytest.approx(expected(circle()).tolist(), abs=1e-9)


def test_shipped_slices_are_what_the_learners_say():
    say = slicers()
    for learner in SHIPPED["learners"]:
        if learner["kind"] != "trained":
            assert learner["said"][0] == pytest.approx(say[learner["kind"]](learner["name"], 250), abs=6e-4)


@pytest.mark.slow
def test_shipped_slices_are_what_the_nets_say():
    # A machine that rounds otherwise trains another net, 0.07 to 0.09 away on one; the next slice is 0.3 away.
    say, shipped = slicers()["trained"], {learner["name"]: learner["said"][0] for learner in SHIPPED["learners"]}
    for name in ("2 layers", "2 layers, constant coordinate"):
        distances = {other: np.square(say(name, 250) - said).mean() ** 0.5 for other, said in shipped.items()}
        assert distances.pop(name) < min(distances.values()) / 2


def test_shipped_slices_are_as_far_from_the_target_as_the_recorded_errors():
    waves = figure_1_target()
    f = waves(circle()) / SHIPPED["variance"] ** 0.5
    for learner in SHIPPED["learners"]:
        assert len(learner["said"]) == len(learner["n"])
        for said, error in zip(learner["said"], learner["error"], strict=True):
            assert np.square(np.array(said) - f).mean() < 12 * error + 1e-4


def test_shipped_errors_are_the_recorded_ones():
    parts = {kind: part("three_layer_learning", name) for kind, name in PARTS.items()}
    for learner in SHIPPED["learners"]:
        found = parts[learner["kind"]].sel(learner=learner["name"])
        assert learner["n"] == found["n"].values.tolist()
        for key, recorded in KEYS.items():
            assert learner[key] == pytest.approx(found[recorded].mean("seed").values.tolist(), rel=1e-6)
        assert learner["least"] == pytest.approx(found["test_error"].min("seed").values.tolist(), rel=1e-6)
        assert learner["largest"] == pytest.approx(found["test_error"].max("seed").values.tolist(), rel=1e-6)


def test_shipped_variance_is_that_of_the_target():
    waves = figure_1_target()
    assert SHIPPED["variance"] == pytest.approx(waves.sphere_variance(), rel=1e-6)
    assert SHIPPED["oddShare"] == pytest.approx(waves.odd.sphere_variance() / waves.sphere_variance(), rel=1e-6)


def test_slope_is_that_of_the_package(ask):
    learners = SHIPPED["learners"]
    found = ask("three_layer_learning", *(["slope", learner["n"], learner["error"]] for learner in learners))
    expected = [log_slope(np.array(learner["n"]), np.array(learner["error"])) for learner in learners]
    assert found == pytest.approx(expected, rel=1e-6)


def test_the_chapter_says_what_the_explorer_shows():
    by_name = {(learner["kind"], learner["name"]): learner for learner in SHIPPED["learners"]}
    raw = by_name["infinite", "2 layers, no biases (NTK)"]
    assert max(raw["odd"]) < 1.06 * SHIPPED["oddShare"]
    assert min(raw["odd"]) > 0.99 * SHIPPED["oddShare"]
    assert raw["even"] == sorted(raw["even"], reverse=True)
    three, two = by_name["trained", "3 layers"], by_name["trained", "2 layers"]
    assert all(a < b for a, b in zip(three["error"], two["error"], strict=True))
    gaussian = by_name["infinite", "Gaussian"]
    assert gaussian["error"][0] > three["error"][0]
    assert gaussian["error"][1] < three["error"][1]
