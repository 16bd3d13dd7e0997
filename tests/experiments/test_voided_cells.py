"""Which changes of the package void the finished cells of the experiments, and which do not."""

import shutil
from pathlib import Path

import pytest

from ntkbook.fingerprint import PACKAGE_DIR, code_closure

CELLS = {
    "kernel.deviations:measure": "kernels.empirical:monte_carlo_gram",
    "convergence.short_runs:measure": "training.gradient_descent:gradient_descent",
    "generalization.nets:measure": "kernels.h_infinity:h_infinity",
    "learnable_functions.nets:measure": "kernels.h_infinity:h_infinity",
    "clustered_data.synthetic:measure": "training.sgd_ensemble:sgd_ensemble",
}
"""Cells of the experiments, and a formula that each one uses."""


def closures(root: Path = PACKAGE_DIR) -> dict[str, dict[str, str]]:
    return {name: code_closure([f"ntkbook.experiments.{name}"], root) for name in CELLS}


@pytest.mark.parametrize("name", CELLS)
def test_cells_of_the_experiments_reach_their_formulas_and_neither_sweep_nor_claims(name: str):
    closure = code_closure([f"ntkbook.experiments.{name}"])
    assert f"ntkbook.{CELLS[name]}" in closure
    assert "ntkbook.experiments.sweep:sweep" not in closure
    modules = {definition.partition(":")[0] for definition in closure}
    assert not [m for m in modules if (PACKAGE_DIR.parent.joinpath(*m.split(".")) / "__init__.py").exists()]
    assert not [m for m in modules for word in ("records", "claims", "readings", "figures") if word in m]


@pytest.mark.parametrize(
    ("file", "old", "new", "user"),
    [
        ("experiments/catalogue.py", "NAMES = (", 'NAMES = ("another", ', None),
        ("experiments/convergence/claims.py", "CLAIMS = (", "MORE = 1\nCLAIMS = (MORE,", None),
        ("experiments/convergence/figures.py", "\n\n\ndef ", "\n\n\ndef more():\n    pass\n\n\ndef ", None),
        ("experiments/sweep.py", 'unit="cell"', 'unit="net"', None),
        ("kernels/h_infinity.py", "def h_infinity(", "@once\ndef h_infinity(", "kernels.h_infinity:h_infinity"),
        (
            "training/sgd_ensemble.py",
            "def sgd_ensemble(",
            "@once\ndef sgd_ensemble(",
            "training.sgd_ensemble:sgd_ensemble",
        ),
    ],
)
def test_what_may_change_in_the_package_without_voiding_a_cell(tmp_path: Path, file, old, new, user):
    root = tmp_path / "ntkbook"
    shutil.copytree(PACKAGE_DIR, root, ignore=shutil.ignore_patterns("__pycache__"))
    before = closures(root)
    source = (root / file).read_text("utf-8")
    assert old in source
    (root / file).write_text(source.replace(old, new, 1), "utf-8")
    after = closures(root)
    users = {name for name in CELLS if f"ntkbook.{user}" in before[name]}
    assert {name for name in CELLS if before[name] != after[name]} == users
    assert bool(users) == (user is not None)
    assert users != set(CELLS)
