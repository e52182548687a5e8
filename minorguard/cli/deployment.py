"""The deployment that a command works on: its settings and its store. The service is imported only when needed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from minorguard.cli.exits import ServiceMissing
from minorguard.cli.output import remark
from minorguard.clock import SystemClock, floor_seconds
from minorguard.model.ids import Instant
from minorguard.storage import open_store
from minorguard.storage.base import StateStore

if TYPE_CHECKING:
    from minorguard_service.settings import Settings

CONFIG = "minorguard.toml"
_VARIABLES = "MINORGUARD_"


@contextmanager
def service_packages() -> Iterator[None]:
    """Say how to install the service where an import fails. Raises `ServiceMissing`."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ServiceMissing(error.name) from error


def load_settings(config: Path | None) -> Settings:
    """The settings of a file, or of `minorguard.toml` in the working folder if it is there; variables override them."""
    with service_packages():
        from minorguard_service.settings import Settings

    path = config or Path(CONFIG)
    found = config is not None or path.is_file()
    if not found and not any(name.startswith(_VARIABLES) for name in os.environ):  # likely the wrong folder
        remark(f"no `{CONFIG}` here, so the defaults hold; `--config` names one, `minorguard init` writes one")
    return Settings.load(path if found else None, os.environ)


@contextmanager
def opened(settings: Settings) -> Iterator[StateStore]:
    """The store of a deployment, closed afterwards."""
    store = open_store(settings.store)
    try:
        yield store
    finally:
        store.close()


def present() -> Instant:
    """The present second."""
    return floor_seconds(SystemClock().now_ns())
