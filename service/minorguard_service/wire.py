"""Decisions as they are answered: `Decision.to_dict`, with what does not change from call to call as bytes.

The reasons of a session on its course are the same objects from beat to beat, so their JSON, texts in two languages
among it, is written once; and of an answer that is only carried on, all but its seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from orjson import Fragment

from minorguard.engine.carry import Carried
from minorguard.engine.course import STANDS
from minorguard.model.decisions import Decision, Reason, iso
from minorguard.model.ids import Instant
from minorguard_service.problems import to_json

_MOST = 8192
_WRITTEN: dict[int, tuple[tuple[Reason, ...], Fragment]] = {}
"""By identity. INVARIANT: the reasons held keep their id."""
_TOLD: dict[int, tuple[Reason, dict[str, Any]]] = {}
"""Reasons whose lift moves, by the identity of their data. INVARIANT: as above."""


def wire(decision: Decision) -> dict[str, Any]:
    """The wire form of a decision, for `problems.to_json`."""
    return decision.to_dict(_reasons)


def drawn_of(answer: Decision | Carried) -> Decision:
    """The decision whose effect, reasons, policy and notes an answer has."""
    return answer.drawn if isinstance(answer, Carried) else answer


def outcome(answer: Decision | Carried) -> bytes:
    """The JSON of an answer of a batch: ``{"decision": …}``."""
    if not isinstance(answer, Carried):
        return to_json({"decision": wire(answer)})
    drawn = answer.drawn
    form = _FORMS.get(id(drawn))
    if form is None or form.drawn is not drawn:
        form = _form(answer)
    passed, at = answer.now - drawn.decided, _at(answer.now, drawn.zone)
    match form.left:
        case (day, sitting, time):  # as nearly all are: spares a list
            return form.text % (day - passed, sitting - passed, time - passed, at)
        case left:
            return form.text % (*[one - passed for one in left], at)


@dataclass(frozen=True, slots=True, eq=False)
class _Form:
    """What is written of all answers that carry one decision on, with places for the seconds left and for when."""

    drawn: Decision
    text: bytes
    left: tuple[int, ...]
    """What was left when it was drawn, in the order of the places."""


_FORMS: dict[int, _Form] = {}
"""By identity; some 1.5 kB each. INVARIANT: the decision held keeps its id."""


def _form(answer: Carried) -> _Form:
    body = wire(answer.whole())
    remaining = [_number(name, left) for name, left in body["remaining"].items()]
    parts = {name: to_json(value).replace(b"%", b"%%") for name, value in body.items()}
    parts |= {"remaining": b"{%b}" % b",".join(remaining), "decided_at": b"%b"}
    text = b'{"decision":{%b}}' % b",".join(b'"%b":%b' % (name.encode(), part) for name, part in parts.items())
    drawn = answer.drawn
    form = _Form(drawn, text, tuple(left for name, left in drawn.remaining.items() if name != STANDS))
    if len(_FORMS) >= _MOST:
        _FORMS.clear()
    _FORMS[id(drawn)] = form
    return form


def _number(name: str, left: int) -> bytes:
    return b'"%b":%b' % (name.encode(), b"%d" % left if name == STANDS else b"%d")


@lru_cache(maxsize=1024)
def _at(instant: Instant, zone: str) -> bytes:
    return to_json(iso(instant, zone))


def _reasons(reasons: tuple[Reason, ...]) -> Fragment | list[dict[str, Any]]:
    known = _WRITTEN.get(id(reasons))
    if known is not None and known[0] is reasons:
        return known[1]
    if any(map(_moves, reasons)):
        return list(map(_but_for_its_lift, reasons))
    if len(_WRITTEN) >= _MOST:
        _WRITTEN.clear()
    fragment = Fragment(to_json([reason.to_dict() for reason in reasons]))
    _WRITTEN[id(reasons)] = (reasons, fragment)
    return fragment


def _moves(reason: Reason) -> bool:
    """Whether it is another one each second: a denial by the clock is lifted by allowing the very instant asked."""
    return reason.lift is not None and reason.lift.get("change") == "allow_at"


def _but_for_its_lift(reason: Reason) -> dict[str, Any]:
    """As `Reason.to_dict`; what does not move is written once, and known by the identity of its data."""
    known = _TOLD.get(id(reason.data))
    if known is None or not _tells_the_same(known[0], reason):
        if len(_TOLD) >= _MOST:
            _TOLD.clear()
        known = reason, {name: Fragment(to_json(value)) for name, value in reason.to_dict().items()}
        _TOLD[id(reason.data)] = known
    return {**known[1], "lift": reason.lift}


def _tells_the_same(one: Reason, other: Reason) -> bool:
    """But for the lift, of which only who may change it is told beside."""
    return (
        one.data is other.data
        and one.code == other.code
        and one.origin is other.origin
        and one.changeable_by == other.changeable_by
    )
