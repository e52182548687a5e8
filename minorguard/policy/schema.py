"""The shape of the documents: policies, guardian's settings, presets, calendars. Their parts are in `schema_*`.

Every field says in its metadata what it means; the page of keys and the JSON Schema of editors are made from that.
"""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, validates_schema

from minorguard.model.calendar import WEEKDAYS
from minorguard.model.rules import SECTIONS, Enforcement, ExitMode, Strength
from minorguard.policy.fields import (
    FULL_DAYS,
    Band,
    Clock,
    Day,
    DocumentField,
    Duration,
    Entries,
    Exemption,
    Extended,
    Flag,
    Name,
    PolicyId,
    Sections,
    Table,
    Text,
    Word,
)
from minorguard.policy.findings import Problem, listed
from minorguard.policy.schema_base import DocumentSchema, load, nested
from minorguard.policy.schema_sections import (
    AMOUNTS,
    ContentSchema,
    NotificationsSchema,
    PerAuthorSchema,
    RecommendationsSchema,
    SpendingSchema,
)
from minorguard.policy.schema_time import (
    DAY,
    TEN_MINUTES,
    ActivityQuotaSchema,
    FeaturesSchema,
    GuardianFeaturesSchema,
    QuotaSchema,
    RulesSchema,
    SittingSchema,
    SpanSchema,
    TimeSchema,
)

EXEMPT_KINDS = ("quota", "curfew", "windows", "sitting")
"""Kinds of time rules that an activity may be exempt from."""
SWITCHED = (Strength.PLANNED, Strength.ENJOINED)
"""Strengths of rules that are off unless a document switches them on."""
RULE_KEYS = ("time", "deny", "ask", "spending", "content", "recommendations", "notifications")
"""What a rule of a preset may hold: exactly one of these."""

_WEEK = {word: index % 7 for index, word in enumerate((*WEEKDAYS, *FULL_DAYS))}


class BandSchema(DocumentSchema):
    """One age band."""

    time = nested(TimeSchema, "How much use, and when.")
    features = nested(FeaturesSchema, "What may be done: allowed, asked for, limited, denied.")
    spending = nested(SpendingSchema, "How much money may be spent.")
    content = nested(ContentSchema, "What may be shown.")
    recommendations = nested(RecommendationsSchema, "What a recommender may do.")
    notifications = nested(NotificationsSchema, "When, and how many, notifications may be sent.")


class ActivitySchema(DocumentSchema):
    """One activity."""

    exempt = Exemption(
        EXEMPT_KINDS,
        about="Kinds of time rules that neither stop nor count this activity: "
        "`quota`, `curfew`, `windows`, `sitting`, or `all`.",
    )


class MayExtendSchema(DocumentSchema):
    """How far a guardian may extend a day."""

    daily = Duration(most=DAY, about="Most that one grant of extra time may give; default: `per_day`.")
    per_day = Duration(most=DAY, about="Most that the grants of one day may raise a daily quota by; default: `daily`.")


class GuardianSchema(DocumentSchema):
    """What a guardian may do."""

    may_tighten = Sections(SECTIONS, about="Sections in which a guardian may set stricter rules; default `all`.")
    may_extend = nested(MayExtendSchema, "How far grants of extra time may reach; default: no grants.")
    may_exempt = Entries(Name(), about="Activities that a guardian may free from time rules; default: none.")
    exit_mode = Word(
        {mode.value: mode for mode in ExitMode},
        about="Who may leave the minor mode: a `verified` guardian (default), or nobody (`never`).",
    )


class TitleSchema(DocumentSchema):
    """A title in Chinese and English."""

    zh = Text(about="Title in Chinese.")
    en = Text(about="Title in English.")


class ExtendedSchema(DocumentSchema):
    """`{use: us-va-sb854, switch_on: [enjoined]}`."""

    use = PolicyId(required=True, about="Id of a preset, or of another policy document of the same folder.")
    switch_on = Entries(
        Word({strength.value: strength for strength in SWITCHED}, "strength"),
        empty=False,
        about="Strengths of a preset's rules to switch on: `planned`, `enjoined`.",
    )


