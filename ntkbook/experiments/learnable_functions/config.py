"""Settings of the experiment `learnable_functions`, and its profiles."""

from dataclasses import dataclass

from ntkbook.expect import expects
from ntkbook.experiments.learnable_functions import nets, norms
from ntkbook.wants import natural


@expects(seed=natural)
@dataclass(frozen=True)
class Config:
    """Settings, checked at construction."""

    profile: str
    """Name of the profile."""
    dims: tuple[int, ...]
    """Dimensions d of the inputs whose norms are measured, each >= 3."""
    n_seeds: int
    """Draws of the inputs."""
    norms: norms.Settings
    """Of the norms."""
    train_sizes: tuple[int, ...]
    """Sample sizes on which nets are trained."""
    nets: nets.Settings
    """Of the nets."""
    seed: int = 0
    """Root of every random stream."""

    def __post_init__(self):
        if min(self.dims) < 3 or 3 not in self.dims or self.n_seeds < 1:
            raise ValueError(
                f"dims, n_seeds: expected dimensions >= 3, 3 among them, and a seed, "
                f"found {self.dims} and {self.n_seeds}"
            )
        if len(self.train_sizes) < 2 or list(self.train_sizes) != sorted(set(self.train_sizes)):
            raise ValueError(f"train_sizes: expected at least two increasing sizes, found {self.train_sizes}")


PROFILES = {
    "quick": Config(
        "quick",
        dims=(3, 10, 30),
        n_seeds=2,
        norms=norms.Settings(sizes=(125, 250, 500, 1000)),
        train_sizes=(50, 100, 200, 400),
        nets=nets.Settings(width=1000, max_steps=20_000),
    ),
    "laptop": Config(
        "laptop",
        dims=(3, 5, 10, 30),
        n_seeds=3,
        norms=norms.Settings(sizes=(125, 250, 500, 1000, 2000, 4000)),
        train_sizes=(50, 100, 200, 400, 800, 1600),
        nets=nets.Settings(width=4000, max_steps=200_000),
    ),
    "paper": Config(
        "paper",
        dims=(3, 5, 10, 30, 100),
        n_seeds=5,
        norms=norms.Settings(sizes=(125, 250, 500, 1000, 2000, 4000, 8000, 16_000)),
        train_sizes=(50, 100, 200, 400, 800, 1600, 3200, 6400),
        nets=nets.Settings(width=10_000, max_steps=1_000_000),
    ),
}
