"""What the calls about policies take and give."""

# ruff: noqa: ANN401 - options go to marshmallow as they come

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from minorguard.proof.comparison import Relation
from minorguard_service.inputs import FIRST_DAY, LAST_DAY, Day, Digits, Flag, Input, Part, Text, Whole, Word, band, word
from minorguard_service.operations import MAX_POLICY_BYTES
from minorguard_service.policy_records import Kind
from minorguard_service.schemas import MOST_REVISION

MOST_LISTED = 100
LISTED = 20


def _text(what: str, **options: Any) -> Text:
    return Text(most=MAX_POLICY_BYTES, metadata={"description": what}, **options)


def _why() -> Text:
    return Text(most=500, required=True, metadata={"description": "for the history", "example": "school is out"})


def _revision(what: str, **options: Any) -> Whole:
    return Whole(1, MOST_REVISION, metadata={"description": what}, **options)


class DraftPut(Input):
    """A policy document, and perhaps its tests."""

    text = _text("the policy document, in YAML; may still have mistakes", required=True)
    tests = _text("its tests, in YAML")
    base_revision = Whole(
        0, MOST_REVISION, required=True, metadata={"description": "what it was begun from; 0: there was none"}
    )
    replaces = _revision("the `edit` of the draft that this replaces; left out: there is none yet")


class Publication(Input):
    """The draft as it was reviewed."""

    digest = Text(most=100, required=True, metadata={"description": "as `validate` answered it"})
    why = _why()
    rollout_percent = Whole(1, 100, metadata={"description": "for so many of the subjects; left out: for all"})


class Rollback(Input):
    """An earlier revision."""

    to_revision = _revision("1 is the folder's", required=True)
    why = _why()


class RolloutChange(Input):
    """The share of a rollout."""

    percent = Whole(0, 100, required=True, metadata={"description": "0 ends it, 100 makes its revision the active one"})
    why = _why()


class ShadowChange(Input):
    """What is decided beside, without effect; with neither `revision` nor `draft`, nothing any more."""

    revision = _revision("a revision that was published")
    draft = Flag(load_default=False, metadata={"description": "the draft as it is now"})
    why = _why()

    @validates_schema
    def not_both(self, data: dict[str, Any], **_options: object) -> None:
        """One shadow."""
        if data.get("draft") and "revision" in data:
            raise ValidationError({"draft": ["give `revision` or `draft`, not both"]})


class Side(Input):
    """A policy: a revision, the draft, or a text. Without any of them, the active revision."""

    policy = word("policy", "short-video", required=True)
    revision = _revision("a revision that was published")
    draft = Flag(load_default=False, metadata={"description": "the draft as it is now"})
    text = _text("a policy document of that id")

    @validates_schema
    def one_of_them(self, data: dict[str, Any], **_options: object) -> None:
        """One way to say which."""
        if ("revision" in data) + data.get("draft", False) + ("text" in data) > 1:
            raise ValidationError("give only one of `revision`, `draft` and `text`")


class DiffQuestion(Input):
    """Two policies, and the day from which they are compared."""

    a = Part(Side, required=True)
    b = Part(Side, required=True)
    on = Day(FIRST_DAY, LAST_DAY, metadata={"description": "today if left out", "example": "2026-11-24"})


class PreviewQuestion(Input):
    """A child, some days, and which form of the policy; without `revision` and `draft`, the active one."""

    age_band = band()
    birth_date = Day(date(1900, 1, 1), LAST_DAY, metadata={"example": "2013-05-01"})
    start = Day(FIRST_DAY, LAST_DAY, metadata={"description": "today if left out", "example": "2026-11-24"})
    days = Whole(1, 62, load_default=7)
    activity = word("activity", "video")
    revision = _revision("a revision that was published")
    draft = Flag(load_default=False, metadata={"description": "the draft as it is now"})

    @validates_schema
    def one_of_each(self, data: dict[str, Any], **_options: object) -> None:
        """One age, one form."""
        if "age_band" in data and "birth_date" in data:
            raise ValidationError({"age_band": ["give a birth date or an age band, not both"]})
        if data.get("draft") and "revision" in data:
            raise ValidationError({"draft": ["give `revision` or `draft`, not both"]})


class PageQuery(Input):
    """Which part of a list, the newest first."""

    before = Digits(1, MOST_REVISION, metadata={"description": "`next_before` of the page before"})
    limit = Digits(1, MOST_LISTED, load_default=LISTED)


# Answers


class WhoOut(Schema):
    """An API key and its name."""

    key = fields.String(required=True)
    name = fields.String(required=True)


class RolloutOut(Schema):
    """A revision that holds for some of the subjects."""

    revision = fields.Integer(required=True)
    percent = fields.Integer(required=True)


class ShadowOut(Schema):
    """What is decided beside the active revision."""

    revision = fields.Integer(required=True, allow_none=True)
    edit = fields.Integer(required=True, allow_none=True, metadata={"description": "of the draft"})


class PolicyRowOut(Schema):
    """A policy, and which revision of it is active."""

    id = fields.String(required=True)
    revision = fields.Integer(required=True)
    digest = fields.String(required=True, allow_none=True, metadata={"description": "null: nothing decides, see below"})
    source = Word("folder", "tenant", required=True)
    rollout = fields.Nested(RolloutOut, required=True, allow_none=True)
    problem = fields.String(
        required=True, allow_none=True, metadata={"description": "why the active revision is not what decides here"}
    )


class PoliciesOut(Schema):
    """The policies that hold."""

    policies = fields.List(fields.Nested(PolicyRowOut), required=True)