class PolicySchema(DocumentSchema):
    """A policy document."""

    policy = PolicyId(required=True, about="Id of the policy, such as `short-video`.")
    title = nested(TitleSchema, "Title for people, by language; no part of the meaning.")
    extends = Entries(
        Extended(nested(ExtendedSchema, "A preset or policy, with what is switched on.")),
        about="Presets, and other policies of the folder, that lie beneath; this document can only tighten them.",
    )
    enforcement = Word(
        {word.value: word for word in Enforcement},
        about="`enforce` (default), or `observe`: decide and record, and let pass.",
    )
    timezone = Text(required=True, about="IANA zone of all hours and days, such as `Asia/Shanghai`.")
    day_starts_at = Clock(about="Time of day at which the policy's day begins; default `00:00`.")
    week_starts_on = Word(_WEEK, "day", about="Day on which a week begins; default `monday`.")
    calendar = PolicyId(about="Calendar of holidays: `CN`, `none` (default: weekends only), or one of your own.")
    slice = Duration(least=10, most=TEN_MINUTES, about="How far ahead a lease is paid, `10s` to `10m`; default `60s`.")
    default_activity = Name(about="What time is spent on when nobody says; default `general`.")
    hold_birthday = Flag(about="Whether the old band's rules hold through the birthday too; default `true`.")
    features_need_lease = Flag(about="Whether features may be used only under a live lease; default `false`.")
    surfaces = Entries(Name(), empty=False, about="Where the app shows content; the content rules of bands gate these.")
    features = Entries(Name(), empty=False, about="All features of the app; a feature that is not here is warned of.")
    labels = Entries(Name(), empty=False, about="All labels and topics of content; one that is not here is warned of.")
    activities = Table(
        keys=Name(),
        values=nested(ActivitySchema, "What is special about this activity."),
        about="Activities, and the kinds of time rules that they are exempt from.",
    )
    bands = Table(
        keys=Band(),
        values=nested(BandSchema, "The rules of this age band, `12-16` being 12 up to, not including, 16."),
        about="Rules by age band; may be left out where presets or policies are extended.",
    )
    guardian = nested(GuardianSchema, "What a guardian may do to this policy.")


class SettingsSchema(DocumentSchema):
    """A guardian's settings."""

    time = nested(RulesSchema, "Time rules, spelt as in a band.")
    features = nested(GuardianFeaturesSchema, "Features to switch off or to limit.")
    spending = nested(SpendingSchema, "How much money, spelt as in a band.")
    content = nested(ContentSchema, "What may be shown, spelt as in a band.")
    recommendations = nested(RecommendationsSchema, "What a recommender may do, spelt as in a band.")
    notifications = nested(NotificationsSchema, "When notifications may be sent, spelt as in a band.")
    exempt = Entries(Name(), about="Activities to free from time rules, as far as `may_exempt` goes.")
    approve = Entries(
        Name(),
        about="Features under `ask` that this guardian approves; a longer name under `ask` is approved by itself.",
    )


class SourceSchema(DocumentSchema):
    """A legal source."""

    title = Text(required=True, about="Title of the text, and who issued it.")
    url = Text(about="Where the text was read.")


class MayExtend(DocumentField):
    """A duration, or `product`: as far as the product lets guardians extend."""

    def _read(self, value: object) -> int | None:
        return None if value == "product" else int(Duration(most=DAY).deserialize(value))


