"""Claims that the experiment `clustered_data` decides: S01 to S12."""

from ntkbook.experiments.clustered_data import claims_distance, claims_images, claims_lemmas, claims_structure

CLAIMS = tuple(
    sorted(
        (*claims_structure.CLAIMS, *claims_distance.CLAIMS, *claims_images.CLAIMS, *claims_lemmas.CLAIMS),
        key=lambda claim: claim.id,
    )
)
