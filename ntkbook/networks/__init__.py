"""Networks of the four papers: plain parameter containers with explicit forward maps."""

from ntkbook.networks.biased_two_layer import BiasedTwoLayer
from ntkbook.networks.classifier import TwoLayerClassifier
from ntkbook.networks.deep_relu import DeepReLU
from ntkbook.networks.deep_tangent import (
    Linearisation,
    gradient_norms,
    layer_product,
    linearise,
    loss_gradient,
    tangent_gram,
)
from ntkbook.networks.layered import Layered, output_gradients
from ntkbook.networks.three_layer import ThreeLayer
from ntkbook.networks.three_layer_expansion import quadratic_term, sign_deviation, tangent_term
from ntkbook.networks.two_layer import TwoLayer

__all__ = [
    "BiasedTwoLayer",
    "DeepReLU",
    "Layered",
    "Linearisation",
    "ThreeLayer",
    "TwoLayer",
    "TwoLayerClassifier",
    "gradient_norms",
    "layer_product",
    "linearise",
    "loss_gradient",
    "output_gradients",
    "quadratic_term",
    "sign_deviation",
    "tangent_gram",
    "tangent_term",
]
