"""Two smoothness requirements compared on one function: Arora et al. (2019), Example 6.4."""

import numpy as np
import xarray as xr

from ntkbook.bounds import arora2019 as bounds


def measure() -> xr.Dataset:
    """Terms of the two smoothness requirements for z arctan(z/2), |beta| = 1.

    Returns
    -------
    xarray.Dataset
        Our terms, and the rival's for several constants C at epsilon = 0.1.
    """
    constants, terms, epsilon = (0.5, 1.0, 2.0, 4.0), 40, 0.1
    ours = [3 * 2 * j * 2.0 ** (1 - 2 * j) / (2 * j - 1) for j in range(1, terms + 1)]
    return xr.Dataset(
        {
            "ours": ("term", ours),
            "theirs": (("constant", "term"), [bounds.example_6_4_rival_terms(c, epsilon, terms) for c in constants]),
            "ratio": ("constant", [c**2 * np.log(1 / epsilon) / 4 for c in constants]),
        },
        {"term": np.arange(1, terms + 1), "constant": list(constants)},
    )
