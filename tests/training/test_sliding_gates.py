import sys
from itertools import product

import numpy as np
import pytest
import torch

from ntkbook.training import sliding_gates
from ntkbook.training.sliding_gates import Entries, bounds, chunks, slide


@pytest.fixture(params=["torch", "compiled"], autouse=True)
def loop(request, monkeypatch):
    """Every test, with each of the two loops."""
    if request.param == "torch":
        monkeypatch.setattr(sliding_gates, "_compiled", lambda: None)
    else:
        pytest.importorskip("numba")
        assert sliding_gates._compiled() is not None
    return request.param


def solved(products, start, drift, push, tolerance=1e-13, **settings):
    """Shares of open gates of one neuron, from its drift v (s,) with all gates shut and the impulses of open gates."""
    samples, neuron = torch.arange(len(start)), torch.zeros(len(start), dtype=torch.int64)
    entries = Entries(samples, neuron, start, start + drift, push, torch.zeros_like(start))
    return slide(entries, products, tolerance, **settings)[0]


def stepped(products, start, drift, push, n_steps=40_000):
    """Shares of the time in which gates are open, in so many small steps."""
    p, total = start.clone(), torch.zeros_like(start)
    for _ in range(n_steps):
        gates = (p >= 0).to(p.dtype)
        total += gates
        p += (drift + products @ (push * gates)) / n_steps
    return total / n_steps, p


CASES = [
    ("slides from above", 0.1, 0.4, -1.0),
    ("slides from below", -0.2, 0.4, -1.0),
    ("crosses down", 0.3, -0.5, -0.4),
    ("crosses up", -0.2, 0.7, -0.3),
    ("stays open", 0.5, 0.1, -0.2),
    ("stays shut", -0.5, 0.2, -0.9),
    ("is pushed up and stays", 0.1, -0.05, 0.3),
    ("crosses up and is pushed up", -0.1, 0.3, 0.5),
    ("crosses down though pushed up", 0.2, -0.9, 0.3),
]


@pytest.mark.parametrize(("what", "start", "drift", "push"), CASES)
def test_the_gate_of_one_entry_is_open_as_long_as_in_small_steps(what, start, drift, push):
    one, (p, v, q) = torch.ones(1, 1).double(), torch.tensor([[start], [drift], [push]]).double()
    share = solved(one, p, v, q)
    simulated, end = stepped(one, p, v, q)
    assert float(share) == pytest.approx(float(simulated), abs=2e-4), what
    assert start + drift + push * float(share) == pytest.approx(float(end), abs=2e-4)


def test_an_entry_at_its_kink_slides_with_the_share_that_holds_it():
    drift, push = torch.tensor([0.3, 0.2]).double(), torch.tensor([-1.0, -0.25]).double()
    for v, q in zip(drift, push, strict=True):
        share = solved(torch.ones(1, 1).double(), torch.zeros(1).double(), v[None], q[None])
        assert float(share) == pytest.approx(float(v / (v - (v + q))))


def neuron(seed, s=5):
    """Inner products of positive vectors, as images have, and a neuron that starts at its kinks and is pushed down."""
    rng = np.random.default_rng(seed)
    x = np.abs(rng.standard_normal((s, 8)))
    x = torch.from_numpy(x / np.linalg.norm(x, axis=1, keepdims=True))
    drift, push = rng.uniform(0, 1, s), -rng.uniform(0.2, 1, s)
    return x @ x.T, torch.zeros(s).double(), torch.from_numpy(drift), torch.from_numpy(push)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("n_parts", [1, 3])
