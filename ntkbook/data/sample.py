"""The data of one experiment: what `load` returns and everything downstream reads."""

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ntkbook.expect import expects
from ntkbook.wants import none_or

_ARRAYS = ("x_train", "y_train", "x_test", "y_test")
_UNIT_NORM_TOLERANCE = 1e-9


@expects(x_train="n d", y_train="n", x_test=none_or("t d"), y_test=none_or("t"))
@dataclass(frozen=True, eq=False)
class Sample:
    """Training and test data of an experiment, frozen, with read-only arrays.

    To change the labels, ``dataclasses.replace(sample, y_train=noisy)``: the hash follows.

    Raises
    ------
    ValueError
        If the shapes do not fit together, an entry is not finite, or an input's norm is not 1 where it must be.
    """

    x_train: NDArray[np.float64]
    """Training inputs (n, d), rows of unit Euclidean norm unless `unit_norm` is False."""
    y_train: NDArray[np.float64]
    """Training labels (n,): +1 and -1 for two classes, numbers 0..k-1 for several, or real targets."""
    x_test: NDArray[np.float64]
    """Test inputs (n_test, d), scaled likewise; n_test may be 0."""
    y_test: NDArray[np.float64]
    """Test labels (n_test,)."""
    name: str
    """Name of the data set, such as "mnist"."""
    source: str
    """Where the data came from, a short phrase for under a figure."""
    unit_norm: bool = True
    """Whether every input must have norm 1, as all four papers assume."""
    sha256: str = field(init=False)
    """SHA-256 of the shapes and values of the four arrays, in hexadecimal."""

    def __post_init__(self):
        digest = hashlib.sha256()
        for name in _ARRAYS:
            array = np.ascontiguousarray(getattr(self, name), dtype="<f8").view()
            array.flags.writeable = False
            object.__setattr__(self, name, array)
            digest.update(repr((name, array.shape)).encode())
            digest.update(array.data)
        object.__setattr__(self, "sha256", digest.hexdigest())
        self._check()

    def _check(self):
        if len(self.x_train) == 0:
            raise ValueError("x_train: expected at least one row, found none")
        for x_name, y_name in (("x_train", "y_train"), ("x_test", "y_test")):
            x, y = getattr(self, x_name), getattr(self, y_name)
            if x.ndim != 2 or y.shape != x.shape[:1]:
                raise ValueError(f"{x_name}, {y_name}: expected shapes (n, d) and (n,), found {x.shape} and {y.shape}")
            if not np.isfinite(y).all():
                raise ValueError(f"{y_name}: expected finite labels, found {y[~np.isfinite(y)][0]}")
            norms = np.sqrt(np.einsum("ij,ij->i", x, x))
            off = (
                ~(np.abs(norms - 1) <= _UNIT_NORM_TOLERANCE) if self.unit_norm else ~np.isfinite(norms)
            )  # a NaN is off
            if off.any():
                row = int(np.argmax(off))
                rows = "rows of norm 1" if self.unit_norm else "rows of finite norm"
                raise ValueError(
                    f"{x_name}: expected {rows}, found {norms[row]} in row {row}; normalise with unit_rows"
                )
        if self.x_test.shape[1] != self.x_train.shape[1]:
            raise ValueError(
                f"x_test: expected as many columns as x_train, {self.x_train.shape[1]}, found {self.x_test.shape[1]}"
            )
