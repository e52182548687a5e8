"""Decisions as they are answered: `Decision.to_dict`, with what does not change from call to call as bytes.

The reasons of a session on its course are the same objects from beat to beat, so their JSON, texts in two languages
among it, is written once; and of a plain decision all but the numbers and instants.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from orjson import Fragment

from minorguard.model.decisions import Decision, Effect, PolicyRef, Reason, iso
from minorguard.model.ids import Instant
from minorguard.model.rules import Enforcement
from minorguard_service.problems import to_json

_MOST = 8192
_WRITTEN: dict[int, tuple[tuple[Reason, ...], Fragment]] = {}
"""By identity. INVARIANT: the reasons held keep their id."""


def wire(decision: Decision) -> dict[str, Any]:
    """The wire form of a decision, for `problems.to_json`."""
    return decision.to_dict(_reasons)


def written(decision: Decision) -> bytes:
    """The JSON of `wire`, byte for byte; sooner where nothing is obliged, advised or only observed."""
    if decision.obligations or decision.advice or decision.observed_effect is not None:
        return to_json(wire(decision))
    frame = _FRAMES.get(id(decision.reasons))
    if frame is None or not frame.fits(decision):
        frame = _frame(decision)
    zone = decision.zone
    return b"".join(
        (
            frame.head,
            orjson.dumps(decision.remaining),
            _UNTIL,
            _at(decision.until, zone),
            _AGAIN,
            _at(decision.again, zone),
            frame.policy_on,
            _at(decision.decided, zone),
            b"}",
        )
    )


_UNTIL, _AGAIN = b',"valid_until":', b',"retry_at":'


@dataclass(frozen=True, slots=True, eq=False)
class _Frame:
    """All of a plain decision's JSON but what changes, and of which decisions: by the identity of their parts."""

    reasons: tuple[Reason, ...]
    effect: Effect
    policy: PolicyRef
    enforcement: Enforcement
    head: bytes
    """Up to what is left."""
    policy_on: bytes
    """From the policy up to when it was decided."""

    def fits(self, decision: Decision) -> bool:
        """Whether it is of this one, too."""
        return (
            self.reasons is decision.reasons
            and self.policy is decision.policy
            and self.effect is decision.effect
            and self.enforcement is decision.enforcement
        )


_FRAMES: dict[int, _Frame] = {}
"""By the reasons' identity. INVARIANT: the reasons held keep their id."""


def _frame(decision: Decision) -> _Frame:
    body = wire(decision)
    head = {name: body[name] for name in ("effect", "reasons", "obligations", "advice")}
    tail = {name: body[name] for name in ("policy", "enforcement")}
    if len(_FRAMES) >= _MOST:
        _FRAMES.clear()
    frame = _FRAMES[id(decision.reasons)] = _Frame(
        decision.reasons,
        decision.effect,
        decision.policy,
        decision.enforcement,
        to_json(head)[:-1] + b',"remaining":',
        b"," + to_json(tail)[1:-1] + b',"decided_at":',
    )
    return frame


@lru_cache(maxsize=_MOST)
def _at(instant: Instant | None, zone: str) -> bytes:
    return b"null" if instant is None else to_json(iso(instant, zone))


def _reasons(reasons: tuple[Reason, ...]) -> Fragment:
    known = _WRITTEN.get(id(reasons))
    if known is not None and known[0] is reasons:
        return known[1]
    if len(_WRITTEN) >= _MOST:
        _WRITTEN.clear()
    fragment = Fragment(to_json([reason.to_dict() for reason in reasons]))
    _WRITTEN[id(reasons)] = (reasons, fragment)
    return fragment
