"""Judging records: a verdict for each claim with its margin, and no verdict from a record that lacks numbers."""

from collections.abc import Iterable, Iterator

import numpy as np
import xarray as xr

from ntkbook.claims import Claim, Condition, Judgement
from ntkbook.expect import expects
from ntkbook.ledger import Row

REPETITIONS = ("seed", "draw")
"""Dimensions along which a record repeats the same measurement."""
_RESAMPLES, _LARGEST = 40, 99.9


@expects()
def judge(claims: Iterable[Claim], record: xr.DataTree) -> list[Row]:
    """Judge claims from a record, without running anything again.

    Parameters
    ----------
    claims : iterable of Claim
        Those of the experiment that made the record.
    record : xarray.DataTree
        With provenance in its attributes, see `ntkbook.records`.

    Returns
    -------
    list of dict
        Rows of the ledger, with the keys `ntkbook.ledger.KEYS`.

    Raises
    ------
    ValueError
        If a variable that a check reads holds a NaN where something was measured.
    """
    claims, spoilt = list(claims), list(not_numbers(record))
    for claim in claims:
        if read := [variable for variable in spoilt if reads(claim, record, variable)]:
            raise ValueError(
                f"{claim.id}: expected numbers in {', '.join(read)} of the record of {record.attrs['experiment']}, "
                "found NaN; no verdict rests on them: run the experiment again"
            )
    resampled, rows = resamples(record), []
    for claim in claims:
        found = claim.check(record)
        rows.append(
            {
                "claim": claim.id,
                "profile": record.attrs["profile"],
                "verdict": str(found.verdict),
                "measured": found.measured,
                "expected": claim.expected,
                "tolerance": claim.tolerance,
            }
            | {key: str(record.attrs[key]) for key in ("experiment", "data", "seeds", "device", "commit")}
            | {"margin": margin(claim, record, resampled or None)}
        )
    return rows


@expects()
def not_numbers(record: xr.DataTree) -> Iterator[str]:
    """Variables, as "part/variable", that hold a NaN where the part's `measured`, if it has one, does not excuse it."""
    for part in record.subtree:
        excused = ~part["measured"] if "measured" in part else xr.DataArray(False)
        for name, values in part.to_dataset().variables.items():
            if values.dtype.kind == "f" and bool((np.isnan(part[str(name)]) & ~excused).any()):
                yield f"{part.path}/{name}".strip("/")


@expects()
def reads(claim: Claim, record: xr.DataTree, variable: str) -> bool:
    """Whether a check reads a variable: it does if it cannot do without.

    Parameters
    ----------
    claim : Claim
        Whose check.
    record : xarray.DataTree
        That the check accepts.
    variable : str
        Of the record, as "part/variable".

    Returns
    -------
    bool
    """
    group, _, name = variable.rpartition("/")
    parts = dict(record.to_dict())
    if f"/{group}" not in parts or name not in parts[f"/{group}"].variables:
        raise ValueError(
            f"variable: expected one of the record, as part/variable, found {variable!r}; look at its parts"
        )
    parts[f"/{group}"] = parts[f"/{group}"].drop_vars(name)
    without = xr.DataTree.from_dict(parts)
    try:
        claim.check(without)
    except Exception:  # whatever a check does without a number that it needs
        return True
    return False


@expects()
def resamples(record: xr.DataTree) -> list[xr.DataTree]:
    """Records as other seeds might have made them: the repetitions drawn anew, with replacement.

    Parameters
    ----------
    record : xarray.DataTree
        Of an experiment.

    Returns
    -------
    list of xarray.DataTree
        Always the same for the same record; empty where nothing was repeated. Parts with as many repetitions share
        the draw.
    """
    if not _repetitions(record):
        return []
    rng = np.random.default_rng(0)
    return [_resampled(record, rng) for _ in range(_RESAMPLES)]


