"""Structured logs: one JSON object a line. Never a token, a key, an `Authorization` header or a body."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from minorguard.clock import Clock, SystemClock, floor_seconds
from minorguard_service.problems import to_json


class _Stamp:
    """Adds when; the service's own clock, so that frozen time shows in logs too."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, _log: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["at"] = _iso(floor_seconds(self._clock.now_ns()))
        return event


def service_log(level: str, *, clock: Clock | None = None, to: TextIO | None = None) -> Any:  # noqa: ANN401 - structlog
    """A logger that writes to stderr unless told otherwise."""
    return structlog.wrap_logger(
        structlog.PrintLogger(to or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            _Stamp(clock or SystemClock()),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_line),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )


def _line(event: object, **_options: object) -> str:
    return to_json(event).decode()


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


def _iso(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat()
