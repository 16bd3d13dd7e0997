"""Where the settings of nets come from: from trials made in this run, or from those of the committed record."""

from collections.abc import Sequence

import xarray as xr

from ntkbook import records
from ntkbook.experiments.experiment import settings
from ntkbook.experiments.lab import Lab
from ntkbook.experiments.three_layer_learning import tuning
from ntkbook.experiments.three_layer_learning.config_figure import FigureConfig

F = "composed"
Found = tuple[dict[str, xr.Dataset], list[tuning.Tuned]]
"""The tables of trials "tuning", on F, and "target_tuning"; and the places whose winners can be used."""


def search(lab: Lab, config: FigureConfig, others: Sequence[str]) -> Found:
    """Tune every learner on F, at each width, and on the other targets.

    Parameters
    ----------
    lab : Lab
        Where to compute.
    config : FigureConfig
        Grid, widths, sample size, steps.
    others : sequence of str
        The other targets, if learners are tuned on them. A place where a winner is at the end of its grid is left out.

    Returns
    -------
    tuple of dict and list
    """
    table = tuning.try_wider(lab, config.axes, config.trials, [F], config.tuned_widths)
    tables = {"tuning": table.isel(target=0, drop=True)}
    found = [tuning.Tuned.of(table, config.trials, F, width) for width in config.tuned_widths]
    if config.tunes_targets:
        axes = {name: tuple(map(float, table[name].values)) for name in config.axes}
        on_others = tuning.try_out(lab, axes, config.target_trials, others, [config.target_width])
        tables["target_tuning"] = on_others.isel(width=0, drop=True)
        found += _inside(lab, on_others, config.target_trials, others, config.target_width)
    return tables, found


def recorded(lab: Lab, others: Sequence[str]) -> Found:
    """Take over the trials of the committed record.

    Parameters
    ----------
    lab : Lab
        Whose streams name the task.
    others : sequence of str
        The other targets, all of them in the record.

    Returns
    -------
    tuple of dict and list

    Raises
    ------
    ValueError
        If no record is committed.
    """
    record = records.load_best("three_layer_learning")
    if record is None:
        raise ValueError(
            "tuned_widths: expected some where no record is committed whose winners can be used, found none"
        )
    made = settings(record)["figure"]
    trials, on_targets = (tuning.Settings(made["n_train"], made[of]["n_steps"]) for of in ("nets", "target_nets"))
    table, on_others = records.part(record, "tuning"), records.part(record, "target_tuning").sel(target=list(others))
    places, width = table.expand_dims(target=[F]), made["target_width"]
    found = [tuning.Tuned.of(places, trials, F, int(m)) for m in table.width]
    found += _inside(lab, on_others.expand_dims(width=[width]), on_targets, others, width)
    return {"tuning": table, "target_tuning": on_others}, found


def _inside(
    lab: Lab, table: xr.Dataset, trials: tuning.Settings, targets: Sequence[str], width: int
) -> list[tuning.Tuned]:
    """The places at which no winner is at the end of its grid."""
    places = [tuning.Tuned.of(table, trials, name, width) for name in targets]
    return [place for place in places if not place.ends(lab.streams)]
