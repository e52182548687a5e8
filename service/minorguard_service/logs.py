"""Structured logs: one JSON object a line. Never a token, a key, an `Authorization` header or a body."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, BinaryIO

import structlog
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from minorguard.clock import Clock, SystemClock, floor_seconds
from minorguard_service.problems import to_json


class _Line:
    """Makes the line: level, and when by the service's own clock, so that frozen time shows in logs too."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, log: object, method: str, event: MutableMapping[str, Any]) -> bytes:
        event["level"] = method
        event["at"] = _iso(floor_seconds(self._clock.now_ns()))
        if "exc_info" in event:
            event = structlog.processors.format_exc_info(log, method, event)
        return to_json(event)


def service_log(level: str, *, clock: Clock | None = None, to: BinaryIO | None = None) -> Any:  # noqa: ANN401 - structlog
    """A logger that writes to stderr unless told otherwise: a line in one piece, so that processes may share it."""
    return structlog.wrap_logger(
        structlog.BytesLogger(to or sys.stderr.buffer),
        processors=[_Line(clock or SystemClock())],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )


class _JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "event": "server",
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "process": record.process,
            "at": _iso(floor_seconds(SystemClock().now_ns())),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class GunicornLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's own messages, in the same form."""

    def setup(self, cfg: Any) -> None:  # noqa: ANN401 - gunicorn's Config
        """Configure the error log; there is no access log, the service writes its own."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(_JsonLine())


@lru_cache(maxsize=64)
def _iso(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat()
