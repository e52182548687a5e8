"""The shape of the sections on time and features: of a product's band, of a preset's rule, of a guardian's settings."""

from __future__ import annotations

from minorguard.model.rules import LONGEST_GAP, Devices, Verdict
from minorguard.policy.fields import (
    DayTable,
    DayWord,
    Duration,
    Entries,
    Name,
    SpanEntry,
    SpanText,
    Table,
    UseLimit,
    Word,
)
from minorguard.policy.schema_base import DocumentSchema, nested

TEN_MINUTES = 600
DAY = 86_400


class SpanSchema(DocumentSchema):
    """`{days: [fri, weekend], span: "23:00-07:00"}`."""

    days = Entries(
        DayWord(), empty=False, about="Weekdays and kinds of day on which the span opens; default: every day."
    )
    span = SpanText(required=True, about="Two times of day, `22:00-06:00`; half-open, and may wrap midnight.")


MOST_SPANS = 40
"""How many spans a list may have: each is looked at in every decision, on each of the days ahead."""


def spans(about: str, *, empty: bool) -> Entries:
    """A list of spans, each with or without days."""
    entry = SpanEntry(nested(SpanSchema, "A span, and the days on which it opens."))
    return Entries(entry, empty=empty, most=MOST_SPANS, about=about)


class ActivityQuotaSchema(DocumentSchema):
    """The quota of one activity."""

    daily = DayTable(about="Most use of this activity in a policy day: a duration such as `30m`, or a table of days.")
    weekly = Duration(about="Most use of this activity in a policy week, as a duration.")
    monthly = Duration(about="Most use of this activity in a policy month, as a duration.")


class QuotaSchema(DocumentSchema):
    """How much use in a day, a week, a month."""

    daily = DayTable(about="Most use in a policy day: a duration such as `40m`, or a table that covers every day.")
    weekly = Duration(about="Most use in a policy week, as a duration such as `5h`.")
    monthly = Duration(about="Most use in a policy month, as a duration such as `20h`.")
    devices = Word(
        {device.value: device for device in Devices},
        about="`union` (default): the time in which any device was used; `each`: every device by itself.",
    )
    per_activity = Table(
        keys=Name(),
        values=nested(ActivityQuotaSchema, "The quota of this activity alone."),
        about="Quotas of single activities, besides the rest.",
    )


class SittingSchema(DocumentSchema):
    """Unbroken use, reminders and breaks."""

    remind_after = Duration(least=1, about="Unbroken use after which a reminder is told, once a sitting.")
    break_after = Duration(least=1, about="Unbroken use after which a break is due; needs `break_for`.")
    break_for = Duration(
        least=1, most=LONGEST_GAP, about="How long the break lasts, at most `6h`; needs `break_after`."
    )
    resets_after = Duration(
        least=1, most=LONGEST_GAP, about="Gap that ends a sitting; default `5m`, or `break_for` if that is shorter."
    )
    at_least = Duration(about="Use is opened only where this much is left; default `0m`.")


class RulesSchema(DocumentSchema):
    """The time rules that a product, a preset and a guardian spell alike."""

    quota = nested(QuotaSchema, "How much use in a day, a week, a month.")
    curfew = spans("Spans without use, such as `22:00-06:00`.", empty=True)
    windows = spans("Spans outside which there is no use; default: always open.", empty=False)
    sitting = nested(SittingSchema, "Unbroken use: reminders and breaks.")


class TimeSchema(RulesSchema):
    """The time section of a product's band."""

    warn_before = Entries(
        Duration(least=1, most=DAY), about="Time left at which a warning is told, each once; durations up to `24h`."
    )
    grace = Duration(
        most=TEN_MINUTES, about="Time to save and finish after a stop, up to `10m`; never past a rule of strength law."
    )


class GuardianFeaturesSchema(DocumentSchema):
    """What a guardian may say of features."""

    limit = Table(keys=Name(), values=UseLimit(), about="By feature: so many uses a period, such as `20/day`.")
    deny = Entries(Name(), about="Features that are switched off; `gift` also rules `gift.send`.")


class FeaturesSchema(GuardianFeaturesSchema):
    """What a band may do."""

    default = Word(
        {verdict.value: verdict for verdict in (Verdict.ALLOW, Verdict.DENY)},
        about="`deny` (default) or `allow`, for features that are not named.",
    )
    allow = Entries(Name(), about="Features that may be used.")
    ask = Entries(Name(), about="Features that are denied until a guardian approves them.")
