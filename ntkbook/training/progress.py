"""The progress bar of the training loops; where tqdm is not installed there is none."""

from collections.abc import Iterable, Iterator
from typing import Any


class Silent:
    """Stands for `tqdm.tqdm` and shows nothing."""

    def __init__(self, iterable: Iterable[Any] = (), **shown: Any):
        """Take what is gone through."""
        self._iterable = iterable

    def __iter__(self) -> Iterator[Any]:
        """Go through it."""
        return iter(self._iterable)

    def update(self, steps: int = 1) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Nothing is open."""


try:
    from tqdm import tqdm
except ModuleNotFoundError:
    tqdm = Silent

__all__ = ["tqdm"]
