"""The progress bar of the training loops; where tqdm is not installed there is none."""

from collections.abc import Iterable, Iterator
from typing import Any

try:
    from tqdm import tqdm
except ModuleNotFoundError:

    class tqdm:
        """Stands for `tqdm.tqdm` and shows nothing."""

        def __init__(self, iterable: Iterable[Any] = (), **shown: Any):
            self._iterable = iterable

        def __iter__(self) -> Iterator[Any]:
            return iter(self._iterable)

        def update(self, steps: int = 1) -> None:
            """Nothing to show."""

        def close(self) -> None:
            """Nothing to close."""


__all__ = ["tqdm"]
