"""Settings of the experiment `convergence`, and its profiles."""

from dataclasses import dataclass, field

from ntkbook.data.load import NAMES
from ntkbook.expect import expects
from ntkbook.experiments import problem
from ntkbook.experiments.convergence import curves, short_runs
from ntkbook.wants import each, natural, one_of


@expects(datasets=each(one_of(*NAMES)), seed=natural)
@dataclass(frozen=True)
class Config:
    """Settings, checked at construction."""

    profile: str
    """Name of the profile."""
    n_spectra: int
    """Training images in the spectra."""
    n_curves: int
    """Training images in the long runs."""
    curves: curves.Settings
    """Of the long runs."""
    n_short_runs: int
    """Training images in the short runs."""
    widths: tuple[int, ...]
    """Numbers of neurons m in the short runs."""
    n_seeds: int
    """Initialisations at each of these widths; also draws of random labels in the spectra."""
    short_runs: short_runs.Settings
    """Of the short runs."""
    step_size: problem.Settings = field(default_factory=problem.Settings)
    """Of all runs: how eta is chosen."""
    datasets: tuple[str, ...] = ("mnist", "cifar10")
    """Data sets of the spectra and the long runs; those not found are left out. The first serves the short runs."""
    init_scales: tuple[float, ...] = (1.0, 0.01)
    """kappa in the short runs: the theory's 1, the paper's 0.01."""
    seed: int = 0
    """Root of every random stream."""

    def __post_init__(self):
        least = min(self.n_spectra, self.n_curves, self.n_short_runs)
        if least < 2 or self.n_seeds < 1 or len(self.widths) < 2:
            raise ValueError(
                f"n_spectra, n_curves, n_short_runs, n_seeds, widths: expected at least 2 images, 1 seed and 2 widths, "
                f"found {least}, {self.n_seeds} and {len(self.widths)}"
            )
        if not {1.0, 0.01} <= set(self.init_scales):
            raise ValueError(f"init_scales: expected 1.0 and 0.01 among them, found {self.init_scales}")


PROFILES = {
    "quick": Config(
        "quick",
        n_spectra=800,
        n_curves=200,
        curves=curves.Settings(width=2000, n_steps=1500),
        n_short_runs=100,
        widths=(500, 2000, 8000),
        n_seeds=3,
        short_runs=short_runs.Settings(n_steps=300),
    ),
    "laptop": Config(
        "laptop",
        n_spectra=10_000,
        n_curves=800,
        curves=curves.Settings(width=10_000, n_steps=1000, per_decade=8),
        n_short_runs=100,
        widths=(1000, 4000, 16_000, 64_000),
        n_seeds=3,
        short_runs=short_runs.Settings(n_steps=500, per_decade=8),
    ),
    "paper": Config(
        "paper",
        n_spectra=10_000,
        n_curves=10_000,
        curves=curves.Settings(width=10_000, n_steps=1_000_000, per_decade=8),
        n_short_runs=100,
        widths=(1000, 4000, 16_000, 64_000),
        n_seeds=5,
        short_runs=short_runs.Settings(n_steps=5000, per_decade=8),
    ),
}
