"""Angles between inputs, accurate for parallel, nearly parallel and orthogonal pairs alike."""

import math

import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.wants import entries

# Radians from 0 or pi at which arccos has lost two of its sixteen digits and atan2 takes over.
_NEAR_PARALLEL = 0.015
_PAIRS_AT_ONCE = 4096
ANGLES = entries("...", 0.0, math.pi + 1e-6)
"""What an angle may be; pi in float32 is above pi."""


def angles_from_cosines(cosines: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Angles between unit vectors whose inner products are known.

    arccos for most pairs; for nearly parallel or antipodal ones 2 atan2(|x - y|, |x + y|), whose relative error
    stays at rounding however small the angle is.

    Parameters
    ----------
    cosines : Tensor (r, c)
        Inner products of `rows` and `columns`; values beyond +-1 by rounding are allowed.
    rows : Tensor (r, d)
        Unit vectors.
    columns : Tensor (c, d)
        Unit vectors.

    Returns
    -------
    Tensor (r, c)
        Angles in [0, pi], in the dtype and on the device of `cosines`.
    """
    angles = torch.acos(cosines)  # NaN beyond +-1, and replaced below
    least, largest = (float(angle) for angle in torch.aminmax(angles))
    if least > _NEAR_PARALLEL and largest < math.pi - _NEAR_PARALLEL:
        return angles
    i, j = torch.nonzero(~(torch.sin(angles) > _NEAR_PARALLEL), as_tuple=True)
    for start in range(0, len(i), _PAIRS_AT_ONCE):
        block = slice(start, start + _PAIRS_AT_ONCE)
        x, y = rows[i[block]], columns[j[block]]
        angles[i[block], j[block]] = 2 * torch.atan2((x - y).norm(dim=1), (x + y).norm(dim=1))
    return angles


def unit_and_norms(x: Tensor, name: str) -> tuple[Tensor, Tensor]:
    """Split inputs into directions and lengths, after checking that they can have an angle.

    Parameters
    ----------
    x : Tensor (n, d)
        Inputs, one a row.
    name : str
        What the caller calls them, for the error message.

    Returns
    -------
    tuple of Tensor (n, d) and Tensor (n,)
        Unit vectors and Euclidean norms.

    Raises
    ------
    TypeError
        If `x` is not a floating-point tensor.
    ValueError
        If `x` is not a matrix with at least one row, holds a NaN or an infinity, or has a row of zeros.
    """
    if not isinstance(x, Tensor) or not x.is_floating_point():
        found = x.dtype if isinstance(x, Tensor) else type(x).__name__
        raise TypeError(
            f"{name}: expected a floating-point torch tensor, found {found}; convert with torch.as_tensor(...)"
        )
    if x.ndim != 2 or 0 in x.shape:
        raise ValueError(
            f"{name}: expected shape (n, d) with n, d >= 1, found {tuple(x.shape)}; one input is x[None, :]"
        )
    norms = torch.linalg.vector_norm(x, dim=1)
    bad = ~torch.isfinite(norms) | (norms == 0)
    if bool(bad.any()):
        row = int(bad.nonzero()[0])
        raise ValueError(
            f"{name}: expected finite, non-zero rows, found row {row} with norm {float(norms[row])}; drop it"
        )
    return x / norms[:, None], norms


@expects(differentiable=True, angles=ANGLES)
def arc_cosine_0(angles: Tensor) -> Tensor:
    """Arc-cosine kernel of degree 0, P(gate on twice) x 2 = (pi - theta) / pi, of Cho & Saul (2009), eq. (3)-(4).

    Parameters
    ----------
    angles : Tensor (...)
        Angles in [0, pi].

    Returns
    -------
    Tensor (...)
        2 E[1{w.x >= 0} 1{w.y >= 0}] for Gaussian w: 1 for parallel inputs, 0 for antipodal ones.
    """
    return (math.pi - angles) / math.pi


@expects(differentiable=True, angles=ANGLES)
def arc_cosine_1(angles: Tensor) -> Tensor:
    """Arc-cosine kernel of degree 1, (sin theta + (pi - theta) cos theta) / pi, of Cho & Saul (2009), eq. (3)-(4).

    Parameters
    ----------
    angles : Tensor (...)
        Angles in [0, pi] between unit inputs.

    Returns
    -------
    Tensor (...)
        2 E[relu(w.x) relu(w.y)] for standard Gaussian w: 1 for parallel inputs, 0 for antipodal ones.
    """
    return (torch.sin(angles) + (math.pi - angles) * torch.cos(angles)) / math.pi
