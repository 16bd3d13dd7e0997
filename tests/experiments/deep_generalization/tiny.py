"""Settings so small that the experiment runs within two seconds."""

from ntkbook.experiments.deep_generalization import (
    certificates,
    close_pair,
    features,
    margins,
    nets,
    one_class,
    recursion,
)
from ntkbook.experiments.deep_generalization.config import Config

CONFIG = Config(
    "tiny",
    n_seeds=2,
    pool=(80, 60),
    margins=margins.Settings(n=20, depth=3),
    features=features.Settings(n=12, counts=(20, 60), n_fresh=500, width=64, depth=2),
    one_class=one_class.Settings(n=100, width=64),
    certificates=certificates.Settings(sizes=(10, 20, 40), width=32),
    portions=(0, 0.5, 1),
    widths=(32, 64),
    train_size=20,
    train_sizes=(20, 80),
    train_width=32,
    by_width=nets.Settings(n_steps=3, n_signs=4, n_adversarial=2),
    by_size=nets.Settings(n_steps=20, stop=0.2, n_signs=4, n_adversarial=2),
    sampled=recursion.Settings(counts=(100, 1000), depth=3),
    pairs=close_pair.Settings(angles=(1e-6, 1e-5, 1e-4, 1e-2, 0.1, 0.3)),
    depths=(1, 2),
    dims=(8, 64, 128),
    pair_widths=(16, 4096),
    n_draws=3,
    dataset="digits",
)
