"""Checks a certificate against its list, by brute force and with none of the ranker's code: it counts, rank by rank.

An import contract keeps it so: of this package it knows the values that go in and come out, and nothing that ranks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor, isclose, log2
from typing import Any

from minorguard.ranking.candidates import Candidate
from minorguard.ranking.constraints import PERSONAL, Constraints, Share, Window
from minorguard.ranking.results import Certificate, Placed, Relaxed, Statement

_Figures = list[tuple[int, int, int]]
"""(rank, bound, measured) at every rank of the page."""


def verify(
    certificate: Certificate,
    items: Sequence[Candidate],
    previous: Sequence[Candidate] = (),
    constraints: Constraints | None = None,
    placed: Sequence[Placed] = (),
) -> tuple[str, ...]:
    """What is wrong with a certificate of a list; nothing, if all that it claims was measured again and found so.

    `items` are the list's candidates in order, `previous` those of earlier pages. With `constraints` also: that the
    certificate speaks of them all, and that no item was shown that they refuse. With `placed`: the sum of scores.
    """
    problems = list(_about_list(certificate, items, previous, placed))
    broken: set[Relaxed] = set()
    for statement in certificate.statements:
        problems += _about_statement(statement, items, previous, broken)
    for one in sorted(broken - set(certificate.relaxed)):
        problems.append(f"rank {one.rank}: `{one.constraint}` is not kept ({one.measured} for {one.bound}), unsaid")
    for one in sorted(set(certificate.relaxed) - broken):
        problems.append(f"rank {one.rank}: `{one.constraint}` is said to be relaxed, and is not")
    if constraints is not None:
        problems += _about_constraints(certificate, items, constraints)
    return tuple(problems)


def _about_list(
    certificate: Certificate, items: Sequence[Candidate], previous: Sequence[Candidate], placed: Sequence[Placed]
) -> Iterator[str]:
    ids = [one.id for one in items]
    if tuple(ids) != certificate.ids:
        yield "the certificate is of another list"
    if certificate.shown != len(previous):
        yield f"{len(previous)} items were shown before, not {certificate.shown}"
    if len(set(ids) | {one.id for one in previous}) != len(ids) + len(previous):
        yield "an item comes twice"
    if len(ids) > certificate.slots:
        yield f"{len(ids)} items stand in {certificate.slots} slots"
    if placed:
        if [one.id for one in placed] != ids:
            yield "the places are of another list"
        value = sum(one.score / log2(certificate.shown + slot + 1) for slot, one in enumerate(placed, 1))
        if not isclose(value, certificate.value, rel_tol=1e-9, abs_tol=1e-9):
            yield f"the list is worth {value}, not {certificate.value}"


def _about_statement(
    statement: Statement, items: Sequence[Candidate], previous: Sequence[Candidate], broken: set[Relaxed]
) -> Iterator[str]:
    kind = statement.rule["kind"]
    if kind == "total":
        used = statement.rule["used_before"] + len(items)
        if statement.measured != used or (items and used > statement.bound):
            yield f"`{statement.constraint}`: {used} for {statement.bound}"
        return
    least = kind == "at_least"
    figures = _figures(statement.rule, [*previous, *items], len(previous))
    spare = {rank: (measured - bound if least else bound - measured) for rank, bound, measured in figures}
    for rank, bound, measured in figures:
        if spare[rank] < 0:
            broken.add(Relaxed(rank, statement.constraint, bound, measured))
    if not figures:
        return
    if (statement.rank, statement.bound, statement.measured) not in figures:
        yield f"`{statement.constraint}`: {statement.measured} for {statement.bound} at {statement.rank} is not so"
    if statement.holds != (min(spare.values()) >= 0):
        yield f"`{statement.constraint}`: whether it holds is said wrongly"
    said = statement.measured - statement.bound if least else statement.bound - statement.measured
    if said != min(spare.values()):
        yield f"`{statement.constraint}`: the closest is {min(spare.values())} to spare, not {said}"


def _figures(rule: Mapping[str, Any], whole: Sequence[Candidate], shown: int) -> _Figures:
    """What is measured at each rank of the page, in the list with all that was shown before."""
    ranks = range(shown + 1, len(whole) + 1)
    match rule["kind"]:
        case "at_least":
            return [(r, floor(Fraction(r * rule["percent"], 100)), _of_topic(rule["topic"], whole[:r])) for r in ranks]
        case "at_most":
            return [(r, ceil(Fraction(r * rule["percent"], 100)), _of_topic(rule["topic"], whole[:r])) for r in ranks]
        case "personal" if rule["percent"] == 0:
            return [(r, 0, 0) for r in ranks]
        case "personal":
            return [(r, ceil(Fraction(r * rule["percent"], 100)), sum(c.personal for c in whole[:r])) for r in ranks]
        case "per_topic":
            return [
                (r, rule["most"], _of_topic(rule["topic"], whole[max(0, r - rule["within"]) : r]))
                for r in ranks
                if _of_topic(rule["topic"], whole[r - 1 : r])
            ]
        case "per_author":
            return [
                (r, rule["most"], _by(whole[r - 1].author, whole[max(0, r - rule["within"]) : r]))
                for r in ranks
                if whole[r - 1].author is not None
            ]
        case unknown:
            raise ValueError(f"a statement of kind `{unknown}`")


def _of_topic(topic: str, some: Sequence[Candidate]) -> int:
    wide = topic.split(".")
    return sum(any(name.split(".")[: len(wide)] == wide for name in one.topics) for one in some)


def _by(author: str | None, some: Sequence[Candidate]) -> int:
    return sum(one.author == author for one in some)


def _about_constraints(certificate: Certificate, items: Sequence[Candidate], constraints: Constraints) -> Iterator[str]:
    stated = {one.constraint: one.rule for one in certificate.statements}
    every: tuple[Share | Window, ...] = (*constraints.shares, *constraints.windows)
    for constraint in every:
        if _binds(constraint) and stated.get(constraint.id) != _rule(constraint):
            yield f"`{constraint.id}`: the certificate says nothing of it, or something else"
    for total in constraints.totals:
        if stated.get(total.id) != {"kind": "total", "used_before": total.used}:
            yield f"`{total.id}`: the certificate says nothing of it, or something else"
    yield from _about_personal(certificate, items, constraints.personal_percent)
    firm = {one.id: one for one in every if one.firm or one.kind not in constraints.relax}
    for broken in certificate.relaxed:
        rule = firm.get(broken.constraint)
        if rule is not None and not _inherited(rule, items[: broken.rank - certificate.shown]):
            yield f"rank {broken.rank}: `{broken.constraint}` may not be relaxed"
    for item in items:
        yield from _about_item(item, constraints)


def _about_personal(certificate: Certificate, items: Sequence[Candidate], percent: int) -> Iterator[str]:
    """It never gives way. What earlier pages broke is said, and no item of this one adds to it."""
    rule = {"kind": PERSONAL, "topic": None, "percent": percent}
    if percent < 100 and rule not in [one.rule for one in certificate.statements]:
        yield f"`{PERSONAL}`: the certificate says nothing of it, or something else"
    for broken in certificate.relaxed:
        if broken.constraint == PERSONAL and any(one.personal for one in items[: broken.rank - certificate.shown]):
            yield f"rank {broken.rank}: `{PERSONAL}` may not be relaxed"


def _inherited(constraint: Share | Window, items: Sequence[Candidate]) -> bool:
    """Whether earlier pages broke a share, and every item since makes up for it."""
    if isinstance(constraint, Window):
        return False
    return _of_topic(constraint.topic, items) == (len(items) if constraint.least else 0)


def _about_item(one: Candidate, constraints: Constraints) -> Iterator[str]:
    if constraints.gate(one.traits):
        yield f"`{one.id}` is refused: {constraints.gate(one.traits)[0].code}"
    if one.id in constraints.banned:
        yield f"`{one.id}` is banned"
    if constraints.personal_percent == 0 and one.personal and one.plain_score is None:
        yield f"`{one.id}` has a personal score alone"


def _binds(constraint: Share | Window) -> bool:
    """A share of at least 0 % or at most 100 % asks for nothing."""
    return not isinstance(constraint, Share) or constraint.percent != (0 if constraint.least else 100)


def _rule(constraint: Share | Window) -> dict[str, Any]:
    if isinstance(constraint, Share):
        return {"kind": constraint.kind.value, "topic": constraint.topic, "percent": constraint.percent}
    rule = {"topic": constraint.topic, "most": constraint.most, "within": constraint.within}
    return {"kind": constraint.kind.value, **rule}
