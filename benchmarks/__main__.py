"""All benchmarks, one table: `python -m benchmarks`."""

from benchmarks import (
    deep_gradient_descent,
    empirical,
    gradient_descent,
    h_infinity,
    label_norm,
    long_gradient_descent,
    regression_sgd,
    sgd,
)
from benchmarks.measure import show

if __name__ == "__main__":
    modules = (
        *(gradient_descent, long_gradient_descent, deep_gradient_descent),
        *(h_infinity, empirical, label_norm, sgd, regression_sgd),
    )
    show([row for module in modules for row in module.rows()])
