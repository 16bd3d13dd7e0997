"""Settings of the experiment `kernel`, and its profiles."""

from dataclasses import dataclass

from ntkbook.data.load import NAMES
from ntkbook.expect import expects
from ntkbook.wants import between, each, natural, one_of


@expects(datasets=each(one_of(*NAMES)), delta=between(0, 1), seed=natural)
@dataclass(frozen=True)
class Config:
    """Settings, checked at construction."""

    profile: str
    """Name of the profile."""
    n: int
    """Training images, of the classes 0 and 1."""
    widths: tuple[int, ...]
    """Numbers of neurons m at which H(0) is compared with its limit."""
    n_seeds: int
    """Initialisations at each width."""
    n_terms: int
    """Even powers kept in the power series."""
    n_pairs: int
    """Random pairs A <= B on which Lemma E.1 is tried."""
    datasets: tuple[str, ...] = ("mnist", "cifar10")
    """Data sets; those that are not found are left out."""
    angles: tuple[float, ...] = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
    """Angles in radians of the nearly parallel pairs."""
    delta: float = 0.1
    """Failure probability in Lemma C.3."""
    seed: int = 0
    """Root of every random stream."""

    def __post_init__(self):
        if self.n < 2 or self.n_seeds < 1 or len(self.widths) < 2 or min(self.widths) < 1:
            raise ValueError(
                f"n, n_seeds, widths: expected n >= 2, n_seeds >= 1 and at least two widths >= 1, "
                f"found {self.n}, {self.n_seeds} and {self.widths}"
            )
        if not 0 < self.delta < 1:
            raise ValueError(f"delta: expected a probability in (0, 1), found {self.delta}")


PROFILES = {
    "quick": Config("quick", n=200, widths=(64, 256, 1024, 4096, 16384), n_seeds=5, n_terms=200, n_pairs=50),
    "laptop": Config(
        "laptop", n=1000, widths=(64, 256, 1024, 4096, 16384, 65536), n_seeds=5, n_terms=2000, n_pairs=500
    ),
    "paper": Config("paper", n=10_000, widths=(100, 1000, 10_000), n_seeds=3, n_terms=2000, n_pairs=500),
}
