"""The kernel H-infinity of a wide ReLU layer: limit, least eigenvalue, power series. Arora et al. (2019)."""
