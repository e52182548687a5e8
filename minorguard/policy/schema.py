"""The shape of the documents, as marshmallow schemas, and their errors as findings with positions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validates_schema

from minorguard.model.calendar import WEEKDAYS
from minorguard.model.rules import LONGEST_GAP, Devices, Enforcement, Strength, Verdict
from minorguard.policy.fields import (
    FULL_DAYS,
    MISSING,
    NULL,
    Band,
    Clock,
    Day,
    DayTable,
    DayWord,
    DocumentField,
    Duration,
    Entries,
    Exemption,
    Flag,
    Name,
    PolicyId,
    SpanEntry,
    SpanText,
    Table,
    Text,
    UseLimit,
    Word,
)
from minorguard.policy.findings import MAX_FINDINGS, Problem, Report, likely, shown
from minorguard.policy.positions import join

EXEMPT_KINDS = ("quota", "curfew", "windows", "sitting")
"""Kinds of time rules that an activity may be exempt from."""

LATER = frozenset(
    {"spending", "content", "recommendations", "notifications", "surfaces", "ask", "may_tighten", "exit_mode"}
)
"""Keys of the design that this version does not know yet."""

_UNKNOWN = Problem("key.unknown", "unknown key", at_key=True)
_SHAPE = Problem("value.shape", "this is not a mapping; write `key: value` lines")
_WEEK = {word: index % 7 for index, word in enumerate((*WEEKDAYS, *FULL_DAYS))}
_TEN_MINUTES = 600
_DAY = 86_400


class DocumentSchema(Schema):
    """Refuses unknown keys and names the likely one."""

    class Meta:
        """Unknown keys are errors."""

        unknown = RAISE

    error_messages = {"unknown": _UNKNOWN, "type": _SHAPE}  # noqa: RUF012  # marshmallow's own spelling

    def handle_error(self, error: ValidationError, *_args: object, **_kwargs: object) -> None:
        """Say of each unknown key which known one is near."""
        if isinstance(error.messages, dict):
            for key, messages in list(error.messages.items())[:MAX_FINDINGS]:
                if messages == [_UNKNOWN]:
                    error.messages[key] = [self._unknown(str(key))]
                elif messages == [MISSING]:
                    error.messages[key] = [Problem("key.missing", f"{shown(key)} is missing; add it")]

    def _unknown(self, key: str) -> Problem:
        if key in LATER and key not in self.fields:
            return Problem("key.later", f"{shown(key)} is not known in this version; remove it", at_key=True)
        near = likely(key, self.fields)
        known = "" if near else "; known here: " + ", ".join(f"`{name}`" for name in self.fields)
        return Problem("key.unknown", f"unknown key {shown(key)}{known}", near, at_key=True)


def nested(schema: type[Schema], *, required: bool = False) -> fields.Nested:
    """A mapping with a schema of its own."""
    messages = {"required": MISSING, "null": NULL, "type": _SHAPE}
    return fields.Nested(schema, error_messages=messages, required=required)  # type: ignore[arg-type]


class SpanSchema(DocumentSchema):
    """`{days: [fri, weekend], span: "23:00-07:00"}`."""

    days = Entries(DayWord(), empty=False)
    span = SpanText(required=True)


def _spans(*, empty: bool) -> Entries:
    return Entries(SpanEntry(nested(SpanSchema)), empty=empty)


class ActivityQuotaSchema(DocumentSchema):
    """The quota of one activity."""

    daily = DayTable()
    weekly = Duration()
    monthly = Duration()


class QuotaSchema(DocumentSchema):
    """How much use in a day, a week, a month."""

    daily = DayTable()
    weekly = Duration()
    monthly = Duration()
    devices = Word({device.value: device for device in Devices})
    per_activity = Table(keys=Name(), values=nested(ActivityQuotaSchema))


class SittingSchema(DocumentSchema):
    """Unbroken use, reminders and breaks."""

    remind_after = Duration(least=1)
    break_after = Duration(least=1)
    break_for = Duration(least=1, most=LONGEST_GAP)
    resets_after = Duration(least=1, most=LONGEST_GAP)
    at_least = Duration()


class RulesSchema(DocumentSchema):
    """The time rules that a product, a preset and a guardian spell alike."""

    quota = nested(QuotaSchema)
    curfew = _spans(empty=True)
    windows = _spans(empty=False)
    sitting = nested(SittingSchema)


class TimeSchema(RulesSchema):
    """The time section of a product's band."""

    warn_before = Entries(Duration(least=1, most=_DAY))
    grace = Duration(most=_TEN_MINUTES)


class FeaturesSchema(DocumentSchema):
    """What a band may do."""

    default = Word({verdict.value: verdict for verdict in Verdict})
    allow = Entries(Name())
    limit = Table(keys=Name(), values=UseLimit())
    deny = Entries(Name())


class BandSchema(DocumentSchema):
    """One age band."""

    time = nested(TimeSchema)
    features = nested(FeaturesSchema)


