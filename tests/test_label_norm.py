import numpy as np
import pytest
import torch
from reference import unit_inputs

from ntkbook.kernels import h_infinity
from ntkbook.label_norm import NotPositiveDefiniteError, label_norms
from ntkbook.spectrum import eigendecompose


@pytest.mark.parametrize("n", [1, 2, 19, 60])
def test_norms_and_eigenvalues_agree_with_the_eigendecomposition(n):
    gram = h_infinity(unit_inputs(n, 8))
    labels = torch.from_numpy(np.random.default_rng(n).standard_normal((n, 3)))
    found, spectrum = label_norms(gram, labels), eigendecompose(gram)
    expected = (spectrum.project(labels).square() / spectrum.eigenvalues[:, None]).sum(0).sqrt()
    torch.testing.assert_close(found.values, expected, rtol=1e-10, atol=0)
    assert found.lambda_min == pytest.approx(spectrum.lambda_min, rel=2e-3)
    assert found.lambda_max == pytest.approx(spectrum.lambda_max, rel=2e-3)
    assert found.condition == pytest.approx(spectrum.lambda_max / spectrum.lambda_min, rel=4e-3)


def test_jitter_repairs_a_duplicate_says_so_and_lowers_the_norm():
    x = unit_inputs(30, 6)
    gram, labels = h_infinity(x), torch.ones(30, dtype=torch.float64)
    singular = h_infinity(torch.cat([x, x[:1]]))
    with pytest.raises(NotPositiveDefiniteError, match="rows 0 and 30"):
        label_norms(singular, torch.ones(31))
    repaired = label_norms(singular, torch.ones(31), jitter=1e-6)
    assert repaired.jitter == 1e-6
    assert repaired.lambda_min == pytest.approx(1e-6, rel=1e-2)
    assert float(label_norms(gram, labels, jitter=0.1).values) < float(label_norms(gram, labels).values)


@pytest.mark.parametrize(
    ("labels", "jitter", "message"),
    [
        (torch.ones(4), 0.0, r"labels: expected shape .* with n = 5 as in gram, found \(4,\)"),
        (torch.tensor([1.0, 1, 1, 1, float("nan")]), 0.0, "labels: expected finite"),
        (torch.ones(5), -1.0, "jitter: expected a number >= 0, found -1"),
    ],
)
def test_bad_input_is_refused(labels, jitter, message):
    with pytest.raises(ValueError, match=message):
        label_norms(h_infinity(unit_inputs(5, 3)), labels, jitter=jitter)


def test_all_parallel_rows_are_counted_and_antipodal_ones_not_called_parallel():
    x = unit_inputs(12, 4)
    with pytest.raises(NotPositiveDefiniteError, match=r"rows 0 and 12 .*of which there are 6 in all"):
        label_norms(h_infinity(torch.cat([x, 2 * x[:3]])), torch.ones(15))
    with pytest.raises(NotPositiveDefiniteError, match="none are parallel: look for antipodal pairs"):
        label_norms(h_infinity(torch.cat([x, -x])), torch.ones(24))
