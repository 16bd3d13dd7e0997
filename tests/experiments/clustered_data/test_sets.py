from rooms import tiny_record


def test_assumptions_are_measured_on_the_data_of_the_chapter():
    sets = tiny_record("clustered_data")["sets"].to_dataset()
    assert sets.data.values.tolist()[:2] == ["synthetic", "separated"]
    separated = sets.sel(data="separated")
    assert float(separated.lam) <= float(separated.allowed) == 1 / 16
    assert float(sets.lam.sel(data="MNIST, an image one component")) < 1e-6
    assert float(sets.norm_min.sel(data="XOR, planar")) < 0.05
