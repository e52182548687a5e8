"""Cases of money and notifications, on the lattice of the other cases: policies, subjects, purchases, notifications."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from minorguard.model.age import AgeBand
from minorguard.model.rules import (
    BandPolicy,
    CompiledPolicy,
    CurfewRule,
    DayLimits,
    FeaturePeriod,
    NotificationRule,
    Period,
    QuotaRule,
    Span,
    SpendingRule,
)
from minorguard.model.state import Profile
from tests.engine.strategies import (
    ACTIVITIES,
    BANDS,
    Dice,
    Scale,
    _origin,
    _policy,
    _profile,
    _span,
    thrown,
)
from tests.oracle.world import World

AMOUNTS = (0, 1, 2, 5, 600, 1_000, 1_001, 5_000)
CURRENCIES = ("CNY", "CNY", "CNY", "USD")
HOURS_AND_DAYS = (FeaturePeriod.HOUR, FeaturePeriod.DAY, FeaturePeriod.WEEK)


@dataclass(frozen=True)
class Buy:
    """A purchase is asked for; `again` is the number of an earlier one of which it is a retry."""

    amount: int
    currency: str
    activity: str | None
    again: int | None = None


@dataclass(frozen=True)
class Notify:
    """A notification is asked for; `again` as of a purchase."""

    again: int | None = None


@dataclass(frozen=True)
class Put:
    """The subject changes."""

    profile: Profile


Happening = Buy | Notify | Put


@dataclass(frozen=True)
class Purse:
    """What one run of the engine and of the oracle is given."""

    world: World
    policy: CompiledPolicy
    profile: Profile
    events: tuple[tuple[int, Happening], ...]
    end: int


def _spending(dice: Dice, where: str) -> SpendingRule:
    caps = {
        cap: dice.pick(AMOUNTS)
        for cap in ("per_purchase", "per_day", "per_month")
        if not dice.rarely(2 if cap == "per_purchase" else 3)
    }
    only = dice.some(ACTIVITIES) if dice.rarely(3) else None
    return SpendingRule(origin=_origin(dice, where), currency=dice.pick(CURRENCIES), only=only, **caps)


def _notifications(dice: Dice, where: str) -> NotificationRule:
    quiet = tuple(_span(dice) for _ in range(dice.below(3)))
    at_most = None if dice.rarely(4) else (dice.pick((1, 2, 3, 0)), dice.pick(HOURS_AND_DAYS))
    return NotificationRule(origin=_origin(dice, where), quiet=quiet, at_most=at_most)


def _purse_policy(dice: Dice) -> CompiledPolicy:
    """Time is closed all day, which must say nothing of money and notifications; one rule may be that of all bands."""
    base = _policy(dice)
    origin = _origin(dice, "/time")
    never = (
        CurfewRule(origin=origin, slot="curfew", spans=(Span(0, 0),)),
        QuotaRule(origin=origin, slot="quota.day", period=Period.DAY, limits=DayLimits.flat(0)),
    )
    shared = (_spending(dice, "/law/spending"),) if dice.rarely(2) else ()
    hushed = (_notifications(dice, "/law/notifications"),) if dice.rarely(2) else ()
    bands = tuple(
        BandPolicy(
            AgeBand(*ages),
            never,
            spending=(*shared, *(_spending(dice, f"/{index}/spending/{number}") for number in range(dice.below(3)))),
            notifications=(
                *hushed,
                *(_notifications(dice, f"/{index}/notifications/{number}") for number in range(dice.below(3))),
            ),
        )
        for index, ages in enumerate(dice.pick(BANDS))
    )
    return replace(base, bands=bands)


def _subject(dice: Dice, policy: CompiledPolicy) -> Profile:
    profile = _profile(dice, policy)
    return replace(profile, mode_on=False) if dice.rarely(12) else profile


def _happening(dice: Dice, policy: CompiledPolicy, recent: dict[type, list[int]], number: int) -> Happening:
    kind = dice.below(12)
    if kind == 11:
        return Put(_subject(dice, policy))
    about = Buy if kind < 6 else Notify
    again = dice.pick(recent[about]) if recent[about] and dice.rarely(6) else None
    if about is Notify:
        return Notify(again)
    amount = dice.pick((600, 1, 1_000, 5, 5_000, 1_001))
    return Buy(amount, dice.pick(("CNY",) * 5 + ("USD",)), dice.pick((None, *ACTIVITIES)), again)


@st.composite
def purses(draw: Any, scale: Scale) -> Purse:
    """A case of a scale."""
    dice = thrown(draw, scale)
    world = dice.world
    policy = _purse_policy(dice)
    now = dice.pick(scale.gap)
    profile = _subject(dice, policy)
    events: list[tuple[int, Happening]] = []
    for number in range(2 + dice.below(20)):
        if now >= scale.events:
            break
        back = 0 if not dice.rarely(8) else min(now, 1 + dice.below(2))  # another process, whose clock is behind
        at = world.instant(now - back)
        recent = {
            kind: [index for index, (when, one) in enumerate(events) if type(one) is kind and at - when < 2 * 86_400]
            for kind in (Buy, Notify)
        }
        events.append((at, _happening(dice, policy, recent, number)))
        now += dice.pick((0, *scale.gap))
    return Purse(world, policy, profile, tuple(events), world.instant(min(now, scale.events)))
