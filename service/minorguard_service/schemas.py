"""What calls take: the one source of validation and of the OpenAPI document. Built once."""

# ruff: noqa: ANN401 - options go to marshmallow as they come

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import ValidationError, validates_schema

from minorguard_service.inputs import (
    FIRST_DAY,
    LAST_DAY,
    At,
    Day,
    Digits,
    Each,
    Few,
    Input,
    Part,
    Rows,
    Tagged,
    Text,
    Whole,
    Word,
    Yes,
    band,
    subject,
    word,
)
from minorguard_service.tokens import LONGEST

_MOST_SEQ = 2**53 - 1
MOST_REVISION = 999_999_999
MOST_ITEMS = 1000
_LONGEST_ADVANCE = 400 * 86_400


def _token(**options: Any) -> Text:
    return Text(most=LONGEST, metadata={"description": "session token, as it was answered"}, **options)


def session_field(**options: Any) -> Text:
    """The id of a session."""
    return Text(most=200, metadata={"description": "session id", "example": "kid-1~q1w2e3r4t5y6"}, **options)


class SubjectPut(Input):
    """A subject: a birth date or an age band (neither: age unknown, the strictest), a policy, the mode."""

    policy = word("policy", "short-video", required=True)
    birth_date = Day(date(1900, 1, 1), LAST_DAY, metadata={"example": "2013-05-01"})
    age_band = band()
    mode = Word("on", "off", load_default="on", metadata={"description": "`off` needs the role `guardian-agent`"})
    test_clock = word("test clock to live by; kept for life", "clock-1")
    policy_revision = Whole(
        1,
        MOST_REVISION,
        metadata={
            "description": "as it is: another one needs `policy-publisher` or `operator`; left out: no pin any more"
        },
    )

    @validates_schema
    def one_age(self, data: dict[str, Any], **_options: object) -> None:
        """A birth date or a band, not both."""
        if "birth_date" in data and "age_band" in data:
            raise ValidationError({"age_band": ["give a birth date or an age band, not both"]})


class PinPut(Input):
    """The revision that a subject is held to, whatever is published later."""

    policy_revision = Whole(
        1,
        MOST_REVISION,
        required=True,
        allow_none=True,
        metadata={"description": "`null`: none, so what is published", "example": 3},
    )


class SessionOpening(Input):
    """Who wants to use the app, on what, for what."""

    subject_id = subject(required=True)
    device = word("device", "tablet", required=True)
    activity = word("activity", "video")


class Heartbeat(Input):
    """The session goes on. `token` may be left out when it is the credential itself."""

    token = _token()
    seq = Whole(1, _MOST_SEQ, required=True, metadata={"description": "that of the last answer plus 1; same on retry"})
    activity = word("activity, when it changes", "study")


class TimeQuestionIn(Input):
    """May a sitting be opened now, or the session go on?"""

    type = Word("time", required=True)
    activity = word("activity", "video")
    device = word("device", "tablet")
    session_id = session_field()


class FeatureQuestionIn(Input):
    """May this feature be used now?"""

    type = Word("feature", required=True)
    feature = word("feature", "comment", required=True)
    amount = Whole(1, 1000, load_default=1)
    session_id = session_field()


class ItemQuestionIn(Input):
    """May this item be shown on a surface, and how?"""

    type = Word("item", required=True)
    surface = word("surface", "feed", required=True)
    labels = Few(word("label", "violence"), most=100, load_default=())
    ratings = Few(Text(most=64, metadata={"example": "pegi:12"}), most=20, load_default=())
    pools = Few(word("pool", "youth"), most=100, load_default=())
    item_id = Text(most=128)
    session_id = session_field()


class About(Input):
    """Names the subject, itself or by the token of its session."""

    subject_id = subject()
    token = _token()

    @validates_schema
    def not_both(self, data: dict[str, Any], **_options: object) -> None:
        """A subject or a token."""
        if "subject_id" in data and "token" in data:
            raise ValidationError({"subject_id": ["give `subject_id` or `token`, not both"]})


class Check(About):
    """A question, which changes nothing."""

    question = Tagged({"time": TimeQuestionIn, "feature": FeatureQuestionIn, "item": ItemQuestionIn}, required=True)


class CheckBatch(Input):
    """Questions, each answered on its own."""

    checks = Each(Part(Check), most=MOST_ITEMS, required=True)


class HeartbeatBatch(Input):
    """Heartbeats with their tokens, each answered on its own."""

    heartbeats = Each(Part(Heartbeat), most=MOST_ITEMS, required=True)


class Use(About):
    """One use of a feature, counted with its check."""

    feature = word("feature", "comment", required=True)
    amount = Whole(1, 1000, load_default=1)
    session_id = session_field()


class Interval(Input):
    """A stretch of use, in server time."""

    started_at = At(required=True)
    ended_at = At(required=True)


class OfflineUse(Input):
    """Use without a connection."""

    device = word("device", "tablet", required=True)
    activity = word("activity", "video")
    intervals = Rows(Part(Interval), most=500, required=True)


class TestClockCreation(Input):
    """A clock that stands still until told."""

    __test__ = False

    id = word("test clock", "clock-1", required=True)
    now = At(required=True)


class TestClockAdvance(Input):
    """Exactly one of the three."""

    __test__ = False

    seconds = Whole(1, _LONGEST_ADVANCE)
    to = At()
    to_next_boundary = Yes(metadata={"description": "to the next instant at which an answer may change"})

    @validates_schema
    def exactly_one(self, data: dict[str, Any], **_options: object) -> None:
        """One way to say how far."""
        if len(data) != 1:
            raise ValidationError("give exactly one of `seconds`, `to` and `to_next_boundary`")


class NoBody(Input):
    """Nothing."""


class NoQuery(Input):
    """No parameters."""


class TimelineQuery(Input):
    """Which policy day."""

    date = Day(FIRST_DAY, LAST_DAY, metadata={"description": "policy day; today if left out", "example": "2026-11-24"})


class ForecastQuery(Input):
    """How far to look, and for what."""

    days = Digits(1, 60, load_default=14)
    activity = word("activity", "video")
    device = word("device; each device's own limits", "tablet")
