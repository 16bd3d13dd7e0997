"""The sizes at which an experiment runs; their names stand here and nowhere else."""

from enum import StrEnum


class Profile(StrEnum):
    """Sizes of an experiment, smallest first."""

    QUICK = "quick"
    """Within each build of the book."""
    LAPTOP = "laptop"
    """Trends in the width show."""
    PAPER = "paper"
    """The papers' own sizes."""
