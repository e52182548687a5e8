"""What is stored of a tenant's policies: one head for all of them, revisions that never change, drafts, history.

All of it is JSON; `pack` writes a value, and each class reads its own by `of`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from minorguard.model.ids import Instant

FOLDER_REVISION = 1
"""The number of the policy that the folder holds. What a tenant publishes begins at the next one."""

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Who:
    """Who did something: an API key, with the name that it was given."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Retry:
    """What tells a retry from another call: the id made of `Idempotency-Key`, and a digest of what was sent."""

    id: str
    body: str


class Kind(StrEnum):
    """What was changed."""

    PUBLISH = "publish"
    ROLLBACK = "rollback"
    ROLLOUT = "rollout"
    SHADOW = "shadow"


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of a policy's history."""

    number: int
    """From 1, without gaps."""
    kind: Kind
    by: Who
    why: str
    at: Instant
    active: int
    """The active revision after it."""
    revision: int | None = None
    """What was published, gone back to, rolled out or shadowed."""
    percent: int | None = None
    retry: Retry | None = None

    @classmethod
    def of(cls, body: Body) -> Change:
        """From its JSON."""
        retry = None if body["retry"] is None else Retry(**body["retry"])
        return cls(**{**body, "kind": Kind(body["kind"]), "by": Who(**body["by"]), "retry": retry})


@dataclass(frozen=True, slots=True)
class Rollout:
    """A revision that holds for some of the subjects."""

    revision: int
    percent: int


@dataclass(frozen=True, slots=True)
class Shadow:
    """What is decided beside the active revision without effect: a revision, or a draft as it was at some edit."""

    revision: int | None = None
    edit: int | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """One policy in the head."""

    active: int = FOLDER_REVISION
    previous: int | None = None
    """The revision that was active before; it decides where the active one can't be compiled any more."""
    last: int = FOLDER_REVISION
    """The highest number that was published."""
    void: tuple[int, ...] = ()
    """Numbers below it that were never published: their publishing was cut short."""
    rollout: Rollout | None = None
    shadow: Shadow | None = None
    latest: Change | None = None
    """The newest entry of the history; older ones have records of their own."""

    @property
    def changes(self) -> int:
        """How many changes there were."""
        return 0 if self.latest is None else self.latest.number

    @property
    def newest(self) -> int:
        """What a draft has to start from: the revision that is being rolled out, else the active one."""
        return self.active if self.rollout is None else self.rollout.revision

    def has(self, revision: int) -> bool:
        """Whether a number was published by the tenant."""
        return FOLDER_REVISION < revision <= self.last and revision not in self.void

    @classmethod
    def of(cls, body: Body) -> Slot:
        """From its JSON."""
        return cls(
            body["active"],
            body["previous"],
            body["last"],
            tuple(body["void"]),
            None if body["rollout"] is None else Rollout(**body["rollout"]),
            None if body["shadow"] is None else Shadow(**body["shadow"]),
            None if body["latest"] is None else Change.of(body["latest"]),
        )


@dataclass(frozen=True, slots=True)
class Head:
    """Which revisions hold, of all policies of a namespace; one value, so that a change of it is seen whole."""

    epoch: int = 0
    """Rises with every change."""
    slots: Mapping[str, Slot] = field(default_factory=dict)

    def with_slot(self, id: str, slot: Slot) -> Head:
        """The head after a change of one policy."""
        return Head(self.epoch + 1, {**self.slots, id: slot})

    @classmethod
    def of(cls, body: Body | None) -> Head:
        """From its JSON; None: nothing was published yet."""
        if body is None:
            return cls()
        return cls(body["epoch"], {id: Slot.of(slot) for id, slot in body["slots"].items()})


@dataclass(frozen=True, slots=True)
class Revision:
    """A policy as it was published, with all that its text needs to mean the same again."""

    number: int
    text: str
    tests: str | None
    documents: Mapping[str, str]
    """The other policies that it extends, by id, as they were."""
    digest: str
    drafted_by: tuple[Who, ...]
    published_by: Who
    why: str
    at: Instant

    @classmethod
    def of(cls, body: Body) -> Revision:
        """From its JSON."""
        editors = tuple(Who(**who) for who in body["drafted_by"])
        return cls(**{**body, "drafted_by": editors, "published_by": Who(**body["published_by"])})


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that is worked on."""

    text: str
    tests: str | None
    base: int
    """The revision that it was begun from; 0: there was none."""
    edit: int
    """Rises with every change of the draft, and goes on rising with the next draft."""
    editors: tuple[Who, ...]
    """All who changed it."""
    at: Instant

    @classmethod
    def of(cls, body: Body) -> Draft:
        """From its JSON."""
        return cls(**{**body, "editors": tuple(Who(**who) for who in body["editors"])})


def pack(value: Head | Change | Revision | Draft) -> dict[str, Any]:
    """A value as JSON."""
    packed: dict[str, Any] = _plain(asdict(value))
    return packed


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Lists for tuples, so that what is written equals what is read."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
