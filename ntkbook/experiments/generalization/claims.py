"""Claims that the experiment `generalization` decides: A08 to A13 and A23."""

from ntkbook.experiments.generalization import claims_distance, claims_noise

CLAIMS = claims_noise.CLAIMS + claims_distance.CLAIMS
