"""The colours of all figures, each with its partner on a dark ground, and how far they stand out."""

import numpy as np

BLUES = ("#4498C7", "#2285BC", "#0072B2", "#005F95", "#004D78", "#003A5A", "#002439")
AMBERS = ("#C27501", "#A16000", "#814D00", "#653C00", "#472B00")
PURPLE = "#A64D8F"
GREEN = "#008D67"
INK, PREDICTION, GUIDE, GROUND = "#262626", "#333333", "#6E6E6E", "#FFFFFF"
"""Of text and axes; of what theory predicts; of bounds and guides; of the page."""

DARK = {
    **dict(zip(BLUES, ("#C7E3F6", "#9BCDEE", "#6EB6E7", "#43A1E0", "#1B8DD9", "#097AC5", "#0869A9"), strict=True)),
    **dict(zip(AMBERS, ("#EEBF73", "#E6A133", "#D88500", "#B77100", "#935A00"), strict=True)),
    PURPLE: "#D28EC1",
    GREEN: "#2FBE97",
    INK: "#CED6DD",
    PREDICTION: "#D9D9D9",
    GUIDE: "#9A9A9A",
    GROUND: "#121212",
}
"""Colour on white -> colour on the ground of the dark theme. Hues stay, and what is darker stays darker."""


def shades(count: int, ramp: tuple[str, ...] = BLUES) -> tuple[str, ...]:
    """Pick colours of one hue, as far apart as the ramp has them.

    Parameters
    ----------
    count : int
        How many, from 2 to the length of the ramp.
    ramp : tuple of str
        `BLUES` or `AMBERS`.

    Returns
    -------
    tuple of str
        From pale to dark.
    """
    return tuple(ramp[round(place)] for place in np.linspace(0, len(ramp) - 1, count))


def contrast(colour: str, ground: str, opacity: float = 1.0) -> float:
    """Contrast ratio of WCAG 2.2: (L + 0.05) / (L' + 0.05) of the relative luminances, the lighter one above.

    Parameters
    ----------
    colour, ground : str
        As "#rrggbb".
    opacity : float
        Of the colour on the ground.

    Returns
    -------
    float
        Between 1 and 21; text needs 4.5, a mark 3.
    """
    top, below = _channels(colour), _channels(ground)
    darker, lighter = sorted((_luminance(opacity * top + (1 - opacity) * below), _luminance(below)))
    return (lighter + 0.05) / (darker + 0.05)


def _channels(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def _luminance(channels: np.ndarray) -> float:
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
