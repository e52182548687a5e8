"""What one process of the service holds: a store, a guard per namespace, keys, tokens, policies and a log."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from minorguard.clock import Clock, floor_seconds
from minorguard.errors import MinorGuardError, PolicyMissing, TestClockRefused
from minorguard.guard import MinorGuard
from minorguard.model.ids import Instant
from minorguard.policy import PolicyBook
from minorguard.storage.base import StateStore
from minorguard_service.content_desk import ContentDesk
from minorguard_service.keys import KeyCache
from minorguard_service.policy_shadow import ShadowWitness
from minorguard_service.policy_views import Published, Seeking, View
from minorguard_service.revocations import Revocations
from minorguard_service.settings import Settings
from minorguard_service.signing import SigningKeys
from minorguard_service.tokens import Claims, Tokens, check_times

_NAMESPACES = 1024


@dataclass(slots=True)
class Service:
    """Wired once, in `minorguard_service.app`; shared by all threads."""

    settings: Settings
    store: StateStore
    clock: Clock
    policies: PolicyBook
    """The folder's, which all tenants have."""
    published: Published
    """What tenants published over them."""
    guard: MinorGuard
    api_keys: KeyCache
    signing: SigningKeys
    tokens: Tokens
    revocations: Revocations
    content: ContentDesk
    log: Any
    openapi: dict[str, Any] = field(default_factory=dict)
    monotonic: Callable[[], float] = time.monotonic
    _scoped: dict[str, tuple[View, MinorGuard]] = field(default_factory=dict)

    def now(self) -> Instant:
        """The real second that has begun."""
        return floor_seconds(self.clock.now_ns())

    def scoped(self, namespace: str, *, live: bool) -> MinorGuard:
        """The guard of one tenant's test or live subjects. Virtual time only for test keys, and never when live.

        Get it once a call: its policies stay as they are now, but that what is missing is looked for once more. Raises
        `StoreError`.
        """
        view = self.published.view(namespace)
        found = self._scoped.get(namespace)
        if found is None or found[0] is not view:
            if len(self._scoped) >= _NAMESPACES:
                self._scoped.clear()
            found = view, self._guard_of(view, test_clocks=not live and not self.settings.live)
            self._scoped[namespace] = found
        return found[1]

    def _guard_of(self, view: View, *, test_clocks: bool) -> MinorGuard:
        shadowed = any(slot.shadow is not None for slot in view.head.slots.values())
        witness = ShadowWitness(view, self._shadow_failed) if shadowed else None
        policies = Seeking(view, lambda: self.published.view(view.namespace, fresh=True))
        return self.guard.scoped(view.namespace, test_clocks=test_clocks, policies=policies, witness=witness)

    def _shadow_failed(self, namespace: str, policy: str, error: Exception) -> None:
        self.log.error("shadow.failed", namespace=namespace, policy=policy, error=type(error).__name__)

    def verify(self, token: str, *, late_seconds: int = 0) -> Claims:
        """The claims of a token that holds now, by the clock that its subject lives by, and was not revoked.

        Raises `TokenRefused`, `TestClockRefused`, `NotFound` for a clock that was deleted, and `StoreError`.
        """
        claims = self.tokens.read(token)
        self.revocations.check(claims)
        self.check_times(claims, late_seconds=late_seconds)
        return claims

    def check_times(self, claims: Claims, *, late_seconds: int = 0) -> None:
        """Raises what `verify` does of a token's times."""
        check_times(claims, self._now_of(claims), late_seconds=late_seconds)

    def failing(self) -> dict[str, str]:
        """What keeps this process from serving, by check; empty when it is ready."""
        checks = {"store": self.guard.check, "policies": self._has_policies, "signing_key": self.signing.signing}
        return {name: problem for name, check in checks.items() if (problem := _problem_of(check)) is not None}

    def _now_of(self, claims: Claims) -> Instant:
        if claims.test_clock is None:
            return self.now()
        if claims.live or self.settings.live:
            raise TestClockRefused("test_clock", "virtual time is refused here: live key or live deployment")
        return self.scoped(claims.namespace, live=claims.live).clocks.now(claims.test_clock)

    def _has_policies(self) -> None:
        if not self.policies.ids:
            raise PolicyMissing("any")


def _problem_of(check: Callable[[], object]) -> str | None:
    try:
        check()
    except MinorGuardError as error:
        return f"fails: {type(error).__name__}"
    return None
