"""One look at a subject: its policy, its memory, and the activity and device that are asked about."""

from __future__ import annotations

from collections.abc import Callable

from minorguard.engine.binding import bind
from minorguard.engine.metering import union
from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import CompiledPolicy, Devices, QuotaRule, TimeRule
from minorguard.model.state import Intervals, SubjectState, Track


class Look:
    """A situation to be judged. Owns nothing; remembers the unions that several rules ask for."""

    __slots__ = ("_counted", "activity", "binding", "device", "policy", "rules", "state")

    def __init__(self, policy: CompiledPolicy, state: SubjectState, activity: str | None, device: str | None) -> None:
        self.policy = policy
        self.state = state
        self.activity = activity or policy.default_activity
        self.device = device
        self.binding = bind(policy, state.profile)
        self.rules = tuple(bound for bound in self.binding.time if bound.rule.binds(self.activity))
        self._counted: dict[object, Intervals] = {}

    def counted(self, rule: TimeRule) -> Intervals:
        """The set of time that a rule counts, leases included."""
        key = (rule.only, rule.exempt, self._device_of(rule))
        found = self._counted.get(key)
        if found is None:
            counts = self._counts(rule)
            sessions = [((s.start, s.end),) for s in self.state.sessions if s.end > s.start and counts((s.device, s.activity))]
            ledger = [intervals for track, intervals in self.state.ledger if counts(track)]
            found = self._counted[key] = union((*ledger, *sessions))
        return found

    def folded(self, rule: TimeRule, start: Instant, end: Instant) -> Seconds:
        """What a rule counts of the folded days that touch ``[start, end)``; a straddling day counts whole."""
        counts = self._counts(rule)
        return sum(
            seconds
            for day in self.state.days
            if day.start < end and day.end > start
            for tracks, seconds in day.atoms
            if any(counts(track) for track in tracks)
        )

    def _device_of(self, rule: TimeRule) -> str | None:
        return self.device if isinstance(rule, QuotaRule) and rule.devices is Devices.EACH else None

    def _counts(self, rule: TimeRule) -> Callable[[Track], bool]:
        device = self._device_of(rule)
        return lambda track: (device is None or track[0] == device) and rule.binds(track[1])
