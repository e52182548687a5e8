"""freezegun at the edge: frozen time reaches decisions, leases and tokens through the Flask test client."""

from datetime import timedelta

from freezegun import freeze_time

from minorguard.clock import SystemClock
from tests.service.world import World


def test_a_frozen_session_runs_out_when_time_is_moved() -> None:
    """Opened at noon, the token checks until its lease ends, and a late beat goes on."""
    with freeze_time("2026-11-24T04:00:00Z") as frozen:
        world = World.make(clock=SystemClock())
        world.put()
        opened = world.open().json
        assert opened["token_expires_at"] == "2026-11-24T12:01:00+08:00"
        check = {"token": opened["token"], "question": {"type": "time"}}
        frozen.tick(timedelta(seconds=59))
        assert world.call("POST", "/v1/checks", check).status_code == 200
        frozen.tick(timedelta(seconds=1))
        assert world.call("POST", "/v1/checks", check).json["code"] == "token-expired"
        assert world.beat(opened["token"], 1).json["decision"]["effect"] == "allow"
        assert world.lines()[-1]["at"] == "2026-11-24T04:01:00+00:00"


def test_a_frozen_day_ends_at_the_curfew() -> None:
    """Moved to 22:00, the session is denied until six."""
    with freeze_time("2026-11-24T13:59:00Z") as frozen:
        world = World.make(clock=SystemClock())
        world.put()
        opened = world.open().json
        frozen.move_to("2026-11-24T14:00:00Z")
        decision = world.beat(opened["token"], 1).json["decision"]
        assert (decision["effect"], decision["retry_at"]) == ("deny", "2026-11-25T06:00:00+08:00")
