"""Inputs and labels from a folder of images, a subfolder a class."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from ntkbook.reporting.problem import Problem, problem

KINDS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm")
"""Files that are taken as images; others are passed over."""


def read_folder(path: Path) -> Problem:
    """Read FOLDER/CLASS/IMAGE: grey where all are, else in colour, of one size.

    Parameters
    ----------
    path : Path
        The folder.

    Returns
    -------
    Problem

    Raises
    ------
    ValueError
        If there are no two classes with images, an image is damaged, or sizes differ.
    """
    files = [
        (folder.name, file)
        for folder in sorted(path.iterdir())
        if folder.is_dir() and not folder.name.startswith(".")
        for file in sorted(folder.iterdir())
        if file.suffix.lower() in KINDS and file.is_file()
    ]
    if len({label for label, _ in files}) < 2:
        raise ValueError(
            f"{path}: expected a folder of images for each class, such as {path.name}/cat/1.png, found "
            f"{len(files)} images in {len({label for label, _ in files})} folders"
        )
    pixels, first, grey = [], None, True
    for _, file in files:
        try:
            with warnings.catch_warnings(), Image.open(file) as image:
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                first = image.size if first is None else first
                if image.size != first:
                    raise ValueError(
                        f"{file}: expected images of one size, {first[0]} x {first[1]} as in {files[0][1].name}, found "
                        f"{image.size[0]} x {image.size[1]}; resize them"
                    )
                grey = grey and image.mode in ("L", "1", "LA")
                pixels.append(np.asarray(image.convert("RGB")))
        except (
            UnidentifiedImageError,
            OSError,
            SyntaxError,
            Image.DecompressionBombWarning,
            Image.DecompressionBombError,
        ) as error:
            raise ValueError(f"{file}: expected an image, found a damaged or huge one ({error}); remove it") from error
    x = np.stack(pixels)
    return problem(
        x[..., 0] if grey else x,
        np.array([label for label, _ in files]),
        name=path.name,
        x_name="images",
        names=tuple(f"{label}/{file.name}" for label, file in files),
    )
