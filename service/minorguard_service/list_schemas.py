"""What the calls on recommended lists take and give."""

# ruff: noqa: ANN401 - options go to marshmallow as they come

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from minorguard.editorial import MOST_RANK
from minorguard.interests import MAX_TAGS
from minorguard.ranking.candidates import MOST_SCORE, MOST_SLOTS
from minorguard_service.answer_schemas import DecisionAnswer
from minorguard_service.inputs import At, Few, Flag, Input, Part, Rows, Text, Whole, Word, word
from minorguard_service.schemas import About, session_field

MAX_LIST_BYTES = 4 << 20
"""The largest body of a call with candidates."""
MAX_CANDIDATES = 5_000
MAX_PREVIOUS = 1_000
_LONGEST = 604_800


class Score(fields.Float):
    """A number from -1e300 to 1e300; `"1"` and `true` are none."""

    default_error_messages = {  # noqa: RUF012  # marshmallow's own spelling
        "required": "is missing; add it",
        "null": "must not be null; leave it out",
        "invalid": "must be a number from -1e300 to 1e300",
    }

    def _deserialize(self, value: Any, *_place: Any, **_options: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid")
        if not abs(value) <= MOST_SCORE:
            raise self.make_error("invalid")
        return float(value)


def _names(what: str, example: str) -> Few:
    return Few(word(what, example), most=32)


class CandidateIn(Input):
    """An item that a recommender would show. Only `id` and `score` are needed; what is left out fails closed."""

    id = Text(most=128, required=True, metadata={"example": "v1"})
    score = Score(required=True, metadata={"description": "the higher, the sooner", "example": 0.9})
    author = Text(most=128)
    topics = _names("topic; `education.maths` is also `education`", "education.maths")
    labels = _names("label", "violence.graphic")
    rating = Text(most=32, metadata={"description": "by age or scale", "example": "8+"})
    pool = word("pool", "youth")
    duration_seconds = Whole(0, _LONGEST, load_default=0)
    promoted = Flag(load_default=False, metadata={"description": "bought; never shown to minors"})
    personal = Flag(load_default=False, metadata={"description": "whether the score follows from a profile"})
    plain_score = Score(metadata={"description": "the score for anybody; used where personal ones may not be"})


class Recommendation(About):
    """Candidates for a list. Name the subject, or send the token of its session."""

    surface = word("surface where the list shows, as the policy declares it", "feed", required=True)
    slots = Whole(1, MOST_SLOTS, required=True)
    candidates = Rows(Part(CandidateIn), most=MAX_CANDIDATES, required=True)
    previous = Few(
        Part(CandidateIn),
        most=MAX_PREVIOUS,
        metadata={"description": "what the same list has shown before, in order, as it was sent"},
    )
    personalised = Flag(load_default=True, metadata={"description": "`false`: use no personal score, this once"})
    session_id = session_field()


class PlacedOut(Schema):
    """An item of the list."""

    id = fields.String(required=True)
    slot = fields.Integer(required=True)
    rank = fields.Integer(required=True)
    score = fields.Float(required=True)
    why = Word("best", "next_best", "needed", "pinned", required=True)
    constraint = fields.String(required=True, allow_none=True)
    autoplay = fields.Boolean(required=True)


class DroppedOut(Schema):
    """A candidate that is not in the list."""

    id = fields.String(required=True)
    code = fields.String(required=True)
    what = fields.String(required=True, allow_none=True)


class RelaxedOut(Schema):
    """A constraint that could not be kept at a rank."""

    rank = fields.Integer(required=True)
    constraint = fields.String(required=True)
    bound = fields.Integer(required=True)
    measured = fields.Integer(required=True)


class BreakOut(Schema):
    """A break that must be made after an item."""

    after_rank = fields.Integer(required=True)
    cause = Word("items", "seconds", required=True)


class StatementOut(Schema):
    """What is claimed of one constraint."""

    constraint = fields.String(required=True)
    rule = fields.Dict(required=True)
    rank = fields.Integer(required=True)
    bound = fields.Integer(required=True)
    measured = fields.Integer(required=True)
    holds = fields.Boolean(required=True)


class CertificateOut(Schema):
    """What is claimed of the list; whoever holds list and candidates can measure it again."""

    slots = fields.Integer(required=True)
    shown_before = fields.Integer(required=True)
    items = fields.List(fields.String(), required=True)
    value = fields.Float(required=True)
    statements = fields.List(fields.Nested(StatementOut), required=True)
    relaxed = fields.List(fields.Nested(RelaxedOut), required=True)


class ListOut(Schema):
    """A list, and why it is as it is."""

    items = fields.List(fields.Nested(PlacedOut), required=True)
    dropped = fields.List(fields.Nested(DroppedOut), required=True)
    relaxed = fields.List(fields.Nested(RelaxedOut), required=True)
    breaks = fields.List(fields.Nested(BreakOut), required=True)
    infeasible = fields.List(fields.String(), required=True)
    certificate = fields.Nested(CertificateOut, required=True)


class RecommendationAnswer(DecisionAnswer):
    """The list; `null` where the decision denies any. `observed` is what it would have been, under `observe`."""

    list = fields.Nested(ListOut, required=True, allow_none=True)
    personalised = fields.Boolean(required=True)
    observed = fields.Nested(ListOut, required=True, allow_none=True)


class InterestsPut(Input):
    """Switch personal lists on or off, add interests, or both."""

    personalised = Flag(metadata={"description": "`false` acts at the next list, and deletes all tags"})
    add = Rows(word("interest", "science"), most=MAX_TAGS)

    @validates_schema
    def not_both(self, data: dict[str, Any], **_options: object) -> None:
        """What deletes all interests adds none."""
        if data.get("personalised") is False and "add" in data:
            raise ValidationError({"add": ["is nothing for lists that are not personal; leave it out"]})


class TagOut(Schema):
    """An interest."""

    name = fields.String(required=True)
    added_at = fields.DateTime(required=True)


class InterestsOut(Schema):
    """What a subject chose."""

    personalised = fields.Boolean(required=True)
    tags = fields.List(fields.Nested(TagOut), required=True)


class EditPost(Input):
    """Pin an item, ban it, or lift either before its time."""

    item = Text(most=128, required=True, metadata={"example": "v1"})
    action = Word("pin", "ban", "lift", required=True)
    reason = Text(most=500, required=True, metadata={"description": "for whoever reads the record"})
    surface = word("surface; left out: every one", "feed")
    rank = Whole(1, MOST_RANK, metadata={"description": "of a pin: where the item stands from"})
    expires_at = At(metadata={"description": "of a pin or ban: when it ends by itself, within 366 days"})


class EditOut(Schema):
    """A pin or ban."""

    item = fields.String(required=True)
    action = Word("pin", "ban", required=True)
    surface = fields.String(required=True, allow_none=True)
    rank = fields.Integer(required=True, allow_none=True)
    expires_at = fields.DateTime(required=True)
    reason = fields.String(required=True)
    by = fields.String(required=True)
    at = fields.DateTime(required=True)


class EntryOut(Schema):
    """A line of the record."""

    at = fields.DateTime(required=True)
    by = fields.String(required=True)
    action = Word("pin", "ban", "lift", required=True)
    item = fields.String(required=True)
    surface = fields.String(required=True, allow_none=True)
    rank = fields.Integer(required=True, allow_none=True)
    expires_at = fields.DateTime(required=True, allow_none=True)
    reason = fields.String(required=True)


class EditorialOut(Schema):
    """The pins and bans that hold, and who did what when, oldest first."""

    edits = fields.List(fields.Nested(EditOut), required=True)
    record = fields.List(fields.Nested(EntryOut), required=True)
