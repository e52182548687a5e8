"""Way 12: forged tokens. Every one is refused, as the credential, in a heartbeat and in a check."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from minorguard_service.signing import PUBLISHED_SECONDS
from tests.service.world import NOON, World


def encoded(part: bytes | dict) -> str:
    """A segment of a JWT."""
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(segment: str) -> dict:
    """A segment of a JWT as what it holds."""
    return json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))


class Forge:
    """Makes tokens of all kinds out of a good one; it even holds the service's private key."""

    def __init__(self) -> None:
        self.world = World.make()
        self.world.put()
        self.good = self.world.open().json["token"]
        self.header, self.payload = (decoded(part) for part in self.good.split(".")[:2])
        self.key = self.world.service.signing.signing()

    def signed(
        self, header: dict | None = None, payload: dict | None = None, key: Ed25519PrivateKey | None = None
    ) -> str:
        """A token with parts changed, and a signature that holds."""
        message = f"{encoded({**self.header, **(header or {})})}.{encoded({**self.payload, **(payload or {})})}"
        return f"{message}.{encoded((key or self.key).sign(message.encode()))}"

    def without(self, claim: str) -> str:
        """A well-signed token that lacks a claim."""
        message = f"{encoded(self.header)}.{encoded({k: v for k, v in self.payload.items() if k != claim})}"
        return f"{message}.{encoded(self.key.sign(message.encode()))}"

    def hmac(self, secret: bytes, algorithm: str = "HS256") -> str:
        """A token under a symmetric key: the confusion of algorithms."""
        message = f"{encoded({**self.header, 'alg': algorithm})}.{encoded(self.payload)}"
        return f"{message}.{encoded(hmac.new(secret, message.encode(), hashlib.sha256).digest())}"

    def public(self, form: str) -> bytes:
        """The public key in a form that an attacker may use as a secret."""
        raw = bytes(self.key.public)
        if form == "raw":
            return raw
        if form == "jwk":
            return self.key.jwk()["x"].encode()
        public = Ed25519PublicKey.from_public_bytes(raw)
        return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture(scope="module")
def forge() -> Forge:
    """One forge for all attacks; none of them changes anything."""
    return Forge()


