"""Version numbers that never come back."""

from __future__ import annotations

import secrets


def first_version() -> int:
    """Where a new key starts: random, 1 to 2**61, so that a key made anew does not meet the versions it had before.

    Each later write adds 1 to 2**20; it stays a signed 64-bit integer for ever.
    """
    return secrets.randbits(61) + 1


def next_version(current: int) -> int:
    """A version after `current`; `ABSENT` gives a first one.

    The step is random: where a failover lost a write, the one that takes its place has another version, so that who
    still knows the lost one cannot mistake it for that.
    """
    return current + 1 + secrets.randbits(20) if current else first_version()
