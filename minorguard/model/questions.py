"""Questions change nothing. `decide` answers them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimeQuestion:
    """May a sitting be opened now (or this session go on)?"""

    activity: str | None = None
    device: str | None = None
    """None: an unknown device, for which the use of all devices counts."""
    session: str | None = None


@dataclass(frozen=True, slots=True)
class FeatureQuestion:
    """May this feature be used now, `amount` times?"""

    feature: str
    amount: int = 1
    session: str | None = None
    """With a session, its lease must be live."""


@dataclass(frozen=True, slots=True)
class SpendQuestion:
    """May so much money be spent now, in one purchase?"""

    amount: int
    """In minor units of the currency (fen, cents), 1 or more."""
    currency: str
    """ISO 4217, such as ``CNY``."""
    activity: str | None = None
    """What it is bought for; None is the policy's default activity."""


@dataclass(frozen=True, slots=True)
class NotificationQuestion:
    """May a notification be sent now?"""


Question = TimeQuestion | FeatureQuestion | SpendQuestion | NotificationQuestion
