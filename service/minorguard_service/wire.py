"""Decisions as they are answered: `Decision.to_dict`, with what does not change from call to call as bytes.

The reasons of a session on its course are the same objects from beat to beat, so their JSON, texts in two languages
among it, is written once.
"""

from __future__ import annotations

from typing import Any

from orjson import Fragment

from minorguard.model.decisions import Decision, Reason
from minorguard_service.problems import to_json

_MOST = 8192
_WRITTEN: dict[int, tuple[tuple[Reason, ...], Fragment]] = {}
"""By identity. INVARIANT: the reasons held keep their id."""


def wire(decision: Decision) -> dict[str, Any]:
    """The wire form of a decision, for `problems.to_json`."""
    return decision.to_dict(_reasons)


def _reasons(reasons: tuple[Reason, ...]) -> Fragment:
    known = _WRITTEN.get(id(reasons))
    if known is not None and known[0] is reasons:
        return known[1]
    if len(_WRITTEN) >= _MOST:
        _WRITTEN.clear()
    written = Fragment(to_json([reason.to_dict() for reason in reasons]))
    _WRITTEN[id(reasons)] = (reasons, written)
    return written
