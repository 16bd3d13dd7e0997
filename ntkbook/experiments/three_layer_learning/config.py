"""Settings of the experiment `three_layer_learning`, and its profiles."""

from dataclasses import dataclass

from ntkbook.expect import expects
from ntkbook.experiments.three_layer_learning.config_algorithm import ALGORITHM, AlgorithmConfig
from ntkbook.experiments.three_layer_learning.config_figure import FIGURE, FigureConfig
from ntkbook.wants import natural


@expects(seed=natural)
@dataclass(frozen=True)
class Config:
    """Settings, checked at construction."""

    profile: str
    """Name of the profile."""
    n_seeds: int
    """Draws of the data and of the nets."""
    figure: FigureConfig
    """Of the learners of figure 1."""
    algorithm: AlgorithmConfig
    """Of Algorithm 1 and what its proof rests on."""
    seed: int = 0
    """Root of every random stream."""

    def __post_init__(self):
        if self.n_seeds < 1:
            raise ValueError(f"n_seeds: expected a whole number >= 1, found {self.n_seeds}")


PROFILES = {
    "quick": Config("quick", n_seeds=2, figure=FIGURE["quick"], algorithm=ALGORITHM["quick"]),
    "laptop": Config("laptop", n_seeds=3, figure=FIGURE["laptop"], algorithm=ALGORITHM["laptop"]),
    "paper": Config("paper", n_seeds=3, figure=FIGURE["paper"], algorithm=ALGORITHM["paper"]),
}
