"""Classifiers: what they say, and what becomes of it when they say nothing. Servers are real."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from minorguard.clock import ManualClock
from minorguard.content.classifiers import MOST_ANSWERS, Classification, Classifiers, Limits, Material
from minorguard.content.webhook import MOST_BYTES, SIGNATURE, NoAnswer, Webhook, WebhookClassifier, is_signed
from minorguard.errors import InvalidInput

SECRET = "a secret of some length"
NOW = 1_795_000_000
QUICK = Limits(timeout=0.3, failures=2, rest=30.0)


def material(digest: str = "sha256:1") -> Material:
    """Something to classify."""
    return Material(digest, text="some text", item="v-1")


class Says:
    """A classifier that does as it is told, and counts."""

    def __init__(self, answer: object, name: str = "one") -> None:
        self.name, self.answer, self.calls = name, answer, 0

    def classify(self, material: Material) -> object:
        self.calls += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer(material) if callable(self.answer) else self.answer


class Ticks:
    """A monotonic clock that is given."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_several_say_is_put_together() -> None:
    """Labels and ratings unite; who is not sure is among the unanswered."""
    both = Classifiers(
        [
            Says(Classification(("violence",), ("12+",)), "images"),
            Says(Classification(("ads", "violence"), sure=False), "texts"),
        ]
    )
    asked = both.ask(material())
    assert (asked.labels, asked.ratings, asked.unanswered) == (("ads", "violence"), ("12+",), ("texts",))


def test_a_coroutine_is_awaited_and_the_loop_is_not_held_up() -> None:
    """The same protocol for both kinds; `ask_async` for callers that have a loop."""

    class Slow:
        name = "slow"

        async def classify(self, material: Material) -> Classification:
            await asyncio.sleep(0)
            return Classification(("sport",))

    assert Classifiers([Slow()]).ask(material()).labels == ("sport",)
    assert asyncio.run(Classifiers([Slow()]).ask_async(material())).labels == ("sport",)


@pytest.mark.parametrize(
    "answer",
    [
        ValueError("broken"),
        "violence",
        None,
        lambda _: Classification(("no label at all",)),
        lambda _: Classification("violence"),
        lambda _: Classification(ratings=(12,)),
        lambda _: Classification(sure="no"),
    ],
)
def test_an_error_or_nonsense_is_no_answer(answer: object) -> None:
    """Whatever it raises or returns."""
    assert Classifiers([Says(answer)]).ask(material()).unanswered == ("one",)


def test_who_hangs_is_given_up_and_others_are_heard() -> None:
    """All in the time of one timeout; the thread that hangs counts among its classifier's under way, and no other's."""
    end = threading.Event()
    hanging = Says(lambda _: end.wait(20), "hanging")
    both = Classifiers([hanging, Says(Classification(("ads",)), "quick")], Limits(timeout=0.3, budget=0.3, at_once=1))
    started = time.monotonic()
    asked = [both.ask(material("a")), *both.ask_many([material(digest) for digest in "bcd"])]
    assert time.monotonic() - started < 2
    assert [(one.labels, one.unanswered) for one in asked] == [(("ads",), ("hanging",))] * 4
    assert hanging.calls == 1
    end.set()


def test_no_thread_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has no more threads fails nobody's call, and keeps no place."""
    says = Says(Classification(("ads",)))
    asks = Classifiers([says], Limits(at_once=1))

    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refused)
        assert asks.ask(material()).unanswered == ("one",)
    assert asks.ask(material()).labels == ("ads",)


def test_many_are_asked_at_once_and_have_one_budget() -> None:
    """Each content once, more than may be under way at once one after the other, and none past the budget."""
    slow = Says(lambda material: time.sleep(0.05) or Classification((f"x{material.digest}",)))
    asks = Classifiers([slow], Limits(at_once=2))
    asked = asks.ask_many([material(str(number % 5)) for number in range(10)])
    assert [one.labels for one in asked] == [(f"x{number % 5}",) for number in range(10)]
    assert slow.calls == 5
    never = Classifiers([Says(lambda _: time.sleep(0.5))], Limits(budget=0.1, at_once=2))
    assert [one.unanswered for one in never.ask_many([material(str(number)) for number in range(4)])] == [("one",)] * 4


