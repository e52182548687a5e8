"""What a preview says beside time: the verdict of each named feature, and the rules of the other sections, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from minorguard.engine.binding import Binding
from minorguard.model.calendar import wall_instants
from minorguard.model.currencies import in_words
from minorguard.model.ids import Instant
from minorguard.model.rules import (
    SECTIONS,
    CompiledPolicy,
    ContentRule,
    FeatureRule,
    NotificationRule,
    Origin,
    RecommendationRule,
    SpendingRule,
    Verdict,
)
from minorguard.model.sections import ItemAction, TextAction
from minorguard.simulate.rule_lines import FeatureLine, SectionLine
from minorguard.simulate.rule_words import PERIOD_WORDS, spans_words, spoken, texts

OTHERWISE = "*"
"""Stands for a feature that the policy does not name."""

SectionRule = SpendingRule | ContentRule | RecommendationRule | NotificationRule

_VERDICTS = {"allow": ("可用", "on"), "ask": ("须监护人同意", "ask a guardian"), "deny": ("不可用", "off")}
_ACTIONS = {
    TextAction.BLOCK: ("拦截", "blocked"),
    TextAction.REVIEW: ("送审", "reviewed"),
    TextAction.MASK: ("打码", "masked"),
    TextAction.ALLOW: ("放行", "let through"),
}
_ITEM_ACTIONS = {
    ItemAction.HIDE: ("不展示", "hidden"),
    ItemAction.REVIEW: ("送审", "reviewed"),
    ItemAction.BLUR: ("模糊", "blurred"),
    ItemAction.WARN_BEFORE: ("展示前提示", "shown after a warning"),
    ItemAction.SHOW: ("展示", "shown"),
}


def feature_lines(binding: Binding, start: Instant, end: Instant) -> tuple[FeatureLine, ...]:
    """Each feature that is named in ``[start, end)``, sorted, then `*`; in two lines where its verdict changes."""
    end = min(end, binding.adult_from)
    edges = [start, *(at for at in binding.changes(start) if at < end), end]
    spans = [(low, high) for low, high in pairwise(edges) if low < high]
    named = {name for low, _ in spans for name in _names(binding, low)}
    return tuple(
        line for name in (*sorted(named), OTHERWISE) for line in _merged(_line(binding, name, *at) for at in spans)
    )


def _names(binding: Binding, at: Instant) -> set[str]:
    bands = binding.features_at(at)
    return {rule.feature for layers in bands for layer in layers for rule in layer.rules} - {OTHERWISE}


def _merged(lines: Iterator[FeatureLine]) -> Iterator[FeatureLine]:
    running: FeatureLine | None = None
    for line in lines:
        if running is not None and _said(running) == _said(line):
            origins = tuple(dict.fromkeys((*running.origins, *line.origins)))
            running = replace(running, origins=origins, end=line.end)
            continue
        if running is not None:
            yield running
        running = line
    if running is not None:
        yield running


def _said(line: FeatureLine) -> object:
    return line.verdict, line.limits, line.text["en"]


def _line(binding: Binding, name: str, start: Instant, end: Instant) -> FeatureLine:
    """The verdict: every band that holds must have a layer that speaks; any denial denies, then any `ask` asks."""
    spoken: list[FeatureRule] = []
    for layers in binding.features_at(start):
        rules = [rule for layer in layers if (rule := layer.rule_for(name)) is not None]
        if not rules:
            return _feature(name, "deny", (), (), start, end)
        spoken += rules
    for verdict in (Verdict.DENY, Verdict.ASK):
        firm = tuple(rule.origin for rule in spoken if rule.verdict is verdict)
        if firm:
            return _feature(name, verdict.value, (), tuple(dict.fromkeys(firm)), start, end)
    limited = [rule for rule in spoken if rule.limit is not None]
    origins = tuple(dict.fromkeys(rule.origin for rule in limited or spoken))
    return _feature(name, "limit" if limited else "allow", _limits(limited), origins, start, end)


def _limits(rules: Sequence[FeatureRule]) -> tuple[tuple[int, str], ...]:
    least: dict[str, int] = {}
    for rule in rules:
        uses = rule.limit or 0
        least[rule.period.value] = min(uses, least.get(rule.period.value, uses))
    return tuple((uses, period) for period, uses in least.items())


def _feature(
    name: str,
    verdict: str,
    limits: tuple[tuple[int, str], ...],
    origins: tuple[Origin, ...],
    start: Instant,
    end: Instant,
) -> FeatureLine:
    zh, en = _verdict_words(verdict, limits, origins)
    return FeatureLine(name, verdict, limits, origins, start, end, texts(zh, en))


def _verdict_words(verdict: str, limits: tuple[tuple[int, str], ...], origins: tuple[Origin, ...]) -> tuple[str, str]:
    if verdict == "limit":
        said = [(f"{PERIOD_WORDS[period][0]}{uses}次", f"{uses} {PERIOD_WORDS[period][1]}") for uses, period in limits]
        return "限" + "，".join(zh for zh, _ in said), ", ".join(en for _, en in said)
    if verdict == "deny" and not origins:
        return "不可用（没有规则提及）", "off (no rule speaks of it)"
    return _VERDICTS[verdict]


def holding(policy: CompiledPolicy, origin: Origin, start: Instant, end: Instant) -> tuple[Instant, Instant]:
    """The part of ``[start, end)`` in which a rule is in effect by its dates; empty where the two are equal."""
    zone = policy.days.zone
    if origin.effective_from is not None:
        start = max(start, wall_instants(zone, origin.effective_from, 0)[0])
    if origin.effective_to is not None:
        end = min(end, wall_instants(zone, origin.effective_to, 0)[0])
    return start, max(start, end)


def section_rules(
    policy: CompiledPolicy, binding: Binding, start: Instant, end: Instant
) -> Iterator[tuple[str, SectionRule, Instant, Instant]]:
    """Every rule of the other sections that holds somewhere in ``[start, end)``, with its section and stretch."""
    for bound in binding.bands:
        band = bound.rule
        sections: Mapping[str, tuple[SectionRule, ...]] = {
            "spending": band.spending,
            "content": band.content,
            "recommendations": band.recommendations,
            "notifications": band.notifications,
        }
        for section, rules in sections.items():
            for rule in rules:
                low, high = holding(policy, rule.origin, max(start, bound.start), min(end, bound.end))
                if low < high:
                    yield section, rule, low, high


def section_lines(policy: CompiledPolicy, binding: Binding, start: Instant, end: Instant) -> tuple[SectionLine, ...]:
    """The same in words, section by section; a rule that several bands share is said once."""
    lines: dict[SectionRule, SectionLine] = {}
    for section, rule, low, high in section_rules(policy, binding, start, end):
        known = lines.get(rule)
        if known is not None:
            low, high = min(low, known.start), max(high, known.end)
        lines[rule] = SectionLine(section, rule.origin, low, high, section_words(rule))
    return tuple(sorted(lines.values(), key=lambda line: (SECTIONS.index(line.section), line.start)))


def section_words(rule: SectionRule) -> dict[str, str]:
    """A rule of another section in one line."""
    match rule:
        case SpendingRule():
            parts = list(_spending(rule))
        case ContentRule():
            parts = list(_content(rule))
        case RecommendationRule():
            parts = list(_recommendations(rule))
        case NotificationRule():
            parts = list(_notifications(rule))
    return texts("；".join(zh for zh, _ in parts) or "无", "; ".join(en for _, en in parts) or "nothing")


def _spending(rule: SpendingRule) -> Iterator[tuple[str, str]]:
    caps = (
        (rule.per_purchase, "单次至多", "a purchase"),
        (rule.per_day, "每天至多", "a day"),
        (rule.per_month, "每月至多", "a month"),
    )
    if any(units == 0 for units, _, _ in caps):
        yield "不可消费", "no spending"
    else:
        for units, zh, en in caps:
            if units is not None:
                amount_zh, amount_en = in_words(units, rule.currency)
                yield f"{zh}{amount_zh}", f"at most {amount_en} {en}"
    if rule.only is not None:
        yield f"仅限 {_names_zh(rule.only)}", f"for {_names_en(rule.only)} only"


def _content(rule: ContentRule) -> Iterator[tuple[str, str]]:
    if rule.max_rating is not None:
        yield f"分级至多 {rule.max_rating}", f"rated {rule.max_rating} at most"
    if rule.block:
        yield f"屏蔽 {_names_zh(rule.block)}", f"no {_names_en(rule.block)}"
    if rule.pools is not None:
        yield f"仅限内容池 {_names_zh(rule.pools)}", f"only from {_names_en(rule.pools)}"
    yield from _graded(rule)
    for category, action in rule.text:
        zh, en = _ACTIONS[action]
        any_other = category == "default"
        yield f"{'其他' if any_other else category}文本{zh}", f"{'other' if any_other else category} texts {en}"
    if rule.surfaces is not None:
        yield f"适用于 {_names_zh(rule.surfaces)}", f"on {_names_en(rule.surfaces)}"


def _graded(rule: ContentRule) -> Iterator[tuple[str, str]]:
    for label, action in rule.labels:
        zh, en = _ITEM_ACTIONS[action]
        any_other = label == "default"
        yield f"{'其他标签' if any_other else label}{zh}", f"{'other labels' if any_other else label} {en}"
    if rule.unrated is not None:
        zh, en = _ITEM_ACTIONS[rule.unrated]
        yield f"未分级的{zh}", f"unrated items {en}"
    if rule.unanswered is not None:
        zh, en = _ITEM_ACTIONS[rule.unanswered]
        yield f"未识别的{zh}", f"items without a classifier's answer {en}"


def _recommendations(rule: RecommendationRule) -> Iterator[tuple[str, str]]:
    if rule.personalised is not None:
        yield ("可个性化推荐", "personalised") if rule.personalised else ("不作个性化推荐", "not personalised")
    if rule.autoplay is not None:
        yield ("可自动播放", "autoplay") if rule.autoplay else ("不自动播放", "no autoplay")
    if rule.block:
        yield f"不推荐 {_names_zh(rule.block)}", f"no {_names_en(rule.block)}"
    for topic, share in rule.at_most:
        yield f"{topic} 至多 {share}%", f"{topic} at most {share}%"
    for topic, share in rule.at_least:
        yield f"{topic} 至少 {share}%", f"{topic} at least {share}%"
    if rule.per_author is not None:
        most, within = rule.per_author.most, rule.per_author.within
        yield f"同一作者每{within}条至多{most}条", f"at most {most} in {within} by one author"
    yield from _of_lists(rule)
    if rule.items_per_sitting is not None:
        yield f"每次连续使用至多{rule.items_per_sitting}条", f"at most {rule.items_per_sitting} items a sitting"
    if rule.items_per_day is not None:
        yield f"每日至多{rule.items_per_day}条", f"at most {rule.items_per_day} items a day"


def _of_lists(rule: RecommendationRule) -> Iterator[tuple[str, str]]:
    for topic, cap in rule.per_topic:
        yield f"{topic} 每{cap.within}条至多{cap.most}条", f"at most {cap.most} in {cap.within} of {topic}"
    if rule.personal_at_most is not None:
        yield f"个性化内容至多 {rule.personal_at_most}%", f"by profile at most {rule.personal_at_most}%"
    if rule.break_every_items is not None:
        yield f"每{rule.break_every_items}条休息一次", f"a break every {rule.break_every_items} items"
    if rule.break_every_seconds is not None:
        zh, en = spoken(rule.break_every_seconds)
        yield f"每播放{zh}休息一次", f"a break every {en} of play"


def _notifications(rule: NotificationRule) -> Iterator[tuple[str, str]]:
    if rule.quiet:
        zh, en = spans_words(rule.quiet)
        yield f"免打扰 {zh}", f"quiet {en}"
    if rule.at_most is not None:
        uses, period = rule.at_most
        zh, en = PERIOD_WORDS[period.value]
        yield (f"{zh}至多{uses}条", f"at most {uses} {en}") if uses else ("不发送通知", "none are sent")


def _names_zh(names: frozenset[str]) -> str:
    return "、".join(sorted(names)) or "（无）"


def _names_en(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
