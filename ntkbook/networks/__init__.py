"""Networks of the four papers: plain parameter containers with explicit forward maps."""

from ntkbook.networks.classifier import TwoLayerClassifier
from ntkbook.networks.two_layer import TwoLayer

__all__ = ["TwoLayer", "TwoLayerClassifier"]
