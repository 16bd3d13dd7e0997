"""Networks of the four papers: plain parameter containers with explicit forward maps."""

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
from ntkbook.networks.two_layer import TwoLayer

__all__ = [
    "DeepReLU",
    "Linearisation",
    "TwoLayer",
    "TwoLayerClassifier",
    "gradient_norms",
    "layer_product",
    "linearise",
    "loss_gradient",
    "tangent_gram",
]
