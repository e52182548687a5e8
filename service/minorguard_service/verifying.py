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
        self._recall, self._judge = service.tokens.recall, service.revocations.judge
        self._tenant, self._live = caller.tenant, caller.live
        self._good: set[str] = set()
        """Ids of keys that were not dropped."""
        self._now: Instant = 0

    def __call__(self, token: str) -> Claims:
        """The claims of a token. Raises what `Service.verify` does, and `Problem` for that of another tenant."""
        known = self._recall(token)
        claims = known[1] if known is not None and known[0] in self._good else self._read(token)
        self._judge(claims)
        if claims.test_clock is None:
            check_times(claims, self._now)
        else:
            self._service.check_times(claims)
        if claims.tenant != self._tenant or claims.live is not self._live:
            raise not_found()
        return claims

    def _read(self, token: str) -> Claims:
        """The claims of a token whose key is not known to be good; the first one comes here always."""
        service = self._service
        claims = service.tokens.read(token)
        if not self._good:
            service.revocations.look()
            self._now = service.now()
        known = service.tokens.recall(token)
        if known is not None:
            self._good.add(known[0])
        return claims
