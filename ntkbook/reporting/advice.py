"""What to do next, chosen by the data."""

from ntkbook.reporting.measure import Measures
from ntkbook.reporting.problem import Problem

_MOST = 3


def advice(problem: Problem, m: Measures, *, random: bool) -> list[str]:
    """Say what to do next, first things first.

    Parameters
    ----------
    problem : Problem
        The data.
    m : Measures
        The numbers.
    random : bool
        Whether the complexity of the labels cannot be told from that of random orders of them.

    Returns
    -------
    list of str
        At most three sentences or so.
    """
    steps = []
    if problem.cautions:
        steps.append("Mend what stands first on this page and run again: every number will change.")
    if m.coincidences.clashes:
        steps.append("Look at the inputs that have several labels: at most one of these is right.")
    elif m.coincidences.duplicates and m.jitter:
        steps.append("Run again with --merge in the place of --jitter, so that each input counts once.")
    if random or not m.beats_guessing:
        steps.append(
            "Correct no labels by this page. Check that inputs and labels are in the same order, and look for inputs "
            "that say more about the labels."
        )
        return steps[:_MOST]
    if problem.labels.classes and m.contradicted:
        steps.append(
            "Look at the suspects, worst first. Correct those that are wrong, leave those that are right and rare."
        )
        steps.append("Then run again: with right labels the complexity falls.")
    elif problem.labels.classes:
        steps.append("The kernel fits these labels: train.")
    else:
        steps.append("Look at the values that are hardest to predict. Then train: these values go with their inputs.")
    return steps[:_MOST]
