import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from reference import unit_inputs

from ntkbook.kernels import h_infinity
from ntkbook.spectrum import check_gram, eigendecompose, energy_share, worst_case_labels

GRAM = h_infinity(unit_inputs(20, 5))


def test_eigenpairs_rebuild_the_matrix_largest_first():
    spectrum = eigendecompose(GRAM)
    v, lam = spectrum.eigenvectors, spectrum.eigenvalues
    torch.testing.assert_close(GRAM @ v, v * lam, rtol=0, atol=1e-14)
    torch.testing.assert_close(v.T @ v, torch.eye(20, dtype=torch.float64), rtol=0, atol=1e-13)
    assert bool((lam.diff() <= 0).all())
    assert spectrum.lambda_max == float(lam.max())
    assert spectrum.lambda_min == float(lam.min())
    assert float(lam.sum()) == pytest.approx(10, rel=1e-14)  # the trace: n / 2


def test_projections_keep_the_norm_and_several_columns_agree_with_one():
    spectrum = eigendecompose(GRAM)
    labels = torch.from_numpy(np.random.default_rng(0).standard_normal((20, 3)))
    together = spectrum.project(labels)
    for c in range(3):
        alone = spectrum.project(labels[:, c])
        torch.testing.assert_close(alone, together[:, c], rtol=0, atol=1e-14)
        assert float(alone.norm()) == pytest.approx(float(labels[:, c].norm()), rel=1e-14)
    picked = spectrum.project(spectrum.eigenvectors[:, 4])
    torch.testing.assert_close(picked, torch.eye(20, dtype=torch.float64)[4], rtol=0, atol=1e-13)


@given(n=st.integers(1, 60), fraction=st.floats(0.001, 1), seed=st.integers(0, 1000))
def test_energy_share_grows_to_one_with_the_fraction(n, fraction, seed):
    p = torch.from_numpy(np.random.default_rng(seed).standard_normal(n))
    share = float(energy_share(p, fraction))
    assert 0 < share <= 1 + 1e-12
    assert share <= float(energy_share(p, min(1.0, fraction * 1.5))) + 1e-12
    assert float(energy_share(p, 1)) == pytest.approx(1, rel=1e-12)


def test_energy_shares_of_single_eigenvectors_sum_to_one():
    p = torch.from_numpy(np.random.default_rng(0).standard_normal(10))
    running = np.array([float(energy_share(p, i / 10)) for i in range(1, 11)])
    np.testing.assert_allclose(np.diff(running, prepend=0), p.square() / p.square().sum(), atol=1e-14)


@pytest.mark.parametrize("n", [100, 200, 300, 700, 800, 10_000])
@pytest.mark.parametrize("percent", [1, 7, 10, 14, 28, 29, 55, 56, 57, 58])
def test_energy_share_of_a_flat_vector_is_the_fraction_itself(n, percent):
    assert float(energy_share(torch.ones(n, dtype=torch.float64), percent / 100)) == percent / 100


def test_top_of_a_few_vectors_is_rounded_up():
    assert float(energy_share(torch.ones(10), 0.11)) == pytest.approx(0.2)
    assert float(energy_share(torch.ones(3), 0.001)) == pytest.approx(1 / 3)


def test_energy_shares_of_columns_are_those_of_each():
    p = torch.from_numpy(np.random.default_rng(0).standard_normal((20, 2)))
    expected = torch.stack([energy_share(p[:, c], 0.3) for c in range(2)])
    torch.testing.assert_close(energy_share(p, 0.3), expected)


@pytest.mark.parametrize("fraction", [0, -0.1, 1.1, float("nan")])
def test_fraction_outside_zero_to_one_is_refused(fraction):
    with pytest.raises(ValueError, match=r"fraction: expected a number in \(0, 1\], found"):
        energy_share(torch.ones(3), fraction)


def test_worst_case_labels_are_the_last_eigenvector_with_the_norm_of_signs():
    spectrum = eigendecompose(GRAM)
    y = worst_case_labels(spectrum)
    assert float(y.square().sum()) == pytest.approx(20, rel=1e-13)
    torch.testing.assert_close(GRAM @ y, spectrum.lambda_min * y, rtol=0, atol=1e-13)
    assert float(y[y.abs().argmax()]) > 0
    flipped = eigendecompose(GRAM)
    flipped.eigenvectors.neg_()
    assert torch.equal(worst_case_labels(flipped), y)


@pytest.mark.parametrize(
    ("gram", "message"),
    [
        (torch.ones(3), r"shape \(n, n\), found \(3,\)"),
        (torch.ones(2, 3), r"shape \(n, n\), found \(2, 3\)"),
        (torch.ones(0, 0), r"at least one entry, found shape \(0, 0\)"),
        (torch.eye(2), "float64, found torch.float32"),
        (torch.tensor([[1.0, float("nan")], [0.0, 1.0]], dtype=torch.float64), "finite numbers, found nan"),
        (torch.tensor([[1.0, 1e-9], [0.0, 1.0]], dtype=torch.float64), "symmetric"),
    ],
)
@pytest.mark.parametrize("function", [check_gram, eigendecompose])
def test_what_is_no_gram_matrix_is_refused(gram, message, function):
    with pytest.raises(ValueError, match=rf"gram: expected .*{message}"):
        function(gram)


def test_rounding_does_not_count_as_asymmetry():
    noisy = GRAM.clone()
    noisy[0, 1] += 1e-16
    check_gram(noisy)
    large = torch.tensor([[1e9, 1e-5], [2e-5, 1e9]], dtype=torch.float64)  # 1e-14 of the largest entry
    check_gram(large)


def test_what_would_end_the_process_is_refused_in_words():
    giant = torch.zeros((), dtype=torch.float64).expand(32_767, 32_767)  # one number
    with pytest.raises(ValueError, match="gram: expected at most 32,766 rows, found 32,767; take fewer inputs"):
        eigendecompose(giant)
