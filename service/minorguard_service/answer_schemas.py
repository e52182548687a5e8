"""What calls give: for the OpenAPI document and the tests. Bodies are built by the core and dumped as they are."""

from __future__ import annotations

from marshmallow import Schema, fields

from minorguard_service.inputs import Word


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


class SpanOut(Schema):
    """A stretch of time, without its end."""

    start = fields.DateTime(required=True)
    end = fields.DateTime(required=True)


class DayOut(SpanOut):
    """A policy day."""

    date = fields.Date(required=True)


class QuotaOut(SpanOut):
    """A quota and what was used of it."""

    rule = fields.String(required=True)
    document = fields.String(required=True)
    layer = fields.String(required=True)
    period = Word("day", "week", "month", required=True)
    activities = fields.List(fields.String(), required=True, allow_none=True)
    limit_seconds = fields.Integer(required=True, allow_none=True)
    used_seconds = fields.Integer(required=True)
    remaining_seconds = fields.Integer(required=True, allow_none=True)


class UsageOut(Schema):
    """What was used today."""

    day = fields.Nested(DayOut, required=True)
    used_seconds = fields.Integer(required=True)
    by_activity = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    quotas = fields.List(fields.Nested(QuotaOut), required=True)


class UsedIntervalOut(SpanOut):
    """A stretch of use."""

    device = fields.String(required=True)
    activity = fields.String(required=True)


class TimelineOut(Schema):
    """A policy day as intervals; `exact` is false for days of which only totals are kept."""

    day = fields.Nested(DayOut, required=True)
    intervals = fields.List(fields.Nested(UsedIntervalOut), required=True)
    used_seconds = fields.Integer(required=True)
    exact = fields.Boolean(required=True)


class WindowOut(SpanOut):
    """A stretch in which a sitting may be opened."""

    allowance_seconds = fields.Integer(required=True)


class GapOut(SpanOut):
    """A stretch in which none may, and why."""

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
