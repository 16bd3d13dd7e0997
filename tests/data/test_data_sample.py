from dataclasses import replace

import numpy as np
import pytest

from ntkbook.data import Sample, sphere

RNG = np.random.default_rng(0)
X, X_TEST = sphere(4, 3, RNG), sphere(2, 3, RNG)
ARRAYS = {"x_train": X, "y_train": np.ones(4), "x_test": X_TEST, "y_test": -np.ones(2)}


def sample(**changed):
    return Sample(**{**ARRAYS, "name": "sphere", "source": "drawn", **changed})


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_are_read_only_and_the_callers_are_not(name):
    array = ARRAYS[name].copy()
    frozen = getattr(sample(**{name: array}), name)
    with pytest.raises(ValueError, match="read-only"):
        frozen[0] = 0
    array[0] = 0.5


@pytest.mark.parametrize("name", ARRAYS)
def test_hash_follows_every_array(name):
    changed = ARRAYS[name][::-1].copy()
    changed[0] *= -1
    assert sample(**{name: changed}).sha256 != sample().sha256
    assert sample(**{name: ARRAYS[name].copy()}).sha256 == sample().sha256


def test_hash_is_sha256_and_knows_values_not_layout():
    assert len(sample().sha256) == 64
    assert sample(x_train=np.asfortranarray(X)).sha256 == sample().sha256
    assert sample(name="other", source="elsewhere").sha256 == sample().sha256


def test_hash_tells_train_from_test():
    ones = np.ones(2)
    one = Sample(ones[:, None], ones, np.empty((0, 1)), np.empty(0), "s", "drawn")
    other = Sample(ones[:1, None], ones[:1], ones[:1, None], ones[:1], "s", "drawn")  # the same four numbers
    assert one.sha256 != other.sha256


def test_hash_follows_new_labels():
    noisy = replace(sample(), y_train=-np.ones(4))
    assert noisy.sha256 == sample(y_train=-np.ones(4)).sha256 != sample().sha256


def test_values_become_float64():
    assert sample(y_train=np.ones(4, dtype=np.int64)).y_train.dtype == np.float64


def test_no_test_data_are_allowed():
    assert sample(x_test=np.empty((0, 3)), y_test=np.empty(0)).x_test.shape == (0, 3)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"x_train": np.empty((0, 3)), "y_train": np.empty(0)}, "x_train: expected at least one entry"),
        ({"y_train": np.ones(3)}, r"y_train: expected shape .*n = 4 as in x_train, found \(3,\)"),
        ({"y_test": np.ones((2, 1))}, "y_test: expected shape .*t = 2 as in x_test, found"),
        ({"x_train": X[0]}, "x_train: expected shape"),
        ({"x_test": sphere(2, 4, RNG)}, r"x_test: expected shape .*d = 3 as in x_train, found \(2, 4\)"),
        ({"x_train": 2 * X}, r"x_train: expected rows of norm 1, found (2|1\.9).* in row 0"),
        ({"x_test": X_TEST * [[1], [np.nan]]}, "x_test: expected finite numbers, found nan in row 1"),
        ({"y_train": np.array([1, np.nan, 1, 1])}, "y_train: expected finite numbers, found nan"),
    ],
)
def test_arrays_that_do_not_fit_are_an_error(changed, message):
    with pytest.raises(ValueError, match=message):
        sample(**changed)
