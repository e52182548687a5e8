"""The oracle of money and notifications: what docs/semantics.md says of them, asked anew of each tick.

It shares the frozen inputs of `minorguard.model` with the engine, and no code. Amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from operator import and_

from minorguard.model.rules import BandPolicy, CompiledPolicy, CurfewRule, NotificationRule, Period, SpendingRule
from minorguard.model.state import Profile
from tests.oracle import wall
from tests.oracle.model import Oracle, effective
from tests.oracle.world import World, closed, period_of, policy_days

Why = tuple[str, str]
"""(code, rule) of a denial."""


@dataclass(frozen=True)
class Bought:
    """A purchase, at a tick."""

    tick: int
    amount: int
    currency: str
    activity: str


@dataclass
class Said:
    """What must be answered. Instants are seconds; None: nothing within the world."""

    why: dict[Why, int | None]
    """Every denial, and when it alone would be lifted; empty: allowed."""
    until: int | None
    again: int | None
    left: dict[str, int]


@dataclass
class Rule:
    """A rule and the ticks at which it holds, in whichever band."""

    rule: SpendingRule | NotificationRule
    in_force: bytearray
    quiet: bytearray = field(default_factory=bytearray)


class Counted:
    """A subject whose purchases and notifications are counted, tick by tick."""

    def __init__(self, policy: CompiledPolicy, profile: Profile, world: World) -> None:
        self.policy = policy
        self.world = world
        self.bought: list[Bought] = []
        self.sent: list[int] = []
        self.names = names(policy, world)
        self.put(profile)

    def put(self, profile: Profile) -> None:
        """Take the subject's profile: which rules hold at which ticks."""
        self.profile = profile
        bare = CompiledPolicy(
            self.policy.id,
            1,
            "",
            self.policy.days,
            self.policy.calendar,
            tuple(BandPolicy(one.band) for one in self.policy.bands),
            hold_birthday=self.policy.hold_birthday,
        )
        ticks = [bytes(held) for _, held in Oracle(bare, profile, self.world).bands]
        self.rules: list[Rule] = []
        for band, held in zip(self.policy.bands, ticks, strict=True):
            for rule in chain(band.spending, band.notifications):
                self.take(rule, held)
        self.alike = self.first_alike()

    def first_alike(self) -> list[int]:
        """For each tick, the first one of which everything here says the same: only that is asked."""
        periods = ["day", "month", "week"]
        if any(isinstance(one.rule, NotificationRule) and one.rule.at_most for one in self.rules):
            periods.append("hour")
        marks = [self.names[period] for period in periods]
        marks += [[*one.in_force] for one in self.rules] + [[*one.quiet] for one in self.rules if one.quiet]
        seen: dict[object, int] = {}
        return [seen.setdefault(mark, tick) for tick, mark in enumerate(zip(*marks, strict=True))]

    def ahead(self, now: int, ask: Callable[[int], set[Why]]) -> list[set[Why]]:
        """Why each tick from `now` on denies."""
        known: dict[int, set[Why]] = {}
        for alike in self.alike[now:]:
            if alike not in known:
                known[alike] = ask(alike)
        return [known[alike] for alike in self.alike[now:]]

    def take(self, rule: SpendingRule | NotificationRule, held: bytes) -> None:
        """Put a rule on the world; what several bands say is one rule."""
        on = bytes(map(and_, held, effective(self.world, rule.origin)))
        known = next((one for one in self.rules if one.rule == rule), None)
        if known is not None:
            known.in_force = bytearray(max(pair) for pair in zip(known.in_force, on, strict=True))
            return
        made = Rule(rule, bytearray(on))
        if isinstance(rule, NotificationRule):
            like = CurfewRule(origin=rule.origin, slot="quiet", spans=rule.quiet)
            made.quiet = closed(self.world, like, self.policy.calendar)
        self.rules.append(made)

    # Money

    def spent(self, rule: SpendingRule, period: str, tick: int) -> int:
        """What a rule counts in the period of a tick."""
        same = self.names[period]
        return sum(
            one.amount
            for one in self.bought
            if one.currency == rule.currency
            and (rule.only is None or one.activity in rule.only)
            and same[one.tick] == same[tick]
        )

    def caps(self, activity: str, tick: int) -> Iterator[tuple[SpendingRule, str, int]]:
        """The rule, period and room of each cap in force."""
        for one in self.rules:
            rule = one.rule
            if not isinstance(rule, SpendingRule) or not one.in_force[tick]:
                continue
            if rule.only is not None and activity not in rule.only:
                continue
            if rule.per_purchase is not None:
                yield rule, "purchase", rule.per_purchase
            if rule.per_day is not None:
                yield rule, "day", rule.per_day - self.spent(rule, "day", tick)
            if rule.per_month is not None:
                yield rule, "month", rule.per_month - self.spent(rule, "month", tick)

    def refuses(self, amount: int, currency: str, activity: str, tick: int) -> set[Why]:
        """Why a purchase would be denied at a tick."""
        found: set[Why] = set()
        for one in self.rules:
            rule = one.rule
            bound = isinstance(rule, SpendingRule) and (rule.only is None or activity in rule.only)
            if bound and one.in_force[tick] and rule.currency != currency:  # type: ignore[union-attr]
                found.add(("spending.currency", rule.origin.rule))
        for rule, period, room in self.caps(activity, tick):
            if rule.currency == currency and amount > room:
                found.add((f"spending.per_{period}", rule.origin.rule))
        return found

    def may_spend(self, amount: int, currency: str, activity: str | None, instant: int) -> Said:
        """Whether a purchase may be made."""
        about = activity or self.policy.default_activity
        now = self.world.index(instant)
        left: dict[str, int] = {}
        for rule, period, room in self.caps(about, now):
            if rule.currency == currency:
                key = f"spend_{period}_minor"
                left[key] = max(0, min(left.get(key, room), room))
        if not self.profile.mode_on:
            return Said({}, None, None, {})
        return self.say(self.ahead(now, lambda tick: self.refuses(amount, currency, about, tick)), left)

    def buy(self, amount: int, currency: str, activity: str | None, instant: int) -> Said:
        """A purchase that is asked for, and made where it is allowed."""
        said = self.may_spend(amount, currency, activity, instant)
        if not said.why:
            about = activity or self.policy.default_activity
            self.bought.append(Bought(self.world.index(instant), amount, currency, about))
            for key in said.left.keys() & {"spend_day_minor", "spend_month_minor"}:
                said.left[key] -= amount
        return said

    # Notifications

    def holds_back(self, tick: int) -> tuple[set[Why], dict[str, int]]:
        """Why a notification would be denied at a tick, and how many are left."""
        found: set[Why] = set()
        left: dict[str, int] = {}
        for one in self.rules:
            rule = one.rule
            if not isinstance(rule, NotificationRule) or not one.in_force[tick]:
                continue
            if one.quiet[tick]:
                found.add(("notification.quiet", rule.origin.rule))
            if rule.at_most is not None:
                same = self.names[str(rule.at_most[1])]
                room = rule.at_most[0] - sum(same[other] == same[tick] for other in self.sent)
                left["notifications"] = max(0, min(left.get("notifications", room), room))
                if room < 1:
                    found.add(("notification.exhausted", rule.origin.rule))
        return found, left

    def may_send(self, instant: int) -> Said:
        """Whether a notification may be sent."""
        now = self.world.index(instant)
        if not self.profile.mode_on:
            return Said({}, None, None, {})
        return self.say(self.ahead(now, lambda tick: self.holds_back(tick)[0]), self.holds_back(now)[1])

    def send(self, instant: int) -> Said:
        """A notification that is asked for, and sent where it is allowed."""
        said = self.may_send(instant)
        if not said.why:
            self.sent.append(self.world.index(instant))
            said.left = {key: room - 1 for key, room in said.left.items()}
        return said

    def say(self, denials: list[set[Why]], left: dict[str, int]) -> Said:
        """The answer at the last tick but those that follow, given why each tick denies."""
        first = self.world.ticks - len(denials)
        now = denials[0]

        def free(why: Why | None) -> int | None:
            ticks = (at for at, found in enumerate(denials, first) if (why not in found if why else not found))
            at = next(ticks, None)
            return None if at is None else self.world.instant(at)

        stop = next((at for at, found in enumerate(denials, first) if found), None)
        until = None if now or stop is None else self.world.instant(stop)
        return Said({why: free(why) for why in now}, until, free(None) if now else None, left)


def names(policy: CompiledPolicy, world: World) -> dict[str, list[object]]:
    """For each tick, something that is equal within the same hour, policy day, week or month."""
    days: list[int] = []
    for low, high, day in policy_days(world, policy.days.starts_at):
        days += [day] * (min(high, world.ticks) - max(low, 0))
    week_starts_on = policy.days.week_starts_on
    return {
        "hour": hours(world),
        "day": [*days],
        "week": [period_of(Period.WEEK, week_starts_on, day) for day in days],
        "month": [period_of(Period.MONTH, week_starts_on, day) for day in days],
    }


def hours(world: World) -> list[object]:
    """The latest hour that the wall has begun to show by each tick."""
    found: list[object] = []
    latest = max(wall.local_second(world.zone, world.origin - ago) // 3_600 for ago in range(0, 2 * wall.DAY, 900))
    for tick in range(world.ticks):
        latest = max(latest, wall.local_second(world.zone, world.instant(tick)) // 3_600)
        found.append(latest)
    return found
