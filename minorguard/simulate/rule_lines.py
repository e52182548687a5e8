"""Rules as a preview lists them: time rules by number, features by verdict, the rules of the other sections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from minorguard.model.decisions import iso
from minorguard.model.ids import Instant
from minorguard.model.rules import Origin

Texts = Mapping[str, str]
"""A text in Chinese and English: ``{"zh": …, "en": …}``."""


def rule_ref(origin: Origin) -> dict[str, Any]:
    """Which rule, for programs."""
    return {"rule": origin.rule, "document": origin.document}


def origin_body(origin: Origin) -> dict[str, Any]:
    """Where a rule comes from, for programs."""
    source = origin.source
    return {
        **rule_ref(origin),
        "layer": origin.layer.value,
        "strength": origin.strength.value,
        "source": None if source is None else {"title": source.title, "article": source.article, "url": source.url},
        "changeable_by": list(origin.changeable_by),
    }


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A time rule that binds the activity somewhere in the preview, in words."""

    number: int
    family: str
    """`curfew`, `window`, `quota` or `sitting`."""
    origin: Origin
    text: Texts
    data: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The form for programs."""
        body = {"number": self.number, "family": self.family, "data": dict(self.data), "text": dict(self.text)}
        return {**body, **origin_body(self.origin)}


@dataclass(frozen=True, slots=True)
class FeatureLine:
    """What the policy says of one feature (`*`: of any that it does not name), in ``[start, end)`` of the preview."""

    feature: str
    verdict: str
    """`allow`, `ask`, `limit` or `deny`."""
    limits: tuple[tuple[int, str], ...]
    """If it is `limit`: the least uses of each period; all hold at once."""
    origins: tuple[Origin, ...]
    """The rules that make the verdict somewhere in it; none where no rule speaks, which denies."""
    start: Instant
    end: Instant
    text: Texts = field(default_factory=dict)

    def to_dict(self, zone: str) -> dict[str, Any]:
        """The form for programs."""
        return {
            "feature": self.feature,
            "verdict": self.verdict,
            "limits": [{"uses": uses, "period": period} for uses, period in self.limits],
            "start": iso(self.start, zone),
            "end": iso(self.end, zone),
            "rules": [origin_body(origin) for origin in self.origins],
            "text": dict(self.text),
        }


@dataclass(frozen=True, slots=True)
class SectionLine:
    """One rule of spending, content, recommendations or notifications, in words."""

    section: str
    origin: Origin
    start: Instant
    end: Instant
    text: Texts

    def to_dict(self, zone: str) -> dict[str, Any]:
        """The form for programs."""
        span = {"start": iso(self.start, zone), "end": iso(self.end, zone)}
        return {"section": self.section, **span, "text": dict(self.text), **origin_body(self.origin)}
