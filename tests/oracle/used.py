"""The oracle of features and recommended lists: what docs/semantics.md says of them, asked anew of each tick.

It shares the frozen inputs of `minorguard.model` with the engine, and no code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from minorguard.model.rules import BandPolicy, FeaturePeriod, FeatureRule, Layer, Origin, SittingRule, Verdict
from tests.oracle.counted import names
from tests.oracle.model import Oracle, Ruling, effective
from tests.oracle.world import paint, union

GAP = 300
"""What ends a sitting where no rule of the product's says it."""
NEVER_USED = -(10**9)
ANY = SittingRule(origin=Origin("/sitting", Layer.PRODUCT, "default"), slot="sitting", resets_after=GAP)

Where = Callable[[int], tuple[bool, int]]
"""For a tick: whether a sitting holds it, and since when uses count: its start, or the end of the last one."""


@dataclass(frozen=True)
class Said:
    """What must be answered. Instants are ticks; None: nothing within the world."""

    why: frozenset[str]
    late: bool
    """Whether time denies."""
    until: int | None
    again: int | None
    left: int | None

    @property
    def allowed(self) -> bool:
        """Whether nothing denies."""
        return not self.why and not self.late


class Used:
    """What the subject of an oracle used and was shown, tick by tick."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self.world, self.policy = oracle.world, oracle.policy
        self.names = names(oracle.policy, oracle.world)
        self.uses: list[tuple[int, str, int]] = []
        self.shown: list[tuple[int, int]] = []
        self.in_force = cache(lambda origin: effective(self.world, origin))

    def bands(self, tick: int) -> list[BandPolicy]:
        """The bands that hold."""
        return [band for band, ticks in self.oracle.bands if ticks[tick]]

    def adult(self, tick: int) -> bool:
        """Whether no rule holds any more: every age below 18 is under some band."""
        return self.oracle.profile.born is not None and not self.bands(tick)

    # Sittings

    def sittings(self, activity: str, now: int, *, going_on: bool) -> Where:
        """The sittings from `now` on, if use goes on or if what is on record is all."""
        size = self.world.ticks
        held = [one for one in self.oracle.binding(activity) if isinstance(one.rule, SittingRule)]

        def ahead(use: bytes) -> bytes:
            return use[:now] + b"\1" * (size - now) if going_on else use

        @cache
        def sittings() -> list[tuple[Ruling | None, list[tuple[int | None, int]]]]:
            """What each rule sees, and last what every use would be if a short gap ended it."""
            found = [(one, self.sitting(one.rule, ahead(self.oracle.used(one, None)))) for one in held]
            return [*found, (None, self.sitting(ANY, ahead(self.everything())))]

        def where(tick: int) -> tuple[bool, int]:
            own = any(one.in_force[tick] and one.rule.origin.layer is Layer.PRODUCT for one in held)
            found = [seen[tick] for one, seen in sittings() if (not own if one is None else one.in_force[tick])]
            began = [start for start, _ in found if start is not None]
            return (True, min(began)) if began else (False, max(last for _, last in found))

        return where

    def everything(self) -> bytes:
        """Use on any device, for anything."""
        size = self.world.ticks
        sets: list[bytes | bytearray] = [*self.oracle.tracks.values()]
        for session in self.oracle.sessions.values():
            lease = bytearray(size)
            paint(lease, session.start, session.end)
            sets.append(lease)
        return union(sets, size)

    def sitting(self, rule: SittingRule, use: bytes) -> list[tuple[int | None, int]]:
        """For each tick, when the sitting that holds it began (None: there is none), and where the last use ended."""
        found: list[tuple[int | None, int]] = []
        began, used, last, tick = None, 0, NEVER_USED, self.world.tick
        for now, runs in enumerate(use):
            full = rule.break_after is not None and used * tick >= rule.break_after
            if (now - last) * tick >= (rule.break_for if full else rule.resets_after):
                began, used = None, 0
            if runs and began is None:
                began = now
            found.append((began, last))
            if runs:
                used, last = used + 1, now + 1
        return found

    # Features

    def speaking(self, feature: str, tick: int) -> list[FeatureRule] | None:
        """The rules that speak of a feature, one of each layer that does; None: some band is silent."""
        spoken: list[FeatureRule] = []
        for band in self.bands(tick):
            rules = [
                rule
                for layer in band.features
                if (rule := self.named(layer.rules, feature, tick) or self.named((layer.default,), "*", tick))
            ]
            if not rules:
                return None
            spoken += rules
        return spoken

    def named(self, rules: tuple[FeatureRule | None, ...], feature: str, tick: int) -> FeatureRule | None:
        """Of the rules in force, the one with the longest name that is the feature's or stands above it."""
        over = [
            rule
            for rule in rules
            if rule is not None
            and self.in_force(rule.origin)[tick]
            and (rule.feature == feature or feature.startswith(rule.feature + "."))
        ]
        return max(over, key=lambda rule: len(rule.feature), default=None)

    def refuses(self, feature: str, amount: int, tick: int, where: Where) -> tuple[frozenset[str], int | None]:
        """Why a feature may not be used, and how often it may be."""
        if self.adult(tick):
            return frozenset(), None
        spoken = self.speaking(feature, tick)
        if spoken is None:
            return frozenset({"feature.unknown"}), None
        for verdict, code in ((Verdict.DENY, "feature.denied"), (Verdict.ASK, "feature.ask")):
            if any(rule.verdict is verdict for rule in spoken):
                return frozenset({code}), None
        rooms = [max(0, rule.limit - self.used(rule, tick, where)) for rule in spoken if rule.limit is not None]
        left = min(rooms, default=None)
        short = left is not None and amount > left
        return frozenset({"feature.exhausted"} if short else ()), left

    def used(self, rule: FeatureRule, tick: int, where: Where) -> int:
        """What a limit has counted by a tick, in its period."""
        counted = [
            (at, amount)
            for at, feature, amount in self.uses
            if rule.feature in {"*", feature} or feature.startswith(rule.feature + ".")
        ]
        if rule.period is FeaturePeriod.SITTING:
            return sum(amount for at, amount in counted if at >= where(tick)[1])
        same = self.names[str(rule.period)]
        return sum(amount for at, amount in counted if same[at] == same[tick])

    # Lists

    def too_many(self, number: int, tick: int, where: Where) -> tuple[frozenset[str], int | None]:
        """Whether a list of so many items is refused, and how many may be shown."""
        rooms: list[int] = []
        days = self.names["day"]
        for rule in (rule for band in self.bands(tick) for rule in band.recommendations):
            if not self.in_force(rule.origin)[tick]:
                continue
            if rule.items_per_day is not None:
                rooms.append(rule.items_per_day - sum(n for at, n in self.shown if days[at] == days[tick]))
            if rule.items_per_sitting is not None:
                rooms.append(rule.items_per_sitting - self.shown_in_sitting(tick, where))
        left = max(0, min(rooms)) if rooms else None
        short = left is not None and number > left
        return frozenset({"items.exhausted"} if short else ()), left

    def shown_in_sitting(self, tick: int, where: Where) -> int:
        """What was shown in the sitting; between sittings, in the run of lists that is not over."""
        holds, since = where(tick)
        shown = [(at, number) for at, number in self.shown if at >= since]
        if holds:
            return sum(number for _, number in shown)
        total, edge = 0, tick
        for at, number in sorted(shown, reverse=True):
            if (edge - at) * self.world.tick >= self.gap(tick):
                break
            total, edge = total + number, at
        return total

    def gap(self, tick: int) -> int:
        """The gap that ends a run of lists: the longest of a rule in force for the policy's own activity."""
        return max(self.gaps(tick), default=GAP)

    def gaps(self, tick: int) -> Iterator[int]:
        """What each sitting rule in force may ask for."""
        for one in self.oracle.binding(self.activity):
            if isinstance(one.rule, SittingRule) and one.in_force[tick]:
                yield max(one.rule.resets_after, one.rule.break_for)

    # Answers

    activity = "general"
    """Of the question."""

    def ask(self, feature: str | None, amount: int, now: int, session: str | None = None) -> Said:
        """Whether a feature may be used, or (None) a list be shown."""
        known = None if session is None else self.oracle.sessions[session]
        self.activity = self.policy.default_activity if known is None else known.activity
        device = None if known is None else known.device

        def judge(tick: int, where: Where) -> tuple[frozenset[str], int | None]:
            if feature is None:
                return self.too_many(amount, tick, where)
            return self.refuses(feature, amount, tick, where)

        idle = self.sittings(self.activity, now, going_on=False)
        why, left = judge(now, idle)
        late = bool(self.oracle.denies(self.activity, device, now))
        if why or late:
            free = enumerate(self.oracle.free(self.activity, device, now, opening=False), now)
            again = next((tick for tick, allowed in free if allowed and not judge(tick, idle)[0]), None)
            return Said(why, late, None, again, left)
        stop = self.oracle.until(self.oracle.binding(self.activity), self.activity, device, now)
        on = self.sittings(self.activity, now, going_on=True)
        ahead = range(now + 1, self.world.ticks if stop is None else stop)
        return Said(why, late, next((tick for tick in ahead if judge(tick, on)[0]), stop), None, left)
