import pytest

from ntkbook.experiments.sweep import found_datasets


def test_an_experiment_without_any_data_says_what_to_set(monkeypatch):
    monkeypatch.setattr("ntkbook.data.available", lambda name: name == "mnist")
    assert found_datasets(["cifar10", "mnist"]) == ["mnist"]
    with pytest.raises(ValueError, match=r"datasets: expected one of cifar10, found none .* NTKBOOK_DATA"):
        found_datasets(["cifar10"])
