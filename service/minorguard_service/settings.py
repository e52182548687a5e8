"""What a deployment may set: `minorguard.toml`, its table `[service]`, overridden by `MINORGUARD_*` variables."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from minorguard.errors import InvalidInput

PREFIX = "MINORGUARD_"
LEVELS = ("debug", "info", "warning", "error")

_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")
_SQLITE = "sqlite:///"
_STORE, _POLICIES = "sqlite:///minorguard.db", "policies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one deployment; every process of it has the same."""

    store: str = field(default=_STORE, metadata={"kind": "store"})
    policies: Path = field(default=Path(_POLICIES), metadata={"kind": "path"})
    """A policy file, or a folder of them."""
    issuer: str = field(default="minorguard", metadata={"kind": "text"})
    """`iss` of the session tokens: who signed them."""
    audience: str = field(default="minorguard", metadata={"kind": "text"})
    """`aud` of the session tokens: the edges that may rely on them."""
    live: bool = field(default=False, metadata={"kind": "flag"})
    """Real children: test clocks are refused, whatever the key."""
    demo: bool = field(default=False, metadata={"kind": "flag"})
    """At the start make a test key of the tenant `demo` and print it. Never together with `live`."""
    bind: str = field(default="127.0.0.1:8000", metadata={"kind": "bind"})
    """`host:port`, or `unix:/path`."""
    workers: int = field(default=2, metadata={"kind": "number", "least": 1, "most": 64})
    threads: int = field(default=8, metadata={"kind": "number", "least": 1, "most": 256})
    """Of each worker."""
    stop_seconds: int = field(default=30, metadata={"kind": "number", "least": 1, "most": 600})
    """How long a stop waits for the calls under way."""
    front: bool = field(default=True, metadata={"kind": "flag"})
    """Answer heartbeats and checks in front of Flask; the answers are the same."""
    remember: int = field(default=8192, metadata={"kind": "number", "least": 1, "most": 4_000_000})
    """Subjects, and tokens, that each worker remembers, so that their next beat is one store command and no signature
    is checked: 6 to 12 kB of memory each."""
    log_level: str = field(default="info", metadata={"kind": "level"})
    classifier_url: str = field(default="", metadata={"kind": "any"})
    """Where texts and items are classified, as signed JSON; empty: nowhere."""
    recall_url: str = field(default="", metadata={"kind": "any"})
    """Who is told of recalls, as signed JSON, besides whoever polls; empty: nobody."""
    webhook_secret: str = field(default="", repr=False, metadata={"kind": "any"})
    """What both are signed with."""

    def __post_init__(self) -> None:
        if self.live and self.demo:
            raise InvalidInput("demo", "makes a key that anybody may read; unset it, or unset `live`")
        _bind("bind", {}, self.bind, Path())  # also where a command line says it

    @classmethod
    def load(cls, path: Path | None, env: Mapping[str, str]) -> Settings:
        """Read a file (None: no file) and let variables such as ``MINORGUARD_BIND`` override it.

        Relative paths are relative to the file; in variables, to the working folder. Raises `InvalidInput` with the
        place of an unknown key or a wrong value, and what to write instead.
        """
        values = {} if path is None else _from_file(path)
        return cls(**(values | _from_variables(env)))


def _from_file(path: Path) -> dict[str, Any]:
    table, known = _table(path), _known()
    for key in table:
        if key not in known:
            raise InvalidInput(f"{path}: service.{key}", _unknown(key, known))
    folder = path.resolve().parent
    table = {"store": _STORE, "policies": _POLICIES} | table
    return {key: _read(f"{path}: service.{key}", known[key], value, folder) for key, value in table.items()}


