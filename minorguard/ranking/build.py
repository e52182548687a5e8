"""From the rules in force to the constraints of one list: of all that is said the strictest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from minorguard.model.origins import Strength
from minorguard.model.rules import ContentRule, RecommendationRule
from minorguard.ranking.constraints import BreakEvery, Constraints, Gate, Pin, Share, Total, Window
from minorguard.ranking.gate import rule_gate


def constraints_of(
    recommendations: Sequence[RecommendationRule],
    content: Sequence[ContentRule] = (),
    *,
    surface: str | None = None,
    gate: Gate | None = None,
    totals: Iterable[Total] = (),
    personal: bool = True,
    pins: Iterable[Pin] = (),
    banned: Iterable[str] = (),
) -> Constraints:
    """The constraints that the rules of every layer make together.

    `gate` takes the place of the one that the content rules make; `personal` False is the viewer's own choice of a list
    that follows from no profile. What a law says is never relaxed.
    """
    allowed = [100] if personal else [0]
    allowed += [0 for rule in recommendations if rule.personalised is False]
    allowed += [rule.personal_at_most for rule in recommendations if rule.personal_at_most is not None]
    return Constraints(
        gate=rule_gate(content, recommendations, surface) if gate is None else gate,
        windows=_windows(recommendations),
        shares=(*_shares(recommendations, least=True), *_shares(recommendations, least=False)),
        personal_percent=min(allowed),
        totals=tuple(totals),
        break_every=_break_every(recommendations),
        autoplay=all(rule.autoplay is not False for rule in recommendations),
        banned=frozenset(banned),
        pins=tuple(pins),
    )


def _firm(rule: RecommendationRule) -> bool:
    return rule.origin.strength is Strength.LAW


def _shares(rules: Sequence[RecommendationRule], *, least: bool) -> tuple[Share, ...]:
    """By topic the strictest; beside it the strictest that never gives way, where that is another."""
    said: dict[tuple[str, bool], list[int]] = {}
    for rule in rules:
        for topic, percent in rule.at_least if least else rule.at_most:
            for firm in {False, _firm(rule)}:
                said.setdefault((topic, firm), []).append(percent)
    strictest = max if least else min
    found = {key: strictest(percents) for key, percents in said.items()}
    return tuple(
        Share(topic, percent, least, firm)
        for (topic, firm), percent in sorted(found.items())
        if firm or found.get((topic, True)) != percent
    )


def _windows(rules: Sequence[RecommendationRule]) -> tuple[Window, ...]:
    """Every window that no other one makes needless."""
    said = {Window(cap.most, cap.within, None, _firm(r)) for r in rules if (cap := r.per_author) is not None}
    said |= {Window(cap.most, cap.within, topic, _firm(r)) for r in rules for topic, cap in r.per_topic}
    ordered = sorted(said, key=lambda one: (one.topic or "", one.within, one.most, not one.firm))
    return tuple(one for one in ordered if not any(_covers(other, one) for other in said if other != one))


def _covers(other: Window, one: Window) -> bool:
    """Whether a list that keeps the other keeps the one: no more of it in windows that are as wide or wider."""
    narrower = other.topic == one.topic and other.most <= one.most and other.within >= one.within
    return narrower and (other.firm or not one.firm)


def _break_every(rules: Sequence[RecommendationRule]) -> BreakEvery | None:
    items = min((r.break_every_items for r in rules if r.break_every_items is not None), default=None)
    seconds = min((r.break_every_seconds for r in rules if r.break_every_seconds is not None), default=None)
    return None if items is None and seconds is None else BreakEvery(items, seconds)
