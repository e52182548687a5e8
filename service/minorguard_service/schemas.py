"""What calls take and give. Built once; the one source of validation and of the OpenAPI document."""

# ruff: noqa: ANN401 - options go to marshmallow as they come

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

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


# Answers: for the OpenAPI document and the tests; bodies are built by the core and dumped as they are.


class SourceOut(Schema):
    """The legal source of a rule."""

    title = fields.String(required=True)
    article = fields.String(required=True)
    url = fields.String(required=True)


class TextOut(Schema):
    """A sentence for people."""

    zh = fields.String(required=True)
    en = fields.String(required=True)


class ReasonOut(Schema):
    """Why: a code with data, and the rule that said so."""

    code = fields.String(required=True, metadata={"example": "quota.exhausted"})
    rule = fields.String(required=True, allow_none=True, metadata={"description": "JSON pointer into `document`"})
    document = fields.String(required=True, allow_none=True)
    layer = fields.String(required=True, allow_none=True)
    strength = fields.String(required=True, allow_none=True)
    source = fields.Nested(SourceOut, required=True, allow_none=True)
    changeable_by = fields.List(fields.String(), required=True)
    data = fields.Dict(required=True)
    lift = fields.Dict(required=True, allow_none=True)
    text = fields.Nested(TextOut, required=True)


class NoteOut(Schema):
    """What the caller must do (obligation) or may do (advice)."""

    code = fields.String(required=True)
    data = fields.Dict(required=True)
    text = fields.Nested(TextOut, required=True)


class PolicyRefOut(Schema):
    """Which policy decided."""

    id = fields.String(required=True)
    revision = fields.Integer(required=True)
    digest = fields.String(required=True)


class DecisionOut(Schema):
    """The answer, everywhere the same. The decisive reason comes first."""

    effect = Word("deny", "limited", "allow", required=True)
    reasons = fields.List(fields.Nested(ReasonOut), required=True)
    obligations = fields.List(fields.Nested(NoteOut), required=True)
    advice = fields.List(fields.Nested(NoteOut), required=True)
    remaining = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    valid_until = fields.DateTime(required=True, allow_none=True)
    retry_at = fields.DateTime(required=True, allow_none=True)
    policy = fields.Nested(PolicyRefOut, required=True)
    enforcement = Word("enforce", "observe", required=True)
    decided_at = fields.DateTime(required=True)
    observed_effect = Word("deny", "limited", "allow")


class DecisionAnswer(Schema):
    """A decision."""

    decision = fields.Nested(DecisionOut, required=True)


class SessionAnswer(DecisionAnswer):
    """A decision, and when it allows, a session with its token. `null` where there is none."""

    session_id = fields.String(required=True, allow_none=True)
    token = fields.String(required=True, allow_none=True)
    token_expires_at = fields.DateTime(required=True, allow_none=True)
    lease_until = fields.DateTime(required=True, allow_none=True)
    beat_after_seconds = fields.Integer(required=True, allow_none=True)
    seq = fields.Integer(required=True, allow_none=True, metadata={"description": "the highest seen; beat with 1 more"})


class EndAnswer(DecisionAnswer):
    """Whether a sitting may be opened again."""

    session_id = fields.String(required=True)


class SubjectOut(Schema):
    """Who a subject is."""

    id = fields.String(required=True)
    policy = fields.String(required=True)
    birth_date = fields.Date(required=True, allow_none=True)
    age_band = fields.String(required=True, allow_none=True)
    mode = Word("on", "off", required=True)
    test_clock = fields.String(required=True, allow_none=True)
    policy_revision = fields.Integer(required=True, allow_none=True)


class PinOut(Schema):
    """What a subject is held to."""

    subject_id = fields.String(required=True)
    policy = fields.String(required=True)
    policy_revision = fields.Integer(required=True, allow_none=True)


class RevocationOut(Schema):
    """Tokens of the subject whose `epoch` is lower are refused."""

    subject_id = fields.String(required=True)
    epoch = fields.Integer(required=True)


class DayOut(Schema):
    """A policy day."""

    date = fields.Date(required=True)
    start = fields.DateTime(required=True)
    end = fields.DateTime(required=True)


