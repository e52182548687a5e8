"""Requests that are not what the contract says: each is refused, says where, and never a 5xx."""

import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.service.world import World

_SESSIONS = "/v1/sessions"


def sent(world: World, data: bytes, kind: str = "application/json") -> tuple[int, str]:
    """Status and code of a raw body."""
    answer = world.call("POST", _SESSIONS, data=data, content_type=kind)
    return answer.status_code, answer.json["code"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b"\xff\xfe",
        b'{"device": NaN}',
        b'{"device": "a", "device": "b"}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[" * 20_000,
    ],
)
def test_malformed_json(world: World, data: bytes) -> None:
    """Broken JSON, doubled keys, numbers and depths that Python chokes on: 400."""
    assert sent(world, data) == (400, "malformed-json")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b'{"subject_id": {"type": 1, "type": 2}}', "`type` comes twice in one object; keep one of the two"),
        (b'{"' + b"k" * 999 + b'":1,"' + b"k" * 999 + b'":1}', f"`{'k' * 64}` comes twice in one object"),
        (b"\x1f\x8b\x08\x00", "it is not UTF-8; send it as UTF-8, and not compressed"),
        (b"[" * 20_000 + b"]" * 20_000, "it is nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "a number in it has too many digits"),
        (b"{'a': 1}", "expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
    ],
)
def test_malformed_json_says_what_to_do(world: World, data: bytes, problem: str) -> None:
    """Which key, or what kind of text it is not."""
    answer = world.call("POST", "/v1/checks", data=data, content_type="application/json")
    assert answer.json["detail"].startswith(f"the body is not JSON: {problem}")


class Broken:
    """A body that a server cannot read to its end."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def read(self, _size: int) -> bytes:
        raise self.error


@pytest.mark.parametrize("head", [{"CONTENT_LENGTH": "40"}, {"HTTP_TRANSFER_ENCODING": "chunked"}], ids=str)
@pytest.mark.parametrize("error", [ConnectionResetError(), RuntimeError("bad chunk")], ids=repr)
def test_a_body_that_breaks_off_is_the_callers_mistake(world: World, head: dict[str, str], error: Exception) -> None:
    """However the server tells of it, the answer is a 400."""
    sent = {"wsgi.input": Broken(error), "wsgi.input_terminated": True, **head}
    answer = world.call("POST", "/v1/checks", content_type="application/json", environ_overrides=sent)
    assert (answer.status_code, answer.json["code"]) == (400, "malformed-json")
    assert answer.json["detail"] == "the body is cut off, or its chunks are wrong; send it whole"


def test_a_body_shorter_than_was_said_is_not_read(world: World) -> None:
    """Also where what came is JSON."""
    body = json.dumps({"subject_id": "kid", "question": {"type": "time"}}).encode()
    sent = {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True, "CONTENT_LENGTH": str(len(body) + 1)}
    answer = world.call("POST", "/v1/checks", content_type="application/json", environ_overrides=sent)
    assert (answer.status_code, answer.json["code"]) == (400, "malformed-json")


@pytest.mark.parametrize("data", [b"[]", b'"kid"', b"1", b"null"])
def test_a_body_that_is_no_object(world: World, data: bytes) -> None:
    """JSON, but no object: 422 at the root."""
    answer = world.call("POST", _SESSIONS, data=data, content_type="application/json")
    assert (answer.status_code, answer.json["errors"]) == (422, [{"pointer": "", "problem": "must be an object"}])


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_other_content_types(world: World, kind: str) -> None:
    """Only JSON is read, so that no form of a web page can send a call."""
    assert sent(world, b"{}", kind) == (415, "wrong-content-type")


def test_large_bodies(world: World) -> None:
    """64 KiB and no more."""
    assert sent(world, json.dumps({"a": "x" * 65_000}).encode()) == (422, "invalid-request")
    assert sent(world, json.dumps({"a": "x" * 66_000}).encode()) == (413, "too-large")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"/subject_id": "is missing; add it", "/device": "is missing; add it"}),
        ({"subject_id": "kid", "device": None}, {"/device": "must not be null; leave it out"}),
        ({"subject_id": 7, "device": "tv"}, {"/subject_id": "must be a string"}),
        ({"subject_id": "kid", "device": "tv", "a/b~c": 1}, {"/a~1b~0c": "is not known here; remove it"}),
        (
            {"subject_id": "kid", "device": "-"},
            {"/device": "must be 1 to 64 of `A-Z a-z 0-9 . _ : -`, beginning with a letter or digit"},
        ),
    ],
)
def test_every_wrong_field_is_listed(world: World, body: dict, expected: dict) -> None:
    """Each with a JSON pointer and a way out."""
    answer = world.call("POST", _SESSIONS, body)
    assert answer.status_code == 422
    assert expected == {one["pointer"]: one["problem"] for one in answer.json["errors"]}


@pytest.mark.parametrize("seq", [0, -1, 1.9, 1.0, "1", True, None, 2**60, [1]])
def test_seq_is_a_whole_number(world: World, seq: object) -> None:
    """`1.9` and `true` are not 1."""
    answer = world.call("POST", "/v1/heartbeats", {"token": "x", "seq": seq})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/seq")


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-24",
        "2026-11-24T12:00:00",
        "noon",
        1,
        "1999-12-31T00:00:00Z",
        "9999-01-01T00:00:00Z",
        "20261124T120000Z",
    ],
)
def test_instants_have_an_offset_and_a_sane_year(world: World, at: object) -> None:
    """A naive, odd or far instant is refused where it stands."""
    interval = {"started_at": "2026-11-24T11:00:00+08:00", "ended_at": at}
    answer = world.call("POST", "/v1/subjects/kid/offline-use", {"device": "tv", "intervals": [interval]})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/intervals/0/ended_at")


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "é"])
def test_odd_idempotency_keys(world: World, key: str) -> None:
    """A key is 1 to 255 visible characters."""
    answer = world.call("POST", _SESSIONS, {"subject_id": "kid", "device": "tv"}, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (422, "Idempotency-Key")


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/v1/content/texts", {"texts": None}, "/texts: must not be null; leave it out"),
        ("/v1/lexicons/a/lint", {"terms": [None]}, "/terms/0: must not be null; leave it out"),
        ("/v1/lexicons/a/lint", {"terms": [7]}, "/terms/0: must be an object"),
    ],
)
def test_every_message_is_ours(world: World, path: str, body: dict, expected: str) -> None:
    """Lower case, no full stop, with a way out."""
    key = world.new_key("app", "policy-editor")
    answer = world.call(
        "POST", path, {"subject_id": "kid", "surface": "feed", **body} if "text" in path else body, key=key
    )
    assert (answer.status_code, answer.json["detail"]) == (422, expected)


def test_a_question_in_a_session_is_told_where_it_stands(world: World) -> None:
    """A token says the session already; the pointer leads into the question."""
    world.put()
    token = world.open().json["token"]
    question = {"type": "time", "session_id": "kid~other-one"}
    answer = world.call("POST", "/v1/checks", {"question": question}, key=token)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/question/session_id")
    answer = world.call("POST", "/v1/uses", {"feature": "comment", "session_id": "kid~other-one"}, key=token)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/session_id")


def test_problems_are_rfc_9457(world: World) -> None:
    """Type, title, status, detail, code and request id, and never the input's own text beyond its pointer."""
    answer = world.call("POST", _SESSIONS, {}, headers={"X-Request-Id": "call-7"})
    assert answer.mimetype == "application/problem+json"
    assert tuple(answer.json[name] for name in ("type", "title", "status", "request_id")) == (
        "urn:minorguard:problem:invalid-request",
        "invalid request",
        422,
        "call-7",
    )
    assert answer.json["detail"] == "/subject_id: is missing; add it (1 more)"