def _table(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InvalidInput(str(path), f"cannot be read ({error.strerror}); name another file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(str(path), f"is not TOML: {error}") from None
    table = document.get("service", {})
    if not isinstance(table, dict):
        raise InvalidInput(f"{path}: service", "must be a table; begin it with `[service]`")
    return table


def _from_variables(env: Mapping[str, str]) -> dict[str, Any]:
    known = {PREFIX + key.upper(): key for key in _known()}
    values = {}
    for name, text in env.items():
        if name in known:
            values[known[name]] = _read(name, _known()[known[name]], text, Path.cwd())
        elif name.startswith(PREFIX) and (near := _near(name.removeprefix(PREFIX).lower(), known.values())):
            raise InvalidInput(name, f"unknown variable, did you mean `{PREFIX}{near[0].upper()}`?")
    return values


def _near(key: str, known: Iterable[str]) -> list[str]:
    return difflib.get_close_matches(key, list(known), n=1, cutoff=0.75)


def _known() -> dict[str, Mapping[str, Any]]:
    return {one.name: one.metadata for one in fields(Settings)}


def _unknown(key: str, known: Mapping[str, object]) -> str:
    near = _near(key, known)
    if near:
        return f"unknown key, did you mean `{near[0]}`?"
    return "unknown key; known: " + ", ".join(f"`{name}`" for name in known)


def _read(where: str, rule: Mapping[str, Any], value: object, folder: Path) -> Any:  # noqa: ANN401 - a field's type
    return _READERS[rule["kind"]](where, rule, value, folder)


def _text(where: str, _rule: Mapping[str, Any], value: object, _folder: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput(where, "must be text, and not empty")
    return value


def _any(where: str, _rule: Mapping[str, Any], value: object, _folder: Path) -> str:
    if not isinstance(value, str):
        raise InvalidInput(where, "must be text")
    return value


def _path(where: str, rule: Mapping[str, Any], value: object, folder: Path) -> Path:
    return folder / Path(_text(where, rule, value, folder)).expanduser()


def _store(where: str, rule: Mapping[str, Any], value: object, folder: Path) -> str:
    url = _text(where, rule, value, folder)
    relative = url.removeprefix(_SQLITE)
    if url.startswith(_SQLITE) and relative and not relative.startswith("/"):
        return f"{_SQLITE}{folder / relative}"
    return url


def _number(where: str, rule: Mapping[str, Any], value: object, _folder: Path) -> int:
    text = str(value)
    if isinstance(value, bool | float) or not (text.isascii() and text.isdigit()):
        raise InvalidInput(where, f"must be a whole number from {rule['least']} to {rule['most']}")
    if not rule["least"] <= int(text) <= rule["most"]:
        raise InvalidInput(where, f"`{text}` is out of range; give {rule['least']} to {rule['most']}")
    return int(text)


def _flag(where: str, _rule: Mapping[str, Any], value: object, _folder: Path) -> bool:
    word = str(value).lower()
    if not isinstance(value, bool | str) or word not in _TRUE + _FALSE:
        raise InvalidInput(where, "must be `true` or `false`")
    return word in _TRUE


def _level(where: str, rule: Mapping[str, Any], value: object, folder: Path) -> str:
    word = _text(where, rule, value, folder).lower()
    if word not in LEVELS:
        raise InvalidInput(where, f"`{word}` is no level; known: " + ", ".join(f"`{level}`" for level in LEVELS))
    return word


def _bind(where: str, rule: Mapping[str, Any], value: object, folder: Path) -> str:
    text = _text(where, rule, value, folder)
    host, _, port = text.rpartition(":")
    if host == "unix" or (host and port.isascii() and port.isdigit() and int(port) < 65_536):
        return text
    raise InvalidInput(where, f"`{text}` is no address; write it like `127.0.0.1:8000` or `unix:/run/minorguard.sock`")


_READERS: dict[str, Callable[[str, Mapping[str, Any], object, Path], Any]] = {
    "any": _any,
    "bind": _bind,
    "flag": _flag,
    "level": _level,
    "number": _number,
    "path": _path,
    "store": _store,
    "text": _text,
}
