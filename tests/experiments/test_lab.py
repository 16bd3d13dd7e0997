import pytest

from ntkbook.experiments.lab import Lab


@pytest.fixture
def lab():
    return Lab(0, device="cpu", n_jobs=1, store=None)


def test_an_experiment_without_any_data_says_what_to_set(lab, monkeypatch):
    monkeypatch.setattr("ntkbook.data.available", lambda name: name == "mnist")
    assert lab.found(["cifar10", "mnist"]) == ["mnist"]
    with pytest.raises(ValueError, match=r"datasets: expected one of cifar10, found none .* NTKBOOK_DATA"):
        lab.found(["cifar10"])


def test_what_was_drawn_is_entered_once_each_in_the_order_of_use(lab):
    first = lab.sample("digits", n_train=20, n_test=5)
    lab.note("sphere", "uniform on the sphere", "seed 0")
    again, other = lab.sample("digits", n_train=20, n_test=5), lab.sample("digits", n_train=20, n_test=5, draw=1)
    assert first.sha256 == again.sha256 != other.sha256
    assert lab.used == {
        "digits": (first.source, f"20:{first.sha256} 20:{other.sha256}"),
        "sphere": ("uniform on the sphere", "seed 0"),
    }
