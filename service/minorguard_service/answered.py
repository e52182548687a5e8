"""What is noted of every answered call: a line in the log and two counters."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from minorguard_service import metrics
from minorguard_service.service import Service

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id_of(sent: str) -> str:
    """The caller's id of a request if it is one, else a new one."""
    return sent if _REQUEST_ID.fullmatch(sent) else secrets.token_hex(8)


def headers_of(request_id: str) -> dict[str, str]:
    """What every answer says."""
    return {"X-Request-Id": request_id, "X-Content-Type-Options": "nosniff"}


def note_answer(
    service: Service,
    *,
    method: str,
    route: str,
    status: int,
    seconds: float,
    request_id: str,
    facts: Mapping[str, Any],
) -> None:
    """Count and log it; `facts` say who called and what was decided, never of whom."""
    metrics.count_request(method, route, status, seconds)
    service.log.info(
        "request",
        request_id=request_id,
        method=method,
        route=route,
        status=status,
        ms=round(seconds * 1000, 2),
        **facts,
    )
