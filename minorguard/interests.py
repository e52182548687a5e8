"""A subject's own choice on recommendations: whether lists may follow from a profile, and the tags of that profile.

Provisions on algorithmic recommendation (2022): users may switch it off at once, see and delete their tags (Art. 17),
and no illegal or bad keyword becomes one (Art. 10).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from minorguard.errors import InvalidInput, NotFound
from minorguard.model.ids import Instant, check_subject, check_word
from minorguard.model.sections import dotted
from minorguard.storage.base import StateStore
from minorguard.storage.json_records import change_json, erase_json, load_json

MAX_TAGS = 100
FORBIDDEN = frozenset({"illegal", "bad"})
"""Never tags, whatever a policy says (Art. 10)."""
_KIND = "interests"


@dataclass(frozen=True, slots=True)
class Tag:
    """One interest."""

    name: str
    added_at: Instant


@dataclass(frozen=True, slots=True)
class Interests:
    """What a subject chose. Switched off, there are no tags."""

    personalised: bool = True
    tags: tuple[Tag, ...] = ()


class InterestBook:
    """The interests of the subjects of one namespace."""

    def __init__(self, store: StateStore, namespace: str) -> None:
        self._store = store
        self._namespace = namespace

    def get(self, subject: str) -> Interests:
        """What a subject chose; nothing chosen: personalised, no tags."""
        return _read(load_json(self._store, self._key(subject), _KIND))

    def switch(self, subject: str, *, personalised: bool) -> Interests:
        """Switch personal lists on or off. Off acts at the next list, and all tags are gone."""
        return self._change(
            subject, lambda known: replace(known, personalised=personalised, tags=known.tags if personalised else ())
        )

    def add(
        self, subject: str, names: Iterable[str], now: Instant, *, blocked: Iterable[str], switch_on: bool = False
    ) -> Interests:
        """Add tags, and with `switch_on` make lists personal, both or neither.

        Raises `InvalidInput` for names that may be none: below `FORBIDDEN` or `blocked`, or too many.
        """
        never = FORBIDDEN | set(blocked)
        new = tuple(dict.fromkeys(_checked(name, never) for name in names))

        def added(known: Interests) -> Interests:
            if not known.personalised and not switch_on:
                raise InvalidInput("tags", "are kept only where lists are personal; switch `personalised` on first")
            have = {tag.name for tag in known.tags}
            tags = (*known.tags, *(Tag(name, now) for name in new if name not in have))
            if len(tags) > MAX_TAGS:
                raise InvalidInput("tags", f"would be more than {MAX_TAGS}; delete some")
            return replace(known, personalised=True, tags=tags)

        return self._change(subject, added)

    def delete(self, subject: str, name: str) -> Interests:
        """Delete one tag. Raises `NotFound`."""

        def deleted(known: Interests) -> Interests:
            if all(tag.name != name for tag in known.tags):
                raise NotFound("tag", name)
            return replace(known, tags=tuple(tag for tag in known.tags if tag.name != name))

        return self._change(subject, deleted)

    def erase(self, subject: str) -> None:
        """Forget a subject."""
        erase_json(self._store, self._key(subject))

    def _key(self, subject: str) -> str:
        return f"interests/{self._namespace}/{check_subject(subject)}"

    def _change(self, subject: str, change: Callable[[Interests], Interests]) -> Interests:
        after = Interests()

        def changed(value: Any) -> Any:  # noqa: ANN401 - any JSON value
            nonlocal after
            after = change(_read(value))
            tags = [[tag.name, tag.added_at] for tag in after.tags]
            return None if after == Interests() and value is None else {"personal": after.personalised, "tags": tags}

        change_json(self._store, self._key(subject), _KIND, changed)
        return after


def _checked(name: str, never: Iterable[str]) -> str:
    check_word("tags", name)
    above = next((wide for wide in dotted(name) if wide in never), None)
    if above is not None:
        raise InvalidInput("tags", f"`{name}` may be no interest, since `{above}` is not recommended; leave it out")
    return name


def _read(value: Any) -> Interests:  # noqa: ANN401 - any JSON value
    if value is None:
        return Interests()
    return Interests(value["personal"], tuple(Tag(name, added_at) for name, added_at in value["tags"]))
