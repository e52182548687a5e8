"""Facts, in the past tense. `reduce` takes one and gives the state after it, with a decision."""

from __future__ import annotations

from dataclasses import dataclass

from minorguard.model.state import Grant, Interval, Profile


@dataclass(frozen=True, slots=True)
class SubjectPut:
    """The subject was registered or changed; usage stays."""

    profile: Profile


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """A sitting is to begin, or to go on, on a device. The same id again is the same session."""

    session: str
    device: str
    activity: str | None = None


@dataclass(frozen=True, slots=True)
class HeartbeatReceived:
    """The session is still in use. Only a `seq` higher than all before it changes anything."""

    session: str
    seq: int
    activity: str | None = None


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A clean stop: the rest of the lease is given back."""

    session: str


@dataclass(frozen=True, slots=True)
class OfflineUseReported:
    """Use that happened without a connection, in server time. What lies before the device's last contact is dropped."""

    device: str
    intervals: tuple[Interval, ...]
    activity: str | None = None


@dataclass(frozen=True, slots=True)
class FeatureUsed:
    """One use of a feature (or `amount` at once), counted with its check. The same `id` again is the same use."""

    id: str
    feature: str
    amount: int = 1
    session: str | None = None


@dataclass(frozen=True, slots=True)
class PurchaseMade:
    """Money is to be spent, checked and counted in one step. The same `id` again is the same purchase."""

    id: str
    amount: int
    """In minor units of the currency, 1 or more."""
    currency: str
    activity: str | None = None


@dataclass(frozen=True, slots=True)
class NotificationSent:
    """A notification is to be sent, checked and counted in one step. The same `id` again is the same one."""

    id: str


@dataclass(frozen=True, slots=True)
class ItemsRecommended:
    """So many items are to be shown, checked and counted in one step. The same `id` again is the same list."""

    id: str
    amount: int
    session: str | None = None


@dataclass(frozen=True, slots=True)
class GrantGiven:
    """A guardian gave extra time for one day."""

    grant: Grant


Event = (
    SubjectPut
    | SessionOpened
    | HeartbeatReceived
    | SessionEnded
    | OfflineUseReported
    | FeatureUsed
    | PurchaseMade
    | NotificationSent
    | ItemsRecommended
    | GrantGiven
)
