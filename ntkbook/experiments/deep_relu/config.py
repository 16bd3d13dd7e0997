"""Settings of the experiment `deep_relu`, and its profiles."""

from dataclasses import dataclass

from ntkbook.data.load import NAMES
from ntkbook.expect import expects
from ntkbook.experiments.deep_relu import (
    antipodal,
    certificates,
    descent,
    formulas,
    large_steps,
    linearity,
    start,
    tasks,
)
from ntkbook.wants import each, natural, one_of


@expects(dataset=one_of(*NAMES), classes=each(natural), seed=natural)
@dataclass(frozen=True)
class Config:
    """Settings, checked at construction."""

    profile: str
    """Name of the profile."""
    n_seeds: int
    """Initialisations, and draws of random labels."""
    depths: tuple[int, ...]
    """Numbers of hidden layers L that are compared at every width."""
    widths: tuple[int, ...]
    """Neurons m of each layer, increasing."""
    short: descent.Settings
    """Of the runs at every width."""
    long_depths: tuple[int, ...]
    """Numbers of hidden layers of the long runs."""
    long_width: int
    """Their width."""
    long: descent.Settings
    """Of the long runs."""
    run_sizes: tuple[int, ...]
    """Sample sizes of runs that are else as those at every width, increasing."""
    run_width: int
    """Their width."""
    sizes: tuple[int, ...]
    """Sample sizes at which margins are computed, the last one twice the one before."""
    certificates: certificates.Settings
    """Of the margins."""
    shapes: tuple[tuple[int, int], ...]
    """Depths and widths of the nets that are moved by a given distance, at least two widths for each depth."""
    linearity: linearity.Settings
    """Of these movements."""
    start_depths: tuple[int, ...]
    """Numbers of hidden layers of nets seen at their start."""
    start_widths: tuple[int, ...]
    """Their widths."""
    n_start_seeds: int
    """How many of each."""
    start: start.Settings
    """Of the nets at their start."""
    antipodal: antipodal.Settings
    """Of the nets on antipodal pairs."""
    rates: tuple[float, ...]
    """eta m, among them such that the surrogate error does not fall at each step."""
    large_steps: large_steps.Settings
    """Of these runs."""
    formulas: formulas.Settings
    """Of the comparison with automatic differentiation."""
    gap: tasks.Gap
    """Of the points with a margin."""
    dataset: str = "mnist"
    """Images."""
    classes: tuple[int, int] = (3, 8)
    """The two digits; 3 and 8 are not easy to tell apart."""
    seed: int = 0
    """Root of every random stream."""

    def __post_init__(self):
        for name in ("widths", "start_widths", "sizes", "run_sizes"):
            values = getattr(self, name)
            if len(values) < 2 or list(values) != sorted(set(values)):
                raise ValueError(f"{name}: expected at least two increasing numbers, found {values}")
        if self.sizes[-1] != 2 * self.sizes[-2]:
            raise ValueError(f"sizes: expected the last to be twice the one before, found {self.sizes}")
        if self.n_seeds < 1 or self.n_start_seeds < 1:
            raise ValueError(
                f"n_seeds, n_start_seeds: expected at least one, found {self.n_seeds} and {self.n_start_seeds}"
            )
        of_depth = {depth: {m for L, m in self.shapes if depth == L} for depth, _ in self.shapes}
        if not of_depth or min(map(len, of_depth.values())) < 2:
            raise ValueError(f"shapes: expected at least two widths for each depth, found {self.shapes}")
        least = min(m for _, m in self.shapes) * self.linearity.radii[0] ** (2 / 3)
        if least < 10:
            raise ValueError(
                f"shapes, radii: expected m tau^(2/3) >= 10 so that some gate can flip, found {least:.1f} for the "
                f"narrowest net at the least radius"
            )


PROFILES = {
    "quick": Config(
        "quick",
        n_seeds=4,
        depths=(1, 2, 3),
        widths=(64, 128, 256, 512),
        short=descent.Settings(n=200, n_steps=40),
        long_depths=(1, 2, 3, 5),
        long_width=128,
        long=descent.Settings(n=200, n_steps=200),
        run_sizes=(50, 200),
        run_width=128,
        sizes=(25, 50, 100, 200, 400),
        certificates=certificates.Settings(width=512),
        shapes=((1, 512), (1, 1024), (1, 4096), (3, 512), (3, 1024)),
        linearity=linearity.Settings(radii=(0.005, 0.01, 0.02, 0.05, 0.1)),
        start_depths=(1, 3),
        start_widths=(64, 256, 1024),
        n_start_seeds=40,
        start=start.Settings(sizes=(10, 30, 100, 300)),
        antipodal=antipodal.Settings(width=256, n_steps=400),
        rates=(16.0, 128.0, 512.0),
        large_steps=large_steps.Settings(n=200, width=256, n_steps=60),
        formulas=formulas.Settings(),
        gap=tasks.Gap(),
    ),
    "laptop": Config(
        "laptop",
        n_seeds=10,
        depths=(1, 2, 3),
        widths=(128, 256, 512, 1024, 2048, 4096),
        short=descent.Settings(n=800, n_steps=40),
        long_depths=(1, 2, 3, 5),
        long_width=512,
        long=descent.Settings(n=800, n_steps=700),
        run_sizes=(250, 1000, 4000),
        run_width=512,
        sizes=(25, 50, 100, 200, 400, 800),
        certificates=certificates.Settings(width=1024),
        shapes=((1, 512), (1, 1024), (1, 4096), (1, 16384), (3, 512), (3, 1024), (3, 2048)),
        linearity=linearity.Settings(radii=(0.005, 0.01, 0.02, 0.05, 0.1)),
        start_depths=(1, 3),
        start_widths=(64, 256, 1024, 4096),
        n_start_seeds=200,
        start=start.Settings(sizes=(10, 30, 100, 300, 1000)),
        antipodal=antipodal.Settings(width=512, n_steps=1000),
        rates=(16.0, 128.0, 512.0),
        large_steps=large_steps.Settings(n=200, width=512, n_steps=100),
        formulas=formulas.Settings(),
        gap=tasks.Gap(),
    ),
    "paper": Config(
        "paper",
        n_seeds=10,
        depths=(1, 2, 3),
        widths=(64, 128, 256, 512, 1024, 2048, 4096, 8192),
        short=descent.Settings(n=1000, n_steps=40),
        long_depths=(1, 2, 3, 5),
        long_width=4096,
        long=descent.Settings(n=1000, n_steps=3000),
        run_sizes=(250, 1000, 4000),
        run_width=4096,
        sizes=(25, 50, 100, 200, 400, 800),
        certificates=certificates.Settings(width=4096),
        shapes=((1, 1024), (1, 4096), (1, 16384), (1, 65536), (3, 1024), (3, 2048), (3, 4096)),
        linearity=linearity.Settings(radii=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1)),
        start_depths=(1, 2, 3, 5),
        start_widths=(64, 256, 1024, 4096),
        n_start_seeds=1000,
        start=start.Settings(sizes=(10, 30, 100, 300, 1000, 3000)),
        antipodal=antipodal.Settings(width=4096, n_steps=4000),
        rates=(16.0, 128.0, 512.0),
        large_steps=large_steps.Settings(n=1000, width=1024, n_steps=200),
        formulas=formulas.Settings(),
        gap=tasks.Gap(),
    ),
}
