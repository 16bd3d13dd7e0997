"""The benchmarks run, at toy size, and their instruments measure what they say."""

import importlib
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _root_on_path(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))


def benchmark(name):
    return importlib.import_module(f"benchmarks.{name}")


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("gradient_descent", {"n": 10, "m": 20, "memory": False}),
        ("long_gradient_descent", {"n": 12, "d": 5, "m": 9, "n_steps": 300}),
        ("deep_gradient_descent", {"n": 6, "d": 5, "widths": ((8,), (7, 4)), "memory": False}),
        ("h_infinity", {"n": 30, "d": 5, "memory": False}),
        ("empirical", {"n": 4, "d": 3, "m": 8}),
        ("label_norm", {"n": 12, "d": 3, "labels": 4}),
        ("regression_sgd", {"m": 8, "batch": 5, "together": ((6, 3),)}),
        ("sgd", {"cases": ((20, 5, 4),), "n_steps": 10, "points": 30}),
    ],
)
def test_benchmark_runs_and_prints_measured_beside_target(name, sizes, capsys):
    rows = benchmark(name).rows(**sizes, repeats=1)
    assert all(row.ratio > 0 for row in rows)
    benchmark("measure").show(rows)
    table = capsys.readouterr().out
    for row in rows:
        (line,) = (line for line in table.splitlines() if line.startswith(row.what))
        assert f"{row.ratio:.2f}" in line
        assert f"{row.target:g}" in line
        assert ("MISSED" in line) != row.met


def test_peers_compute_the_same_thing():
    h_infinity, descent = benchmark("h_infinity"), benchmark("gradient_descent")
    x = h_infinity.inputs(20, 6)
    peer, ours = h_infinity.numpy_formula(x), h_infinity.h_infinity(torch.from_numpy(x)).numpy()
    off = ~np.eye(20, dtype=bool)
    np.testing.assert_allclose(peer[off], ours[off], rtol=1e-12)
    network, x, y = descent.problem(6, 5, 8)
    peer, ours = descent.autograd(network, x, y), descent.closed_form(network, x, y, movement=True)
    peer()
    with torch.no_grad():
        ours()
    (weights,) = (cell.cell_contents for cell in peer.__closure__ if isinstance(cell.cell_contents, torch.nn.Parameter))
    (space,) = (cell.cell_contents for cell in ours.__closure__ if hasattr(cell.cell_contents, "displacement"))
    torch.testing.assert_close(space.weights(slice(None)), weights.detach(), rtol=0, atol=1e-6)


@pytest.mark.parametrize("widths", [(8,), (7, 4, 10)])
def test_peer_of_deep_descent_takes_the_same_step(widths):
    deep = benchmark("deep_gradient_descent")
    network, x, y = deep.problem(6, 5, widths)
    peer, weights = deep.autograd(network, x, y)
    ours, state = deep.closed_form(network, x, y)
    for _ in range(3):
        peer()
        with torch.no_grad():
            ours()
    for found, right, start in zip(state.network.weights, weights, network.weights, strict=True):
        torch.testing.assert_close(found, right.detach(), rtol=0, atol=1e-6)
        assert float((found - start).norm()) > 1e-4


@pytest.mark.parametrize(("size", "recurring"), [(1, False), (5, False), (5, True)])
def test_peer_of_sgd_takes_the_same_steps(size, recurring):
    sgd = benchmark("sgd")
    network, x, y = sgd.problem(5, 40, 30)
    peer, weights = sgd.autograd(network, x, y, 4)
    ours, state = sgd.ours(network, x, y, 4, size=size, recurring=recurring)
    peer()
    with torch.no_grad():
        ours()
    torch.testing.assert_close(state.weights(0), weights.detach(), rtol=0, atol=1e-5)
    assert float((state.weights(0) - network.weights).norm()) > 0.01


def test_peer_of_three_layer_sgd_takes_the_same_steps():
    regression = benchmark("regression_sgd")
    network, x, y = regression.problem(30, n=40)
    peer, weights = regression.autograd(network, x, y, 10)
    ours, state = regression.closed_form(network, x, y, 10, nets=2)
    for _ in range(100):
        peer()
        with torch.no_grad():
            ours()
    starts = (network.first_weights, network.second_weights)
    for found, right, start in zip(state.weights, weights, starts, strict=True):
        torch.testing.assert_close(found, right.detach().expand(2, -1, -1), rtol=0, atol=1e-5)
        assert float((found[0] - start).norm()) > 1e-3


def test_times_may_be_the_shortest():
    waits = iter((0.0, 0.02, 0.0, 0.02))  # the first one runs before the clock starts
    (taken,) = benchmark("measure").seconds(lambda: time.sleep(next(waits)), repeats=3, summary=min)
    assert taken < 0.02


def test_times_are_medians_of_calls_that_take_turns():
    order = []
    short, long = benchmark("measure").seconds(
        lambda: order.append("short"), lambda: (order.append("long"), time.sleep(0.01)), repeats=3
    )
    assert order == ["short", "long"] * 4
    assert short < 0.01 <= long < 0.1


TOY = """
import sys
from types import SimpleNamespace
import numpy as np

def prepare(case):
    np.ones(2**24).sum()  # 128 MB that are gone before the call
    return lambda: np.ones(2**23).sum()  # 64 MB, freed before the call returns

sys.modules["benchmarks.toy"] = SimpleNamespace(prepare=prepare)
from benchmarks.measure import _extra_memory_here
print(_extra_memory_here("toy", "any"))
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="peak memory is read from /proc")
def test_extra_memory_is_the_peak_of_the_call_and_not_of_its_preparation():
    root = Path(__file__).resolve().parent.parent
    answer = subprocess.run([sys.executable, "-c", TOY], cwd=root, capture_output=True, text=True, check=True)
    assert 0.9 * 2**26 <= int(answer.stdout) <= 1.3 * 2**26
