import numpy as np
import pytest
import xarray as xr

from ntkbook.figures.complexity import spectrum_and_labels

RECORD = xr.Dataset(
    {
        "eigenvalue": ("index", [4.0, 2.0, 1.0, 0.5]),
        "projection": ("index", [2.0, 0.0, 0.0, 0.0]),
        "shuffled_projection": ("index", [1.0, 1.0, 1.0, 1.0]),
    },
    {"index": [1, 2, 3, 4]},
    {"data": "mine.npz, n = 4, d = 2"},
)


@pytest.fixture(scope="module")
def panels():
    figure = spectrum_and_labels(RECORD)
    lines = [{line.get_label(): line for line in axes.lines} for axes in figure.axes]
    return figure, lines


def test_each_panel_shows_its_variable_over_the_index(panels):
    _, (top, middle, bottom) = panels
    (eigenvalues,) = top.values()
    np.testing.assert_array_equal(eigenvalues.get_xydata(), [[1, 4], [2, 2], [3, 1], [4, 0.5]])
    np.testing.assert_array_equal(middle["true labels"].get_ydata(), [2, 0, 0, 0])
    np.testing.assert_array_equal(middle["shuffled labels"].get_ydata(), [1, 1, 1, 1])
    np.testing.assert_array_equal(bottom["true labels"].get_ydata(), [1, 1, 1, 1])


def test_shares_end_at_one_and_equal_projections_lie_on_the_flat_line(panels):
    _, (_, _, bottom) = panels
    np.testing.assert_allclose(bottom["shuffled labels"].get_ydata(), [0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(bottom["flat"].get_ydata(), bottom["shuffled labels"].get_ydata())


def test_kinds_differ_in_more_than_colour_and_the_data_are_named(panels):
    figure, (_, middle, _) = panels
    assert len({line.get_marker() for line in middle.values()}) == 2
    assert "mine.npz, n = 4, d = 2" in {text.get_text() for text in figure.texts}
