"""Settings so small that the experiment runs within a second or two, on data that are always there."""

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
from ntkbook.experiments.deep_relu.config import Config

CONFIG = Config(
    "tiny",
    n_seeds=2,
    depths=(1, 2),
    widths=(32, 64),
    short=descent.Settings(n=20, n_steps=40),
    long_depths=(1, 2),
    long_width=32,
    long=descent.Settings(n=20, n_steps=120, per_decade=4),
    run_sizes=(10, 20),
    run_width=32,
    sizes=(10, 20, 40),
    certificates=certificates.Settings(width=64),
    shapes=((1, 256), (1, 1024), (2, 256), (2, 512)),
    linearity=linearity.Settings(radii=(0.05, 0.1), n=10, dim=10, n_probes=4),
    start_depths=(1, 2),
    start_widths=(32, 64),
    n_start_seeds=20,
    start=start.Settings(sizes=(5, 20), dim=30),
    antipodal=antipodal.Settings(width=64, n_steps=20),
    rates=(16.0, 64.0),
    large_steps=large_steps.Settings(n=20, width=32, n_steps=15),
    formulas=formulas.Settings(widths=(20, 32, 16), dim=6, n=8),
    gap=tasks.Gap(dim=5),
    dataset="digits",
)
