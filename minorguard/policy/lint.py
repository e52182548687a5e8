"""Lint: what is allowed to be written, and cannot have been meant. Each doubt is a warning with a stable code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import islice
from typing import Any

from minorguard.model.rules import CompiledPolicy
from minorguard.policy.findings import MAX_FINDINGS, Problem, Report
from minorguard.policy.layers import Laid
from minorguard.policy.lint_bands import lint_bands
from minorguard.policy.lint_extends import lint_extends, lint_surfaces
from minorguard.policy.lint_ground import Ground
from minorguard.policy.lint_limits import lint_limits
from minorguard.policy.lint_names import lint_names
from minorguard.policy.lint_time import lint_time

LINTS = (lint_time, lint_limits, lint_bands, lint_names, lint_extends, lint_surfaces)
"""Every family of doubts, in no particular order."""
LARGEST = 3_000
"""How many keys and values a document may have to be looked at: some doubts compare everything with everything."""


def lint(
    loaded: Mapping[str, Any],
    policy: CompiledPolicy,
    report: Report,
    *,
    extended: tuple[Laid, ...] = (),
    today: date | None = None,
) -> None:
    """Warn, in `report`, of what is doubtful in a document that compiled to `policy`.

    `extended` are the presets that it extends. Without `today` rules count as begun, and no preset as over. A document
    of more than `LARGEST` keys and values is let pass.
    """
    if _size(loaded) > LARGEST:
        return
    ground = Ground(loaded, policy, extended, today)
    for family in LINTS:
        for doubt in islice(family(ground), MAX_FINDINGS):
            problem = Problem(doubt.code, doubt.message, doubt.suggestion, at_key=doubt.at_key)
            report.add(doubt.pointer, problem, "warning")


def _size(value: object) -> int:
    if isinstance(value, Mapping):
        return 1 + len(value) + sum(map(_size, value.values()))
    return 1 + sum(map(_size, value)) if isinstance(value, list) else 1
