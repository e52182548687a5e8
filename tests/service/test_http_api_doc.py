"""docs/http-api.md: every example is sent, and answered as it says."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jwt
import pytest

from minorguard_service.problems import KINDS
from minorguard_service.routes import OPERATIONS
from minorguard_service.settings import Settings
from tests.service.world import NOON, World

_TEXT = (Path(__file__).parents[2] / "docs" / "http-api.md").read_text("utf-8")
_EXAMPLES = re.findall(r"```http\n(\w+) (\S+)\n(.*?)```\s+```json (\d+)\n(.*?)```", _TEXT, re.DOTALL)
_ANY = "…"


def assert_like(expected: Any, actual: Any, at: str = "") -> None:
    """Equal, but for what the document leaves open."""
    if expected == _ANY:
        return
    if isinstance(expected, dict) and isinstance(actual, dict):
        assert _ANY in expected or set(expected) == set(actual), at
        for name in set(expected) - {_ANY}:
            assert_like(expected[name], actual[name], f"{at}/{name}")
    elif isinstance(expected, list) and isinstance(actual, list):
        assert len(expected) == len(actual), at
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            assert_like(one, other, f"{at}/{index}")
    else:
        assert expected == actual, at


def key_for(world: World, method: str, path: str) -> str:
    """The world's key, or for what needs them that of an editor, or of a second person who publishes."""
    operation = next(
        one for one in OPERATIONS if one.method == method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", one.path), path)
    )
    known = ("app", "guardian-agent", "auditor", "operator")
    roles = {role.value for role in operation.roles}
    return world.key if not roles or roles & set(known) else world.new_key(min(roles))


def filled(text: str, known: dict[str, str]) -> str:
    """The text with `$token`, `$session_id` and `$digest` put in."""
    return re.sub(r"\$(\w+)", lambda match: known[match[1]], text)


def test_every_example_runs() -> None:
    """In the order of the document, against one service."""
    world, known = World.make(), {}
    assert len(_EXAMPLES) == _TEXT.count("```http")
    for method, path, body, status, expected in _EXAMPLES:
        sent = json.loads(filled(body, known)) if body.strip() else None
        key = key_for(world, method, path.partition("?")[0])
        answer = world.call(method, filled(path, known), sent, key=key)
        assert int(status) == answer.status_code, path
        if expected.strip():
            assert_like(json.loads(filled(expected, known)), answer.json, path)
            known |= {name: answer.json[name] for name in ("token", "session_id", "digest") if name in answer.json}


def test_every_problem_is_listed() -> None:
    """The table is that of the service."""
    rows = re.findall(r"^\| (\d{3}) \| `([a-z-]+)` \| (.+) \|$", _TEXT, re.MULTILINE)
    assert {(str(int(kind.status)), code, kind.meaning) for code, kind in KINDS.items()} == set(rows)


def test_the_settings_are_the_defaults() -> None:
    """The sample file names every setting with its default."""
    (sample,) = re.findall(r"```toml\n(.*?)```", _TEXT, re.DOTALL)
    table = tomllib.loads(sample)["service"]
    assert table == {name: _plain(getattr(Settings(), name)) for name in Settings.__dataclass_fields__}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


def test_an_edge_verifies_offline() -> None:
    """The code of the document accepts a token within its lease, and nothing else."""
    (code,) = re.findall(r"```python\n(.*?)```", _TEXT, re.DOTALL)
    edge: dict[str, Any] = {}
    exec(code, edge)
    world = World.make()
    world.put()
    token, jwks = world.open().json["token"], world.call("GET", "/.well-known/jwks.json").json
    claims = edge["verify_offline"](token, jwks, NOON + 59)
    assert [edge["verdict"](claims, name) for name in ("search.images", "comment", "gift.send", "other")] == [
        "allow",
        "limited",
        "deny",
        "deny",
    ]
    for wrong in ((token, jwks, NOON + 60), (token, {"keys": []}, NOON), (token[:-4] + "AAAA", jwks, NOON)):
        with pytest.raises(jwt.InvalidTokenError):
            edge["verify_offline"](*wrong)
