"""The engine and the oracle use the same features and show the same lists, and must agree before each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import event, given, note
from hypothesis import strategies as st

from minorguard.engine import decide, new_state, reduce
from minorguard.errors import Conflict, NotFound
from minorguard.model.events import Event, FeatureUsed, ItemsRecommended
from minorguard.model.questions import FeatureQuestion, ListQuestion
from minorguard.model.rules import (
    BandPolicy,
    CompiledPolicy,
    FeatureLayer,
    FeaturePeriod,
    FeatureRule,
    Layer,
    RecommendationRule,
    Verdict,
)
from minorguard.model.state import Profile, SubjectState
from tests.engine.strategies import (
    MINUTES,
    SECONDS,
    Dice,
    Scale,
    _origin,
    _policy,
    _profile,
    _Story,
    _wait,
    cases,
    thrown,
)
from tests.oracle.model import Oracle
from tests.oracle.used import Said, Used
from tests.oracle.world import World

FEATURES = ("comment", "gift", "gift.send", "live")
TIME = {"quota.exhausted", "curfew.closed", "window.closed", "sitting.break"}


@dataclass(frozen=True)
class Use:
    """A feature (None: a list of items) is asked for, and then used; `held`: under the newest session with a lease."""

    feature: str | None
    amount: int
    held: bool


@dataclass(frozen=True)
class Case:
    """What one run of the engine and of the oracle is given."""

    world: World
    policy: CompiledPolicy
    profile: Profile
    events: tuple[tuple[int, Event | Use], ...]


def _rule(dice: Dice, where: str, feature: str) -> FeatureRule:
    layer = dice.pick((Layer.PRODUCT, Layer.LAW))
    verdict = dice.pick((Verdict.ALLOW,) * 5 + (Verdict.ASK, Verdict.DENY))
    limit = dice.pick((1, 2, 3, None)) if verdict is Verdict.ALLOW else None
    origin = replace(_origin(dice, f"{where}/{feature}"), layer=layer)
    return FeatureRule(origin, feature, verdict, limit, dice.pick(tuple(FeaturePeriod)))


def _layer(dice: Dice, where: str) -> FeatureLayer:
    default = None if dice.rarely(4) else _rule(dice, where, "*")
    return FeatureLayer(default, tuple(_rule(dice, where, one) for one in FEATURES if not dice.rarely(2)))


def _lists(dice: Dice, where: str) -> RecommendationRule:
    most = {name: dice.pick((3, 1, 5, None)) for name in ("items_per_sitting", "items_per_day")}
    return RecommendationRule(origin=_origin(dice, where), **most)


def _bands(dice: Dice, bands: tuple[BandPolicy, ...]) -> tuple[BandPolicy, ...]:
    """The same rules of time without grace, for which no list is made, and with features and lists."""
    return tuple(
        replace(
            band,
            grace=0,
            features=tuple(_layer(dice, f"/{index}/{number}") for number in range(1 + dice.below(2))),
            recommendations=tuple(_lists(dice, f"/{index}/{number}") for number in range(dice.below(3))),
        )
        for index, band in enumerate(bands)
    )


@st.composite
def uses(draw: Any, scale: Scale) -> Case:
    """A case of a scale."""
    dice = thrown(draw, scale)
    world = dice.world
    policy = _policy(dice)
    policy = replace(policy, bands=_bands(dice, policy.bands))
    story, now = _Story(dice, policy), dice.pick(scale.gap)
    profile = _profile(dice, policy)
    events: list[tuple[int, Event | Use]] = []
    for _ in range(4 + dice.below(16)):
        if now >= scale.events:
            break
        use = Use(dice.pick((*FEATURES, "other", None, None)), 1 + dice.below(2), dice.rarely(2))
        events.append((now, story.event(now) if dice.rarely(2) else use))
        now += _wait(dice, policy)
    return Case(world, policy, profile, tuple(events))


class Both:
    """The engine and the oracle, side by side."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.oracle = Oracle(case.policy, case.profile, case.world)
        self.used = Used(self.oracle)
        self.state: SubjectState = new_state(case.profile)

    def live(self) -> None:
        """Through the whole case."""
        note(str(self.case.policy))
        for number, (now, happening) in enumerate(self.case.events):
            self.tell(number, now, happening)

    def tell(self, number: int, now: int, happening: Event | Use) -> None:
        """Something happens; its number is its id."""
        at = self.case.world.instant(now)
        for name in [name for name in self.oracle.sessions if self.oracle.forgettable(name, at)]:
            self.oracle.forget(name)
        note(f"{now}: {happening}")
        if isinstance(happening, Use):
            self.use(f"id-{number}", now, happening)
            return
        try:
            self.state = reduce(self.case.policy, self.state, happening, at).state
        except (NotFound, Conflict):
            return
        self.oracle.apply(happening, at)

    def use(self, id: str, now: int, use: Use) -> None:
        """What is asked is then done, and both count it."""
        running = [name for name, one in self.oracle.sessions.items() if one.start <= now < one.end and not one.closed]
        session = running[-1] if running and use.held else None
        said = self.used.ask(use.feature, use.amount, now, session)
        question: FeatureQuestion | ListQuestion = ListQuestion(use.amount, session)
        fact: Event = ItemsRecommended(id, use.amount, session)
        if use.feature is not None:
            question = FeatureQuestion(use.feature, use.amount, session)
            fact = FeatureUsed(id, use.feature, use.amount, session)
        self.expect(said, use, question, self.case.world.instant(now))
        self.state = reduce(self.case.policy, self.state, fact, self.case.world.instant(now)).state
        if said.allowed and use.feature is None:
            self.used.shown.append((now, use.amount))
        elif said.allowed and use.feature is not None and said.left is not None:
            self.used.uses.append((now, use.feature, use.amount))

    def expect(self, said: Said, use: Use, question: FeatureQuestion | ListQuestion, now: int) -> None:
        """Compare an answer."""
        world = self.case.world
        decision = decide(self.case.policy, self.state, question, now)
        note(f"  oracle: {said}\n  engine: {decision}")
        codes = {one.code for one in decision.reasons}
        event(f"{type(question).__name__} {min(said.why, default='time' if said.late else 'allowed')}")
        assert said.allowed == decision.allowed
        assert said.left == decision.remaining.get("uses" if use.feature is not None else "items")
        if not said.allowed:
            assert (said.why, said.late) == (codes - TIME, bool(codes & TIME))
            assert said.again == seen(decision.again, world)
        else:
            assert said.until == seen(decision.until, world)


def seen(instant: int | None, world: World) -> int | None:
    """The tick of an instant as the oracle would see it: nothing after the world's end."""
    return None if instant is None or instant >= world.instant(world.ticks) else world.index(instant)


def agree(case: Case) -> None:
    """Both live through the case."""
    Both(case).live()


@cases(0.03)
@given(uses(SECONDS))
def test_uses_agree_second_by_second(case: Case) -> None:
    """Within an hour about a change of clocks: hours, sittings and their first seconds."""
    agree(case)


@cases(0.08)
@given(uses(MINUTES))
def test_uses_agree_minute_by_minute(case: Case) -> None:
    """Over two days about a change of clocks: days, birthdays, effective dates, layers and prefixes."""
    agree(case)
