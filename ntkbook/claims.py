"""Claims of the papers, the checks that decide them, and what a check may find."""

import csv
import operator
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Literal

import xarray as xr

from ntkbook.expect import expects
from ntkbook.wants import any_number, outcome


class Verdict(StrEnum):
    """Outcome of a check, best first; `NOT_RUN` stands outside the order."""

    REPRODUCED = "reproduced"
    ONLY_ASYMPTOTIC = "only asymptotic"
    VACUOUS = "vacuous"
    NOT_REPRODUCED = "not reproduced"
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Statement:
    """One row of the inventory: what a paper says, and where."""

    id: str
    """Such as "A04"."""
    paper: str
    """Key in the bibliography."""
    where: str
    """Theorem, equation or figure."""
    says: str
    """The claim in one line, plain text."""
    latex: str
    """The same with its formulas in LaTeX, between dollars."""


_RELATIONS = {"<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt}


@expects(value=outcome, bound=any_number)
@dataclass(frozen=True)
class Condition:
    """A measured number beside the number that it must not pass."""

    what: str
    """What was measured, such as "slope in m, mnist"."""
    value: float
    """The number; NaN never holds."""
    relation: Literal["<=", "<", ">=", ">"]
    """How it must stand to `bound`."""
    bound: float
    """The tolerance."""
    exact: bool = False
    """Whether it has no uncertainty: an identity, or a quantity that no seed enters."""

    @property
    def holds(self) -> bool:
        """Whether the number is where it must be."""
        return bool(_RELATIONS[self.relation](self.value, self.bound))

    @property
    def slack(self) -> float:
        """Distance to the bound: positive inside, negative outside."""
        return self.bound - self.value if self.relation in ("<=", "<") else self.value - self.bound


@dataclass(frozen=True)
class Judgement:
    """What a check found."""

    measured: str
    """The numbers it rests on, for a reader."""
    rules: tuple[tuple[Verdict, tuple[Condition, ...]], ...]
    """Verdicts, best first, each with the conditions that it asks for."""

    @property
    def verdict(self) -> Verdict:
        """The first whose conditions all hold; "not reproduced" when there is none."""
        for verdict, conditions in self.rules:
            if all(condition.holds for condition in conditions):
                return verdict
        return Verdict.NOT_REPRODUCED


@expects()
@dataclass(frozen=True)
class Claim:
    """A claim of the inventory with the check that decides it."""

    id: str
    """Id in the inventory; in small letters it is the label of the claim's place in the book."""
    check: Callable[[xr.DataTree], Judgement]
    """Reads an experiment's record, and nothing else."""
    expected: str
    """What the theory says the numbers should be."""
    tolerance: str
    """How far off they may be and still count as reproduced."""

    def __post_init__(self):
        if self.id not in inventory():
            raise ValueError(f"id: expected a claim of the inventory, found {self.id!r}; add it to inventory.csv first")


@cache
def inventory() -> dict[str, Statement]:
    """Every claim the book must carry, by id, in the order of the papers.

    Returns
    -------
    dict of str to Statement
    """
    text = resources.files("ntkbook").joinpath("inventory.csv").read_text(encoding="utf-8")
    return {row["id"]: Statement(**row) for row in csv.DictReader(text.splitlines())}
