"""Subject states and small JSON values as bytes: framed, checksummed, versioned.

A blob is ``MG``, one byte of format, four bytes of CRC-32 (big-endian, over all other bytes) and, in format 1, compact
JSON in UTF-8. A state has format 2: three bytes of length, so much deflated JSON, and its folded days, which change
once a day and are most of an old state, as a second part that is packed and unpacked once and remembered. States in
format 1, with their days on a second line, are read. The JSON of a state carries its own schema version, and
`UPCASTERS` lifts older ones step by step.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from itertools import accumulate
from typing import Any
from zlib import crc32

from minorguard.errors import StateCorrupt, StateTooNew
from minorguard.model.age import AgeBand
from minorguard.model.state import (
    DeviceRecord,
    FoldedDay,
    Grant,
    Intervals,
    Profile,
    Purchase,
    Sent,
    SessionRecord,
    SubjectState,
    Use,
)
from minorguard.storage.packing import deflate, inflate, unpack_days
from minorguard.storage.writing import REMEMBERED, dump, packed_days, remember_days, written

SCHEMA_VERSION = 3
"""Of a state's JSON. Raise it with any change of `writing`, add an upcaster, and keep a fixture of the old form."""

Payload = dict[str, Any]


def _from_version_1(payload: Payload) -> Payload:
    """Version 2 added purchases, notifications, and the policy's revision at the end of the profile."""
    return {**payload, "who": [*payload["who"], None]}


def _from_version_2(payload: Payload) -> Payload:
    """Version 3 added recommended items, which may be left out."""
    return payload


UPCASTERS: dict[int, Callable[[Payload], Payload]] = {1: _from_version_1, 2: _from_version_2}
"""From a schema version to the next: ``UPCASTERS[1]`` takes a payload of version 1 and returns one of version 2."""

_PLAIN, _PACKED = 1, 2
_MAGIC = b"MG"
_HEADS = {format: (head := bytes((*_MAGIC, format)), crc32(head)) for format in (_PLAIN, _PACKED)}
_BODY = 7  # where the payload begins
_LENGTH = 3  # bytes that say how long the first part of a packed payload is
_LINE = b"\n"  # never inside compact JSON

_SCHEMA = "state"
_KIND = "kind"

_MALFORMED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def encode(state: SubjectState) -> bytes:
    """The state as bytes; equal states give equal bytes."""
    first = deflate(written(state, SCHEMA_VERSION).encode("utf-8", "surrogatepass"))
    days = packed_days(state.days) if state.days else b""
    return _frame(_PACKED, len(first).to_bytes(_LENGTH, "big") + first + days)


def decode(key: str, blob: bytes) -> SubjectState:
    """The state that was encoded; `key` is for the error's text.

    Raises `StateCorrupt` if the bytes are not what was written, and `StateTooNew` if a newer MinorGuard wrote them;
    nothing else, whatever the bytes.
    """
    payload, days, read_days = _unframe(key, blob)
    try:
        return _unpack(_lift(key, payload), read_days(days) if days else ())
    except _MALFORMED as error:
        raise StateCorrupt(key, f"not a state: {error!r}") from error


