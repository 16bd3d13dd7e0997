"""Figure 1 of Arora et al. (2019) at its own size: exact steps as far as they go, leaps to the end of the axis."""

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
import xarray as xr

from ntkbook import data, dynamics, records
from ntkbook.experiments.convergence.problem import Problem, Settings
from ntkbook.gpu.session import Session, device_name, synchronise
from ntkbook.networks import TwoLayer
from ntkbook.streams import Streams
from ntkbook.training import DescentTrajectory, gradient_descent, log_grid, long_gradient_descent

INIT_SCALE = 0.01
"""kappa, the paper's."""
RTOL = 1e-3
_PROBE_STEPS = 5


@dataclass(frozen=True)
class Sizes:
    """How large the runs are; the defaults are the paper's."""

    n: int = 10_000
    """Training images."""
    m: int = 10_000
    """Neurons."""


class Curves:
    """The three kinds of labels on one data set."""

    def __init__(self, session: Session, name: str, sizes: Sizes, n_steps: int):
        """Draw the images, and decompose H-infinity."""
        self._session, self._name, self._sizes, self._n_steps = session, name, sizes, n_steps
        streams = Streams(0)
        self._sample = data.load(name, n_train=sizes.n, n_test=0, rng=streams("images"))
        self._problem = Problem.pose(self._sample, Settings(), streams, session.device)
        self._x = self._problem.x.float()
        self._start = TwoLayer.initialise(
            self._x.shape[1], sizes.m, streams("weights", sizes.m, 0), init_scale=INIT_SCALE, device=session.device
        )
        self._exact: dict[str, DescentTrajectory] = {}
        self._grid = np.union1d(log_grid(min(1000, n_steps), 8), log_grid(n_steps, 4))

    @property
    def about(self) -> dict[str, Any]:
        """What was posed."""
        spectrum, eta = self._problem.spectrum, self._problem.step_size
        return {
            "data": self._sample.source,
            "n": self._sizes.n,
            "m": self._sizes.m,
            "step_size": eta,
            "lambda_max": spectrum.lambda_max,
            "lambda_min": spectrum.lambda_min,
            "sharpness": eta * spectrum.lambda_max,
        }

    def exact(self, labels: str, seconds: float) -> dict[str, Any]:
        """Gradient descent, step by step, for about so many seconds; its first steps are timed to find how many."""
        self._descend(labels, (), _PROBE_STEPS)
        begin = time.monotonic()
        self._descend(labels, (), _PROBE_STEPS)
        each = (time.monotonic() - begin) / _PROBE_STEPS
        wanted = self._grid[self._grid <= min(self._n_steps, max(100, int(seconds / each)))]
        grid = np.unique(np.concatenate([np.maximum(wanted - back, 0) for back in range(3)]))
        begin = time.monotonic()
        path = self._exact[labels] = self._descend(labels, grid, int(wanted[-1]))
        took = time.monotonic() - begin
        self._save(
            f"exact-{self._name}-{labels}",
            {"residual": ("step", path.residual_norms / self._sizes.n**0.5)},
            {"step": path.steps},
            labels,
            took,
            method="gradient descent, step by step",
        )
        return {"labels": labels, "steps": int(wanted[-1]), "ms a step": 1000 * took / int(wanted[-1])}

    def long(self, labels: str, deadline: float) -> dict[str, Any]:
        """The run to the end of the axis, or to where `session.left` is below `deadline`."""
        y, n, begin, last = self._problem.labels[labels].float(), self._sizes.n, time.monotonic(), time.monotonic()

        def go_on(step: int) -> bool:
            nonlocal last
            synchronise(self._session.device)
            now = time.monotonic()
            leap, last = now - last, now
            return self._session.left - 2 * leap > deadline

        path = long_gradient_descent(
            self._start,
            self._x,
            y,
            step_size=self._problem.step_size,
            n_steps=self._n_steps,
            rtol=RTOL,
            record_at=self._grid,
            go_on=go_on,
        )
        took, predicted = time.monotonic() - begin, self._predicted(labels, path.steps)
        horizon = np.unique(np.concatenate([[0], np.geomspace(1, self._n_steps, 200).round()])).astype(np.int64)
        errors = self._errors(labels, path.steps, path.residuals, path.mean_residuals)
        self._save(
            f"long-{self._name}-{labels}",
            {
                "loss": ("step", path.loss / n),
                "residual": ("step", path.residual_norms / n**0.5),
                "mean_residual": ("step", np.linalg.norm(path.mean_residuals, axis=1) / n**0.5),
                "oscillation": ("step", path.oscillations / n**0.5),
                "predicted": ("step", predicted),
                "flipped": ("step", path.movement.flipped),
                "movement": ("step", path.movement.total),
                "neuron_movement": ("step", path.movement.neurons.max(1)),
                "horizon_loss": ("horizon", self._predicted(labels, horizon) ** 2 / 2),
                "leaps": (("leap", "of_leap"), path.leaps),
                "lambda_min": self._problem.spectrum.lambda_min,
                "lambda_max": self._problem.spectrum.lambda_max,
                "step_size": self._problem.step_size,
                "evaluations": path.evaluations,
                **{name: float(value) for name, value in errors.items()},
            },
            {"step": path.steps, "horizon": horizon, "of_leap": ["start", "length", "error", "sharpness", "accepted"]},
            labels,
            took,
            method=f"long_gradient_descent, rtol {RTOL:g}",
        )
        return {
            "labels": labels,
            "reached step": int(path.steps[-1]),
            "loss": float(path.loss[-1] / n),
            "leaps": int(path.leaps[:, 4].sum()),
            "rejected": int((path.leaps[:, 4] == 0).sum()),
            "gradients": path.evaluations,
            "ms a gradient": 1000 * took / path.evaluations,
            **errors,
        }

    def _descend(self, labels: str, record_at: Iterable[int], n_steps: int) -> DescentTrajectory:
        y = self._problem.labels[labels].float()
        eta = self._problem.step_size
        path = gradient_descent(
            self._start,
            self._x,
            y,
            step_size=eta,
            n_steps=n_steps,
            record_at=record_at,
            space="weights",
            track_movement=False,
        )
        synchronise(self._session.device)
        return path

    def _predicted(self, labels: str, steps: np.ndarray) -> np.ndarray:
        """|y - u(k)| / sqrt(n) of eq. (8)."""
        y, eta = self._problem.labels[labels], self._problem.step_size
        k = torch.as_tensor(steps, device=self._session.device)
        return dynamics.linear_residual_norms(self._problem.spectrum, y, eta, k).cpu().numpy() / self._sizes.n**0.5

    def _errors(self, labels: str, steps: np.ndarray, residuals: np.ndarray, means: np.ndarray) -> dict[str, float]:
        """Largest distances to exact gradient descent, in units of |r(0)|, at the steps that both recorded."""
        if labels not in self._exact:
            return {"exact to": 0, "error": np.nan, "error of mean": np.nan, "distance of mean": np.nan}
        exact, norm = self._exact[labels], np.linalg.norm
        at = {int(k): r for k, r in zip(exact.steps, exact.residuals, strict=True)}
        scale, rows = norm(at[0]), []
        for k, residual, mean in zip(steps.tolist(), residuals, means, strict=True):
            if k >= 2 and {k, k - 1, k - 2} <= at.keys():
                exact_mean = (at[k] + 2 * at[k - 1] + at[k - 2]) / 4
                gaps = norm(residual) - norm(at[k]), norm(mean) - norm(exact_mean), norm(mean - exact_mean)
                rows.append([k, *(abs(gap) / scale for gap in gaps)])
        found = np.array(rows).max(0)
        return dict(zip(("exact to", "error", "error of mean", "distance of mean"), found.tolist(), strict=True))

    def _save(self, name: str, values: Any, coordinates: Any, labels: str, seconds: float, *, method: str) -> None:
        """Write one run with its provenance; netCDF-3, which needs SciPy only."""
        record = xr.Dataset({key.replace(" ", "_"): value for key, value in values.items()}, coordinates)
        record.attrs = records.provenance(
            experiment="million_steps",
            profile="paper",
            config={
                **asdict(self._sizes),
                "steps": self._n_steps,
                "data": self._name,
                "labels": labels,
                "init_scale": INIT_SCALE,
            },
            seeds=[0],
            data={self._name: (self._sample.source, f"{self._sizes.n}:{self._sample.sha256}")},
            device=device_name(self._session.device),
            dtype="float32 training, float64 spectra",
            seconds=seconds,
        ) | {"method": method}
        records.save_cell(record, self._session.out / f"{name}.nc")
