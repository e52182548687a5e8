"""Signed calls to other services: one request, one bounded answer, one deadline, no redirects."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from io import BufferedReader, RawIOBase
from socket import socket
from typing import Any
from urllib.parse import urlsplit

from minorguard.clock import Clock, SystemClock, floor_seconds
from minorguard.content.classifiers import Classification, Material
from minorguard.errors import InvalidInput
from minorguard.model.ids import Instant

SIGNATURE = "MinorGuard-Signature"
MOST_BYTES = 65_536
"""Of an answer."""
MOST_SENT = 262_144
"""Of a request."""
TOLERANCE = 300
"""How old a signature may be, in seconds."""
SHORTEST_SECRET = 16

_CHUNK = 8192
_HEADER = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


class NoAnswer(Exception):
    """The other side did not answer as it should; the text says why, and never what was sent."""


def signature(secret: str, body: bytes, now: Instant) -> str:
    """The value of the header `MinorGuard-Signature`: ``t=<seconds>,v1=<HMAC-SHA-256 of "<seconds>.<body>">``."""
    return f"t={now},v1={_hmac(secret, body, now)}"


def is_signed(secret: str, body: bytes, header: str, now: Instant) -> bool:
    """For receivers: whether a body came from who has the secret, at most `TOLERANCE` seconds ago."""
    match = _HEADER.fullmatch(header)
    if match is None or abs(now - int(match[1])) > TOLERANCE:
        return False
    return hmac.compare_digest(match[2], _hmac(secret, body, int(match[1])))


def _hmac(secret: str, body: bytes, now: Instant) -> str:
    return hmac.new(secret.encode(), b"%d.%b" % (now, body), hashlib.sha256).hexdigest()


class Webhook:
    """Somewhere to send signed JSON to. Threads may share it: each call has a connection of its own."""

    def __init__(self, url: str, secret: str, *, timeout: float = 1.0, clock: Clock | None = None) -> None:
        """Raises `InvalidInput` for what is no http or https URL, and for a secret that could be guessed."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise InvalidInput("url", f"cannot be read ({error}); write it like `https://host:8443/path`") from None
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
            raise InvalidInput("url", "must be an http or https URL without a name or password in it")
        if len(secret) < SHORTEST_SECRET:
            raise InvalidInput("secret", f"must have {SHORTEST_SECRET} characters or more")
        self._scheme, self._host, self._port = parts.scheme, parts.hostname, port
        self._target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        self._secret = secret
        self._timeout = timeout
        self._clock = clock or SystemClock()

    def send(self, value: Any) -> bytes:  # noqa: ANN401 - any JSON value
        """Post a value and return the body of a 2xx answer. Raises `NoAnswer`."""
        body = json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
        if len(body) > MOST_SENT:
            raise NoAnswer(f"it would be more than {MOST_SENT} bytes")
        connection = self._connection(time.monotonic() + self._timeout)
        try:
            connection.request("POST", self._target, body, self._headers(body))
            return _read(connection.getresponse())
        except (OSError, HTTPException, ValueError) as error:
            raise NoAnswer(f"the call failed: {type(error).__name__}") from None
        finally:
            connection.close()

    def _headers(self, body: bytes) -> dict[str, str]:
        signed = signature(self._secret, body, floor_seconds(self._clock.now_ns()))
        return {"Content-Type": "application/json", SIGNATURE: signed}

    def _connection(self, end: float) -> HTTPConnection:
        kind = HTTPSConnection if self._scheme == "https" else HTTPConnection
        connection = kind(self._host, self._port, timeout=self._timeout)
        connection.response_class = partial(_Response, end=end)  # type: ignore[assignment]  # whatever makes one
        return connection


class _Response(HTTPResponse):
    """An answer that is read until an instant of the monotonic clock: what drips has one deadline, not one a byte."""

    def __init__(self, sock: socket, *args: Any, end: float, **more: Any) -> None:  # noqa: ANN401 - as its base
        super().__init__(sock, *args, **more)
        self.fp.close()
        self.fp = BufferedReader(_Timed(sock, end))


class _Timed(RawIOBase):
    """What comes from a socket until an instant."""

    def __init__(self, sock: socket, end: float) -> None:
        self._sock, self._end = sock, end
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - as its base
        self._sock.settimeout(max(0.001, self._end - time.monotonic()))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _read(response: HTTPResponse) -> bytes:
    """The whole body, within its bound."""
    if not 200 <= response.status < 300:
        raise NoAnswer(f"it answered {response.status}")
    parts: list[bytes] = []
    size = 0
    while part := response.read1(_CHUNK):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise NoAnswer(f"it answered more than {MOST_BYTES} bytes")
    return b"".join(parts)


class WebhookClassifier:
    """A classifier behind a URL: `Material` in, ``{"labels": […], "ratings": […], "sure": true}`` out, as JSON."""

    def __init__(self, name: str, webhook: Webhook) -> None:
        self.name = name
        self._webhook = webhook

    def classify(self, material: Material) -> Classification:
        """Ask. Raises `NoAnswer` for anything but a well-formed answer."""
        said = {"digest": material.digest, "text": material.text, "url": material.url, "item": material.item}
        return _classification(self._webhook.send({name: one for name, one in said.items() if one is not None}))


def _classification(body: bytes) -> Classification:
    try:
        said = json.loads(body, object_pairs_hook=_each_once)
        labels, ratings, sure = said["labels"], said.get("ratings", []), said.get("sure", True)
        if said.keys() - {"labels", "ratings", "sure"} or not isinstance(sure, bool):
            raise ValueError("unknown keys, or `sure` is neither true nor false")
        return Classification(_words(labels), _words(ratings), sure)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, InvalidInput):
        raise NoAnswer("it answered what is no classification") from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    if len(said) < len(pairs):
        raise ValueError("a key comes twice")
    return said


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and len(one) <= 64 for one in value):
        raise ValueError("not a list of words")
    return tuple(value)
