"""Recommended lists through the client, against the real service."""

import httpx
import pytest

from minorguard_client import Candidate, Recommended, Unreachable, protocol
from minorguard_client.protocol import read
from tests.client.bodies import DECISION, DENIAL, Line, answer
from tests.client.test_protocol import told

VIDEOS = [
    Candidate("maths", 0.4, author="ann", topics=("education.maths",), rating="8+", pool="youth"),
    Candidate("music", 0.9, author="bob", topics=("art",), rating="8+", pool="youth"),
    Candidate("bets", 0.8, author="cid", topics=("entertainment",), labels=("gambling",), rating="8+"),
    Candidate("advert", 0.7, rating="8+", pool="youth", promoted=True),
]


def asked(client, **more):
    """A list of two in the feed of child `a`."""
    return client.recommend("a", surface="feed", slots=2, candidates=VIDEOS, **more)


def test_a_list_is_made_with_a_reason_for_each_that_is_not_in_it(client):
    """Every candidate is placed or dropped, and the certificate names the list."""
    made = asked(client)
    assert isinstance(made, Recommended)
    assert (made.decision.effect, made.observed) == ("allow", None)
    assert made.list is not None
    assert [(one.id, one.rank, one.autoplay) for one in made.list.items] == [("music", 1, False), ("maths", 2, False)]
    assert {one.id: (one.code, one.what) for one in made.list.dropped} == {
        "bets": ("label", "gambling"),
        "advert": ("promoted", None),
    }
    assert list(made.list.certificate["items"]) == ["music", "maths"]


def test_the_same_list_id_counts_once(client):
    """A list that is asked for again is the same list and counts once; under another id it counts anew."""
    left = [asked(client, list_id=id).decision.remaining["items"] for id in ("list-1", "list-1", "list-2")]
    assert left == [58, 58, 56]


def test_a_denial_has_no_list():
    """No list, no matter what was asked for; fail closed."""
    line = Line(answer({"decision": DENIAL, "list": None, "personalised": False, "observed": None}))
    made = line.client().recommend("kid", surface="feed", slots=1, candidates=VIDEOS)
    assert (made.decision.allowed, made.list) == (False, None)


def test_a_lost_reply_is_asked_for_again_under_the_same_key():
    """A list counts as shown, so its retry is the same call."""
    line = Line(httpx.ReadTimeout("no reply"), answer({"decision": DENIAL, "list": None, "personalised": False}))
    line.client().recommend("kid", surface="feed", slots=1, candidates=VIDEOS, list_id="list-0815")
    assert line.keys() == ["list-0815", "list-0815"]


@pytest.mark.parametrize("made", [1, {}, {"items": [{}]}, {"items": []}])
def test_a_list_that_is_none_is_no_answer(made):
    """What is not as promised is not shown."""
    call = protocol.recommend("kid", surface="feed", slots=1, candidates=VIDEOS)
    with pytest.raises(Unreachable):
        read(call, told({"decision": DECISION, "list": made, "personalised": False}))
