"""Kernels of wide ReLU nets: H-infinity, finite-width Gram matrices, conjugate and tangent kernels to any depth."""

from ntkbook.kernels.angles import arc_cosine_0, arc_cosine_1
from ntkbook.kernels.biased import biased_conjugate_kernel, biased_tangent_kernel
from ntkbook.kernels.empirical import (
    empirical_gram,
    feature_distance,
    feature_matrix,
    monte_carlo_gram,
    monte_carlo_layer,
)
from ntkbook.kernels.finite_width import finite_conjugate_kernel, finite_tangent_kernel
from ntkbook.kernels.h_infinity import h_infinity
from ntkbook.kernels.power_series import even_coefficients, h_infinity_series
from ntkbook.kernels.recursions import conjugate_kernel, neural_tangent_kernel, relu_layer_angle

__all__ = [
    "arc_cosine_0",
    "arc_cosine_1",
    "biased_conjugate_kernel",
    "biased_tangent_kernel",
    "conjugate_kernel",
    "empirical_gram",
    "even_coefficients",
    "feature_distance",
    "feature_matrix",
    "finite_conjugate_kernel",
    "finite_tangent_kernel",
    "h_infinity",
    "h_infinity_series",
    "monte_carlo_gram",
    "monte_carlo_layer",
    "neural_tangent_kernel",
    "relu_layer_angle",
]
