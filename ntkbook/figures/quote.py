"""Numbers that a chapter quotes: glued under their keys, so that its text can name them."""

from collections.abc import Mapping


def quote(readings: Mapping[str, float | int | str], recorded: Mapping[str, float | int | str]) -> None:
    """Glue the readings of two records: of this build under their keys, of the recorded run behind "recorded-".

    In the text, ``{glue:text}`cube-max:.0f``` is a number of this build and ``{glue:text}`recorded-cube-max:.0f``` the
    same of the recorded run.

    Parameters
    ----------
    readings : mapping of str to number
        Of the record made in this build.
    recorded : mapping of str to number
        Of the recorded run, see `ntkbook.records.load_best`.
    """
    from myst_nb import glue

    for prefix, numbers in (("", readings), ("recorded-", recorded)):
        for key, number in numbers.items():
            glue(prefix + key, number, display=False)
