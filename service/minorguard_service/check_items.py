"""The items of a batch of checks, as `routes.questions` reads a single one; the usual ones sooner.

Gateways ask the same few questions of many subjects: one that was read once is known by its JSON. What is not as nearly
all items are goes the way of a single check, which also says what is wrong with it.
"""

# ruff: noqa: ANN401 - any JSON value

from __future__ import annotations

from typing import Any

import orjson

from minorguard.errors import InvalidInput
from minorguard.model.ids import check_subject
from minorguard.model.questions import FeatureQuestion, Question, TimeQuestion
from minorguard_service.calls import Call, read_sent
from minorguard_service.operations import Operation
from minorguard_service.routes.questions import asked_by
from minorguard_service.tokens import LONGEST
from minorguard_service.verifying import Verifier

_Known = TimeQuestion | FeatureQuestion
_MOST = 1024
_KNOWN: dict[bytes, _Known] = {}
"""Questions that name no session and were found right, by their JSON; bounded."""


class CheckItems:
    """Reads the items of one call."""

    def __init__(self, call: Call, operation: Operation) -> None:
        self._operation = operation
        self._verify = Verifier(call.service, call.caller)

    def read(self, sent: Any) -> tuple[str, Question]:
        """Of whom an item is, and what it asks. Raises what a single check does."""
        if type(sent) is dict and len(sent) == 2:
            question = _known(sent.get("question"))
            if question is not None:
                token, subject = sent.get("token"), sent.get("subject_id")
                if type(token) is str and 0 < len(token) <= LONGEST:
                    claims = self._verify(token)
                    return claims.subject, _in_session(question, claims.session)
                if type(subject) is str and _is_subject(subject):
                    return subject, question
        return self._as_single(sent)

    def _as_single(self, sent: Any) -> tuple[str, Question]:
        body = read_sent(self._operation, sent)
        token = body.get("token")
        asked = asked_by(body, None if token is None else self._verify(token))
        if "session_id" not in body["question"]:
            _remember(sent["question"], asked[1])
        return asked


def _known(sent: Any) -> _Known | None:
    """The question that some JSON is, if it was read before."""
    try:
        return _KNOWN.get(orjson.dumps(sent))
    except TypeError:
        return None


def _remember(sent: Any, question: Question) -> None:
    match question:
        case TimeQuestion(activity=activity, device=device):
            known: _Known = TimeQuestion(activity, device)
        case FeatureQuestion(feature=feature, amount=amount):
            known = FeatureQuestion(feature, amount)
        case _:
            return  # of items there are too many to come again
    if len(_KNOWN) >= _MOST:
        _KNOWN.clear()
    _KNOWN[orjson.dumps(sent)] = known


def _in_session(known: _Known, session: str) -> Question:
    if type(known) is FeatureQuestion:
        return FeatureQuestion(known.feature, known.amount, session)
    assert isinstance(known, TimeQuestion)
    return TimeQuestion(known.activity, known.device, session)


def _is_subject(text: str) -> bool:
    try:
        check_subject(text)
    except InvalidInput:
        return False
    return True
