"""The oracle: what docs/semantics.md says, by sets of ticks and by trying one tick after the other.

It shares the frozen inputs of `minorguard.model` with the engine, and no code. A rule is a *stream*: for each tick,
how many ticks of use it leaves (`NEVER`: it is silent); a rule denies where it leaves none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate, islice, pairwise, repeat
from operator import and_, ge

from minorguard.model.events import (
    Event,
    GrantGiven,
    HeartbeatReceived,
    OfflineUseReported,
    SessionEnded,
    SessionOpened,
    SubjectPut,
)
from minorguard.model.questions import TimeQuestion
from minorguard.model.rules import (
    BandPolicy,
    CompiledPolicy,
    CurfewRule,
    Devices,
    Origin,
    QuotaRule,
    SittingRule,
    Strength,
    TimeRule,
    WindowRule,
)
from minorguard.model.state import Grant, Profile
from tests.oracle import wall
from tests.oracle.world import NEVER, World, closed, limit_on, paint, period_of, policy_days, union

KEPT = 48 * 3_600
"""How long use is kept as intervals, and how far back a report may reach."""
CLOSED_KEPT, LAPSED_KEPT = 3_600, 24 * 3_600
"""How long after its end a session is known at least, so that a late call finds it."""
ADULT = 18
PIECE = re.compile(b"\1+")


@dataclass
class Ruling:
    """A rule of the policy on a world: where it is in force, and what of it does not depend on use."""

    rule: TimeRule
    in_force: bytes
    shut: list[int] = field(default_factory=list)
    """Curfew, window: ticks until it next denies."""
    silent: list[int] = field(default_factory=list)
    """`NEVER` at each tick at which it is not in force, else its negative; empty: it always is in force."""
    periods: list[tuple[int, int, int | None, int]] = field(default_factory=list)
    """Quota: (first tick, tick after, limit in ticks, policy day)."""

    def binds(self, activity: str) -> bool:
        """Whether the rule speaks of an activity."""
        named = self.rule.only is None or activity in self.rule.only
        return named and activity not in self.rule.exempt


@dataclass
class Sitting:
    """Where a sitting rule stands at a tick."""

    used: int
    last: int
    began: int


@dataclass
class Session:
    """A session's running interval, in ticks."""

    device: str
    activity: str
    start: int
    end: int
    seq: int = 0
    closed: bool = False
    grace_from: int | None = None


@dataclass
class Answer:
    """What an engine must answer. Instants are seconds; None: nothing within the world."""

    effect: str
    deniers: set[tuple[str, str]] = field(default_factory=set)
    until: int | None = None
    again: int | None = None
    remaining: dict[str, int] = field(default_factory=dict)
    lease: int | None = None
    seq: int = 0
    warnings: list[tuple[int, int]] = field(default_factory=list)
    reminder: bool | None = None
    """None: the reference does not say (several rules remind)."""
    conflict: bool = False
    """The id of a session was used for another device or activity."""
    silent: bool = False
    """The event changed nothing: only the state after it is compared."""


CODES = {
    QuotaRule: "quota.exhausted",
    CurfewRule: "curfew.closed",
    WindowRule: "window.closed",
    SittingRule: "sitting.break",
}


