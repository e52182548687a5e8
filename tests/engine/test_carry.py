"""What a course alone says is what `decide` says; the lives of `test_course` ask the same of every answer."""

from __future__ import annotations

from minorguard.engine import carry, decide, reduce
from minorguard.model.events import HeartbeatReceived, SessionOpened
from minorguard.model.questions import FeatureQuestion, ListQuestion, TimeQuestion
from tests.build import Life
from tests.build import policy as written

POLICY = written("quota: {daily: 40m}", features="{default: deny, allow: [search], limit: {comment: 2/day}}")
SESSION = "kid~s-------"


def test_what_a_course_says_is_carried_and_the_rest_is_asked() -> None:
    """Allowed questions about the session on its course; nothing of others, of denials, or past the lease."""
    life = Life(POLICY)
    start = life.at("2026-11-24 16:00")
    opened = reduce(POLICY, life.state, SessionOpened(SESSION, "tablet"), start)
    beaten = reduce(POLICY, opened.state, HeartbeatReceived(SESSION, 1), start + 30, opened.course)
    assert beaten.course is not None
    asked = {
        TimeQuestion(session=SESSION): True,
        TimeQuestion("video", session=SESSION): False,
        TimeQuestion(): False,
        TimeQuestion(session="kid~t-------"): False,
        FeatureQuestion("comment", 2, SESSION): True,
        FeatureQuestion("search", 1, SESSION): True,
        FeatureQuestion("comment", 3, SESSION): False,
        FeatureQuestion("gift", 1, SESSION): False,
        FeatureQuestion("comment"): False,
        FeatureQuestion("comment", 0, SESSION): False,
        ListQuestion(session=SESSION): False,
    }
    for question, carried in asked.items():
        found = carry(POLICY, beaten.state, question, start + 40, beaten.course)
        assert (found is not None) is carried, question
        if found is not None:
            assert found.whole() == decide(POLICY, beaten.state, question, start + 40)
        assert carry(POLICY, beaten.state, question, start + 90 + 1, beaten.course) is None
        assert carry(POLICY, opened.state, question, start + 40, beaten.course) is None
