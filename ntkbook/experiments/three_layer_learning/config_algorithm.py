"""Settings of Algorithm 1, of frozen patterns and of the scaling identity, by profile."""

from dataclasses import dataclass

from ntkbook.expect import expects
from ntkbook.experiments.three_layer_learning import algorithm_one, frozen_patterns
from ntkbook.experiments.three_layer_learning.algorithm_runs import Constants
from ntkbook.wants import each, not_negative


@expects(risk_noises=each(not_negative))
@dataclass(frozen=True)
class AlgorithmConfig:
    """Settings, checked at construction."""

    one: algorithm_one.Settings
    """Of Algorithm 1 in full, and of the runs down to several lambda_T."""
    variants: tuple[str, ...]
    """Keys of `algorithm_one.VARIANTS`."""
    final_scales: tuple[float, ...]
    """lambda_T."""
    risk: Constants
    """Of Algorithm 1 where its risk is measured."""
    risk_sizes: tuple[int, ...]
    """N."""
    risk_widths: tuple[int, ...]
    """m."""
    risk_noises: tuple[float, ...]
    """Standard deviations of label noise, 0 first; the others at the largest N and m."""
    frozen: frozen_patterns.Settings
    """Of the nets whose patterns are put back."""
    frozen_widths: tuple[int, ...]
    """Their m."""
    factors: tuple[float, ...]
    """lambda of the scaling identity, 1/2 among them."""
    scaling_width: int
    """m of its nets."""

    def __post_init__(self):
        unknown = set(self.variants) - set(algorithm_one.VARIANTS)
        if unknown or "full" not in self.variants:
            raise ValueError(
                f"variants: expected full and some of {', '.join(algorithm_one.VARIANTS)}, "
                f"found {', '.join(self.variants)}"
            )
        for name in ("risk_sizes", "risk_widths", "risk_noises", "frozen_widths"):
            values = getattr(self, name)
            if len(values) < 2 or list(values) != sorted(set(values)):
                raise ValueError(f"{name}: expected at least two increasing values, found {values}")
        if self.risk_noises[0] != 0 or 0.5 not in self.factors:
            raise ValueError(
                f"risk_noises, factors: expected 0 first, and 1/2 among the factors, "
                f"found {self.risk_noises} and {self.factors}"
            )


ALL_VARIANTS = tuple(algorithm_one.VARIANTS)

ALGORITHM = {
    "quick": AlgorithmConfig(
        one=algorithm_one.Settings(50, 1000, Constants(n_rounds=10, inner_steps=400)),
        variants=("full", "no signs", "signs only", "plain"),
        final_scales=(1.0, 0.5, 0.2),
        risk=Constants(n_rounds=10, inner_steps=400),
        risk_sizes=(250, 1000),
        risk_widths=(25, 50),
        risk_noises=(0.0, 2.0),
        frozen=frozen_patterns.Settings(n_train=500, n_steps=1000),
        frozen_widths=(50, 100, 200),
        factors=(0.9, 0.5, 0.1),
        scaling_width=100,
    ),
    "laptop": AlgorithmConfig(
        one=algorithm_one.Settings(100, 1000, Constants(n_rounds=50, inner_steps=500)),
        variants=ALL_VARIANTS,
        final_scales=(1.0, 0.7, 0.5, 0.3, 0.2, 0.1),
        risk=Constants(n_rounds=50, inner_steps=500),
        risk_sizes=(250, 500, 1000, 2000),
        risk_widths=(50, 100, 200, 400),
        risk_noises=(0.0, 1.0, 2.0, 4.0),
        frozen=frozen_patterns.Settings(n_train=1000, n_steps=6000),
        frozen_widths=(50, 100, 200, 400, 800, 1600),
        factors=(0.9, 0.5, 0.1, 0.01),
        scaling_width=1000,
    ),
    "paper": AlgorithmConfig(
        one=algorithm_one.Settings(200, 1000, Constants(n_rounds=100, inner_steps=1000)),
        variants=ALL_VARIANTS,
        final_scales=(1.0, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05),
        risk=Constants(n_rounds=100, inner_steps=1000),
        risk_sizes=(250, 500, 1000, 2000, 4000, 8000),
        risk_widths=(50, 100, 200, 400, 800),
        risk_noises=(0.0, 1.0, 2.0, 4.0),
        frozen=frozen_patterns.Settings(n_train=1000, n_steps=20_000),
        frozen_widths=(50, 100, 200, 400, 800, 1600, 3200),
        factors=(0.9, 0.5, 0.1, 0.01),
        scaling_width=2000,
    ),
}
