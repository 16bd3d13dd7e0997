"""Power series of H-infinity in the inner products: Arora et al. (2019), proof of Theorem 6.1."""

import math

import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.wants import at_least, entries


@expects(n_terms=at_least(1, most=10**7))
def even_coefficients(n_terms: int) -> Tensor:
    """Coefficients c_l of H = K/4 + sum_{l >= 1} c_l K^{o 2l}: c_l = (2l-3)!! / ((2l-2)!! (2l-1) 2 pi).

    Parameters
    ----------
    n_terms : int
        How many, >= 1.

    Returns
    -------
    Tensor (n_terms,), float64
        c_1, c_2, ...; they fall as l^{-3/2} and sum to 1/4.
    """
    degrees = torch.arange(1, n_terms + 1, dtype=torch.float64)
    ratios = (2 * degrees - 3) / (2 * degrees - 2)  # (2l-3)!! / (2l-2)!! grows by this factor from l - 1 to l
    ratios[0] = 1.0
    return ratios.cumprod(0) / ((2 * degrees - 1) * 2 * math.pi)


@expects(inner_products=entries("...", -1 - 1e-6, 1 + 1e-6), n_terms=at_least(1, most=10**7))
def h_infinity_series(inner_products: Tensor, n_terms: int) -> Tensor:
    """Partial sum of the power series of H-infinity for unit inputs.

    Parameters
    ----------
    inner_products : Tensor (n, n)
        K = X X', entries in [-1, 1].
    n_terms : int
        Even powers kept.

    Returns
    -------
    Tensor (n, n)
        Falls short of H-infinity by at most the sum of the coefficients left out, about 1 / (2 pi^1.5 sqrt(n_terms))
        where |K_ij| = 1 and exponentially little elsewhere.
    """
    square = inner_products.square()
    total = torch.zeros_like(inner_products)
    for coefficient in even_coefficients(n_terms).flip(0).tolist():  # Horner's rule
        total = (total + coefficient) * square
    return inner_products / 4 + total
