"""Session tokens: JWTs by EdDSA, of one type, verified by the rules of RFC 8725. A token never outlives its lease."""

from __future__ import annotations

import json
import re
import secrets
import threading
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from jwt.api_jws import PyJWS
from jwt.exceptions import PyJWTError

from minorguard.model.ids import Instant
from minorguard.model.quickly import quickly
from minorguard_service.signing import EdDSA, SigningKeys

TYPE = "minorguard-session+jwt"
ALGORITHM = "EdDSA"
LONGEST = 6144
"""Characters; no token of ours comes near."""
SKEW_SECONDS = 60
"""How far ahead of ours the clock may be that a token was issued by."""
LATE_SECONDS = 86_400
"""How long after its end a token may still send a heartbeat, or end its session."""
LONGEST_LEASE_SECONDS = 600
"""The longest slice that a policy may have."""
REMEMBERED = 8192
"""Tokens."""

_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_SHAPE = re.compile(r"[A-Za-z0-9_-]{1,512}\.[A-Za-z0-9_-]{1,6000}\.[A-Za-z0-9_-]{85}[AQgw]")
_KID = re.compile(r"[0-9a-f]{16}")
_HEADER = {"alg", "typ", "kid"}
_MODES = ("on", "off")


class TokenRefused(Exception):
    """A token that is not to be believed; `code` is `token-refused`, `token-expired` or `token-revoked`."""

    def __init__(self, code: str, problem: str) -> None:
        super().__init__(problem)
        self.code = code
        self.problem = problem


@quickly
@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token says."""

    subject: str
    session: str
    seq: int
    device: str
    tenant: str
    live: bool
    mode: str
    bands: tuple[str, ...]
    features: Mapping[str, str]
    policy: str
    """Digest of the policy that decided."""
    issued_at: Instant
    expires_at: Instant
    id: str
    test_clock: str | None = None
    epoch: int = 0
    """The newest revocation of any token that there was when the session was opened; see `Revocations`."""

    @property
    def namespace(self) -> str:
        """Where its subject lives; as `ApiKey.namespace`."""
        return f"{self.tenant}.{'live' if self.live else 'test'}"


class Tokens:
    """Issues and verifies; times are judged each time. Threads may share it.

    Signatures of the newest `remember` tokens that were issued or held are not checked again. A token comes back with
    its session's next beat, so this should be about as many as there are sessions; some 1.5 kB each.
    """

    def __init__(self, keys: SigningKeys, *, issuer: str, audience: str, remember: int = REMEMBERED) -> None:
        self._keys = keys
        self._issuer, self._audience = issuer, audience
        self._jws = PyJWS(algorithms=[])
        self._jws.register_algorithm(ALGORITHM, EdDSA())
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[str, Claims]] = OrderedDict()
        self._most = remember

    def issue(self, claims: Claims) -> str:
        """Sign. Raises `StoreError`."""
        key = self._keys.signing()
        signed = f"{_header(key.kid)}.{_encode(orjson.dumps(self._payload(claims)))}"
        token = f"{signed}.{_encode(key.sign(signed.encode()))}"
        self._remember(token, key.kid, claims)
        return token

    def read(self, token: str) -> Claims:
        """The claims of a token that we signed, whatever the time; `check_times` judges that.

        Raises `TokenRefused`, and `StoreError` when the keys cannot be read.
        """
        known = self._known.get(token)
        if known is not None and self._keys.find(known[0]) is not None:
            return known[1]
        kid = _kid(token)
        key = self._keys.find(kid)
        if key is None:
            raise _refused("its key is not known here, or was dropped")
        try:
            payload = self._jws.decode(token, key.public, algorithms=[ALGORITHM])  # type: ignore[arg-type]  # as EdDSA takes
        except PyJWTError:
            raise _refused("its signature does not hold") from None
        claims = self._claims(_json(payload))
        self._remember(token, kid, claims)
        return claims

    def recall(self, token: str) -> tuple[str, Claims] | None:
        """What is remembered of a token whose signature held: its key's id, which may be dropped since, and claims."""
        return self._known.get(token)

    def _remember(self, token: str, kid: str, claims: Claims) -> None:
        with self._lock:
            self._known[token] = (kid, claims)
            if len(self._known) > self._most:
                self._known.popitem(last=False)

    def _payload(self, claims: Claims) -> dict[str, Any]:
        payload: dict[str, Any] = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": claims.subject,
            "iat": claims.issued_at,
            "exp": claims.expires_at,
            "jti": claims.id,
            "sid": claims.session,
            "seq": claims.seq,
            "device": claims.device,
            "tenant": claims.tenant,
            "live": claims.live,
            "mode": claims.mode,
            "bands": list(claims.bands),
            "features": dict(claims.features),
            "policy": claims.policy,
            "epoch": claims.epoch,
        }
        return payload if claims.test_clock is None else {**payload, "clock": claims.test_clock}

    def _claims(self, body: dict[str, Any]) -> Claims:
        if body.get("iss") != self._issuer or body.get("aud") != self._audience:
            raise _refused("it is from another issuer, or for another audience")
        for name, holds in _CLAIMS.items():
            if not holds(body.get(name)):
                raise _refused(f"its claim `{name}` is missing or wrong")
        return Claims(
            subject=body["sub"],
            session=body["sid"],
            seq=body["seq"],
            device=body["device"],
            tenant=body["tenant"],
            live=body["live"],
            mode=body["mode"],
            bands=tuple(body["bands"]),
            features=body["features"],
            policy=body["policy"],
            issued_at=body["iat"],
            expires_at=body["exp"],
            id=body["jti"],
            test_clock=body.get("clock"),
            epoch=body.get("epoch", 0),
        )


