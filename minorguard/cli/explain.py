"""A decision in words for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from minorguard.cli.output import GREY
from minorguard.cli.situation import Situation
from minorguard.model.calendar import zone
from minorguard.model.decisions import Decision, Effect, Note, Reason, iso
from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import Origin

Line = tuple[str | tuple[str, str], ...]
"""The parts of a line, plain or with a style."""

_STYLES = {Effect.ALLOW: "bold green", Effect.LIMITED: "bold yellow", Effect.DENY: "bold red"}
_YEAR: Seconds = 366 * 86_400


def duration(seconds: Seconds) -> str:
    """Seconds in the spelling of policies.

    >>> duration(0), duration(90), duration(3600), duration(34_560_000)
    ('0s', '1m30s', '1h', 'no end')
    """
    if seconds >= _YEAR:
        return "no end"
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "m"), (left, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def clock_time(instant: Instant, zone_name: str) -> str:
    """An instant as the wall shows it, with its weekday."""
    return datetime.fromtimestamp(instant, zone(zone_name)).strftime("%a %Y-%m-%d %H:%M:%S")


def used_line(situation: Situation) -> Iterator[Line]:
    """What use was made up, so that nobody has to guess where `--used` put it."""
    zone_name = situation.policy.days.zone
    for start, end in situation.intervals:
        span = f"{clock_time(start, zone_name)} to {clock_time(end, zone_name)}"
        yield (("assumed  ", GREY), f"{duration(end - start)} of use, {span}")


def decision_lines(decision: Decision) -> Iterator[Line]:
    """The whole decision."""
    policy = decision.policy
    at = iso(decision.decided, decision.zone)
    head = f" at {at} ({decision.zone}) by {policy.id}, revision {policy.revision}"
    yield ((decision.effect.value, _STYLES[decision.effect]), head)
    if decision.observed_effect is not None:
        yield (("observe  ", GREY), f"would have been: {decision.observed_effect}")
    for reason in decision.reasons:
        yield from _reason(reason)
    yield from _horizon(decision)
    for title, notes in (("must     ", decision.obligations), ("advice   ", decision.advice)):
        yield from _notes(title, notes)


def code_line(reason: Reason) -> str:
    """A reason in a word: its code, and the one behind it."""
    because = reason.data.get("because")
    return reason.code if because is None else f"{reason.code} (before {because})"


def _reason(reason: Reason) -> Iterator[Line]:
    yield ("- ", (reason.code, "bold"))
    for text in dict.fromkeys(reason.to_dict()["text"].values()):
        if text != reason.code:
            yield (f"  {text}",)
    if reason.origin is not None:
        yield from _origin(reason.origin)
    if reason.lift is not None:
        yield (("  lifted by ", GREY), _change(reason.lift))


def _origin(origin: Origin) -> Iterator[Line]:
    yield (("  rule      ", GREY), f"{origin.document} {origin.rule} (layer {origin.layer}, {origin.strength})")
    if origin.source is not None:
        url = f" {origin.source.url}" if origin.source.url else ""
        yield (("  source    ", GREY), f"{origin.source.title}, {origin.source.article}{url}")
    yield (("  may change ", GREY), ", ".join(origin.changeable_by) or "nobody")


def _change(lift: Mapping[str, Any]) -> str:
    if "to_seconds" in lift:
        return f"{lift['change']} to {duration(lift['to_seconds'])}"
    return " ".join(str(value) for value in lift.values())


def _horizon(decision: Decision) -> Iterator[Line]:
    if decision.until is not None:
        yield (("holds until ", GREY), iso(decision.until, decision.zone))
    if not decision.allowed:
        again = "not within 400 days" if decision.again is None else iso(decision.again, decision.zone)
        yield (("retry at  ", GREY), again)
    if decision.remaining:
        left = (f"{_left(name, value)}" for name, value in decision.remaining.items())
        yield (("remaining ", GREY), ", ".join(left))


def _left(name: str, value: int) -> str:
    return f"{name.removesuffix('_seconds')} {duration(value) if name.endswith('_seconds') else value}"


def _notes(title: str, notes: tuple[Note, ...]) -> Iterator[Line]:
    for note in notes:
        text = note.to_dict()["text"]
        yield ((title, GREY), note.code if text["en"] == note.code else f"{note.code}: {text['zh']} / {text['en']}")
