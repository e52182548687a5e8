"""A list in the store that grows in pages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minorguard.errors import StoreUnavailable
from minorguard.review.paged_log import PAGE, PagedLog
from minorguard.storage.memory import MemoryStore


def numbers(log: PagedLog, start: int = 0) -> list[int]:
    """The numbers that are left."""
    return [number for number, _ in log.read(start)]


@given(st.lists(st.integers(-1, 3 * PAGE), max_size=3 * PAGE))
@settings(max_examples=30, deadline=None)
def test_it_is_a_list_with_holes(steps: list[int]) -> None:
    """Adding (-1) and dropping a number, in any order, leave what a plain list would hold; numbers are never reused."""
    log, plain, added = PagedLog(MemoryStore(), "log"), {}, 0
    for one in steps:
        if one < 0:
            for _ in range(5):
                assert log.append({"n": added}) == added
                plain[added] = {"n": added}
                added += 1
        else:
            log.drop(one)
            plain.pop(one, None)
    assert list(log.read()) == sorted(plain.items())
    assert list(log.newest()) == sorted(plain.items(), reverse=True)
    assert list(log.read(PAGE, 3)) == [pair for pair in sorted(plain.items()) if pair[0] >= PAGE][:3]


def test_a_page_that_is_over_is_not_made_anew() -> None:
    """A writer that still believes in it goes on to the next page."""
    store = MemoryStore()
    log = PagedLog(store, "log")
    for number in range(PAGE):
        log.append({"n": number})
    for number in range(PAGE):
        log.drop(number)
    assert log.append({"n": PAGE}) == PAGE
    assert numbers(log) == [PAGE]


def test_its_cost_does_not_grow_with_what_was_dropped() -> None:
    """Reading begins where something is left, and each change writes one small record."""
    reads: list[str] = []

    class Counting(MemoryStore):
        def load(self, key):
            reads.append(key)
            return super().load(key)

    log = PagedLog(Counting(), "log")
    for number in range(20 * PAGE):
        log.append({"n": number})
        log.drop(number)
    log.append({"n": -1})
    reads.clear()
    assert numbers(log) == [20 * PAGE]
    assert len(reads) <= 4


def test_a_head_that_lags_hides_nothing() -> None:
    """The head is a hint: when its write was lost, readers and writers find the end all the same."""

    class Forgetful(MemoryStore):
        def save(self, key, blob, expected, *, durable=False):
            if key.endswith("/head"):
                raise StoreUnavailable("memory://", "lost")
            return super().save(key, blob, expected, durable=durable)

    store = Forgetful()
    log = PagedLog(store, "log")
    for number in range(2 * PAGE + 1):
        if number and number % PAGE == 0:
            with pytest.raises(StoreUnavailable):
                log.append({"n": number})
        else:
            log.append({"n": number})
    assert numbers(log) == list(range(2 * PAGE + 1))
    assert next(number for number, _ in log.newest()) == 2 * PAGE
