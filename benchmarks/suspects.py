"""Labels that look wrong: leave-one-out margins of H-infinity against cleanlab with cross-validated classifiers.

`python -m benchmarks.suspects` prints the table, `--write` stores it for the chapter on generalisation. It needs the
extra `suspects` (cleanlab), MNIST and CIFAR-10.
"""

import csv
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from torch import Tensor

import ntkbook
from ntkbook.data import Sample, load
from ntkbook.kernels import h_infinity, neural_tangent_kernel
from ntkbook.reporting.leave_one_out import choose_ridge, flips, leave_one_out

PAIRS = (("mnist", (4, 9)), ("mnist", (3, 8)), ("cifar10", (0, 1)))
N, FLIPPED, SEEDS = 1000, 100, 5
RECORD = Path(ntkbook.__file__).parent / "reporting" / "suspects.csv"


def flip_change(x: Tensor, y: Tensor) -> Tensor:
    """By how much y'H^-1 y falls when a label is flipped."""
    everyone = torch.arange(len(x))
    return -flips(torch.linalg.cholesky(h_infinity(x)), y, everyone, -y).changes[:, 0]


def margin(x: Tensor, y: Tensor) -> Tensor:
    """Minus the leave-one-out margin, with the ridge that predicts best."""
    ridge = choose_ridge(x, y, np.random.default_rng(0))
    return -(y * leave_one_out(h_infinity(x), y, ridge).predictions)[:, 0]


def deep_margin(x: Tensor, y: Tensor) -> Tensor:
    """The same with the tangent kernel of three hidden layers, scaled to the diagonal of H-infinity."""
    ridge = choose_ridge(x, y, np.random.default_rng(0))
    return -(y * leave_one_out(neural_tangent_kernel(x, 3) / 8, y, ridge).predictions)[:, 0]


def cleanlab(classifier: Callable[[], object]) -> Callable[[Tensor, Tensor], Tensor]:
    """Minus cleanlab's label quality from probabilities that five-fold cross-validation gives."""

    def score(x: Tensor, y: Tensor) -> Tensor:
        from cleanlab.rank import get_label_quality_scores  # pyright: ignore[reportMissingImports]

        labels = (y[:, 0] > 0).int().numpy()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # two hundred steps are not convergence; more change nothing
            probabilities = cross_val_predict(classifier(), x.numpy(), labels, cv=5, method="predict_proba")
        return -torch.tensor(get_label_quality_scores(labels, probabilities))

    return score


METHODS = {
    "flip, H-infinity": flip_change,
    "margin, H-infinity, ridge": margin,
    "margin, three layers, ridge": deep_margin,
    "cleanlab, random forest": cleanlab(lambda: RandomForestClassifier(100, random_state=0)),
    "cleanlab, logistic regression": cleanlab(lambda: LogisticRegression(max_iter=200)),
}


def noisy(sample: Sample, seed: int) -> tuple[Tensor, Tensor, np.ndarray]:
    """Inputs, labels of which some are flipped, and which."""
    wrong = np.zeros(N, bool)
    wrong[np.random.default_rng(100 + seed).choice(N, FLIPPED, replace=False)] = True
    y = np.where(wrong, -sample.y_train, sample.y_train)
    return torch.tensor(sample.x_train), torch.from_numpy(y)[:, None], wrong


def measure(method: Callable[[Tensor, Tensor], Tensor], name: str, classes: tuple[int, int]) -> dict[str, float]:
    """Mean over seeds: share of flipped labels among as many suspects, area under the ROC curve, CPU seconds."""
    found = []
    for seed in range(SEEDS):
        sample = load(name, n_train=N, n_test=0, rng=np.random.default_rng(seed), classes=classes)
        x, y, wrong = noisy(sample, seed)
        start = time.process_time()
        score = method(x, y).numpy().ravel()
        taken = time.process_time() - start
        found.append((wrong[np.argsort(-score)[:FLIPPED]].mean(), roc_auc_score(wrong, score), taken))
    share, area, taken = np.mean(found, axis=0)
    return {"share": round(float(share), 3), "auc": round(float(area), 3), "cpu_seconds": round(float(taken), 2)}


def table() -> list[dict[str, object]]:
    """One row for each data set and method."""
    rows = []
    for name, classes in PAIRS:
        for method, score in METHODS.items():
            rows.append(
                {"data": f"{name} {classes[0]}/{classes[1]}", "method": method, **measure(score, name, classes)}
            )
            print(*rows[-1].values(), sep="  ", flush=True)
    return rows


if __name__ == "__main__":
    rows = table()
    if "--write" in sys.argv[1:]:
        with RECORD.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
