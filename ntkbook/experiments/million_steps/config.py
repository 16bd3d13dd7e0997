"""Settings of the experiment `million_steps`, and its profiles."""

from dataclasses import dataclass

from ntkbook.experiments.million_steps import runs


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


PROFILES = {
    "quick": Config("quick", n=40, runs=runs.Settings(width=200, n_steps=20_000, n_exact=2000)),
    "laptop": Config("laptop", n=200, runs=runs.Settings(width=1000, n_steps=100_000, n_exact=3000)),
    "paper": Config("paper", n=10_000, runs=runs.Settings(width=10_000, n_steps=1_000_000, n_exact=2000)),
}
