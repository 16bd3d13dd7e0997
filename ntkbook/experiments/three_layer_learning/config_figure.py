"""Settings of the learners of figure 1 and of their targets, by profile."""

from dataclasses import dataclass

from ntkbook.expect import expects
from ntkbook.experiments.three_layer_learning import starvation, tuning
from ntkbook.experiments.three_layer_learning.nets import Settings as NetSettings
from ntkbook.wants import count, each, not_negative, positive


@expects(
    steps=each(positive, empty=True),
    decays=each(not_negative, empty=True),
    rises=each(positive, empty=True),
    tuned_widths=each(count, empty=True),
)
@dataclass(frozen=True)
class FigureConfig:
    """Settings, checked at construction."""

    n_train: int
    """N of figure 1(a), 1000 in the paper."""
    steps: tuple[float, ...]
    """Step sizes that learners are tuned over, in units of `step_unit`."""
    decays: tuple[float, ...]
    """Weight decays over rise^2 that learners are tuned over."""
    rises: tuple[float, ...]
    """eps_a sqrt(m) that learners are tuned over."""
    tuned_widths: tuple[int, ...]
    """Widths m at which learners are tuned; others take over what the nearest one below found. With none, nothing is
    tuned, and settings are those that the committed record found."""
    nets: NetSettings
    """Of tuned nets on F."""
    widths: tuple[int, ...]
    """m of figure 1(a)."""
    sizes: tuple[int, ...]
    """N of figure 1(b)."""
    size_width: int
    """m of figure 1(b)."""
    linear_sizes: tuple[int, ...]
    """N of linear learners, whose Gram matrices are decomposed."""
    wide: int
    """m of figure 1(b) once more, for wider nets."""
    wide_sizes: tuple[int, ...]
    """N for them."""
    tunes_targets: bool
    """Whether settings for each of the other targets are tuned on it; if not, they are those of F."""
    target_nets: NetSettings
    """Of tuned nets on the other targets."""
    target_width: int
    """m for them."""
    frequencies: tuple[float, ...]
    """c of the harmonic targets cos(c x_1) exp(c x_2)."""
    starvation: starvation.Settings
    """Of SGD on linear learners."""

    def __post_init__(self):
        for name in ("widths", "sizes", "linear_sizes", "wide_sizes", "frequencies"):
            values = getattr(self, name)
            if len(values) < 2 or list(values) != sorted(set(values)):
                raise ValueError(f"{name}: expected at least two increasing numbers, found {values}")
        if not set(self.linear_sizes) <= set(self.sizes) or self.n_train not in self.linear_sizes:
            raise ValueError(
                f"linear_sizes: expected some of the sizes {self.sizes}, {self.n_train} among them, "
                f"found {self.linear_sizes}"
            )

    @property
    def axes(self) -> dict[str, tuple[float, ...]]:
        """Of the grid that learners are tuned over."""
        return {"step": self.steps, "decay": self.decays, "rise": self.rises}

    @property
    def trials(self) -> tuning.Settings:
        """Of the tuning on F."""
        return tuning.Settings(self.n_train, self.nets.n_steps)

    @property
    def target_trials(self) -> tuning.Settings:
        """Of the tuning on the other targets."""
        return tuning.Settings(self.n_train, self.target_nets.n_steps)


FIGURE = {
    "quick": FigureConfig(
        n_train=1000,
        steps=(),
        decays=(),
        rises=(),
        tuned_widths=(),
        nets=NetSettings(n_steps=3000, least_epochs=50),
        widths=(50, 100, 200),
        sizes=(250, 500, 1000),
        size_width=100,
        linear_sizes=(250, 1000),
        wide=200,
        wide_sizes=(500, 1000),
        tunes_targets=True,
        target_nets=NetSettings(n_steps=2000, least_epochs=50),
        target_width=50,
        frequencies=(1.0, 3.0, 5.0),
        starvation=starvation.Settings(width=200, epochs=(50, 400)),
    ),
    "laptop": FigureConfig(
        n_train=1000,
        steps=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
        decays=(0.0, 1e-5, 1e-4, 1e-3),
        rises=(0.03, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0),
        tuned_widths=(50, 200),
        nets=NetSettings(n_steps=16_000, least_epochs=100),
        widths=(50, 100, 200, 500, 1000, 2000),
        sizes=(250, 500, 1000, 2000, 4000, 8000, 16_000),
        size_width=500,
        linear_sizes=(250, 500, 1000, 2000, 4000),
        wide=2000,
        wide_sizes=(1000, 4000, 16_000),
        tunes_targets=True,
        target_nets=NetSettings(n_steps=8_000, least_epochs=100),
        target_width=200,
        frequencies=(1.0, 3.0, 5.0, 10.0, 15.0),
        starvation=starvation.Settings(width=1000, epochs=(100, 400, 1600)),
    ),
    "paper": FigureConfig(
        n_train=1000,
        steps=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
        decays=(0.0, 1e-7, 1e-6, 1e-5, 1e-4),
        rises=(0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0),
        tuned_widths=(50, 200, 500),
        nets=NetSettings(n_steps=100_000, least_epochs=200),
        widths=(20, 50, 100, 200, 500, 1000, 2000, 4000),
        sizes=(250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 100_000),
        size_width=2000,
        linear_sizes=(250, 500, 1000, 2000, 4000, 8000, 16_000),
        wide=4000,
        wide_sizes=(1000, 4000, 16_000, 64_000),
        tunes_targets=True,
        target_nets=NetSettings(n_steps=50_000, least_epochs=200),
        target_width=500,
        frequencies=(1.0, 3.0, 5.0, 7.0, 10.0, 15.0),
        starvation=starvation.Settings(width=2000, epochs=(100, 400, 1600, 6400)),
    ),
}
