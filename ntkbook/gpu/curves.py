"""Figure 1 of Arora et al. (2019) at its own size: exact steps as far as they go, leaps to the end of the axis."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xarray as xr

from ntkbook import data, records
from ntkbook.experiments.million_steps import runs
from ntkbook.experiments.million_steps.config import Config
from ntkbook.experiments.problem import Problem
from ntkbook.experiments.problem import Settings as StepSize
from ntkbook.gpu.session import Session, device_name, synchronise
from ntkbook.provenance import provenance
from ntkbook.streams import Streams
from ntkbook.training import DescentTrajectory, long_gradient_descent

_TIMED_STEPS = 5
_PATIENCE = 2
"""A leap may take so many times as long as the one before it."""


class Curves:
    """The three kinds of labels on one data set, as the experiment `million_steps` trains them, in limited time."""

    def __init__(self, session: Session, name: str, config: Config):
        """Draw the images, and decompose H-infinity."""
        self._session, self._name, self._config = session, name, config
        streams = Streams(config.seed)
        self._sample = data.load(name, n_train=config.n, n_test=0, rng=streams("images"))
        self._problem = Problem.pose(self._sample, StepSize(), streams, session.device)
        self._start = runs.initialised(self._problem, config.runs, streams, 0)
        self._grid = config.runs.grid[config.runs.grid <= config.runs.last(name)]
        self._images = f"{config.n}:{self._sample.sha256}"
        self._exact: dict[str, DescentTrajectory] = {}

    @property
    def about(self) -> dict[str, Any]:
        """What was posed."""
        spectrum, eta = self._problem.spectrum, self._problem.step_size
        return {
            "data": self._sample.source,
            "n": self._config.n,
            "m": self._config.runs.width,
            "step size": eta,
            "lambda max": spectrum.lambda_max,
            "lambda min": spectrum.lambda_min,
            "eta lambda max": eta * spectrum.lambda_max,
        }

    def exact(self, labels: str, seconds: float) -> dict[str, Any]:
        """Gradient descent step by step for about so many seconds; a few steps are timed to find how many that is.

        Where an earlier session in this folder followed it as far, what that found is taken.
        """
        name = f"exact-{self._name}-{labels}"
        few = np.arange(_TIMED_STEPS + 1)
        self._stepwise(labels, few)
        begin = time.monotonic()
        self._stepwise(labels, few)
        each = (time.monotonic() - begin) / _TIMED_STEPS
        steps = self._grid[self._grid <= max(100, int(seconds / each))]
        path = self._followed(name)
        if path is None or path.steps[-1] < steps[-1]:
            begin = time.monotonic()
            path = self._stepwise(labels, steps)
            norms = ("step", path.residual_norms / self._config.n**0.5)
            found = xr.Dataset({"residual": norms, "residuals": (("step", "sample"), path.residuals)})
            self._save(name, found.assign_coords(step=path.steps), labels, time.monotonic() - begin)
        self._exact[labels], n_steps = path, int(path.steps[-1])
        took = float(records.load_cell(self._out(f"{name}.nc")).attrs["seconds"])
        return {"labels": labels, "steps": n_steps, "ms a step": 1000 * took / n_steps}

    def long(self, labels: str, deadline: float) -> dict[str, Any]:
        """The run to the end of the axis, or until only `deadline` seconds of the session are left.

        Where an earlier session in this folder left the same run, it goes on.
        """
        begin = last = time.monotonic()
        name, checkpoint = f"long-{self._name}-{labels}", self._out(f"checkpoint-{self._name}-{labels}.npz")
        kept = checkpoint.exists() and self._out(f"{name}.nc").exists()  # a killed session leaves the checkpoint only
        earlier = records.load_cell(self._out(f"{name}.nc")).attrs if kept else {}

        def go_on(step: int) -> bool:
            nonlocal last
            synchronise(self._session.device)
            leap, last = time.monotonic() - last, time.monotonic()
            return self._session.left - _PATIENCE * leap > deadline

        path = long_gradient_descent(
            self._start,
            self._problem.x.float(),
            self._problem.labels[labels].float(),
            step_size=self._problem.step_size,
            n_steps=int(self._grid[-1]),
            rtol=self._config.runs.rtol,
            record_at=self._grid,
            checkpoint=checkpoint,
            go_on=go_on,
        )
        took = float(earlier.get("seconds", 0)) + time.monotonic() - begin
        record = runs.described(path, self._exact.get(labels), self._problem, labels, self._config.runs.grid)
        self._save(name, record, labels, took, earlier)
        leaps = xr.Dataset({"leaps": (("leap", "of_leap"), path.leaps)})
        self._save(f"leaps-{self._name}-{labels}", leaps, labels, took)
        shown = ("last_step", "leaps", "rejected", "evaluations", "exact_steps", "error", "error_of_mean")
        return {
            "labels": labels,
            **{name: record[name].item() for name in (*shown, "distance_of_mean", "largest_leap_error")},
            "loss at the end": float(path.loss[-1] / self._config.n),
            "ms a gradient": 1000 * took / max(1, path.evaluations),
        }

    def _out(self, name: str) -> Path:
        return self._session.out / name

    def _followed(self, name: str) -> DescentTrajectory | None:
        """What an earlier session in this folder followed step by step."""
        path, eta = self._out(f"{name}.nc"), self._problem.step_size
        found = records.load_cell(path) if path.exists() else xr.Dataset()
        if "residuals" not in found or found.attrs["data_sha256"] != self._images:  # older sessions kept norms only
            return None
        steps, residuals = found.step.values.astype(np.int64), found.residuals.values
        return DescentTrajectory(steps=steps, step_size=eta, space="weights", residuals=residuals)

    def _stepwise(self, labels: str, steps: np.ndarray) -> DescentTrajectory:
        path = runs.stepwise(self._start, self._problem, labels, steps)
        synchronise(self._session.device)
        return path

    def _save(
        self, name: str, record: xr.Dataset, labels: str, seconds: float, earlier: Mapping[str, str] | None = None
    ) -> None:
        """Write one run with its provenance and that of its earlier sessions; netCDF-3, which needs SciPy only."""
        record.attrs = provenance(
            experiment="million_steps",
            profile=self._config.profile,
            config=asdict(self._config),
            seeds=range(self._config.n_seeds),
            data={self._name: (self._sample.source, self._images)},
            device=device_name(self._session.device),
            dtype="float32 training, float64 spectra",
            threads=str(torch.get_num_threads()),
            seconds=seconds,
        ) | {"cell": f"{self._name}, {labels}, 0"}
        if earlier:
            for key in ("device", "threads", "commit"):
                record.attrs[key] = "; ".join(dict.fromkeys([*str(earlier[key]).split("; "), record.attrs[key]]))
        records.save_cell(record, self._out(f"{name}.nc"))
