"""The report as HTML: numbers become sentences here, and everything that came with the data is escaped."""

import functools
import re
import zlib
from dataclasses import replace
from importlib import resources
from typing import Any

import jinja2
import numpy as np
import torch
from markupsafe import Markup, escape

from ntkbook.reporting import figures
from ntkbook.reporting.advice import advice
from ntkbook.reporting.depths import DEPTHS
from ntkbook.reporting.measure import DELTA, SHUFFLES, Measures
from ntkbook.reporting.problem import Problem
from ntkbook.reporting.spectral_measure import SpectralMeasure
from ntkbook.reporting.thumbnails import thumbnails

LEFT = (0.5, 0.1, 0.01)
"""Shares of the loss whose steps are told; at the last one the labels count as fitted."""
BOOK = "https://ntkbook.github.io/ntkbook/"
"""Where the book is; `_config.yml` says the same."""

MEAN = 0.2
"""Share of shuffled labels in the first direction from which on the page explains it."""

_OPTION = re.compile(r"--[a-z]+")


def page(problem: Problem, measures: Measures, command: str = "") -> str:
    """Write a whole page, which follows the reader's colour scheme and needs no other file.

    Parameters
    ----------
    problem : Problem
        The data.
    measures : Measures
        The numbers.
    command : str
        What was run, if it was a command.

    Returns
    -------
    str
    """
    return _template("page.html").render(view(problem, measures), top=1, command=command)


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
    return _template("report.html").render(view(problem, measures), top=3, command="")


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
    both = _together(m)
    steps = _steps(m)
    lower = int((m.shuffled[:, hardest] <= m.complexity[hardest]).sum())
    paces = [(share, both.steps_to(share, m.step_size)) for share in LEFT]
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
        "lower": lower,
        "bound": float(m.complexity[hardest] + m.remainder),
        "errors": m.contradicted / n,
        "guessed": 1 - float(np.bincount(problem.labels.of).max()) / n,
        "paces": paces,
        "fitted": paces[-1][1],
        "mean": float(both.energy[0, 1] / both.energy[:, 1].sum()) > MEAN,
        "per_class": _per_class(problem, m) if c > 1 else [],
        "suspects": _suspects(problem, m),
        "after": _after(m, n),
        "ends": _ends(problem, m),
        "next": advice(problem, m, random=lower > 0),
        "book": BOOK,
        "depths": _depths(m, classes),
        "spectrum_figure": Markup(figures.labels_in_spectrum(both, prefix)),
        "loss_figure": Markup(
            figures.loss_curves(steps, both.loss(m.step_size, torch.from_numpy(steps)).numpy(), prefix)
        ),
        "complexity_figure": Markup(figures.complexity_strip(m, classes, prefix)),
        "margin_figure": Markup(figures.margin_histogram(m, prefix)) if classes else None,
    }


def _together(m: Measures) -> SpectralMeasure:
    """The spectrum with the energies of all columns of labels together, and of all shuffled ones (j, 2)."""
    energy, c = m.spectrum.energy, m.complexity.size
    return replace(m.spectrum, energy=torch.stack([energy[:, :c].sum(1), energy[:, c:].sum(1)], dim=1))


def _steps(m: Measures) -> np.ndarray:
    """Steps of a curve, from 0 until nothing is left."""
    last = 3 * m.spectrum.lambda_max / m.spectrum.lambda_min
    return np.append(0, np.unique(np.round(np.geomspace(1, max(last, 10), 120))))


def _called(problem: Problem, row: int) -> str:
    """What the reader calls a row, "line 71" without a break."""
    name = problem.called(row)
    return name.replace(" ", "\N{NO-BREAK SPACE}") if len(name) < 16 else name


