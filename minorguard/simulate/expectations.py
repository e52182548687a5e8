"""A decision held against what a test expects of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from minorguard import engine
from minorguard.model.decisions import Decision
from minorguard.model.questions import Question, SpendQuestion
from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import SubjectState
from minorguard.policy.money import written_as
from minorguard.simulate.decision_words import duration, wall_time
from minorguard.simulate.results import Mismatch
from minorguard.simulate.scenario import Expectation, Moment

_NUMBERS = ("uses", "notifications")
_NO_LIMIT = "no limit"


@dataclass(frozen=True, slots=True)
class Found:
    """What a test looks at: a decision, the question that it answers, and the memory after it."""

    policy: CompiledPolicy
    state: SubjectState
    decision: Decision
    question: Question


def compare(expectation: Expectation, found: Found) -> tuple[tuple[str, Mismatch], ...]:
    """Everything that is not as expected, with the key of `expect` that says so."""
    return tuple(
        (key, mismatch) for key, wanted in expectation.wanted.items() for mismatch in _CHECKS[key](key, wanted, found)
    )


def _same(key: str, expected: object, actual: object) -> Iterator[Mismatch]:
    if expected != actual:
        yield Mismatch(key, _shown(expected), _shown(actual))


def _shown(value: object) -> str:
    if isinstance(value, frozenset):
        return ", ".join(f"`{one}`" for one in sorted(value)) or "none"
    return "none" if value is None or value == "" else f"`{value}`"


def _effect(key: str, wanted: str, found: Found) -> Iterator[Mismatch]:
    yield from _same(key, wanted, found.decision.effect.value)


def _observed(key: str, wanted: str, found: Found) -> Iterator[Mismatch]:
    effect = found.decision.observed_effect
    yield from _same(key, wanted, None if effect is None else effect.value)


def _reason(key: str, wanted: str, found: Found) -> Iterator[Mismatch]:
    yield from _same(key, wanted, found.decision.reason.code)


def _reasons(key: str, wanted: Iterable[str], found: Found) -> Iterator[Mismatch]:
    codes = frozenset(reason.code for reason in found.decision.reasons)
    missing = frozenset(wanted) - codes
    if missing:
        yield Mismatch(key, f"{_shown(missing)} among them", _shown(codes))


def _origin(key: str, wanted: str, found: Found) -> Iterator[Mismatch]:
    origin = found.decision.reason.origin
    actual = {} if origin is None else {"rule": origin.rule, "document": origin.document, "layer": origin.layer.value}
    yield from _same(key, wanted, actual.get(key))


def _source(key: str, wanted: str, found: Found) -> Iterator[Mismatch]:
    origin = found.decision.reason.origin
    text = f"{origin.source.title}, {origin.source.article}" if origin and origin.source else ""
    if wanted not in text:
        yield Mismatch(key, f"one with `{wanted}`", _shown(text))


def _remaining(key: str, wanted: Mapping[str, Any], found: Found) -> Iterator[Mismatch]:
    left = found.decision.remaining
    for name, amount in wanted.items():
        if name in _NUMBERS:
            expected, actual = str(amount), _number(left.get(name))
        elif name.startswith("spend_"):
            expected, actual = _money(amount), _spend(left.get(f"{name}_minor"), found)
        else:
            seconds = left.get(f"{name}_seconds")
            expected, actual = duration(amount), _NO_LIMIT if seconds is None else duration(seconds)
        if expected != actual:
            yield Mismatch(f"{key} {name}", expected, actual)


def _number(left: int | None) -> str:
    return _NO_LIMIT if left is None else str(left)


def _spend(left: int | None, found: Found) -> str:
    code = found.question.currency if isinstance(found.question, SpendQuestion) else None
    return _NO_LIMIT if left is None or code is None else _money(Decimal(written_as(left, code)))


def _money(amount: Decimal) -> str:
    """An amount in one spelling: `50` and `50.00` are the same."""
    return f"{amount:.3f}".rstrip("0").rstrip(".")


def _charged(key: str, wanted: Mapping[str, int], found: Found) -> Iterator[Mismatch]:
    used = engine.usage(found.policy, found.state, found.decision.decided)
    for activity, seconds in wanted.items():
        actual = used["by_activity"].get(activity, 0) if activity else used["used_seconds"]
        if actual != seconds:
            yield Mismatch(f"{key} {activity}".strip(), duration(seconds), duration(actual))


def _time(key: str, wanted: Moment, found: Found) -> Iterator[Mismatch]:
    decision = found.decision
    lease = None if decision.lease is None else decision.lease.until
    actual = {"until": decision.until, "retry_at": decision.again, "lease_until": lease}[key]
    expected = None if wanted.never else wanted.following(decision.zone, decision.decided)
    if expected != actual:
        yield Mismatch(key, wall_time(expected, decision.zone), wall_time(actual, decision.zone))


def _notes(key: str, wanted: Iterable[str], found: Found) -> Iterator[Mismatch]:
    notes = found.decision.obligations if key == "obligations" else found.decision.advice
    yield from _same(key, frozenset(wanted), frozenset(note.code for note in notes))


_CHECKS: Mapping[str, Callable[[str, Any, Found], Iterator[Mismatch]]] = {
    "effect": _effect,
    "observed": _observed,
    "reason": _reason,
    "reasons": _reasons,
    "rule": _origin,
    "document": _origin,
    "layer": _origin,
    "source": _source,
    "remaining": _remaining,
    "charged": _charged,
    "until": _time,
    "retry_at": _time,
    "lease_until": _time,
    "obligations": _notes,
    "advice": _notes,
}
"""What each key of `expect` looks at."""
