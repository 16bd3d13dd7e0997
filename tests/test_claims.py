import re

import pytest

from ntkbook.claims import Claim, Condition, Judgement, Verdict, inventory


def test_inventory_holds_all_sixty_five_claims_of_four_papers():
    statements = inventory()
    assert len(statements) == 65
    assert all(key == s.id and re.fullmatch(r"[A-Z]\d\d", key) for key, s in statements.items())
    assert all(s.paper and s.where and s.says for s in statements.values())
    assert len({s.paper for s in statements.values()}) == 4
    assert all(s.says.isascii() for s in statements.values())


def test_a_claim_must_be_in_the_inventory():
    with pytest.raises(ValueError, match="id: expected a claim of the inventory, found 'Z99'"):
        Claim("Z99", lambda record: Judgement("", ()), "above 0", "none")


@pytest.mark.parametrize(
    ("value", "relation", "holds"),
    [(1, "<=", True), (1, "<", False), (1, ">=", True), (1, ">", False), (0.9, "<", True), (1.1, ">", True)],
)
def test_a_condition_holds_on_its_side_of_the_bound(value, relation, holds):
    assert Condition("x", value, relation, 1.0).holds == holds


@pytest.mark.parametrize("relation", ["<=", "<", ">=", ">"])
def test_nan_is_on_no_side_and_no_bound(relation):
    assert not Condition("x", float("nan"), relation, 1.0).holds
    with pytest.raises(ValueError, match="bound: expected a finite number, found nan"):
        Condition("x", 1.0, relation, float("nan"))


def test_a_verdict_without_rules_is_not_reproduced():
    assert Judgement("", ()).verdict == Verdict.NOT_REPRODUCED
