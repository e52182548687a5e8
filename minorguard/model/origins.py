"""Where a rule comes from: its document, its layer, its legal source, its dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Layer(StrEnum):
    """Who set a rule."""

    LAW = "law"
    PRODUCT = "product"
    GUARDIAN = "guardian"
    GRANT = "grant"


class Strength(StrEnum):
    """How firm a preset's rule is: a guardian may change a `default`, never a `law`."""

    LAW = "law"
    DEFAULT = "default"
    PRACTICE = "practice"
    PLANNED = "planned"
    ENJOINED = "enjoined"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a legal number comes from."""

    title: str
    article: str
    url: str = ""
    verified: str = "unverified"  # primary | secondary | weak | unverified
    verified_on: str = ""
    status: str = "in force"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a rule stands, who set it and who may change it."""

    rule: str
    """JSON pointer into the policy document or preset that holds it."""
    layer: Layer
    document: str
    """The id of that document."""
    strength: Strength = Strength.PRACTICE
    source: Source | None = None
    changeable_by: tuple[str, ...] = ("product",)
    """`product`, `guardian`, or nothing at all for the law."""
    effective_from: date | None = None
    effective_to: date | None = None
    """First local date on which the rule no longer holds."""
