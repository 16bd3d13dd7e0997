"""Checks at the door that the settings of several parts share."""

from collections.abc import Sequence


def check_counts(**counts: int) -> None:
    """Ask for whole numbers of at least one.

    Parameters
    ----------
    **counts : int
        By name.

    Raises
    ------
    ValueError
        If one is below 1.
    """
    if min(counts.values()) < 1:
        found = ", ".join(f"{name} = {count}" for name, count in counts.items())
        raise ValueError(f"{', '.join(counts)}: expected at least 1 each, found {found}")


def check_increasing(**lists: Sequence[float]) -> None:
    """Ask for increasing positive numbers, at least two of each kind, so that a trend can be seen.

    Parameters
    ----------
    **lists : sequence of float
        By name.

    Raises
    ------
    ValueError
        If one of them is too short, out of order or not positive.
    """
    for name, values in lists.items():
        if len(values) < 2 or list(values) != sorted(set(values)) or not values[0] > 0:
            raise ValueError(f"{name}: expected at least two increasing positive numbers, found {values}")