def test_coupled_gates_solve_the_complementarity_problem(seed, n_parts):
    """Of all choices of shut, open and held, the one whose ends have the right signs: by enumeration."""
    products, start, drift, push = neuron(seed)
    s, found = len(start), []
    for states in product((0, 1, None), repeat=s):
        free = [i for i, state in enumerate(states) if state is None]
        gates = torch.tensor([0.0 if state is None else float(state) for state in states]).double()
        if free:
            rest = drift + products @ (push * gates)
            gates[free] = torch.linalg.solve(products[free][:, free], -rest[free]) / push[free]
        end = drift + products @ (push * gates)
        fits = {0: end <= 1e-12, 1: end >= -1e-12}
        ok = [(0 <= gates[i] <= 1) if state is None else bool(fits[state][i]) for i, state in enumerate(states)]
        if all(ok):
            found.append(gates)
    assert found
    shares = solved(products, start, drift, push, n_parts=n_parts, n_sweeps=3000)
    torch.testing.assert_close(shares, found[0], rtol=0, atol=1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_coupled_gates_are_open_as_long_as_in_small_steps(seed):
    products, start, drift, push = neuron(seed)
    shares, _ = stepped(products, start, drift, push, n_steps=20_000)
    found = solved(products, start, drift, push, n_sweeps=3000)
    torch.testing.assert_close(found, shares, rtol=0, atol=5e-3)


def crowd(seed, s=30):
    """A neuron whose gates come to their kinks one after the other, and of which half are pushed up."""
    rng = np.random.default_rng(seed)
    x = torch.from_numpy(np.abs(rng.standard_normal((s, 20))))
    x = torch.nn.functional.normalize(x)
    start, drift = (torch.from_numpy(rng.uniform(-1, 1, s)) for _ in range(2))
    return x @ x.T, start, 0.2 * drift, torch.from_numpy(rng.uniform(-0.3, 0.3, s))


def test_part_by_part_gates_that_push_each_other_open_end_where_small_steps_take_them():
    ends = {1: [], 4: [], 16: []}
    for seed in range(12):
        products, start, drift, push = crowd(seed)
        _, end = stepped(products, start, drift, push, n_steps=4000)
        for n_parts, found in ends.items():
            shares = solved(products, start, drift, push, n_parts=n_parts, n_sweeps=100)
            found.append(float((start + drift + products @ (push * shares) - end).square().mean()))
    one, four, sixteen = (np.mean(found) ** 0.5 for found in ends.values())
    assert four < one / 3
    assert sixteen < four / 3


def test_the_last_part_tells_the_shares_at_the_end():
    """It comes to its kink halfway, open until then, and slides with the share -v / q = 0.3 from there on."""
    start, drift, push = torch.tensor([0.35]).double(), torch.tensor([0.3]).double(), torch.tensor([-1.0]).double()
    index = torch.zeros(1, dtype=torch.int64)
    given = Entries(index, index, start, start + drift + push, push, torch.ones(1).double())
    whole, last = slide(given, torch.ones(1, 1).double(), 1e-13)
    assert float(whole) == pytest.approx(0.65)
    assert float(last) == pytest.approx(0.3)


def test_each_sweep_lowers_the_quadratic_of_entries_that_are_pushed_down():
    products, start, drift, push = neuron(3, s=12)
    values = []
    for sweeps in range(1, 8):
        impulse = push * solved(products, start, drift, push, tolerance=0.0, n_parts=1, n_sweeps=sweeps)
        values.append(float(impulse @ products @ impulse / 2 + impulse @ drift))
    assert np.all(np.diff(values) <= 1e-14)
    assert values[-1] < values[0]


def test_bounds_are_shares_and_leave_no_choice_where_opening_pushes_up():
    rng = np.random.default_rng(0)
    start, end, push, share = (torch.from_numpy(rng.standard_normal(1000)) for _ in range(4))
    low, high = bounds(start, end, push, share.abs().clamp(max=1))
    assert bool(((low >= 0) & (high <= 1) & (low <= high)).all())
    assert bool((low == high)[push >= 0].all())


def entries(dtype, n=40, m=30):
    """Entries of many neurons, of which some have none and some nearly all, with whatever values."""
    rng = np.random.default_rng(0)
    x = torch.from_numpy(np.abs(rng.standard_normal((n, 20)))).to(dtype)
    x = torch.nn.functional.normalize(x)
    neurons, samples = torch.from_numpy(rng.random((m, n)) < np.linspace(0, 0.8, m)[:, None]).nonzero(as_tuple=True)
    start, end, push = torch.from_numpy(rng.standard_normal((3, len(neurons)))).to(dtype)
    gates = torch.from_numpy(rng.random(len(neurons))).to(dtype)
    return Entries(samples, neurons, start, end, 0.3 * push, gates), x @ x.T


@pytest.mark.parametrize(("dtype", "within"), [(torch.float64, 1e-12), (torch.float32, 1e-4)])
@pytest.mark.parametrize("n_threads", [1, 2])
def test_both_loops_make_the_same_sweeps(monkeypatch, loop, dtype, within, n_threads):
    given, products = entries(dtype)
    monkeypatch.setattr(torch, "get_num_threads", lambda: n_threads)
    found = torch.stack(slide(given, products, 1e-12))
    assert found.dtype == dtype
    monkeypatch.setattr(sliding_gates, "_compiled", lambda: None)
    for r in torch.unique(given.neurons):  # each neuron by itself
        own = given.neurons == r
        alone = torch.stack(slide(given.each(lambda part, own=own: part[own]), products, 1e-12))
        torch.testing.assert_close(alone, found[:, own], rtol=0, atol=within)


def test_entries_of_an_image_of_zeros_stay_and_those_of_a_neuron_that_cannot_push_count_as_shut():
    samples, neurons = torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1])
    start, push = torch.tensor([0.1, 0.2, 0.1]).double(), torch.tensor([-1.0, -0.5, 0.0]).double()
    end = torch.tensor([0.1, -0.2, 0.1]).double()
    products = torch.diag(torch.tensor([0.0, 1.0]).double())
    gates, _ = slide(Entries(samples, neurons, start, end, push, torch.ones_like(end)), products, 1e-12)
    assert gates.tolist() == pytest.approx([1, 0.6, 0])  # -0.2 + 0.5 (1 - g) = 0


def test_without_entries_there_is_nothing_to_solve():
    none, nothing = torch.zeros(0, dtype=torch.int64), torch.zeros(0)
    for found in slide(Entries(none, none, nothing, nothing, nothing, nothing), torch.eye(3), 1e-6):
        assert len(found) == 0


@pytest.mark.parametrize("error", [ImportError, RuntimeError("cannot cache function '_march': no locator available")])
def test_without_a_compiled_loop_the_other_one_is_taken(error, monkeypatch):
    class Broken:
        def find_spec(self, name, path=None, target=None):
            if name == "ntkbook.training.compiled_gates":
                raise error

    monkeypatch.undo()  # the fixture's
    monkeypatch.delitem(sys.modules, "ntkbook.training.compiled_gates", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    assert sliding_gates._compiled.__wrapped__() is None


@pytest.mark.parametrize("elements", [1, 60, 2**24])
def test_chunks_hold_each_entry_once_and_a_neuron_in_one_column(elements, monkeypatch):
    monkeypatch.setattr(sliding_gates, "_CHUNK_ELEMENTS", {"cpu": elements})
    neurons = entries(torch.float64)[0].neurons
    seen = []
    for chunk in chunks(neurons):
        seen += chunk.entries[chunk.there].tolist()
        for column, there in zip(chunk.entries.T, chunk.there.T, strict=True):
            assert len(neurons[column[there]].unique()) == 1
            assert bool((neurons == neurons[column[0]]).sum() == there.sum())
        assert bool((2 * chunk.there.sum(0) >= len(chunk.there)).all())
    assert sorted(seen) == list(range(len(neurons)))
    assert chunks(neurons[:0]) == []