def _ends(problem: Problem, m: Measures) -> dict[str, Any] | None:
    """Name the inputs at the ends of the least and the largest distance, and the suspects among the former."""
    if m.clusters is None:
        return None
    suspects = [row for row in m.clusters.closest if m.beats_guessing and m.margins[row] < 0]
    return {
        "closest": " to ".join(_called(problem, row) for row in m.clusters.closest),
        "widest": " to ".join(_called(problem, row) for row in m.clusters.widest),
        "suspects": " and ".join(_called(problem, row) for row in suspects),
        "both": len(suspects) == 2,
    }


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
    shown = (
        {}
        if problem.images is None or not len(m.suspects)
        else thumbnails(problem.images, np.append(m.suspects, m.likest.ravel()))
    )

    def entry(row: int) -> dict[str, Any]:
        label = labels.classes[labels.of[row]] if labels.classes else f"{labels.scale * labels.targets[row, 0]:.6g}"
        return {"name": _called(problem, row), "label": label, "image": shown.get(row)}

    return [
        {
            **entry(int(row)),
            "says": labels.classes[m.suggested[row]]
            if labels.classes
            else _number(labels.scale * m.predictions[row, 0]),
            "margin": _minus(f"{m.margins[row]:.2f}")
            if labels.classes
            else _number(-labels.scale * float(m.margins[row])),
            "change": _change(m, k, int(labels.of[row])),
            "likest": [entry(int(other)) for other in m.likest[k]],
        }
        for k, row in enumerate(m.suspects)
    ]


def _change(m: Measures, k: int, of: int) -> str:
    """Complexity if a suspect alone gets the class suggested; of several classes that of its own, before and after."""
    if m.flips is None:
        return ""
    column = of if m.complexity.size > 1 else 0
    after = float(m.flips.before[column] + m.flips.changes[k, column])
    said = f"{(2 / len(m.margins) * after) ** 0.5:,.3f}"
    return f"{m.complexity[column]:,.3f} \N{RIGHTWARDS ARROW} {said}" if m.complexity.size > 1 else said


def _after(m: Measures, n: int) -> tuple[float, float] | None:
    """Complexity of the hardest class, before and after all suspects get the class suggested."""
    if m.flips is None:
        return None
    before, together = m.flips.before, m.flips.before + m.flips.together
    return float((2 / n * before.max()).sqrt()), float((2 / n * together.max()).sqrt())


def _depths(m: Measures, classes: tuple[str, ...]) -> dict[str, Any] | None:
    if m.depths is None:
        return None
    names = classes if len(m.depths.margins) > 1 else (f"{classes[0]} / {classes[1]}",)
    least = m.depths.margins.min(axis=0)

    def times(margins: np.ndarray) -> list[float | None]:
        """How many times the first room that is not 0 each is; None for that one and those before."""
        first = int(np.argmax(margins > 0))
        return [float(v / margins[first]) if k > first and margins[first] else None for k, v in enumerate(margins)]

    return {
        "layers": DEPTHS,
        "rows": [
            (name, list(zip(margins.tolist(), times(margins), strict=True)))
            for name, margins in zip(names, m.depths.margins, strict=True)
        ],
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
    environment.filters["options"] = lambda text: Markup(_OPTION.sub(r"<code>\g<0></code>", str(escape(text))))
    environment.filters |= {"count": lambda k: f"{k:,}", "about": _about, "percent": _percent, "number": _number}
    return environment


def _template(name: str) -> jinja2.Template:
    return _environment().get_template(name)


def _percent(share: float) -> str:
    return f"{100 * share:.{1 if share < 0.995 else 0}f}\N{NO-BREAK SPACE}%"


def _about(count: int) -> str:
    """A count to three digits."""
    return f"about {round(count, 3 - len(str(count))):,}" if count >= 1000 else f"{count:,}"


def _number(value: float) -> str | Markup:
    """Three digits; of large numbers the power of ten alone."""
    if abs(value) >= 1e9:
        sign, power = "-" if value < 0 else "", int(np.floor(np.log10(abs(value))))
        return Markup("{}10<sup>{}</sup>").format(_minus(sign), power)
    if 0 < abs(value) < 1e-4:
        digits, power = f"{value:.2e}".split("e-")
        return Markup("{}&nbsp;&times;&nbsp;10<sup>&minus;{}</sup>").format(_minus(digits), int(power))
    return _minus(f"{value:,.0f}" if abs(value) >= 99.95 else f"{value:#.3g}" if value else "0")


def _minus(text: str) -> str:
    """The text with a real minus sign for each hyphen."""
    return text.replace("-", "\N{MINUS SIGN}")
