import matplotlib.pyplot as plt
import numpy as np
import xarray as xr

from ntkbook.figures import style

ATTRIBUTES = {
    "experiment": "toy",
    "profile": "tiny",
    "commit": "0123abc",
    "data": "digits here; MNIST there",
    "data_names": "digits; mnist",
}


def test_stamp_names_the_data_that_are_shown_and_no_other():
    record = xr.DataTree(xr.Dataset(attrs=ATTRIBUTES))
    figure, _ = style.panels(1)
    assert style.stamp(figure, record, seeds=4, data=["mnist"]).get_supxlabel() == "profile tiny, 4 seeds\nMNIST there"
    assert style.stamp(figure, record, seeds=4).get_supxlabel().splitlines()[1:] == ["digits here", "MNIST there"]


def test_stamp_is_named_after_the_record_and_what_was_drawn_of_it():
    figure, _ = style.panels(1)
    style.stamp(figure, xr.DataTree(xr.Dataset(attrs=ATTRIBUTES)), "nets", "pairs", seeds=4)
    names = [text.get_gid() for text in figure.texts if text.get_gid()]
    assert names == ["stamp:toy:tiny:0123abc:nets:pairs"]


def test_every_concept_has_a_colour_a_name_and_a_marker_of_its_own():
    for names in (("true", "random", "worst"), ("mnist", "cifar10", "digits")):
        for table in (style.COLOURS, style.NAMES, style.MARKERS):
            assert len({table[name] for name in names}) == 3


def test_slope_guide_has_its_slope():
    figure, (axes,) = style.panels(1)
    style.slope_guide(axes, (10.0, 1000.0), 2.0, -0.5, "guide")
    (line,) = axes.get_lines()
    np.testing.assert_allclose(np.asarray(line.get_xydata()), [[10, 2], [1000, 0.2]])
    plt.close(figure)
