"""How the fields of policy tests are written as JSON Schema, by class of field."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from minorguard.policy import json_shapes as shapes
from minorguard.policy.json_writer import Json, Shape, Writer, text
from minorguard.policy.schema import SettingsSchema
from minorguard.simulate import suite_fields as suite
from minorguard.simulate.suite_schema import STEPS, Ask, Expect, LookSchema, StepField, SubjectOrName

_DATE = shapes.DATE.replace("[0-9]{4}", "20[0-9]{2}", 1)
_TIME = f"{shapes.CLOCK}(?::[0-5][0-9])?"
_AFTER = r"\+(?=.*[1-9])(?:[0-9]{1,5}h)?(?:[0-9]{1,6}m)?(?:[0-9]{1,8}s)?"


def _moment(given: suite.MomentField, _writer: Writer) -> Json:
    forms, spelt = [_DATE, f"{_DATE}[ T]{_TIME}"], ["`2026-11-24`", "`2026-11-24 16:00`"]
    if not given.dated:
        forms, spelt = [_TIME, *forms], ["`16:00`", "`16:00:30`", *spelt]
    if given.relative and not given.dated:
        forms, spelt = [*forms, _AFTER], [*spelt, "`+30m`"]
    if given.never:
        forms, spelt = [*forms, "never"], [*spelt, "`never`"]
    return text("|".join(forms), f"a time, in quotes: {', '.join(spelt)}", (spelt[0].strip("`"),))


def _moments(_field: suite.Moments, writer: Writer) -> Json:
    one = writer.field(suite.MomentField())
    many = {"type": "array", "items": one, "minItems": 1}
    return writer.shared("times", shapes.one_of(one, many, how="a time such as `16:00`, or a list"))


def _next_day(given: suite.NextDay, writer: Writer) -> Json:
    how = "`next`, a weekday, a kind of day such as `holiday`, or a date"
    return writer.shared("day", {"description": how, "anyOf": [shapes.words(given.words), text(_DATE, how)]})


def _charged(_field: suite.Charged, _writer: Writer) -> Json:
    table = {"type": "object", "additionalProperties": shapes.duration()}
    return shapes.one_of(shapes.duration(), table, how="a duration, or durations by activity")


def _one_or_more(given: suite.OneOrMore, writer: Writer) -> Json:
    one = writer.field(given.inner)
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


def _expect(given: Expect, writer: Writer) -> Json:
    effects = writer.field(given.mapping.schema.fields["effect"])
    how = "`allow`, `limited` or `deny`; or a mapping of all that is expected"
    return writer.shared("answer", shapes.one_of(effects, writer.field(given.mapping), how=how))


def _subject(given: SubjectOrName, writer: Writer) -> Json:
    return shapes.one_of(shapes.name(), writer.field(given.mapping), how="a name under `subjects`, or a subject")


def _ask(given: Ask, writer: Writer) -> Json:
    how = "`time`, `notification`, or a mapping with `feature`, `purchase`, `text` or `item`"
    return shapes.one_of(shapes.words(given.words), writer.field(given.mapping), how=how)


def _step(_field: StepField, writer: Writer) -> Json:
    acts = [{**writer.mapping(schema), "required": [kind]} for kind, schema in STEPS.items()]
    looks = [{**writer.mapping(LookSchema), "required": [key]} for key in ("expect", "day")]
    return {"type": "object", "anyOf": [*acts, *looks]}


SHAPES: Mapping[type[Any], Shape] = MappingProxyType(
    {
        **shapes.SHAPES,
        suite.MomentField: _moment,
        suite.Moments: _moments,
        suite.NextDay: _next_day,
        suite.Age: lambda _field, _writer: shapes.whole(0, 99),
        suite.Count: lambda _field, _writer: shapes.whole(1, 1_000),
        suite.Number: lambda _field, _writer: {"type": "integer", "minimum": 0},
        suite.Amount: lambda _field, _writer: shapes.money(),
        suite.Currency: lambda _field, writer: shapes.currency(writer),
        suite.Settings: lambda _field, writer: writer.mapping(SettingsSchema),
        suite.Charged: _charged,
        suite.OneOrMore: _one_or_more,
        Expect: _expect,
        SubjectOrName: _subject,
        Ask: _ask,
        StepField: _step,
    }
)
"""Every class of fields of policy tests, and of the policies' parts in them."""
