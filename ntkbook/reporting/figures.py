"""Figures of a report as SVG inside the page, in the page's colours, so that they turn dark with it."""

import io
import re
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ntkbook.reporting.measure import Measures
from ntkbook.reporting.spectral_measure import SpectralMeasure

_TRUE, _RANDOM, _INK, _QUIET = "#0072b2", "#d98200", "#333333", "#7a7a7a"
_VARIABLES = {_TRUE: "true", _RANDOM: "random", _INK: "ink", _QUIET: "quiet"}
"""Colours as drawn, and the page's variable that takes the place of each."""
_KINDS = (("your labels", _TRUE, "-"), ("shuffled", _RANDOM, "--"))
_STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
    "legend.fontsize": 12,
    "lines.linewidth": 2,
    "svg.fonttype": "none",
    "figure.constrained_layout.use": True,
}


@mpl.rc_context(_STYLE)
def labels_in_spectrum(spectrum: SpectralMeasure, prefix: str) -> str:
    """Share of the labels that is learnt first, against the steps that each part takes."""
    figure, axes = _figure()
    steps = (spectrum.lambda_max / spectrum.eigenvalues).numpy()
    for (name, colour, line), share in zip(_KINDS, spectrum.share().numpy().T, strict=True):
        axes.step(steps, share, line, where="post", color=colour, label=name)
    axes.set(xscale="log", ylim=(0, 1.02), xlabel="steps that a direction takes", ylabel="share of the labels")
    _decades(axes, [], steps.max())
    figure.legend(ncols=2, loc="outside upper right")
    return _svg(
        figure, f"{prefix}-spectrum", "Share of the labels that lies in the directions learnt within so many steps."
    )


@mpl.rc_context(_STYLE)
def loss_curves(steps: np.ndarray, curves: np.ndarray, prefix: str) -> str:
    """Predicted loss of gradient descent with your labels and with shuffled ones."""
    figure, axes = _figure()
    for (name, colour, line), curve in zip(_KINDS, curves.T, strict=True):
        axes.plot(steps, curve, line, color=colour, label=name)
    axes.axhline(0.01, color=_QUIET, linewidth=1, linestyle=":")
    axes.set_xscale("symlog", linthresh=1, linscale=0.4)  # shows step 0
    axes.set(
        yscale="log", xlim=(0, None), ylim=(1e-3, 1.4), xlabel="steps of gradient descent", ylabel="loss that is left"
    )
    _decades(axes, [0], steps.max())
    axes.set_yticks([1, 0.1, 0.01, 0.001], ["100 %", "10 %", "1 %", "0.1 %"])
    axes.minorticks_off()
    figure.legend(ncols=2, loc="outside upper right")
    return _svg(figure, f"{prefix}-loss", "Two falling curves of the loss that is left after so many steps.")


@mpl.rc_context(_STYLE)
def complexity_strip(m: Measures, classes: tuple[str, ...], prefix: str) -> str:
    """Complexity of the labels and of their shuffles on one line, a line a class."""
    rows = min(m.complexity.size, 20)
    figure, axes = _figure(1.3 + 0.3 * rows)
    for row in range(rows):
        axes.plot(m.shuffled[:, row], np.full(len(m.shuffled), row), "|", ms=13, color=_RANDOM, label="shuffled")
        axes.plot(m.complexity[row], row, "o", ms=8, color=_TRUE, label="your labels")
    axes.axvline(1, color=_QUIET, linewidth=1, linestyle=":")
    axes.set(xlim=(0, None), ylim=(rows - 0.4, -0.6), xlabel="complexity")
    names = [name[:12] for name in classes[:rows]] if rows > 1 else [""]
    axes.set_yticks(range(rows), [name.replace("$", r"\$") for name in names])
    axes.tick_params(left=False)
    handles, words = axes.get_legend_handles_labels()
    figure.legend(handles[:2], words[:2], ncols=2, loc="outside upper right")
    return _svg(figure, f"{prefix}-complexity", "The complexity of the labels beside that of random orders of them.")


@mpl.rc_context(_STYLE)
def margin_histogram(m: Measures, prefix: str) -> str:
    """How strongly all other labels speak for each label, or against it."""
    figure, axes = _figure(2.2)
    low, high = float(m.margins.min()), float(m.margins.max())
    edges = np.unique(np.append(np.linspace(min(low, 0), max(high, 0.01), 41), 0.0))
    counts, edges = np.histogram(m.margins, edges)
    colours = np.where(edges[1:] <= 0, _RANDOM, _TRUE)
    axes.bar(edges[:-1], counts, np.diff(edges), align="edge", color=colours, linewidth=0)
    axes.axvline(0, color=_INK, linewidth=1)
    axes.set(xlabel="contradicted  \N{LEFTWARDS ARROW}  margin  \N{RIGHTWARDS ARROW}  confirmed", ylabel="inputs")
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    return _svg(
        figure, f"{prefix}-margins", "Histogram of leave-one-out margins; those below zero are contradicted labels."
    )


def _decades(axes: Axes, first: list[int], last: float) -> None:
    """Label at most seven powers of ten, in figures that stay large: 1,000 and then 10 with raised digits."""
    powers = range(0, int(np.log10(last)) + 1)
    ticks = first + [10**power for power in powers[:: len(powers) // 7 + 1]]
    raised = str.maketrans("0123456789", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")
    axes.set_xticks(ticks, [f"{k:,}" if k < 10**4 else "10" + str(len(str(k)) - 1).translate(raised) for k in ticks])
    axes.minorticks_off()


def _figure(height: float = 2.6) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(5.4, height))
    FigureCanvasSVG(figure)
    return figure, figure.add_subplot()


def _svg(figure: Figure, name: str, alt: str) -> str:
    """Draw, name the colours after the page's variables, and give every id the figure's name."""
    figure.patch.set_visible(False)
    for axes in figure.axes:
        axes.patch.set_visible(False)
    out = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{name}-", svg)
    for colour, variable in _VARIABLES.items():
        svg = re.sub(colour, f"var(--{variable})", svg, flags=re.IGNORECASE)
    svg = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font: \1px system-ui, sans-serif", svg)
    svg = re.sub(r'<svg [^>]*?(viewBox="[^"]*")[^>]*>', rf'<svg \1 role="img" aria-label="{alt}">', svg, count=1)
    return svg
