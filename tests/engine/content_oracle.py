"""What becomes of an item, the slow and plain way: read from the sections as they are written, one clause at a time."""

from __future__ import annotations

from typing import Any

ORDER = ["hide", "review", "blur", "warn_before", "show"]
AGES = {"pegi:3": 3, "pegi:12": 12, "pegi:18": 18, "mpaa:PG-13": 13, "cn:8+": 8, "6+": 6, "16+": 16}
"""Every rating that the oracle knows; any other one is none."""


def under(name: str, names: Any) -> bool:
    """Whether a name, or one above it, is among some."""
    return any(name == one or name.startswith(one + ".") for one in names)


def verdict(
    *,
    product: dict[str, Any] | None,
    others: list[dict[str, Any]],
    declared: list[str],
    surface: str,
    labels: list[str],
    ratings: list[str],
    pools: list[str],
    unanswered: bool = False,
    person: str | None = None,
) -> str:
    """The strictest of all clauses; `others` are sections of laws and guardians that hold now."""
    said = ["show"]
    if not under(surface, declared):
        said.append("hide")
    if product is None:
        said.append("hide")
    if person is not None:
        said.append(person)
    if unanswered:
        said.append("review")
    for section, closes in [(product, True), *((one, False) for one in others)]:
        if section is None:
            continue
        narrower = section.get("per_surface", {})
        gated = section.get("surfaces")
        if gated is None or under(surface, [*gated, *narrower]):
            said += clauses(section, closes, labels, ratings, pools, unanswered)
        elif closes:
            said.append("hide")
        for name, part in narrower.items():
            if under(surface, [name]):
                said += clauses(part, False, labels, ratings, pools, unanswered)
    return min(said, key=ORDER.index)


def clauses(
    section: dict[str, Any], closes: bool, labels: list[str], ratings: list[str], pools: list[str], unanswered: bool
) -> list[str]:
    """What one section says of an item on a surface that it gates."""
    said = []
    for label in labels:
        if under(label, section.get("block", [])):
            said.append("hide")
        named = [name for name in section.get("labels", {}) if name != "default" and under(label, [name])]
        if named:
            said.append(section["labels"][max(named, key=len)])
        elif "default" in section.get("labels", {}):
            said.append(section["labels"]["default"])
        elif closes:
            said.append("hide")
    if "pools" in section and not set(section["pools"]) & set(pools):
        said.append("hide")
    if unanswered and section.get("unanswered") == "hide":
        said.append("hide")
    if "max_rating" in section or closes:
        known = [AGES[rating] for rating in ratings if rating in AGES]
        most = int(section.get("max_rating", "17+").rstrip("+"))
        if any(age > most for age in known):
            said.append("hide")
        if len(known) < len(ratings) or ("max_rating" in section and not known):
            said.append(section.get("unrated", "hide"))
    return said
