"""Exit codes, and which error leads to which."""

from __future__ import annotations

from enum import IntEnum

from minorguard.errors import MinorGuardError, PolicyMissing, StateCorrupt, StoreError


class Exit(IntEnum):
    """What a caller may rely on."""

    OK = 0
    """It went well; allowed; no findings."""
    FAILED = 1
    """The answer is no: denied, findings, a check that failed."""
    USAGE = 2
    """The call or its input is wrong."""
    INTERNAL = 3
    """Something that should work does not: the store, the service, MinorGuard itself, or a package is missing."""


EPILOG = """\b
Exit codes:
  0  it went well: allowed, nothing found
  1  the answer is no: denied, findings, a failed check
  2  wrong usage or invalid input
  3  internal error, store unavailable, or a package is missing

\b
Shell completion (bash; zsh and fish likewise):
  eval "$(_MINORGUARD_COMPLETE=bash_source minorguard)"
"""


class ServiceMissing(Exception):
    """The service's packages are not installed."""

    def __init__(self, name: str | None) -> None:
        super().__init__(f"this command needs `{name}`; install it with `pip install 'minorguard[service]'`")


def exit_code(error: Exception) -> Exit:
    """The exit code of an error."""
    if isinstance(error, StoreError | StateCorrupt | PolicyMissing):
        return Exit.INTERNAL
    return Exit.USAGE if isinstance(error, MinorGuardError) else Exit.INTERNAL
