"""Losses of predictions on labels -1 and 1."""

import numpy as np


def losses(outputs: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Mean losses of predictions: l1, ramp (Arora et al. 2019, app. D.4) and classification error.

    Parameters
    ----------
    outputs, labels : ndarray (t,)
        u, and y from {-1, +1}.

    Returns
    -------
    dict of str to float
        "l1", "ramp" and "error"; ramp is clip(1 - u y, 0, 1), and u y <= 0 is an error.
    """
    margin = outputs * labels
    return {
        "l1": float(np.abs(outputs - labels).mean()),
        "ramp": float(np.clip(1 - margin, 0, 1).mean()),
        "error": float((margin <= 0).mean()),
    }
