import numpy as np
import pytest
import torch
from reference import unit_inputs

from ntkbook import diagnostics
from ntkbook.kernels import empirical_gram


def layers(n=8, d=5, m=30, dtype=torch.float64):
    rng = np.random.default_rng(0)
    now, start = (torch.from_numpy(rng.standard_normal((d, m))).to(dtype) for _ in range(2))
    return unit_inputs(n, d, dtype=dtype), now, start


def test_flipped_gates_are_counted_one_by_one():
    x, now, start = layers()
    count = sum((float(x[i] @ now[:, r]) >= 0) != (float(x[i] @ start[:, r]) >= 0) for i in range(8) for r in range(30))
    assert diagnostics.gates_flipped(x, now, start) == pytest.approx(count / 240)
    assert diagnostics.gates_flipped(x, now, now) == 0
    assert diagnostics.gates_flipped(x, now, -now) == 1


def test_a_gate_is_on_at_zero():
    x, zero = torch.eye(2, dtype=torch.float64), torch.zeros(2, 1, dtype=torch.float64)
    assert diagnostics.gates_flipped(x, zero, zero + 1) == 0
    assert diagnostics.gates_flipped(x, zero, zero - 1) == 1


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-13), (torch.float32, 1e-5)])
@pytest.mark.parametrize("elements", [None, 1, 100])
def test_gram_times_a_vector_is_the_gram_times_the_vector(monkeypatch, dtype, tolerance, elements):
    if elements:
        monkeypatch.setattr(diagnostics, "_BLOCK_ELEMENTS", elements)
    x, now, _ = layers(dtype=dtype)
    x = x * torch.linspace(0.5, 2, 8, dtype=dtype)[:, None]
    vector = torch.from_numpy(np.random.default_rng(1).standard_normal(8)).to(dtype)
    found = diagnostics.gram_times(x @ x.T, x @ now, vector)
    assert found.dtype == dtype
    torch.testing.assert_close(found, empirical_gram(x, now) @ vector, rtol=0, atol=tolerance)


def test_gram_drift_is_the_norm_of_the_difference():
    x, now, start = layers()
    gram = empirical_gram(x, start)
    expected = np.linalg.norm((empirical_gram(x, now) - gram).numpy(), "fro")
    assert diagnostics.gram_drift(gram, now, x) == pytest.approx(expected, rel=1e-13)
    assert diagnostics.gram_drift(gram, start, x) == 0
