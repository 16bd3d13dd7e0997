"""Claims that the experiment `three_layer_learning` decides, in the order of their ids."""

from ntkbook.experiments.three_layer_learning import claims_algorithm, claims_figure

CLAIMS = tuple(sorted(claims_figure.CLAIMS + claims_algorithm.CLAIMS, key=lambda claim: claim.id))
