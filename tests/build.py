"""Small policies and instants for tests; policies go through the real compiler."""

from __future__ import annotations

import textwrap
from datetime import date, datetime
from zoneinfo import ZoneInfo

from minorguard.engine import decide, new_state, reduce, usage
from minorguard.model.age import AgeBand
from minorguard.model.decisions import Decision
from minorguard.model.events import (
    Event,
    FeatureUsed,
    GrantGiven,
    HeartbeatReceived,
    OfflineUseReported,
    SessionEnded,
    SessionOpened,
)
from minorguard.model.questions import Question, TimeQuestion
from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import Grant, Profile, SubjectState
from minorguard.policy import compile_policy

SHANGHAI = "Asia/Shanghai"


def at(text: str, zone: str = SHANGHAI) -> int:
    """The instant of a local time such as ``2026-11-24 16:00``."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def local(instant: int | None, zone: str = SHANGHAI) -> str | None:
    """The local time of an instant, such as ``2026-11-24 16:00:00``."""
    return None if instant is None else datetime.fromtimestamp(instant, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def policy(
    time: str = "{}", *, top: str = "", features: str = "{default: allow}", zone: str = SHANGHAI
) -> CompiledPolicy:
    """A policy of one band, 0-18, with this `time` section (YAML)."""
    body = textwrap.indent(textwrap.dedent(time).strip(), " " * 6)
    return compile_policy(
        f"policy: test\ntimezone: {zone}\n{textwrap.dedent(top)}\n"
        f'bands:\n  "0-18":\n    time:\n{body}\n    features: {features}\n'
    )


def child(*, born: date | None = None, band: str | None = "12-16", policy: str = "test") -> SubjectState:
    """A subject of whom nothing is known yet."""
    label = None if band is None or born is not None else AgeBand.parse(band)
    return new_state(Profile("kid", policy, born=born, band=label))


class Life:
    """A subject lived step by step through the pure core; each call names its local time."""

    def __init__(self, policy: CompiledPolicy, state: SubjectState | None = None, zone: str = SHANGHAI) -> None:
        self.policy = policy
        self.state = state or child()
        self.zone = zone
        self.last: dict[str, int] = {}

    def open(self, when: str, device: str = "tablet", activity: str | None = None, session: str = "s") -> Decision:
        """Open a session; its id is `session`, its device `device`."""
        return self._do(SessionOpened(f"kid~{session:-<8}", device, activity), when)

    def beat(self, when: str, activity: str | None = None, session: str = "s", seq: int | None = None) -> Decision:
        """The next beat of a session, or the one with `seq` again."""
        self.last[session] = seq or self.last.get(session, 0) + 1
        return self._do(HeartbeatReceived(f"kid~{session:-<8}", self.last[session], activity), when)

    def end(self, when: str, session: str = "s") -> Decision:
        """A clean stop."""
        return self._do(SessionEnded(f"kid~{session:-<8}"), when)

    def play(self, start: str, stop: str, device: str = "tablet", activity: str | None = None) -> Decision:
        """Open at `start`, beat at the end of each lease, stop cleanly at `stop`; the decision of the last beat."""
        session = f"p{start[5:]}{device}".translate(str.maketrans("", "", "- :"))
        decision = self.open(start, device, activity, session)
        while decision.lease is not None and decision.lease.until < self.at(stop):
            decision = self.beat(self.local(decision.lease.until), session=session)
        assert decision.allowed, decision.reason
        self.end(stop, session)
        return decision

    def use(
        self, when: str, feature: str, id: str | None = None, amount: int = 1, session: str | None = None
    ) -> Decision:
        """One use of a feature."""
        id = id or f"use-{len(self.state.uses)}-{when}"
        return self._do(FeatureUsed(id, feature, amount, session and f"kid~{session:-<8}"), when)

    def grant(self, when: str, seconds: int, day: str, id: str = "g", activity: str | None = None) -> None:
        """A guardian's extra time."""
        event = GrantGiven(Grant(id, date.fromisoformat(day), seconds, activity, self.at(when)))
        self.state = reduce(self.policy, self.state, event, self.at(when)).state

    def offline(self, when: str, device: str, *intervals: tuple[str, str], activity: str | None = None) -> Decision:
        """Use without a connection."""
        spans = tuple((self.at(start), self.at(end)) for start, end in intervals)
        return self._do(OfflineUseReported(device, spans, activity), when)

    def ask(self, when: str, question: Question | None = None) -> Decision:
        """By default: may a sitting be opened?"""
        return decide(self.policy, self.state, question or TimeQuestion(), self.at(when))

    def used(self, when: str) -> int:
        """Seconds used on the policy day that holds `when`, up to then."""
        return int(usage(self.policy, self.state, self.at(when))["used_seconds"])

    def at(self, when: str) -> int:
        """The instant of a local time."""
        return at(when, self.zone)

    def local(self, instant: int | None) -> str:
        """The local time of an instant."""
        return local(instant, self.zone) or ""

    def _do(self, event: Event, when: str) -> Decision:
        outcome = reduce(self.policy, self.state, event, self.at(when))
        self.state = outcome.state
        assert outcome.decision is not None
        return outcome.decision


def codes(decision: Decision) -> list[str]:
    """The codes of a decision's reasons, the decisive one first."""
    return [reason.code for reason in decision.reasons]
