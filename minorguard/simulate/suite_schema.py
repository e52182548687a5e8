"""The shape of a suite of policy tests, as marshmallow schemas in the manner of the policies' own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validates_schema

from minorguard.model.sections import TextAction
from minorguard.policy.fields import (
    Band,
    Day,
    DocumentField,
    Entries,
    Name,
    Table,
    Text,
    Word,
)
from minorguard.policy.findings import Problem, listed
from minorguard.policy.schema_base import DocumentSchema, nested
from minorguard.simulate.suite_expect import EFFECTS, Expect, ExpectSchema, RemainingSchema
from minorguard.simulate.suite_fields import (
    Age,
    MomentField,
    Settings,
)
from minorguard.simulate.suite_steps import (
    STEPS,
    Ask,
    AskSchema,
    AskStepSchema,
    BeatSchema,
    EndSchema,
    GrantSchema,
    LookSchema,
    NotifySchema,
    OfflineSchema,
    OpenSchema,
    PurchaseSchema,
    StepField,
    UsedSchema,
    UseSchema,
)

__all__ = [
    "EFFECTS",
    "STEPS",
    "Ask",
    "AskSchema",
    "AskStepSchema",
    "BeatSchema",
    "CaseSchema",
    "EndSchema",
    "Expect",
    "ExpectSchema",
    "GrantSchema",
    "LookSchema",
    "NotifySchema",
    "OfflineSchema",
    "OpenSchema",
    "PurchaseSchema",
    "RemainingSchema",
    "StepField",
    "SubjectOrName",
    "SubjectSchema",
    "SuiteSchema",
    "TermSchema",
    "UseSchema",
    "UsedSchema",
]


class SubjectSchema(DocumentSchema):
    """Who lives through a test."""

    age = Age()
    born = Day()
    band = Band()
    mode = Word({"on": True, "off": False})
    guardian = Settings()

    @validates_schema
    def one_age(self, data: dict[str, Any], **_kwargs: object) -> None:
        """A subject has one age."""
        given = [key for key in ("age", "born", "band") if key in data]
        if len(given) > 1:
            raise ValidationError([Problem("suite.age", f"{listed(given)} say one thing twice; keep one of them")])


class SubjectOrName(DocumentField):
    """The name of one of `subjects`, or a subject of the test's own."""

    mapping = nested(SubjectSchema)

    def _read(self, value: object) -> Mapping[str, Any] | str:
        if isinstance(value, Mapping):
            loaded: dict[str, Any] = self.mapping.deserialize(value)
            return loaded
        return str(Name().deserialize(value))


class CaseSchema(DocumentSchema):
    """One test."""

    name = Text(required=True)
    subject = SubjectOrName()
    ages = Entries(Age(), empty=False)
    clock = MomentField(dated=True)
    steps = Entries(StepField(), empty=False, required=True)

    @validates_schema
    def somebody(self, data: dict[str, Any], **_kwargs: object) -> None:
        """A test is about somebody."""
        if ("subject" in data) == ("ages" in data):
            message = "a test needs `subject`, or `ages` to be run for each of them; write one of the two"
            raise ValidationError([Problem("suite.subject", message)])


class TermSchema(DocumentSchema):
    """A term that texts of this file are looked through for."""

    term = Text(required=True)
    category = Name(required=True)
    action = Word({action.value: action for action in TextAction})


class SuiteSchema(DocumentSchema):
    """A file of policy tests."""

    policy = Text(required=True)
    terms = Entries(nested(TermSchema), empty=False)
    clock = MomentField(dated=True)
    subjects = Table(keys=Name(), values=nested(SubjectSchema))
    tests = Entries(nested(CaseSchema), empty=False, required=True)
