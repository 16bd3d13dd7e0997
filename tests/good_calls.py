"""Good arguments for every public callable of book/api.md: by name of the parameter, by its class, or for one callable.

What the package only returns, and exceptions, are not called; `RESULTS` names them.
"""

import enum
import importlib
import inspect
import re
import tempfile
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any

import numpy as np
import torch
import xarray as xr

from ntkbook import (
    claims,
    data,
    diagnostics,
    kernel_ridge,
    kernels,
    networks,
    records,
    reporting,
    spectrum,
    streams,
    training,
    tuning,
)
from ntkbook.bounds import taylor
from ntkbook.experiments import lab
from ntkbook.experiments.experiment import Experiment
from ntkbook.experiments.judging import at_most, decide
from ntkbook.kernels import sphere
from ntkbook.ledger import KEYS
from ntkbook.provenance import PROVENANCE
from ntkbook.reporting import coincidences, spectral_measure

API = Path(__file__).parent.parent / "book/api.md"
N, D, M, K = 6, 3, 8, 3
RNG = np.random.default_rng
RESULTS = {
    "data.Points", "data.Separation", "networks.Linearisation", "label_norm.LabelNorms", "kernel_ridge.KernelRidge",
    "training.DeepSnapshot", "training.DeepTrajectory", "training.DescentSnapshot", "training.DescentTrajectory",
    "training.LayerMovement", "training.LinearTrajectory", "training.LongTrajectory", "training.Movement",
    "training.NetTrajectory", "training.RegressionSnapshot", "training.RegressionTrajectory", "training.RoundSnapshot",
    "training.SecondVariantTrajectory", "training.SgdSnapshot", "training.SgdTrajectory", "training.Snapshot",
    "training.Trajectory", "training.Convergence", "tuning.Result", "tuning.Fit", "tuning.Trial", "margins.HardMargin",
    "margins.FeatureMargin", "adversarial.Shift", "bounds.arora2019_generalization.RademacherBound",
    "bounds.cao2019_generalization.GapTerms", "bounds.cao2019_lemmas.NetworkBounds",
    "bounds.allenzhu2019_theorems.Demand", "claims.Statement", "claims.Judgement",
    "reporting.Measures", "reporting.Problem", "reporting.Report", "reporting.leave_one_out.LeaveOneOut",
    "reporting.leave_one_out.Flips", "reporting.spectral_measure.SpectralMeasure",
    "reporting.coincidences.Coincidences", "reporting.clusters.Clusters",
}  # fmt: skip


def public() -> dict[str, Callable]:
    """Functions, classes and their methods that book/api.md shows, by their names after "ntkbook."."""
    found: dict[str, Callable] = {}
    for name, options in re.findall(r"automodule:: ntkbook\.(\S+)\n((?:\s+:.*\n)*)", API.read_text("utf-8")):
        module = importlib.import_module(f"ntkbook.{name}")
        for member in getattr(module, "__all__", None) or [key for key in vars(module) if not key.startswith("_")]:
            value = getattr(module, member)
            own = ":imported-members:" in options or getattr(value, "__module__", "") == module.__name__
            if callable(value) and own and value.__module__.startswith("ntkbook"):
                found |= _with_methods(f"{name}.{member}", value)
    return found


def _with_methods(name: str, value: Any) -> dict[str, Callable]:
    if not inspect.isclass(value):
        return {name: value}
    if issubclass(value, BaseException | enum.Enum) or getattr(value, "_is_protocol", False):
        return {}
    methods = {
        f"{name}.{key}": getattr(value, key)
        for key, member in vars(value).items()
        if (key == "__call__" or not key.startswith("_"))
        and (inspect.isfunction(member) or isinstance(member, classmethod))
    }
    return methods if name in RESULTS else {name: value} | methods


def _rows(n: int = N, d: int = D) -> np.ndarray:
    return data.unit_rows(RNG(0).standard_normal((n, d)))


def x() -> torch.Tensor:
    return torch.from_numpy(_rows())


