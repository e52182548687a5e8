"""Surface coverage: which of an app's surfaces its calls really asked about, and which never were.

A test run wraps its guard in a `SurfaceRecorder`; at its end the report names the declared surfaces that nobody gated.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from minorguard.model.decisions import Decision
from minorguard.model.questions import ItemQuestion, Question, TextQuestion
from minorguard.model.sections import dotted


class Asks(Protocol):
    """What a recorder wraps: a `MinorGuard`, or anything that answers questions as it does."""

    def ask(self, subject: str, question: Question | None = None) -> Decision:
        """Answer a question about a subject."""
        ...


@dataclass(frozen=True, slots=True)
class SurfaceCoverage:
    """What was asked, by surface: ``{"feed": {"item": 3, "text": 0}}``."""

    asked: Mapping[str, Mapping[str, int]]
    never: tuple[str, ...]
    """Declared, and nobody asked about them: whatever shows there is not gated."""
    unknown: tuple[str, ...]
    """Asked about, and not declared: nothing is ever shown there."""

    @property
    def complete(self) -> bool:
        """Whether every declared surface was asked about, and no other."""
        return not self.never and not self.unknown

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        asked = {surface: dict(counts) for surface, counts in self.asked.items()}
        return {"asked": asked, "never": list(self.never), "unknown": list(self.unknown)}

    def __str__(self) -> str:
        rows = [f"{surface}: {counts['item']} items, {counts['text']} texts" for surface, counts in self.asked.items()]
        rows += [f"{surface}: never gated" for surface in self.never]
        rows += [f"{surface}: not declared, so nothing is shown there" for surface in self.unknown]
        return "\n".join(rows)


class SurfaceRecorder:
    """Passes questions on and remembers their surfaces. Safe to share between threads.

    >>> recorder = SurfaceRecorder(None, ["feed", "comments"])
    >>> recorder.saw(ItemQuestion("feed"))
    >>> recorder.report().never
    ('comments',)
    """

    def __init__(self, guard: Asks | None, surfaces: Iterable[str]) -> None:
        self._guard = guard
        self._declared = tuple(sorted(set(surfaces)))
        self._lock = threading.Lock()
        self._seen: Counter[tuple[str, str]] = Counter()

    def ask(self, subject: str, question: Question | None = None) -> Decision:
        """Answer as the guard does, and remember the surface."""
        if self._guard is None:
            raise TypeError("this recorder has no guard to ask; give it one")
        self.saw(question)
        return self._guard.ask(subject, question)

    def saw(self, question: Question | None) -> None:
        """Remember a question that went another way."""
        if isinstance(question, ItemQuestion | TextQuestion):
            kind = "item" if isinstance(question, ItemQuestion) else "text"
            with self._lock:
                self._seen[question.surface, kind] += 1

    def report(self) -> SurfaceCoverage:
        """What was asked so far. A surface below a declared one (`ranking.daily`) is that one."""
        asked: dict[str, Counter[str]] = {}
        unknown = set()
        with self._lock:
            seen = dict(self._seen)
        for (surface, kind), number in seen.items():
            known = next((name for name in dotted(surface) if name in self._declared), None)
            if known is None:
                unknown.add(surface)
            else:
                asked.setdefault(known, Counter(item=0, text=0))[kind] += number
        never = tuple(name for name in self._declared if name not in asked)
        return SurfaceCoverage(dict(sorted(asked.items())), never, tuple(sorted(unknown)))

    def check(self) -> None:
        """Raises `AssertionError` with the report unless every declared surface was asked about, and no other."""
        report = self.report()
        if not report.complete:
            raise AssertionError(f"not every surface is gated:\n{report}")
