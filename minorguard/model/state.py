"""What is remembered of a subject: one value, a kilobyte or so, written whole by compare-and-set.

Usage is a set of time. `ledger` holds it as short sorted lists of intervals by track (device and activity); open
sessions add their leases to it; days long past are folded into totals.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from minorguard.model.age import AgeBand
from minorguard.model.ids import Instant, Seconds
from minorguard.model.quickly import quickly

Interval = tuple[Instant, Instant]
"""Half-open ``[start, end)``."""

Intervals = tuple[Interval, ...]
"""Sorted, disjoint and not touching."""

Track = tuple[str, str]
"""(device, activity)."""


@quickly
@dataclass(frozen=True, slots=True)
class Profile:
    """Who the subject is, as far as decisions need it. Neither birth date nor band: age unknown."""

    subject: str
    policy: str
    born: date | None = None
    band: AgeBand | None = None
    mode_on: bool = True
    guardian: str = ""
    """The guardian's settings as canonical JSON; empty: none."""
    test_clock: str | None = None
    revision: int | None = None
    """The revision of the policy that the subject is held to; None: the one that is published."""


@quickly
@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session's running interval. Of two records of one session, the higher `seq` wins."""

    id: str
    device: str
    activity: str
    start: Instant
    end: Instant
    """End of the lease: paid ahead, given back by a clean stop."""
    seq: int = 0
    closed: bool = False
    grace_until: Instant | None = None
    """Set while the session may only save and finish."""


@quickly
@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """What was last told to a device, so that warnings come once."""

    id: str
    last_contact: Instant
    left: Seconds | None = None
    """Time left when it was last allowed; warnings fire when this crosses their threshold. None: all may fire."""
    reminded_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class FoldedDay:
    """A day long past: seconds by the exact set of tracks that ran together, so that any union is still exact."""

    start: Instant
    end: Instant
    atoms: tuple[tuple[frozenset[Track], Seconds], ...]


@dataclass(frozen=True, slots=True)
class Use:
    """One counted use of a limited feature; `id` makes its retry the same use."""

    id: str
    feature: str
    at: Instant
    amount: int = 1


@dataclass(frozen=True, slots=True)
class Purchase:
    """Money that was spent; `id` makes its retry the same purchase. Without an id: the sum of a day long past."""

    id: str
    at: Instant
    amount: int
    """In minor units of the currency."""
    currency: str
    activity: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A notification that was sent; `id` makes its retry the same one. Without an id: the sum of an hour or a day."""

    id: str
    at: Instant
    amount: int = 1


@dataclass(frozen=True, slots=True)
class Grant:
    """Extra time for one policy day, from a guardian. `id` is used once."""

    id: str
    day: date
    seconds: Seconds
    activity: str | None = None
    """The activity it is for; None: any."""
    given_at: Instant = 0


@quickly
@dataclass(frozen=True, slots=True)
class SubjectState:
    """The whole memory of one subject."""

    profile: Profile
    sessions: tuple[SessionRecord, ...] = ()
    ledger: tuple[tuple[Track, Intervals], ...] = ()
    """By track, sorted."""
    days: tuple[FoldedDay, ...] = ()
    """Oldest first; all before the oldest interval that the ledger may still receive."""
    devices: tuple[DeviceRecord, ...] = ()
    uses: tuple[Use, ...] = ()
    grants: tuple[Grant, ...] = ()
    purchases: tuple[Purchase, ...] = ()
    """Every purchase, whatever ruled it: a cap that comes into force later counts what was spent before."""
    notifications: tuple[Sent, ...] = ()
    """Beside the uses of features, since no name would be safe: `notification` may be a feature, and `*` is all."""
    items: tuple[Sent, ...] = ()
    """Recommended items, by list; without an id: the sum of an hour, at the last of its lists."""