def normal(*shape: int) -> torch.Tensor:
    return torch.from_numpy(RNG(1).standard_normal(shape))


def signs(*shape: int) -> torch.Tensor:
    return torch.from_numpy(RNG(2).choice([-1.0, 1.0], size=shape))


def classes() -> torch.Tensor:
    return torch.arange(N) % K


def gram() -> torch.Tensor:
    return kernels.h_infinity(x())


def separable() -> torch.Tensor:
    return torch.where(x()[:, 0] > 0, 1.0, -1.0).double()


def two() -> networks.TwoLayer:
    return networks.TwoLayer.initialise(D, M, RNG(3), dtype=torch.float64)


def deep() -> networks.DeepReLU:
    return networks.DeepReLU.initialise(D, (M, 4), RNG(3), dtype=torch.float64)


def three() -> networks.ThreeLayer:
    return networks.ThreeLayer.initialise(D, (M, 4), RNG(3), dtype=torch.float64)


def classifier() -> networks.TwoLayerClassifier:
    return networks.TwoLayerClassifier.initialise(D, M, K, RNG(3), dtype=torch.float64)


def biased() -> networks.BiasedTwoLayer:
    return networks.BiasedTwoLayer.initialise(D, M, RNG(3), dtype=torch.float64)


def sample() -> data.Sample:
    y = np.resize([1.0, -1.0], N)
    return data.Sample(_rows(), y, _rows(4), y[:4], "points", "drawn")


def task() -> tuning.Task:
    return tuning.Task(_draw, 5, 5, 5, streams.Streams(0))


def _draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    points = rng.standard_normal((n, 2))
    return points, points[:, 0]


def _learner(points, targets, settings):
    error = float(np.square(targets).mean())
    return [tuning.Fit(lambda z: np.zeros(len(z)), training.Convergence(error, 0.0, 1.0)) for _ in settings]


def _variant() -> training.SecondVariant:
    return training.SecondVariant(n_rounds=2, inner_steps=2, step_size=0.01, batch_size=2)


def record() -> xr.DataTree:
    found = xr.DataTree.from_dict({"/numbers": xr.Dataset({"value": ("seed", [1.0, 2.0, 4.0])})})
    found.attrs = dict.fromkeys(PROVENANCE, "0")
    return found


def _check(record: xr.DataTree) -> claims.Judgement:
    return decide("a mean", reproduced=[at_most("mean", float(records.part(record, "numbers").value.mean()), 3.0)])


def _claim() -> claims.Claim:
    return claims.Claim("A01", _check, "3", "0")


def _lab() -> lab.Lab:
    return lab.Lab(0, device="cpu", n_jobs=1, store=None)


def wide() -> networks.TwoLayer:
    return networks.TwoLayer.initialise(D, 200, RNG(3), dtype=torch.float64)


@cache
def scratch() -> Path:
    return Path(tempfile.mkdtemp(prefix="calls-"))


def _file(name: str, content: bytes) -> Path:
    path = scratch() / name
    path.write_bytes(content)
    return path


def _cell() -> xr.Dataset:
    return xr.Dataset({"square": 1.0})


def _cell_file() -> Path:
    records.save_cell(_cell(), path := scratch() / "kept.nc")
    return path


@dataclass(frozen=True)
class _Cell:
    number: int


def _measure_cell(cell: _Cell, *common: Any) -> xr.Dataset:
    return xr.Dataset({"square": cell.number**2})


@dataclass(frozen=True)
class _Config:
    profile: str = "quick"
    n_seeds: int = 1
    seed: int = 0


def _measure(config: _Config, lab: lab.Lab) -> dict[str, xr.Dataset]:
    return {"numbers": lab.sweep(_measure_cell, [_Cell(1), _Cell(2)])}


def _experiment() -> Experiment:
    return Experiment("toy", "a toy", {"quick": _Config()}, _measure, (_claim(),), lambda record: {}, "float64")


def _row() -> dict[str, Any]:
    return dict.fromkeys(KEYS, "0") | {"claim": "A01", "verdict": "reproduced", "margin": 1.5}


