"""Lists through the façade and the oracle live through the same: each is as long as it may be, and counts once."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, note

from minorguard import ManualClock, MinorGuard, PolicyBook
from minorguard.errors import Conflict, NotFound
from minorguard.lists import ListRequest, Lists
from minorguard.model.events import Event
from minorguard.model.rules import ContentRule, Layer, Origin
from minorguard.ranking import Candidate
from minorguard.shell import Shell
from minorguard.storage import open_store
from tests.engine.strategies import MINUTES, QUARTERS, SECONDS, cases
from tests.engine.test_oracle_used import Both, Case, Use, uses

OPEN = ContentRule(origin=Origin("/content", Layer.PRODUCT, "default"), closes=True)
POOL = [Candidate(f"v{n}", 1 - n / 100) for n in range(4)]


class Workers(Both):
    """Two workers over one store, told in turns. Features are left to the engine's own test."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        store, book = open_store("memory://"), PolicyBook.of(case.policy)
        self.clock = ManualClock(case.world.instant(0))
        who = case.profile
        band = None if who.band is None else str(who.band)
        guard = MinorGuard(store, book, clock=self.clock)
        guard.put_subject(who.subject, policy=case.policy.id, birth_date=who.born, age_band=band)
        self.shells = [Shell(store, book, self.clock, "default", test_clocks=False) for _ in range(2)]

    def tell(self, number: int, now: int, happening: Event | Use) -> None:
        at = self.case.world.instant(now)
        self.clock.set(at)
        self.shells.reverse()
        for name in [name for name in self.oracle.sessions if self.oracle.forgettable(name, at)]:
            self.oracle.forget(name)
        note(f"{now}: {happening}")
        if isinstance(happening, Use):
            self.use(f"id-{number}", now, happening)
            return
        try:
            self.shells[0].change(self.case.profile.subject, happening)
        except (NotFound, Conflict):
            return
        self.oracle.apply(happening, at)

    def use(self, id: str, now: int, use: Use) -> None:
        """A list of so many items; asked for once more of the other worker, it is the same."""
        running = [name for name, one in self.oracle.sessions.items() if one.start <= now < one.end and not one.closed]
        session = running[-1] if running and use.held else None
        said = self.used.ask(None, 1, now, session)
        note(f"  oracle: {said}")
        request = ListRequest(POOL, 2 * use.amount, "feed", session=session, id=id)
        first, again = (Lists(shell, "default").recommend(self.case.profile.subject, request) for shell in self.shells)
        note(f"  lists: {first}")
        assert first.decision.allowed is said.allowed
        if first.ranked is None:
            assert not said.allowed
            assert first.decision.reason.code == again.decision.reason.code
            return
        shown = len(first.ranked.items)
        assert shown == (request.slots if said.left is None else min(request.slots, said.left))
        assert again.ranked == first.ranked
        assert first.decision.remaining.get("items") == (None if said.left is None else said.left - shown)
        assert again.decision.remaining.get("items") == first.decision.remaining.get("items")
        self.used.shown.append((now, shown))


def agree(case: Case) -> None:
    """Both live through the case; every list has a surface that shows what is in the pool."""
    bands = tuple(replace(band, content=(OPEN,)) for band in case.policy.bands)
    Workers(replace(case, policy=replace(case.policy, surfaces=("feed",), bands=bands))).live()


@cases(0.03)
@given(uses(SECONDS))
def test_lists_agree_second_by_second(case: Case) -> None:
    """Within an hour about a change of clocks: sittings, and their first seconds."""
    agree(case)


@cases(0.08)
@given(uses(MINUTES))
def test_lists_agree_minute_by_minute(case: Case) -> None:
    """Over two days about a change of clocks: days, runs of lists, birthdays, sessions on several devices."""
    agree(case)


@cases(0.04)
@given(uses(QUARTERS))
def test_lists_agree_over_days(case: Case) -> None:
    """Over weeks: days that are folded into sums, and ids that are forgotten."""
    agree(case)
