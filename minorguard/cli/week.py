"""A preview in the terminal: a row a day with a strip of half hours, then the times, the rules and the rest in words.

Every mark of the strip is one column wide in every terminal, Chinese ones included, and is told apart without colour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from minorguard.cli.output import GREY
from minorguard.model.calendar import DAY, DayKind
from minorguard.model.ids import Seconds
from minorguard.simulate.rule_lines import FeatureLine
from minorguard.simulate.rule_words import DAY_WORDS, KIND_WORDS, SECTION_WORDS, clock, compact
from minorguard.simulate.week import DayPreview, Kind, Preview, Segment
from minorguard.simulate.week_words import (
    axis_of,
    both,
    feature_when,
    mark_text,
    moment,
    noted,
    numbers_of,
    origin_words,
    span,
    subtitles,
    title_of,
)

HALF: Seconds = 1800
CELLS = DAY // HALF
WIDE = 112
"""From so many columns on, dates and kinds of day are spelled out."""
SKIPPED = " "
GLYPHS = {
    Kind.OPEN: ("▐", "green"),
    Kind.GRANT: ("+", "bold blue"),
    Kind.FREE: ("=", "green"),
    Kind.CURFEW: ("░", GREY),
    Kind.WINDOW: ("-", GREY),
    Kind.QUOTA: ("x", "red"),
    Kind.BREAK: ("~", "yellow"),
    Kind.SHORT: (",", "magenta"),
}
_STRICTEST = (Kind.CURFEW, Kind.WINDOW, Kind.QUOTA, Kind.BREAK, Kind.SHORT, Kind.GRANT, Kind.OPEN, Kind.FREE)
_LETTERS = {DayKind.SCHOOL_DAY: "S", DayKind.WEEKEND: "W", DayKind.HOLIDAY: "H", DayKind.MAKEUP_WORKDAY: "M"}
_VERDICTS = {"allow": "green", "limit": "yellow", "ask": "yellow", "deny": "red"}


def strip(preview: Preview, day: DayPreview) -> tuple[Kind | None, ...]:
    """What most of each half hour of the wall clock is, of equals the strictest; None: the clock skips it."""
    axis = axis_of(preview, day)
    shares: list[dict[Kind, Seconds]] = [{} for _ in range(CELLS)]
    for segment in day.segments:
        for piece in axis.pieces(segment.start, segment.end):
            for cell in range(piece.low // HALF, -(-piece.high // HALF)):
                share = min(piece.high, (cell + 1) * HALF) - max(piece.low, cell * HALF)
                shares[cell][segment.kind] = shares[cell].get(segment.kind, 0) + share
    return tuple(_most(share) for share in shares)


def _most(share: dict[Kind, Seconds]) -> Kind | None:
    return max(share, key=lambda kind: (share[kind], -_STRICTEST.index(kind)), default=None)


def lines(preview: Preview, width: int) -> Iterator[Text]:
    """The whole preview for a terminal of `width` columns."""
    yield Text(title_of(preview), "bold")
    for subtitle in subtitles(preview):
        yield from _paragraph("", subtitle, width, GREY)
    yield Text()
    yield from _table(preview, width)
    yield Text()
    yield from _legend(preview, width)
    yield from _times(preview, width)
    yield from _notes(preview, width)
    yield from _rules(preview, width)
    yield from _features(preview, width)
    yield from _sections(preview, width)


@dataclass(frozen=True, slots=True)
class _Row:
    label: str
    strip: Text
    numbers: tuple[str, ...]


def _table(preview: Preview, width: int) -> Iterator[Text]:
    """A row for each day; where the columns do not fit, what is used is left to the times below."""
    wide = width >= WIDE
    head = _Row("", _hours(preview), ("limit", "used", "left"))
    rows = [head, *(_row(preview, day, wide=wide) for day in preview.days)]
    label = max(cell_len(row.label) for row in rows)
    columns = [max(len(row.numbers[place]) for row in rows) for place in range(3)]
    kept = [0, 1, 2] if label + 1 + CELLS + sum(columns) + 3 <= width else [0, 2]
    for row in rows:
        numbers = "".join(f" {row.numbers[place]:>{columns[place]}}" for place in kept)
        style = GREY if row is head else ""
        yield Text.assemble(f"{row.label:<{label}} ", row.strip, (numbers, style))


def _row(preview: Preview, day: DayPreview, *, wide: bool) -> _Row:
    text = Text()
    for kind in strip(preview, day):
        text.append(*((SKIPPED, "") if kind is None else GLYPHS[kind]))
    return _Row(_wide_label(day) if wide else _label(day), text, _numbers(day))


def _label(day: DayPreview) -> str:
    """A weekday, a date, and a letter for the kind of day."""
    return f"{_date(day)} {_LETTERS[day.kinds[0]] if len(day.kinds) == 1 else '?'}"


def _wide_label(day: DayPreview) -> str:
    kinds = " or ".join(DAY_WORDS[kind.value][1] for kind in day.kinds)
    return f"{DAY_WORDS[day.weekday][1]} {day.date} {kinds}"


def _date(day: DayPreview) -> str:
    return f"{DAY_WORDS[day.weekday][1]} {day.date:%m-%d}"


def _numbers(day: DayPreview) -> tuple[str, str, str]:
    daily = day.daily
    limit = "none"
    if daily is not None and daily.limit is not None:
        limit = compact(daily.limit - daily.granted) + (f"+{compact(daily.granted)}" if daily.granted else "")
    used = day.used_seconds if daily is None else daily.used
    return limit, compact(used), "-" if day.left is None else compact(day.left)


def _hours(preview: Preview) -> Text:
    """The hours that the wall shows, every three."""
    text = ""
    for hour in range(0, 24, 3):
        shown = clock((preview.day_starts_at + hour * 3600) % DAY)
        text += f"{shown.removesuffix(':00'):<6}"
    return Text(text, GREY)


def _legend(preview: Preview, width: int) -> Iterator[Text]:
    there = {one.kind for day in preview.days for one in day.segments}
    parts = [Text.assemble(GLYPHS[kind], f" {' '.join(words)}") for kind, words in KIND_WORDS.items() if kind in there]
    if any(None in strip(preview, day) for day in preview.days):
        parts.append(Text("(blank) 时钟跳过 skipped by the clock"))
    if width < WIDE:
        kinds = dict.fromkeys(kind for day in preview.days for kind in day.kinds)
        parts += [Text(f"{_LETTERS[kind]} {DAY_WORDS[kind.value][1]}") for kind in kinds]
        if any(len(day.kinds) > 1 for day in preview.days):
            parts.append(Text("? not announced: the stricter of its kinds holds"))
    yield from _flowing(parts, width)


def _flowing(parts: Sequence[Text], width: int) -> Iterator[Text]:
    line = Text()
    for part in parts:
        if line and line.cell_len + 3 + part.cell_len > width:
            yield line
            line = Text()
        line = Text.assemble(line, "   " if line else "", part)
    if line:
        yield line


def _times(preview: Preview, width: int) -> Iterator[Text]:
    """The exact times; days on which they are the same are told once."""
    days: dict[tuple[str, ...], list[DayPreview]] = {}
    for day in preview.days:
        days.setdefault(tuple(text for text, _ in _told(day, preview)), []).append(day)
    for same in days.values():
        yield Text()
        yield from _paragraph("", _dates(same), width, "bold")
        for text, style in _told(same[0], preview):
            yield from _paragraph("  ", text, width, style)
        for used in (used for day in same for used in day.used):
            words = f"used {span(used.start, used.end, preview.zone)} {used.activity}"
            yield from _paragraph("  ", words, width, GREY)


def _told(day: DayPreview, preview: Preview) -> Iterator[tuple[str, str]]:
    for segment in day.segments:
        yield f"{span(segment.start, segment.end, preview.zone):<18} {_said(segment, preview)}", GLYPHS[segment.kind][1]


def _said(segment: Segment, preview: Preview) -> str:
    zh, en = KIND_WORDS[segment.kind]
    numbers = " ".join(dict.fromkeys(map(str, numbers_of(segment, preview))))
    rules = f" (rule {numbers})" if numbers else ""
    atonce = "" if segment.allowance is None else f", {compact(segment.allowance)} at a time"
    return f"{en}{atonce if segment.allowance is None or segment.allowance < DAY else ''} {zh}{rules}"


def _dates(days: Sequence[DayPreview]) -> str:
    """Dates, with a stretch of them as its ends."""
    runs: list[list[DayPreview]] = []
    for day in days:
        if runs and (day.date - runs[-1][-1].date).days == 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(_date(run[0]) if len(run) == 1 else f"{_date(run[0])} to {_date(run[-1])}" for run in runs)


def _notes(preview: Preview, width: int) -> Iterator[Text]:
    found = noted(preview)
    if found:
        yield from _heading("说明 notes")
    for _, mark in found:
        yield from _paragraph(f"{moment(mark.at, preview.zone):<15}", mark_text(mark), width)


def _rules(preview: Preview, width: int) -> Iterator[Text]:
    if preview.rules:
        yield from _heading("时间规则 time rules")
    for line in preview.rules:
        yield from _paragraph(f"{line.number:<3}", both(line.text), width)
        yield from _paragraph("   ", origin_words(line.origin), width, GREY)


def _features(preview: Preview, width: int) -> Iterator[Text]:
    if not preview.features:
        return
    yield from _heading("功能 features")
    room = max(len(_name(line)) for line in preview.features)
    for line in preview.features:
        yield from _paragraph(f"{_name(line):<{room}} ", _verdict(line, preview), width, _VERDICTS[line.verdict])


def _name(line: FeatureLine) -> str:
    return "(others)" if line.feature == "*" else line.feature


def _verdict(line: FeatureLine, preview: Preview) -> str:
    rules = ", ".join(f"{origin.document} {origin.rule}" for origin in line.origins)
    return f"{both(line.text)}{feature_when(line, preview)}" + (f"  {rules}" if rules else "")


def _sections(preview: Preview, width: int) -> Iterator[Text]:
    said = ""
    for line in preview.sections:
        if line.section != said:
            said = line.section
            yield from _heading(" ".join(SECTION_WORDS[said]))
        yield from _paragraph("", both(line.text), width)
        yield from _paragraph("  ", origin_words(line.origin), width, GREY)


def _heading(words: str) -> Iterator[Text]:
    yield Text()
    yield Text(words, "bold")


def _paragraph(lead: str, words: str, width: int, style: str = "") -> Iterator[Text]:
    """Words behind a lead, their further lines indented as far."""
    indent = cell_len(lead)
    measuring = Console(width=width, highlight=False, markup=False)
    for place, line in enumerate(Text(words, style).wrap(measuring, max(20, width - indent))):
        line.rstrip()
        yield Text.assemble(lead if place == 0 else " " * indent, line)
