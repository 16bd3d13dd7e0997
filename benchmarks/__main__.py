"""All benchmarks, one table: `python -m benchmarks`."""

from benchmarks import empirical, gradient_descent, h_infinity, label_norm, sgd
from benchmarks.measure import show

if __name__ == "__main__":
    show([*gradient_descent.rows(), *h_infinity.rows(), *empirical.rows(), *label_norm.rows(), *sgd.rows()])