_OWN = Ed25519PrivateKey.generate()
_OWN_JWK = {"kty": "OKP", "crv": "Ed25519", "x": encoded(_OWN.public_key().public_bytes_raw())}
Make = Callable[[Forge], str]
ATTACKS: dict[str, Make] = {
    "alg none": lambda f: f"{encoded({**f.header, 'alg': 'none'})}.{encoded(f.payload)}.",
    "alg None": lambda f: f"{encoded({**f.header, 'alg': 'None'})}.{encoded(f.payload)}.{'A' * 86}",
    "alg none, old signature": lambda f: f"{encoded({**f.header, 'alg': 'none'})}.{f.good.split('.', 1)[1]}",
    "no signature": lambda f: f.good.rpartition(".")[0] + ".",
    "two parts": lambda f: f.good.rpartition(".")[0],
    "four parts": lambda f: f.good + ".x",
    "HS256 with the raw public key": lambda f: f.hmac(f.public("raw")),
    "HS256 with the PEM public key": lambda f: f.hmac(f.public("pem")),
    "HS256 with the JWK": lambda f: f.hmac(f.public("jwk")),
    "HS256 with nothing": lambda f: f.hmac(b""),
    "alg RS256": lambda f: f.signed({"alg": "RS256"}),
    "alg Ed25519": lambda f: f.signed({"alg": "Ed25519"}),
    "alg eddsa": lambda f: f.signed({"alg": "eddsa"}),
    "alg list": lambda f: f.signed({"alg": ["EdDSA"]}),
    "no alg": lambda f: f.signed({"alg": None}),
    "own key": lambda f: f.signed(key=_OWN),
    "own key in jwk": lambda f: f.signed({"jwk": _OWN_JWK}, key=_OWN),
    "own key behind jku": lambda f: f.signed({"jku": "https://evil.example/jwks.json"}, key=_OWN),
    "own key behind x5u": lambda f: f.signed({"x5u": "https://evil.example/c.pem"}, key=_OWN),
    "jwk, well signed": lambda f: f.signed({"jwk": f.key.jwk()}),
    "jku, well signed": lambda f: f.signed({"jku": "https://evil.example/jwks.json"}),
    "x5c, well signed": lambda f: f.signed({"x5c": []}),
    "crit, well signed": lambda f: f.signed({"crit": ["exp"], "exp": 1}),
    "b64, well signed": lambda f: f.signed({"b64": False}),
    "zip, well signed": lambda f: f.signed({"zip": "DEF"}),
    "kid path": lambda f: f.signed({"kid": "../../../../dev/null"}),
    "kid sql": lambda f: f.signed({"kid": "x' UNION SELECT 'k"}),
    "kid of the store": lambda f: f.signed({"kid": "signing-keys"}),
    "kid unknown": lambda f: f.signed({"kid": "0123456789abcdef"}),
    "kid number": lambda f: f.signed({"kid": 1}),
    "kid list": lambda f: f.signed({"kid": [f.key.kid]}),
    "kid null": lambda f: f.signed({"kid": None}),
    "typ JWT": lambda f: f.signed({"typ": "JWT"}),
    "typ at+jwt": lambda f: f.signed({"typ": "at+jwt"}),
    "typ with a blank": lambda f: f.signed({"typ": "minorguard-session+jwt "}),
    "typ longer": lambda f: f.signed({"typ": "application/minorguard-session+jwt"}),
    "typ list": lambda f: f.signed({"typ": ["minorguard-session+jwt"]}),
    "JSON, flattened": lambda f: json.dumps(
        dict(zip(("protected", "payload", "signature"), f.good.split("."), strict=True))
    ),
    "JSON, general": lambda f: json.dumps({"payload": f.good.split(".")[1], "signatures": [{"protected": f.good}]}),
    "tampered payload": lambda f: ".".join(
        [f.good.split(".")[0], encoded({**f.payload, "sub": "other"}), f.good.split(".")[2]]
    ),
    "tampered end": lambda f: ".".join(
        [f.good.split(".")[0], encoded({**f.payload, "exp": f.payload["exp"] + 9999}), f.good.split(".")[2]]
    ),
    "cut": lambda f: f.good[:-1],
    "lengthened": lambda f: f.good + "A",
    "padding": lambda f: f.good + "==",
    "other spelling of the signature": lambda f: f.good[:-1] + chr(ord(f.good[-1]) + 1),
    "white space": lambda f: f.good.replace(".", " . "),
    "line break": lambda f: f.good + "\n",
    "huge": lambda f: f"{encoded(f.header)}.{'A' * 60_000}.{'A' * 86}",
    "empty": lambda f: ".",
    "payload no object": lambda f: f"{encoded(f.header)}.{encoded(b'[]')}.{'A' * 86}",
    "header no object": lambda f: f"{encoded(b'[1]')}.{encoded(f.payload)}.{'A' * 86}",
    "header no JSON": lambda f: f"{encoded(b'{')}.{encoded(f.payload)}.{'A' * 86}",
    "iss other": lambda f: f.signed(payload={"iss": "evil"}),
    "aud other": lambda f: f.signed(payload={"aud": "evil"}),
    "aud list": lambda f: f.signed(payload={"aud": ["minorguard"]}),
    "exp text": lambda f: f.signed(payload={"exp": "9999999999"}),
    "exp fraction": lambda f: f.signed(payload={"exp": NOON + 60.5}),
    "exp true": lambda f: f.signed(payload={"exp": True}),
    "seq text": lambda f: f.signed(payload={"seq": "0"}),
    "seq below 0": lambda f: f.signed(payload={"seq": -1}),
    "live text": lambda f: f.signed(payload={"live": "false"}),
    "mode other": lambda f: f.signed(payload={"mode": "none"}),
    "bands text": lambda f: f.signed(payload={"bands": "12-18"}),
    "sub object": lambda f: f.signed(payload={"sub": {}}),
    "jti empty": lambda f: f.signed(payload={"jti": ""}),
    "iat in the future": lambda f: f.signed(payload={"iat": NOON + 3600}),
    **{
        f"no {claim}": lambda f, claim=claim: f.without(claim)  # type: ignore[misc]
        for claim in (
            "iss",
            "aud",
            "sub",
            "iat",
            "exp",
            "jti",
            "sid",
            "seq",
            "device",
            "tenant",
            "live",
            "mode",
            "policy",
        )
    },
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_forged_tokens_are_refused(forge: Forge, attack: str) -> None:
    """By heartbeat and by check, in the body and as the credential."""
    world, token = forge.world, ATTACKS[attack](forge)
    answers = [world.beat(token, 1), world.call("POST", "/v1/checks", {"token": token, "question": {"type": "time"}})]
    if "\n" not in token:
        answers.append(world.call("POST", "/v1/heartbeats", {"seq": 1}, key=token))
    assert {401, 422, 413} >= {answer.status_code for answer in answers}
    assert answers[0].status_code == 401 or attack == "huge"


@pytest.mark.parametrize("typ", ["minorguard-session+jwt", "MinorGuard-Session+JWT"])
def test_the_type_is_compared_without_case(forge: Forge, typ: str) -> None:
    """Media types have no case (RFC 8725, 3.11), and a token signed as ours holds."""
    assert forge.world.service.verify(forge.signed({"typ": typ})).subject == "kid"


def test_a_good_token_holds_to_its_last_second() -> None:
    """Half-open: at its end it has ended."""
    world = World.make()
    world.put()
    body = {"token": world.open().json["token"], "question": {"type": "time"}}
    world.clock.advance(59)
    assert world.call("POST", "/v1/checks", body).status_code == 200
    world.clock.advance(1)
    assert world.call("POST", "/v1/checks", body).status_code == 401


def test_a_remembered_signature_dies_with_its_key() -> None:
    """A token that was verified before is refused once its key is dropped."""
    world = World.make()
    world.put()
    token, signing = world.open().json["token"], world.service.signing
    assert world.beat(token, 1).status_code == 200
    old = signing.signing().kid
    signing.stage(NOON)
    signing.promote(NOON + PUBLISHED_SECONDS)
    assert world.beat(token, 2).status_code == 200
    signing.drop(old)
    assert _code(world.beat(token, 3)) == (401, "token-refused")
    assert world.open().status_code == 201


def test_another_audience_is_another_service() -> None:
    """With the same keys, a token for one audience is none for another."""
    one = World.make()
    one.put()
    token = one.open().json["token"]
    other = World.make(store=one.store, clock=one.clock, audience="edge")
    assert _code(other.beat(token, 1)) == (401, "token-refused")


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]
