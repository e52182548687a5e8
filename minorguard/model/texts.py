"""What reasons, obligations and advice say to people, in Chinese and English; the contract is their codes and data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minorguard.model.categories import names_of
from minorguard.model.currencies import in_words

_PERIODS = {
    "hour": ("每小时", "hour"),
    "day": ("每天", "day"),
    "week": ("每周", "week"),
    "month": ("每月", "month"),
    "sitting": ("每次连续使用", "sitting"),
}
_THIS_PERIOD = {"day": ("今日", "Today's"), "week": ("本周", "This week's"), "month": ("本月", "This month's")}

ACTIONS = {
    "hide": ("不展示", "hidden"),
    "block": ("不发布", "blocked"),
    "review": ("先送人工审核", "sent to review"),
    "blur": ("模糊展示", "blurred"),
    "mask": ("打码展示", "masked"),
    "warn_before": ("展示前提示", "shown after a warning"),
    "show": ("展示", "shown"),
    "allow": ("放行", "let through"),
}
"""What becomes of an item or a text."""

_TEXTS: dict[str, tuple[str, str]] = {
    "time.allowed": ("可以使用。", "Use is allowed."),
    "mode.off": ("未成年人模式未开启，不作限制。", "Minor mode is off; nothing is limited."),
    "age.adult": ("已成年，不作限制。", "This is an adult; nothing is limited."),
    "quota.exhausted": (
        "{this_period_zh}时长已用完：限额{limit_seconds_zh}，已用{used_seconds_zh}。",
        "{this_period_en} time is used up: {used_seconds_en} of {limit_seconds_en}.",
    ),
    "curfew.closed": ("休息时段（{spans_zh}）内不能使用。", "It is closed now ({spans_en})."),
    "window.closed": ("只能在开放时段（{spans_zh}）内使用。", "It is open only at set times ({spans_en})."),
    "sitting.break": (
        "已连续使用{used_seconds_zh}，请休息{break_for_seconds_zh}。",
        "You have used it for {used_seconds_en} on end; take a break of {break_for_seconds_en}.",
    ),
    "sitting.too_short": (
        "剩余时间不足{at_least_seconds_zh}，暂时不能开始使用。",
        "Less than {at_least_seconds_en} is left, too little to begin.",
    ),
    "session.ended": ("本次使用已结束，请重新开始。", "This session has ended; open a new one."),
    "lease.lapsed": (
        "本次使用的授权已过期，请先发送心跳。",
        "This session's lease has lapsed; send a heartbeat first.",
    ),
    "lease.missing": ("请先开始一次使用。", "Open a session first."),
    "feature.allowed": ("可以使用“{feature}”功能。", "`{feature}` may be used."),
    "feature.denied": ("未成年人模式下不能使用“{feature}”功能。", "`{feature}` is switched off in minor mode."),
    "feature.unknown": (
        "规则未提及“{feature}”功能，因此不能使用。",
        "No rule speaks of `{feature}`, so it is switched off.",
    ),
    "feature.exhausted": (
        "“{feature}”{period_zh}限{limit}次，已用{used}次。",
        "`{feature}` may be used {limit} times a {period_en}; {used} are used.",
    ),
    "feature.ask": ("使用“{feature}”功能须经监护人同意。", "`{feature}` needs a guardian's approval."),
    "spending.allowed": ("可以支付{amount_minor_zh}。", "{amount_minor_en} may be spent."),
    "spending.currency": (
        "消费限额以{accepted}计算，不能用{currency}支付。",
        "Spending is limited in {accepted}; {currency} cannot be counted.",
    ),
    "spending.per_purchase": (
        "单次消费限额{limit_minor_zh}，本次{amount_minor_zh}。",
        "One purchase may cost {limit_minor_en} at most; this one costs {amount_minor_en}.",
    ),
    "spending.per_day": (
        "每天消费限额{limit_minor_zh}，今日已用{used_minor_zh}，不能再支付{amount_minor_zh}。",
        "At most {limit_minor_en} a day; {used_minor_en} are spent, and {amount_minor_en} more would be too much.",
    ),
    "spending.per_month": (
        "每月消费限额{limit_minor_zh}，本月已用{used_minor_zh}，不能再支付{amount_minor_zh}。",
        "At most {limit_minor_en} a month; {used_minor_en} are spent, and {amount_minor_en} more would be too much.",
    ),
    "notification.allowed": ("可以发送通知。", "A notification may be sent."),
    "notification.quiet": ("免打扰时段（{spans_zh}）内不发送通知。", "No notifications are sent now ({spans_en})."),
    "notification.exhausted": (
        "通知{period_zh}限{limit}条，已发送{used}条。",
        "At most {limit} notifications a {period_en}; {used} are sent.",
    ),
    "items.allowed": ("可以推荐。", "Items may be recommended."),
    "items.exhausted": (
        "{period_zh}推荐限{limit}条，已展示{used}条。",
        "At most {limit} recommended items a {period_en}; {used} are shown.",
    ),
    "content.allowed": ("可以展示。", "It may be shown."),
    "content.verdict": ("人工审核决定：{action_zh}。", "A person decided: {action_en}."),
    "surface.unknown": (
        "规则未声明“{surface}”展示位，因此不展示。",
        "No policy declares the surface `{surface}`, so nothing is shown there.",
    ),
    "surface.ungated": (
        "规则未说明“{surface}”展示位可以展示什么，因此不展示。",
        "The policy does not say what the surface `{surface}` may show, so nothing is shown there.",
    ),
    "classifier.unanswered": ("内容识别未返回结果：{action_zh}。", "A classifier gave no answer: {action_en}."),
    "item.label": ("标签“{label}”：{action_zh}。", "Labelled `{label}`: {action_en}."),
    "item.label_unknown": (
        "规则未提及标签“{label}”：{action_zh}。",
        "No rule speaks of the label `{label}`: {action_en}.",
    ),
    "item.outside_pool": ("不在允许的内容池内，不展示。", "It is in none of the pools that may be shown."),
    "item.rating": (
        "分级为 {rating}，高于允许的最高分级 {max_rating}。",
        "It is rated {rating}; {max_rating} is the highest that may be shown.",
    ),
    "item.unrated": ("没有可识别的分级：{action_zh}。", "It has no rating that is known: {action_en}."),
    "text.found": (
        "含有“{category_zh}”类内容：{action_zh}。",
        "It has words of the kind “{category_en}”: {action_en}.",
    ),
    "content.hide": ("请勿展示。", "Do not show it."),
    "content.block": ("请勿发布。", "Do not publish it."),
    "content.review": ("请送人工审核，审核前不展示。", "Send it to review; do not show it before."),
    "content.blur": ("请模糊展示。", "Show it blurred."),
    "content.mask": ("请打码展示。", "Show it masked."),
    "content.warn_before": ("请在展示前作出显著提示。", "Show a prominent warning first."),
    "ask_guardian": ("可请监护人同意使用“{feature}”功能。", "Ask a guardian to approve `{feature}`."),
    "end_session": ("请停止使用并结束本次会话。", "Stop, and end the session."),
    "finish": ("请在{seconds_zh}内保存并结束。", "Save and finish within {seconds_en}."),
    "time.ending": ("还剩{left_seconds_zh}。", "{left_seconds_en} left."),
    "rest.reminder": (
        "已连续使用{used_seconds_zh}，请注意休息。",
        "You have used it for {used_seconds_en} on end; rest a little.",
    ),
    "calendar.unknown_year": (
        "{year}年的放假安排尚未收录，按最严格的方式处理。",
        "The holidays of {year} are not known yet; the strictest reading holds.",
    ),
}


def reason_text(code: str, data: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a code, filled with its data. A code without texts shows itself.

    >>> reason_text("time.ending", {"left_seconds": 90})["en"]
    '1 min 30 s left.'
    """
    zh, en = _TEXTS.get(code, (code, code))
    words = _words(data)
    return {"zh": zh.format_map(words), "en": en.format_map(words)}


