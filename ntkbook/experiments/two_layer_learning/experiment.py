"""The experiment `two_layer_learning`: what two-layer nets with fixed biases and output weights learn."""

import xarray as xr

from ntkbook import data
from ntkbook.experiments.experiment import Experiment
from ntkbook.experiments.lab import Lab
from ntkbook.experiments.two_layer_learning import complexity, memory, parity, risk, widths
from ntkbook.experiments.two_layer_learning.claims import CLAIMS
from ntkbook.experiments.two_layer_learning.config import PROFILES, Config
from ntkbook.experiments.two_layer_learning.readings import readings
from ntkbook.experiments.two_layer_learning.targets import parity_shares


def measure(config: Config, lab: Lab) -> dict[str, xr.Dataset]:
    """Measure the parts.

    Parameters
    ----------
    config : Config
        Settings.
    lab : Lab
        Where to compute.

    Returns
    -------
    dict of str to xarray.Dataset
        "complexity", "growth", "truncated" and "demands" of activations; excess "risk"; nets of growing "widths" on one
        sample; "memory" of random labels; "parity" of the errors of nets and of their "kernels", "shares" of parity in
        the target.
    """
    seeds, where = range(config.n_seeds), (lab.streams, lab.device)
    lab.note("sphere", "uniform on the sphere", f"seed {config.seed}")
    samples = [risk.Cell(n, width) for n in config.sizes for width in config.risk_widths]
    nets = [widths.Cell(target, width) for target in widths.TARGETS for width in config.net_widths]
    labels = [memory.Cell(portion, seed) for portion in config.portions for seed in seeds]
    scales = [parity.Cell(scale, seed) for scale in config.output_scales for seed in seeds]
    kernels = [parity.KernelCell(seed) for seed in seeds]
    complexities = complexity.complexities(config.constants)
    return {
        "complexity": complexities,
        "growth": complexity.growth(complexities.begins),
        "truncated": complexity.truncated(config.constants),
        "demands": complexity.demands(config.constants),
        "shares": xr.Dataset(parity_shares(data.figure_1_target())),
        "parity": lab.sweep(parity.measure, scales, config.parity, *where),
        "kernels": lab.sweep(parity.measure_kernels, kernels, config.parity, *where),
        "widths": lab.sweep(widths.measure, nets, config.nets, *where).merge(widths.nulls(config.nets.dim)),
        "risk": lab.sweep(risk.measure, samples, config.risk, *where),
        "memory": lab.sweep(memory.measure, labels, config.memory, *where),
    }


EXPERIMENT = Experiment(
    name="two_layer_learning",
    summary="What two-layer nets with fixed biases and output weights learn, and which parity.",
    profiles=PROFILES,
    measure=measure,
    claims=CLAIMS,
    readings=readings,
    dtype="float32 training, float64 kernels",
)
