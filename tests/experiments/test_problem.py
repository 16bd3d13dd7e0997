"""What is learnt: its labels, its step size, and the hash that stands for it in the keys of cells."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ntkbook import data
from ntkbook.experiments.problem import LABELS, Problem, Settings
from ntkbook.experiments.sweep import identity
from ntkbook.streams import Streams


def sample(n=12, seed=0):
    return data.load("digits", n_train=n, n_test=0, rng=np.random.default_rng(seed))


def pose(images=None, settings=None, streams=None, device="cpu"):
    return Problem.pose(images or sample(), settings or Settings(), streams or Streams(0), device)


def test_label_vectors_have_the_norm_of_signs_and_the_worst_lies_along_the_slowest_direction():
    problem = pose()
    assert tuple(problem.labels) == LABELS
    for y in problem.labels.values():
        assert float(torch.linalg.vector_norm(y)) == pytest.approx(12**0.5, rel=1e-12)
    projections = problem.spectrum.project(problem.labels["worst"])
    np.testing.assert_allclose(projections[:-1], 0, atol=1e-12)
    np.testing.assert_array_equal(problem.labels["true"], sample().y_train)


def test_random_labels_are_the_first_draw_of_those_in_the_spectra():
    np.testing.assert_array_equal(pose().labels["random"], data.random_labels(12, Streams(0)("random labels", 0)))


def test_step_size_is_ten_over_n_unless_that_is_too_sharp():
    assert Settings().step_size(10_000, 1400.0) == 1e-3
    assert Settings().step_size(10_000, 3400.0) == 1.5 / 3400
    problem = pose()
    assert problem.step_size == Settings().step_size(12, problem.spectrum.lambda_max)
    assert problem.step_size * problem.spectrum.lambda_max <= 1.5 + 1e-12


def test_hash_tells_apart_all_that_a_problem_is_made_from():
    images = sample()
    problems = [
        pose(),
        pose(sample(13)),
        pose(sample(seed=1)),
        pose(replace(images, y_train=-images.y_train)),
        pose(settings=Settings(step_scale=9.0)),
        pose(settings=Settings(max_sharpness=1.4)),
        pose(streams=Streams(1)),
    ]
    assert len({problem.sha256 for problem in problems}) == len(problems)
    assert pose().sha256 == problems[0].sha256
    assert identity(problems[0]) == {"sha256": problems[0].sha256}
