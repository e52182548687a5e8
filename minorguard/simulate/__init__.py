"""Seeing and testing what a policy means: previews, and policy tests with their coverage."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minorguard.simulate.chart import to_svg
    from minorguard.simulate.coverage import Coverage
    from minorguard.simulate.previews import preview
    from minorguard.simulate.results import SuiteResult
    from minorguard.simulate.runner import run_suite
    from minorguard.simulate.suite_paths import run_file
    from minorguard.simulate.week import Preview

_HOMES = {
    "Coverage": "minorguard.simulate.coverage",
    "Preview": "minorguard.simulate.week",
    "SuiteResult": "minorguard.simulate.results",
    "preview": "minorguard.simulate.previews",
    "run_file": "minorguard.simulate.suite_paths",
    "run_suite": "minorguard.simulate.runner",
    "to_svg": "minorguard.simulate.chart",
}

__all__ = ["Coverage", "Preview", "SuiteResult", "preview", "run_file", "run_suite", "to_svg"]


def __getattr__(name: str) -> object:
    """Import a door when it is first used: pytest imports this package in every project, for its plugin."""
    if name not in _HOMES:
        raise AttributeError(f"module `minorguard.simulate` has no `{name}`")
    home: object = getattr(import_module(_HOMES[name]), name)
    return home
