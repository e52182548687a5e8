"""Logs say what happened and hold no secret; counters count it and name nobody."""

import re

from minorguard.clock import ManualClock
from minorguard.errors import StoreUnavailable
from minorguard_service import metrics
from tests.service.test_failures import FailingStore
from tests.service.world import NOON, World


def count(name: str, **labels: str) -> float:
    """The value of a counter."""
    found = 0.0
    for line in metrics.expose().decode().splitlines():
        if line.startswith((name + "{", name + " ")) and all(
            f'{key}="{value}"' in line for key, value in labels.items()
        ):
            found += float(line.rpartition(" ")[2])
    return found


def busy() -> World:
    """A world in which a good deal happened, well and badly."""
    world = World.make(store=FailingStore())
    world.put("kid-secret-name")
    opened = world.open("kid-secret-name").json
    token = world.beat(opened["token"], 1).json["token"]
    world.call("POST", "/v1/heartbeats", {"seq": 2}, key=token)
    world.beat(token[:-4] + "AAAA", 3)
    world.call("GET", "/v1/policies", key=world.key[:-1])
    world.call("POST", "/v1/sessions", {"subject_id": "kid-secret-name", "token": token})
    world.call("POST", "/v1/sessions", data=token.encode(), content_type="application/json")
    world.store.error = RuntimeError("unforeseen")
    world.beat(token, 3)
    world.store.error = StoreUnavailable("x://", "gone")
    world.beat(token, 4)
    return world


def test_logs_hold_no_secret_and_nobody() -> None:
    """No token, key, credential, signature, body or subject."""
    world = busy()
    text = world.log.getvalue().decode()
    secrets = [
        world.key,
        world.key[-20:],
        "Bearer",
        "Authorization",
        "kid-secret-name",
        "eyJ",
        "tablet",
    ]
    for answer in world.answers:
        token = (answer.json or {}).get("token")
        secrets += [token, *token.split(".")] if token else []
    assert [secret for secret in secrets if secret in text] == []
    assert not re.search(r"[A-Za-z0-9_-]{40,}", text.replace("minorguard_service", ""))


def test_a_line_says_what_happened() -> None:
    """Request id, route template, status, milliseconds, tenant, effect."""
    world = World.make()
    world.put()
    world.open(headers={"X-Request-Id": "call-1"})
    line = world.lines()[-1]
    assert {name: value for name, value in line.items() if name != "ms"} == {
        "event": "request",
        "level": "info",
        "at": "2026-11-24T04:00:00+00:00",
        "request_id": "call-1",
        "method": "POST",
        "route": "/v1/sessions",
        "status": 201,
        "tenant": "acme",
        "effect": "allow",
        "reason": "time.allowed",
    }
    assert line["ms"] >= 0


def test_counters_count() -> None:
    """Decisions, requests and store errors, by label."""
    labels = {"effect": "allow", "reason": "time.allowed", "policy": "short-video"}
    before = count("minorguard_decisions_total", **labels), count("minorguard_store_errors_total")
    requests = count("minorguard_requests_total", route="/v1/heartbeats")
    busy()
    assert before[0] + 3 == count("minorguard_decisions_total", **labels)
    assert before[1] + 1 == count("minorguard_store_errors_total")
    assert requests + 5 == count("minorguard_requests_total", route="/v1/heartbeats")


def test_a_year_that_no_calendar_knows_raises_the_alarm() -> None:
    """Strict, and counted."""
    before = count("minorguard_calendar_unknown_year_total", calendar="CN")
    world = World.make(clock=ManualClock(NOON + 15 * 365 * 86_400))
    world.put(policy="calendared")
    world.open()
    assert before + 1 == count("minorguard_calendar_unknown_year_total", calendar="CN")


def test_invented_methods_make_no_labels() -> None:
    """Nobody fills the memory with methods."""
    before = count("minorguard_requests_total", method="other", route="unmatched")
    World.make().app.test_client().open("/nowhere", method="BREW")
    assert before + 1 == count("minorguard_requests_total", method="other", route="unmatched")


def test_metrics_are_text_and_name_no_subject() -> None:
    """Prometheus' form; the labels are few."""
    world = busy()
    answer = world.call("GET", "/metrics")
    assert answer.mimetype == "text/plain"
    assert "minorguard_request_seconds_bucket" in answer.text
    assert "kid-secret-name" not in answer.text
