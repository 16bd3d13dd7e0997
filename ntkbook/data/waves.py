"""Sums of exponentials sum_k c_k exp(a_k.x): values, even and odd parts, and exact moments on the unit sphere."""

import operator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import hyp0f1

from ntkbook.expect import expects
from ntkbook.wants import none_or


@expects(coefficients=none_or("k"), exponents=none_or("k d"))
@dataclass(frozen=True)
class Waves:
    """A real function sum_k c_k exp(a_k.x) of x in R^d; sums and products of such functions are such functions."""

    coefficients: NDArray[np.complex128]
    """c (k,)."""
    exponents: NDArray[np.complex128]
    """a (k, d), in conjugate pairs with conjugate coefficients where not real."""

    def _sizes(self) -> dict[str, int]:
        return {"d": self.exponents.shape[1]}

    @classmethod
    @expects(exponent="d")
    def exponential(cls, exponent: ArrayLike) -> "Waves":
        """The function exp(a.x) for a real vector a (d,)."""
        return cls(np.ones(1, dtype=complex), np.atleast_2d(np.asarray(exponent, dtype=float)).astype(complex))

    @classmethod
    @expects(frequency="d")
    def cosine(cls, frequency: ArrayLike) -> "Waves":
        """The function cos(b.x) for a real vector b (d,)."""
        b = np.atleast_2d(np.asarray(frequency, dtype=float))
        return cls(np.full(2, 0.5 + 0j), np.concatenate([1j * b, -1j * b]))

    @classmethod
    @expects(frequency="d")
    def sine(cls, frequency: ArrayLike) -> "Waves":
        """The function sin(b.x) for a real vector b (d,)."""
        b = np.atleast_2d(np.asarray(frequency, dtype=float))
        return cls(np.array([-0.5j, 0.5j]), np.concatenate([1j * b, -1j * b]))

    @expects(x="n d")
    def __call__(self, x: ArrayLike) -> NDArray[np.float64]:
        """Values at inputs.

        Parameters
        ----------
        x : array (n, d)
            Inputs, one a row.

        Returns
        -------
        ndarray (n,), float64

        Raises
        ------
        ValueError
            If `x` is not a matrix with d columns of finite numbers.
        """
        x = np.asarray(x, dtype=np.float64)
        values = np.zeros(len(x))
        for c, a in zip(self.coefficients, self.exponents, strict=True):  # not at once: (n, k) would be large
            values += (c * np.exp(x @ a)).real
        return values

    def __add__(self, other: "Waves | float") -> "Waves":
        other = self._constant(other) if not isinstance(other, Waves) else other
        return _merged(
            np.concatenate([self.coefficients, other.coefficients]), np.concatenate([self.exponents, other.exponents])
        )

    def __sub__(self, other: "Waves | float") -> "Waves":
        return self + -1.0 * other

    def __mul__(self, other: "Waves | float") -> "Waves":
        other = self._constant(other) if not isinstance(other, Waves) else other
        exponents = self.exponents[:, None] + other.exponents
        return _merged(
            np.outer(self.coefficients, other.coefficients).ravel(), exponents.reshape(-1, exponents.shape[2])
        )

    __radd__, __rmul__ = __add__, __mul__

    def __pow__(self, power: int) -> "Waves":
        result = self._constant(1.0)
        for _ in range(operator.index(power)):
            result = result * self
        return result

    @property
    def even(self) -> "Waves":
        """Even part (f(x) + f(-x)) / 2."""
        return 0.5 * (self + self._reflected())

    @property
    def odd(self) -> "Waves":
        """Odd part (f(x) - f(-x)) / 2."""
        return 0.5 * (self - self._reflected())

    def sphere_mean(self) -> float:
        """Mean over the uniform distribution on the unit sphere of R^d, exact.

        E exp(a.x) = 0F1(; d/2; a.a/4), for complex a too.

        Returns
        -------
        float
        """
        squares = (self.exponents**2).sum(1)  # a.a, without conjugation
        return float((self.coefficients * hyp0f1(self.exponents.shape[1] / 2, squares / 4)).sum().real)

    def sphere_variance(self) -> float:
        """Variance over the uniform distribution on the unit sphere of R^d, exact.

        Returns
        -------
        float
        """
        return ((self - self.sphere_mean()) ** 2).sphere_mean()

    def _reflected(self) -> "Waves":
        return Waves(self.coefficients, -self.exponents)

    def _constant(self, value: float) -> "Waves":
        return Waves(np.array([complex(value)]), np.zeros((1, self.exponents.shape[1]), dtype=complex))


def _merged(coefficients: NDArray[np.complex128], exponents: NDArray[np.complex128]) -> Waves:
    """Terms of one exponent added up, and those that cancel left out."""
    parts = np.concatenate([exponents.real, exponents.imag], axis=1) + 0.0  # -0 is 0
    _, first, which = np.unique(parts, axis=0, return_index=True, return_inverse=True)
    total = np.zeros(len(first), dtype=complex)
    np.add.at(total, which.ravel(), coefficients)
    kept = np.abs(total) > 1e-15 * np.abs(coefficients).max()
    return Waves(total[kept], exponents[first[kept]])