@pytest.mark.parametrize("sent_id", ["", "a b", "x" * 65, "<script>"])
def test_insane_request_ids_are_replaced(world: World, sent_id: str) -> None:
    """What would not be sane in a log is not taken over."""
    answer = world.call("GET", "/livez", headers={"X-Request-Id": sent_id})
    assert sent_id != answer.headers["X-Request-Id"]
    assert len(answer.headers["X-Request-Id"]) == 16


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/v1/nothing", (404, "no-route")),
        ("GET", "/v1/policies/", (404, "no-route")),
        ("GET", "//v1/policies", (404, "no-route")),
        ("PATCH", "/v1/subjects/kid", (405, "method-not-allowed")),
        ("OPTIONS", "/v1/sessions", (405, "method-not-allowed")),
    ],
)
def test_other_paths_and_methods(world: World, method: str, path: str, expected: tuple[int, str]) -> None:
    """They are problems too."""
    answer = world.call(method, path)
    assert expected == (answer.status_code, answer.json["code"])
    assert answer.status_code == 404 or "Allow" in answer.headers


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_WORDS = st.sampled_from(
    [
        "kid",
        "policy",
        "short-video",
        "12-16",
        "2013-05-01",
        "on",
        "tablet",
        "2026-11-24T12:00:00+08:00",
        "time",
        "feature",
    ]
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_sent_is_answered_by_the_contract(data: st.DataObject) -> None:
    """No body of the right keys and any values makes a 5xx or an answer that is not documented."""
    world = _FUZZED
    body_of = {
        (method, path): operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for path, item in world.service.openapi["paths"].items()
        for method, operation in item.items()
        if "requestBody" in operation
    }
    method, path = data.draw(st.sampled_from(sorted(body_of)))
    keys = sorted(world.service.openapi["components"]["schemas"][body_of[method, path]]["properties"])
    body = data.draw(st.dictionaries(st.sampled_from(keys) | st.text(max_size=5), _WORDS | _JSON, max_size=5))
    answer = world.call(
        method.upper(), path.replace("{id}", "kid"), data=json.dumps(body), content_type="application/json"
    )
    assert answer.status_code < 500


_FUZZED = World.make()
_FUZZED.put()
