"""Two regions that lose sight of each other, and join what they know."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minorguard.engine import merge, new_state, reduce, usage
from minorguard.errors import Conflict, NotFound
from minorguard.model.events import Event, FeatureUsed, GrantGiven, SubjectPut
from minorguard.model.rules import Period
from minorguard.model.state import Profile, Sent, SubjectState
from tests.build import Life, child, policy
from tests.engine.strategies import MINUTES, SECONDS, SUBJECT, Case, cases, stories
from tests.engine.test_oracle_sequences import PLENTY, expect_usage, probe
from tests.oracle.model import Oracle

LIMITS = policy("quota: {daily: 40m}", features="{default: deny, limit: {comment: 2/day}}")


def generous(case: Case) -> Case:
    """The case under a policy that stops nobody, so that what is decided is no matter, and what is counted is."""
    free = probe(case.policy, dict.fromkeys(Period, PLENTY))
    return replace(case, policy=free, profile=Profile(SUBJECT, free.id))


class Regions:
    """Two memories of one subject: each device speaks to its own, and each session to that which opened it."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.sides = [new_state(case.profile), new_state(case.profile)]
        self.homes: dict[str, int] = {}

    def home(self, happening: Event) -> int:
        """Which side hears of it."""
        device = getattr(happening, "device", "")
        here = int(device == "tablet")
        session = getattr(happening, "session", None)
        return here if session is None else self.homes.setdefault(session, here)

    def tell(self, happening: Event, now: int) -> bool:
        """Whether it was taken."""
        side = self.home(happening)
        try:
            self.sides[side] = reduce(self.case.policy, self.sides[side], happening, now).state
        except (NotFound, Conflict):
            return False
        return True

    def exchange(self) -> None:
        """Each side learns what the other knows."""
        self.sides = [merge(*self.sides), merge(*reversed(self.sides))]


def live(case: Case, regions: Regions, *, exchange_every: int = 0) -> Oracle:
    """Both regions and the oracle live through a case; the oracle hears of everything."""
    oracle = Oracle(case.policy, case.profile, case.world)
    for turn, (now, happening) in enumerate(case.events, 1):
        if isinstance(happening, SubjectPut | GrantGiven):
            continue
        for name in [name for name in oracle.sessions if oracle.forgettable(name, now)]:
            oracle.forget(name)
        if regions.tell(happening, now):
            oracle.apply(happening, now)
        if exchange_every and turn % exchange_every == 0:
            regions.exchange()
    return oracle


@pytest.mark.parametrize("scale", [SECONDS, MINUTES], ids=lambda scale: scale.name)
def test_regions_that_were_apart_count_together_what_the_oracle_counts(scale) -> None:
    """After a partition, the joined memory holds to the tick what one region would have counted, device by device."""

    @cases(0.05)
    @given(stories(scale))
    def run(case: Case) -> None:
        case = generous(case)
        regions = Regions(case)
        oracle = live(case, regions)
        expect_usage(case, merge(*regions.sides), oracle)

    run()


@pytest.mark.parametrize("every", [1, 3])
def test_regions_that_exchange_now_and_then_count_together_what_the_oracle_counts(every: int) -> None:
    """Exchanging between the events changes nothing: what both know is counted once."""

    @cases(0.05)
    @given(stories(SECONDS))
    def run(case: Case) -> None:
        case = generous(case)
        regions = Regions(case)
        oracle = live(case, regions, exchange_every=every)
        expect_usage(case, merge(*regions.sides), oracle)

    run()


def memories() -> st.SearchStrategy[SubjectState]:
    """What three regions may know of one subject: some of the same facts, each in its own order."""
    start = Life(LIMITS).at("2026-11-24 12:00")
    session = st.sampled_from(["s", "t"])

    @st.composite
    def build(draw: st.DrawFn) -> SubjectState:
        life, now = Life(LIMITS), start
        for _ in range(draw(st.integers(0, 8))):
            now += draw(st.sampled_from([0, 30, 60, 300]))
            when, name = life.local(now), draw(session)
            try:
                match draw(st.integers(0, 5)):
                    case 0:
                        life.open(when, draw(st.sampled_from(["tablet", "phone"])), session=name)
                    case 1 | 2:
                        life.beat(when, session=name)
                    case 3:
                        life.end(when, session=name)
                    case 4:
                        life._do(FeatureUsed(draw(st.sampled_from("uvw")), "comment"), when)
                    case _:
                        life.grant(when, draw(st.sampled_from([60, 600])), "2026-11-24", id=draw(st.sampled_from("gh")))
            except (NotFound, Conflict):
                continue
        return life.state

    return build()


@settings(max_examples=150, deadline=None)
@given(a=memories(), b=memories(), c=memories())
def test_a_join_is_associative_commutative_and_idempotent(a: SubjectState, b: SubjectState, c: SubjectState) -> None:
    """So regions may exchange in any order, as often as they like, and end up with the same."""
    ab = merge(a, b)
    assert ab == merge(b, a)
    assert merge(ab, c) == merge(a, merge(b, c))
    assert ab == merge(ab, a) == merge(b, ab) == merge(ab, ab)


def test_every_field_is_joined() -> None:
    """A field that is added to the memory needs a join of its own: until it has one, this says so."""
    known = {
        "profile",
        "sessions",
        "ledger",
        "days",
        "devices",
        "uses",
        "grants",
        "purchases",
        "notifications",
        "items",
    }
    assert {field.name for field in fields(SubjectState)} == known, "join the new field in `merge`, then name it here"


def test_lists_shown_in_two_regions_unite_by_their_ids() -> None:
    """A list that both sides saw counts once, and what either showed is counted."""
    start = new_state(Profile("kid", "lists"))
    here = replace(start, items=(Sent("a", 100, 10), Sent("b", 200, 5)))
    there = replace(start, items=(Sent("a", 100, 10), Sent("c", 150, 7)))
    assert merge(here, there).items == (Sent("a", 100, 10), Sent("c", 150, 7), Sent("b", 200, 5))


def test_time_used_in_two_regions_at_once_counts_once() -> None:
    """Ten minutes on a tablet here and the same ten on a phone there are ten."""
    here, there = Life(LIMITS), Life(LIMITS)
    here.play("2026-11-24 16:00", "2026-11-24 16:10")
    there.play("2026-11-24 16:05", "2026-11-24 16:15", device="phone")
    joined = merge(here.state, there.state)
    assert usage(LIMITS, joined, here.at("2026-11-24 17:00"))["used_seconds"] == 900


def test_memories_of_other_settings_or_with_days_folded_apart_are_not_joined() -> None:
    """What has no exact join is refused, and said."""
    with pytest.raises(Conflict, match="settings"):
        merge(child(band="12-16"), child(band="8-12"))
    here, there = Life(LIMITS), Life(LIMITS)
    here.play("2026-11-20 16:00", "2026-11-20 16:10")
    here.open("2026-11-24 16:00")
    with pytest.raises(Conflict, match="folded"):
        merge(here.state, there.state)
