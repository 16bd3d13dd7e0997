"""The report as HTML: numbers become sentences here, and everything that came with the data is escaped."""

import functools
import zlib
from importlib import resources
from typing import Any

import jinja2
import numpy as np
import torch
from markupsafe import Markup

from ntkbook.reporting import figures
from ntkbook.reporting.depths import DEPTHS
from ntkbook.reporting.measure import DELTA, SHUFFLES, Measures
from ntkbook.reporting.problem import Problem
from ntkbook.reporting.thumbnails import thumbnails

LEFT = 0.01
"""Share of the loss at which the labels count as fitted."""


def page(problem: Problem, measures: Measures) -> str:
    """Write a whole page, which follows the reader's colour scheme and needs no other file.

    Parameters
    ----------
    problem : Problem
        The data.
    measures : Measures
        The numbers.

    Returns
    -------
    str
    """
    return _template("page.html").render(view(problem, measures), top=1)


def fragment(problem: Problem, measures: Measures) -> str:
    """Write the same for a notebook: one element with its own style.

    Parameters
    ----------
    problem, measures
        As for `page`.

    Returns
    -------
    str
    """
    return _template("report.html").render(view(problem, measures), top=3)


def view(problem: Problem, m: Measures) -> dict[str, Any]:
    """Gather what the templates print.

    Parameters
    ----------
    problem : Problem
        The data.
    m : Measures
        The numbers.

    Returns
    -------
    dict
    """
    n, c, hardest = len(problem.x), m.complexity.size, int(np.argmax(m.complexity))
    steps, curves = _curves(m)
    fitted = m.spectrum.steps_to(LEFT, m.step_size)
    classes = problem.labels.classes
    prefix = f"ntk-{zlib.crc32(m.predictions.tobytes()):08x}"  # ids of two reports in one notebook stay apart
    return {
        "prefix": prefix,
        "problem": problem,
        "m": m,
        "n": n,
        "d": problem.x.shape[1],
        "classes": classes,
        "shuffles": SHUFFLES,
        "delta": DELTA,
        "worst": float(m.complexity[hardest]),
        "usual": float(m.shuffled[:, hardest].mean()),
        "lower": int((m.shuffled[:, hardest] <= m.complexity[hardest]).sum()),
        "bound": float(m.complexity[hardest] + m.remainder),
        "errors": m.contradicted / n,
        "fitted": (max(fitted[:c]), max(fitted[c:])),
        "half": tuple(float(v) for v in _early(m)),
        "per_class": _per_class(problem, m) if c > 1 else [],
        "suspects": _suspects(problem, m),
        "after": _after(m, n),
        "depths": _depths(m, classes),
        "spectrum_figure": Markup(figures.labels_in_spectrum(m, prefix)),
        "loss_figure": Markup(figures.loss_curves(m, steps, curves, prefix)),
        "complexity_figure": Markup(figures.complexity_strip(m, classes, prefix)),
        "margin_figure": Markup(figures.margin_histogram(m, prefix)) if classes else None,
    }


def _curves(m: Measures) -> tuple[np.ndarray, np.ndarray]:
    """Steps, and the loss that is left for the labels and for shuffled ones, all columns together (s, 2)."""
    last = 3 * m.spectrum.lambda_max / m.spectrum.lambda_min
    steps = np.unique(np.round(np.geomspace(1, max(last, 10), 120)))
    left, energy, c = m.spectrum.loss(m.step_size, torch.from_numpy(steps)), m.spectrum.energy.sum(0), m.complexity.size
    kinds = [(left[:, part] @ energy[part] / energy[part].sum()).numpy() for part in (slice(c), slice(c, None))]
    return steps, np.stack(kinds, axis=1)


def _early(m: Measures) -> list[float]:
    """Share of the labels in directions whose error shrinks by e within ten steps: the labels', and shuffled ones'."""
    early = m.spectrum.eigenvalues >= m.spectrum.lambda_max / 10
    energy, c = m.spectrum.energy, m.complexity.size
    return [float(energy[early][:, part].sum() / energy[:, part].sum()) for part in (slice(c), slice(c, None))]


def _per_class(problem: Problem, m: Measures) -> list[dict[str, Any]]:
    of = problem.labels.of
    return [
        {
            "name": name,
            "count": int((of == c).sum()),
            "complexity": float(m.complexity[c]),
            "shuffled": float(m.shuffled[:, c].mean()),
            "errors": float((m.margins[of == c] < 0).mean()),
        }
        for c, name in enumerate(problem.labels.classes)
    ]


def _suspects(problem: Problem, m: Measures) -> list[dict[str, Any]]:
    labels = problem.labels
    shown = {} if problem.images is None else thumbnails(problem.images, np.append(m.suspects, m.likest.ravel()))

    def entry(row: int) -> dict[str, Any]:
        label = labels.classes[labels.of[row]] if labels.classes else _number(labels.scale * labels.targets[row, 0])
        name = problem.names[row] if problem.names else f"row {problem.rows[row]}"
        return {"name": name, "label": label, "image": shown.get(row)}

    return [
        {
            **entry(int(row)),
            "says": labels.classes[m.suggested[row]]
            if labels.classes
            else _number(labels.scale * m.predictions[row, 0]),
            "margin": f"{m.margins[row]:.2f}" if labels.classes else _number(-labels.scale * float(m.margins[row])),
            "change": None if m.flips is None else float(m.flips.changes[k]),
            "likest": [entry(int(other)) for other in m.likest[k]],
        }
        for k, row in enumerate(m.suspects)
    ]


def _after(m: Measures, n: int) -> tuple[float, float] | None:
    """Root mean square of the complexities over columns, before and after all suspects get the class suggested."""
    if m.flips is None:
        return None
    scale = 2 / (n * m.complexity.size)
    return (scale * m.flips.before) ** 0.5, (scale * (m.flips.before + m.flips.together)) ** 0.5


def _depths(m: Measures, classes: tuple[str, ...]) -> dict[str, Any] | None:
    if m.depths is None:
        return None
    names = classes if len(m.depths.margins) > 1 else (f"{classes[0]} / {classes[1]}",)
    least = m.depths.margins.min(axis=0)
    return {
        "layers": DEPTHS,
        "rows": [(name, margins.tolist()) for name, margins in zip(names, m.depths.margins, strict=True)],
        "best": int(DEPTHS[int(np.argmax(least))]) if least.any() else None,
        "zeros": bool((m.depths.margins == 0).any()),
        "n": m.depths.rows,
    }


@functools.cache
def _environment() -> jinja2.Environment:
    def load(name: str) -> str:
        return resources.files("ntkbook.reporting").joinpath("templates", name).read_text(encoding="utf-8")

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(load),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"count": lambda k: f"{k:,}", "percent": _percent, "number": _number}
    return environment


def _template(name: str) -> jinja2.Template:
    return _environment().get_template(name)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share < 0.995 else f"{100 * share:.0f} %"


def _number(value: float) -> str | Markup:
    """Three digits; large numbers as a power of ten."""
    if abs(value) >= 1e9:
        return Markup("10<sup>{}</sup>").format(int(np.floor(np.log10(abs(value)))))
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