def new_token_id() -> str:
    """A `jti`."""
    return secrets.token_urlsafe(12)


def check_times(claims: Claims, now: Instant, *, late_seconds: int = 0) -> None:
    """Raises `TokenRefused` unless the token holds at `now`: half-open, as every interval is."""
    if claims.issued_at > now + SKEW_SECONDS:
        raise _refused("it was issued in the future")
    if now >= claims.expires_at + late_seconds:
        raise TokenRefused("token-expired", "the token has expired; send a heartbeat, or open a session")


@lru_cache(maxsize=64)
def _header(kid: str) -> str:
    return _encode(orjson.dumps({"alg": ALGORITHM, "kid": kid, "typ": TYPE}))


def _encode(data: bytes) -> str:
    return b2a_base64(data, newline=False).translate(_URL_SAFE, b"=").decode()


def _kid(token: str) -> str:
    """The key id in a header that is exactly as ours; nothing of it is used before this holds."""
    if len(token) > LONGEST or not _SHAPE.fullmatch(token):
        raise _refused("it is no compact JWT of ours")
    header = _json(_decode(token.partition(".")[0]))
    if set(header) != _HEADER or header["alg"] != ALGORITHM:
        raise _refused("its header is not that of our tokens")
    if not isinstance(header["typ"], str) or header["typ"].lower() != TYPE:
        raise _refused("it is a token of another type")
    kid = header["kid"]
    if not isinstance(kid, str) or not _KID.fullmatch(kid):
        raise _refused("its key id is not one of ours")
    return kid


def _decode(segment: str) -> bytes:
    try:
        return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError:
        raise _refused("it is no compact JWT of ours") from None


def _json(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _refused("it does not hold JSON objects")
    return found


def _refused(problem: str) -> TokenRefused:
    return TokenRefused("token-refused", f"the token is refused: {problem}")


def _text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 256


def _whole(value: object) -> bool:
    return type(value) is int and value >= 0


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _table(value: object) -> bool:
    return isinstance(value, dict) and all(map(_text, value.values()))


_CLAIMS: dict[str, Callable[[object], bool]] = {
    "sub": _text,
    "iat": _whole,
    "exp": _whole,
    "jti": _text,
    "sid": _text,
    "seq": _whole,
    "device": _text,
    "tenant": _text,
    "live": lambda value: isinstance(value, bool),
    "mode": lambda value: value in _MODES,
    "bands": _texts,
    "features": _table,
    "policy": _text,
    "clock": lambda value: value is None or _text(value),
    "epoch": lambda value: value is None or _whole(value),
}