def factor() -> torch.Tensor:
    return torch.linalg.cholesky(gram()).contiguous()


def two_classes() -> np.ndarray:
    return np.resize([0, 1], N)


def _problem() -> reporting.Problem:
    return reporting.problem(_rows(), two_classes())


def _arrays() -> Path:
    np.savez(path := scratch() / "data.npz", x=_rows(), y=two_classes())
    return path


@cache
def _report() -> reporting.Report:
    return reporting.report(_rows(), two_classes(), progress=False)


def _grid() -> tuning.Grid:
    return tuning.Grid({"step": (0.1, 0.2, 0.4)})


def _trials() -> tuple[tuning.Trial, ...]:
    on = task()
    return tuple(
        tuning.Trial((("step", step),), error, training.Convergence(0.0, 0.0, 1.0), on)
        for step, error in ((0.1, 2.0), (0.2, 1.0), (0.4, 3.0))
    )


BY_CLASS: dict[Any, Callable[[], Any]] = {
    np.random.Generator: lambda: RNG(0),
    networks.TwoLayer: two,
    networks.DeepReLU: deep,
    networks.ThreeLayer: three,
    networks.TwoLayerClassifier: classifier,
    networks.BiasedTwoLayer: biased,
    networks.Layered: deep,
    spectrum.Spectrum: lambda: spectrum.eigendecompose(gram()),
    taylor.TaylorSeries: lambda: taylor.power(3),
    data.Sample: sample,
    data.Waves: lambda: data.Waves.cosine([1.0, 2.0, 0.5]),
    data.Mixture: lambda: data.clustered_mixture(2, 2, D, RNG(0)),
    training.SecondVariant: _variant,
    tuning.Task: task,
    streams.Streams: lambda: streams.Streams(0),
    claims.Claim: _claim,
    lab.Lab: _lab,
    reporting.Problem: _problem,
    reporting.Report: lambda: _report(),
    spectral_measure.SpectralMeasure: lambda: spectral_measure.spectral_measure(gram(), factor(), normal(N, 1)),
    coincidences.Coincidences: lambda: coincidences.coincidences(np.vstack([_rows(), _rows()[:1]]), np.ones(N + 1)),
    torch.dtype: lambda: torch.float64,
    bool: lambda: True,
    inspect.Parameter.empty: lambda: None,
}
NUMBERS = {
    "n": 12, "d": D, "width": 64, "depth": 2, "lambda_min": 0.1, "init_scale": 0.5, "delta": 0.1, "epsilon": 0.1,
    "radius": 0.2, "residual_norm": 2.0, "p": 2, "alpha": 1.5, "beta_norm": 0.5, "trace_norm": 2.0, "constant": 10.0,
    "n_terms": 4, "label_norm": 2.0, "neuron_radius": 0.1, "total_radius": 1.0, "copies": 1, "rademacher": 0.2,
    "step_size": 0.05, "steps": 3, "n_classes": K, "n_components": 2, "v": 0.5, "gradient": 0.3, "descent": 0.5,
    "margin": 0.2, "layer": 1, "surrogate_error": 0.3, "first_order": -0.1, "degree": 3, "log_radius": 0.1,
    "log_inverse_epsilon": 3.0, "log_inverse_epsilon_0": 5.0, "targets": 2, "terms": 2, "outer_terms": 2,
    "inner_terms": 2, "sigma": 1.0, "sigma_0": 5.0, "output_scale": 1.0, "n_samples": 20, "fraction": 0.5,
    "jitter": 0.1, "batch_size": 2, "momentum": 0.5, "weight_decay": 0.01, "n_steps": 4, "per_decade": 4,
    "tolerance": 0.5, "max_steps": 3_000, "rtol": 1e-3, "first": 1, "factor": 2.0, "target": 0.5, "max_degree": 6,
    "angle": 0.3, "portion": 0.5, "ndim": 3, "n_train": 10, "n_test": 4, "seed": 0, "bound": 2.0, "value": 1.0,
    "stop_loss": 1e-9, "stop_surrogate": 1e-6, "stop_time": 1e6, "c": 2.0, "spread": 0.5, "seconds": 1.0,
    "stride": 1, "degree_": 5, "n_jobs": 1, "block_points": 2,
}  # fmt: skip
TENSORS: dict[str, Callable[[], Any]] = {
    "x": x, "other": lambda: torch.from_numpy(_rows(4)), "x_test": lambda: torch.from_numpy(_rows(4)),
    "weights": lambda: two().weights, "weights_0": lambda: two().weights + 0.1, "output_weights": lambda: signs(M),
    "gram": gram, "labels": separable, "y": separable, "residual": separable, "steps": lambda: torch.arange(4),
    "projections": lambda: normal(N), "cross_gram": lambda: kernels.h_infinity(torch.from_numpy(_rows(4)), x()),
    "cross": lambda: kernels.h_infinity(torch.from_numpy(_rows(4)), x()),
    "ridges": lambda: torch.tensor([0.1, 1.0]).double(),
    "gates": lambda: (x() @ two().weights >= 0).double(), "directions": lambda: normal(D, 9), "classes": classes,
    "outputs": lambda: normal(N, K), "margins": lambda: normal(N), "angles": lambda: torch.linspace(0, 3, N).double(),
    "inner_products": lambda: x() @ x().T, "preactivations": lambda: normal(N, M), "vector": lambda: normal(N),
    "signs": lambda: signs(N, 2), "in_reach": lambda: torch.arange(M).double(), "matrix": lambda: normal(N, D),
    "slopes": lambda: normal(N), "gaps": lambda: normal(N), "changes": lambda: normal(N), "pulls": lambda: normal(N, M),
    "biases": lambda: normal(M), "first_weights": lambda: normal(D, M), "second_weights": lambda: normal(M, 4),
    "first_biases": lambda: normal(M), "second_biases": lambda: normal(4), "first": lambda: normal(D, M),
    "second": lambda: normal(M, 4), "eigenvalues": lambda: torch.arange(N, 0, -1).double(),
    "eigenvectors": lambda: torch.eye(N).double(), "start": lambda: two().weights,
}  # fmt: skip
ARRAYS: dict[str, Callable[[], Any]] = {
    "x": _rows, "beta": lambda: np.array([0.5, 0.2, 0.1]), "a": lambda: np.eye(D),
    "cosines": lambda: np.linspace(-1, 1, 5),
    "classes": lambda: np.arange(N) % 2, "components": lambda: np.arange(N) % 2, "y": lambda: np.resize([1.0, -1.0], N),
    "exponent": lambda: np.ones(D), "frequency": lambda: np.ones(D), "coefficients": lambda: np.array([1.0, 2.0]),
    "means": lambda: np.eye(4, D), "exponents": lambda: np.ones((2, D), dtype=complex), "x_train": _rows,
    "y_train": lambda: np.resize([1.0, -1.0], N), "x_test": lambda: _rows(4), "y_test": lambda: np.ones(4),
}  # fmt: skip
OTHERS: dict[str, Callable[[], Any]] = {
    "widths": lambda: (M, 4), "movements": lambda: [0.1, 0.2], "device": lambda: "cpu", "dtype": lambda: "float64",
    "grams": lambda: [gram(), gram()], "space": lambda: "auto", "record_at": lambda: [1, 2],
    "profile": lambda: "quick", "experiment": lambda: "kernel", "name": lambda: "digits",
    "claim": _claim, "claims": lambda: [_claim()], "record": record, "variable": lambda: "numbers/value",
    "rows": lambda: [_row()], "committed": lambda: [_row()],
    "function": lambda: lambda t: t**2, "what": lambda: "slope", "measured": lambda: "slope 1",
    "draw": lambda: _draw, "streams": lambda: streams.Streams(0), "key": lambda: (1, 2),
    "log_weight": lambda: lambda i: -i,
    "log_coefficients": lambda: lambda i: -i,
}  # fmt: skip
PATH = Path("no/such/folder/or.nc")
WHOLE = {
    "data.Mixture": lambda: {"classes": np.array([0, 0, 1, 1]), "ball": False, "lifted": False, "unit_norm": False},
    "data.Mixture.around": lambda: {"components": np.array([0, 1, 3])},
    "data.Waves": lambda: {"coefficients": np.array([0.5 + 0j, 0.5])},
    "data.load": lambda: {"classes": (0, 1), "download": False},
    "data.load_classes": lambda: {"classes": (0, 1, 2), "download": False},
    "data.read_batch": lambda: {"path": _file("batch.bin", bytes(3073))},
    "data.read_idx": lambda: {"path": _file("labels", bytes([0, 0, 8, 1, 0, 0, 0, 2, 1, 2])), "ndim": 1},
    "data.separated_mixture": lambda: {"d": 8},
    "data.arctan_target": lambda: {"beta": np.array([0.5, 0.2, 0.1])},
    "networks.TwoLayerClassifier": lambda: {"output_weights": normal(K, M)},
    "networks.DeepReLU": lambda: {"weights": (normal(D, M), normal(M, 4)), "output_weights": signs(4)},
    "networks.ThreeLayer": lambda: {"output_weights": signs(4)},
    "networks.BiasedTwoLayer.pulls": lambda: {"hidden": biased().hidden(x())},
    "networks.DeepReLU.pulls": lambda: {"hidden": deep().hidden(x())},
    "networks.ThreeLayer.pulls": lambda: {"hidden": three().hidden(x())},
    "networks.ThreeLayer.moved": lambda: {"signs": signs(M)},
    "networks.layer_product": lambda: {"x": x()[0]},
    "networks.loss_gradient": lambda: {},
    "losses.softmax_cross_entropy": lambda: {},
    "kernels.monte_carlo_gram": lambda: {"n_samples": 20},
    "kernels.sphere.zonal_eigenvalues": lambda: {"d": 4, "profile": sphere.h_infinity_profile},
    "kernels.sphere.ridge_norm": lambda: {"d": 4, "profile": sphere.h_infinity_profile},
    "kernels.sphere.multiplicities": lambda: {"d": 4},
    "kernel_ridge.KernelRidge": lambda: {"dual": normal(N, 2), "train_predictions": normal(N, 2)},
    "kernel_ridge.KernelRidge.predict": lambda: {
        "self": kernel_ridge.kernel_ridge(BY_CLASS[spectrum.Spectrum](), separable(), torch.tensor([0.1, 1.0]).double())
    },
    "training.SecondVariant": lambda: dict(vars(_variant()) | {"smoothing_first": 0.1, "shrinkage": 0.1}),
    "training.regression_sgd": lambda: {"network": three()},
    "training.regression_sgd_ensemble": lambda: {
        "networks": [three()],
        "x": [x()],
        "y": [separable()],
        "step_sizes": [0.01],
        "rngs": [RNG(0)],
        "weight_decays": [0.0],
    },
    "training.second_variant_sgd_ensemble": lambda: {
        "networks": [three()],
        "x": [x()],
        "y": [separable()],
        "settings": [_variant()],
        "rngs": [RNG(0)],
    },
    "training.sgd_ensemble": lambda: {"networks": [classifier()], "x": [x()], "classes": [classes()], "rngs": [RNG(0)]},
    "training.log_grid": lambda: {"n_steps": 50},
    "tuning.Grid": lambda: {"axes": {"step": (0.1, 0.2, 0.4)}},
    "tuning.Choice": lambda: {"grid": _grid(), "trials": _trials()},
    "tuning.Contest": lambda: {"choices": {"one": tuning.Choice(_grid(), _trials())}},
    "tuning.Contest.result": lambda: {
        "self": tuning.Contest({"one": tuning.Choice(_grid(), _trials())}),
        "name": "one",
        "train": _learner,
        "longer": _learner,
    },
    "tuning.Task": lambda: {"n_train": 5, "n_validation": 5, "n_test": 5, "label_noise": 0.1},
    "tuning.Task.trials": lambda: {"train": _learner, "settings": [{"step": 0.1}]},
    "dynamics.auxiliary_sequence": lambda: {
        "gates": (x() @ wide().weights >= 0).double(),
        "output_weights": wide().output_weights,
    },
    "dynamics.linear_convergence_step": lambda: {"target": 1.0},
    "margins.hard_margin": lambda: {"inputs": x()},
    "margins.relu_feature_ceiling": lambda: {"weights": torch.full((N,), 1 / N).double()},
    "adversarial.adversarial_shift": lambda: {"x": x()[0], "radius": 2.0, "start": deep()},
    "adversarial.most_flips": lambda: {"x": x()[0]},
    "diagnostics.Probe": lambda: {},
    "diagnostics.Probe.__call__": lambda: {"self": diagnostics.Probe(classifier(), x(), classes())},
    "diagnostics.neuron_pulls": lambda: {"output_weights": normal(K, M), "gates": normal(N, M) > 0},
    "rademacher.flips_capped": lambda: {"n": 10},
    "bounds.arora2019.lemma_c2_gram_drift": lambda: {},
    "bounds.taylor.TaylorSeries": lambda: {"constant": 1.0, "first": 1, "radius": 3.0, "degree": 5.0},
    "bounds.taylor.polynomial": lambda: {},
    "claims.Condition": lambda: {"relation": "<="},
    "claims.Claim": lambda: {"id": "A01", "check": _claim().check, "expected": "1", "tolerance": "0.1"},
    "data.Sample": lambda: {"source": "drawn"},
    "verdicts.reads": lambda: {"variable": "numbers/value"},
    "ledger.read_ledger": lambda: {"path": PATH},
    "ledger.write_ledger": lambda: {"path": scratch() / "ledger.json"},
    "records.save": lambda: {"path": scratch() / "record.nc"},
    "records.load": lambda: {"path": records.RESULTS / "kernel-laptop.nc"},
    "records.load_best": lambda: {"folder": records.RESULTS},
    "records.load_cell": lambda: {"path": _cell_file()},
    "records.save_cell": lambda: {"path": scratch() / "cell.nc", "cell": _cell()},
    "records.as_saved": lambda: {"cell": _cell()},
    "records.part": lambda: {"name": "numbers"},
    "label_norm.label_norms": lambda: {"jitter": 0.1},
    "reporting.Problem.called": lambda: {"row": 2},
    "reporting.Problem.keep": lambda: {"rows": np.array([0, 2, 3]), "told": "some"},
    "reporting.Report.save": lambda: {"path": scratch() / "report.html"},
    "reporting.measure": lambda: {"progress": False},
    "reporting.problem": lambda: _own_data(),
    "reporting.read": lambda: {"path": _arrays(), "x": "x", "y": "y"},
    "reporting.report": lambda: {
        "x": _rows(),
        "y": two_classes(),
        "name": "mine",
        "regression": False,
        "progress": False,
    },
    "reporting.leave_one_out.leave_one_out": lambda: {"labels": normal(N, 2), "ridge": 0.1},
    "reporting.leave_one_out.inverse_diagonal": lambda: {"factor": factor()},
    "reporting.leave_one_out.choose_ridge": lambda: {"labels": normal(N, 2)},
    "reporting.leave_one_out.flips": lambda: {
        "factor": factor(),
        "labels": normal(N, 2),
        "rows": torch.tensor([1, 4]),
        "other": normal(2, 2),
    },
    "reporting.spectral_measure.SpectralMeasure.steps_to": lambda: {"left": 0.1},
    "reporting.spectral_measure.spectral_measure": lambda: {"factor": factor(), "labels": normal(N, 2)},
    "reporting.spectral_measure.solve": lambda: {"factor": factor(), "right": normal(N, 2)},
    "reporting.coincidences.coincidences": lambda: {"labels": two_classes()},
    "reporting.clusters.clusters": lambda: {"of": two_classes()},
    "experiments.experiment.Experiment": lambda: dict(vars(_experiment())),
    "experiments.experiment.Experiment.run": lambda: {"self": _experiment(), "config": _Config(), "store": scratch()},
    "experiments.catalogue.get": lambda: {"name": "kernel"},
    "experiments.lab.Lab": lambda: {"store": scratch()},
    "experiments.lab.Lab.found": lambda: {"names": ["digits"]},
    "experiments.lab.Lab.sample": lambda: {"draw": 1},
    "experiments.lab.Lab.note": lambda: {"source": "drawn", "sha256": "0"},
    "experiments.lab.Lab.sweep": lambda: {"measure": _measure_cell, "cells": [_Cell(1), _Cell(2)]},
    "experiments.sweep.sweep": lambda: {"measure": _measure_cell, "cells": [_Cell(1)], "store": scratch()},
    "experiments.sweep.table": lambda: {"cells": [_Cell(1)], "results": [_cell()]},
    "experiments.sweep.identity": lambda: {"value": 1},
    "experiments.judging.log_slope": lambda: {"x": np.arange(1.0, 5), "y": np.arange(1.0, 5) ** 2},
    "experiments.judging.slope": lambda: {
        "values": xr.DataArray([[1.0, 2.0], [3.0, 4.0]], coords={"width": [1, 2]}, dims=("width", "seed")),
        "dim": "width",
    },
    "experiments.judging.decide": lambda: {"reproduced": [], "only_asymptotic": [], "vacuous": []},
    "streams.Streams": lambda: {},
}


