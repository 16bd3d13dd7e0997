from ntkbook.experiments.clustered_data import xor
from ntkbook.experiments.clustered_data.training import Recipe
from ntkbook.streams import Streams

SETTINGS = xor.Settings(width=300, recipe=Recipe(n_steps=400, batch_size=8), n_points=400)


def test_region_of_a_net_on_lifted_discs_holds_each_disc_in_its_class():
    (found,) = xor.measure([xor.Cell("lifted, 0.02", 0)], SETTINGS, Streams(0), "cpu")
    assert float(found.accuracy) == 1
    centres = [(0, 0), (2, 2), (0, 2), (2, 0)]
    at_centres = [float(found.region.sel(x=a, y=b, method="nearest")) for a, b in centres]
    assert at_centres == [0, 0, 1, 1]


def test_regions_of_a_planar_net_are_cones_and_its_errors_lie_at_the_origin():
    (found,) = xor.measure([xor.Cell("planar", 0)], SETTINGS, Streams(0), "cpu")
    inner = found.region.sel(x=slice(-0.01, 1.26), y=slice(-0.01, 1.26)).values  # 0, 0.025, ..., 1.25
    outer = found.region.sel(x=slice(-0.01, 2.51), y=slice(-0.01, 2.51)).values
    assert (outer[2::2, 2::2] == inner[1:, 1:]).mean() > 0.99  # a cone: the same at 2x as at x
    at_origin, *others = found.component_accuracy.values
    assert at_origin < 0.9 < min(others)


def test_accuracy_is_that_of_the_components_weighted_by_their_points():
    (found,) = xor.measure([xor.Cell("planar", 1)], SETTINGS, Streams(0), "cpu")
    components = xor.mixture("planar").draw(400, Streams(0)("test", 1)).components
    weighted = sum(float(found.component_accuracy[i]) * (components == i).mean() for i in range(4))
    assert abs(float(found.accuracy) - weighted) < 1e-12
