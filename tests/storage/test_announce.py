"""Announcements where nothing can be pushed, and what listeners may do wrong."""

import queue

import pytest

from minorguard.errors import StoreUnavailable
from minorguard.storage.announce import LocalAnnouncer, PollingAnnouncer

PATIENCE_SECONDS = 5


def test_polling__other_processes__are_found_by_rereading():
    """A listener that nobody can tell anything looks again and again, until it stops."""
    rereads = queue.Queue()
    stop = PollingAnnouncer(every=0.001).subscribe(lambda *_: None, lambda: rereads.put(1))
    for _ in range(3):
        assert rereads.get(timeout=PATIENCE_SECONDS)
    stop()


def test_listener_that_cannot_follow__rereads():
    """A listener that fails on an announcement is told that it may have missed something."""
    rereads = []

    def heard(topic, message):
        raise StoreUnavailable("x://", "gone")

    announcer = LocalAnnouncer()
    announcer.subscribe(heard, lambda: rereads.append(1))
    announcer.publish("topic", b"")
    assert len(rereads) == 2


@pytest.mark.parametrize("kind", [LocalAnnouncer, PollingAnnouncer])
def test_several_listeners__each_hears__until_it_stops(kind):
    """One that stops takes none of the others with it."""
    announcer, heard = kind(), []
    stops = [announcer.subscribe(lambda *_, n=n: heard.append(n), lambda: None) for n in range(3)]
    announcer.publish("topic", b"")
    stops[1]()
    announcer.publish("topic", b"")
    for stop in stops:
        stop()
    assert heard == [0, 1, 2, 0, 2]