def test_answers_are_remembered_by_digest_for_a_while() -> None:
    """The same content costs nothing; other content, and an old answer, are asked for; failures are not remembered."""
    says, ticks = Says(Classification(("ads",))), Ticks()
    asks = Classifiers([says], Limits(keep=100.0), ticks)
    for digest, at in (("a", 0.0), ("a", 99.0), ("b", 99.0), ("a", 100.0)):
        ticks.now = at
        assert asks.ask(material(digest)).labels == ("ads",)
    assert says.calls == 3
    broken = Says(ValueError())
    for _ in range(2):
        Classifiers([broken]).ask(material())
    assert broken.calls == 2


def test_no_two_have_one_name() -> None:
    """The answer of one would be taken for the other's."""
    with pytest.raises(InvalidInput, match="same name"):
        Classifiers([Says(Classification(("ads",))), Says(Classification())])


def test_what_is_said_of_one_tenants_digest_is_not_anothers() -> None:
    """Digests are of any form: two may give the same one to different content."""
    asks = Classifiers([Says(lambda material: Classification((material.namespace,)))])
    both = [Material("1", "some text", namespace=name) for name in ("acme", "shop")]
    assert [asks.ask(one).labels for one in both] == [("acme",), ("shop",)]
    assert [one.labels for one in asks.ask_many(both)] == [("acme",), ("shop",)]


def test_an_answer_that_comes_late_serves_the_next_call() -> None:
    """A slow classifier is given up and heard all the same."""
    go = threading.Event()
    slow = Says(lambda _: go.wait(20) and Classification(("ads",)))
    asks = Classifiers([slow], Limits(timeout=0.05))
    assert asks.ask(material()).unanswered == ("one",)
    go.set()
    end = time.monotonic() + 10
    while asks.ask(material()).unanswered:
        assert time.monotonic() < end
        time.sleep(0.005)
    assert slow.calls >= 1


def test_memory_is_bounded() -> None:
    """The least used goes first."""
    says = Says(Classification(("ads",)))
    asks = Classifiers([says])
    for number in range(MOST_ANSWERS + 1):
        asks._known.put(("one", "", f"sha256:{number}"), Classification(), 0.0)
    assert len(asks._known._answers) == MOST_ANSWERS
    assert asks._known.get(("one", "", "sha256:0"), 0.0) is None


def test_who_fails_again_and_again_is_left_alone_and_tried_again() -> None:
    """The breaker opens after so many failures, lets one call try after its rest, and closes when that works."""
    says, ticks = Says(ValueError()), Ticks()
    asks = Classifiers([says], QUICK, ticks)
    for number in range(5):
        assert asks.ask(material(str(number))).unanswered == ("one",)
    assert says.calls == 2
    ticks.now = 30.0
    asks.ask(material("still broken"))
    asks.ask(material("not asked"))
    assert says.calls == 3
    ticks.now, says.answer = 60.0, Classification(("ads",))
    assert [asks.ask(material(digest)).labels for digest in ("x", "y")] == [("ads",)] * 2
    assert says.calls == 5


