"""Version numbers that never come back."""

from __future__ import annotations

import secrets


def first_version() -> int:
    """Where a new key starts: random, 1 to 2**61, so that a key made anew does not meet the versions it had before.

    Each later write adds one; it stays a signed 64-bit integer for ever.
    """
    return secrets.randbits(61) + 1


def next_version(current: int) -> int:
    """The version after `current`; `ABSENT` gives a first one."""
    return current + 1 if current else first_version()