class ActivitySchema(DocumentSchema):
    """One activity."""

    exempt = Exemption(EXEMPT_KINDS)


class MayExtendSchema(DocumentSchema):
    """How far a guardian may extend a day."""

    daily = Duration(most=_DAY)
    per_day = Duration(most=_DAY)


class GuardianSchema(DocumentSchema):
    """What a guardian may do."""

    may_extend = nested(MayExtendSchema)
    may_exempt = Entries(Name())


class TitleSchema(DocumentSchema):
    """A title in Chinese and English."""

    zh = Text()
    en = Text()


class PolicySchema(DocumentSchema):
    """A policy document."""

    policy = PolicyId(required=True)
    title = nested(TitleSchema)
    extends = Entries(PolicyId())
    enforcement = Word({word.value: word for word in Enforcement})
    timezone = Text(required=True)
    day_starts_at = Clock()
    week_starts_on = Word(_WEEK, "day")
    calendar = PolicyId()
    slice = Duration(least=10, most=_TEN_MINUTES)
    default_activity = Name()
    hold_birthday = Flag()
    features_need_lease = Flag()
    activities = Table(keys=Name(), values=nested(ActivitySchema))
    bands = Table(keys=Band(), values=nested(BandSchema))
    guardian = nested(GuardianSchema)


class SettingsSchema(DocumentSchema):
    """A guardian's settings."""

    time = nested(RulesSchema)
    exempt = Entries(Name())


class SourceSchema(DocumentSchema):
    """A legal source."""

    title = Text(required=True)
    url = Text()


class MayExtend(DocumentField):
    """A duration, or `product`: as far as the product lets guardians extend."""

    def _read(self, value: object) -> int | None:
        return None if value == "product" else int(Duration(most=_DAY).deserialize(value))


class PresetRuleSchema(DocumentSchema):
    """One rule of a preset, with its source."""

    ages = Band(required=True)
    source = Text(required=True)
    article = Text(required=True)
    status = Word(("in force", "superseded", "planned", "enjoined"), required=True)
    strength = Word({word.value: word for word in Strength}, required=True)
    verified = Word(("primary", "secondary", "weak", "unverified"), required=True)
    verified_on = Day(required=True)
    effective_from = Day()
    effective_to = Day()
    only = Entries(Name(), empty=False)  # type: ignore[assignment]  # the base class has an attribute of that name
    always_exempt = Entries(Name())
    exemptable = Entries(Name())
    may_extend = MayExtend()
    note = Text()
    time = nested(RulesSchema)
    deny = Entries(Name())

    @validates_schema
    def one_thing(self, data: dict[str, Any], **_kwargs: object) -> None:
        """A rule speaks of time or of features."""
        if ("time" in data) == ("deny" in data):
            problem = Problem("preset.rule", "a rule holds either `time` or `deny`; split it")
            raise ValidationError([problem])


class PresetSchema(DocumentSchema):
    """A law preset."""

    preset = PolicyId(required=True)
    title = nested(TitleSchema, required=True)
    timezone = Text(required=True)
    bands = Entries(Band())
    sources = Table(keys=PolicyId(), values=nested(SourceSchema), required=True)
    rules = Table(keys=PolicyId(), values=nested(PresetRuleSchema), required=True)


class YearSchema(DocumentSchema):
    """One year of a calendar."""

    state = Word(("announced", "predicted"), required=True)
    source = Text(required=True)
    holidays = Entries(Text())
    makeup_workdays = Entries(Day())


class CalendarSchema(DocumentSchema):
    """A calendar file."""

    calendar = PolicyId(required=True)
    source = Text()
    years = Table(keys=Text(), values=nested(YearSchema), required=True)


def load(schema: Schema, data: Mapping[str, Any], report: Report) -> dict[str, Any] | None:
    """The data with its values read; None when something is wrong, which goes to the report."""
    try:
        loaded: dict[str, Any] = schema.load(data)
    except ValidationError as error:
        _note(error.messages, "", report, keyed=False)
        return None
    return loaded


def _note(messages: object, pointer: str, report: Report, *, keyed: bool) -> None:
    """Walk marshmallow's messages; `keyed` when those of a free mapping's entry, under `key` and `value`."""
    if isinstance(messages, dict):
        for part, inner in messages.items():
            free = isinstance(inner, dict) and inner and set(inner) <= {"key", "value"}
            own = part == "_schema" or (keyed and part in {"key", "value"})
            place = pointer if own else join(pointer, part)
            _note(_at_key(inner) if keyed and part == "key" else inner, place, report, keyed=bool(free))
        return
    for message in messages if isinstance(messages, list) else [messages]:
        problem = message if isinstance(message, Problem) else Problem("value.bad", f"{shown(message)}")
        report.add(pointer, problem)


def _at_key(messages: object) -> list[Problem]:
    return [
        Problem(message.code, str(message), message.suggestion, at_key=True)
        for message in (messages if isinstance(messages, list) else [messages])
        if isinstance(message, Problem)
    ]
