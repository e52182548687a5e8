"""The ring of Ed25519 keys that sign session tokens, kept in the store so that all workers have the same.

A key is staged (published, so that edges learn it), then signing, then retired (still good for what it signed), then
dropped (whatever it signed is refused). No key signs before every worker and edge can have it, and a retired one is as
good as dropped once nothing that it signed can still serve, whether anybody drops it or not.
"""

from __future__ import annotations

import base64
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from jwt.algorithms import Algorithm
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey as PrivateKey
from nacl.signing import VerifyKey

from minorguard.clock import Clock, SystemClock, floor_seconds
from minorguard.errors import Conflict, NotFound
from minorguard.model.ids import Instant
from minorguard.storage.base import StateStore
from minorguard_service import records
from minorguard_service.records import FRESH_SECONDS

KEY = "signing-keys"
PUBLISHED_SECONDS = 120
"""How long a key is published before it signs: twice as long as a key set may be cached, and clocks may differ."""
RETIRED_SECONDS = 86_400 + 2 * 3_600
"""How long a retired key is good: longer than a token serves, with an hour for clocks that differ."""
LOOKS = 20
"""Looks for unknown key ids that a worker takes at once; one more every `FRESH_SECONDS` / `LOOKS`."""

_KIND = "signing-keys"


