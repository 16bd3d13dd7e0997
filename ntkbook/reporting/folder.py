"""Inputs and labels from a folder of images, a subfolder a class."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ntkbook.data.sources import is_file
from ntkbook.reporting.memory import check_memory
from ntkbook.reporting.problem import Problem, problem

KINDS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm")
"""Files that are taken as images; others are passed over."""
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
"""What they may hold, whatever their names are: of the others Pillow hands some to programs, such as Ghostscript."""
_GREY, _ALPHA = ("1", "L", "LA"), ("LA", "PA", "RGBA")
_MODES = (*_GREY, *_ALPHA, "P", "RGB", "CMYK", "YCbCr")
"""Those with 8 bits a channel."""


def read_folder(path: Path) -> Problem:
    """Read FOLDER/CLASS/IMAGE: grey where all are, else in colour, of one size.

    All headers are read before any pixel.

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
        If there are no two classes with images, an image is damaged, has more than 8 bits a channel, or sizes differ;
        if they do not fit in memory; if something that is no regular file lies there.
    """
    files = [
        (folder.name, file)
        for folder in sorted(path.iterdir())
        if _is_class(folder)
        for file in sorted(folder.iterdir())
        if file.suffix.lower() in KINDS and is_file(file)
    ]
    if len({label for label, _ in files}) < 2:
        raise ValueError(
            f"{path}: expected a folder of images for each class, such as {path.name}/cat/1.png, found "
            f"{len(files)} images in {len({label for label, _ in files})} folders"
        )
    grey, several = _heads([file for _, file in files])
    pixels, clear = [], 0
    for _, file in files:
        with _opened(file) as image:
            clear += _is_clear(image)
            pixels.append(np.asarray(image.convert("L" if grey else "RGB")))
    classes = np.array([label for label, _ in files])
    called = tuple(f"{label}/{file.name}" for label, file in files)
    made = problem(np.stack(pixels), classes, name=path.name, x_name="images", names=called)
    told = [
        *([f"of {several:,} images with several pictures the first is taken"] if several else []),
        *([f"of {clear:,} images the transparency is left out"] if clear else []),
    ]
    return replace(made, told=[*made.told, *told])


def _is_class(folder: Path) -> bool:
    """Whether it is a folder; a pipe, a device or a link that leads nowhere is refused."""
    if folder.is_dir():
        return not folder.name.startswith(".")
    is_file(folder)
    return False


def _heads(files: list[Path]) -> tuple[bool, int]:
    """Whether all images are grey, and how many hold several pictures; refuses those that cannot be read together."""
    grey, several, first = True, 0, (0, 0)
    for file in files:
        with _opened(file) as image:
            size, mode, pictures = image.size, image.mode, getattr(image, "n_frames", 1)
        first = size if file == files[0] else first
        if size != first:
            raise ValueError(
                f"{file}: expected images of one size, {first[0]} x {first[1]} as in {files[0].name}, found "
                f"{size[0]} x {size[1]}; resize them"
            )
        if mode not in _MODES:
            raise ValueError(
                f"{file}: expected 8 bits a channel, found Pillow's mode {mode}; scale the pixels to 0 to 255, or save "
                "the arrays with numpy.savez"
            )
        grey, several = grey and mode in _GREY, several + (pictures > 1)
    check_memory(len(files), first[0] * first[1] * (1 if grey else 3), 1)
    return grey, several


@contextmanager
def _opened(file: Path) -> Iterator[Image.Image]:
    """Give an image whose header was read; whatever is wrong with it, there or later, becomes one message."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=_FORMATS) as image:
                yield image
    except Exception as error:  # of many kinds, one for each way in which a file may be broken
        told = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{file}: expected an image, found a damaged or huge one ({told}); remove it") from error


def _is_clear(image: Image.Image) -> bool:
    """Whether some of it is transparent."""
    if image.mode not in _ALPHA and "transparency" not in image.info:
        return False
    alpha: NDArray[np.uint8] = np.asarray(image.convert("RGBA"))[..., 3]
    return bool((alpha < 255).any())
