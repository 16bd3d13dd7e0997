import numpy as np
import pytest

from ntkbook.bounds import arora2019 as bounds
from ntkbook.experiments.learnable_functions import rival


def test_our_terms_sum_to_the_bound_of_the_example_and_the_rivals_ratio_is_theirs():
    terms = rival.measure()
    assert float(terms.ours.sum()) == pytest.approx(bounds.example_6_4_norm(1.0), rel=1e-12)
    ratio = terms.theirs.isel(term=-1) / terms.theirs.isel(term=-2) * 79 / 77
    np.testing.assert_allclose(ratio, terms.ratio)
