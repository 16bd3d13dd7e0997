"""Images as PNG inside the page."""

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def thumbnails(images: NDArray, rows: NDArray[np.intp]) -> dict[int, str]:
    """Encode some images, their values stretched from the least to the largest of all of them.

    Parameters
    ----------
    images : ndarray (n, height, width) or (n, height, width, 3)
        Real numbers; bytes are taken as they are.
    rows : ndarray
        Which.

    Returns
    -------
    dict of int to str
        Row -> data URI of a PNG, at most 96 pixels wide and high.
    """
    rows = np.unique(rows)
    chosen = images[rows]
    if chosen.dtype != np.uint8:
        values = chosen.astype(np.float64)
        low, high = values.min(), values.max()
        chosen = np.round(255 * (values - low) / max(high - low, 1e-300)).astype(np.uint8)
    return {int(row): _png(image) for row, image in zip(rows, chosen, strict=True)}


def _png(pixels: NDArray[np.uint8]) -> str:
    image, out = Image.fromarray(pixels), io.BytesIO()
    image.thumbnail((96, 96))
    image.save(out, "png")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
