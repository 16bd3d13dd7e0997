"""Claims on Algorithm 1 that the experiment `three_layer_learning` decides: Z07, Z10, Z11 and Z13."""

from ntkbook.claims import Claim

CLAIMS: tuple[Claim, ...] = ()
