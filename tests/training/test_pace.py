import numpy as np
import pytest
import torch

from ntkbook.training.pace import Pace


@pytest.mark.parametrize(("spent", "allowed"), [(0.0, 0.25), (0.1, 0.2), (0.4, 0.05), (2.0, 0.0)])
def test_a_window_may_add_half_of_what_is_left_of_half_of_rtol(spent, allowed):
    pace, scale, rtol = Pace(1e-2, 50.0), 50.0, 1e-2
    gap = torch.from_numpy(np.random.default_rng(0).standard_normal(20))
    gap *= spent * rtol * scale / torch.linalg.vector_norm(gap)
    assert pace.spare(gap) == pytest.approx(allowed * rtol * scale)
    assert pace.tolerance == pytest.approx(allowed * rtol)
