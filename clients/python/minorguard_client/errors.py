"""What can go wrong with a call. A denial is not among it: that is a `Decision`.

::

    ClientError
    ├── Problem        the service refused the call (4xx)   .status .code .detail .errors .request_id
    └── Unreachable    no usable answer came                .reason .attempts .problem
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class ClientError(Exception):
    """Root of the tree above."""


class Problem(ClientError):
    """The service refused the call: the call was wrong, and the same call again will be refused again.

    `code` is stable and meant for programs, `detail` for people, `errors` says which parts of the body were wrong.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: Sequence[Mapping[str, Any]] = (),
        request_id: str | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.request_id = request_id


class Unreachable(ClientError):
    """No usable answer came: no connection, a timeout, a 5xx, or something that is not MinorGuard's.

    Fail closed: use may go on until the end of the lease at hand, and not a second longer; a new sitting, a check and a
    counted use are denied. `problem` is what the service said of itself, if it said anything.
    """

    def __init__(self, reason: str, attempts: int = 1, problem: Problem | None = None) -> None:
        super().__init__(f"no usable answer after {attempts} attempt(s): {reason}; treat it as a denial at lease end")
        self.reason = reason
        self.attempts = attempts
        self.problem = problem
