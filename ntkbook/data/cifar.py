"""CIFAR-10's binary batches: records of one label byte and 3072 pixel bytes."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ntkbook.expect import expects
from ntkbook.wants import pathlike

_PIXELS = 3 * 32 * 32  # red, green and blue planes, each 32 x 32 in row order
_RECORD = 1 + _PIXELS
_MOST = 100_000


@expects(path=pathlike)
def read_batch(path: str | Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Read one binary batch of CIFAR-10.

    Parameters
    ----------
    path : str or Path
        A file of any whole number of records, at least one. The published files hold 10,000 each.

    Returns
    -------
    images : ndarray (n, 3072), uint8
        Pixels: the red plane, then green, then blue. A read-only view of the file's bytes.
    labels : ndarray (n,), uint8
        Classes 0 to 9.

    Raises
    ------
    ValueError
        If the file is no whole number of records, or a label is above 9. Names the file, what was expected and what
        was found.
    """
    path = Path(path)
    size = path.stat().st_size
    if not 0 < size <= _MOST * _RECORD or size % _RECORD:
        raise ValueError(
            f"{path}: expected 1 to {_MOST:,} whole records of {_RECORD} bytes, "
            f"found {size} bytes; delete the file and fetch it again"
        )
    content = path.read_bytes()
    records = np.frombuffer(content, np.uint8).reshape(-1, _RECORD)
    labels = records[:, 0]
    if labels.max() > 9:
        record = int(np.argmax(labels > 9))
        raise ValueError(f"{path}: expected labels 0 to 9, found {labels[record]} in record {record}")
    return records[:, 1:], labels
