"""The shape of what a policy test expects of a decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validates_schema

from minorguard.model.decisions import Effect
from minorguard.model.rules import Layer
from minorguard.model.texts import codes
from minorguard.policy.fields import (
    DocumentField,
    Duration,
    Entries,
    Text,
    Word,
)
from minorguard.policy.findings import Problem
from minorguard.policy.schema_base import DocumentSchema, nested
from minorguard.simulate.suite_fields import (
    Amount,
    Charged,
    MomentField,
    Number,
)

EFFECTS = {effect.value: effect.value for effect in Effect}


class RemainingSchema(DocumentSchema):
    """What is left: of time, in numbers, of money in the currency that is asked about."""

    day = Duration()
    week = Duration()
    month = Duration()
    sitting = Duration()
    time_left = Duration()
    uses = Number()
    notifications = Number()
    spend_purchase = Amount()
    spend_day = Amount()
    spend_month = Amount()


class ExpectSchema(DocumentSchema):
    """What a decision must say."""

    effect = Word(EFFECTS, "effect")
    observed = Word(EFFECTS, "effect")
    reason = Word(codes(), "reason")
    reasons = Entries(Word(codes(), "reason"))
    rule = Text()
    document = Text()
    layer = Word({layer.value: layer.value for layer in Layer}, "layer")
    source = Text()
    remaining = nested(RemainingSchema)
    charged = Charged()
    until = MomentField(never=True)
    retry_at = MomentField(never=True)
    lease_until = MomentField(never=True)
    obligations = Entries(Word(codes(), "note"))
    advice = Entries(Word(codes(), "note"))

    @validates_schema
    def something(self, data: dict[str, Any], **_kwargs: object) -> None:
        """An expectation expects something."""
        if not data:
            raise ValidationError([Problem("value.empty", "this expects nothing; write at least an `effect`")])


class Expect(DocumentField):
    """`allow`, `limited` or `deny`, or a mapping of what is expected."""

    mapping = nested(ExpectSchema)

    def _read(self, value: object) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            loaded: dict[str, Any] = self.mapping.deserialize(value)
            return loaded
        return {"effect": Word(EFFECTS, "effect").deserialize(value)}
