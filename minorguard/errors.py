"""Every exception that MinorGuard raises on purpose. A denial is never one of them: it is a `Decision`.

::

    MinorGuardError
    ├── InvalidInput            the caller's data is wrong            .where .problem
    │   ├── PolicyInvalid       a policy document has errors          .findings
    │   └── LexiconInvalid      a term list has errors                .findings
    ├── NotFound                nothing there, or not yours           .kind .id
    ├── Conflict                the call contradicts what is stored   .where .problem
    ├── PolicyMissing           the subject's policy is not loaded    .policy
    ├── TestClockRefused        virtual time where it may not be      .where .problem
    └── StoreError              the state could not be read or written
        ├── StoreUnavailable    the engine does not answer            .url
        │   └── NotReplicated   written, but in too few places        .wanted .acknowledged
        ├── VersionConflict     compare-and-set lost every try        .key .attempts .known .current
        ├── StateCorrupt        a stored blob fails its checksum      .key
        └── StateTooNew         written by a newer MinorGuard         .key .found .known
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from minorguard.storage.base import Stored


class MinorGuardError(Exception):
    """Root of the tree above."""


class InvalidInput(MinorGuardError):
    """The caller's data is wrong; `where` is a JSON pointer or a parameter's name."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


class PolicyInvalid(InvalidInput):
    """A policy document has errors; `findings` says each one with its position."""

    def __init__(self, where: str, findings: Sequence[object]) -> None:
        self.findings = tuple(findings)
        lines = "\n".join(f"  {finding}" for finding in self.findings)
        super().__init__(where, f"{len(self.findings)} finding(s)\n{lines}")


class LexiconInvalid(InvalidInput):
    """A term list has errors; `findings` says each one with its file, line, code and help."""

    def __init__(self, where: str, findings: Sequence[object]) -> None:
        self.findings = tuple(findings)
        lines = "\n".join(f"  {finding}" for finding in self.findings)
        super().__init__(where, f"{len(self.findings)} finding(s)\n{lines}")


class NotFound(MinorGuardError):
    """There is no such thing, or the caller may not know of it: the two are not told apart."""

    def __init__(self, kind: str, id: str) -> None:
        super().__init__(f"no {kind} `{id}`")
        self.kind = kind
        self.id = id


class Conflict(MinorGuardError):
    """The call contradicts what is stored, such as an idempotency key used again for another call."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


class PolicyMissing(MinorGuardError):
    """A subject names a policy that is not loaded; nothing is allowed until it is."""

    def __init__(self, policy: str) -> None:
        super().__init__(f"policy `{policy}` is not loaded; add its file to the policies folder and reload")
        self.policy = policy


class TestClockRefused(MinorGuardError):
    """Virtual time was asked for in a live deployment or with a live key."""

    __test__ = False  # not a pytest class

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


class StoreError(MinorGuardError):
    """The state could not be read or written; callers fail closed."""


class StoreUnavailable(StoreError):
    """The storage engine does not answer."""

    def __init__(self, url: str, problem: str) -> None:
        super().__init__(f"store {url}: {problem}")
        self.url = url


class NotReplicated(StoreUnavailable):
    """A write that must survive a failover is on the primary, and not on as many replicas as it needs.

    It may be lost yet, or hold; written once more, it is acknowledged when it is safe.
    """

    def __init__(self, url: str, wanted: int, acknowledged: int) -> None:
        problem = f"{acknowledged} of {wanted} replica(s) acknowledged the write in time; bring them back and try again"
        super().__init__(url, problem)
        self.wanted = wanted
        self.acknowledged = acknowledged


class VersionConflict(StoreError):
    """Another writer was faster, `attempts` times in a row; nothing was written.

    Where `known`, `current` is what stood there instead (None: nothing), so that no load is needed to try again.
    """

    def __init__(self, key: str, attempts: int = 1, *, known: bool = False, current: Stored | None = None) -> None:
        super().__init__(f"state `{key}` changed under {attempts} attempt(s) to write it; try again")
        self.key = key
        self.attempts = attempts
        self.known = known
        self.current = current


class StateCorrupt(StoreError):
    """A stored blob is not what was written."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(
            f"state `{key}` is corrupt ({problem}); restore it from a backup, or erase the subject to start anew"
        )
        self.key = key


class StateTooNew(StoreError):
    """A stored blob was written by a newer MinorGuard than this one."""

    def __init__(self, key: str, found: int, known: int) -> None:
        super().__init__(
            f"state `{key}` has schema version {found}, this MinorGuard knows up to {known}; upgrade MinorGuard"
        )
        self.key = key
        self.found = found
        self.known = known
