"""Classifiers: other people's models, asked through one small protocol. An answer that does not come is never "show".

What a classifier says is remembered by the digest of the content. One that fails again and again is left alone for a
while (a circuit breaker), so that it costs the calls that wait for it nothing.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Protocol

from minorguard.errors import InvalidInput
from minorguard.model.ids import check_word

MOST_ANSWERS = 10_000
"""Answers that are remembered, of all classifiers together."""
MOST_LABELS = 100


@dataclass(frozen=True, slots=True)
class Material:
    """What is to be classified."""

    digest: str
    """Of the content: the same digest is the same content."""
    text: str | None = None
    url: str | None = None
    """Where an image or video can be had."""
    item: str | None = None
    namespace: str = ""
    """Whose digests these are: what was said of another's content is no answer."""


@dataclass(frozen=True, slots=True)
class Classification:
    """What a classifier says."""

    labels: tuple[str, ...] = ()
    ratings: tuple[str, ...] = ()
    sure: bool = True
    """False: a person must look, whatever the labels."""

    def __post_init__(self) -> None:
        if len(self.labels) > MOST_LABELS or len(self.ratings) > MOST_LABELS:
            raise ValueError(f"more than {MOST_LABELS} labels or ratings")
        if not (_are_words(self.labels) and _are_words(self.ratings) and _is_flag(self.sure)):
            raise TypeError("labels and ratings are tuples of words, and `sure` is true or false")
        for label in self.labels:
            check_word("labels", label)


def _are_words(value: object) -> bool:
    return isinstance(value, tuple | list) and all(isinstance(one, str) for one in value)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


class Classifier(Protocol):
    """Anything that says what content is. Raise, or take too long, for "no answer"."""

    name: str

    def classify(self, material: Material) -> Classification | Awaitable[Classification]:
        """Its labels, ratings, and whether it is sure. May be a coroutine function."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What all classifiers together say."""

    labels: tuple[str, ...] = ()
    ratings: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    """Those that gave no answer, or were not sure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long, how often, how many. Times in seconds."""

    timeout: float = 1.0
    budget: float = 3.0
    """For many at once, together."""
    failures: int = 5
    """So many failures in a row, and a classifier is left alone."""
    rest: float = 30.0
    """For so long; then one call tries again."""
    at_once: int = 16
    """Calls of each classifier under way, those included that were given up and have not returned."""
    keep: float = 86_400.0
    """How long an answer is remembered."""


_Key = tuple[str, str, str]
"""A classifier, and the namespace and digest of what it is asked about."""
_Call = tuple[Classifier, Material]
_Answers = SimpleQueue[tuple[_Key, Classification | None]]


