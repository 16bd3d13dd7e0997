"""Data that the explorers replay: ``python -m ntkbook.book.explorers [NAME ...]`` writes them beside their modules.

They come from the committed records. Where an explorer needs what no record holds, it is computed anew from the data
set that the record names, and a test compares it with what the record does hold.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xarray as xr

from ntkbook import records
from ntkbook.book.slices import DEGREES, slicers
from ntkbook.data import figure_1_target
from ntkbook.experiments.convergence.config import PROFILES as CONVERGENCE
from ntkbook.experiments.generalization.config import PROFILES as GENERALIZATION
from ntkbook.experiments.lab import Lab
from ntkbook.experiments.problem import Problem
from ntkbook.kernels import h_infinity
from ntkbook.label_norm import label_norms

FOLDER = Path("book", "_static", "explorers")
"""Of the explorers, from the root of the repository."""
SIZES = (100, 200, 500, 1000, 2000, 5000)
"""Images n on which eq. (10) is computed anew; the record has one size, 10,000."""


def part(experiment: str, name: str) -> xr.Dataset:
    """One part of the largest committed record of an experiment.

    Parameters
    ----------
    experiment, name : str
        Of the experiment and of its part.

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    FileNotFoundError
        If no record is committed.
    """
    record = records.load_best(experiment)
    if record is None:
        raise FileNotFoundError(f"experiment: expected one with a committed record, found none of {experiment}")
    return record[name].to_dataset()


def convergence() -> dict[str, Any]:
    """Spectrum of the images of the long runs on MNIST with the energies of their true labels, and the recorded losses.

    Returns
    -------
    dict
        Eigenvalues and (v_i.y)^2 by eigenvector, in descending order; recorded Phi / n by labels and step.
    """
    config = CONVERGENCE["laptop"]
    lab = Lab(config.seed, device="cpu", n_jobs=1, store=None)
    problem = Problem.pose(lab.sample("mnist", n_train=config.n_curves), config.step_size, lab.streams, "cpu")
    curves = part("convergence", "curves").sel(data="mnist")
    return {
        "n": config.n_curves,
        "width": config.curves.width,
        "stepSize": float(curves["step_size"][0]),
        "eigenvalue": problem.spectrum.eigenvalues,
        "energy": problem.spectrum.project(problem.labels["true"]) ** 2,
        "step": curves["step"],
        "measured": {kind: curves["loss"].sel(labels=kind) for kind in ("true", "random")},
    }


def generalization() -> dict[str, Any]:
    """What eq. (10) and its remainder need, on growing samples, and the errors of the recorded nets.

    Returns
    -------
    dict
        By data set: rows n, y'H^-1 y of the true labels, tr H^-1 and the least eigenvalue, the last row from the
        record; test errors by portion of random labels, means over draws, of the nets on `trained` images.
    """
    config, measures = GENERALIZATION["laptop"], part("generalization", "measures")
    rows: dict[str, list[list[float]]] = {}
    for name in config.datasets:
        rows[name] = [list(_label_norm_row(name, n, config.seed)) for n in SIZES]
        largest, n = measures.sel(data=name), config.n_measure
        true, random = largest["expected"].values[[0, -1]] ** 2 * n / 2
        rows[name].append([n, true, random, float(largest["lambda_min"])])
    nets = part("generalization", "nets").mean("draw")
    errors = {name: {kind: nets[kind].sel(data=name) for kind in ("ramp", "error")} for name in config.trained}
    return {"rows": rows, "trained": config.n_train, "portion": nets["portion"], "errors": errors}


def _label_norm_row(name: str, n: int, seed: int) -> tuple[int, float, float, float]:
    sample = Lab(seed, device="cpu", n_jobs=1, store=None).sample(name, n_train=n)
    found = label_norms(h_infinity(torch.tensor(sample.x_train)), torch.tensor(sample.y_train))
    trace = float(torch.cholesky_inverse(found.factor).trace())
    return n, float(found.values) ** 2, trace, found.lambda_min


def three_layer_learning() -> dict[str, Any]:
    """Errors of figure 1(b), over the variance of F: means over seeds, least and largest, by parity; and slices.

    Returns
    -------
    dict
        The variance of F and the share of its odd part; the degrees of the slices; a list of learners, each with its
        kind, name, sizes N and, for each size, what it says on the slice, in units of the standard deviation of F.
    """
    target = figure_1_target()
    variance, say = target.sphere_variance(), slicers()
    learners = []
    for kind, name in (("trained", "sizes"), ("linear", "linear_sizes"), ("infinite", "kernels")):
        found = part("three_layer_learning", name)
        for learner in map(str, found["learner"].values):
            said = [np.round(say[kind](learner, int(n)), 3) for n in found["n"].values]
            learners.append({**_errors(kind, found.sel(learner=learner)), "said": said})
    shares = {"variance": variance, "oddShare": target.odd.sphere_variance() / variance}
    return {**shares, "degrees": DEGREES, "learners": learners}


def _errors(kind: str, found: xr.Dataset) -> dict[str, Any]:
    error, mean = found["test_error"], found.mean("seed")
    return {
        "kind": kind,
        "name": str(found["learner"].item()),
        "n": found["n"],
        "error": mean["test_error"],
        "least": error.min("seed"),
        "largest": error.max("seed"),
        "even": mean["even_error"],
        "odd": mean["odd_error"],
    }


DATA: dict[str, Callable[[], dict[str, Any]]] = {
    "convergence": convergence,
    "generalization": generalization,
    "three_layer_learning": three_layer_learning,
}
"""Explorer -> what makes its data."""


def plain(value: Any, digits: int = 9) -> Any:
    """Numbers and arrays as JSON holds them, to so many digits."""
    if isinstance(value, dict):
        return {key: plain(inner, digits) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner, digits) for inner in value]
    if isinstance(value, xr.DataArray):
        value = value.values
    if isinstance(value, str):
        return value
    array = np.asarray(value)
    if array.ndim:
        return plain(list(array), digits)
    return float(f"{array.item():.{digits}g}") if array.dtype.kind == "f" else array.item()


def main(names: list[str], root: Path = Path()) -> None:
    """Write the data of some explorers, of all when none is named, below the root of the repository."""
    for name in names or list(DATA):
        make = DATA[name]
        text = json.dumps(plain(make()), separators=(",", ":"))
        (root / FOLDER / name / "data.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
