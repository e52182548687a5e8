"""What a preview says to people, in Chinese and English: titles, labels, hover texts, notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from minorguard.model.calendar import DAY, DayKind, zone
from minorguard.model.decisions import Reason
from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import Enforcement, Layer, Origin, Strength
from minorguard.simulate.rule_lines import FeatureLine
from minorguard.simulate.rule_words import DAY_WORDS, KIND_WORDS, PERIOD_WORDS, clock, compact, spoken
from minorguard.simulate.wall import Axis
from minorguard.simulate.week import DayPreview, Kind, Mark, Preview, Segment

LAYER_WORDS = {
    Layer.LAW: ("法规", "law"),
    Layer.PRODUCT: ("产品", "product"),
    Layer.GUARDIAN: ("监护人", "guardian"),
    Layer.GRANT: ("加时", "grant"),
}
STRENGTH_WORDS = {
    Strength.LAW: ("强制", "binding"),
    Strength.DEFAULT: ("默认值", "default"),
    Strength.PRACTICE: ("惯例", "practice"),
    Strength.PLANNED: ("拟议", "planned"),
    Strength.ENJOINED: ("法院禁止执行", "enjoined"),
}


def title_of(preview: Preview) -> str:
    """Policy, age and zone in one line."""
    zh, en = who(preview)
    return f"{preview.policy.id} · {zh} {en} · {preview.zone}"


def who(preview: Preview) -> tuple[str, str]:
    """Whose preview it is."""
    if preview.age is not None:
        return f"{preview.age}岁", f"age {preview.age}"
    if preview.profile.band is not None:
        return f"年龄段 {preview.profile.band}", f"band {preview.profile.band}"
    return "年龄未知", "age unknown"


def subtitles(preview: Preview) -> Iterator[str]:
    """The lines under the title: which days, what is asked about, and what is special about the policy."""
    first, last = preview.days[0].date, preview.days[-1].date
    device = f" · 设备 device {preview.device}" if preview.device else ""
    revision = f"版本 revision {preview.policy.revision}"
    yield f"{first} – {last} · 用途 activity {preview.activity}{device} · {revision}"
    if preview.enforcement is Enforcement.OBSERVE:
        yield "仅观察，不拦截：所示为强制执行时的结果 · observe: everything passes; this is what would hold"


def about(preview: Preview) -> str:
    """The whole chart in words, for those who do not see it."""
    return "\n".join(_day_in_words(day, preview.zone) for day in preview.days)


def _day_in_words(day: DayPreview, zone_name: str) -> str:
    opened = [span(one.start, one.end, zone_name) for one in day.segments if one.kind.is_open]
    zh, en = DAY_WORDS[day.weekday]
    zh_open, en_open = "、".join(opened) or "不可用", ", ".join(opened) or "never"
    return f"{day.date} {zh} {en}: 可用 {zh_open} · open {en_open}; {limit_words(day)}"


def limit_words(day: DayPreview) -> str:
    """The day's limit, what is used and what is left."""
    daily = day.daily
    if daily is None or daily.limit is None:
        return f"不限 no daily limit, 已用 used {compact(day.used_seconds)}"
    left = compact(day.left or 0)
    return f"限额 limit {compact(daily.limit)}, 已用 used {compact(daily.used)}, 剩余 left {left}"


def legend_of(preview: Preview) -> Iterator[tuple[str, str]]:
    """A swatch and its words for each thing that is there."""
    there = {one.kind for day in preview.days for one in day.segments}
    for kind in Kind:
        if kind in there:
            yield kind.value, " ".join(KIND_WORDS[kind])
    if any(axis_of(preview, day).skipped() for day in preview.days):
        yield "skip", "时钟跳过 skipped by the clock"
    if any(day.used for day in preview.days):
        yield "used", "已用 used"
    if any(day.quiet for day in preview.days):
        yield "quiet", "通知免打扰 no notifications"
    if preview.now is not None and preview.start <= preview.now < preview.end:
        yield "now", "此刻 now"


def axis_of(preview: Preview, day: DayPreview) -> Axis:
    """The axis of a day."""
    return Axis(preview.zone, day.date, preview.day_starts_at, day.start, day.end)


def hour_label(begins: Seconds, hour: int) -> str:
    """What the wall shows so many hours after the day begins; the end of a day that begins at midnight is 24:00."""
    return "24:00" if not begins and hour == 24 else clock((begins + hour * 3600) % DAY)


def kinds_words(kinds: tuple[DayKind, ...]) -> str:
    """What a date is; with two kinds it is not known, and the stricter holds."""
    zh = "/".join(DAY_WORDS[kind.value][0] for kind in kinds)
    en = "/".join(DAY_WORDS[kind.value][1] for kind in kinds)
    return f"{zh}？ {en.replace(' workday', '')}?" if len(kinds) > 1 else f"{zh} {en}"


