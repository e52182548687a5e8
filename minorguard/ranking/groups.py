"""Groups: the authors and topics that windows hold back, as numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from typing import TypedDict

from minorguard.ranking.candidates import Candidate, is_of
from minorguard.ranking.constraints import Window

_author_of = attrgetter("author")


class TaskGroups(TypedDict):
    """What a `Task` says of groups."""

    groups: list[tuple[int, ...]]
    most: list[int]
    within: list[int]
    rules: list[int]
    recent: list[list[int]]


def groups(
    items: Sequence[Candidate],
    kinds: Sequence[int],
    windows: tuple[Window, ...],
    bound_by: Sequence[tuple[int, ...]],
    previous: Sequence[Candidate],
) -> TaskGroups:
    """The groups of each item, and of each group its numbers. An author too rare to be held back is none.

    `bound_by` says by class which rules of topics bind it.
    """
    if not windows:
        return {"groups": [()] * len(items), "most": [], "within": [], "rules": [], "recent": []}
    book = _Groups(windows, previous)
    of_topic = {
        rule: book.add(rule, [at for at, one in book.tails[rule] if is_of(window.topic, one.topics)])
        for rule, window in enumerate(windows)
        if window.topic is not None
    }
    authors = list(map(_author_of, items))
    of_author = book.authors(authors)
    of_kind = [tuple(of_topic[rule] for rule in bound) for bound in bound_by]
    if any(of_kind):
        found = [of_kind[kind] + of_author.get(author, ()) for author, kind in zip(authors, kinds, strict=True)]
    else:
        found = [of_author.get(author, ()) for author in authors]
    return {
        "groups": found,
        "most": book.most,
        "within": book.within,
        "rules": book.rules,
        "recent": book.recent,
    }


class _Groups:
    """Groups as they are numbered."""

    def __init__(self, windows: tuple[Window, ...], previous: Sequence[Candidate]) -> None:
        self.windows = windows
        self.tails = [_tail(previous, window) for window in windows]
        """By rule: what of earlier pages its windows still see."""
        self.most: list[int] = []
        self.within: list[int] = []
        self.rules: list[int] = []
        self.recent: list[list[int]] = []

    def add(self, rule: int, recent: list[int]) -> int:
        """A new group of a rule."""
        window = self.windows[rule]
        self.most.append(window.most)
        self.within.append(window.within)
        self.rules.append(rule)
        self.recent.append(recent)
        return len(self.rules) - 1

    def _add_all(self, rule: int, number: int) -> list[tuple[int, ...]]:
        """So many new groups of a rule that stood nowhere yet."""
        window, first = self.windows[rule], len(self.rules)
        self.most += [window.most] * number
        self.within += [window.within] * number
        self.rules += [rule] * number
        self.recent += [[] for _ in range(number)]
        return [(group,) for group in range(first, first + number)]

    def authors(self, authors: Sequence[str | None]) -> dict[str | None, tuple[int, ...]]:
        """The groups of each author that is not too rare to be held back."""
        by_author = [(rule, window.most) for rule, window in enumerate(self.windows) if window.topic is None]
        least = min((most for _, most in by_author), default=None)
        if least is None:
            return {}
        stood = {one.author for tail in self.tails for _, one in tail}
        counted = Counter(authors)
        if not stood and len(by_author) == 1:
            often = [author for author, number in counted.items() if number > least and author is not None]
            return dict(zip(often, self._add_all(by_author[0][0], len(often)), strict=True))
        held = [author for author, number in counted.items() if number > least or author in stood]
        return {
            author: self._author(author, counted[author], by_author, stands=author in stood)
            for author in held
            if author is not None
        }

    def _author(
        self, author: str, number: int, by_author: Sequence[tuple[int, int]], *, stands: bool
    ) -> tuple[int, ...]:
        groups = []
        for rule, most in by_author:
            recent = [at for at, one in self.tails[rule] if one.author == author] if stands else []
            if number + len(recent) > most:
                groups.append(self.add(rule, recent))
        return tuple(groups)


def _tail(previous: Sequence[Candidate], window: Window) -> list[tuple[int, Candidate]]:
    """What of earlier pages a window still sees, with its places: the last one's is 0."""
    tail = previous[-(window.within - 1) :] if window.within > 1 else ()
    return [(at - len(tail) + 1, one) for at, one in enumerate(tail)]
