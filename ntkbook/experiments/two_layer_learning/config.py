"""Settings of the experiment `two_layer_learning`, and its profiles."""

from dataclasses import dataclass

from ntkbook.expect import expects
from ntkbook.experiments.two_layer_learning import memory, parity, risk, widths
from ntkbook.wants import each, natural, share


@expects(portions=each(share), seed=natural)
@dataclass(frozen=True)
class Config:
    """Settings, checked at construction."""

    profile: str
    """Name of the profile."""
    n_seeds: int
    """Targets, data and starts."""
    sizes: tuple[int, ...]
    """N of the excess risk."""
    risk_widths: tuple[int, ...]
    """m of the excess risk."""
    risk: risk.Settings
    """Of the excess risk."""
    net_widths: tuple[int, ...]
    """m on one sample."""
    nets: widths.Settings
    """Of the nets on one sample."""
    portions: tuple[float, ...]
    """Portions of random labels, from 0 to 1."""
    memory: memory.Settings
    """Of memory."""
    output_scales: tuple[float, ...]
    """eps_a of the nets whose error is split by parity."""
    parity: parity.Settings
    """Of parity."""
    constants: tuple[float, ...] = (1.0, 1e4)
    """C of the complexities."""
    seed: int = 0
    """Root of every random stream."""

    def __post_init__(self):
        for name in ("sizes", "risk_widths", "net_widths", "portions", "output_scales", "constants"):
            values = getattr(self, name)
            if len(values) < 2 or list(values) != sorted(set(values)):
                raise ValueError(f"{name}: expected at least two increasing numbers, found {values}")
        if self.portions[0] != 0 or self.portions[-1] != 1:
            raise ValueError(f"portions: expected 0 first and 1 last, found {self.portions}")
        if not self.n_seeds == self.risk.n_seeds == self.nets.n_seeds >= 1:
            raise ValueError(
                f"n_seeds: expected one number >= 1 in all parts, found {self.n_seeds}, {self.risk.n_seeds} and "
                f"{self.nets.n_seeds}"
            )


PROFILES = {
    "quick": Config(
        "quick",
        n_seeds=3,
        sizes=(50, 100, 200, 400, 800),
        risk_widths=(10, 30, 100, 300),
        risk=risk.Settings(n_steps=1600, n_seeds=3, n_test=2000),
        net_widths=(100, 200, 400, 800),
        nets=widths.Settings(n_steps=4000, n_seeds=3, n_test=2000),
        portions=(0.0, 0.5, 1.0),
        memory=memory.Settings(width=400, n_steps=2000, n_test=2000),
        output_scales=(0.1, 1.0, 3.0),
        parity=parity.Settings(width=100, n_steps=1500, n_train=500, n_validation=500, n_test=2000),
    ),
    "laptop": Config(
        "laptop",
        n_seeds=3,
        sizes=(50, 100, 200, 400, 800, 1600),
        risk_widths=(10, 30, 100, 300, 1000),
        risk=risk.Settings(n_steps=3200, n_seeds=3),
        net_widths=(100, 200, 400, 800, 1600),
        nets=widths.Settings(n_steps=5000, n_seeds=3),
        portions=(0.0, 0.25, 0.5, 0.75, 1.0),
        memory=memory.Settings(width=1000, n_steps=4000),
        output_scales=(0.1, 0.3, 1.0, 3.0),
        parity=parity.Settings(width=400, n_steps=5000),
    ),
    "paper": Config(
        "paper",
        n_seeds=10,
        sizes=(50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800),
        risk_widths=(10, 30, 100, 300, 1000, 3000, 10_000),
        risk=risk.Settings(n_steps=256_000, n_seeds=10),
        net_widths=(100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600),
        nets=widths.Settings(n_steps=100_000, n_seeds=10),
        portions=(0.0, 0.25, 0.5, 0.75, 1.0),
        memory=memory.Settings(width=20_000, n_steps=50_000),
        output_scales=(0.03, 0.1, 0.3, 1.0, 3.0),
        parity=parity.Settings(width=2000, n_steps=100_000),
    ),
}
