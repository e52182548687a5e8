"""Refuting time rules: does the first policy deny whenever this rule of the second does, whatever was used before?

A rule of the clock needs no history: each second at which it denies must be one at which the first is shut, and that is
a question of sets of time, answered exactly. Quotas are decided by how much use can be had (`quotas`), sittings by
rules that cover them and by histories (`sittings`). What is neither proved nor refuted is said to be undecided.
"""

from __future__ import annotations

from minorguard.model.rules import CurfewRule, QuotaRule, SittingRule, TimeRule, WindowRule
from minorguard.proof.arena import Arena, without
from minorguard.proof.counterexample import Counterexample, Undecided
from minorguard.proof.openings import refute_opening
from minorguard.proof.quotas import refute_quota
from minorguard.proof.sittings import refute_sitting


def refute(arena: Arena, rule: TimeRule) -> Counterexample | Undecided | None:
    """A case in which the first policy lets go on, or open, what this rule of the second stops; None: there is none."""
    undecided: Undecided | None = None
    for activity in arena.activities:
        if not rule.binds(activity):
            continue
        found = _refute(arena, rule, activity)
        if isinstance(found, Counterexample):
            return found
        undecided = undecided or found
    return undecided


def _refute(arena: Arena, rule: TimeRule, activity: str) -> Counterexample | Undecided | None:
    match rule:
        case CurfewRule() | WindowRule():
            return _clock(arena, rule, activity)
        case QuotaRule():
            return refute_quota(arena, rule, activity)
        case SittingRule():
            return refute_sitting(arena, rule, activity) or refute_opening(arena, rule, activity)


def _clock(arena: Arena, rule: CurfewRule | WindowRule, activity: str) -> Counterexample | Undecided | None:
    shut = arena.closed_by(arena.b, rule, arena.day)
    left_open = without(shut, without(shut, arena.open(activity)))
    if not left_open:
        return None
    raises = sorted({0, *(r.raise_at_most for r in arena.my_rules(activity) if isinstance(r, QuotaRule))})
    tries = (arena.time(activity, start, granted=more) for start, _ in left_open for more in raises)
    return arena.first(tries, rule.origin) or arena.undecided(rule.origin)
