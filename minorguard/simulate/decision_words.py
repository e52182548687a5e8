"""A decision in plain words, for whoever has to see why a test failed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from minorguard.model.calendar import zone
from minorguard.model.decisions import Decision, Reason
from minorguard.model.ids import Instant, Seconds


def wall_time(instant: Instant | None, zone_name: str) -> str:
    """An instant as the wall shows it, with its weekday; `never` for None."""
    if instant is None:
        return "never"
    return datetime.fromtimestamp(instant, zone(zone_name)).strftime("%a %Y-%m-%d %H:%M:%S")


def duration(seconds: Seconds) -> str:
    """Seconds in the spelling of policies.

    >>> duration(0), duration(5430)
    ('0s', '1h30m30s')
    """
    hours, rest = divmod(seconds, 3600)
    parts = ((hours, "h"), (rest // 60, "m"), (rest % 60, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def decision_words(decision: Decision) -> tuple[str, ...]:
    """The decision, line by line: what, why by which rule, until when, what is left."""
    return tuple(_lines(decision))


def _lines(decision: Decision) -> Iterator[str]:
    observed = f" (observed: would be {decision.observed_effect})" if decision.observed_effect else ""
    yield f"{decision.effect} at {wall_time(decision.decided, decision.zone)}{observed}"
    for reason in decision.reasons:
        yield from _reason(reason)
    if decision.until is not None:
        yield f"holds until {wall_time(decision.until, decision.zone)}"
    if not decision.allowed:
        yield f"retry at {wall_time(decision.again, decision.zone)}"
    if decision.remaining:
        yield "remaining " + ", ".join(_left(name, left) for name, left in decision.remaining.items())
    for title, notes in (("must", decision.obligations), ("advice", decision.advice)):
        yield from (f"{title} {note.code}: {note.to_dict()['text']['en']}" for note in notes)


def _reason(reason: Reason) -> Iterator[str]:
    text = reason.to_dict()["text"]["en"]
    yield reason.code if text == reason.code else f"{reason.code}: {text}"
    if reason.origin is not None:
        origin = reason.origin
        source = f", {origin.source.title} {origin.source.article}" if origin.source else ""
        yield f"  by {origin.document} {origin.rule} ({origin.layer}{source})"


def _left(name: str, left: int) -> str:
    return f"{name.removesuffix('_seconds')} {duration(left) if name.endswith('_seconds') else left}"
