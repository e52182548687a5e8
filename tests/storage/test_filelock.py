"""The lock between processes."""

import threading

import pytest

from minorguard.storage.filelock import FileLock, LockTimeout
from tests.storage.waiting import is_locked


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "f")


def test_held__second_taker__times_out(path):
    """A lock that is held is not given again, and waiting for it ends."""
    with FileLock(path).held(0.01), pytest.raises(LockTimeout), FileLock(path).held(0.01):
        raise AssertionError("held twice")


def test_held__after_an_error_inside__is_free(path):
    """The lock is given back however its block ends."""
    with pytest.raises(KeyError), FileLock(path).held(0.01):
        raise KeyError
    with FileLock(path).held(0):
        pass


def test_held__after_a_timeout__leaves_the_turn_free(path):
    """One who gave up waiting does not block the next."""
    with FileLock(path).held(0.01):
        for _ in range(2):
            with pytest.raises(LockTimeout), FileLock(path).held(0.01):
                pass
    with FileLock(path).held(0):
        pass


def test_held__missing_folder__is_an_os_error(tmp_path):
    """A lock whose file cannot be made is not held."""
    with pytest.raises(FileNotFoundError), FileLock(str(tmp_path / "no" / "f")).held(0.01):
        pass


def test_held__a_holder_that_wants_it_again__comes_after_one_who_waits(path):
    """One who waits comes next, however fast the holder asks again."""
    came_in = threading.Event()

    def wait_once():
        with FileLock(path).held(5):
            came_in.set()

    waiting = threading.Thread(target=wait_once)
    with FileLock(path).held(5):
        waiting.start()
        while not is_locked(f"{path}.turn.lock"):
            pass
    with FileLock(path).held(5):
        assert came_in.is_set()
    waiting.join()


def test_files__are_private(tmp_path, path):
    """The lock's files can be opened by their owner only."""
    with FileLock(path).held(1):
        pass
    assert {"f.lock", "f.turn.lock"} == {file.name for file in tmp_path.iterdir()}
    assert {0o600} == {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
