"""Keeping a subject's memory small: lapsed sessions join the ledger, days long past become totals, old marks go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from minorguard.engine.metering import add, atoms, clip, measure, union
from minorguard.engine.periods import wall_hour
from minorguard.engine.sittings import DEFAULT_GAP
from minorguard.model.calendar import DAY
from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import CompiledPolicy, SittingRule
from minorguard.model.state import FoldedDay, Purchase, Sent, SessionRecord, SubjectState, Track, Use

RAW: Seconds = 2 * DAY
"""How long use stays exact to the second; a late report reaches no further back."""
LAPSED: Seconds = DAY
"""How long a session whose lease has lapsed may still be taken up again."""
ENDED: Seconds = 3600
"""How long an ended session is remembered, so that a late beat or a retried call meets it."""
TOTALS: Seconds = 35 * DAY
"""How long totals by day are kept: longer than any month."""
COUNTS: Seconds = 9 * DAY
"""How long uses and notifications are kept: longer than any policy week."""
ENDLESS: Seconds = 12 * DAY
"""A sitting that has gone on for so long beyond `RAW` is cut where the others are, so that memory stays small."""
MAX_TRACKS = 128
"""How many devices and activities may be used in the days that are kept to the second."""
MAX_SESSIONS = 64
"""How many sessions are remembered; of more, those that lapsed or ended first are forgotten early."""
MAX_PURCHASES = 512
"""How many purchases of the last days, and sums of the days before, are remembered; more are refused."""
MAX_GRANTS = 256
"""How many grants are remembered, until two days after their day; more are refused."""
MAX_SENT = 128
"""How many notifications keep their ids; of more, the oldest become sums by the hour early."""
MAX_LISTS = 32
"""How many lists of recommended items keep their ids; of more, the oldest become sums by the hour early."""
MAX_DEVICES = 16
"""Of how many devices is remembered what they were last told."""


def into_ledger(state: SubjectState, track: Track, start: Instant, end: Instant) -> SubjectState:
    """The state with ``[start, end)`` of a track in its ledger."""
    if end <= start:
        return state
    tracks = dict(state.ledger)
    tracks[track] = add(tracks.get(track, ()), start, end)
    return replace(state, ledger=tuple(sorted(tracks.items())))


def settle(policy: CompiledPolicy, state: SubjectState, now: Instant) -> SubjectState:
    """The same memory, in its shortest form at `now`. Changes no answer about any instant from now on."""
    state = _sessions(state, now)
    days = policy.days
    cut = days.day_start(days.day_of(now - RAW))
    if any(s.start < cut for s in state.sessions) or any(i[0][0] < cut for _, i in state.ledger):
        state = _fold(policy, state, _where_nobody_sat(policy, state, cut))
    if state.days and state.days[0].end <= now - TOTALS:
        state = replace(state, days=tuple(day for day in state.days if day.end > now - TOTALS))
    if state.uses and state.uses[0].at < cut:
        state = replace(state, uses=_uses(policy, state.uses, now, cut))
    if state.grants and days.day_start(state.grants[0].day) < cut:
        state = replace(state, grants=tuple(g for g in state.grants if days.day_start(g.day) >= cut))
    if state.purchases and any(one.at < (cut if one.id else now - TOTALS) for one in state.purchases):
        state = replace(state, purchases=_purchases(policy, state.purchases, now, cut))
    if state.notifications and _is_long(state.notifications, now, cut, MAX_SENT):
        state = replace(state, notifications=_sent(policy, state.notifications, now, cut))
    if state.items and _is_long(state.items, now, cut, MAX_LISTS):
        state = replace(state, items=_items(policy, state.items, now, cut))
    return state


def settled_until(policy: CompiledPolicy, state: SubjectState, now: Instant) -> Instant:
    """Until when, at least, `settle` leaves a memory as it is; `now` itself where that is not sure."""
    days = policy.days
    today = days.day_of(now - RAW)
    cut = days.day_start(today)
    held = (*(s.start for s in state.sessions), *(i[0][0] for _, i in state.ledger))
    long = _is_long(state.notifications, now, cut, MAX_SENT) or _is_long(state.items, now, cut, MAX_LISTS)
    if len(state.sessions) > MAX_SESSIONS or min(held, default=cut) < cut or long:
        return now
    ends = [days.day_start(today + timedelta(days=1)) + RAW]
    ends += (s.end + (ENDED if s.closed else LAPSED) for s in state.sessions)
    ends += (day.end + TOTALS for day in state.days[:1])
    ends += (one.at + TOTALS for one in state.purchases if not one.id)
    ends += (use.at + COUNTS for use in state.uses if use.at < cut)
    ends += (one.at + COUNTS for one in (*state.notifications, *state.items) if not one.id)
    return min(ends)


def _is_long(sent: tuple[Sent, ...], now: Instant, cut: Instant, most: int) -> bool:
    ids = sum(1 for one in sent if one.id)
    return ids > most or any(one.at < (cut if one.id else now - COUNTS) for one in sent)


def _where_nobody_sat(policy: CompiledPolicy, state: SubjectState, cut: Instant) -> Instant:
    """The last start of a day, up to `cut`, that no sitting reaches across; for one without an end, `cut` itself.

    INVARIANT: before it lies a gap that ends any sitting, so that what is folded can't belong to one of today's.
    """
    running = (((s.start, s.end),) for s in state.sessions if s.end > s.start)
    used = union((*(held for _, held in state.ledger), *running))
    gap = max((max(rule.resets_after, rule.break_for) for rule in _sitting_rules(policy)), default=0)
    day = policy.days.day_of(cut)
    while (at := policy.days.day_start(day)) > cut - ENDLESS:
        if not measure(used, at - max(gap, DEFAULT_GAP), at):
            return at
        day -= timedelta(days=1)
    return cut


def _sitting_rules(policy: CompiledPolicy) -> Iterator[SittingRule]:
    return (rule for one in policy.bands for rule in one.time if isinstance(rule, SittingRule))


def _sessions(state: SubjectState, now: Instant) -> SubjectState:
    over = sorted((s for s in state.sessions if s.end <= now), key=lambda record: record.end)
    surplus = {record.id for record in over[: max(0, len(state.sessions) - MAX_SESSIONS)]}
    for record in over:
        if record.id in surplus or record.end + (ENDED if record.closed else LAPSED) <= now:
            state = into_ledger(state, (record.device, record.activity), record.start, record.end)
            state = replace(state, sessions=tuple(s for s in state.sessions if s.id != record.id))
    return state


def _split(state: SubjectState, cut: Instant) -> SubjectState:
    """What running sessions used before the cut goes to the ledger."""
    sessions: list[SessionRecord] = []
    for record in state.sessions:
        if record.start < cut:
            state = into_ledger(state, (record.device, record.activity), record.start, min(record.end, cut))
            record = replace(record, start=min(max(record.start, cut), record.end))
        sessions.append(record)
    return replace(state, sessions=tuple(sessions))


def _fold(policy: CompiledPolicy, state: SubjectState, cut: Instant) -> SubjectState:
    state = _split(state, cut)
    old = tuple((track, clip(intervals, 0, cut)) for track, intervals in state.ledger)
    if not any(intervals for _, intervals in old):
        return state
    new = tuple((track, rest) for track, intervals in state.ledger if (rest := clip(intervals, cut, 1 << 40)))
    day = policy.days.day_of(min(intervals[0][0] for _, intervals in old if intervals))
    folded: list[FoldedDay] = []
    while (start := policy.days.day_start(day)) < cut:
        day += timedelta(days=1)
        end = policy.days.day_start(day)
        total = atoms((track, clip(intervals, start, end)) for track, intervals in old)
        if total:
            folded.append(FoldedDay(start, end, tuple(sorted(total.items(), key=lambda item: sorted(item[0])))))
    return replace(state, ledger=new, days=(*state.days, *folded))


def _uses(policy: CompiledPolicy, uses: tuple[Use, ...], now: Instant, cut: Instant) -> tuple[Use, ...]:
    """Uses before the cut, as sums by policy day and feature; those of more than a week and a day ago go.

    INVARIANT: a sum stands at the last of its uses, so that a sitting never counts less than was used in it.
    """
    sums: dict[tuple[Instant, str], Use] = {}
    for use in uses:
        if now - COUNTS <= use.at < cut:
            key = (_day_start(policy, use.at), use.feature)
            known = sums.get(key, Use("", use.feature, use.at, 0))
            sums[key] = Use("", use.feature, max(known.at, use.at), known.amount + use.amount)
    summed = sorted(sums.values(), key=lambda use: (use.at, use.feature))
    return (*summed, *(use for use in uses if use.at >= cut))


def _purchases(
    policy: CompiledPolicy, purchases: tuple[Purchase, ...], now: Instant, cut: Instant
) -> tuple[Purchase, ...]:
    """Purchases before the cut, as sums by policy day, currency and activity; those of no month of today's go.

    INVARIANT: a sum stands at the last of its purchases, so that it counts in the days of another policy, too.
    """
    sums: dict[tuple[Instant, str, str], Purchase] = {}
    for one in purchases:
        if now - TOTALS <= one.at < cut:
            key = (_day_start(policy, one.at), one.currency, one.activity)
            known = sums.get(key, Purchase("", one.at, 0, one.currency, one.activity))
            sums[key] = replace(known, at=max(known.at, one.at), amount=known.amount + one.amount)
    return (*(sums[key] for key in sorted(sums)), *(one for one in purchases if one.at >= cut))


def _sent(policy: CompiledPolicy, sent: tuple[Sent, ...], now: Instant, cut: Instant) -> tuple[Sent, ...]:
    """Notifications before the cut, as sums by policy day; beyond `MAX_SENT`, the oldest as sums by the hour.

    INVARIANT: a sum stands at the last of its notifications, as one of purchases does.
    """
    named = sorted((one for one in sent if one.id and one.at >= cut), key=lambda one: one.at)
    kept = named[-MAX_SENT:]
    sums: dict[Instant, Sent] = {}
    for one in (*named[:-MAX_SENT], *(one for one in sent if not one.id or one.at < cut)):
        start = _day_start(policy, one.at)
        if one.at >= cut:  # a sum by the hour is one of its day, too
            start = max(start, wall_hour(policy.days.zone, one.at)[0])
        if one.at >= now - COUNTS:
            known = sums.get(start, Sent("", one.at, 0))
            sums[start] = Sent("", max(known.at, one.at), known.amount + one.amount)
    return (*(sums[start] for start in sorted(sums)), *kept)


def _items(policy: CompiledPolicy, items: tuple[Sent, ...], now: Instant, cut: Instant) -> tuple[Sent, ...]:
    """Lists before the cut, and the oldest beyond `MAX_LISTS`, as sums by policy day and hour.

    INVARIANT: a sum stands at the last of its lists, so that a sitting or day never counts less than was shown in it.
    """
    named = sorted((one for one in items if one.id and one.at >= cut), key=lambda one: one.at)
    kept = named[-MAX_LISTS:]
    sums: dict[tuple[Instant, Instant], Sent] = {}
    for one in (*named[:-MAX_LISTS], *(one for one in items if not one.id or one.at < cut)):
        if one.at >= now - COUNTS:
            key = _day_start(policy, one.at), wall_hour(policy.days.zone, one.at)[0]
            known = sums.get(key, Sent("", one.at, 0))
            sums[key] = Sent("", max(known.at, one.at), known.amount + one.amount)
    return (*(sums[key] for key in sorted(sums)), *kept)


def _day_start(policy: CompiledPolicy, at: Instant) -> Instant:
    return policy.days.day_start(policy.days.day_of(at))
