"""What the calls about reviews, complaints and recalls take and give."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from minorguard.model.sections import ItemAction
from minorguard.review.cases import CaseKind, Priority
from minorguard_service.content_schemas import MOST_TEXT, MatchOut
from minorguard_service.inputs import Digits, Few, Flag, Input, Part, Rows, Text, Whole, Word, subject, word

_LONGEST = 400 * 86_400
_ITEM_ACTIONS = tuple(action.value for action in ItemAction)


class _What(Input):
    """What it is about: an item of yours, or a text, or content by its digest."""

    item_id = Text(most=128)
    digest = Text(most=128)
    text = Text(most=MOST_TEXT)
    url = Text(most=2048)
    category = word("what is wrong with it, such as `abuse`", "abuse", required=True)
    surface = word("where it showed", "feed")
    subject_id = subject(metadata={"description": "whose it is; erased with the subject"})

    @validates_schema
    def something(self, data: dict[str, Any], **_options: object) -> None:
        """At least one name for it."""
        if not data.keys() & {"item_id", "digest", "text"}:
            raise ValidationError({"item_id": ["is missing; name the item, or give its `text` or `digest`"]})


class CaseOpening(_What):
    """Something that a person must look at, perhaps again."""

    kind = Word("filter", "recheck", load_default="recheck")
    priority = Word(*(one.value for one in Priority), load_default=Priority.NORMAL.value)
    labels = Few(word("label", "violence"), most=100, load_default=())
    ratings = Few(Text(most=64), most=20, load_default=())
    shown = Flag(
        load_default=True, metadata={"description": "whether it was shown: a stricter ruling is a recall then"}
    )
    hold = Flag(load_default=False, metadata={"description": "whether it is not to be shown until then"})
    note = Text(most=1000)


class ComplaintMaking(_What):
    """A user complains about something that was shown."""

    note = Text(most=1000, metadata={"description": "in the complainant's words"})


class Claim(Input):
    """Which cases one may be given."""

    categories = Rows(word("category", "abuse"), most=50)


class Judgement(Input):
    """What a reviewer rules. `labels` and `ratings` take the place of what machines said."""

    action = Word("show", "warn_before", "blur", "hide", required=True)
    labels = Few(word("label", "violence"), most=100, metadata={"description": "empty: it has none"})
    ratings = Few(Text(most=64), most=20, metadata={"example": ["12+"]})
    note = Text(most=1000)
    keep_sample = Flag(load_default=False, metadata={"description": "keep the text among the lists' samples"})


class DueAfterPut(Input):
    """Seconds by priority."""

    urgent = Whole(60, _LONGEST)
    high = Whole(60, _LONGEST)
    normal = Whole(60, _LONGEST)
    low = Whole(60, _LONGEST)


class ReviewRulesPut(Input):
    """How the tenant reviews; what is left out is as it is by default."""

    due_after_seconds = Part(DueAfterPut)
    lease_seconds = Whole(30, 86_400)
    two_persons = Few(
        word("category", "drugs"), most=100, metadata={"description": "categories that two must agree on"}
    )
    urgent = Few(word("category", "self_harm"), most=100, metadata={"description": "categories that are always urgent"})
    keep_days = Whole(1, 3650)


class CasesQuery(Input):
    """Which cases."""

    category = word("category", "abuse")
    limit = Digits(1, 200, load_default=50)


class StatsQuery(Input):
    """How far back."""

    days = Digits(1, 90, load_default=7)


class RecallsQuery(Input):
    """After which cursor."""

    after = Digits(0, 999_999_999, load_default=0)
    limit = Digits(1, 500, load_default=100)


# Answers


class RulingOut(Schema):
    """A ruling."""

    action = Word(*_ITEM_ACTIONS, required=True)
    labels = fields.List(fields.String(), required=True, allow_none=True)
    ratings = fields.List(fields.String(), required=True, allow_none=True)
    note = fields.String(required=True)


class OutcomeOut(Schema):
    """How a case ended."""

    ruling = fields.Nested(RulingOut, required=True)
    at = fields.DateTime(required=True)
    reviewers = fields.List(fields.String(), required=True)
    agreed = fields.Boolean(required=True, allow_none=True)


class ContentOut(Schema):
    """What only who has claimed the case sees."""

    text = fields.String(required=True, allow_none=True)
    url = fields.String(required=True, allow_none=True)
    labels = fields.List(fields.String(), required=True)
    ratings = fields.List(fields.String(), required=True)
    found = fields.List(fields.Nested(MatchOut), required=True)
    notes = fields.List(fields.String(), required=True)


class CaseOut(Schema):
    """A case; `content` is null unless the caller has claimed it."""

    id = fields.String(required=True)
    kind = Word(*(one.value for one in CaseKind), required=True)
    item_id = fields.String(required=True, allow_none=True)
    digest = fields.String(required=True, allow_none=True)
    category = fields.String(required=True)
    priority = Word(*(one.value for one in Priority), required=True)
    surface = fields.String(required=True, allow_none=True)
    status = Word("open", "second", "dispute", "decided", "erased", required=True)
    opened_at = fields.DateTime(required=True)
    due_at = fields.DateTime(required=True)
    overdue = fields.Boolean(required=True)
    two_persons = fields.Boolean(required=True)
    shown = fields.Boolean(required=True)
    complaints = fields.Integer(required=True)
    claimed_by = fields.String(required=True, allow_none=True)
    claimed_until = fields.DateTime(required=True, allow_none=True)
    outcome = fields.Nested(OutcomeOut, required=True, allow_none=True)
    content = fields.Nested(ContentOut, required=True, allow_none=True)


class CaseAnswer(Schema):
    """A case; null: none waits for this reviewer."""

    case = fields.Nested(CaseOut, required=True, allow_none=True)


class CasesOut(Schema):
    """Those that are due first, first."""

    cases = fields.List(fields.Nested(CaseOut), required=True)


class WaitingOut(Schema):
    """What is not decided; `claimed` and `by_status` are of the thousand cases that are due first."""

    count = fields.Integer(required=True)
    overdue = fields.Integer(required=True)
    claimed = fields.Integer(required=True)
    oldest_seconds = fields.Integer(required=True)
    by_priority = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    by_category = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    by_status = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class DecidedOut(Schema):
    """What was decided of late."""

    days = fields.Integer(required=True)
    count = fields.Integer(required=True)
    late = fields.Integer(required=True)
    median_wait_seconds = fields.Integer(required=True)
    by_action = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    by_category = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    people_agreed = fields.Integer(required=True)
    people_asked_twice = fields.Integer(required=True)
    machine_agreed = fields.Integer(required=True)
    machine_proposed = fields.Integer(required=True)


class StatsOut(Schema):
    """Figures of the desk."""

    waiting = fields.Nested(WaitingOut, required=True)
    decided = fields.Nested(DecidedOut, required=True)


class DueAfterOut(Schema):
    """Seconds by priority."""

    urgent = fields.Integer(required=True)
    high = fields.Integer(required=True)
    normal = fields.Integer(required=True)
    low = fields.Integer(required=True)


class ReviewRulesOut(Schema):
    """How the tenant reviews."""

    due_after_seconds = fields.Nested(DueAfterOut, required=True)
    lease_seconds = fields.Integer(required=True)
    two_persons = fields.List(fields.String(), required=True)
    urgent = fields.List(fields.String(), required=True)
    keep_days = fields.Integer(required=True)


class SweptOut(Schema):
    """How many decided cases lost their content."""

    swept = fields.Integer(required=True)


class ComplaintOut(Schema):
    """A complaint, for whoever knows its id."""

    id = fields.String(required=True)
    category = fields.String(required=True)
    made_at = fields.DateTime(required=True)
    status = Word("received", "in_review", "upheld", "rejected", "closed", required=True)
    decided_at = fields.DateTime(required=True, allow_none=True)


class RecallOut(Schema):
    """Something that was shown, and what becomes of it now."""

    cursor = fields.Integer(required=True, metadata={"description": "of the next one: send it as `after`"})
    item_id = fields.String(required=True, allow_none=True)
    digest = fields.String(required=True, allow_none=True)
    action = Word(*_ITEM_ACTIONS, required=True)
    category = fields.String(required=True)
    at = fields.DateTime(required=True)


class RecallsOut(Schema):
    """The oldest first; ask again after `cursor`."""

    recalls = fields.List(fields.Nested(RecallOut), required=True)
    cursor = fields.Integer(required=True)
