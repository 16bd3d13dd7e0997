"""What the tests of figures share: the rules that each figure keeps, and what its lines show."""

import io
import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Text

from ntkbook.figures import use_style


@pytest.fixture(autouse=True)
def book_style():
    """To be imported by a module whose tests draw."""
    with mpl.rc_context():
        plt.switch_backend("agg")
        use_style()
        yield
    plt.close("all")


def keeps_the_rules(draw, record, *, seeds, source):
    """Draw, and hold the figure against the rules of the book: stamp, size, labels, legend, an untouched record."""
    before = record.copy(deep=True)
    figure = draw(record)
    stamp = figure.get_supxlabel()
    assert re.match(rf"profile tiny, {seeds} seeds?(\n|$)", stamp), stamp
    assert source in stamp
    assert figure.get_figwidth() <= 5.4
    assert figure.number not in plt.get_fignums()
    file = io.StringIO()
    figure.savefig(file, format="svg")
    drawn = figure.get_tightbbox()  # with the layout that drawing found
    assert drawn.width <= 5.4, f"text of 11 points would be under 10 pixels on a phone: {drawn.width:.2f} inches"
    assert len(file.getvalue()) > 5000
    for axes in figure.axes:
        assert axes.get_ylabel()
        same_place = (other for other in figure.axes if other.get_position().bounds == axes.get_position().bounds)
        assert any(other.get_xlabel() for other in same_place)
    assert figure.legends or any(axes.get_legend() for axes in figure.axes)
    assert record.identical(before)
    shown = drawn_parts(figure)
    for name in shown:
        with pytest.raises(ValueError, match=f"found {name!r}"):
            draw(record.drop_nodes(name))
    draw(record.drop_nodes(set(record.children) - set(shown)))


def drawn_parts(figure):
    """The parts of the record that a figure says it shows; it needs each of them and no other."""
    (name,) = (text.get_gid() for text in figure.findobj(Text) if (text.get_gid() or "").startswith("stamp:"))
    return name.split(":")[4:]


def lines(axes):
    """The data of each line on some axes."""
    return [np.column_stack([line.get_xdata(), line.get_ydata()]) for line in axes.get_lines()]


def shows(axes, x, y):
    """Whether some line on the axes goes through exactly these points."""
    points = np.column_stack([x, y])
    return any(line.shape == points.shape and np.allclose(line, points) for line in lines(axes))
