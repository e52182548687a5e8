"""A counterexample: one child, at one second, with this behind it; allowed by one policy and denied by the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from minorguard.engine import decide
from minorguard.model.calendar import WEEKDAYS
from minorguard.model.decisions import Decision, Effect, Reason, iso
from minorguard.model.ids import Instant, Seconds
from minorguard.model.questions import FeatureQuestion, Question, TimeQuestion
from minorguard.model.rules import CompiledPolicy, Origin
from minorguard.model.state import Interval, SubjectState
from minorguard.proof.cases import AgeCase, DayCase, in_force

Text = Mapping[str, str]
"""The same in Chinese and English."""
_SHOWN = 3
"""How many stretches of use are told one by one."""
_NOT_OF_CLAUSE = {"code", "data", "lift", "text"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that can be put to the engine, about a subject with a history."""

    state: SubjectState
    question: Question
    at: Instant

    @property
    def used(self) -> Seconds:
        """The use of the history, in seconds."""
        return sum(end - start for _, spans in self.state.ledger for start, end in spans)

    def facts(self) -> int:
        """How many things happened before."""
        state = self.state
        return len(state.uses) + len(state.grants) + sum(len(spans) for _, spans in state.ledger)


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Something that the first policy allows and the second denies, and the rule by which it does."""

    age: AgeCase
    rule: Origin
    zone: str
    on: date
    """The rules that hold on this date are meant."""
    asked: Asked | None = None
    """None: a setting or a list, of which `what` and `why` say all."""
    case: DayCase | None = None
    what: Mapping[str, Any] = field(default_factory=dict)
    why: Text = field(default_factory=dict)

    def replay(self, lax: CompiledPolicy, strict: CompiledPolicy) -> tuple[Decision, Decision] | None:
        """What the two policies decide of it; None where it is no question to the engine.

        They are asked with the rules of `on` under a calendar that makes the days what the case takes them for.
        """
        if self.asked is None or self.case is None:
            return None
        asked = self.asked
        mine, other = (self.case.placed(in_force(policy, self.on)) for policy in (lax, strict))
        return decide(mine, asked.state, asked.question, asked.at), decide(other, asked.state, asked.question, asked.at)

    def as_written(self, lax: CompiledPolicy, strict: CompiledPolicy) -> bool:
        """Whether the policies decide so on that very date under their own calendars."""
        if self.asked is None:
            return False
        effects = (decide(policy, self.asked.state, self.asked.question, self.asked.at) for policy in (lax, strict))
        return [effect.effect for effect in effects] == [Effect.ALLOW, Effect.DENY]

    def size(self) -> tuple[object, ...]:
        """Sorts the smallest first: no use, the youngest, the plainest day, the shortest history, the earliest."""
        asked = self.asked
        plain = (False, 0, 0) if self.case is None else self.case.plainness()
        history = (0, 0, 0) if asked is None else (asked.facts(), asked.used, asked.at)
        return (history[1] > 0, self.age.on_birthday, self.age.age, plain, history)

    def to_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "age": self.age.age,
            "on_birthday": self.age.on_birthday,
            **({} if self.asked is None or self.case is None else _asked(self.asked, self.case, self.zone)),
            "rules_of": self.on.isoformat(),
            "what": dict(self.what),
            "clause": clause(self.rule),
            "text": self.text(),
        }

    def text(self) -> dict[str, str]:
        """The case in a line of either language."""
        return {"zh": "，".join(self._parts(zh=True)), "en": ", ".join(self._parts(zh=False))}

    def _parts(self, *, zh: bool) -> Iterator[str]:
        yield _age(self.age, zh=zh)
        if self.asked is not None and self.case is not None:
            kind = "" if self.case.ordinary else f" ({self.case.kind.value})"
            yield f"{WEEKDAYS[self.case.day.weekday()]} {iso(self.asked.at, self.zone)}{kind}"
            yield from _history(self.asked.state, self.zone, zh=zh)
        yield self.why["zh" if zh else "en"] if self.why else _spoken(self.asked, zh=zh)


def clause(origin: Origin) -> dict[str, Any]:
    """Where a rule stands, who set it, and its legal source, as data."""
    return {key: value for key, value in Reason("", origin).to_dict().items() if key not in _NOT_OF_CLAUSE}


def _asked(asked: Asked, case: DayCase, zone: str) -> dict[str, Any]:
    return {
        "at": iso(asked.at, zone),
        "weekday": WEEKDAYS[case.day.weekday()],
        "day_kind": case.kind.value,
        "question": type(asked.question).__name__.removesuffix("Question").lower(),
        "activity": getattr(asked.question, "activity", None),
        "used_seconds": asked.used,
        "used": [
            {"device": device, "activity": activity, "start": iso(start, zone), "end": iso(end, zone)}
            for (device, activity), spans in asked.state.ledger
            for start, end in spans
        ],
        "grants": [{"day": one.day.isoformat(), "seconds": one.seconds} for one in asked.state.grants],
        "uses": [{"feature": use.feature, "times": use.amount, "at": iso(use.at, zone)} for use in asked.state.uses],
    }


def _age(age: AgeCase, *, zh: bool) -> str:
    if zh:
        return f"{age.age}岁生日当天" if age.on_birthday else f"{age.age}岁"
    return f"on the birthday of {age.age}" if age.on_birthday else f"age {age.age}"


def _history(state: SubjectState, zone: str, *, zh: bool) -> Iterator[str]:
    for (device, activity), spans in state.ledger:
        spoken = "; ".join(_span(span, zone) for span in spans[:_SHOWN]) + (" …" if len(spans) > _SHOWN else "")
        seconds = sum(end - start for start, end in spans)
        minutes = f"{seconds / 60:.4g}"
        yield (
            f"此前在{device}上使用{activity} {minutes} 分钟（{spoken}）"
            if zh
            else f"after {minutes} min of {activity} on {device} ({spoken})"
        )
    for grant in state.grants:
        minutes = f"{grant.seconds / 60:.4g}"
        yield f"监护人当天多给 {minutes} 分钟" if zh else f"with {minutes} min granted that day"
    for use in state.uses:
        yield f"此前使用 {use.feature} {use.amount} 次" if zh else f"after {use.amount} uses of {use.feature}"


def _span(span: Interval, zone: str) -> str:
    return f"{iso(span[0], zone)[:19]} – {iso(span[1], zone)[11:19]}"


def _spoken(asked: Asked | None, *, zh: bool) -> str:
    match asked.question if asked else None:
        case FeatureQuestion(feature=feature, amount=amount):
            return f"使用功能 {feature} {amount} 次" if zh else f"the feature {feature}, {amount} at once"
        case TimeQuestion(activity=activity):
            return f"继续使用 {activity}" if zh else f"going on with {activity}"
        case _:
            return "提问" if zh else "asked"


def smallest(found: list[Counterexample]) -> Counterexample | None:
    """The smallest of several."""
    return min(found, key=Counterexample.size, default=None)