def codes() -> tuple[str, ...]:
    """Every code that has texts."""
    return tuple(sorted(_TEXTS))


def _words(data: Mapping[str, Any]) -> dict[str, str]:
    words: dict[str, str] = {}
    for name, value in data.items():
        zh, en = in_words(value, data["currency"]) if name.endswith("_minor") else _say(name, value)
        words |= {name: en, f"{name}_zh": zh, f"{name}_en": en}
    this = _THIS_PERIOD.get(data.get("period", ""), ("", ""))
    return words | {"this_period_zh": this[0], "this_period_en": this[1]}


def _say(name: str, value: Any) -> tuple[str, str]:  # noqa: ANN401 - any JSON value
    if name == "spans":
        spans = [span["span"] for span in value]
        return "、".join(spans) or "无", ", ".join(spans) or "never"
    if name == "action":
        return ACTIONS.get(value, (value, value))
    if name == "category":
        return names_of(value)
    if name == "period":
        return _PERIODS.get(value, (value, value))
    if name.endswith("seconds") and value is not None:
        return _duration(value, ("小时", "分钟", "秒"), ""), _duration(value, (" h", " min", " s"), " ")
    return str(value), str(value)


def _duration(seconds: int, units: tuple[str, str, str], glue: str) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{number}{unit}" for number, unit in zip((hours, minutes, left), units, strict=True) if number]
    return glue.join(parts) or f"0{units[2]}"