class PolicyOut(PolicyRowOut):
    """All about one policy."""

    previous = fields.Integer(required=True, allow_none=True)
    base_revision = fields.Integer(required=True, metadata={"description": "what a draft has to start from"})
    shadow = fields.Nested(ShadowOut, required=True, allow_none=True)
    draft = fields.Integer(required=True, allow_none=True, metadata={"description": "the draft's `edit`"})
    changes = fields.Integer(required=True, metadata={"description": "how many the history has"})


class DraftOut(Schema):
    """A draft."""

    id = fields.String(required=True)
    text = fields.String(required=True)
    tests = fields.String(required=True, allow_none=True)
    base_revision = fields.Integer(required=True)
    edit = fields.Integer(required=True)
    editors = fields.List(fields.Nested(WhoOut), required=True, metadata={"description": "none of these may publish"})
    edited_at = fields.DateTime(required=True)


class FindingOut(Schema):
    """What is wrong (`error`) or doubtful (`warning`) in a document."""

    code = fields.String(required=True)
    severity = Word("error", "warning", required=True)
    message = fields.String(required=True)
    file = fields.String(required=True)
    line = fields.Integer(required=True)
    column = fields.Integer(required=True)
    pointer = fields.String(required=True)
    suggestion = fields.String(required=True, allow_none=True)
    help = fields.String(required=True, allow_none=True)


class ComparisonOut(Schema):
    """How policy `a` stands to policy `b`, from a date on."""

    a = fields.String(required=True)
    b = fields.String(required=True)
    on = fields.String(required=True, metadata={"format": "date"})
    relation = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf([one.value for one in Relation]),
        metadata={"description": "null: it hangs on a rule that is undecided"},
    )
    text = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    at_least_as_strict = fields.Boolean(required=True, metadata={"description": "proved: `a` denies what `b` denies"})
    laxer = fields.List(fields.Dict(), required=True, metadata={"description": "the smallest case by rule of `b`"})
    stricter = fields.List(fields.Dict(), required=True, metadata={"description": "the smallest case by rule of `a`"})
    undecided = fields.Dict(keys=fields.String(), values=fields.List(fields.Dict()), required=True)
    changes = fields.List(fields.Dict(), required=True, metadata={"description": "rule by rule, from `b` to `a`"})


class ReviewOut(Schema):
    """What is known of a draft."""

    valid = fields.Boolean(required=True, metadata={"description": "no errors, and every test passes"})
    digest = fields.String(required=True, allow_none=True, metadata={"description": "what `publish` takes"})
    findings = fields.List(fields.Nested(FindingOut), required=True)
    tests = fields.Dict(required=True, allow_none=True)
    diff = fields.Nested(
        ComparisonOut,
        required=True,
        allow_none=True,
        metadata={"description": "the draft (`a`) against the active revision (`b`)"},
    )
    edit = fields.Integer(required=True)
    base_revision = fields.Integer(required=True)
    conflict = fields.String(
        required=True, allow_none=True, metadata={"description": "what else was published meanwhile"}
    )


class ChangeOut(Schema):
    """An entry of the history."""

    number = fields.Integer(required=True)
    kind = Word(*Kind, required=True)
    revision = fields.Integer(required=True, allow_none=True)
    percent = fields.Integer(required=True, allow_none=True)
    active = fields.Integer(required=True, metadata={"description": "the active revision after it"})
    by = fields.Nested(WhoOut, required=True)
    why = fields.String(required=True)
    at = fields.DateTime(required=True)


class ChangedOut(Schema):
    """What was changed, and how the policy stands now."""

    change = fields.Nested(ChangeOut, required=True)
    policy = fields.Nested(PolicyOut, required=True)


class HistoryOut(Schema):
    """Changes, the newest first."""

    changes = fields.List(fields.Nested(ChangeOut), required=True)
    next_before = fields.Integer(required=True, allow_none=True)


class RevisionRowOut(Schema):
    """A revision; of the folder's only number and digest are known."""

    revision = fields.Integer(required=True)
    digest = fields.String(required=True, allow_none=True, metadata={"description": "when it was published"})
    drafted_by = fields.List(fields.Nested(WhoOut), required=True)
    published_by = fields.Nested(WhoOut, required=True, allow_none=True)
    why = fields.String(required=True, allow_none=True)
    published_at = fields.DateTime(required=True, allow_none=True)


class RevisionsOut(Schema):
    """Revisions, the newest first."""

    revisions = fields.List(fields.Nested(RevisionRowOut), required=True)
    next_before = fields.Integer(required=True, allow_none=True)


class RevisionOut(RevisionRowOut):
    """A revision with its text."""

    text = fields.String(required=True, allow_none=True)
    tests = fields.String(required=True, allow_none=True)
    documents = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, metadata={"description": "what it extends, by id"}
    )


class ShadowAnswer(Schema):
    """What is decided beside; its counts are in `/metrics`, as `minorguard_shadow_total`."""

    shadow = fields.Nested(ShadowOut, required=True, allow_none=True)


class DiffOut(Schema):
    """How `a` stands to `b`; null when one of them has errors."""

    comparison = fields.Nested(ComparisonOut, required=True, allow_none=True)
    findings = fields.Dict(keys=fields.String(), values=fields.List(fields.Nested(FindingOut)), required=True)


class PreviewOut(Schema):
    """A preview, day by day; null when the draft has errors."""

    preview = fields.Dict(required=True, allow_none=True)
    findings = fields.List(fields.Nested(FindingOut), required=True)
