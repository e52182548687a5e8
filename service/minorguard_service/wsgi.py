"""For WSGI servers other than ours: ``minorguard_service.wsgi:create`` is a factory of the app.

`MINORGUARD_CONFIG` names the file of settings (none: variables alone). The app is made in each worker; a server must
not make it before it forks.
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask

from minorguard_service.app import create_app
from minorguard_service.settings import Settings

CONFIG = "MINORGUARD_CONFIG"


def create() -> Flask:
    """The app by the environment's settings. Raises `InvalidInput`, `PolicyInvalid` and `StoreError`."""
    config = os.environ.get(CONFIG)
    return create_app(Settings.load(Path(config) if config else None, os.environ))
