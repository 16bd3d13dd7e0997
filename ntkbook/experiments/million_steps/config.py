"""Settings of the experiment `million_steps`, and its profiles."""

from dataclasses import dataclass

from ntkbook.data.load import NAMES
from ntkbook.expect import expects
from ntkbook.experiments.million_steps import runs
from ntkbook.wants import each, natural, one_of


@expects(datasets=each(one_of(*NAMES)), seed=natural)
@dataclass(frozen=True)
class Config:
    """Settings, checked at construction."""

    profile: str
    """Name of the profile."""
    n: int
    """Training images."""
    runs: runs.Settings
    """Of the runs."""
    datasets: tuple[str, ...] = ("mnist", "cifar10")
    """Data sets; those not found are left out."""
    n_seeds: int = 1
    """Initialisations."""
    seed: int = 0
    """Root of every random stream."""

    def __post_init__(self):
        if self.n < 2 or self.n_seeds < 1:
            raise ValueError(f"n, n_seeds: expected at least 2 images and 1 seed, found {self.n} and {self.n_seeds}")


# n eta = 10 in all of them on MNIST, so n steps of gradient descent are as far at any n: the axis of the paper's Figure
# 1(a) ends at 100 n, that of 1(c) at 30 n, and the nets are as wide as there are images.
PROFILES = {
    "quick": Config("quick", n=60, runs=runs.Settings(width=60, n_steps=6000, n_exact=6000)),
    "laptop": Config("laptop", n=500, runs=runs.Settings(width=500, n_steps=50_000, n_exact=50_000)),
    "paper": Config("paper", n=10_000, runs=runs.Settings(width=10_000, n_steps=1_000_000, n_exact=1000, rtol=1e-3)),
}
