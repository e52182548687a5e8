"""The canonical form of a compiled policy, and the digest that names its meaning."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from enum import Enum

from minorguard.model.rules import CompiledPolicy, Origin

_NOT_MEANING: Mapping[type, set[str]] = {CompiledPolicy: {"revision", "digest"}, Origin: {"rule"}}
"""Where a rule stands in its file, and how often the file was published, change no decision."""


def digested(policy: CompiledPolicy) -> CompiledPolicy:
    """The policy with the digest of its meaning: ``sha256:`` and 64 hexadecimal digits."""
    return replace(policy, digest="sha256:" + hashlib.sha256(canonical_text(policy).encode()).hexdigest())


def canonical_text(value: object, *, places: bool = False) -> str:
    """The same text for the same meaning; with `places`, also told apart by where rules stand."""
    skipped = {} if places else _NOT_MEANING
    return json.dumps(_plain(value, skipped), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _plain(value: object, not_meaning: Mapping[type, set[str]]) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        skipped = not_meaning.get(type(value), set())
        named = {
            field.name: _plain(getattr(value, field.name), not_meaning)
            for field in fields(value)
            if field.name not in skipped
        }
        return {"is": type(value).__name__, **named}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return [[_plain(key, not_meaning), _plain(inner, not_meaning)] for key, inner in sorted(value.items())]
    if isinstance(value, frozenset | set):
        return [_plain(inner, not_meaning) for inner in sorted(value)]
    if isinstance(value, list | tuple):
        return [_plain(inner, not_meaning) for inner in value]
    return value