class QuotaOut(Schema):
    """A quota and what was used of it."""

    rule = fields.String(required=True)
    document = fields.String(required=True)
    layer = fields.String(required=True)
    period = Word("day", "week", "month", required=True)
    activities = fields.List(fields.String(), required=True, allow_none=True)
    start = fields.DateTime(required=True)
    end = fields.DateTime(required=True)
    limit_seconds = fields.Integer(required=True, allow_none=True)
    used_seconds = fields.Integer(required=True)
    remaining_seconds = fields.Integer(required=True, allow_none=True)


class UsageOut(Schema):
    """What was used today."""

    day = fields.Nested(DayOut, required=True)
    used_seconds = fields.Integer(required=True)
    by_activity = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    quotas = fields.List(fields.Nested(QuotaOut), required=True)


class UsedIntervalOut(Schema):
    """A stretch of use."""

    start = fields.DateTime(required=True)
    end = fields.DateTime(required=True)
    device = fields.String(required=True)
    activity = fields.String(required=True)


class TimelineOut(Schema):
    """A policy day as intervals; `exact` is false for days of which only totals are kept."""

    day = fields.Nested(DayOut, required=True)
    intervals = fields.List(fields.Nested(UsedIntervalOut), required=True)
    used_seconds = fields.Integer(required=True)
    exact = fields.Boolean(required=True)


class WindowOut(Schema):
    """A stretch in which a sitting may be opened."""

    start = fields.DateTime(required=True)
    end = fields.DateTime(required=True)
    allowance_seconds = fields.Integer(required=True)


class GapOut(Schema):
    """A stretch in which none may, and why."""

    start = fields.DateTime(required=True)
    end = fields.DateTime(required=True)
    reasons = fields.List(fields.Nested(ReasonOut), required=True)


class ForecastOut(Schema):
    """Windows and gaps, which tile the time from `from` to `to`."""

    from_ = fields.DateTime(required=True, data_key="from")
    to = fields.DateTime(required=True)
    windows = fields.List(fields.Nested(WindowOut), required=True)
    gaps = fields.List(fields.Nested(GapOut), required=True)


class TestClockOut(Schema):
    """A test clock and the subjects that live by it."""

    __test__ = False

    id = fields.String(required=True)
    now = fields.DateTime(required=True)
    subjects = fields.List(fields.String(), required=True)


class StatusOut(Schema):
    """All is well."""

    status = Word("ok", required=True)


class JwkOut(Schema):
    """A public key (RFC 8037)."""

    kty = fields.String(required=True)
    crv = fields.String(required=True)
    use = fields.String(required=True)
    alg = fields.String(required=True)
    kid = fields.String(required=True)
    x = fields.String(required=True)


class JwksOut(Schema):
    """The keys that session tokens may be signed with."""

    keys = fields.List(fields.Nested(JwkOut), required=True)


class PlaceOut(Schema):
    """One wrong place: a pointer into the body, or a parameter."""

    pointer = fields.String(metadata={"description": "JSON pointer into the body"})
    parameter = fields.String(metadata={"description": "of the path, the query or a header"})
    check = fields.String(metadata={"description": "what is not ready, or was not passed"})
    problem = fields.String(required=True)


class ProblemOut(Schema):
    """RFC 9457."""

    type = fields.String(required=True, metadata={"example": "urn:minorguard:problem:invalid-request"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    request_id = fields.String(required=True)
    errors = fields.List(fields.Nested(PlaceOut))


class CheckOutcome(Schema):
    """The answer to one item of a batch: a decision, or a problem."""

    decision = fields.Nested(DecisionOut)
    problem = fields.Nested(ProblemOut)


class CheckOutcomes(Schema):
    """The answers, in the order of the items."""

    answers = fields.List(fields.Nested(CheckOutcome), required=True)


class SessionOutcome(CheckOutcome):
    """The answer to one heartbeat of a batch: as that of a single one, or a problem."""

    session_id = fields.String(allow_none=True)
    token = fields.String(allow_none=True)
    token_expires_at = fields.DateTime(allow_none=True)
    lease_until = fields.DateTime(allow_none=True)
    beat_after_seconds = fields.Integer(allow_none=True)
    seq = fields.Integer(allow_none=True)


class SessionOutcomes(Schema):
    """The answers, in the order of the items."""

    answers = fields.List(fields.Nested(SessionOutcome), required=True)
