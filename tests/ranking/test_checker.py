"""The checker finds what a certificate hides, and shares no code with the ranker."""

from dataclasses import replace

import pytest

from minorguard.ranking import Candidate, Constraints, Refusal, Relaxed, Share, Total, Window, constrain, verify
from minorguard.ranking.results import Statement
from tests.ranking.pools import middling

POOL, RULES, SLOTS = middling(3, 200, 20, 40)
RULES = replace(RULES, totals=(Total("items_per_day", 100, 7),))
RANKED = constrain(POOL, RULES, SLOTS)
LISTED = [next(one for one in POOL if one.id == id) for id in RANKED.ids]


def problems(certificate=RANKED.certificate, items=None, **options):
    """What the checker says of a list that was tampered with."""
    given = {"constraints": RULES, "placed": RANKED.items, **options}
    return " ".join(verify(certificate, LISTED if items is None else items, **given))


def changed(number, **what):
    """The certificate with one statement changed."""
    statements = list(RANKED.certificate.statements)
    statements[number] = statements[number]._replace(**what)
    return replace(RANKED.certificate, statements=tuple(statements))


def test_true_certificate__has_no_problems():
    """The list as it was made."""
    assert problems() == ""


@pytest.mark.parametrize("number", range(len(RANKED.certificate.statements)))
def test_figure_that_is_not_so__is_found(number):
    """Each statement's figure is measured again."""
    measured = RANKED.certificate.statements[number].measured
    assert f"`{RANKED.certificate.statements[number].constraint}`" in problems(changed(number, measured=measured + 1))


def test_list_of_another_order__is_found():
    """Two items change places."""
    assert "another list" in problems(items=[LISTED[1], LISTED[0], *LISTED[2:]])


def test_statement_left_out__is_found():
    """A certificate that does not speak of a constraint claims nothing of it."""
    for number, statement in enumerate(RANKED.certificate.statements):
        rest = RANKED.certificate.statements[:number] + RANKED.certificate.statements[number + 1 :]
        found = problems(replace(RANKED.certificate, statements=rest))
        assert f"`{statement.constraint}`: the certificate says nothing of it" in found


def test_bound_that_was_loosened__is_found():
    """The rule of the statement must be that of the constraint."""
    loosened = changed(0, rule={**RANKED.certificate.statements[0].rule, "percent": 1})
    assert "or something else" in problems(loosened)


def test_relaxation_unsaid_or_invented__is_found():
    """A broken constraint must be said, and nothing that holds may be said to be broken."""
    pool = [Candidate(f"v{n}", n, author="ann") for n in range(3)]
    rules = Constraints(windows=(Window(1, 2),))
    ranked = constrain(pool, rules, 3)
    listed = sorted(pool, key=lambda one: -one.score)
    assert verify(ranked.certificate, listed, (), rules) == ()
    assert "unsaid" in " ".join(verify(replace(ranked.certificate, relaxed=()), listed))
    assert "said to be relaxed" in problems(replace(RANKED.certificate, relaxed=(Relaxed(1, "at_most/x/1", 0, 1),)))


def test_firm_constraint_relaxed__is_found():
    """A certificate that admits to breaking a law is no certificate."""
    pool = [Candidate(f"v{n}", n, author="ann") for n in range(3)]
    ranked = constrain(pool, Constraints(windows=(Window(1, 2),)), 3)
    firm = Constraints(windows=(Window(1, 2, firm=True),))
    assert "may not be relaxed" in " ".join(verify(ranked.certificate, pool[::-1], (), firm))


def test_personal_share_unsaid_or_relaxed__is_found():
    """It is stated like any other, and never gives way, whatever the certificate admits to."""
    pool = [Candidate(f"v{n}", 3 - n, personal=True) for n in range(3)]
    ranked = constrain(pool, Constraints(), 3)
    half = Constraints(personal_percent=50)
    assert "`personal`: the certificate says nothing of it" in " ".join(verify(ranked.certificate, pool, (), half))
    rule = {"kind": "personal", "topic": None, "percent": 50}
    broken = (Relaxed(2, "personal", 1, 2), Relaxed(3, "personal", 2, 3))
    admitted = replace(
        ranked.certificate, statements=(Statement("personal", rule, 2, 1, 2, holds=False),), relaxed=broken
    )
    assert "rank 2: `personal` may not be relaxed" in " ".join(verify(admitted, pool, (), half))


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        (Constraints(gate=lambda traits: (Refusal("unrated"),)), "`v0` is refused: unrated"),
        (Constraints(banned=frozenset({"v0"})), "`v0` is banned"),
        (Constraints(personal_percent=0), "`v0` has a personal score alone"),
    ],
)
def test_item_that_may_not_be_shown__is_found(rules, problem):
    """The gate, the editors and the viewer's choice are asked again."""
    pool = [Candidate("v0", 1, personal=True)]
    made = constrain(pool, Constraints(), 1)
    assert problem in " ".join(verify(made.certificate, pool, (), rules))


def test_sum_that_is_not_so__is_found():
    """What the list is worth is added up again."""
    assert "the list is worth" in problems(replace(RANKED.certificate, value=RANKED.certificate.value + 0.001))


def test_item_twice__is_found():
    """No item stands twice, on whatever page."""
    assert "comes twice" in problems(previous=[LISTED[0]])


def test_share_of_nothing__needs_no_statement():
    """At least 0 % asks for nothing."""
    rules = Constraints(shares=(Share("art", 0, True), Share("fun", 100, False)))
    pool = [Candidate("v0", 1)]
    assert verify(constrain(pool, rules, 1).certificate, pool, (), rules) == ()