class KeyState(StrEnum):
    """Where a key is in its life."""

    STAGED = "staged"
    SIGNING = "signing"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key of the ring."""

    kid: str
    state: KeyState
    created_at: Instant
    private: PrivateKey = field(repr=False)
    public: VerifyKey = field(repr=False)
    changed_at: Instant = 0
    """Since when it is in this state."""

    def jwk(self) -> dict[str, str]:
        """The public part, as a JSON Web Key (RFC 8037)."""
        x = _encode(bytes(self.public))
        return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.kid, "x": x}

    def sign(self, message: bytes) -> bytes:
        """Its signature of a message."""
        return self.private.sign(message).signature


class EdDSA(Algorithm):
    """Ed25519 for PyJWT by libsodium, which signs and verifies in two thirds and half of the time of OpenSSL."""

    def prepare_key(self, key: VerifyKey | PrivateKey) -> VerifyKey | PrivateKey:
        """Keys come ready."""
        return key

    def sign(self, msg: bytes, key: PrivateKey) -> bytes:
        """The signature."""
        return key.sign(msg).signature

    def verify(self, msg: bytes, key: VerifyKey, sig: bytes) -> bool:
        """Whether the signature holds."""
        try:
            key.verify(msg, sig)
        except (BadSignatureError, ValueError):  # the latter: it has not 64 bytes
            return False
        return True

    @staticmethod
    def to_jwk(key_obj: VerifyKey, as_dict: bool = False) -> Any:  # noqa: ANN401 - PyJWT's signature
        """Keys are published by `SigningKey.jwk`."""
        raise NotImplementedError

    @staticmethod
    def from_jwk(jwk: str | dict[str, Any]) -> VerifyKey:
        """Keys come from the ring alone."""
        raise NotImplementedError


class SigningKeys:
    """Reads the ring again when it is `FRESH_SECONDS` old, and for an unknown id at once (within a rate)."""

    def __init__(
        self, store: StateStore, monotonic: Callable[[], float] = time.monotonic, clock: Clock | None = None
    ) -> None:
        self._store = store
        self._clock = clock or SystemClock()
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._ring: dict[str, SigningKey] = {}
        self._read_at: float | None = None
        self._looks, self._looked_at = float(LOOKS), monotonic()

    def ensure(self, now: Instant) -> None:
        """Make the first key unless there is one. Raises `StoreError`."""
        if not self._reread():
            self._change(lambda rows: rows or [_new_row(KeyState.SIGNING, now)])

    def ring(self) -> tuple[SigningKey, ...]:
        """All keys that are not dropped, oldest first. Raises `StoreError`."""
        return tuple(self._fresh().values())

    def signing(self) -> SigningKey:
        """The key that signs. Raises `NotFound` before `ensure`."""
        for key in self._fresh().values():
            if key.state is KeyState.SIGNING:
                return key
        raise NotFound("signing key", "signing")

    def find(self, kid: str) -> SigningKey | None:
        """The key with an id, unless it was dropped. Raises `StoreError`."""
        found = self._fresh().get(kid)
        if found is None and self._may_look():
            found = self._reread().get(kid)
        return found

    def jwks(self) -> dict[str, Any]:
        """The public parts of all keys that are not dropped."""
        return {"keys": [key.jwk() for key in self.ring()]}

    def stage(self, now: Instant) -> SigningKey:
        """Publish a new key that does not sign yet. Raises `Conflict` if one is staged already."""

        def staged(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
            if any(row["state"] == KeyState.STAGED for row in rows):
                raise Conflict("signing-keys", "a key is staged already; promote it or drop it first")
            return [*rows, _new_row(KeyState.STAGED, now)]

        return list(self._change(staged).values())[-1]

    def promote(self, now: Instant, *, at_once: bool = False) -> SigningKey:
        """Let the staged key sign, and retire the one that did.

        Raises `Conflict` if none is staged, or not for `PUBLISHED_SECONDS` yet, unless `at_once` says that the old key
        leaked: edges may then refuse good tokens until they fetch the key set again.
        """
        after = {KeyState.SIGNING.value: KeyState.RETIRED.value, KeyState.STAGED.value: KeyState.SIGNING.value}

        def promoted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
            if all(row["state"] != KeyState.STAGED for row in rows):
                raise Conflict("signing-keys", "no key is staged; stage one first")
            if not at_once and (wait := _wait(rows, now)) > 0:
                problem = f"edges may not know the staged key yet; wait {wait} s, or say that it must sign at once"
                raise Conflict("signing-keys", problem)
            return [
                {**row, "state": after.get(row["state"], row["state"]), "changed_at": now}
                if row["state"] in after
                else row
                for row in rows
            ]

        ring = self._change(promoted)
        return next(key for key in ring.values() if key.state is KeyState.SIGNING)

    def rotate(self, now: Instant) -> tuple[SigningKey, ...]:
        """Take the step that is due: stage a key, or let the staged one sign once it is published for long enough.

        Called now and then, it turns the ring without a thought; too early, it changes nothing. Returns the ring.
        """
        staged = next((key for key in self.ring() if key.state is KeyState.STAGED), None)
        if staged is None:
            self.stage(now)
        elif now - staged.changed_at >= PUBLISHED_SECONDS:
            self.promote(now)
        return self.ring()

    def drop(self, kid: str) -> None:
        """Forget a staged or retired key: every worker refuses what it signed within a second.

        Raises `NotFound`, and `Conflict` for the key that signs.
        """

        def dropped(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
            state = next((row["state"] for row in rows if row["kid"] == kid), None)
            if state is None:
                raise NotFound("signing key", kid)
            if state == KeyState.SIGNING:
                raise Conflict("signing-keys", "this key signs; stage and promote another one first")
            return [row for row in rows if row["kid"] != kid]

        self._change(dropped)

    def _change(self, to: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> dict[str, SigningKey]:
        records.change(self._store, KEY, _KIND, lambda body: {"keys": to(self._good(body["keys"] if body else []))})
        return self._reread()

    def _fresh(self) -> dict[str, SigningKey]:
        read_at = self._read_at
        stale = read_at is None or self._monotonic() - read_at >= FRESH_SECONDS
        return self._reread() if stale else self._ring

    def _reread(self) -> dict[str, SigningKey]:
        at = self._monotonic()
        body = records.read(self._store, KEY, _KIND) or {"keys": []}
        known = self._ring
        ring = {row["kid"]: _key(row, known.get(row["kid"])) for row in self._good(body["keys"])}
        with self._lock:
            if self._read_at is None or at >= self._read_at:  # a slower thread must not bring back an older ring
                self._ring, self._read_at = ring, at
        return ring

    def _good(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Without the keys that retired so long ago that nothing they signed can serve."""
        oldest = floor_seconds(self._clock.now_ns()) - RETIRED_SECONDS
        return [row for row in rows if row["state"] != KeyState.RETIRED or row["changed_at"] >= oldest]

    def _may_look(self) -> bool:
        with self._lock:
            at = self._monotonic()
            self._looks = min(LOOKS, self._looks + (at - self._looked_at) * LOOKS / FRESH_SECONDS)
            self._looked_at = at
            if self._looks < 1:
                return False
            self._looks -= 1
            return True


def _new_row(state: KeyState, now: Instant) -> dict[str, Any]:
    private = PrivateKey.generate()
    return {
        "kid": secrets.token_hex(8),
        "state": state.value,
        "created_at": now,
        "changed_at": now,
        "private": _encode(bytes(private)),
    }


def _wait(rows: list[dict[str, Any]], now: Instant) -> int:
    """Seconds until the staged key is published for long enough."""
    since = (int(row["changed_at"]) for row in rows if row["state"] == KeyState.STAGED)
    return max(since) + PUBLISHED_SECONDS - now


def _key(row: dict[str, Any], known: SigningKey | None) -> SigningKey:
    private = PrivateKey(_decode(row["private"])) if known is None else known.private
    return SigningKey(
        row["kid"], KeyState(row["state"]), row["created_at"], private, private.verify_key, row["changed_at"]
    )


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
