"""What a Redis URL says. Nothing here repeats a password, not even one in a URL that is wrong."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from minorguard.errors import InvalidInput

PREFIX = "mg"
PORT, SENTINEL_PORT = 6379, 26379
ONE, SENTINEL, CLUSTER = "one", "sentinel", "cluster"
KINDS = {
    "redis": ONE,
    "rediss": ONE,
    "redis+sentinel": SENTINEL,
    "rediss+sentinel": SENTINEL,
    "redis+cluster": CLUSTER,
    "rediss+cluster": CLUSTER,
}
HOW = (
    "write it like `redis://host:6379/0`, `rediss://user:password@host:6379?ca=/etc/ssl/redis-ca.pem`,"
    " `redis+sentinel://host1:26379,host2:26379/service` or `redis+cluster://host1:6379,host2:6379`"
)
_PREFIX = re.compile(r"[A-Za-z0-9_.-]{1,32}")

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class RedisUrl:
    """Where Redis is, who we are there, and what is asked of it."""

    scheme: str
    hosts: tuple[Address, ...]
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    database: int = 0
    service: str = ""
    """Of Sentinel."""
    prefix: str = PREFIX
    """Of all keys and channels; a colon follows it."""
    replicas: int = 0
    """How many must acknowledge a durable write."""
    timeout_seconds: float = 0.2
    """Of one call, whatever happens within it."""
    accept_loss: bool = False
    """Whether a Redis is fine that may lose what it acknowledged."""
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    sentinel_username: str | None = None
    sentinel_password: str | None = field(default=None, repr=False)

    @property
    def kind(self) -> str:
        """`ONE` server, `SENTINEL` or `CLUSTER`."""
        return KINDS[self.scheme]

    @property
    def tls(self) -> bool:
        """Whether connections are encrypted."""
        return self.scheme.startswith("rediss")

    def __str__(self) -> str:
        """Without credentials and options, but for a prefix of its own: two prefixes are two stores."""
        where = ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.hosts)
        tail = {ONE: f"/{self.database}", SENTINEL: f"/{self.service}", CLUSTER: ""}[self.kind]
        own = "" if self.prefix == PREFIX else f"?prefix={self.prefix}"
        return f"{self.scheme}://{where}{tail}{own}"


def parse(url: str) -> RedisUrl:
    """Read a URL. Raises `InvalidInput` with what to write instead."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in KINDS:
        raise _wrong(f"unknown scheme; {HOW}")
    before, _, query = rest.partition("?")
    network, _, path = before.partition("/")
    login, _, hosts = network.rpartition("@")
    kind = KINDS[scheme]
    known: dict[str, Any] = {"replicas": 0 if kind == ONE else 1}
    return RedisUrl(
        scheme,
        _hosts(hosts, SENTINEL_PORT if kind == SENTINEL else PORT, several=kind != ONE),
        **(known | _login(login) | _path(kind, path) | _options(scheme, query)),
    )


def _wrong(problem: str) -> InvalidInput:
    return InvalidInput("store", problem)


def _login(login: str) -> dict[str, Any]:
    name, _, password = login.partition(":")
    return {"username": unquote(name) or None, "password": unquote(password) or None}


def _hosts(text: str, port: int, *, several: bool) -> tuple[Address, ...]:
    hosts = tuple(_host(part, port) for part in text.split(","))
    if len(hosts) > 1 and not several:
        raise _wrong(f"one server has one host; {HOW}")
    return hosts


def _host(text: str, default: int) -> Address:
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:/@]+)(?::([0-9]{1,5}))?", text)
    if found is None or not 0 < int(found[2] or default) < 65_536:
        raise _wrong(f"a host or port is missing or wrong (special characters of a password are %-escaped); {HOW}")
    return found[1].strip("[]"), int(found[2] or default)


def _path(kind: str, path: str) -> dict[str, Any]:
    if kind == SENTINEL:
        if not path:
            raise _wrong(f"the name of Sentinel's service is missing; {HOW}")
        return {"service": unquote(path)}
    if kind == CLUSTER and path not in ("", "0"):
        raise _wrong("a cluster has no numbered databases; leave the path out")
    return {"database": _whole("database", path or "0", 0, 10_000)}


def _options(scheme: str, query: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in parse_qsl(query, keep_blank_values=True):
        reader = _READERS.get(name)
        if reader is None:
            raise _wrong(_unknown(name))
        target, value = reader(name, text)
        if target in values:
            raise _wrong(f"option `{name}` is given twice")
        values[target] = value
    _fit(scheme, values)
    return values


def _fit(scheme: str, values: dict[str, Any]) -> None:
    tls = {"ca", "cert", "key"} & values.keys()
    if tls and not scheme.startswith("rediss"):
        raise _wrong(f"option `{min(tls)}` needs TLS; begin the url with `{scheme.replace('redis', 'rediss')}://`")
    if ("cert" in values) != ("key" in values):
        raise _wrong("options `cert` and `key` go together")
    sentinel = {"database", "sentinel_username", "sentinel_password"} & values.keys()
    if sentinel and KINDS[scheme] != SENTINEL:
        raise _wrong(f"option `{min(sentinel)}` is for Sentinel only")


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, list(_READERS), n=1, cutoff=0.6)
    known = ", ".join(f"`{option}`" for option in _READERS)
    return f"unknown option `{name}`, " + (f"did you mean `{near[0]}`?" if near else f"known are {known}")


def _whole(name: str, text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise _wrong(f"`{name}` must be a whole number from {least} to {most}")
    return int(text)


def _text(name: str, text: str) -> tuple[str, Any]:
    if not text:
        raise _wrong(f"option `{name}` is empty")
    return name, text


def _prefix(name: str, text: str) -> tuple[str, Any]:
    if not _PREFIX.fullmatch(text):
        raise _wrong(f"option `{name}` must be 1 to 32 of A-Z a-z 0-9 _ . -")
    return name, text


def _file(name: str, text: str) -> tuple[str, Any]:
    if not Path(text).is_file():
        raise _wrong(f"option `{name}`: there is no file `{text}`")
    return name, Path(text)


def _flag(name: str, text: str) -> tuple[str, Any]:
    if text not in ("yes", "no"):
        raise _wrong(f"option `{name}` must be `yes` or `no`")
    return name, text == "yes"


def _db(_name: str, text: str) -> tuple[str, Any]:
    return "database", _whole("db", text, 0, 10_000)


def _replicas(name: str, text: str) -> tuple[str, Any]:
    return name, _whole(name, text, 0, 10)


def _timeout(name: str, text: str) -> tuple[str, Any]:
    return "timeout_seconds", _whole(name, text, 20, 10_000) / 1000


_READERS: dict[str, Callable[[str, str], tuple[str, Any]]] = {
    "prefix": _prefix,
    "replicas": _replicas,
    "timeout_ms": _timeout,
    "accept_loss": _flag,
    "ca": _file,
    "cert": _file,
    "key": _file,
    "db": _db,
    "sentinel_username": _text,
    "sentinel_password": _text,
}
