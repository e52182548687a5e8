"""API keys: ``mg_test_<id>_<secret>`` and ``mg_live_<id>_<secret>``, stored hashed. `SigningKeys` is its own module.

A secret has 192 random bits, so a plain SHA-256 of it is right: there is nothing to guess that a slow hash would slow.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any

from minorguard.errors import InvalidInput, NotFound
from minorguard.model.ids import Instant, check_word
from minorguard.storage.base import StateStore
from minorguard_service import records
from minorguard_service.records import FRESH_SECONDS
from minorguard_service.signing import SigningKey, SigningKeys

__all__ = [
    "ApiKey",
    "KeyCache",
    "Role",
    "SigningKey",
    "SigningKeys",
    "authenticate",
    "create_api_key",
    "list_api_keys",
    "revoke_api_key",
]

_PREFIX = "apikey/"
_KIND = "api-key"
_SECRET_BYTES = 24
_LONGEST_TEXT = 128
_LONGEST_TENANT = 56
_CACHED = 4096


class Role(StrEnum):
    """What a caller may do; a key has one or more."""

    APP = "app"
    GUARDIAN_AGENT = "guardian-agent"
    POLICY_EDITOR = "policy-editor"
    POLICY_PUBLISHER = "policy-publisher"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A caller's key, without its secret."""

    id: str
    tenant: str
    roles: frozenset[Role]
    live: bool
    name: str
    created_at: Instant
    revoked: bool = False
    digest: str = field(default="", repr=False)
    """SHA-256 of the whole text, in hex."""

    @property
    def namespace(self) -> str:
        """Where this caller's subjects live; those of test keys and of live keys never meet."""
        return f"{self.tenant}.{'live' if self.live else 'test'}"


def create_api_key(
    store: StateStore, *, tenant: str, roles: Iterable[str], live: bool, name: str, now: Instant
) -> tuple[str, ApiKey]:
    """Make a key. The text is returned this once and is nowhere stored. Raises `InvalidInput` and `StoreError`."""
    id = secrets.token_hex(8)
    text = f"mg_{'live' if live else 'test'}_{id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    key = ApiKey(
        id=id,
        tenant=_tenant(tenant),
        roles=_roles(roles),
        live=live,
        name=_name(name),
        created_at=now,
        digest=_digest(text),
    )
    records.change(store, _PREFIX + id, _KIND, lambda _: _to_json(key))
    return text, key


def list_api_keys(store: StateStore) -> tuple[ApiKey, ...]:
    """All keys, revoked ones too, oldest first. Raises `StoreError`."""
    found = ((name, records.read(store, name, _KIND)) for name in list(store.keys(_PREFIX)))
    keys = (_from_json(name.removeprefix(_PREFIX), body) for name, body in found if body is not None)
    return tuple(sorted(keys, key=lambda key: (key.created_at, key.id)))


def revoke_api_key(store: StateStore, id: str) -> ApiKey:
    """Refuse a key from now on, on every worker within a second. Raises `NotFound` and `StoreError`."""
    if not _is_id(id):
        raise NotFound("API key", id)

    def revoked(body: dict[str, Any] | None) -> dict[str, Any]:
        if body is None:
            raise NotFound("API key", id)
        return {**body, "revoked": True}

    return _from_json(id, records.change(store, _PREFIX + id, _KIND, revoked))


def authenticate(store: StateStore, text: str) -> ApiKey | None:
    """The key that a text is, unless it is unknown or revoked. Raises `StoreError`."""
    id = _id_of(text)
    body = None if id is None else records.read(store, _PREFIX + id, _KIND)
    if id is None or body is None:
        return None
    key = _from_json(id, body)
    same = hmac.compare_digest(key.digest, _digest(text))
    return key if same and not key.revoked and text.startswith(_start(key)) else None


class KeyCache:
    """`authenticate`, remembered for `FRESH_SECONDS` per key; refusals are not remembered. Safe to share by threads."""

    def __init__(self, store: StateStore, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: dict[str, tuple[ApiKey, float]] = {}

    def authenticate(self, text: str) -> ApiKey | None:
        """As the function of that name, at most `FRESH_SECONDS` old."""
        digest = _digest(text)
        at = self._monotonic()  # before the read, so that a revocation after it is seen in time
        found = self._known.get(digest)
        if found is not None and at - found[1] < FRESH_SECONDS:
            return found[0]
        key = authenticate(self._store, text)
        self._keep(digest, key, at)
        return key

    def _keep(self, digest: str, key: ApiKey | None, at: float) -> None:
        with self._lock:
            self._known.pop(digest, None)
            if key is not None:
                while len(self._known) >= _CACHED:
                    del self._known[next(iter(self._known))]
                self._known[digest] = (key, at)


def _id_of(text: str) -> str | None:
    parts = text.split("_", 3)
    if len(text) > _LONGEST_TEXT or len(parts) != 4 or parts[0] != "mg" or parts[1] not in {"test", "live"}:
        return None
    return parts[2] if _is_id(parts[2]) else None


def _is_id(text: str) -> bool:
    return text.isascii() and text.isalnum()


def _start(key: ApiKey) -> str:
    return f"mg_{'live' if key.live else 'test'}_"


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _tenant(tenant: str) -> str:
    if len(tenant) > _LONGEST_TENANT:
        raise InvalidInput("tenant", f"must be at most {_LONGEST_TENANT} characters")
    return check_word("tenant", tenant)


def _roles(roles: Iterable[str]) -> frozenset[Role]:
    names, known = list(roles), ", ".join(f"`{role}`" for role in Role)
    for name in names:
        if name not in list(Role):
            raise InvalidInput("roles", f"`{name}` is no role; known: {known}")
    found = frozenset(Role(name) for name in names)
    if not found:
        raise InvalidInput("roles", f"give one or more of {known}")
    return found


def _name(name: str) -> str:
    if not 1 <= len(name) <= 100 or not name.isprintable():
        raise InvalidInput("name", "must be 1 to 100 printable characters that say who uses the key")
    return name


def _to_json(key: ApiKey) -> dict[str, Any]:
    return {
        "tenant": key.tenant,
        "roles": sorted(key.roles),
        "live": key.live,
        "name": key.name,
        "created_at": key.created_at,
        "revoked": key.revoked,
        "sha256": key.digest,
    }


def _from_json(id: str, body: dict[str, Any]) -> ApiKey:
    roles = frozenset(Role(role) for role in body["roles"])
    return ApiKey(
        id, body["tenant"], roles, body["live"], body["name"], body["created_at"], body["revoked"], body["sha256"]
    )