@expects()
def margin(claim: Claim, record: xr.DataTree, resampled: list[xr.DataTree] | None = None) -> float | str:
    """How far a verdict is from another one, in units of its own uncertainty over seeds.

    The uncertainty of each condition is the standard deviation of its slack when the seeds are drawn anew with
    replacement (bootstrap), times sqrt(n/(n - 1)) for n seeds. A verdict stands as long as its own conditions hold, so
    the nearest of them counts, and as long as each better verdict lacks something, for which the farthest counts of
    the conditions that fail.

    Parameters
    ----------
    claim : Claim
        To be judged.
    record : xarray.DataTree
        Of its experiment.
    resampled : list of xarray.DataTree, optional
        From `resamples(record)`, where several claims share them.

    Returns
    -------
    float or str
        At most 99.9, one decimal. In words where the conditions that count have no spread: "exact" when no seed enters
        them, "no spread" when all seeds agree, "one seed" when there is one only.
    """
    found = claim.check(record)
    repeated = _repetitions(record)
    spread: dict[int, float] = {}
    conditions = _conditions(found)
    if repeated:
        again = [_conditions(claim.check(other)) for other in resampled or resamples(record)]
        slack = np.array([[condition.slack for condition in drawn] for drawn in again])
        with np.errstate(invalid="ignore"):  # an infinite slack has no spread, and equal ones none by rounding
            varies = np.ptp(slack, axis=0) > 0
            deviation = np.where(varies, slack.std(axis=0), 0.0) * (min(repeated) / (min(repeated) - 1)) ** 0.5
        spread = dict(enumerate(deviation.tolist()))
    distances = iter([_distance(condition, spread.get(i, 0.0)) for i, condition in enumerate(conditions)])
    nearest = np.inf
    for verdict, asked in found.rules:
        pairs = [(condition, next(distances)) for condition in asked]
        if verdict == found.verdict:
            nearest = min([nearest, *(distance for _, distance in pairs)])
            break
        nearest = min(nearest, max(distance for condition, distance in pairs if not condition.holds))
    if np.isfinite(nearest):
        return round(min(float(nearest), _LARGEST), 1)
    if all(condition.exact for condition in _deciding(found)):
        return "exact"
    return "no spread" if repeated and _repeats(claim, record) else "one seed"


def _repetitions(record: xr.DataTree) -> set[int]:
    """How often the parts of a record repeat their measurements, where they do."""
    counts = {part.sizes[dim] for part in record.subtree for dim in REPETITIONS if dim in part.sizes}
    return {count for count in counts if count > 1}


def _conditions(judgement: Judgement) -> list[Condition]:
    return [condition for _, asked in judgement.rules for condition in asked]


def _deciding(judgement: Judgement) -> list[Condition]:
    """Conditions of the verdict, and those that better verdicts lack."""
    found = []
    for verdict, asked in judgement.rules:
        if verdict == judgement.verdict:
            return found + list(asked)
        found += [condition for condition in asked if not condition.holds]
    return found


def _distance(condition: Condition, deviation: float) -> float:
    if condition.exact or deviation == 0:
        return np.inf
    return abs(condition.slack) / deviation


def _repeats(claim: Claim, record: xr.DataTree) -> bool:
    """Whether a check reads something that was measured more than once."""
    return any(
        reads(claim, record, f"{part.path}/{name}".strip("/"))
        for part in record.subtree
        for name, values in part.data_vars.items()
        if any(values.sizes.get(dim, 1) > 1 for dim in REPETITIONS)
    )


def _resampled(record: xr.DataTree, rng: np.random.Generator) -> xr.DataTree:
    """One draw of the repetitions."""
    chosen: dict[tuple[str, int], np.ndarray] = {}
    parts = {}
    for path, part in record.to_dict().items():
        for dim in REPETITIONS:
            count = part.sizes.get(dim, 1)
            if count > 1:
                index = chosen.setdefault((dim, count), rng.integers(count, size=count))
                part = part.isel({dim: index}).assign_coords({dim: part[dim]})
        parts[path] = part
    return xr.DataTree.from_dict(parts)
