"""The client against the real service, in one process and on a test clock."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

import minorguard.cli
from minorguard.policy import PolicyBook
from minorguard.storage.memory import MemoryStore
from minorguard_client import MinorGuardClient, Problem, Unreachable
from minorguard_service.app import create_app
from minorguard_service.keys import create_api_key
from minorguard_service.settings import Settings

POLICY = Path(minorguard.cli.__file__).parent / "templates" / "short-video.yaml"
FOUR = datetime(2026, 11, 24, 8, tzinfo=UTC)  # 16:00 in Shanghai, a Tuesday
MINUTE = timedelta(minutes=1)


class LossyTransport(httpx.BaseTransport):
    """Lets every call through, and loses the replies it is told to lose."""

    def __init__(self, app):
        self.inner = httpx.WSGITransport(app=app)
        self.losing = 0
        self.statuses = []

    def handle_request(self, request):
        response = self.inner.handle_request(request)
        self.statuses.append(response.status_code)
        if self.losing:
            self.losing -= 1
            raise httpx.ReadTimeout("the reply is lost")
        return response


@pytest.fixture
def transport():
    store = MemoryStore()
    app = create_app(Settings(), store=store, policies=PolicyBook.load(POLICY))
    transport = LossyTransport(app)
    transport.key, _ = create_api_key(
        store, tenant="shop", roles=["app", "guardian-agent", "operator"], live=False, name="tests", now=0
    )
    return transport


@pytest.fixture
def client(transport):
    with MinorGuardClient("http://guard", transport.key, transport=transport, sleep=lambda _: None) as client:
        client.create_test_clock("clock-1", FOUR)
        client.put_subject("kid-1", policy="short-video", age_band="12-16", test_clock="clock-1")
        yield client


def test_a_subject_is_put_read_and_erased(client):
    """What was put is what is read, until it is erased."""
    client.put_subject("kid:2@a", policy="short-video", birth_date=date(2013, 5, 1), mode_on=True)
    kid = client.get_subject("kid:2@a")
    assert client.put_subject(kid.subject_id, policy=kid.policy, policy_revision=kid.policy_revision).mode_on
    client.delete_subject("kid:2@a")
    with pytest.raises(Problem) as caught:
        client.get_subject("kid:2@a")
    assert ("kid:2@a", date(2013, 5, 1), True, 404, "not-found") == (
        kid.subject_id,
        kid.birth_date,
        kid.mode_on,
        caught.value.status,
        caught.value.code,
    )


def test_a_session_lives_beats_and_ends(client):
    """Opening pays a minute ahead, a beat extends it, and ending gives the rest back."""
    handle = client.start("kid-1", device="tablet")
    client.advance_test_clock("clock-1", seconds=30)
    handle.beat()
    extended = handle.session.lease_until
    client.advance_test_clock("clock-1", seconds=10)
    handle.end()
    assert (extended, client.usage("kid-1").used_seconds) == (FOUR + 1.5 * MINUTE, 40)


def test_a_lost_reply_to_an_opening_opens_one_session(client, transport):
    """The session whose reply was lost, and the one that the retry is answered, are the same."""
    transport.losing = 1
    handle = client.start("kid-1", device="tablet")
    client.advance_test_clock("clock-1", seconds=60)
    intervals = client.timeline("kid-1", date(2026, 11, 24)).intervals
    assert (handle.decision.effect, len(intervals)) == ("allow", 1)


def test_a_lost_reply_to_a_use_counts_one_use(client, transport):
    """A comment whose reply was lost is one comment of the day's twenty."""
    transport.losing = 2
    assert client.use("kid-1", "comment").remaining["uses"] == 19


def test_a_lost_reply_to_a_beat_is_charged_once(client, transport):
    """A beat that arrives three times extends the lease once."""
    handle = client.start("kid-1", device="tablet")
    client.advance_test_clock("clock-1", seconds=30)
    transport.losing = 2
    handle.beat()
    client.advance_test_clock("clock-1", seconds=600)
    assert (handle.seq, client.usage("kid-1").used_seconds) == (1, 90)


def test_after_an_unreachable_beat_the_next_one_goes_on(client, transport):
    """No reply at all to one beat, and the handle still has what the next one needs."""
    handle = client.start("kid-1", device="tablet")
    client.advance_test_clock("clock-1", seconds=30)
    transport.losing = 3
    with pytest.raises(Unreachable):
        handle.beat()
    client.advance_test_clock("clock-1", seconds=30)
    handle.beat()
    assert handle.session.lease_until == FOUR + 2 * MINUTE


def test_the_sitting_stops_to_the_second(client):
    """The lease never reaches past the instant at which the rules stop it, and `retry_at` is exact."""
    handle = client.start("kid-1", device="tablet")
    for _ in range(50):
        client.advance_test_clock("clock-1", seconds=30)
        handle.beat()
    stopped = (handle.decision.effect, handle.decision.reason.code, handle.decision.decided_at - FOUR)
    retry_at = handle.end().retry_at
    client.advance_test_clock("clock-1", to=retry_at - timedelta(seconds=1))
    before = client.check_time("kid-1").effect
    client.advance_test_clock("clock-1", seconds=1)
    after = client.check_time("kid-1").effect
    assert (stopped, before, after) == (("limited", "sitting.break", 25 * MINUTE), "deny", "allow")


def test_offline_use_reported_twice_counts_once(client):
    """Time is a set: the same stretch again adds nothing."""
    client.advance_test_clock("clock-1", seconds=3600)
    spans = [(FOUR, FOUR + 10 * MINUTE)]
    for _ in range(2):
        decision = client.report_offline("kid-1", device="phone", intervals=spans, activity="video")
    assert (
        decision.effect,
        client.usage("kid-1").used_seconds,
        client.usage("kid-1").by_activity,
    ) == ("allow", 600, {"video": 600})


def test_features_are_checked_and_denied_with_their_source(client):
    """A check changes nothing, and a denial by law names the law."""
    gift = client.check_feature("kid-1", "gift.send")
    comment = client.check_feature("kid-1", "comment")
    assert (
        gift.effect,
        gift.reason.layer,
        comment.effect,
        comment.remaining["uses"],
    ) == ("deny", "law", "allow", 20)
    assert gift.reason.source.title.startswith("关于规范网络直播打赏")


def test_the_forecast_tiles_the_days(client):
    """Windows and gaps leave nothing out of the days asked for."""
    found = client.forecast("kid-1", days=3)
    edges = sorted((part.start, part.end) for part in (*found.windows, *found.gaps))
    tiled = [edges[0][0], *(end for _, end in edges)]
    assert ([found.start, *(start for start, _ in edges[1:]), found.end]) == tiled


def test_the_clock_moves_to_the_next_boundary(client):
    """From 16:00 the next instant at which the answer may change is the end of the sitting that could be opened."""
    assert client.advance_test_clock("clock-1", to_next_boundary=True).now == FOUR + 25 * MINUTE


def test_a_wrong_call_says_what_was_wrong(client):
    """Places and ways out arrive as data."""
    with pytest.raises(Problem) as caught:
        client.put_subject("kid-3", policy="nothing")
    assert (caught.value.code, caught.value.status) == ("invalid-request", 422)
    assert caught.value.request_id


def test_a_wrong_key_is_a_problem(transport):
    """A key that nobody knows is refused, not retried."""
    client = MinorGuardClient("http://guard", "mg_test_0_0", transport=transport)
    with pytest.raises(Problem) as caught:
        client.usage("kid-1")
    assert (caught.value.code, len(transport.statuses)) == ("unauthenticated", 1)
