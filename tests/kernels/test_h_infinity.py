import importlib

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import as_float, hard_inputs, mp_h_infinity, unit_inputs

from ntkbook.data import near_parallel_pair
from ntkbook.experiments.judging import log_slope
from ntkbook.kernels import h_infinity, monte_carlo_gram

module = importlib.import_module("ntkbook.kernels.blocks")


def lengths(x):
    norms = x.norm(dim=1)
    return torch.outer(norms, norms)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 2e-15), (torch.float32, 1e-6)])
def test_gram_matches_mpmath_on_inputs_of_every_kind(dtype, tolerance):
    x = hard_inputs().to(dtype)
    error = (h_infinity(x).double() - torch.from_numpy(as_float(mp_h_infinity(x)))).abs()
    assert float((error / lengths(x.double())).max()) <= tolerance


def test_gram_matches_monte_carlo_at_rate_one_over_sqrt_m():
    x = unit_inputs(8, 4)
    gram = h_infinity(x)
    share = gram / (x @ x.T)  # probability that both gates are on
    deviation = (x @ x.T).abs() * (share * (1 - share)).clamp(min=0).sqrt()
    widths = np.array([400, 1600, 6400, 25_600])
    errors = []
    for m in widths:
        gaps = [monte_carlo_gram(x, int(m), np.random.default_rng([int(m), seed])) - gram for seed in range(10)]
        assert all(bool((gap.abs() <= 5 * deviation / m**0.5).all()) for gap in gaps)
        errors.append(np.sqrt(np.mean([float(gap.square().sum()) for gap in gaps])))
    assert log_slope(widths, np.array(errors)) == pytest.approx(-0.5, abs=0.12)


@settings(deadline=None, max_examples=30)
@given(n=st.integers(1, 12), d=st.integers(1, 8), seed=st.integers(0, 10_000))
def test_gram_is_symmetric_positive_semidefinite_with_exact_diagonal(n, d, seed):
    x = torch.from_numpy(np.random.default_rng(seed).standard_normal((n, d)))
    gram = h_infinity(x)
    assert torch.equal(gram, gram.T)
    assert float(torch.linalg.eigvalsh(gram)[0]) >= -1e-14 * float(gram.diagonal().max()) * n
    torch.testing.assert_close(gram.diagonal(), x.square().sum(1) / 2, rtol=1e-15, atol=0)


def test_diagonal_is_half_the_squared_length_to_the_last_bit():
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((200, 784)))
    assert torch.equal(h_infinity(x).diagonal(), torch.linalg.vector_norm(x, dim=1).square() / 2)


def test_gram_of_distinct_inputs_is_positive_definite():
    assert float(torch.linalg.eigvalsh(h_infinity(unit_inputs(40, 3)))[0]) > 1e-6


def test_rotating_all_inputs_changes_nothing():
    x = unit_inputs(10, 6)
    rotation = torch.from_numpy(np.linalg.qr(np.random.default_rng(1).standard_normal((6, 6)))[0])
    torch.testing.assert_close(h_infinity(x @ rotation), h_infinity(x), rtol=0, atol=5e-15)


def test_inputs_scale_the_gram_by_their_lengths():
    x, scale = unit_inputs(10, 6), torch.logspace(-3, 3, 10, dtype=torch.float64)
    expected = h_infinity(x) * torch.outer(scale, scale)
    torch.testing.assert_close(h_infinity(x * scale[:, None]), expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("angle", [1e-2, 1e-4, 1e-6])
def test_least_eigenvalue_of_a_near_parallel_pair_keeps_its_digits(angle):
    x = near_parallel_pair(angle, 20, np.random.default_rng(0))
    with mpmath.workdps(40):
        exact = float(min(mpmath.eigsy(mp_h_infinity(x), eigvals_only=True)))
    assert exact == pytest.approx(angle / (2 * np.pi), rel=2 * angle + 1e-8)
    gram = h_infinity(torch.from_numpy(x))
    assert float(torch.linalg.eigvalsh(gram)[0]) == pytest.approx(exact, rel=1e-15 / exact)  # rounding of entries 0.5
    # The gap 1/2 - h is an angle over 2 pi, so its error tells the angle's.
    assert 0.5 - float(gram[0, 1]) == pytest.approx(exact, rel=1e-8 if angle == 1e-6 else 1e-10)


def test_duplicates_give_equal_rows_and_antipodes_give_zero():
    x = unit_inputs(5, 7)
    gram = h_infinity(torch.cat([x, x, -x]))
    torch.testing.assert_close(gram[0:5, 5:10].diagonal(), gram[:5, :5].diagonal(), rtol=0, atol=3e-16)
    assert float(gram[0:5, 10:15].diagonal().abs().max()) <= 1e-16
    assert abs(float(torch.linalg.eigvalsh(h_infinity(torch.stack([x[0], x[0]])))[0])) <= 1e-16


@pytest.mark.parametrize("elements", [1, 7, 40])
@pytest.mark.parametrize("other", [False, True])
def test_block_size_does_not_matter(monkeypatch, elements, other):
    x = hard_inputs()
    args = (x, unit_inputs(9, 5)) if other else (x,)
    whole = h_infinity(*args)
    monkeypatch.setattr(module, "_BLOCK_ELEMENTS", elements)
    gram = h_infinity(*args)
    assert float(((gram - whole) / x.norm(dim=1)[:, None]).abs().max()) <= 50 * 4e-16
    if not other:
        assert torch.equal(gram, gram.T)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 2e-15), (torch.float32, 1e-6)])
