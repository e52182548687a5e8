"""Refuting recommendation rules, exactly: a list that the first lets be and a rule of the second does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from minorguard.model.rules import BandPolicy, CompiledPolicy, RecommendationRule
from minorguard.model.sections import WindowCap
from minorguard.proof.cases import AgeCase
from minorguard.proof.settings import Weakness, topped

Rules = tuple[RecommendationRule, ...]


def weaknesses(a: CompiledPolicy, b: CompiledPolicy, age: AgeCase) -> Iterator[Weakness]:
    """For each recommendation rule of the second that the first does not keep, what it lets be."""
    mine, theirs = (_rules(age.bands(policy)) for policy in (a, b))
    for rule in theirs:
        yield from _switches(mine, rule)
        yield from _topics(mine, rule)
        yield from _numbers(mine, rule)


def _rules(bands: Iterable[BandPolicy]) -> Rules:
    return tuple(dict.fromkeys(rule for band in bands for rule in band.recommendations))


def _switches(mine: Rules, rule: RecommendationRule) -> Iterator[Weakness]:
    if rule.personalised is False and all(one.personalised is not False for one in mine):
        yield _told(
            rule, {"personalised": True}, "按未成年人画像推荐", "a list that follows from a profile of the minor"
        )
    if rule.autoplay is False and all(one.autoplay is not False for one in mine):
        yield _told(rule, {"autoplay": True}, "自动播放下一条", "the next item plays by itself")


def _topics(mine: Rules, rule: RecommendationRule) -> Iterator[Weakness]:
    blocked = frozenset(topic for one in mine for topic in one.block)
    for topic in sorted(rule.block):
        if not topped(topic, blocked):
            yield _told(rule, {"topic": topic}, f"推荐主题 {topic}", f"an item on {topic} is recommended")
    for topic, share in rule.at_most:
        most = 0 if topped(topic, blocked) else min(_shares_above(mine, topic), default=100)
        if most > share:
            en = f"{most}% of a list on {topic}, and not {share}% at most"
            yield _told(rule, {"topic": topic, "at_most": [most, share]}, f"主题 {topic} 占列表 {most}%", en)
    for topic, share in rule.at_least:
        least = max((found for one in mine for name, found in one.at_least if topped(name, {topic})), default=0)
        if least < share:
            en = f"{least}% of a list on {topic}, and not {share}% at least"
            yield _told(rule, {"topic": topic, "at_least": [least, share]}, f"主题 {topic} 只占列表 {least}%", en)


def _shares_above(mine: Rules, topic: str) -> list[int]:
    """The largest shares of a topic, or of one above it, which holds it."""
    return [share for one in mine for name, share in one.at_most if topped(topic, {name})]


def _numbers(mine: Rules, rule: RecommendationRule) -> Iterator[Weakness]:
    if rule.per_author is not None:
        caps = [one.per_author for one in mine if one.per_author is not None]
        places = most_of_one(caps, rule.per_author.within)
        if len(places) > rule.per_author.most:
            shown, within = len(places), rule.per_author.within
            what = {
                "per_author": [shown, rule.per_author.most],
                "within": within,
                "places": places[: rule.per_author.most + 1],
            }
            en = f"{shown} of {within} neighbours by one author, and not {rule.per_author.most} at most"
            yield _told(rule, what, f"相邻 {within} 条中同一作者 {shown} 条", en)
    if rule.items_per_sitting is not None:
        known = [one.items_per_sitting for one in mine if one.items_per_sitting is not None]
        if min(known, default=rule.items_per_sitting + 1) > rule.items_per_sitting:
            items = rule.items_per_sitting + 1
            what = {"items_per_sitting": [items, rule.items_per_sitting]}
            yield _told(rule, what, f"一次连续使用推荐 {items} 条", f"{items} items in one sitting")


def most_of_one(caps: Iterable[WindowCap], within: int) -> list[int]:
    """The places, from 1, of the most items of one author in so many neighbours under some caps.

    Each item as early as every cap lets it: no other list has its items earlier, so none has more.

    >>> most_of_one([WindowCap(2, 4)], 6)
    [1, 2, 5, 6]
    """
    caps, places = tuple(caps), list[int]()
    if any(cap.most == 0 for cap in caps):
        return places
    while True:
        after = places[-1] + 1 if places else 1
        held = (places[-cap.most] + cap.within for cap in caps if cap.most <= len(places))
        place = max((after, *held))
        if place > within:
            return places
        places.append(place)


def _told(rule: RecommendationRule, what: dict[str, Any], zh: str, en: str) -> Weakness:
    return Weakness(rule.origin, what, {"zh": zh, "en": en})
