"""Rules in words, in Chinese and English: what a product manager reads beside a preview."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, assert_never

from minorguard.model.calendar import DAY
from minorguard.model.ids import Seconds
from minorguard.model.rules import (
    CurfewRule,
    DayLimits,
    Devices,
    Period,
    QuotaRule,
    SittingRule,
    Span,
    TimeRule,
    WindowRule,
)
from minorguard.simulate.week import Kind

DAY_WORDS = {
    "mon": ("周一", "Mon"),
    "tue": ("周二", "Tue"),
    "wed": ("周三", "Wed"),
    "thu": ("周四", "Thu"),
    "fri": ("周五", "Fri"),
    "sat": ("周六", "Sat"),
    "sun": ("周日", "Sun"),
    "school_day": ("上学日", "school day"),
    "weekend": ("周末", "weekend"),
    "holiday": ("节假日", "holiday"),
    "makeup_workday": ("调休上班日", "make-up workday"),
    "otherwise": ("其他日子", "otherwise"),
}
PERIOD_WORDS = {
    "hour": ("每小时", "an hour"),
    "day": ("每天", "a day"),
    "week": ("每周", "a week"),
    "month": ("每月", "a month"),
    "sitting": ("每次连续使用", "a sitting"),
}
SECTION_WORDS = {
    "time": ("时间", "time"),
    "features": ("功能", "features"),
    "spending": ("消费", "spending"),
    "content": ("内容", "content"),
    "recommendations": ("推荐", "recommendations"),
    "notifications": ("通知", "notifications"),
}
_LIMIT_OF = {Period.DAY: "daily limit", Period.WEEK: "weekly limit", Period.MONTH: "monthly limit"}
KIND_WORDS = {
    Kind.OPEN: ("可以使用", "open"),
    Kind.GRANT: ("因加时可用", "open by a grant"),
    Kind.FREE: ("不作限制", "no rule applies"),
    Kind.CURFEW: ("休息时段", "curfew"),
    Kind.WINDOW: ("不在开放时段", "outside the windows"),
    Kind.QUOTA: ("时长已用完", "time used up"),
    Kind.BREAK: ("该休息了", "a break is due"),
    Kind.SHORT: ("剩余太少，不再开始", "too little left to begin"),
}
FAMILIES = {CurfewRule: "curfew", WindowRule: "window", QuotaRule: "quota", SittingRule: "sitting"}


def texts(zh: str, en: str) -> dict[str, str]:
    """A text in both languages."""
    return {"zh": zh, "en": en}


def spoken(seconds: Seconds) -> tuple[str, str]:
    """A duration in both languages.

    >>> spoken(5400), spoken(0)
    (('1小时30分钟', '1 h 30 min'), ('0秒', '0 s'))
    """
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = [
        (number, zh, en)
        for number, zh, en in ((hours, "小时", "h"), (minutes, "分钟", "min"), (left, "秒", "s"))
        if number
    ] or [(0, "秒", "s")]
    return "".join(f"{n}{zh}" for n, zh, _ in parts), " ".join(f"{n} {en}" for n, _, en in parts)


def compact(seconds: Seconds) -> str:
    """A duration in the spelling of policies.

    >>> compact(5400), compact(0)
    ('1h30m', '0s')
    """
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return "".join(f"{n}{unit}" for n, unit in ((hours, "h"), (minutes, "m"), (left, "s")) if n) or "0s"


def clock(seconds: Seconds) -> str:
    """A wall time of a span: ``22:00``.

    >>> clock(79_200), clock(86_400)
    ('22:00', '24:00')
    """
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours:02}:{minutes:02}" if seconds < DAY else "24:00"


def spans_words(spans: Iterable[Span]) -> tuple[str, str]:
    """Spans with the days on which they open."""
    said = [_span(span) for span in spans]
    return "、".join(zh for zh, _ in said) or "无", ", ".join(en for _, en in said) or "never"


def _span(span: Span) -> tuple[str, str]:
    text = f"{clock(span.opens)}–{clock(span.closes)}"
    if span.days is None:
        return text, text
    names = [DAY_WORDS[day] for day in DAY_WORDS if day in span.days]
    zh, en = "、".join(zh for zh, _ in names) or "从不", ", ".join(en for _, en in names) or "no day"
    return f"{text}（{zh}）", f"{text} ({en})"


def rule_words(rule: TimeRule) -> dict[str, str]:
    """A time rule in one sentence."""
    zh, en = _rule(rule)
    if rule.only is not None:
        names = sorted(rule.only)
        zh, en = f"{zh}（仅限{'、'.join(names)}）", f"{en} ({', '.join(names)} only)"
    return texts(zh, en)


def _rule(rule: TimeRule) -> tuple[str, str]:
    match rule:
        case CurfewRule():
            zh, en = spans_words(rule.spans)
            return f"休息时段 {zh}", f"closed {en}"
        case WindowRule():
            zh, en = spans_words(rule.spans)
            return f"开放时段 {zh}", f"open only {en}"
        case QuotaRule():
            return _quota(rule)
        case SittingRule():
            return _sitting(rule)
        case _:
            assert_never(rule)


def _quota(rule: QuotaRule) -> tuple[str, str]:
    zh, en = _limits(rule.limits)
    each_zh, each_en = ("每台设备", ", each device") if rule.devices is Devices.EACH else ("", "")
    return f"{PERIOD_WORDS[rule.period.value][0]}{each_zh}限时：{zh}", f"{_LIMIT_OF[rule.period]}{each_en}: {en}"


def _limits(limits: DayLimits) -> tuple[str, str]:
    if [key for key, _ in limits.seconds] == ["otherwise"]:
        return spoken(limits.seconds[0][1])
    table = dict(limits.seconds)
    said = [(words, spoken(table[key])) for key, words in DAY_WORDS.items() if key in table]
    zh = "，".join(f"{day[0]}{long[0]}" for day, long in said)
    return zh or "不限", ", ".join(f"{day[1]} {long[1]}" for day, long in said) or "no limit"


def _sitting(rule: SittingRule) -> tuple[str, str]:
    parts: list[tuple[str, str]] = []
    if rule.remind_after is not None:
        zh, en = spoken(rule.remind_after)
        parts.append((f"连续使用{zh}提醒休息", f"a reminder after {en} on end"))
    if rule.break_after is not None:
        (zh, en), (rest_zh, rest_en) = spoken(rule.break_after), spoken(rule.break_for)
        parts.append((f"连续使用{zh}须休息{rest_zh}", f"after {en} on end a break of {rest_en}"))
    if rule.at_least:
        zh, en = spoken(rule.at_least)
        parts.append((f"剩余不足{zh}时不再开始", f"none is begun with less than {en} left"))
    return "；".join(zh for zh, _ in parts) or "无", "; ".join(en for _, en in parts) or "nothing"


def rule_data(rule: TimeRule) -> Mapping[str, Any]:
    """The numbers of a time rule, for programs."""
    match rule:
        case CurfewRule() | WindowRule():
            return {"spans": [_span_data(span) for span in rule.spans]}
        case QuotaRule():
            limits = dict(rule.limits.seconds)
            return {"period": rule.period.value, "limit_seconds": limits, "devices": rule.devices.value}
        case SittingRule():
            return {
                "remind_after_seconds": rule.remind_after,
                "break_after_seconds": rule.break_after,
                "break_for_seconds": rule.break_for,
                "resets_after_seconds": rule.resets_after,
                "at_least_seconds": rule.at_least,
            }
        case _:
            assert_never(rule)


def _span_data(span: Span) -> dict[str, Any]:
    days = None if span.days is None else sorted(span.days)
    return {"span": f"{clock(span.opens)}-{clock(span.closes)}", "days": days}