class Oracle:
    """A subject under a policy, followed tick by tick."""

    def __init__(self, policy: CompiledPolicy, profile: Profile, world: World) -> None:
        self.policy = policy
        self.world = world
        self.tracks: dict[tuple[str, str], bytearray] = {}
        self.sessions: dict[str, Session] = {}
        self.contact: dict[str, int] = {}
        self.told: dict[str, int] = {}
        self.reminded: dict[str, int] = {}
        self.grants: dict[str, Grant] = {}
        self.put(profile)

    # What holds before anybody uses anything

    def put(self, profile: Profile) -> None:
        """Take the subject's profile: which bands hold at which ticks."""
        self.profile = profile
        size = self.world.ticks
        self.bands = [(band, bytearray(size)) for band in self.policy.bands]
        labelled = [
            band for band in self.policy.bands if profile.band is None or {*ages(profile.band)} & {*ages(band.band)}
        ] or self.policy.bands
        for band, ticks in self.bands:
            if profile.born is None:
                if band in labelled:
                    paint(ticks, 0, size)
            else:
                for age in range(ADULT):
                    if self.covers(band, age):
                        self.paint_age(ticks, profile.born, age)
        self.wanted: dict[str, list[int] | None] = {}
        self.rulings = [
            self.ruling(rule, bytes(ticks)) for band, ticks in self.bands for rule in band.time if any(ticks)
        ]

    def under(self, policy: CompiledPolicy) -> Oracle:
        """The same subject under another policy: what was used and told stays."""
        other = Oracle(policy, self.profile, self.world)
        other.tracks, other.sessions, other.grants = self.tracks, self.sessions, self.grants
        other.contact, other.told, other.reminded = self.contact, self.told, self.reminded
        return other

    def covers(self, band: BandPolicy, age: int) -> bool:
        """Whether a band's rules hold at an age: its own, or any age that no band covers."""
        inside = [one for one in self.policy.bands if one.band.from_age <= age < one.band.below_age]
        return band in inside or not inside

    def paint_age(self, ticks: bytearray, born: date, age: int) -> None:
        """Set the ticks at which someone has an age, its last birthday included where the policy holds it."""
        zone = self.world.zone
        held = 1 if self.policy.hold_birthday else 0
        low = wall.first(zone, birthday(born, age))
        high = wall.first(zone, birthday(born, age + 1) + held)
        paint(ticks, self.world.index(low), self.world.index(high))

    def ruling(self, rule: TimeRule, ticks: bytes) -> Ruling:
        """Put a rule on the world, in force at most at the given ticks."""
        world = self.world
        made = Ruling(rule, bytes(map(and_, ticks, effective(world, rule.origin))))
        if 0 in made.in_force:
            made.silent = [-NEVER if live else NEVER for live in made.in_force]
        if isinstance(rule, QuotaRule):
            made.periods = self.periods(rule)
        elif isinstance(rule, CurfewRule | WindowRule):
            denied = closed(world, rule, self.policy.calendar)
            ahead = NEVER
            for shut, live in zip(reversed(denied), reversed(made.in_force), strict=True):
                ahead = 0 if shut and live else min(ahead + 1, NEVER)
                made.shut.append(ahead)
            made.shut.reverse()
        return made

    def periods(self, rule: QuotaRule) -> list[tuple[int, int, int | None, int]]:
        """The periods of a quota with their limits; neighbouring policy days of one period are joined."""
        days = self.policy.days
        joined: list[tuple[int, int, int | None, int]] = []
        before: object = None
        for low, high, day in policy_days(self.world, days.starts_at):
            name = period_of(rule.period, days.week_starts_on, day)
            if joined and name == before:
                joined[-1] = (joined[-1][0], high, joined[-1][2], joined[-1][3])
            else:
                limit = limit_on(rule, self.policy.calendar, day)
                joined.append((low, high, None if limit is None else limit // self.world.tick, day))
            before = name
        return joined

    # What is used

    def used(self, ruling: Ruling, device: str | None) -> bytes:
        """`U`: the ticks of all tracks that a rule counts for a question of a device, leases included."""
        size = self.world.ticks
        each = isinstance(ruling.rule, QuotaRule) and ruling.rule.devices is Devices.EACH
        counted = device if each else None
        sets: list[bytes | bytearray] = [
            ticks
            for (track_device, activity), ticks in self.tracks.items()
            if counted in (None, track_device) and ruling.binds(activity)
        ]
        for session in self.sessions.values():
            if counted in (None, session.device) and ruling.binds(session.activity):
                lease = bytearray(size)
                paint(lease, session.start, session.end)
                sets.append(lease)
        return union(sets, size)

    def keep(self, device: str, activity: str, low: int, high: int) -> None:
        """Put an interval into the ledger for good."""
        track = self.tracks.setdefault((device, activity), bytearray(self.world.ticks))
        paint(track, low, high)

    # What the rules leave

    def binding(self, activity: str) -> list[Ruling]:
        """The rules that bind an activity, in force or not."""
        return [ruling for ruling in self.rulings if ruling.binds(activity)]

    def leaves(self, ruling: Ruling, use: bytes, activity: str, start: int) -> Iterator[int]:
        """From tick `start` on: how many ticks of use a rule leaves, given the set `use`."""
        rule = ruling.rule
        if isinstance(rule, CurfewRule | WindowRule):
            return islice(ruling.shut, start, None)
        stream = (
            self.quota_leaves(ruling, use, activity, start)
            if isinstance(rule, QuotaRule)
            else self.sitting_leaves(rule, use, start)
        )
        return map(max, stream, islice(ruling.silent, start, None)) if ruling.silent else stream

    def quota_leaves(self, ruling: Ruling, use: bytes, activity: str, start: int) -> Iterator[int]:
        """The limit of the period that holds a tick, less the ticks used in it before."""
        before = [0, *accumulate(use)]
        for low, high, limit, day in ruling.periods:
            if high <= start:
                continue
            if limit is None:
                yield from repeat(NEVER, high - max(low, start))
                continue
            full = limit + self.raised(ruling, day, activity) + before[low]
            yield from map(full.__sub__, before[max(low, start) : high])

    def raised(self, ruling: Ruling, day: int, activity: str) -> int:
        """The ticks by which the grants of a policy day raise a quota."""
        rule = ruling.rule
        assert isinstance(rule, QuotaRule)
        if rule.period != "day" or not rule.raise_at_most:
            return 0
        given = sum(
            grant.seconds
            for grant in self.grants.values()
            if grant.day.toordinal() == day and grant.activity in (None, activity)
        )
        return min(rule.raise_at_most, given) // self.world.tick

    def sitting_leaves(self, rule: SittingRule, use: bytes, start: int) -> Iterator[int]:
        """What a sitting leaves before its break, and nothing during the break."""
        tick = self.world.tick
        limit = NEVER if rule.break_after is None else rule.break_after // tick
        resets = rule.resets_after // tick
        pause = resets if rule.break_after is None else rule.break_for // tick
        sitting = self.sitting(rule, use, start)
        used, last = sitting.used, sitting.last
        for now in range(start, self.world.ticks):
            if now - last >= (pause if used >= limit else resets):
                used = 0
            yield limit - used if limit < NEVER else NEVER
            if use[now]:
                used += 1
                last = now + 1

    def sitting(self, rule: SittingRule, use: bytes, now: int) -> Sitting:
        """The sitting at a tick by its definition: the pieces of use before it, one after the other."""
        tick = self.world.tick
        found = Sitting(0, -NEVER, -1)
        for piece in [*PIECE.finditer(use, 0, now), None]:
            gap = (now if piece is None else piece.start()) - found.last
            full = rule.break_after is not None and found.used >= rule.break_after // tick
            if gap >= (rule.break_for if full else rule.resets_after) // tick:
                found.used = 0
            if piece is not None:
                if found.used == 0:
                    found.began = piece.start()
                found.used += piece.end() - piece.start()
                found.last = piece.end()
        return found

    def denies(self, activity: str, device: str | None, now: int) -> list[Ruling]:
        """The binding rules that deny at a tick."""
        return [one for one in self.binding(activity) if self.left_now(one, activity, device, now) <= 0]

    def left_now(self, ruling: Ruling, activity: str, device: str | None, now: int) -> int:
        """How many ticks of use a rule leaves now."""
        return next(self.leaves(ruling, self.used(ruling, device), activity, now))

    def until(self, rulings: list[Ruling], activity: str, device: str | None, now: int) -> int | None:
        """The first tick after `now` at which one of the rules denies if use goes on."""
        best = self.world.ticks
        for ruling in rulings:
            if isinstance(ruling.rule, CurfewRule | WindowRule):
                use = b""
            else:
                use = self.used(ruling, device)[:now] + b"\1" * (self.world.ticks - now)
            ahead = islice(self.leaves(ruling, use, activity, now + 1), max(best - now - 1, 0))
            best = next((tick for tick, left in enumerate(ahead, now + 1) if left <= 0), best)
        return None if best >= self.world.ticks else best

    def at_least(self, activity: str) -> list[int] | None:
        """For each tick, the most ticks that a sitting rule in force wants left; None: none ever does."""
        if activity not in self.wanted:
            asking = [
                map((one.rule.at_least // self.world.tick).__mul__, one.in_force)
                for one in self.binding(activity)
                if isinstance(one.rule, SittingRule) and one.rule.at_least
            ]
            self.wanted[activity] = list(map(max, repeat(0), *asking)) if asking else None
        return self.wanted[activity]

    def reach(self, activity: str) -> int:
        """The tick before which the world is long enough to tell whether opening is allowed."""
        wanted = self.at_least(activity)
        return self.world.ticks if wanted is None else self.world.ticks - max(wanted) - 1

    def free(self, activity: str, device: str | None, now: int, *, opening: bool) -> Iterator[bool]:
        """For each tick from `now` to `reach`: whether going on, or opening, is allowed if nobody goes on."""
        size = (self.reach(activity) if opening else self.world.ticks) - now
        streams = [self.leaves(one, self.used(one, device), activity, now) for one in self.binding(activity)]
        least = map(min, *streams, repeat(NEVER)) if streams else repeat(NEVER)
        wants = self.at_least(activity) if opening else None
        needed = repeat(1) if wants is None else map(max, islice(wants, now, None), repeat(1))
        return islice(map(ge, least, needed), max(size, 0))

    def again(self, activity: str, device: str | None, now: int, *, opening: bool) -> int | None:
        """The first tick from `now` on at which it is allowed."""
        ticks = enumerate(self.free(activity, device, now, opening=opening), now)
        return next((tick for tick, free in ticks if free), None)

    def remaining(self, activity: str, device: str | None, now: int, until: int | None) -> dict[str, int]:
        """The least that the quotas and sittings in force leave now, and the time left."""
        tick = self.world.tick
        left: dict[str, int] = {}
        for ruling in self.binding(activity):
            rule = ruling.rule
            if isinstance(rule, CurfewRule | WindowRule):
                continue
            name = f"{rule.period}_seconds" if isinstance(rule, QuotaRule) else "sitting_seconds"
            ticks = max(0, self.left_now(ruling, activity, device, now))
            if ticks < NEVER // 2:
                left[name] = min(left.get(name, ticks * tick), ticks * tick)
        if until is not None:
            left["time_left_seconds"] = (until - now) * tick
        return left

    def judge(self, activity: str, device: str | None, now: int, *, opening: bool) -> Answer:
        """Whether use may begin (or go on) at a tick, with everything that the answer carries."""
        denying = self.denies(activity, device, now)
        deniers = {(CODES[type(one.rule)], one.rule.origin.rule) for one in denying}
        if not denying and opening and not next(self.free(activity, device, now, opening=True)):
            deniers = {("sitting.too_short", "")}
        world = self.world
        if deniers:
            again = self.again(activity, device, now, opening=opening)
            left = self.remaining(activity, device, now, now)
            return Answer("deny", deniers, None, None if again is None else world.instant(again), left)
        until = self.until(self.binding(activity), activity, device, now)
        left = self.remaining(activity, device, now, until)
        return Answer("allow", set(), None if until is None else world.instant(until), None, left)

    def ask(self, question: TimeQuestion, instant: int) -> Answer:
        """Answer a question about opening; nothing changes."""
        activity = question.activity or self.policy.default_activity
        return self.judge(activity, question.device, self.world.index(instant), opening=True)

    def forecast(
        self, instant: int, days: int, activity: str, device: str | None
    ) -> tuple[list[tuple[int, int, int | None]], list[tuple[int, int, set[tuple[str, str]]]], int]:
        """Windows with their allowances and gaps with their reasons, up to an instant that is given too."""
        world = self.world
        now = world.index(instant)
        high = min(now + days * wall.DAY // world.tick, self.reach(activity))
        free = islice(self.free(activity, device, now, opening=True), high - now)
        brief = self.only_at_once(activity, device, now)
        shut = {
            (CODES[type(one.rule)], one.rule.origin.rule): [
                left <= 0 for left in islice(self.leaves(one, self.used(one, device), activity, now), high - now)
            ]
            for one in self.binding(activity)
        }
        windows: list[tuple[int, int, int | None]] = []
        gaps: list[tuple[int, int, set[tuple[str, str]]]] = []
        for low, end, allowed in joined(world, now, free, brief):
            start = (low - world.origin) // world.tick
            if allowed:
                stop = self.until(self.binding(activity), activity, device, start)
                windows.append((low, end, None if stop is None else (stop - start) * world.tick))
            else:
                last = -(-(end - world.origin) // world.tick)
                why = {rule for rule, denies in shut.items() if any(denies[start - now : last - now])}
                gaps.append((low, end, why or {("sitting.too_short", "")}))
        return windows, gaps, world.instant(high)

    def only_at_once(self, activity: str, device: str | None, now: int) -> Iterator[bool]:
        """For each tick: whether opening is too late after its first second, since exactly `at_least` is left then."""
        wants = self.at_least(activity)
        if wants is None:
            return repeat(False)
        streams = []
        for one in self.binding(activity):
            use = self.used(one, device)
            runs = repeat(1) if isinstance(one.rule, CurfewRule | WindowRule) else islice(use, now, None)
            streams.append(zip(self.leaves(one, use, activity, now), runs, strict=False))
        return (
            any(run and want and left == want for left, run in rules)
            for want, *rules in zip(islice(wants, now, None), *streams, strict=False)
        )

    # Events

    def apply(self, event: Event, instant: int) -> Answer | None:
        """Follow an event. None: it has no decision. Raises `KeyError` for a session that was never opened."""
        now = self.world.index(instant)
        match event:
            case SubjectPut():
                self.put(event.profile)
            case GrantGiven():
                given = self.grants.setdefault(event.grant.id, event.grant)
                return Answer("allow", silent=True, conflict=True) if given != event.grant else None
            case OfflineUseReported():
                return self.offline(event, now)
            case SessionOpened():
                return self.open(event, now)
            case HeartbeatReceived():
                return self.beat(self.sessions[event.session], event, now)
            case SessionEnded():
                return self.end(self.sessions[event.session], now)
            case _:
                raise NotImplementedError(event)
        return None

    def offline(self, event: OfflineUseReported, now: int) -> Answer:
        """Use without a connection joins the ledger. It is no contact: a device reports one activity at a time."""
        world = self.world
        oldest = max(self.contact.get(event.device, 0), now - KEPT // world.tick, 0)
        for low, high in event.intervals:
            activity = event.activity or self.policy.default_activity
            self.keep(event.device, activity, max(world.index(low), oldest), min(world.index(high), now))
        return Answer("allow", silent=True)

    def open(self, event: SessionOpened, now: int) -> Answer:
        """Begin a sitting where that is allowed."""
        activity = event.activity or self.policy.default_activity
        opened = self.sessions.get(event.session)
        if opened is not None:
            return Answer("allow", silent=True, conflict=(opened.device, opened.activity) != (event.device, activity))
        answer = self.judge(activity, event.device, now, opening=True)
        if answer.effect == "allow":
            self.contact[event.device] = now
            self.sessions[event.session] = session = Session(event.device, activity, now, now)
            self.lease(session, answer, now)
            self.tell(session, answer, now)
            self.remind(session, answer, now)
        return answer

    def beat(self, session: Session, event: HeartbeatReceived, now: int) -> Answer:
        """Go on with a sitting, or stop it."""
        if session.closed:
            return Answer("deny", {("session.ended", "")}, silent=True)
        if event.seq <= session.seq:
            return Answer("allow", silent=True)
        session.seq = event.seq
        self.contact[session.device] = now
        activity = event.activity or session.activity
        denying = self.denies(activity, session.device, now)
        if not denying:
            return self.go_on(session, activity, now)
        limited = self.limited(session, denying, activity, now)
        if limited is not None:
            return limited
        session.end = max(session.start, min(session.end, now))
        if session.grace_from is not None:
            session.grace_from = -NEVER  # a grace that was cut short is not taken up again
        self.told.pop(session.device, None)
        return self.judge(activity, session.device, now, opening=False)

    def go_on(self, session: Session, activity: str, now: int) -> Answer:
        """An allowed beat: the interval goes on, or a new one begins."""
        session.grace_from = None
        answer = self.judge(activity, session.device, now, opening=False)
        self.move(session, activity, now)
        self.lease(session, answer, now)
        self.tell(session, answer, now)
        self.remind(session, answer, now)
        return answer

    def move(self, session: Session, activity: str, now: int) -> None:
        """Let the interval of a session begin anew, unless the beat comes in time for the same activity."""
        if now <= session.end and activity == session.activity:
            return
        self.keep(session.device, session.activity, session.start, min(session.end, now))
        session.activity, session.start, session.end = activity, now, now

    def lease(self, session: Session, answer: Answer, now: int) -> None:
        """Pay for one slice ahead."""
        end = now + self.policy.slice // self.world.tick
        if answer.until is not None:
            end = min(end, self.world.index(answer.until))
        session.end = end
        answer.lease, answer.seq = self.world.instant(end), session.seq

    def limited(self, session: Session, denying: list[Ruling], activity: str, now: int) -> Answer | None:
        """Time to save and finish, where the policy gives it and no law denies."""
        live = [band.grace for band, ticks in self.bands if ticks[now]]
        grace = min(live, default=0) // self.world.tick
        base = session.end if session.grace_from is None else session.grace_from
        if any(one.rule.origin.strength is Strength.LAW for one in denying) or not grace or now - base >= grace:
            return None
        session.grace_from = base
        deniers = {(CODES[type(one.rule)], one.rule.origin.rule) for one in denying}
        laws = [one for one in self.binding(activity) if one.rule.origin.strength is Strength.LAW]
        stop = self.until(laws, activity, session.device, now)
        left = self.remaining(activity, session.device, now, None)
        self.move(session, activity, now)
        end = min(now + self.policy.slice // self.world.tick, base + grace)
        session.end = end if stop is None else min(end, stop)
        self.told.pop(session.device, None)
        return Answer("limited", deniers, remaining=left, lease=self.world.instant(session.end), seq=session.seq)

    def end(self, session: Session, now: int) -> Answer:
        """A clean stop gives the rest of the lease back."""
        if not session.closed:
            self.contact[session.device] = now
            self.keep(session.device, session.activity, session.start, min(session.end, now))
            session.start = session.end = now  # an hour is counted from here
            session.closed = True
        return Answer("allow", silent=True)

    def forgettable(self, name: str, instant: int) -> bool:
        """Whether a session has been over for so long that late calls need not find it."""
        session = self.sessions[name]
        over = instant - self.world.instant(session.end)
        return over >= (CLOSED_KEPT if session.closed else LAPSED_KEPT)

    def forget(self, name: str) -> None:
        """Let go of a session; its time stays."""
        session = self.sessions.pop(name)
        self.keep(session.device, session.activity, session.start, session.end)

    # What is told

    def tell(self, session: Session, answer: Answer, now: int) -> None:
        """The thresholds that the time left has crossed since this device was last told."""
        seconds = self.world.tick
        left = None if answer.until is None else (self.world.index(answer.until) - now) * seconds
        last = self.told.get(session.device, NEVER * seconds)
        if left is None:
            self.told.pop(session.device, None)
            return
        thresholds = {w for band, ticks in self.bands if ticks[now] for w in band.warn_before}
        answer.warnings = [(w, left) for w in sorted(thresholds) if left <= w < last]
        self.told[session.device] = left

    def remind(self, session: Session, answer: Answer, now: int) -> None:
        """Whether this beat is the one that reminds of a rest."""
        reminding = [
            one
            for one in self.binding(session.activity)
            if isinstance(one.rule, SittingRule) and one.rule.remind_after is not None and one.in_force[now]
        ]
        told = self.reminded.get(session.device, -1)
        answer.reminder = any(self.rest_is_due(one, told, now) for one in reminding)
        if answer.reminder:
            self.reminded[session.device] = now

    def rest_is_due(self, ruling: Ruling, told: int, now: int) -> bool:
        """Whether a rule reminds of a rest that nobody was reminded of in its sitting."""
        rule = ruling.rule
        assert isinstance(rule, SittingRule)
        assert rule.remind_after is not None
        sitting = self.sitting(rule, self.used(ruling, None), now)
        return sitting.used >= rule.remind_after // self.world.tick and told < sitting.began


def effective(world: World, origin: Origin) -> bytes:
    """One byte a tick: 1 within the effective dates of a rule."""
    low, high = origin.effective_from, origin.effective_to
    ticks = bytearray(world.ticks)
    paint(
        ticks,
        0 if low is None else world.index(wall.first(world.zone, low.toordinal())),
        world.ticks if high is None else world.index(wall.first(world.zone, high.toordinal())),
    )
    return bytes(ticks)


def joined(world: World, now: int, free: Iterable[bool], brief: Iterable[bool]) -> list[tuple[int, int, bool]]:
    """The ticks from `now` on as maximal stretches ``(start, end, allowed)`` of seconds."""
    edges: list[tuple[int, bool]] = []
    state: bool | None = None
    tick = now
    for tick, (allowed, once) in enumerate(zip(free, brief, strict=False), now):
        if allowed != state:
            edges.append((world.instant(tick), allowed))
            state = allowed
        if allowed and once and world.tick > 1:
            edges.append((world.instant(tick) + 1, False))
            state = False
    edges.append((world.instant(tick + 1), not state))
    return [(start, end, on) for (start, on), (end, _) in pairwise(edges)]


def ages(label: object) -> range:
    """The ages of a band label."""
    return range(label.from_age, label.below_age)  # type: ignore[attr-defined]


def birthday(born: date, age: int) -> int:
    """The date (by ordinal) on which someone becomes an age: 29 February is 1 March in common years."""
    leap = date(born.year + age, 3, 1).toordinal() - date(born.year + age, 2, 28).toordinal() == 2
    if (born.month, born.day) == (2, 29) and not leap:
        return date(born.year + age, 3, 1).toordinal()
    return date(born.year + age, born.month, born.day).toordinal()