def wall(instant: Instant, zone_name: str) -> str:
    """The wall clock, with seconds only where there are any, and with the offset where the wall shows a time twice."""
    at = datetime.fromtimestamp(instant, zone(zone_name))
    twice = at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset()
    return at.strftime(("%H:%M:%S" if at.second else "%H:%M") + (" %z" if twice else ""))


def span(start: Instant, end: Instant, zone_name: str) -> str:
    """Two times of the wall clock; midnight at the end is 24:00."""
    closes = wall(end, zone_name)
    return f"{wall(start, zone_name)}–{'24:00' if closes == '00:00' else closes}"


def moment(instant: Instant, zone_name: str) -> str:
    """A date and a time."""
    return f"{datetime.fromtimestamp(instant, zone(zone_name)):%m-%d} {wall(instant, zone_name)}"


def hover_of(segment: Segment, preview: Preview) -> str:
    """What a segment says to those who point at it: times, why, which rule, where it comes from."""
    zh, en = KIND_WORDS[segment.kind]
    lines = [f"{span(segment.start, segment.end, preview.zone)} {zh} · {en}"]
    if segment.allowance is not None:
        long_zh, long_en = spoken(segment.allowance)
        lines.append(f"从此刻起可连续使用{long_zh} · use begun at the start may go on for {long_en}")
    if segment.kind is Kind.GRANT:
        lines.append("若无加时 · without the grant:")
    for reason in segment.reasons:
        lines += _reason_lines(reason)
    return "\n".join(lines)


def _reason_lines(reason: Reason) -> Iterator[str]:
    text = reason.to_dict()["text"]
    yield f"{text['zh']} {text['en']}"
    if reason.origin is not None:
        yield f"  {origin_words(reason.origin)}"


def origin_words(origin: Origin) -> str:
    """A rule, its layer and its source."""
    standing = " · ".join(f"{zh} {en}" for zh, en in _standing(origin))
    source = f" · {origin.source.title}, {origin.source.article}" if origin.source is not None else ""
    return f"{origin.document} {origin.rule} · {standing}{source}"


def _standing(origin: Origin) -> tuple[tuple[str, str], ...]:
    """Who set a rule; of a preset's rule how firm it is, and that it is law only where a law stands behind it."""
    layer, strength = LAYER_WORDS[origin.layer], STRENGTH_WORDS[origin.strength]
    if origin.layer is not Layer.LAW:
        return (layer,)
    return (strength,) if origin.strength is Strength.PRACTICE else (layer, strength)


def labels_of(segment: Segment, preview: Preview) -> Iterator[str]:
    """What may stand in a segment, the longest first."""
    if segment.kind.is_open:
        times = span(segment.start, segment.end, preview.zone)
        if segment.allowance is not None and segment.allowance < DAY:
            yield f"{times} · 每次至多 at most {compact(segment.allowance)}"
            yield f"{times} · ≤{compact(segment.allowance)}"
        yield times
        return
    numbers = " ".join(dict.fromkeys(map(str, numbers_of(segment, preview))))
    if numbers:
        yield f"{KIND_WORDS[segment.kind][0]} {numbers}"
        yield numbers


def numbers_of(segment: Segment, preview: Preview) -> Iterator[int]:
    """The numbers of the rules that close a segment."""
    numbers = {line.origin: line.number for line in preview.rules}
    for reason in segment.reasons:
        if reason.origin in numbers:
            yield numbers[reason.origin]


def quotas_of(day: DayPreview) -> str:
    """Every quota of a day, for those who point at its limit."""
    lines = []
    for line in day.quotas:
        zh, en = PERIOD_WORDS[line.period]
        limit = "不限 none" if line.limit is None else compact(line.limit)
        left = "" if line.left is None else f", 剩余 left {compact(line.left)}"
        granted = f" (加时 granted {compact(line.granted)})" if line.granted else ""
        rule = f"{line.origin.document} {line.origin.rule}"
        lines.append(f"{zh} {en}: 限额 limit {limit}{granted}, 已用 used {compact(line.used)}{left}\n  {rule}")
    return "\n".join(lines)


def noted(preview: Preview) -> list[tuple[int, Mark]]:
    """The marks that are explained below, numbered; of those that say the same, the first."""
    first: dict[str, Mark] = {}
    for mark in preview.marks:
        first.setdefault(mark_text(mark), mark)
    return list(enumerate(first.values(), 1))


def mark_text(mark: Mark) -> str:
    """A mark in both languages."""
    return f"{mark.text['zh']} · {mark.text['en']}"


def feature_when(line: FeatureLine, preview: Preview) -> str:
    """When a verdict holds, if it is not throughout."""
    begins = moment(line.start, preview.zone) if line.start > preview.start else ""
    ends = moment(line.end, preview.zone) if line.end < preview.end else ""
    return f" ({f'{begins} → {ends}'.strip()})" if begins or ends else ""


def both(text: Mapping[str, str]) -> str:
    """A text in both languages, side by side; the same word is said once."""
    return " · ".join(dict.fromkeys((text["zh"], text["en"])))
