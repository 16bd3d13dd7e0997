import numpy as np
import pytest

from ntkbook.experiments.clustered_data import arrays


@pytest.mark.parametrize("kind", arrays.KINDS)
def test_error_arrays_have_largest_entry_one(kind):
    array = arrays.draw_array(kind, 6, 3, np.random.default_rng(0))
    assert array.shape == (6, 3)
    assert array.max() == 1
    assert array.min() >= -1
    assert (np.count_nonzero(array) == 1) == (kind == "one entry")
