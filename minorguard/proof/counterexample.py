"""A counterexample: one child, at one second, with this behind it; allowed by one policy and denied by the other.

Of content, less than denied will do: it is shown with less in the way than by the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, assert_never

from minorguard.engine import decide
from minorguard.model.calendar import WEEKDAYS
from minorguard.model.currencies import in_words
from minorguard.model.decisions import Decision, Reason, iso
from minorguard.model.ids import Instant, Seconds
from minorguard.model.questions import (
    FeatureQuestion,
    ItemQuestion,
    ListQuestion,
    NotificationQuestion,
    Question,
    SpendQuestion,
    TextQuestion,
    TimeQuestion,
)
from minorguard.model.rules import CompiledPolicy, Origin
from minorguard.model.state import Interval, SubjectState
from minorguard.policy.guardian import with_guardian
from minorguard.proof import content_words
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
        counted = (state.uses, state.purchases, state.notifications, state.grants)
        return sum(map(len, counted)) + sum(len(spans) for _, spans in state.ledger)


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Something that the first policy allows and the second denies, and the rule by which it does.

    Of an item or a text `what` has the `action` of either: the first's is less strict.
    """

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
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What a guardian has set in the first policy; empty: nothing."""

    def replay(self, lax: CompiledPolicy, strict: CompiledPolicy) -> tuple[Decision, Decision] | None:
        """What the two policies decide of it; None where it is no question to the engine.

        They are asked with the rules of `on` under a calendar that makes the days what the case takes them for.
        """
        if self.asked is None or self.case is None:
            return None
        asked = self.asked
        if self.settings:
            lax = with_guardian(lax, self.settings)
        mine, other = (self.case.placed(in_force(policy, self.on)) for policy in (lax, strict))
        return decide(mine, asked.state, asked.question, asked.at), decide(other, asked.state, asked.question, asked.at)

    def size(self) -> tuple[object, ...]:
        """Sorts the smallest first: no use, the youngest, the plainest day, the shortest history, the earliest."""
        asked = self.asked
        plain = (False, 0, 0) if self.case is None else self.case.plainness()
        history = (0, 0, 0) if asked is None else (asked.facts(), asked.used, asked.at)
        return (bool(self.settings), history[1] > 0, self.age.on_birthday, self.age.age, plain, history)

    def to_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "age": self.age.age,
            "on_birthday": self.age.on_birthday,
            **({} if self.asked is None or self.case is None else _asked(self.asked, self.case, self.zone)),
            "rules_of": self.on.isoformat(),
            "what": dict(self.what),
            "guardian_settings": dict(self.settings),
            "clause": clause(self.rule),
            "text": self.text(),
        }

    def text(self) -> dict[str, str]:
        """The case in a line of either language."""
        return {"zh": "，".join(self._parts(zh=True)), "en": ", ".join(self._parts(zh=False))}

    def _parts(self, *, zh: bool) -> Iterator[str]:
        yield _age(self.age, zh=zh)
        if self.settings:
            yield "监护人作了设置" if zh else "after a guardian's settings"
        if self.asked is not None and self.case is not None:
            kind = "" if self.case.ordinary else f" ({self.case.kind.value})"
            yield f"{WEEKDAYS[self.case.day.weekday()]} {iso(self.asked.at, self.zone)}{kind}"
            yield from _history(self.asked.state, self.zone, zh=zh)
        yield self.why["zh" if zh else "en"] if self.why else _spoken(self.asked, zh=zh)


@dataclass(frozen=True, slots=True)
class Undecided:
    """A rule of the second of which nothing was proved and nothing refuted: it counts as not proved."""

    rule: Origin
    on: date
    age: AgeCase | None = None
    case: DayCase | None = None
    why: Text = field(default_factory=lambda: _SEARCHED)

    def to_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "age": self.age.age if self.age else None,
            "rules_of": self.on.isoformat(),
            "clause": clause(self.rule),
            "text": dict(self.why),
        }


_SEARCHED: Text = {
    "zh": "没有证明，也没有找到反例",
    "en": "neither proved, nor refuted by the histories that were tried",
}


def clause(origin: Origin) -> dict[str, Any]:
    """Where a rule stands, who set it, and its legal source, as data."""
    return {key: value for key, value in Reason("", origin).to_dict().items() if key not in _NOT_OF_CLAUSE}


def _asked(asked: Asked, case: DayCase, zone: str) -> dict[str, Any]:
    return {
        "at": iso(asked.at, zone),
        "weekday": WEEKDAYS[case.day.weekday()],
        "day_kind": case.kind.value,
        "question": _question(asked.question),
        "used_seconds": asked.used,
        "used": [
            {"device": device, "activity": activity, "start": iso(start, zone), "end": iso(end, zone)}
            for (device, activity), spans in asked.state.ledger
            for start, end in spans
        ],
        "grants": [{"day": one.day.isoformat(), "seconds": one.seconds} for one in asked.state.grants],
        "uses": [{"feature": use.feature, "times": use.amount, "at": iso(use.at, zone)} for use in asked.state.uses],
        "purchases": [
            {"amount_minor": one.amount, "currency": one.currency, "activity": one.activity, "at": iso(one.at, zone)}
            for one in asked.state.purchases
        ],
        "notifications": [{"times": one.amount, "at": iso(one.at, zone)} for one in asked.state.notifications],
    }


def _question(question: Question) -> dict[str, Any]:
    match question:
        case TimeQuestion(activity=activity, session=session):
            return {"kind": "time", "activity": activity, "opening": session is None}
        case FeatureQuestion(feature=feature, amount=amount):
            return {"kind": "feature", "feature": feature, "times": amount}
        case SpendQuestion(amount=amount, currency=currency, activity=activity):
            return {"kind": "spend", "amount_minor": amount, "currency": currency, "activity": activity}
        case NotificationQuestion():
            return {"kind": "notification"}
        case ItemQuestion() | TextQuestion():
            return content_words.wire(question)
        case ListQuestion(amount=amount):
            return {"kind": "list", "items": amount}
        case _:
            assert_never(question)


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
        when = iso(use.at, zone)[:16]
        yield f"{when} 使用 {use.feature} {use.amount} 次" if zh else f"after {use.amount} × {use.feature} at {when}"
    for one in state.purchases:
        money, when = in_words(one.amount, one.currency)[0 if zh else 1], iso(one.at, zone)[:16]
        yield f"{when} 在{one.activity}消费 {money}" if zh else f"after {money} for {one.activity} at {when}"
    for sent in state.notifications:
        when = iso(sent.at, zone)[:16]
        yield f"{when} 已发送 {sent.amount} 条通知" if zh else f"after {sent.amount} notifications at {when}"


def _span(span: Interval, zone: str) -> str:
    return f"{iso(span[0], zone)[:19]} – {iso(span[1], zone)[11:19]}"


def _spoken(asked: Asked | None, *, zh: bool) -> str:
    match asked.question if asked else None:
        case FeatureQuestion(feature=feature, amount=amount):
            return f"使用功能 {feature}" if zh else f"using {feature}{f' {amount} times' if amount > 1 else ''}"
        case TimeQuestion(activity=activity, session=None):
            return f"开始使用 {activity}" if zh else f"opening {activity}"
        case TimeQuestion(activity=activity):
            return f"继续使用 {activity}" if zh else f"going on with {activity}"
        case SpendQuestion(amount=amount, currency=currency, activity=activity):
            money = in_words(amount, currency)[0 if zh else 1]
            return f"为 {activity} 消费 {money}" if zh else f"spending {money} for {activity}"
        case NotificationQuestion():
            return "发送通知" if zh else "sending a notification"
        case _:
            return "提问" if zh else "asked"


def smallest(found: list[Counterexample]) -> Counterexample | None:
    """The smallest of several."""
    return min(found, key=Counterexample.size, default=None)
