"""Where a guard gets policies from: a folder's book, or whatever else chooses one for a subject."""

from __future__ import annotations

from typing import Protocol

from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import Profile


class PolicySource(Protocol):
    """Policies by id, and the one that holds for a subject.

    What is asked twice of one object is answered the same, so that a call that needs a policy more than once sees one
    state of all policies. `PolicyBook` is such a source.
    """

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all policies, sorted."""
        ...

    def get(self, id: str) -> CompiledPolicy | None:
        """The policy with an id that holds for everybody without a word of their own, if there is one."""
        ...

    def choose(self, profile: Profile) -> CompiledPolicy | None:
        """The policy of a subject: the revision it is pinned to, else the one that holds for it. None: denied."""
        ...
