"""Which functions on the sphere a wide two-layer net learns: Arora et al. (2019), sec. 6."""
