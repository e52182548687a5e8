"""How the reader of a value refuses it."""

from __future__ import annotations

from marshmallow import ValidationError

from minorguard.policy.findings import Problem


def refused(code: str, message: str, suggestion: str | None = None) -> ValidationError:
    """The error to raise for a value that is refused."""
    return ValidationError([Problem(code, message, suggestion)])
