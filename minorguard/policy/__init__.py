"""Policy documents: reading, checking and compiling them, law presets, calendars, and the guardian's layer."""

from minorguard.policy.book import PolicyBook
from minorguard.policy.calendar_files import builtin_calendars, load_calendar
from minorguard.policy.compile import check_policy, compile_policy
from minorguard.policy.documents import Document
from minorguard.policy.findings import Finding
from minorguard.policy.guardian import with_guardian
from minorguard.policy.preset_files import Preset, builtin_presets, describe, load_preset, presets

__all__ = [
    "Document",
    "Finding",
    "PolicyBook",
    "Preset",
    "builtin_calendars",
    "builtin_presets",
    "check_policy",
    "compile_policy",
    "describe",
    "load_calendar",
    "load_preset",
    "presets",
    "with_guardian",
]
