"""The oracle of these tests: a daily quota over all devices, in sets of whole seconds; the engine has no part in it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Sitting:
    """A session's running interval."""

    start: int
    end: int
    seq: int = 0
    closed: bool = False


@dataclass
class Ledger:
    """One child. Seconds are counted from a midnight of its zone; every day has 86,400."""

    quota: int
    slice: int = 60
    seconds: set[int] = field(default_factory=set)
    """Of intervals that are over."""
    sessions: dict[str, Sitting] = field(default_factory=dict)

    def used(self, now: int) -> int:
        """Seconds used today, before `now`."""
        midnight = now - now % 86_400
        today = {second for second in self.seconds if midnight <= second < now}
        for one in self.sessions.values():
            today.update(range(max(one.start, midnight), min(one.end, now)))
        return len(today)

    def open(self, session: str, now: int) -> int | None:
        """The end of the lease; None: denied."""
        end = self._lease(now)
        if end is not None:
            self.sessions[session] = Sitting(now, end)
        return end

    def beat(self, session: str, seq: int, now: int) -> int | None:
        """The end of the lease after a beat that is new; None: denied."""
        one = self.sessions[session]
        assert seq > one.seq
        one.seq = seq
        end = self._lease(now)
        if end is None:
            one.end = max(one.start, min(one.end, now))
            return None
        if now > one.end:
            self.seconds.update(range(one.start, one.end))
            one.start = now
        one.end = end
        return end

    def end(self, session: str, now: int) -> None:
        """A clean stop."""
        one = self.sessions.pop(session)
        self.seconds.update(range(one.start, max(one.start, min(one.end, now))))

    def _lease(self, now: int) -> int | None:
        left = self.quota - self.used(now)
        if left <= 0:
            return None
        tomorrow = now - now % 86_400 + 86_400
        return min(now + self.slice, now + left) if now + left < tomorrow else now + self.slice
