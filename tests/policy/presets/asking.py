"""A child under some presets and nothing else, asked of the real engine at local times."""

from __future__ import annotations

from datetime import date

from minorguard.model.decisions import Decision
from minorguard.model.events import NotificationSent, PurchaseMade
from minorguard.model.questions import FeatureQuestion, NotificationQuestion, SpendQuestion, TimeQuestion
from minorguard.model.rules import BandPolicy, CompiledPolicy, ContentRule, Origin, RecommendationRule
from minorguard.policy import builtin_presets, compile_policy, with_guardian
from tests.build import Life, child


def under(*presets: str, on: str = "", top: str = "", features: str = "{default: allow}") -> CompiledPolicy:
    """The presets, in the zone and calendar of the first one, under a product that limits nothing of its own.

    `on` switches on the rules of a strength.
    """
    first = builtin_presets()[presets[0]]
    extended = ", ".join(f"{{use: {name}, switch_on: [{on}]}}" if on else name for name in presets)
    calendar = "" if first.calendar is None else f"calendar: {first.calendar}\n"
    return compile_policy(
        f"policy: test\ntimezone: {first.timezone}\n{calendar}{top}\nextends: [{extended}]\n"
        f"bands:\n  0-18:\n    features: {features}\n"
    )


class Asked(Life):
    """A child of some age, or born on some day, asked about use, features, money and notifications."""

    def __init__(self, policy: CompiledPolicy, age: int = 14, *, born: str | None = None) -> None:
        when = None if born is None else date.fromisoformat(born)
        super().__init__(policy, child(born=when, band=f"{age}-{age + 1}"), policy.days.zone)

    def use_of(self, when: str, activity: str) -> Decision:
        """May a sitting of this activity be opened?"""
        return self.ask(when, TimeQuestion(activity=activity))

    def may_use(self, when: str, activity: str = "video") -> bool:
        """Whether a sitting of this activity may be opened."""
        return self.use_of(when, activity).allowed

    def feature(self, when: str, name: str) -> str:
        """The code of what decides about a feature: `feature.allowed`, `feature.ask`, `feature.denied` …"""
        return self.ask(when, FeatureQuestion(name)).reason.code

    def spending(self, when: str, amount: int, currency: str = "CNY", activity: str = "game") -> Decision:
        """May so much be spent, in minor units?"""
        return self.ask(when, SpendQuestion(amount, currency, activity))

    def buy(self, when: str, amount: int, activity: str = "game") -> Decision:
        """A purchase in fen, checked and counted."""
        return self._do(PurchaseMade(f"p-{len(self.state.purchases)}-{when}", amount, "CNY", activity), when)

    def may_notify(self, when: str) -> bool:
        """Whether a notification may be sent."""
        return self.ask(when, NotificationQuestion()).allowed

    def notify(self, when: str) -> Decision:
        """A notification, checked and counted."""
        return self._do(NotificationSent(f"n-{when}"), when)

    def under_guardian(self, settings: dict[str, object]) -> Asked:
        """The same child once a guardian has set this."""
        same = Asked(with_guardian(self.policy, settings))
        same.state = self.state
        return same


def band(policy: CompiledPolicy, age: int) -> BandPolicy:
    """What holds at an age."""
    return next(found for found in policy.bands if found.band.from_age <= age < found.band.below_age)


def blocked_on(policy: CompiledPolicy, surface: str, label: str, day: str, age: int = 14) -> bool:
    """Whether a content rule in force on a day keeps items with a label from a surface."""
    return any(
        _speaks(rule, label, day) and (rule.surfaces is None or surface in rule.surfaces)
        for rule in band(policy, age).content
    )


def not_recommended(policy: CompiledPolicy, label: str, day: str, age: int = 14) -> bool:
    """Whether a rule in force on a day keeps items with a label out of recommendations."""
    return any(_speaks(rule, label, day) for rule in band(policy, age).recommendations)


def _speaks(rule: ContentRule | RecommendationRule, label: str, day: str) -> bool:
    above = any(f"{label}.".startswith(f"{blocked}.") for blocked in rule.block)
    return above and in_force(rule.origin, day)


def in_force(origin: Origin, day: str) -> bool:
    """Whether a rule holds on a local date."""
    on = date.fromisoformat(day)
    begun = origin.effective_from is None or origin.effective_from <= on
    return begun and (origin.effective_to is None or on < origin.effective_to)
