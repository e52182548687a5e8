"""The demo's test key, and what to try with it."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minorguard.cli.deployment import opened, present, service_packages
from minorguard.errors import InvalidInput
from minorguard.policy import PolicyBook
from minorguard.storage.base import StateStore

if TYPE_CHECKING:
    from minorguard_service.settings import Settings

KEY_FILE = "demo-key"
ROLES = ("app", "guardian-agent", "operator")
POLICY = "short-video"
NIGHT = "The demo policy is shut from 22:00 to 06:00 in Shanghai: a session is denied then, and told until when."
AGE = 13


@dataclass(frozen=True, slots=True)
class DemoKey:
    """A test key, the file that holds it, and whether it was made just now."""

    text: str
    file: Path
    made: bool

    def to_dict(self) -> dict[str, Any]:
        """The form for programs."""
        return {"key": self.text, "file": str(self.file), "made": self.made}


def ensure_demo_key(settings: Settings, directory: Path, *, force: bool = False) -> DemoKey:
    """The key in the file `demo-key`, or a new one if there is none that the store knows.

    Raises `InvalidInput` in a live deployment: a key that lies in a file is for trying things out.
    """
    if settings.live:
        raise InvalidInput("--demo", "is refused in a live deployment; set `live = false`, or leave it out")
    file = directory / KEY_FILE
    with opened(settings) as store:
        known = None if force else _known(store, file)
        if known is not None:
            return DemoKey(known, file, made=False)
        text = _create(store)
    _write_private(file, text)
    return DemoKey(text, file, made=True)


def _known(store: StateStore, file: Path) -> str | None:
    with service_packages():
        from minorguard_service.keys import authenticate
    text = file.read_text("utf-8").strip() if file.is_file() else ""
    return text if text and authenticate(store, text) else None


def _create(store: StateStore) -> str:
    with service_packages():
        from minorguard_service.keys import create_api_key
    text, _ = create_api_key(store, tenant="demo", roles=ROLES, live=False, name="demo", now=present())
    return text


def _write_private(file: Path, text: str) -> None:
    with suppress(FileNotFoundError):
        file.unlink()  # never into a file that others hold open, or that a link leads to
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text + "\n")


@dataclass(frozen=True, slots=True)
class Trial:
    """What to paste to see the service at work."""

    url: str
    docs: str
    commands: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The form for programs."""
        return {"url": self.url, "docs": self.docs, "commands": list(self.commands)}


def trial(settings: Settings, key: DemoKey) -> Trial:
    """The calls that register a child of thirteen and open a session for it. Raises `PolicyInvalid`."""
    url = base_url(settings.bind)
    return Trial(url, f"{url}/docs", tuple(_commands(settings, url, key.text)))


def _commands(settings: Settings, url: str, key: str) -> Iterator[str]:
    ids = PolicyBook.load(settings.policies).ids
    born = f"{datetime.fromtimestamp(present(), UTC).year - AGE}-01-01"
    subject = {"policy": POLICY if POLICY in ids else ids[0], "birth_date": born}
    socket = _socket(settings.bind)
    yield _curl("PUT", f"{url}/v1/subjects/kid-1", key, subject, socket)
    session = {"subject_id": "kid-1", "device": "tablet"}
    yield _curl("POST", f"{url}/v1/sessions", key, session, socket)


def _curl(method: str, url: str, key: str, body: dict[str, str], socket: list[str]) -> str:
    headers = ["-H", f"Authorization: Bearer {key}", "-H", "Content-Type: application/json"]
    return shlex.join(["curl", "-sS", *socket, "-X", method, url, *headers, "-d", json.dumps(body)])


def base_url(bind: str) -> str:
    """Where a browser on this machine finds what listens on `bind`.

    >>> base_url("0.0.0.0:8000"), base_url("127.0.0.1:80")
    ('http://127.0.0.1:8000', 'http://127.0.0.1:80')
    """
    if _socket(bind):
        return "http://localhost"
    host, _, port = bind.rpartition(":")
    return f"http://{'127.0.0.1' if host in {'0.0.0.0', '[::]', ''} else host}:{port}"  # noqa: S104  # only compared


def _socket(bind: str) -> list[str]:
    return ["--unix-socket", bind.removeprefix("unix:")] if bind.startswith("unix:") else []
