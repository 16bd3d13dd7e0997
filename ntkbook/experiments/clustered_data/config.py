"""Settings of the experiment `clustered_data`, and its profiles."""

from dataclasses import dataclass

from ntkbook.data.load import NAMES
from ntkbook.expect import expects
from ntkbook.experiments.clustered_data import labels, simple, structure, synthetic, xor
from ntkbook.experiments.clustered_data.checks import check_counts, check_increasing
from ntkbook.experiments.clustered_data.clusters import Clusters
from ntkbook.experiments.clustered_data.coupling import PAPER, SLOW, Pace
from ntkbook.experiments.clustered_data.training import Recipe
from ntkbook.wants import natural, one_of


@expects(images=one_of(*NAMES), seed=natural)
@dataclass(frozen=True)
class Config:
    """Settings, checked at construction. Step sizes are eta = rate / m."""

    profile: str
    """Name of the profile."""
    n_seeds: int
    """Repetitions: of the data where they are drawn, of start and batches everywhere."""
    widths: tuple[int, ...]
    """Numbers of neurons m on the mixtures, increasing."""
    separated: synthetic.Settings
    """Of the nets on the separated mixture."""
    synthetic: synthetic.Settings
    """Of the nets on the synthetic data."""
    n_seeds_images: int
    """Repetitions on MNIST, which cost most."""
    n_images: int
    """MNIST training images."""
    n_images_test: int
    """MNIST test images."""
    widths_images: tuple[int, ...]
    """Numbers of neurons m on MNIST, increasing."""
    recipe_images: Recipe
    """Of SGD on MNIST."""
    grid: structure.Grid
    """What is varied in the structure of the mixture."""
    structure: structure.Settings
    """Of the nets on these mixtures."""
    labels: labels.Settings
    """Of the nets on true and random labels."""
    xor: xor.Settings
    """Of the nets on XOR data."""
    simple: simple.Settings
    """Of setting (S)."""
    images: str = "mnist"
    """Name of the images, in the sense of `ntkbook.data.load_classes`; they have ten classes."""
    slow: Pace = SLOW
    """Of setting (S), slow."""
    paper: Pace = PAPER
    """Of setting (S), at the paper's step size."""
    n_arrays: int = 20
    """Random error arrays for Lemma 5.2."""
    seed: int = 0
    """Root of every random stream."""

    def __post_init__(self):
        check_increasing(widths=self.widths, widths_images=self.widths_images)
        check_counts(
            n_seeds=self.n_seeds,
            n_seeds_images=self.n_seeds_images,
            n_images=self.n_images,
            n_images_test=self.n_images_test,
            n_arrays=self.n_arrays,
        )


PROFILES = {
    "quick": Config(
        "quick",
        n_seeds=3,
        widths=(250, 1000, 2000),
        synthetic=synthetic.Settings(),
        separated=synthetic.Settings(Clusters(dim=200), mixture="separated"),
        n_seeds_images=3,
        n_images=4000,
        n_images_test=500,
        widths_images=(250, 1000),
        recipe_images=Recipe(n_steps=200, batch_size=64, rate=4000.0),
        grid=structure.Grid(
            sigmas=(0.5, 1.0, 2.0, 4.0), ks=(5, 10, 20), ls=(1, 2, 4, 8), dims=(50, 200, 800), base=Clusters(dim=400)
        ),
        structure=structure.Settings(width=400),
        labels=labels.Settings(width=400, recipe=Recipe(n_steps=3000), clusters=Clusters(dim=400)),
        xor=xor.Settings(width=500, recipe=Recipe(n_steps=1000)),
        simple=simple.Settings(width=10_000, clusters=Clusters(dim=400)),
    ),
    "laptop": Config(
        "laptop",
        n_seeds=5,
        widths=(250, 1000, 4000, 16_000),
        synthetic=synthetic.Settings(n_probe=1000),
        separated=synthetic.Settings(Clusters(dim=200), n_probe=1000, mixture="separated"),
        n_seeds_images=3,
        n_images=60_000,
        n_images_test=10_000,
        widths_images=(250, 1000, 4000, 16_000),
        recipe_images=Recipe(n_steps=20_000, batch_size=64, rate=4000.0),
        grid=structure.Grid(
            sigmas=(0.5, 1.0, 2.0, 4.0), ks=(5, 10, 20, 40), ls=(1, 2, 4, 8), dims=(50, 200, 800, 3200)
        ),
        structure=structure.Settings(width=2000, n_probe=1000),
        labels=labels.Settings(width=2000, recipe=Recipe(n_steps=5000)),
        xor=xor.Settings(width=1000, recipe=Recipe(n_steps=2000)),
        simple=simple.Settings(width=16_000),
    ),
    "paper": Config(
        "paper",
        n_seeds=5,
        widths=(250, 1000, 4000, 16_000, 64_000),
        synthetic=synthetic.Settings(n_probe=1000),
        separated=synthetic.Settings(Clusters(dim=200), n_probe=1000, mixture="separated"),
        n_seeds_images=5,
        n_images=60_000,
        n_images_test=10_000,
        widths_images=(250, 1000, 4000, 16_000, 64_000),
        recipe_images=Recipe(n_steps=20_000, batch_size=64, rate=4000.0),
        grid=structure.Grid(
            sigmas=(0.5, 1.0, 2.0, 4.0), ks=(5, 10, 20, 40), ls=(1, 2, 4, 8), dims=(50, 200, 800, 3200, 12_800)
        ),
        structure=structure.Settings(width=16_000, n_probe=1000),
        labels=labels.Settings(width=16_000, recipe=Recipe(n_steps=10_000)),
        xor=xor.Settings(width=1000, recipe=Recipe(n_steps=2000)),
        simple=simple.Settings(width=64_000),
    ),
}
