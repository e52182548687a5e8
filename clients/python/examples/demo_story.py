"""Tells the demo on the terminal, with rich if it is there and plainly if not; and holds what it expects."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from minorguard_client import Decision, Note, Reason, Timeline, Window

try:
    from rich.console import Console
    from rich.text import Text
except ModuleNotFoundError:
    Console = None  # type: ignore[assignment,misc]

STYLES = {"allow": "bold green", "limited": "bold yellow", "deny": "bold red"}
GREY = "bright_black"
INDENT = " " * 20
SLOT_MINUTES = 5
Part = str | tuple[str, str]


class NotAsExpected(Exception):
    """A step that did not come out as the story has it."""


_held: list[str] = []


def expect(what: str, expected: Any, actual: Any) -> None:  # noqa: ANN401  # whatever is compared
    """Hold a step against what is expected of it."""
    if expected != actual:
        raise NotAsExpected(f"{what}: expected {expected!r}, got {actual!r}")
    _held.append(what)


def write(*parts: Part) -> None:
    """A line; a part may be (text, style)."""
    if Console is None:
        sys.stdout.write("".join(part if isinstance(part, str) else part[0] for part in parts) + "\n")
    else:
        Console(highlight=False, soft_wrap=True).print(Text.assemble(*parts))


class Story:
    """What happened, line by line."""

    def title(self, text: str) -> None:
        """The first line."""
        write((text, "bold"), "\n")

    def line(self, now: datetime, device: str, text: str) -> None:
        """Something happened."""
        write((f"{now:%a %H:%M:%S} ", GREY), f"{device:<7}", text)

    def decision(self, now: datetime, device: str, what: str, decision: Decision) -> None:
        """A decision, with its reasons in Chinese and English."""
        head = (f"{now:%a %H:%M:%S} ", GREY), f"{device:<7}", f"{what}: "
        write(*head, (decision.effect, STYLES.get(decision.effect, "bold")), (_horizon(decision), GREY))
        for line in dict.fromkeys(f"{reason.code}: {_text(reason.text)}" for reason in decision.reasons):
            write(INDENT, line)
        if not decision.allowed:
            for line in dict.fromkeys(map(_rule, decision.reasons)):
                write((f"{INDENT}{line}", GREY))

    def note(self, now: datetime, device: str, note: Note) -> None:
        """A warning or a reminder."""
        write((f"{now:%a %H:%M:%S} ", GREY), f"{device:<7}", (f"{note.code}: ", "yellow"), _text(note.text))

    def timeline(self, timeline: Timeline) -> None:
        """A day as a chart: one row for each device and activity, five minutes a sign, where there was use."""
        write(f"\n{timeline.day}: {timeline.used_seconds // 60} minutes, all devices together")
        for device, activity in dict.fromkeys((i.device, i.activity) for i in timeline.intervals):
            own = [i for i in timeline.intervals if (i.device, i.activity) == (device, activity)]
            spans = ", ".join(f"{i.start:%H:%M:%S}–{i.end:%H:%M:%S}" for i in own)
            write(f"  {device:<7}{activity:<7}", (_bar([(i.start, i.end) for i in own]), "green"), f" {spans}")
        write((f"  {'':<14}{'16':<12}{'17':<12}{'18':<12}{'19':<12}{'20':<12}{'21':<12}{'22':<4}\n", GREY))

    def forecast(self, windows: Iterable[Window]) -> None:
        """When use is possible in the days to come."""
        write("\nthe days to come:")
        for window in windows:
            lasts = f"{window.allowance_seconds // 60} minutes on end at most"
            write(f"  {window.start:%a %d %H:%M:%S} to {window.end:%a %d %H:%M:%S}", (f"  {lasts}", GREY))
        write("")

    def told(self, tell: Callable[[], None]) -> int:
        """Tell it; 0 if every expectation held."""
        try:
            tell()
        except NotAsExpected as error:
            write(("\nnot as expected: ", "bold red"), str(error))
            return 1
        write((f"\n{len(_held)} expectations held", "bold green"))
        return 0


def _text(text: Any) -> str:  # noqa: ANN401  # text by language
    return " / ".join(text[language] for language in ("zh", "en") if language in text)


def _rule(reason: Reason) -> str:
    source = "" if reason.source is None else f", {reason.source.title}, {reason.source.article}"
    return f"by {reason.document} {reason.rule} ({reason.layer}{source})"


def _horizon(decision: Decision) -> str:
    if decision.allowed:
        return "" if decision.valid_until is None else f" until {decision.valid_until:%H:%M:%S}"
    return "" if decision.retry_at is None else f", retry at {decision.retry_at:%a %H:%M:%S}"


def _bar(spans: list[tuple[datetime, datetime]]) -> str:
    def used(slot: int) -> bool:
        first, after = 16 * 60 + slot * SLOT_MINUTES, 16 * 60 + (slot + 1) * SLOT_MINUTES
        return any(_minutes(start) < after and _minutes(end) > first for start, end in spans)

    return "".join("█" if used(slot) else "·" for slot in range(76))


def _minutes(at: datetime) -> float:
    return at.hour * 60 + at.minute + at.second / 60
