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


Question = TimeQuestion | FeatureQuestion