class Classifiers:
    """Asks several at once, for any number of threads. `monotonic` measures all times; tests give their own."""

    def __init__(
        self,
        classifiers: Iterable[Classifier],
        limits: Limits | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises `InvalidInput` for two of one name: the answer of one would pass for the other's."""
        self._classifiers = tuple(classifiers)
        if len(set(self.names)) < len(self._classifiers):
            raise InvalidInput("classifiers", "two have the same name; give each its own")
        self._limits = limits or Limits()
        self._monotonic = monotonic
        self._breakers = {one.name: _Breaker(self._limits) for one in self._classifiers}
        self._slots = {one.name: threading.Semaphore(self._limits.at_once) for one in self._classifiers}
        self._known = _Memory(self._limits.keep)

    @property
    def names(self) -> tuple[str, ...]:
        """Who is asked."""
        return tuple(one.name for one in self._classifiers)

    def ask(self, material: Material) -> Asked:
        """What they say of some material, in at most `timeout` seconds."""
        return self._ask((material,), self._limits.timeout)[0]

    def ask_many(self, materials: Sequence[Material]) -> list[Asked]:
        """What they say of each, in at most `budget` seconds together; what is not answered by then is not answered."""
        return self._ask(materials, self._limits.budget)

    async def ask_async(self, material: Material) -> Asked:
        """As `ask`, without holding up the event loop."""
        return await asyncio.to_thread(self.ask, material)

    def _ask(self, materials: Sequence[Material], seconds: float) -> list[Asked]:
        end = time.monotonic() + seconds
        found: dict[_Key, Classification] = {}
        left: list[_Call] = []
        for material in {(one.namespace, one.digest): one for one in materials}.values():
            for one in self._classifiers:
                key, now = _key(one, material), self._monotonic()
                known = self._known.get(key, now)
                if known is not None:
                    found[key] = known
                elif self._breakers[one.name].lets_through(now):
                    left.append((one, material))
        found |= self._answered(left, end)
        return [self._together(material, found) for material in materials]

    def _answered(self, left: list[_Call], end: float) -> dict[_Key, Classification]:
        """What is answered in time. Who has no place for a call keeps no other's calls from being made."""
        answers: _Answers = SimpleQueue()
        found: dict[_Key, Classification] = {}
        asked: set[_Key] = set()
        waiting = 0
        while left or waiting:
            begun = {_key(*call) for call in left if self._begin(call, answers, 0.0)}
            if not begun and not waiting and self._begin(left[0], answers, _until(end)):
                begun = {_key(*left[0])}
            left = [call for call in left if _key(*call) not in begun]
            asked |= begun
            waiting += len(begun)
            try:
                key, answer = answers.get(timeout=_until(end))
            except Empty:
                break
            waiting -= 1
            if answer is not None:
                found[key] = answer
        for key in asked:
            breaker = self._breakers[key[0]]
            breaker.worked() if key in found else breaker.failed(self._monotonic())
        return found

    def _begin(self, call: _Call, answers: _Answers, seconds: float) -> bool:
        """Start a call in a thread of its own, which a hanging classifier may keep; False: it has no place so soon."""
        one, material = call
        slots, key = self._slots[one.name], _key(one, material)
        if not slots.acquire(timeout=seconds):
            return False

        def work() -> None:
            answer = None
            with suppress(Exception):  # whatever a classifier raises means that it gave no answer
                answer = _answer(one, material)
                self._known.put(key, answer, self._monotonic())  # late for this call, in time for the next
            slots.release()
            answers.put((key, answer))

        try:
            threading.Thread(target=work, name=f"classifier-{one.name}", daemon=True).start()
        except RuntimeError:  # no more threads
            slots.release()
            answers.put((key, None))
        return True

    def _together(self, material: Material, found: Mapping[_Key, Classification]) -> Asked:
        said = {one.name: found[key] for one in self._classifiers if (key := _key(one, material)) in found}
        labels = {label for answer in said.values() for label in answer.labels}
        ratings = {rating for answer in said.values() for rating in answer.ratings}
        unanswered = tuple(name for name in self.names if name not in said or not said[name].sure)
        return Asked(tuple(sorted(labels)), tuple(sorted(ratings)), unanswered)


def _until(end: float) -> float:
    return max(0.0, end - time.monotonic())


def _key(one: Classifier, material: Material) -> _Key:
    return one.name, material.namespace, material.digest


def _answer(one: Classifier, material: Material) -> Classification:
    said = one.classify(material)
    if inspect.isawaitable(said):
        said = asyncio.run(_awaited(said))
    if not isinstance(said, Classification):
        raise TypeError(f"{one.name} gave no classification")
    return said


async def _awaited(said: Awaitable[Classification]) -> Classification:
    return await said


class _Breaker:
    """Closed, open for a while after failures in a row, then open to one try."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._failures = 0
        self._again_at = 0.0

    def lets_through(self, now: float) -> bool:
        with self._lock:
            if self._failures < self._limits.failures:
                return True
            if now < self._again_at:
                return False
            self._again_at = now + self._limits.rest  # this call tries; the others go on waiting
            return True

    def worked(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self, now: float) -> None:
        with self._lock:
            self._failures += 1
            self._again_at = now + self._limits.rest


class _Memory:
    """The last answers by classifier and digest, the least used going first."""

    def __init__(self, keep: float) -> None:
        self._keep = keep
        self._lock = threading.Lock()
        self._answers: OrderedDict[_Key, tuple[Classification, float]] = OrderedDict()

    def get(self, key: _Key, now: float) -> Classification | None:
        with self._lock:
            found = self._answers.get(key)
            if found is None or now - found[1] >= self._keep:
                return None
            self._answers.move_to_end(key)
            return found[0]

    def put(self, key: _Key, answer: Classification, now: float) -> None:
        with self._lock:
            self._answers[key] = (answer, now)
            self._answers.move_to_end(key)
            while len(self._answers) > MOST_ANSWERS:
                self._answers.popitem(last=False)
