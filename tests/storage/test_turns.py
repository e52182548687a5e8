"""Turns between threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from minorguard.storage.filelock import LockTimeout
from minorguard.storage.turns import Job, Turns
from tests.storage.waiting import until


class Shared(Job):
    """A job that may be taken along."""


@pytest.fixture
def turns():
    return Turns()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as pool:
        yield pool


def line_up(turns, pool, *jobs, timeout=5):
    """Let threads ask for the turn, one after the other."""
    before, running = len(turns._waiting), []
    for number, job in enumerate(jobs, before + 1):
        running.append(pool.submit(turns.enter, job, timeout))
        until(lambda number=number: len(turns._waiting) == number)
    return running


def test_enter__nobody_there__has_the_turn_at_once(turns):
    """A turn that nobody has costs no waiting, again and again."""
    for _ in range(3):
        assert turns.enter(Job(), 0) is True
        turns.leave()


def test_leave__many_wait__they_come_in_the_order_in_which_they_asked(turns, pool):
    """First come, first served."""
    turns.enter(Job(), 1)
    running = line_up(turns, pool, *(Job() for _ in range(5)))
    for place in range(5):
        turns.leave()
        assert running[place].result(5) is True
        assert not any(later.done() for later in running[place + 1 :])
    turns.leave()
    assert turns.enter(Job(), 0) is True


def test_enter__the_holder_asks_again__comes_after_those_who_wait(turns, pool):
    """One who wants the turn again at once does not starve the others."""
    turns.enter(Job(), 1)
    (waiting,) = line_up(turns, pool, Job())
    turns.leave()
    with pytest.raises(LockTimeout):
        turns.enter(Job(), 0)
    assert waiting.result(5) is True


def test_along__takes_the_next_ones_and_wakes_them_when_it_is_done(turns, pool):
    """Those taken along never have the turn, and hear nothing before it is given up."""
    turns.enter(Shared(), 1)
    jobs = [Shared(), Shared()]
    running = line_up(turns, pool, *jobs)
    assert jobs == turns.along(Shared, 9)
    assert not any(one.done() for one in running)
    turns.leave(jobs)
    assert [one.result(5) for one in running] == [False, False]
    assert turns.enter(Job(), 0) is True


def test_along__stops_at_another_kind(turns, pool):
    """What shares a turn never overtakes what does not."""
    turns.enter(Shared(), 1)
    first, alone, last = Shared(), Job(), Shared()
    running = line_up(turns, pool, first, alone, last)
    assert [first] == turns.along(Shared, 9)
    turns.leave([first])
    assert running[1].result(5) is True
    assert not running[2].done()
    turns.leave()
    assert running[2].result(5) is True


@pytest.mark.parametrize(("most", "taken"), [(0, 0), (2, 0), (3, 1), (5, 1), (6, 2), (7, 3), (99, 3)])
def test_along__sizes__stay_within_the_bound(turns, pool, most, taken):
    """A turn is bounded, and whoever does not fit keeps his place."""
    turns.enter(Shared(), 1)
    jobs = [Shared(3), Shared(3), Shared(1)]
    running = line_up(turns, pool, *jobs)
    along = turns.along(Shared, most)
    assert jobs[:taken] == along
    turns.leave(along)
    for one in running[taken:]:
        assert one.result(5) is True
        turns.leave()


def test_enter__in_vain__is_not_in_the_queue_any_more(turns):
    """One who gave up is never given the turn."""
    turns.enter(Job(), 1)
    with pytest.raises(LockTimeout):
        turns.enter(Job(), 0.01)
    turns.leave()
    assert turns.enter(Job(), 0) is True


class ImpatientBell:
    """Is not heard in time, which is over as soon as the test says so."""

    def __init__(self, bell):
        self.release = bell.release
        self.over = threading.Event()

    def acquire(self, timeout):
        assert self.over.wait(timeout)
        return False


def test_enter__taken_along_by_one_who_hangs__ends_all_the_same(turns, pool):
    """Waiting is bounded for those whom another serves, too; when that one goes on, nothing is left over."""
    turns.enter(Shared(), 1)
    job = Shared()
    job._bell = bell = ImpatientBell(job._bell)
    (waiting,) = line_up(turns, pool, job)
    assert [job] == turns.along(Shared, 9)
    bell.over.set()
    with pytest.raises(LockTimeout):
        waiting.result(5)
    turns.leave([job])
    assert turns.enter(Job(), 0) is True


class InterruptedBell:
    """Rings, and the thread that hears it is interrupted."""

    def __init__(self, bell):
        self._bell = bell
        self.release = bell.release

    def acquire(self, timeout):
        assert self._bell.acquire(timeout=timeout)
        raise KeyboardInterrupt


def test_enter__interrupted_as_the_turn_comes__passes_it_on(turns, pool):
    """A thread that is interrupted while it waits takes the turn from nobody."""
    turns.enter(Job(), 1)
    job = Job()
    job._bell = InterruptedBell(job._bell)
    interrupted, waiting = line_up(turns, pool, job, Job())
    turns.leave()
    with pytest.raises(KeyboardInterrupt):
        interrupted.result(5)
    assert waiting.result(5) is True


def test_alone__excludes_all_others_and_ends_with_its_block(turns):
    """However the block ends, the turn is free."""
    inside, most, lock = 0, 0, threading.Lock()

    def work():
        nonlocal inside, most
        for _ in range(50):
            with turns.alone(5):
                inside += 1
                with lock:
                    most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    with pytest.raises(KeyError), turns.alone(0):
        raise KeyError
    assert turns.enter(Job(), 0) is True
