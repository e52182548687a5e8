"""Questions change nothing. `decide` answers them."""

from __future__ import annotations

from dataclasses import dataclass

from minorguard.model.quickly import quickly
from minorguard.model.sections import ItemAction, TextAction


@quickly
@dataclass(frozen=True, slots=True)
class TimeQuestion:
    """May a sitting be opened now (or this session go on)?"""

    activity: str | None = None
    device: str | None = None
    """None: an unknown device, for which the use of all devices counts."""
    session: str | None = None


@quickly
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


@dataclass(frozen=True, slots=True)
class ItemQuestion:
    """May this item be shown on a surface, and how?"""

    surface: str
    """Where it would show: a name that the policy declares, or one below it (`ranking.daily`)."""
    labels: tuple[str, ...] = ()
    ratings: tuple[str, ...] = ()
    """As ``scale:mark`` or ``12+``; of several the strictest counts."""
    pools: tuple[str, ...] = ()
    item: str | None = None
    """Its id in the app, for the reasons."""
    unanswered: tuple[str, ...] = ()
    """Classifiers that were asked and gave no answer, or were not sure."""
    verdict: ItemAction | None = None
    """What a person decided of it; only ever makes it stricter."""
    session: str | None = None
    """With a session, its lease must be live."""


@dataclass(frozen=True, slots=True)
class TextFound:
    """A category of terms that was found in a text."""

    category: str
    action: TextAction | None = None
    """What the list itself says of the term; a policy can only be stricter. None: it leaves that to the policy."""
    otherwise: TextAction = TextAction.REVIEW
    """What becomes of it where neither the list nor the product says."""
    sure: bool = True
    """False: it was found in a roundabout way, such as by its sound, and asks for review at most."""


@dataclass(frozen=True, slots=True)
class TextQuestion:
    """May a text be shown on a surface, after what a filter found in it?"""

    surface: str
    found: tuple[TextFound, ...] = ()
    unanswered: tuple[str, ...] = ()
    """Classifiers that were asked and gave no answer, or were not sure."""
    verdict: TextAction | None = None
    """What a person decided of this very text; only ever makes it stricter."""
    session: str | None = None
    """With a session, its lease must be live."""


@dataclass(frozen=True, slots=True)
class ListQuestion:
    """May so many items be recommended now?"""

    amount: int = 1
    session: str | None = None
    """With a session, its lease must be live."""


ContentQuestion = ItemQuestion | TextQuestion
Question = TimeQuestion | FeatureQuestion | SpendQuestion | NotificationQuestion | ContentQuestion | ListQuestion
