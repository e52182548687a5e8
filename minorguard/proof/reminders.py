"""Refuting reminders: use that goes on must be interrupted by a reminder no later than the second asks for one."""

from __future__ import annotations

from collections.abc import Iterator

from minorguard.model.rules import CompiledPolicy, SittingRule
from minorguard.proof.cases import AgeCase
from minorguard.proof.settings import Weakness
from minorguard.simulate.rule_words import spoken


def weaknesses(a: CompiledPolicy, b: CompiledPolicy, age: AgeCase, activities: tuple[str, ...]) -> Iterator[Weakness]:
    """For each reminder of the second that the first would give later, or not at all, one activity."""
    mine, theirs = (
        dict.fromkeys(rule for band in age.bands(policy) for rule in band.time if isinstance(rule, SittingRule))
        for policy in (a, b)
    )
    for rule in theirs:
        bound = (name for name in activities if rule.remind_after is not None and rule.binds(name))
        late = next((name for name in bound if not any(_reminds(one, rule, activities, name) for one in mine)), None)
        if late is not None:
            yield _told(rule, late)


def _reminds(mine: SittingRule, rule: SittingRule, activities: tuple[str, ...], activity: str) -> bool:
    """Whether a rule of the first reminds no later: of no shorter sittings, that count no less."""
    if mine.remind_after is None or not mine.binds(activity):
        return False
    counted = all(mine.binds(name) for name in activities if rule.binds(name))
    sooner = mine.remind_after <= (rule.remind_after or 0) and mine.resets_after >= rule.resets_after
    return counted and sooner and (mine.break_after is None or mine.break_for >= rule.resets_after)


def _told(rule: SittingRule, activity: str) -> Weakness:
    zh, en = spoken(rule.remind_after or 0)
    return Weakness(
        rule.origin,
        {"activity": activity, "remind_after_seconds": rule.remind_after},
        {"zh": f"连续使用{activity} {zh}后没有提醒", "en": f"{en} of {activity} on end without a reminder"},
    )
