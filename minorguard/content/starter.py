"""The starter list: a first day's terms; lists/starter.yaml says what it is and what it is not."""

from __future__ import annotations

from pathlib import Path

from minorguard.content.lexicon import Lexicon


def starter_path() -> Path:
    """Where the shipped list lies."""
    return Path(__file__).with_name("lists") / "starter.yaml"


def starter_lexicon() -> Lexicon:
    """The shipped list."""
    return Lexicon.load(starter_path())