def _own_data() -> dict[str, Any]:
    return {"x": _rows(), "y": two_classes(), "name": "mine", "regression": False, "x_name": "x", "y_name": "y"}


def good(name: str, call: Callable) -> dict[str, Any]:
    """Arguments that a callable accepts, drawn anew; `KeyError` where none are known for one that it must have."""
    special = WHOLE.get(name, dict)()
    hints = typing.get_type_hints(call.__init__ if inspect.isclass(call) else call)
    found = {}
    for parameter in inspect.signature(call).parameters.values():
        if parameter.name in special:
            found[parameter.name] = special[parameter.name]
        elif parameter.name == "self":
            owner = getattr(importlib.import_module(f"ntkbook.{name.rsplit('.', 2)[0]}"), name.split(".")[-2])
            found["self"] = BY_CLASS[owner]()
        elif (value := _by_kind(parameter.name, hints.get(parameter.name))) is not None:
            found[parameter.name] = value
        elif parameter.default is parameter.empty and parameter.kind is not parameter.VAR_POSITIONAL:
            raise KeyError(f"{name}: no good argument is known for {parameter.name}; enter one in tests/good_calls.py")
    return found


def _by_kind(name: str, hint: Any) -> Any:
    options = typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, UnionType) else (hint,)
    for option in options:
        if option in BY_CLASS:
            return BY_CLASS[option]()
        if option is torch.Tensor and name in TENSORS:
            return TENSORS[name]()
        if option in (int, float) and name in NUMBERS:
            return option(NUMBERS[name])
        if option is str and name in OTHERS:
            return OTHERS[name]()
    if name in ARRAYS and ("ndarray" in str(hint) or "_SupportsArray" in str(hint)):
        return ARRAYS[name]()
    return OTHERS[name]() if name in OTHERS else None


def may_be_none(call: Callable, argument: str) -> bool:
    """Whether an annotation, or a default, allows None."""
    hints = typing.get_type_hints(call.__init__ if inspect.isclass(call) else call)
    allowed = type(None) in typing.get_args(hints.get(argument))
    return allowed or hints.get(argument) is Any or inspect.signature(call).parameters[argument].default is None


def takes_net(call: Callable) -> bool:
    """Whether an argument is a net."""
    nets = {networks.TwoLayer, networks.DeepReLU, networks.ThreeLayer, networks.TwoLayerClassifier}
    nets |= {networks.BiasedTwoLayer, networks.Layered}
    hints = typing.get_type_hints(call.__init__ if inspect.isclass(call) else call)
    return any(hint in nets for name, hint in hints.items() if name != "return")