class PresetRuleSchema(DocumentSchema):
    """One rule of a preset, with its source: exactly one of `RULE_KEYS` beside what is known of it."""

    ages = Band(required=True, about="Ages for which it holds, such as `0-16`.")
    source = Text(required=True, about="Which of the preset's `sources` says so.")
    article = Text(required=True, about="Article or section of the source.")
    status = Word(
        ("in force", "superseded", "planned", "enjoined"), required=True, about="Whether the source is in force."
    )
    strength = Word(
        {word.value: word for word in Strength},
        required=True,
        about="How firm it is: a guardian may change a `default`; `planned` and `enjoined` are off unless switched on.",
    )
    verified = Word(
        ("primary", "secondary", "weak", "unverified"),
        required=True,
        about="What was read: the text, or a report of it.",
    )
    verified_on = Day(required=True, about="Date on which that was checked.")
    effective_from = Day(about="First date on which it holds.")
    effective_to = Day(about="First date on which it no longer holds.")
    only = Entries(  # type: ignore[assignment]  # the base class has an attribute of that name
        Name(), empty=False, about="Activities that a rule on time or spending speaks of; default: all."
    )
    always_exempt = Entries(Name(), about="Activities that a time rule never stops nor counts.")
    exemptable = Entries(Name(), about="Activities that a product may exempt; `guardian`: those that a guardian names.")
    may_extend = MayExtend(about="How far grants may raise it: a duration, or `product` for what the product lets.")
    note = Text(about="A note for readers.")
    time = nested(RulesSchema, "Time rules, spelt as in a band.")
    deny = Entries(Name(), empty=False, about="Features that are denied.")
    ask = Entries(Name(), empty=False, about="Features that are denied until a guardian approves them.")
    spending = nested(SpendingSchema, "How much money, spelt as in a band.")
    content = nested(ContentSchema, "What may be shown, spelt as in a band.")
    recommendations = nested(RecommendationsSchema, "What a recommender may do, spelt as in a band.")
    notifications = nested(NotificationsSchema, "When notifications may be sent, spelt as in a band.")

    @validates_schema
    def one_thing(self, data: dict[str, Any], **_kwargs: object) -> None:
        """A rule speaks of one thing, so that its source is that thing's."""
        if sum(key in data for key in RULE_KEYS) != 1:
            problem = Problem("preset.rule", f"a rule holds exactly one of {listed(RULE_KEYS)}; split it")
            raise ValidationError([problem])


class PresetSchema(DocumentSchema):
    """A law preset."""

    preset = PolicyId(required=True, about="Id of the preset.")
    title = nested(TitleSchema, "Title for people, by language.", required=True)
    jurisdiction = PolicyId(about="Whose law it is: an ISO 3166 code such as `CN` or `US-VA`.")
    timezone = Text(required=True, about="IANA zone that its hours are meant in.")
    calendar = PolicyId(about="Calendar that its holidays and make-up workdays are meant by.")
    bands = Entries(Band(), about="Age bands of its text; a policy without bands of its own takes them.")
    sources = Table(
        keys=PolicyId(), values=nested(SourceSchema, "One source."), required=True, about="The texts that it quotes."
    )
    rules = Table(
        keys=PolicyId(), values=nested(PresetRuleSchema, "One rule."), required=True, about="Its rules, by id."
    )


class YearSchema(DocumentSchema):
    """One year of a calendar."""

    state = Word(("announced", "predicted"), required=True, about="`announced`, or only `predicted`.")
    source = Text(required=True, about="Where it was announced.")
    holidays = Entries(Text(), about="Dates, or ranges `first/last` that hold both ends, that are free.")
    makeup_workdays = Entries(Day(), about="Weekend days that are worked.")


class CalendarSchema(DocumentSchema):
    """A calendar file."""

    calendar = PolicyId(required=True, about="Name of the calendar.")
    source = Text(about="Who announces its days.")
    years = Table(keys=Text(), values=nested(YearSchema, "One year."), required=True, about="Its years.")


__all__ = [
    "AMOUNTS",
    "EXEMPT_KINDS",
    "RULE_KEYS",
    "SWITCHED",
    "ActivityQuotaSchema",
    "ActivitySchema",
    "BandSchema",
    "CalendarSchema",
    "ContentSchema",
    "DocumentSchema",
    "ExtendedSchema",
    "FeaturesSchema",
    "GuardianFeaturesSchema",
    "GuardianSchema",
    "MayExtend",
    "MayExtendSchema",
    "NotificationsSchema",
    "PerAuthorSchema",
    "PolicySchema",
    "PresetRuleSchema",
    "PresetSchema",
    "QuotaSchema",
    "RecommendationsSchema",
    "RulesSchema",
    "SettingsSchema",
    "SittingSchema",
    "SourceSchema",
    "SpanSchema",
    "SpendingSchema",
    "TimeSchema",
    "TitleSchema",
    "YearSchema",
    "load",
    "nested",
]
