"""The tokens of one batch: clock, keys and revocations are looked at once, and each token is judged by them."""

from __future__ import annotations

from minorguard.model.ids import Instant
from minorguard_service.calls import Caller
from minorguard_service.problems import not_found
from minorguard_service.service import Service
from minorguard_service.tokens import Claims, check_times


class Verifier:
    """`Service.verify` and whose the token is, for one caller at one instant: that of the first token. For one call."""

    def __init__(self, service: Service, caller: Caller) -> None:
        self._service = service
        self._tokens, self._revocations = service.tokens, service.revocations
        self._tenant, self._live = caller.tenant, caller.live
        self._good: set[str] = set()
        self._now: Instant | None = None

    def __call__(self, token: str) -> Claims:
        """The claims of a token. Raises what `Service.verify` does, and `Problem` for that of another tenant."""
        known = self._tokens.recall(token)
        claims = self._tokens.read(token) if known is None or not self._is_good(known[0]) else known[1]
        if self._now is None:
            self._revocations.look()
            self._now = self._service.now()
        self._revocations.judge(claims)
        if claims.test_clock is None:
            check_times(claims, self._now)
        else:
            self._service.check_times(claims)
        if claims.tenant != self._tenant or claims.live is not self._live:
            raise not_found()
        return claims

    def _is_good(self, kid: str) -> bool:
        if kid not in self._good and self._service.signing.find(kid) is not None:
            self._good.add(kid)
        return kid in self._good
