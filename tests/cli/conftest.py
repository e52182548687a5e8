"""Folders to run commands in."""

from __future__ import annotations

import os

import pytest

from tests.cli.running import run


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty working folder, and no settings from outside."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("MINORGUARD_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def shop(folder):
    """A folder with the files to begin with."""
    assert run("init").code == 0
    return folder
