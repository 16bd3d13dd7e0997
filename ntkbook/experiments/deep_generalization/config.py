"""Settings of the experiment `deep_generalization`, and its profiles."""

from dataclasses import dataclass, field

from ntkbook.data.load import NAMES
from ntkbook.expect import expects
from ntkbook.experiments.deep_generalization import (
    certificates,
    close_pair,
    features,
    margins,
    nets,
    one_class,
    recursion,
)
from ntkbook.wants import each, natural, one_of, share


@expects(portions=each(share), dataset=one_of(*NAMES), seed=natural)
@dataclass(frozen=True)
class Config:
    """Settings, checked at construction."""

    profile: str
    """Name of the profile."""
    n_seeds: int
    """Draws of data and of nets."""
    pool: tuple[int, int]
    """Training and test images of each pair of digits, of which samples are drawn."""
    margins: margins.Settings
    """Of the kernel's margins by depth."""
    features: features.Settings
    """Of the margins over random features."""
    one_class: one_class.Settings
    """Of Lemma B.3 on one class."""
    certificates: certificates.Settings
    """Of the exact worst-case B against n."""
    portions: tuple[float, ...]
    """Portions of random labels, from 0 to 1."""
    widths: tuple[int, ...]
    """Neurons m of the nets that are compared by width, increasing."""
    train_size: int
    """Samples n of these."""
    train_sizes: tuple[int, ...]
    """Samples n of the nets that are compared by sample size, increasing."""
    train_width: int
    """Neurons m of these."""
    by_width: nets.Settings = field(default_factory=lambda: nets.Settings(n_steps=20))
    """Of the nets compared by width: trained for a time."""
    by_size: nets.Settings = field(default_factory=lambda: nets.Settings(n_steps=2000, stop=1 / 3))
    """Of the nets compared by sample size: trained to a surrogate error, 0.1 at n = 123. Their reach must be enough for
    the largest of the samples."""
    sampled: recursion.Settings = field(default_factory=recursion.Settings)
    """Of the sampled kernel."""
    pairs: close_pair.Settings = field(default_factory=close_pair.Settings)
    """Of the pairs at a small distance."""
    depths: tuple[int, ...] = (1, 2, 3)
    """Layers L of nets."""
    dims: tuple[int, ...] = (8, 16, 32, 64, 128, 256, 512)
    """Dimensions of the points of one class."""
    pair_widths: tuple[int, ...] = (64, 1024, 16_384)
    """Neurons m on the pairs at a small distance."""
    n_draws: int = 10
    """Repetitions where they cost little: of the random features, the sampled kernel and the pairs."""
    dataset: str = "mnist"
    """Where the digits are from."""
    seed: int = 0
    """Root of every random stream."""

    def __post_init__(self):
        for name in ("widths", "train_sizes"):
            values = getattr(self, name)
            if len(values) < 2 or list(values) != sorted(set(values)):
                raise ValueError(f"{name}: expected at least two, increasing, found {values}")
        if self.portions[0] != 0 or self.portions[-1] != 1 or list(self.portions) != sorted(set(self.portions)):
            raise ValueError(f"portions: expected to increase from 0 to 1, found {self.portions}")
        sizes = self.margins.n, self.features.n, self.certificates.sizes[-1], self.train_size, self.train_sizes[-1]
        if max(self.depths) > min(len(self.by_width.reach), len(self.by_size.reach)):
            raise ValueError(f"depths: expected a reach for each number of layers, found {self.depths}")
        if self.n_seeds < 1 or max(sizes) > self.pool[0]:
            raise ValueError(
                f"n_seeds, pool: expected a seed, and at least {max(sizes)} training images of each pair, "
                f"found {self.n_seeds} and {self.pool[0]}"
            )


PROFILES = {
    "quick": Config(
        "quick",
        n_seeds=3,
        pool=(800, 180),
        margins=margins.Settings(n=200),
        features=features.Settings(n=60, counts=(100, 200, 400, 800), n_fresh=10_000, width=512),
        one_class=one_class.Settings(n=2000, width=1000),
        certificates=certificates.Settings(sizes=(25, 50, 100, 200), width=512),
        portions=(0, 0.02, 0.1, 0.3, 1),
        widths=(64, 128, 256, 512),
        train_size=200,
        train_sizes=(100, 200, 400, 800),
        train_width=128,
    ),
    "laptop": Config(
        "laptop",
        n_seeds=10,
        pool=(8000, 1900),
        margins=margins.Settings(n=800),
        features=features.Settings(n=60, counts=(100, 200, 400, 800), n_fresh=20_000, width=1024),
        one_class=one_class.Settings(n=2000, width=4096),
        certificates=certificates.Settings(sizes=(50, 100, 200, 400, 800), width=1024),
        portions=(0, 0.02, 0.1, 0.3, 1),
        widths=(64, 128, 256, 512, 1024, 2048, 4096),
        train_size=1000,
        train_sizes=(125, 250, 500, 1000, 2000, 4000),
        train_width=128,
        by_size=nets.Settings(n_steps=6000, stop=1 / 3, reach=(23.0, 12.0, 9.0)),
    ),
    "paper": Config(
        "paper",
        n_seeds=5,
        pool=(11_000, 1900),
        margins=margins.Settings(n=2000),
        features=features.Settings(n=200, counts=(400, 1600, 6400, 25_600), n_fresh=1_000_000, width=4096),
        one_class=one_class.Settings(n=10_000, width=8192),
        certificates=certificates.Settings(sizes=(50, 100, 200, 400, 800, 1600), width=4096),
        portions=(0, 0.01, 0.03, 0.1, 0.3, 1),
        widths=(64, 128, 256, 512, 1024, 2048, 4096, 8192),
        train_size=1000,
        train_sizes=(125, 250, 500, 1000, 2000, 4000, 8000),
        train_width=1024,
        by_size=nets.Settings(n_steps=10_000, stop=1 / 3, reach=(23.0, 12.0, 9.0)),
    ),
}
