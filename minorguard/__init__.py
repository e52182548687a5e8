"""MinorGuard: limits time, features, content and recommendations for minors, exactly and explainably.

The doors: `MinorGuard` (with a clock and a store), and beneath it the pure `minorguard.engine`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from minorguard.clock import ManualClock, SystemClock
    from minorguard.guard import MinorGuard, Opened
    from minorguard.model.decisions import Decision, Effect, Forecast, Reason
    from minorguard.model.questions import FeatureQuestion, ItemQuestion, TextQuestion, TimeQuestion
    from minorguard.policy import PolicyBook

_HOMES = {
    "Decision": "minorguard.model.decisions",
    "Effect": "minorguard.model.decisions",
    "FeatureQuestion": "minorguard.model.questions",
    "Forecast": "minorguard.model.decisions",
    "ItemQuestion": "minorguard.model.questions",
    "ManualClock": "minorguard.clock",
    "MinorGuard": "minorguard.guard",
    "Opened": "minorguard.guard",
    "PolicyBook": "minorguard.policy",
    "Reason": "minorguard.model.decisions",
    "SystemClock": "minorguard.clock",
    "TextQuestion": "minorguard.model.questions",
    "TimeQuestion": "minorguard.model.questions",
}

__all__ = [
    "Decision",
    "Effect",
    "FeatureQuestion",
    "Forecast",
    "ItemQuestion",
    "ManualClock",
    "MinorGuard",
    "Opened",
    "PolicyBook",
    "Reason",
    "SystemClock",
    "TextQuestion",
    "TimeQuestion",
    "__version__",
]


def __getattr__(name: str) -> object:
    """Import a door when it is first used, so that `import minorguard.model` stays light."""
    if name not in _HOMES:
        raise AttributeError(f"module `minorguard` has no `{name}`")
    home: object = getattr(import_module(_HOMES[name]), name)
    return home