# Webhooks


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler, bytes], None]) -> Iterator[str]:
    """A server on a free loopback port that answers each POST so; its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                answer(self, body)
            except OSError:  # the caller has gone
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/classify?v=1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def reply(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200) -> None:
    """A whole answer."""
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def asking(url: str, limits: Limits = QUICK) -> Classifiers:
    """A webhook among classifiers."""
    webhook = Webhook(url, SECRET, timeout=0.3, clock=ManualClock(NOW))
    return Classifiers([WebhookClassifier("images", webhook)], limits)


def test_a_webhook_is_sent_signed_json() -> None:
    """The receiver checks body and time with the secret; nothing that is not known is sent."""
    seen = []

    def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        seen.append((handler.path, body, handler.headers[SIGNATURE]))
        reply(handler, b'{"labels": ["violence"], "ratings": ["12+"]}')

    with serving(answer) as url:
        asked = asking(url).ask(material())
    assert (asked.labels, asked.ratings, asked.unanswered) == (("violence",), ("12+",), ())
    ((path, body, signed),) = seen
    assert (path, json.loads(body)) == (
        "/classify?v=1",
        {"digest": "sha256:1", "text": "some text", "item": "v-1"},
    )
    assert is_signed(SECRET, body, signed, NOW)
    for wrong in (
        (SECRET + "x", body, signed, NOW),
        (SECRET, body + b" ", signed, NOW),
        (SECRET, body, signed, NOW + 301),
    ):
        assert not is_signed(*wrong)
    assert not is_signed(SECRET, body, "v1=nothing", NOW)


def drip(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    """A byte now and then, for ever."""
    handler.send_response(200)
    handler.end_headers()
    drip_on(handler)


def drip_on(handler: BaseHTTPRequestHandler) -> None:
    """Go on like this."""
    for _ in range(200):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def drip_headers(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
    """A header that does not end."""
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nX-Long: ")
    drip_on(handler)


@pytest.mark.parametrize("answer", [drip, drip_headers])
def test_a_server_that_drips_has_one_deadline(answer: Callable[[BaseHTTPRequestHandler, bytes], None]) -> None:
    """The thread that asks is free again then."""
    with serving(answer) as url:
        started = time.monotonic()
        with pytest.raises(NoAnswer):
            Webhook(url, SECRET, timeout=0.3).send({})
        assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "answer",
    [
        lambda handler, body: reply(handler, b'{"labels": []}', 500),
        lambda handler, body: reply(handler, b'{"labels": []}', 302),
        lambda handler, body: reply(handler, b"<html>"),
        lambda handler, body: reply(handler, b""),
        lambda handler, body: reply(handler, b"[]"),
        lambda handler, body: reply(handler, b'{"labels": "violence"}'),
        lambda handler, body: reply(handler, b'{"labels": [1]}'),
        lambda handler, body: reply(handler, b'{"labels": ["violence"], "labels": []}'),
        lambda handler, body: reply(handler, b'{"labels": [], "sure": "yes"}'),
        lambda handler, body: reply(handler, b'{"labels": [], "score": 1}'),
        lambda handler, body: reply(handler, b'{"labels": ["' + b"x" * 100 + b'"]}'),
        lambda handler, body: reply(handler, b'{"labels": [' + b'"a",' * 200 + b'"a"]}'),
        lambda handler, body: reply(handler, b"[" * 60_000),
        lambda handler, body: reply(handler, b" " * (MOST_BYTES + 1)),
        lambda handler, body: handler.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 99\r\n\r\n{}"),
        lambda handler, body: handler.wfile.write(b"\x00\x01\x02"),
        lambda handler, body: handler.connection.close(),
        lambda handler, body: time.sleep(1),
        drip,
    ],
)
def test_errors_junk_floods_and_silence_are_no_answer(answer: Callable[[BaseHTTPRequestHandler, bytes], None]) -> None:
    """Within the timeout, whatever the server does."""
    with serving(answer) as url:
        started = time.monotonic()
        asked = asking(url).ask(material())
        assert (asked.labels, asked.unanswered) == ((), ("images",))
        assert time.monotonic() - started < 3


def test_nobody_there_is_no_answer_and_the_breaker_opens() -> None:
    """A port that is closed."""
    with serving(reply) as url:
        pass
    asks = asking(url)
    assert [asks.ask(material(str(number))).unanswered for number in range(3)] == [("images",)] * 3


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("ftp://example.org", SECRET),
        ("example.org/x", SECRET),
        ("http://", SECRET),
        ("http://me:pass@example.org", SECRET),
        ("http://example.org:99999", SECRET),
        ("http://[::1", SECRET),
        ("https://example.org", "short"),
    ],
)
def test_a_webhook_needs_a_url_and_a_secret(url: str, secret: str) -> None:
    """Neither password in a URL nor a secret that can be guessed."""
    with pytest.raises(InvalidInput):
        Webhook(url, secret)


def test_what_is_sent_is_bounded() -> None:
    """Nothing is sent then."""
    with pytest.raises(NoAnswer, match="bytes"):
        Webhook("http://127.0.0.1:9", SECRET).send("x" * 300_000)
