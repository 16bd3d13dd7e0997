import numpy as np
import torch

from ntkbook.training.split_products import Products, matrix_units, split


def numbers(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape, dtype=np.float32))


def test_halves_add_up_exactly_and_the_first_has_eleven_bits():
    values = numbers(50, 40) * torch.logspace(-20, 20, 40)
    high, low = split(values)
    assert torch.equal(high + low, values)
    mantissa, _ = torch.frexp(high)
    assert torch.equal(mantissa * 2**11, (mantissa * 2**11).round())
    assert float((low / values).abs().max()) < 2**-10


def test_products_in_halves_are_the_products():
    x, w, r, gates = (
        numbers(30, 20),
        numbers(20, 17, seed=1),
        numbers(30, seed=2),
        (numbers(30, 17, seed=3) > 0).float(),
    )
    for halves in (True, False):
        products, out = Products(x, halves=halves), torch.empty(30, 17)
        products.image(w, out)
        torch.testing.assert_close(out, x @ w, rtol=0, atol=1e-5)
        products.weigh(r)
        torch.testing.assert_close(products.pull(gates), (x.T * r) @ gates, rtol=0, atol=1e-5)


def test_products_of_rounded_factors_would_not_do(monkeypatch):
    """Matrix units that drop the second halves are found out, and are not used."""
    x = numbers(300, 20)
    monkeypatch.setattr("ntkbook.training.split_products.split", lambda values: (split(values)[0], 0 * values))
    assert not Products(x, halves=True).halves
    monkeypatch.undo()
    assert Products(x, halves=True).halves
    assert not Products(x).halves  # on the CPU a product is a product


def test_the_precision_of_other_products_is_left_as_it_was():
    before = torch.get_float32_matmul_precision()
    with matrix_units():
        assert torch.get_float32_matmul_precision() == "high"
    assert torch.get_float32_matmul_precision() == before
