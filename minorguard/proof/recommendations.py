"""Refuting recommendation rules, part by part: a list that the first lets be and a rule of the second does not.

Shares and windows may give way in a list that cannot keep them all, save where a law says them. So what the second
holds by law only a law of the first keeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from minorguard.model.ids import Seconds
from minorguard.model.rules import BandPolicy, CompiledPolicy, Origin, RecommendationRule, Strength
from minorguard.model.sections import WindowCap
from minorguard.proof.cases import AgeCase
from minorguard.proof.features import sittings
from minorguard.proof.settings import Weakness, topped

Rules = tuple[RecommendationRule, ...]


def weaknesses(a: CompiledPolicy, b: CompiledPolicy, age: AgeCase) -> Iterator[Weakness]:
    """For each recommendation rule of the second that the first does not keep, what it lets be."""
    mine, theirs = (_rules(age.bands(policy)) for policy in (a, b))
    for rule in theirs:
        lasting = tuple(one for one in mine if _firm(one)) if _firm(rule) else mine
        blocked = frozenset(topic for one in mine for topic in one.block)
        yield from _switches(mine, rule)
        yield from _topics(lasting, rule, blocked)
        yield from _personal(mine, rule)
        yield from _windows(lasting, rule, blocked)
        yield from _numbers(mine, rule, same_day=_day(a) == _day(b))


def undecided(a: CompiledPolicy, b: CompiledPolicy, age: AgeCase) -> Iterator[Origin]:
    """The rules of the second that count the items of a sitting, where those of the first may be shorter."""
    if sittings(age.bands(b)) <= sittings(age.bands(a)):
        return
    if all(rule.items_per_sitting != 0 for rule in _rules(age.bands(a))):
        yield from (rule.origin for rule in _rules(age.bands(b)) if rule.items_per_sitting is not None)


def _day(policy: CompiledPolicy) -> tuple[str, Seconds]:
    return policy.days.zone, policy.days.starts_at


def _rules(bands: Iterable[BandPolicy]) -> Rules:
    return tuple(dict.fromkeys(rule for band in bands for rule in band.recommendations))


def _firm(rule: RecommendationRule) -> bool:
    return rule.origin.strength is Strength.LAW


def _switches(mine: Rules, rule: RecommendationRule) -> Iterator[Weakness]:
    if rule.autoplay is False and all(one.autoplay is not False for one in mine):
        yield _told(rule, {"autoplay": True}, "自动播放下一条", "the next item plays by itself")


def _topics(mine: Rules, rule: RecommendationRule, blocked: frozenset[str]) -> Iterator[Weakness]:
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


def _personal(mine: Rules, rule: RecommendationRule) -> Iterator[Weakness]:
    """`personalised: false` is a share of nothing; of all rules the smallest share holds."""
    share, most = _personal_share((rule,)), _personal_share(mine)
    if most > share:
        what: dict[str, Any] = {"personalised": True} if rule.personalised is False else {}
        what["personal_at_most"] = [most, share]
        en = f"{most}% of a list that follows from a profile of the minor, and not {share}% at most"
        yield _told(rule, what, f"按未成年人画像推荐的内容占列表 {most}%，而非至多 {share}%", en)


def _personal_share(rules: Rules) -> int:
    said = (0 if one.personalised is False else one.personal_at_most for one in rules)
    return min((share for share in said if share is not None), default=100)


def _windows(mine: Rules, rule: RecommendationRule, blocked: frozenset[str]) -> Iterator[Weakness]:
    if rule.per_author is not None:
        caps = [one.per_author for one in mine if one.per_author is not None]
        places = most_of_one(caps, rule.per_author.within)
        yield from _window(rule, rule.per_author, places, {"by": "author"}, ("同一作者", "by one author"))
    for topic, cap in rule.per_topic:
        caps = [held for one in mine for name, held in one.per_topic if topped(topic, {name})]
        places = [] if topped(topic, blocked) else most_of_one(caps, cap.within)
        yield from _window(rule, cap, places, {"topic": topic}, (f"主题 {topic} ", f"on {topic}"))


def _window(
    rule: RecommendationRule, cap: WindowCap, places: list[int], of: dict[str, Any], words: tuple[str, str]
) -> Iterator[Weakness]:
    """That so many stand at these places, where they are more than a cap lets."""
    if len(places) > cap.most:
        shown = {"most": [len(places), cap.most], "within": cap.within, "places": places[: cap.most + 1]}
        en = f"{len(places)} of {cap.within} neighbours {words[1]}, and not {cap.most} at most"
        yield _told(rule, of | shown, f"相邻 {cap.within} 条中{words[0]}内容 {len(places)} 条", en)


_NUMBERS = {
    "items_per_sitting": ("一次连续使用推荐 {} 条", "{} items in one sitting"),
    "items_per_day": ("一天推荐 {} 条", "{} items in one day"),
    "break_every_items": ("连续 {} 条内容没有休息", "{} items in a row without a break"),
    "break_every_seconds": ("连续播放 {} 秒没有休息", "{} seconds of play in a row without a break"),
}
"""Numbers of which the smallest holds, and one more than that in words."""


def _numbers(mine: Rules, rule: RecommendationRule, *, same_day: bool) -> Iterator[Weakness]:
    for name, (zh, en) in _NUMBERS.items():
        limit = getattr(rule, name)
        known = [number for one in mine if (number := getattr(one, name)) is not None]
        if name == "items_per_day" and not same_day:
            known = [number for number in known if number == 0]  # of two days that overlap each may hold as many
        if limit is not None and min(known, default=limit + 1) > limit:
            yield _told(rule, {name: [limit + 1, limit]}, zh.format(limit + 1), en.format(limit + 1))


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
