"""Settings of the experiment `generalization`, and its profiles."""

from dataclasses import dataclass

from ntkbook.data.load import NAMES
from ntkbook.expect import expects
from ntkbook.experiments.generalization import balls, nets, pairs
from ntkbook.experiments.generalization.descent import Descent
from ntkbook.wants import each, natural, one_of, share

TENTHS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@expects(
    portions=each(share),
    square_portions=each(share),
    datasets=each(one_of(*NAMES)),
    trained=each(one_of(*NAMES)),
    seed=natural,
)
@dataclass(frozen=True)
class Config:
    """Settings, checked at construction."""

    profile: str
    """Name of the profile."""
    n_measure: int
    """Training images on which eq. (10) alone is computed."""
    n_train: int
    """Training images of the nets with noisy labels."""
    n_test: int
    """Test images."""
    portions: tuple[float, ...]
    """Portions of random labels, from 0 to 1, on which nets are trained."""
    n_draws: tuple[int, ...]
    """Draws of images, labels and weights for each portion, one number for each data set in `trained`."""
    square: nets.Settings
    """Of nets on the first draw of the first of `trained` that are as wide as there are images, as in Figure 2."""
    square_portions: tuple[float, ...]
    """Some of `portions`, for these."""
    nets: nets.Settings
    """Of the nets with noisy labels."""
    n_widths: int
    """Training images in the sweep over widths."""
    widths: tuple[int, ...]
    """Numbers of neurons m in that sweep; even."""
    n_seeds: int
    """Initialisations at each width; also draws of labels for eq. (10)."""
    balls: balls.Settings
    """Of the nets in that sweep and the balls in which they end."""
    pairs: pairs.Settings
    """Of the nets trained with two close inputs of opposite label."""
    descent: Descent
    """How all nets are trained."""
    init_scales: tuple[float, ...] = (1.0, 0.01)
    """kappa in that sweep: the theory's 1, with a net that starts at zero, and the paper's."""
    angles: tuple[float, ...] = (1.0, 0.3, 0.1, 0.03, 0.01)
    """Angles between these, in radians."""
    n_pair: int = 50
    """Training images beside the pair."""
    datasets: tuple[str, ...] = ("mnist", "cifar10")
    """Data sets of eq. (10); those not found are left out. The first serves the sweep over widths and the pair."""
    trained: tuple[str, ...] = ("mnist", "cifar10")
    """Those of them on whose noisy labels nets are trained."""
    seed: int = 0
    """Root of every random stream."""

    def __post_init__(self):
        least = min(self.n_measure, self.n_train, self.n_test, self.n_widths, self.n_pair)
        if least < 2 or self.n_seeds < 1:
            raise ValueError(
                f"n_measure, n_train, n_test, n_widths, n_pair, n_seeds: expected at least 2 images and 1 seed, "
                f"found {least} and {self.n_seeds}"
            )
        if not self.trained or not set(self.trained) <= set(self.datasets):
            raise ValueError(f"trained: expected some of {', '.join(self.datasets)}, found {self.trained}")
        if len(self.n_draws) != len(self.trained) or min(self.n_draws) < 1:
            raise ValueError(f"n_draws: expected a number >= 1 for each of {self.trained}, found {self.n_draws}")
        if len(self.portions) < 3 or list(self.portions) != sorted(set(self.portions)) or self.portions[0] != 0:
            raise ValueError(f"portions: expected at least 3 increasing numbers from 0 on, found {self.portions}")
        if self.portions[-1] != 1:
            raise ValueError(f"portions: expected the last one to be 1, found {self.portions[-1]}")
        square = self.square_portions
        if list(square) != [p for p in self.portions if p in square] or square[-1:] != (1,):
            raise ValueError(f"square_portions: expected some of {self.portions}, 1 the last, found {square}")
        if self.square.width != self.n_train or self.square.rtol is None:
            raise ValueError(
                f"square: expected a width of {self.n_train}, as many as training images, and an rtol, found "
                f"{self.square.width} and {self.square.rtol}"
            )
        if len(self.widths) < 2 or any(width < 2 or width % 2 for width in self.widths):
            raise ValueError(f"widths: expected at least two even numbers, found {self.widths}")


PROFILES = {
    "quick": Config(
        "quick",
        n_measure=1000,
        n_train=150,
        n_test=850,  # with them all 1,000 images of zeros and ones that a dependency ships
        portions=(0.0, 0.25, 0.5, 0.75, 1.0),
        n_draws=(1, 1),
        nets=nets.Settings(width=1500),
        square=nets.Settings(width=150, rtol=1e-2),
        square_portions=(0.0, 0.5, 1.0),
        n_widths=100,
        widths=(250, 1000, 2000),
        n_seeds=2,
        balls=balls.Settings(),
        pairs=pairs.Settings(max_steps=20_000),
        descent=Descent(),
    ),
    "laptop": Config(
        "laptop",
        n_measure=10_000,
        n_train=1000,
        n_test=2000,
        portions=TENTHS,
        n_draws=(2, 2),
        nets=nets.Settings(width=200),
        square=nets.Settings(width=1000, rtol=1e-2),
        square_portions=(0.0, 0.4, 0.8, 1.0),
        n_widths=100,
        widths=(1000, 4000, 16_000),
        n_seeds=3,
        balls=balls.Settings(),
        pairs=pairs.Settings(max_steps=200_000),
        descent=Descent(),
        angles=(1.0, 0.3, 0.1, 0.03, 0.01, 0.003),
    ),
    "paper": Config(
        "paper",
        n_measure=10_000,
        n_train=10_000,
        n_test=2000,
        portions=TENTHS,
        n_draws=(5, 5),
        nets=nets.Settings(width=10_000, max_steps=10_000_000),
        square=nets.Settings(width=10_000, max_steps=10_000_000, rtol=1e-2),
        square_portions=TENTHS,
        n_widths=100,
        widths=(1000, 4000, 16_000, 64_000),
        n_seeds=5,
        balls=balls.Settings(max_steps=10_000_000),
        pairs=pairs.Settings(max_steps=1_000_000),
        descent=Descent(),
        angles=(1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001),
    ),
}