def test_half_of_the_product_by_blas_and_the_whole_of_it_give_one_gram(monkeypatch, dtype, tolerance):
    x = torch.cat([hard_inputs(), torch.from_numpy(np.random.default_rng(0).standard_normal((300, 5)))]).to(dtype)
    by_blas = h_infinity(x)

    def whole(unit):
        above = torch.triu(torch.full((len(unit), len(unit)), torch.nan, dtype=unit.dtype), 1)
        return torch.tril(unit @ unit.T) + above  # what stands there is never read

    monkeypatch.setattr(module, "_products", whole)
    assert float(((h_infinity(x) - by_blas).abs() / lengths(x)).max()) <= tolerance


def test_inner_products_are_right_for_any_layout_in_memory():
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((40, 14)))
    for rows in (x, x.T.contiguous().T, x[:, ::2], x[::3]):
        torch.testing.assert_close(module._products(rows).tril(), (rows @ rows.T).tril(), rtol=1e-14, atol=1e-14)


def test_gram_in_a_precision_that_blas_does_not_have_is_that_of_float64_rounded():
    x = unit_inputs(30, 20)
    gram = h_infinity(x.bfloat16())
    assert gram.dtype == torch.bfloat16
    assert torch.equal(gram, gram.T)
    assert float((gram.double() - h_infinity(x)).abs().max()) <= 0.01


def test_many_near_parallel_pairs_are_taken_in_portions(monkeypatch):
    x = near_parallel_pair(1e-5, 4, np.random.default_rng(0))
    x = torch.from_numpy(np.concatenate([x] * 5))
    whole = h_infinity(x)
    monkeypatch.setattr(importlib.import_module("ntkbook.kernels.angles"), "_PAIRS_AT_ONCE", 3)
    torch.testing.assert_close(h_infinity(x), whole, rtol=0, atol=1e-16)


def test_cross_gram_agrees_with_the_symmetric_one():
    x = hard_inputs()
    error = (h_infinity(x, x) - h_infinity(x)).abs() / lengths(x)
    assert float(error.max()) <= 1e-15
    torch.testing.assert_close(h_infinity(x[2:5], x), h_infinity(x, x[2:5]).T, rtol=1e-13, atol=1e-14)


def test_input_is_left_as_it_was_and_may_be_one_row_or_strided():
    x = unit_inputs(6, 8)
    before = x.clone()
    torch.testing.assert_close(h_infinity(x[:, ::2]), h_infinity(x[:, ::2].contiguous()), rtol=1e-15, atol=1e-16)
    assert torch.equal(x, before)
    assert h_infinity(torch.tensor([[3.0, 4.0]], dtype=torch.float64)).tolist() == [[12.5]]


def test_float32_inputs_give_no_nan_and_an_exact_diagonal():
    gram = h_infinity(unit_inputs(300, 784, dtype=torch.float32))
    assert gram.dtype == torch.float32
    assert bool(torch.isfinite(gram).all())
    torch.testing.assert_close(gram.diagonal(), torch.full((300,), 0.5), rtol=1e-6, atol=0)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.eye(2), TypeError, "x: expected a torch tensor, found an array"),
        (
            torch.eye(2, dtype=torch.int64),
            TypeError,
            "x: expected a floating-point .* found a tensor of torch.int64",
        ),
        (torch.ones(3), ValueError, r"x: expected shape \(n, d\), found \(3,\)"),
        (torch.ones(0, 3), ValueError, r"x: expected at least one entry, found shape \(0, 3\)"),
        (torch.ones(3, 0), ValueError, r"x: expected at least one entry, found shape \(3, 0\)"),
        (torch.tensor([[1.0, 0.0], [0.0, 0.0]]), ValueError, "x: expected finite, non-zero rows, found row 1"),
        (torch.tensor([[1.0, float("nan")]]), ValueError, "x: expected finite numbers, found nan in row 0"),
        (torch.tensor([[1.0, float("inf")]]), ValueError, "x: expected finite numbers, found inf in row 0"),
    ],
)
def test_bad_inputs_are_named(x, error, message):
    with pytest.raises(error, match=message):
        h_infinity(x)


def test_bad_second_inputs_are_named():
    with pytest.raises(ValueError, match="other: expected finite, non-zero rows, found row 1"):
        h_infinity(torch.eye(3), torch.tensor([[1.0, 0, 0], [0, 0, 0]]))
    with pytest.raises(ValueError, match=r"other: expected .*d = 3 as in x, found"):
        h_infinity(torch.eye(3), torch.eye(2))