def encode_json(kind: str, value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Frame a JSON value; `kind` says what it is, such as ``keys``.

    Raises `TypeError` or `ValueError` if it is not JSON.
    """
    return _frame(_PLAIN, _bytes({_KIND: kind, "value": value}))


def decode_json(key: str, kind: str, blob: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The value that was encoded as `kind`. Raises `StateCorrupt` and `StateTooNew` as `decode` does."""
    payload, *_ = _unframe(key, blob)
    if payload.get(_KIND) != kind or "value" not in payload:
        raise StateCorrupt(key, f"holds no `{kind}`")
    return payload["value"]


def _frame(format: int, body: bytes) -> bytes:
    head, checksum = _HEADS[format]
    return b"%b%b%b" % (head, crc32(body, checksum).to_bytes(4, "big"), body)


def _bytes(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    return dump(value).encode("utf-8", "surrogatepass")


def _unframe(key: str, blob: bytes) -> tuple[Payload, bytes, Callable[[bytes], tuple[FoldedDay, ...]]]:
    """The JSON, the days, and what reads them."""
    if blob[:2] != _MAGIC or len(blob) < _BODY:
        raise StateCorrupt(key, "not a MinorGuard blob")
    body = blob[_BODY:]
    if crc32(body, crc32(blob[:3])) != int.from_bytes(blob[3:_BODY], "big"):
        raise StateCorrupt(key, "checksum differs")
    match blob[2]:
        case 1:
            first, _, days = body.partition(_LINE)
            return _parse(key, first), days, _unpack_plain_days
        case 2:
            end = _LENGTH + int.from_bytes(body[:_LENGTH], "big")
            return _parse(key, _inflated(key, body[_LENGTH:end])), body[end:], _unpack_days
        case newer:
            raise StateTooNew(key, found=newer, known=_PACKED)


def _inflated(key: str, packed: bytes) -> bytes:
    try:
        return inflate(packed)
    except ValueError as error:
        raise StateCorrupt(key, f"not a packed state: {error}") from error


def _parse(key: str, body: bytes) -> Payload:
    try:
        payload = json.loads(body.decode("utf-8", "surrogatepass"))
    except _MALFORMED as error:
        raise StateCorrupt(key, f"not JSON: {error}") from error
    if not isinstance(payload, dict):
        raise StateCorrupt(key, "not a JSON object")
    return payload


def _lift(key: str, payload: Payload) -> Payload:
    """The payload at the schema version of today. Raises `StateTooNew`."""
    while (version := payload[_SCHEMA]) != SCHEMA_VERSION:
        if type(version) is not int or version < 1:
            raise ValueError(f"schema version {version!r}")
        if version > SCHEMA_VERSION:
            raise StateTooNew(key, found=version, known=SCHEMA_VERSION)
        payload = {**UPCASTERS[version](payload), _SCHEMA: version + 1}
    return payload


def _unpack(payload: Payload, days: tuple[FoldedDay, ...]) -> SubjectState:
    take = payload.get
    return SubjectState(
        _unpack_profile(*payload["who"]),
        tuple([_unpack_session(*row) for row in take("ses", ())]),
        tuple([((device, activity), _unpack_intervals(flat)) for device, activity, flat in take("led", ())]),
        days,
        tuple([DeviceRecord(*row) for row in take("dev", ())]),
        tuple([Use(*row) for row in take("use", ())]),
        tuple([_unpack_grant(*row) for row in take("gra", ())]),
        tuple([Purchase(*row) for row in take("buy", ())]),
        tuple([Sent(*row) for row in take("ntf", ())]),
        tuple([Sent(*row) for row in take("itm", ())]),
    )


def _unpack_profile(
    subject: str,
    policy: str,
    born: str | None,
    band: list[int] | None,
    mode_on: int,
    guardian: str,
    test_clock: str | None,
    revision: int | None,
) -> Profile:
    return Profile(
        subject,
        policy,
        None if born is None else date.fromisoformat(born),
        None if band is None else AgeBand(*band),
        mode_on != 0,  # INVARIANT: whatever is not an explicit 0 keeps the mode on
        guardian,
        test_clock,
        revision,
    )


def _unpack_session(
    id: str, device: str, activity: str, start: int, length: int, seq: int, closed: int, grace: int | None
) -> SessionRecord:
    grace_until = None if grace is None else start + grace
    return SessionRecord(id, device, activity, start, start + length, seq, closed == 1, grace_until)


def _unpack_intervals(steps: list[int]) -> Intervals:
    edges = list(accumulate(steps))
    return tuple(zip(edges[::2], edges[1::2], strict=True))


@lru_cache(maxsize=REMEMBERED)
def _unpack_days(packed: bytes) -> tuple[FoldedDay, ...]:
    days = unpack_days(packed)
    remember_days(days, packed)
    return days


def _unpack_plain_days(line: bytes) -> tuple[FoldedDay, ...]:
    """Of format 1: a table of the tracks, and days whose atoms point into it."""
    table, rows = json.loads(line.decode("utf-8", "surrogatepass"))
    tracks = [(device, activity) for device, activity in table]
    return tuple(
        FoldedDay(start, start + length, tuple((frozenset(tracks[i] for i in at), seconds) for seconds, *at in atoms))
        for start, length, atoms in rows
    )


def _unpack_grant(id: str, day: str, seconds: int, activity: str | None, given_at: int) -> Grant:
    return Grant(id, date.fromisoformat(day), seconds, activity, given_at)
