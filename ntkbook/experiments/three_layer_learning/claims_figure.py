"""Claims on learners and targets that the experiment `three_layer_learning` decides: Z05, Z06, Z08, Z12 and Z14."""

from ntkbook.claims import Claim

CLAIMS: tuple[Claim, ...] = ()
