"""JSON Schemas of policies and presets, for editors: they complete and explain keys, and mark what cannot be right.

A schema never refuses what the compiler takes. It knows less: what needs two places at once, a calendar or arithmetic
is found by `minorguard check` alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from minorguard.policy.json_shapes import SHAPES
from minorguard.policy.json_writer import Extra, Json, Writer
from minorguard.policy.schema import (
    RULE_KEYS,
    ContentSchema,
    FeaturesSchema,
    GuardianSchema,
    PolicySchema,
    PresetRuleSchema,
    PresetSchema,
    QuotaSchema,
    RecommendationsSchema,
    SittingSchema,
    TimeSchema,
)

POLICY_FILE = "policy.schema.json"
"""The file beside this module that holds the schema of policies, for editors that find it in an installed package."""

EXTRAS: Mapping[type[Any], Extra] = MappingProxyType(
    {
        PolicySchema: Extra(
            defaults={
                "enforcement": "enforce",
                "day_starts_at": "00:00",
                "week_starts_on": "monday",
                "calendar": "none",
                "slice": "60s",
                "default_activity": "general",
                "hold_birthday": True,
                "features_need_lease": False,
            },
            examples={
                "policy": ["short-video"],
                "timezone": ["Asia/Shanghai", "Europe/Berlin", "America/New_York"],
                "calendar": ["CN", "none"],
                "slice": ["60s", "30s"],
                "default_activity": ["video", "game"],
                "surfaces": [["feed", "search", "comments"]],
                "features": [["search", "follow", "comment"]],
                "labels": [["gambling", "violence", "violence.graphic"]],
            },
        ),
        TimeSchema: Extra(
            examples={"curfew": [["22:00-06:00"]], "warn_before": [["10m", "5m", "1m"]], "grace": ["60s"]},
        ),
        QuotaSchema: Extra(
            defaults={"devices": "union"},
            examples={"weekly": ["5h"], "monthly": ["20h"]},
        ),
        SittingSchema: Extra(
            defaults={"at_least": "0m"},
            examples={"break_after": ["25m"], "break_for": ["5m"], "resets_after": ["5m"], "at_least": ["2m"]},
        ),
        FeaturesSchema: Extra(
            defaults={"default": "deny"},
            examples={
                "allow": [["search", "follow"]],
                "ask": [["direct_message"]],
                "deny": [["gift.send"]],
            },
        ),
        ContentSchema: Extra(
            examples={"block": [["gambling", "violence.graphic"]], "pools": [["youth"]]},
        ),
        RecommendationsSchema: Extra(examples={"block": [["idol.chasing"]]}),
        GuardianSchema: Extra(
            defaults={"may_tighten": "all", "may_exempt": [], "exit_mode": "verified"},
            examples={"may_exempt": [["study"]]},
        ),
        PresetRuleSchema: Extra(keywords={"oneOf": [{"required": [key]} for key in RULE_KEYS]}),
    }
)
"""By marshmallow schema: defaults, examples, and rules between keys."""


def policy_schema() -> Json:
    """The JSON Schema of policy documents."""
    return Writer(SHAPES, EXTRAS).document(PolicySchema, "MinorGuard policy")


def preset_schema() -> Json:
    """The JSON Schema of law presets."""
    return Writer(SHAPES, EXTRAS).document(PresetSchema, "MinorGuard preset")


def as_text(schema: Mapping[str, Any]) -> str:
    """A JSON Schema as the text of its file."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
