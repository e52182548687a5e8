"""What contradicts itself inside the sections on spending, content, recommendations and notifications."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Set
from itertools import pairwise
from typing import Any

from minorguard.policy.findings import Report, shown
from minorguard.policy.money import written_as
from minorguard.policy.positions import join
from minorguard.policy.schema import AMOUNTS


def check_sections(sections: Mapping[str, Any], pointer: str, report: Report) -> None:
    """Report the contradictions of the sections that stand at a pointer: of a band, a preset's rule or a guardian."""
    checks = {
        "spending": _spending,
        "content": _content,
        "recommendations": _recommendations,
        "notifications": _notifications,
    }
    for name, check in checks.items():
        if name in sections:
            check(sections[name], join(pointer, name), report)


def _spending(section: Mapping[str, Any], pointer: str, report: Report) -> None:
    written = [key for key in AMOUNTS if key in section]
    if not written:
        message = "no amount is written, so any sum may be spent; write `per_purchase`, `per_day` or `per_month`"
        report.warning("spending.unlimited", pointer, message)
    for shorter, longer in pairwise(written):
        if section[shorter] > section[longer]:
            most = written_as(section[longer], section["currency"])
            message = f"`{shorter}` is more than `{longer}` and limits nothing; write at most `{most}`"
            report.warning("spending.no_effect", join(pointer, shorter), message)


def _content(section: Mapping[str, Any], pointer: str, report: Report) -> None:
    _repeated(section.get("block", ()), join(pointer, "block"), report)
    _repeated(section.get("pools", ()), join(pointer, "pools"), report, nested=False)
    _repeated(section.get("surfaces", ()), join(pointer, "surfaces"), report, nested=False)
    for name, part in section.get("per_surface", {}).items():
        _content(part, join(pointer, "per_surface", name), report)


def _repeated(names: Iterable[str], pointer: str, report: Report, *, nested: bool = True) -> None:
    written, seen = list(names), set[str]()
    every = frozenset(written)
    for index, name in enumerate(written):
        if name in seen:
            report.warning("name.repeated", join(pointer, index), f"`{name}` is written twice; remove one")
        elif nested and (wider := _first(_upwards(_parent(name)), every)) is not None:
            report.warning("name.repeated", join(pointer, index), f"`{wider}` covers `{name}`; remove one")
        seen.add(name)


def _recommendations(section: Mapping[str, Any], pointer: str, report: Report) -> None:
    block = frozenset(section.get("block", ()))
    at_most, at_least = section.get("at_most", {}), section.get("at_least", {})
    _repeated(section.get("block", ()), join(pointer, "block"), report)
    for topic, share in at_least.items():
        _check_share(topic, share, at_most, block, join(pointer, "at_least", topic), report)
    for topic in at_most:
        if blocked := _first(_upwards(topic), block):
            message = f"{shown(blocked)} is under `block`, so this share has no effect; remove one of the two"
            report.warning("topic.no_effect", join(pointer, "at_most", topic), message)
    total = _needed(at_least)
    if total > 100:
        message = f"the shares add up to `{total}%`, which no list can have; lower them to `100%` together"
        report.error("percent.sum", join(pointer, "at_least"), message)
    if cap := section.get("per_author"):
        _check_cap(cap, "author.no_effect", join(pointer, "per_author"), report)
    for topic, cap in section.get("per_topic", {}).items():
        _check_cap(cap, "topic.no_effect", join(pointer, "per_topic", topic), report)


def _check_cap(cap: Mapping[str, int], code: str, pointer: str, report: Report) -> None:
    if cap["max"] >= cap["within"]:
        message = f"{cap['max']} of {cap['within']} limits nothing; write a `max` below `within`"
        report.warning(code, join(pointer, "max"), message)


def _notifications(section: Mapping[str, Any], pointer: str, report: Report) -> None:
    number, period = section.get("at_most", (None, ""))
    if number == 0 and section.get("quiet"):
        message = f"`0/{period}` sends nothing at any time, so these hours change nothing; remove one of the two"
        report.warning("quiet.no_effect", join(pointer, "quiet"), message)


def _check_share(
    topic: str, share: int, at_most: Mapping[str, int], block: Set[str], pointer: str, report: Report
) -> None:
    blocked = _first(_upwards(topic), block)
    if blocked and share:
        message = f"{shown(blocked)} is under `block`, so no list can have this share; remove one of the two"
        report.error("topic.contradiction", pointer, message)
    for name in _upwards(topic):
        if share > at_most.get(name, 100):
            message = f"`{share}%` at least, and at most `{at_most[name]}%` of `{name}`; no list can have both"
            report.error("topic.contradiction", pointer, f"{message}: change one")


def _needed(at_least: Mapping[str, int]) -> int:
    """The share that all topics need together, those below a topic being part of it."""
    needed, below = 0, dict.fromkeys(at_least, 0)
    for topic in sorted(at_least, key=lambda name: -name.count(".")):
        share = max(at_least[topic], below[topic])
        above = _first(_upwards(_parent(topic)), at_least)
        if above is None:
            needed += share
        else:
            below[above] += share
    return needed


def _first(names: Iterable[str], among: Container[str]) -> str | None:
    return next((name for name in names if name in among), None)


def _parent(name: str) -> str:
    return name.rpartition(".")[0]


def _upwards(name: str) -> Iterator[str]:
    """A name and all above it: `violence.graphic`, then `violence`."""
    while name:
        yield name
        name = _parent(name)
