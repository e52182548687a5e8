"""A preview as one SVG file: days as rows, hours across, and a text for each segment that is pointed at.

What is shown is what holds after the use on record. Every text is escaped; nothing is loaded from anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from minorguard.model.calendar import DAY
from minorguard.model.ids import Seconds
from minorguard.simulate.chart_ink import Page, number, shortened, width_of, wrapped
from minorguard.simulate.rule_lines import FeatureLine
from minorguard.simulate.rule_words import DAY_WORDS, SECTION_WORDS, compact
from minorguard.simulate.week import DayPreview, Preview, QuotaLine, Segment
from minorguard.simulate.week_words import (
    about,
    axis_of,
    both,
    feature_when,
    hour_label,
    hover_of,
    kinds_words,
    labels_of,
    legend_of,
    mark_text,
    moment,
    noted,
    origin_words,
    quotas_of,
    span,
    subtitles,
    title_of,
)

WIDTH = 1200
EDGE = 24
LEFT = 150
HOUR = 30
AXIS = 24 * HOUR
PANEL = LEFT + AXIS + 22
BAR = 90
COLUMNS = (BAR + 76, BAR + 134, BAR + 194)
"""Where the columns of numbers end, right of `PANEL`."""
ROW = 46
STRIP = 26
THINNEST = 2.0
"""Narrower segments are drawn so wide: what lasts a minute can still be seen and pointed at."""


def to_svg(preview: Preview) -> str:
    """The preview as a standalone SVG document, light and dark, in Chinese and English."""
    return _Chart(preview).draw()


@dataclass(slots=True)
class _Chart:
    preview: Preview
    page: Page = field(default_factory=Page)
    y: float = 0

    def draw(self) -> str:
        self.head()
        self.legend()
        self.axis()
        for day in self.preview.days:
            self.row(day)
        self.notes()
        self.rules()
        self.features()
        self.sections()
        return self.page.svg(WIDTH, self.y + EDGE, title_of(self.preview), about(self.preview))

    def head(self) -> None:
        self.page.text(EDGE, 40, title_of(self.preview), "ink h1")
        for index, line in enumerate(subtitles(self.preview)):
            self.page.text(EDGE, 62 + 18 * index, line, "muted")
            self.y = 62 + 18 * index
        self.y += 16

    def legend(self) -> None:
        """A swatch for each kind that is there."""
        x, self.y = float(EDGE), self.y + 6
        for kind, words in legend_of(self.preview):
            need = 26 + width_of(words, 12) + 20
            if x + need > WIDTH - EDGE:
                x, self.y = EDGE, self.y + 22
            self.swatch(x, kind)
            self.page.text(x + 26, self.y + 11, words)
            x += need
        self.y += 34

    def swatch(self, x: float, kind: str) -> None:
        if kind == "used":
            self.page.rect(x, self.y + 5, 20, 5, "used")
        elif kind == "quiet":
            self.page.line(x, self.y + 7, x + 20, self.y + 7, "quiet-stroke thick")
        elif kind == "now":
            self.page.line(x + 10, self.y, x + 10, self.y + 14, "now-stroke thick")
        else:
            self.page.rect(x, self.y, 20, 14, kind, round=2)

    def axis(self) -> None:
        page, begins = self.page, self.preview.day_starts_at
        for hour in range(0, 25, 2):
            page.text(LEFT + hour * HOUR, self.y + 10, hour_label(begins, hour), "muted s num", anchor="middle")
        for x, words in zip(COLUMNS, ("限额 limit", "已用 used", "剩余 left"), strict=True):
            page.text(PANEL + x, self.y + 10, words, "muted s", anchor="end")
        top, self.y = self.y + 16, self.y + 18
        bottom = self.y + ROW * len(self.preview.days)
        for hour in range(0, 25, 2):
            x = LEFT + hour * HOUR
            page.line(x, top, x, bottom - 6, "grid-stroke")

    def row(self, day: DayPreview) -> None:
        zh, en = DAY_WORDS[day.weekday]
        self.page.text(EDGE, self.y + 17, f"{zh} {en} {day.date:%m-%d}", "ink b num")
        words = kinds_words(day.kinds)
        for line, part in enumerate(words.split(" ", 1) if len(day.kinds) > 1 else [words]):  # two kinds: zh, then en
            self.page.text(EDGE, self.y + 32 + 11 * line, part, "muted xs")
        self.strip(day)
        self.over(day)
        self.limits(day)
        self.y += ROW

    def strip(self, day: DayPreview) -> None:
        axis = axis_of(self.preview, day)
        for low, high in axis.skipped():
            self.box(low, high, 0, "skip", "时钟跳过这段时间\nclocks skip these times")
        drawn = [(piece, segment) for segment in day.segments for piece in axis.pieces(segment.start, segment.end)]
        for piece, segment in sorted(drawn, key=lambda pair: pair[0].low - pair[0].high):  # thin ones come on top
            self.box(piece.low, piece.high, piece.lane, segment.kind.value, hover_of(segment, self.preview))
        self.page.rect(LEFT, self.y + 8, AXIS, STRIP, "muted-stroke line")
        now = self.preview.now
        if now is not None and day.start <= now < day.end:
            self.page.line(_x(axis.at(now)), self.y + 1, _x(axis.at(now)), self.y + 41, "now-stroke thick")
        for piece, segment in drawn:
            if not piece.lane:
                self.label(segment, piece.low, piece.high)

    def box(self, low: Seconds, high: Seconds, lane: int, kind: str, hover: str) -> None:
        y, height = self.y + 8, float(STRIP)
        if lane:
            height = STRIP / 2
            y += height * (lane - 1)
        width = max(THINNEST, _x(high) - _x(low))
        self.page.rect(min(_x(low), LEFT + AXIS - width), y, width, height, kind, hover=hover)

    def label(self, segment: Segment, low: Seconds, high: Seconds) -> None:
        """What fits into a segment: its times and allowance if it is open, else the numbers of its rules."""
        room, middle = _x(high) - _x(low) - 8, (_x(low) + _x(high)) / 2
        for words in labels_of(segment, self.preview):
            if width_of(words, 11) <= room:
                shade = f"on-{segment.kind.value} s num"
                self.page.text(middle, self.y + 25, words, shade, anchor="middle")
                return

    def over(self, day: DayPreview) -> None:
        """What lies over the strip: use, quiet hours, and numbers of notes."""
        axis, page = axis_of(self.preview, day), self.page
        for used in day.used:
            words = f"已用 used {span(used.start, used.end, self.preview.zone)} · {used.activity} · {used.device}"
            for piece in axis.pieces(used.start, used.end):
                page.rect(_x(piece.low), self.y + 30, max(1, _x(piece.high) - _x(piece.low)), 4, "used", hover=words)
        for quiet in day.quiet:
            for piece in axis.pieces(quiet.start, quiet.end):
                page.line(_x(piece.low), self.y + 5, _x(piece.high), self.y + 5, "quiet-stroke thick")
        numbers = {mark_text(mark): place for place, mark in noted(self.preview)}
        edge = 0.0
        for mark in day.marks:
            if mark.code != "calendar.unknown_year":  # the kinds of the day say it, with a question mark
                edge = max(edge + 15, min(max(_x(axis.at(mark.at)), LEFT + 6), LEFT + AXIS - 6))
                self.pin(edge, numbers[mark_text(mark)])

    def pin(self, x: float, place: int) -> None:
        """The number of a note."""
        self.page.parts.append(f'<circle class="ink" cx="{number(x)}" cy="{number(self.y + 8)}" r="7"/>')
        self.page.text(x, self.y + 11.5, str(place), "page xs b", anchor="middle")

    def limits(self, day: DayPreview) -> None:
        """The day's limit as a bar, and in numbers."""
        daily, hover = day.daily, quotas_of(day)
        words = "不限 none"
        if daily is not None and daily.limit is not None:
            words = compact(daily.limit - daily.granted) + (f"+{compact(daily.granted)}" if daily.granted else "")
            self.bar(daily, daily.limit, hover)
        used = day.used_seconds if daily is None else daily.used
        left = "—" if day.left is None else compact(day.left)
        for place, (text, kind) in enumerate(((words, "ink num"), (compact(used), "ink num"), (left, "ink num b"))):
            self.page.text(PANEL + COLUMNS[place], self.y + 25, text, kind, anchor="end", hover=hover)

    def bar(self, daily: QuotaLine, limit: Seconds, hover: str) -> None:
        """The limit, with what grants add, and what is used of it; all days on one scale."""
        lines = [day.daily for day in self.preview.days]
        most = max(line.limit for line in lines if line is not None and line.limit is not None)
        scale, y = BAR / max(most, 1), self.y + 14
        given = (limit - daily.granted) * scale
        self.page.rect(PANEL, y, given, 14, "open", hover=hover)
        if daily.granted:
            self.page.rect(PANEL + given, y, daily.granted * scale, 14, "grant", hover=hover)
        self.page.rect(PANEL, y + 5, min(daily.used, limit) * scale, 4, "used", hover=hover)

    def notes(self) -> None:
        found = noted(self.preview)
        if not found:
            return
        self.heading("说明 Notes")
        for place, mark in found:
            self.page.text(EDGE, self.y, str(place), "ink b")
            self.page.text(EDGE + 22, self.y, moment(mark.at, self.preview.zone), "muted num")
            self.paragraph(EDGE + 110, mark_text(mark), "ink")

    def rules(self) -> None:
        if not self.preview.rules:
            return
        self.heading("时间规则 Time rules")
        for line in self.preview.rules:
            self.page.text(EDGE, self.y, str(line.number), "ink b")
            self.paragraph(EDGE + 22, both(line.text), "ink")
            self.paragraph(EDGE + 22, origin_words(line.origin), "muted s")
            self.y += 4

    def features(self) -> None:
        lines = self.preview.features
        if not lines:
            return
        self.heading("功能 Features")
        columns = 3 if all(self.fits(line) for line in lines) else 2
        wide = (WIDTH - 2 * EDGE) / columns
        rows = -(-len(lines) // columns)
        for index, line in enumerate(lines):
            x, y = EDGE + index // rows * wide, self.y + index % rows * 20
            self.feature(line, x, y, wide, room=150 if columns == 3 else 210)
        self.y += rows * 20

    def fits(self, line: FeatureLine) -> bool:
        """Whether a third of the width is enough for a feature."""
        verdict = f"{both(line.text)}{feature_when(line, self.preview)}"
        return width_of(line.feature, 12.5) <= 150 and width_of(verdict, 12) <= (WIDTH - 2 * EDGE) / 3 - 186

    def feature(self, line: FeatureLine, x: float, y: float, wide: float, room: float) -> None:
        self.icon(line.verdict, x, y)
        name = "其他 others" if line.feature == "*" else line.feature
        verdict = f"{both(line.text)}{feature_when(line, self.preview)}"
        whole = f"{name}: {verdict}\n" + "\n".join(origin_words(origin) for origin in line.origins)
        self.page.text(x + 18, y, shortened(name, 12.5, room), "ink b", hover=whole)
        self.page.text(x + 26 + room, y, shortened(verdict, 12, wide - 36 - room), "muted", hover=whole)

    def icon(self, verdict: str, x: float, y: float) -> None:
        """A disc: on; half of one: limited; a ring: ask; a cross: off."""
        x, y = x + 6, y - 4
        shapes = {
            "allow": (f"M{x - 5} {y}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z", "open-solid"),
            "limit": (f"M{x - 5} {y}a5 5 0 1 0 10 0Z", "open-solid"),
            "ask": (f"M{x - 5} {y}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z", "open-line thick"),
            "deny": (f"M{x - 4} {y - 4}l8 8m0 -8l-8 8", "quota-line thick"),
        }
        if verdict == "limit":
            self.page.path(shapes["allow"][0], "open-line line")
        self.page.path(*shapes[verdict])

    def sections(self) -> None:
        for section in dict.fromkeys(line.section for line in self.preview.sections):
            self.heading(f"{SECTION_WORDS[section][0]} {SECTION_WORDS[section][1].capitalize()}")
            for line in self.preview.sections:
                if line.section == section:
                    self.paragraph(EDGE, both(line.text), "ink")
                    self.paragraph(EDGE, origin_words(line.origin), "muted s")
                    self.y += 4

    def heading(self, words: str) -> None:
        self.y += 14
        self.page.line(EDGE, self.y - 4, WIDTH - EDGE, self.y - 4, "grid-stroke")
        self.y += 18
        self.page.text(EDGE, self.y, words, "ink h2")
        self.y += 22

    def paragraph(self, x: float, words: str, kind: str) -> None:
        size = 11 if " s" in kind else 12
        for line in wrapped(words, size, WIDTH - EDGE - x):
            self.page.text(x, self.y, line, kind)
            self.y += size + 6


def _x(seconds: Seconds) -> float:
    """Where a wall time stands, in seconds after the day begins."""
    return LEFT + seconds * AXIS / DAY
