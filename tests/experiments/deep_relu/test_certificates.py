"""Laws that margins of a tiny run obey."""

import numpy as np
import pytest
import torch
from rooms import tiny_record

from ntkbook.experiments.deep_relu import certificates, tasks
from ntkbook.streams import Streams

from .tiny import CONFIG


@pytest.fixture
def margins():
    return tiny_record("deep_relu")["certificates"].to_dataset()


def test_margins_fall_with_every_sample_that_is_added(margins):
    same_net_and_labels = margins.sel(task=["true", "margin"])
    assert bool((same_net_and_labels.certificate.diff("n") <= 1e-12).all())


def test_no_margin_is_below_what_the_proof_says(margins):
    assert bool((margins.certificate > margins.proof).all())


def test_proof_on_points_with_a_margin_does_not_fall_below_that_of_the_direction_known():
    sample = CONFIG.gap.sample(200, Streams(0))
    x, y = torch.tensor(sample.x_train), torch.tensor(sample.y_train)
    assert certificates.proof(1, x, y) >= CONFIG.gap.rho / 8**0.5
    assert certificates.proof(2, x, y) >= 2.0**-2 / 8**0.5 * CONFIG.gap.rho / (2 * np.pi) ** 0.5
    assert certificates.proof(3, x, y) == pytest.approx(certificates.proof(2, x, y) / 2)


def test_margin_of_one_point_is_the_length_of_its_feature():
    """sqrt of the share of open gates at L = 1, for a unit input."""
    samples = {tasks.IMAGES: CONFIG.gap.sample(1, Streams(0)), tasks.GAPPED: CONFIG.gap.sample(1, Streams(0))}
    found = certificates.measure(
        certificates.Cell("true", 1, 1, 0), certificates.Settings(width=64), samples, Streams(0), "cpu"
    )
    w = Streams(0)("weights", 1, 64, 0).standard_normal((5, 64))
    share = (samples[tasks.IMAGES].x_train[0] @ w > 0).mean()
    assert float(found.certificate) == pytest.approx(share**0.5)
