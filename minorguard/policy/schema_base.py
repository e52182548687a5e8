"""What all schemas of documents share: unknown keys with the likely word, and errors as findings with positions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from minorguard.policy.fields import MISSING, NULL
from minorguard.policy.findings import MAX_FINDINGS, Problem, Report, likely, shown
from minorguard.policy.positions import join

_HEAD = re.compile(r"(\w+)[\s:]")
"""A key whose colon, or the space after it, was forgotten: the rest of the line is taken for a part of it."""
_UNKNOWN = Problem("key.unknown", "unknown key", at_key=True)
_SHAPE = Problem("value.shape", "this is not a mapping; write `key: value` lines")


class DocumentSchema(Schema):
    """Refuses unknown keys and names the likely one."""

    class Meta:
        """Unknown keys are errors."""

        unknown = RAISE

    error_messages = {"unknown": _UNKNOWN, "type": _SHAPE}  # noqa: RUF012  # marshmallow's own spelling

    def handle_error(self, error: ValidationError, *_args: object, **_kwargs: object) -> None:
        """Say of each unknown key which known one is near."""
        if isinstance(error.messages, dict):
            for key, messages in list(error.messages.items())[:MAX_FINDINGS]:
                if messages == [_UNKNOWN]:
                    error.messages[key] = [self._unknown(str(key))]
                elif key == "_schema" and messages == [_SHAPE]:
                    keys = ", ".join(f"`{name}`" for name in self.fields)
                    error.messages[key] = [Problem("value.shape", f"{_SHAPE}; known here: {keys}")]
                elif messages == [MISSING]:
                    error.messages[key] = [Problem("key.missing", f"{shown(key)} is missing; add it")]

    def _unknown(self, key: str) -> Problem:
        near = likely(key, self.fields)
        head = _HEAD.match(key)
        if head is not None and head[1] in self.fields:
            return Problem("key.unknown", f"unknown key {shown(key)}; write `{head[1]}:` and a space", at_key=True)
        known = "" if near else "; known here: " + ", ".join(f"`{name}`" for name in self.fields)
        return Problem("key.unknown", f"unknown key {shown(key)}{known}", near, at_key=True)


def nested(schema: type[Schema], about: str = "", *, required: bool = False) -> fields.Nested:
    """A mapping with a schema of its own."""
    messages = {"required": MISSING, "null": NULL, "type": _SHAPE}
    return fields.Nested(
        schema,
        error_messages=messages,  # type: ignore[arg-type]
        required=required,
        metadata={"description": about},
    )


def load(schema: Schema, data: Mapping[str, Any], report: Report) -> dict[str, Any] | None:
    """The data with its values read; None when something is wrong, which goes to the report."""
    try:
        loaded: dict[str, Any] = schema.load(data)
    except ValidationError as error:
        _note(error.messages, "", report, keyed=False)
        return None
    return loaded


def _note(messages: object, pointer: str, report: Report, *, keyed: bool) -> None:
    """Walk marshmallow's messages; `keyed` when those of a free mapping's entry, under `key` and `value`."""
    if isinstance(messages, dict):
        for part, inner in messages.items():
            free = isinstance(inner, dict) and inner and set(inner) <= {"key", "value"}
            own = part == "_schema" or (keyed and part in {"key", "value"})
            place = pointer if own else join(pointer, part)
            _note(_at_key(inner) if keyed and part == "key" else inner, place, report, keyed=bool(free))
        return
    for message in messages if isinstance(messages, list) else [messages]:
        problem = message if isinstance(message, Problem) else Problem("value.bad", f"{shown(message)}")
        report.add(pointer, problem)


def _at_key(messages: object) -> list[Problem]:
    return [
        Problem(message.code, str(message), message.suggestion, at_key=True)
        for message in (messages if isinstance(messages, list) else [messages])
        if isinstance(message, Problem)
    ]
