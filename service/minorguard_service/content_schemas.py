"""What the calls about content and lists take and give."""

# ruff: noqa: ANN401 - marshmallow hands over whatever was sent, and options as they come

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from minorguard.model.sections import ItemAction, TextAction
from minorguard_service.answer_schemas import DecisionOut
from minorguard_service.inputs import (
    Digits,
    Few,
    Flag,
    Input,
    Part,
    Rows,
    Text,
    Whole,
    Word,
    band,
    problems_of,
    subject,
    word,
)
from minorguard_service.policy_schemas import WhoOut
from minorguard_service.tokens import LONGEST

MOST_AT_ONCE = 100
MOST_TEXT = 10_000
"""Characters of one text."""
MOST_SAMPLE = 2_000
"""Characters of a sample."""
MOST_ROWS = 200_000
"""Terms of one list."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """An entry of a list that could not be read; the others are answered all the same."""

    id: str | None
    problems: tuple[dict[str, str], ...]


class Each(fields.List[Any]):
    """A list of objects, each read by itself: what is wrong with one is answered with that one."""

    default_error_messages = Rows.default_error_messages

    def __init__(self, schema: type[Input], **options: Any) -> None:
        super().__init__(fields.Nested(schema), **options)
        self.schema_of_each = schema()

    def _deserialize(self, value: Any, *_place: Any, **_options: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if not 1 <= len(value) <= MOST_AT_ONCE:
            raise ValidationError(f"must hold 1 to {MOST_AT_ONCE} entries")
        return [self._read(one) for one in value]

    def _read(self, one: Any) -> Any:
        try:
            return self.schema_of_each.load(one)
        except ValidationError as error:
            id = one.get("id") if isinstance(one, dict) else None
            return Wrong(id if isinstance(id, str) else None, tuple(problems_of(error.messages)))


class _For(Input):
    """Who is to see it: a subject, by id or by the token of its session, or somebody of a band under a policy."""

    subject_id = subject()
    token = Text(most=LONGEST, metadata={"description": "session token, as it was answered"})
    session_id = Text(most=200, metadata={"description": "of the subject; its lease must be live"})
    policy = word("policy, for somebody of `age_band`", "short-video")
    age_band = band()
    surface = word("where it would show", "comments", required=True)
    open_cases = Flag(load_default=True, metadata={"description": "whether what goes to review becomes a case"})

    @validates_schema
    def one_way(self, data: dict[str, Any], **_options: object) -> None:
        """One way to say for whom; a band alone says nothing without its policy."""
        ways = [name for name in ("subject_id", "token", "policy") if name in data]
        if len(ways) > 1:
            raise ValidationError({ways[-1]: [f"give `{ways[0]}` or `{ways[-1]}`, not both"]})
        if "age_band" in data and "policy" not in data:
            raise ValidationError({"age_band": ["needs `policy`; a subject's own band is known"]})
        if "session_id" in data and "subject_id" not in data:
            raise ValidationError({"session_id": ["needs `subject_id`; leave it out"]})


class TextToCheck(Input):
    """One text."""

    text = fields.String(required=True, error_messages=Text.default_error_messages, metadata={"example": "hello"})
    id = Text(most=128, metadata={"description": "yours; comes back with the verdict"})

    @validates_schema
    def bounded(self, data: dict[str, Any], **_options: object) -> None:
        """Not longer than the filter is meant for."""
        if len(data.get("text", "")) > MOST_TEXT:
            raise ValidationError({"text": [f"must have at most {MOST_TEXT} characters; check it in parts"]})


class TextsCheck(_For):
    """Texts to be judged."""

    texts = Each(TextToCheck, required=True)


class ItemToCheck(Input):
    """One item. With a text, or a URL and the `digest` of what is there, it is shown to the classifiers."""

    id = Text(most=128, required=True)
    labels = Few(word("label", "violence"), most=100, load_default=())
    ratings = Few(Text(most=64, metadata={"example": "pegi:12"}), most=20, load_default=())
    pools = Few(word("pool", "youth"), most=100, load_default=())
    digest = Text(most=128, metadata={"description": "of its content, of any form; a ruling holds for this content"})
    text = Text(most=MOST_TEXT)
    url = Text(most=2048, metadata={"description": "where reviewers and classifiers find it"})
    shown = Flag(load_default=False, metadata={"description": "whether it was shown already"})


class ItemsCheck(_For):
    """Items to be judged."""

    items = Each(ItemToCheck, required=True)


class TermPut(Input):
    """A term of a list; more in docs on lists."""

    term = Text(most=256, required=True)
    category = Text(most=64, required=True)
    action = Word("block", "review", "mask", "allow")
    level = Whole(1, 5)
    tags = Few(Text(most=64), most=20)
    language = Text(most=16)
    where = Word("auto", "word", "prefix", "anywhere")
    note = Text(most=500)


class LexiconPut(Input):
    """A whole list: what is not in it is not in the list any more."""

    terms = Rows(Part(TermPut), most=MOST_ROWS, required=True)
    why = Text(most=500)
    despite_samples = Flag(load_default=False, metadata={"description": "keep it although samples fail"})


class LexiconLint(Input):
    """A list that is not kept."""

    terms = Rows(Part(TermPut), most=MOST_ROWS, required=True)


class LexiconBack(Input):
    """Which version is to hold again."""

    version = Whole(1, 999_999_999, required=True)


class SamplePut(Input):
    """A text and what must become of it."""

    text = Text(most=MOST_SAMPLE, required=True)
    expected = Word("block", "review", "mask", "allow", required=True)


class SamplesQuery(Input):
    """A page of samples."""

    after = Digits(0, 999_999_999, metadata={"description": "left out: from the first"})
    limit = Digits(1, 500, load_default=100)


# Answers


class ErrorOut(Schema):
    """One wrong place of an entry."""

    pointer = fields.String(required=True)
    problem = fields.String(required=True)


class MatchOut(Schema):
    """A term, and where it stands in the text as it was sent: characters, half-open."""

    start = fields.Integer(required=True)
    end = fields.Integer(required=True)
    term = fields.String(required=True)
    category = fields.String(required=True)
    level = fields.Integer(required=True)
    found = fields.String(required=True, metadata={"description": "how: plain, disguised, pinyin…"})
    action = Word(*(action.value for action in TextAction), required=True)


class TextVerdictOut(Schema):
    """What becomes of one text."""

    id = fields.String(required=True, allow_none=True)
    verdict = Word(*(action.value for action in TextAction), required=True)
    masked = fields.String(required=True, allow_none=True)
    matches = fields.List(fields.Nested(MatchOut), required=True)
    by_person = fields.Boolean(required=True, metadata={"description": "whether a person has ruled on this very text"})
    case_id = fields.String(required=True, allow_none=True)
    decision = fields.Nested(DecisionOut, required=True, allow_none=True)
    errors = fields.List(fields.Nested(ErrorOut), required=True)


class TextVerdictsOut(Schema):
    """In the order of the texts."""

    verdicts = fields.List(fields.Nested(TextVerdictOut), required=True)


class ItemVerdictOut(Schema):
    """What becomes of one item."""

    id = fields.String(required=True, allow_none=True)
    verdict = Word(*(action.value for action in ItemAction), required=True)
    by_person = fields.Boolean(required=True)
    case_id = fields.String(required=True, allow_none=True)
    decision = fields.Nested(DecisionOut, required=True, allow_none=True)
    errors = fields.List(fields.Nested(ErrorOut), required=True)


class ItemVerdictsOut(Schema):
    """In the order of the items."""

    verdicts = fields.List(fields.Nested(ItemVerdictOut), required=True)


class VersionOut(Schema):
    """A version of a list."""

    number = fields.Integer(required=True)
    terms = fields.Integer(required=True)
    by = fields.Nested(WhoOut, required=True)
    why = fields.String(required=True)
    at = fields.DateTime(required=True)


class LexiconOut(Schema):
    """A list; `active` is null when it was removed."""

    id = fields.String(required=True)
    active = fields.Integer(required=True, allow_none=True)
    versions = fields.List(fields.Nested(VersionOut), required=True)


class LexiconsOut(Schema):
    """All lists of the tenant; without any the shipped one holds."""

    lexicons = fields.List(fields.Nested(LexiconOut), required=True)


class ListFindingOut(Schema):
    """What is doubtful in a list."""

    code = fields.String(required=True)
    severity = fields.String(required=True)
    message = fields.String(required=True)
    line = fields.Integer(required=True)
    help = fields.String(required=True)


class SampleFailureOut(Schema):
    """A sample of which another thing becomes than it must."""

    id = fields.Integer(required=True)
    expected = fields.String(required=True)
    actual = fields.String(required=True)


class LintOut(Schema):
    """What is known of a list before it holds."""

    terms = fields.Integer(required=True)
    findings = fields.List(fields.Nested(ListFindingOut), required=True)
    samples_failed = fields.List(fields.Nested(SampleFailureOut), required=True)


class LexiconKeptOut(LintOut):
    """What is kept."""

    lexicon = fields.Nested(LexiconOut, required=True)


class TermOut(Schema):
    """A term."""

    term = fields.String(required=True)
    category = fields.String(required=True)
    action = fields.String()
    level = fields.Integer()
    tags = fields.List(fields.String())
    language = fields.String()
    where = fields.String()
    note = fields.String()


class TermsOut(Schema):
    """A version with its terms."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    terms = fields.List(fields.Nested(TermOut), required=True)


class SampleOut(Schema):
    """A sample."""

    id = fields.Integer(required=True)
    text = fields.String(required=True)
    expected = fields.String(required=True)
    by = fields.String(required=True)
    at = fields.DateTime(required=True)


class SamplesOut(Schema):
    """A page of samples; ask for the next with `after`."""

    samples = fields.List(fields.Nested(SampleOut), required=True)


class SampleMadeOut(Schema):
    """The number of a new sample."""

    id = fields.Integer(required=True)
