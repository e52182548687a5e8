"""The shape of the sections on spending, content, recommendations and notifications, alike in every document."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, post_load

from minorguard.model.rules import FeaturePeriod
from minorguard.model.sections import ItemAction, TextAction
from minorguard.policy.fields import Duration, Entries, Flag, Name, Table, UseLimit, Word
from minorguard.policy.money import minor_units
from minorguard.policy.schema_base import DocumentSchema, nested
from minorguard.policy.schema_time import spans
from minorguard.policy.section_fields import Count, Currency, Money, Percent, Rating

AMOUNTS = ("per_purchase", "per_day", "per_month")
"""The keys of a spending section that hold money."""


class SpendingSchema(DocumentSchema):
    """How much money; loaded in minor units of the currency, such as fen or cents."""

    currency = Currency(required=True, about="ISO 4217 code such as `CNY`; purchases in any other currency are denied.")
    per_purchase = Money(about="Most that one purchase may cost, in whole units such as `50.00`; `0` is none.")
    per_day = Money(about="Most that the purchases of a policy day may cost together; `0` is none.")
    per_month = Money(about="Most that the purchases of a policy month may cost together; `0` is none.")
    only = Entries(  # type: ignore[assignment]  # the base class has an attribute of that name
        Name(), empty=False, about="Activities whose purchases are ruled and counted; default: all."
    )

    @post_load
    def in_minor_units(self, data: dict[str, Any], **_kwargs: object) -> dict[str, Any]:
        """The amounts as whole numbers of the currency's smallest unit."""
        problems = {}
        for key in AMOUNTS:
            try:
                data |= {key: minor_units(data[key], data["currency"])} if key in data else {}
            except ValidationError as error:
                problems[key] = error.messages
        if problems:
            raise ValidationError(problems)
        return data


ITEM_ACTIONS = {action.value: action for action in ItemAction}


class SurfaceContentSchema(DocumentSchema):
    """What may be shown on one surface, besides what the section says of all."""

    max_rating = Rating(about="Highest rating by age that is shown, from `0+` to `18+`.")
    unrated = Word(ITEM_ACTIONS, about="What becomes of items of no known rating under `max_rating`; default `hide`.")
    block = Entries(Name(), about="Labels that are not shown; `violence` also blocks `violence.graphic`.")
    labels = Table(
        keys=Name(),
        values=Word(ITEM_ACTIONS),
        about="What becomes of an item, by label: `hide`, `review`, `blur`, `warn_before` or `show`; "
        "`default` is any other, and is `hide` unless written.",
    )
    pools = Entries(Name(), empty=False, about="Only items of these pools are shown; default: of any.")
    unanswered = Word(
        {action.value: action for action in (ItemAction.HIDE, ItemAction.REVIEW)},
        about="What becomes of items while a classifier has not answered: `review` (default) or `hide`.",
    )
    text = Table(
        keys=Name(),
        values=Word({action.value: action for action in TextAction}),
        about="What becomes of a text, by category: `block`, `review`, `mask` or `allow`; `default` is any other.",
    )


class ContentSchema(SurfaceContentSchema):
    """What may be shown."""

    surfaces = Entries(Name(), empty=False, about="Surfaces that this section gates; default: all of them.")
    per_surface = Table(
        keys=Name(),
        values=nested(SurfaceContentSchema, "What may be shown on this surface."),
        about="Stricter rules by surface; what the section says of all holds there, too.",
    )


class PerAuthorSchema(DocumentSchema):
    """At most so many items of one author among neighbours."""

    max = Count(0, 1_000, required=True, about="Most items of one author among `within` neighbours.")
    within = Count(1, 1_000, required=True, about="How many neighbours of a list are looked at together.")


class PerTopicSchema(DocumentSchema):
    """At most so many items of one topic among neighbours."""

    max = Count(0, 1_000, required=True, about="Most items of the topic among `within` neighbours.")
    within = Count(1, 1_000, required=True, about="How many neighbours of a list are looked at together.")


class BreakEverySchema(DocumentSchema):
    """A break after so many items, or so much play, whichever comes first."""

    items = Count(1, 1_000, about="Items in a row after which a break is due.")
    play = Duration(1, about="Play in a row after which a break is due.")


class RecommendationsSchema(DocumentSchema):
    """What a recommender may do."""

    personalised = Flag(about="`false`: no list may follow from a profile of the minor.")
    autoplay = Flag(about="`false`: the next item waits for a tap.")
    block = Entries(Name(), about="Topics that are not recommended; `idol` also blocks `idol.chasing`.")
    at_most = Table(keys=Name(), values=Percent(), about="By topic: the largest share of a list, such as `40%`.")
    at_least = Table(keys=Name(), values=Percent(), about="By topic: the smallest share of a list, such as `20%`.")
    per_author = nested(PerAuthorSchema, "At most so many items of one author among neighbours of a list.")
    per_topic = Table(
        keys=Name(), values=nested(PerTopicSchema), about="By topic: at most so many of it among neighbours of a list."
    )
    personal_at_most = Percent(about="The largest share of a list that follows from a profile of the minor.")
    items_per_sitting = Count(0, 100_000, about="Most items that are recommended in one sitting.")
    items_per_day = Count(0, 100_000, about="Most items that are recommended in one day.")
    break_every = nested(BreakEverySchema, "A break in a list; the next item waits for it.")


class NotificationsSchema(DocumentSchema):
    """When, and how many, notifications may be sent."""

    quiet = spans("Spans in which no notification is sent.", empty=True)
    at_most = UseLimit(
        least=0,
        periods=(FeaturePeriod.HOUR, FeaturePeriod.DAY, FeaturePeriod.WEEK),
        about="Most notifications an hour, day or week, such as `3/day`; `0/day` is none.",
    )
