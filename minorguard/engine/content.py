"""Content: whether an item or a text may be shown on a surface, and how. Every rule speaks; the strictest wins.

What rules say of a question does not change while they hold, so each is one action with the stretches in which its rule
holds; when the answer will change follows from their edges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from minorguard.engine.look import Look
from minorguard.engine.metering import union
from minorguard.engine.time_rules import LOOK_AHEAD
from minorguard.model.age import ADULT
from minorguard.model.decisions import Reason
from minorguard.model.ids import Instant
from minorguard.model.origins import Layer, Origin
from minorguard.model.questions import ContentQuestion, ItemQuestion, TextFound, TextQuestion
from minorguard.model.ratings import least_age
from minorguard.model.rules import ContentRule
from minorguard.model.sections import ContentAction, ItemAction, TextAction, dotted, strictness
from minorguard.model.state import Intervals


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that is said of the asked: an action, when it holds, and why."""

    action: ContentAction
    times: Intervals
    code: str
    origin: Origin | None = None
    data: dict[str, Any] | None = None
    lift: dict[str, Any] | None = None

    def holds(self, at: Instant) -> bool:
        """Whether it is said at an instant."""
        return any(start <= at < end for start, end in self.times)


@dataclass(frozen=True, slots=True)
class ContentAnswer:
    """What becomes of the asked at an instant."""

    action: ContentAction
    reasons: tuple[Reason, ...]
    """The strictest first; empty where nothing is against showing it."""
    until: Instant | None = None
    """When the action will be stricter; None: not within the look-ahead."""
    again: Instant | None = None
    """If it is not shown: when it will be; None: not within the look-ahead."""


LAXEST: tuple[ContentAction, ...] = (ItemAction.SHOW, TextAction.ALLOW)
"""Shown as it is."""
_NOT_SHOWN: tuple[ContentAction, ...] = (ItemAction.HIDE, ItemAction.REVIEW, TextAction.BLOCK, TextAction.REVIEW)


def shows(action: ContentAction) -> bool:
    """Whether something is shown, if only covered, masked or after a warning."""
    return action not in _NOT_SHOWN


def judge_content(look: Look, question: ContentQuestion, now: Instant) -> ContentAnswer:
    """What becomes of an item or a text at `now`."""
    said = tuple(_said(look, question))
    laxest = LAXEST[0] if isinstance(question, ItemQuestion) else LAXEST[1]

    def action_at(at: Instant) -> ContentAction:
        return min((one.action for one in said if one.holds(at)), key=strictness, default=laxest)

    action = action_at(now)
    against = [one for one in said if one.holds(now) and one.action != laxest]
    edges = sorted({edge for one in said for span in one.times for edge in span if now < edge < now + LOOK_AHEAD})
    stricter = (edge for edge in edges if strictness(action_at(edge)) < strictness(action))
    shown = (edge for edge in edges if shows(action_at(edge)))
    return ContentAnswer(
        action,
        tuple(_reason(one, question) for one in sorted(against, key=lambda one: strictness(one.action))),
        until=next(stricter, None),
        again=None if shows(action) else next(shown, None),
    )


def _reason(said: Said, question: ContentQuestion) -> Reason:
    about: dict[str, Any] = {"surface": question.surface, "action": said.action.value}
    if isinstance(question, ItemQuestion) and question.item is not None:
        about["item"] = question.item
    return Reason(said.code, said.origin, about | (said.data or {}), said.lift)


def _said(look: Look, question: ContentQuestion) -> Iterator[Said]:
    strictest: ContentAction = ItemAction.HIDE if isinstance(question, ItemQuestion) else TextAction.BLOCK
    minor = _minority(look)
    if not any(name in look.policy.surfaces for name in dotted(question.surface)):
        lift = {"change": "declare_surface", "surface": question.surface}
        yield Said(strictest, minor, "surface.unknown", data={"declared": list(look.policy.surfaces)}, lift=lift)
    else:
        yield from _ungated(look, question.surface, strictest)
    if question.verdict is not None:
        yield Said(question.verdict, minor, "content.verdict")
    if question.unanswered:
        yield from _unanswered(look, question, minor)
    if isinstance(question, ItemQuestion):
        for held in look.binding.content:
            if held.rule.gates(question.surface):
                yield from _of_rule(held.rule, held.times, question)
    else:
        for found in question.found:
            yield from _of_found(look, question, found)


def _ungated(look: Look, surface: str, strictest: ContentAction) -> Iterator[Said]:
    """A surface shows nothing of which the product's own documents do not all say what they show there."""
    lift = {"change": "gate_surface", "surface": surface}
    for held in look.binding.content:
        if held.rule.closes and not held.rule.gates(surface):
            yield Said(strictest, held.times, "surface.ungated", held.rule.origin, lift=lift)
    silent = _bands(look, lambda rules: not any(rule.closes for rule in rules))
    if silent:
        yield Said(strictest, silent, "surface.ungated", lift=lift)


def _minority(look: Look) -> Intervals:
    return ((0, look.binding.adult_from),)


def _bands(look: Look, which: Callable[[tuple[ContentRule, ...]], bool]) -> Intervals:
    """When a band holds whose content rules are such."""
    spans = [(max(0, one.start), one.end) for one in look.binding.bands if which(one.rule.content)]
    return union([(span,) for span in spans if span[0] < span[1]])


def _unanswered(look: Look, question: ContentQuestion, minor: Intervals) -> Iterator[Said]:
    """Without an answer nothing is shown: a person looks at it, or it is hidden where a rule says so."""
    data = {"classifiers": list(question.unanswered)}
    item = isinstance(question, ItemQuestion)
    yield Said(ItemAction.REVIEW if item else TextAction.REVIEW, minor, "classifier.unanswered", data=data)
    for held in look.binding.content:
        if held.rule.gates(question.surface) and held.rule.unanswered is ItemAction.HIDE:
            strictest: ContentAction = ItemAction.HIDE if item else TextAction.BLOCK
            yield Said(strictest, held.times, "classifier.unanswered", held.rule.origin, data)


def _of_rule(rule: ContentRule, times: Intervals, question: ItemQuestion) -> Iterator[Said]:
    for label in question.labels:
        action = rule.of_label(label)
        if action is not None:
            code = "item.label" if _names(rule, label) else "item.label_unknown"
            lift = {"change": "name_label", "label": label}
            yield Said(action, times, code, rule.origin, {"label": label}, lift)
    if rule.pools is not None and not rule.pools.intersection(question.pools):
        data = {"pools": sorted(rule.pools)}
        yield Said(ItemAction.HIDE, times, "item.outside_pool", rule.origin, data, {"change": "add_to_pool", **data})
    yield from _of_ratings(rule, times, question)


def _names(rule: ContentRule, label: str) -> bool:
    named = rule.block | {name for name, _ in rule.labels}
    return "default" in named or any(name in named for name in dotted(label))


def _of_ratings(rule: ContentRule, times: Intervals, question: ItemQuestion) -> Iterator[Said]:
    """A rating that is given is always read; one must be given where a rule names the highest."""
    ages = [least_age(rating) for rating in question.ratings]
    known = [age for age in ages if age is not None]
    most = ADULT - 1 if rule.max_rating is None else int(rule.max_rating.rstrip("+"))
    speaks = rule.max_rating is not None or rule.closes
    limit = rule.max_rating or f"{most}+"
    if speaks and known and max(known) > most:
        rated = f"{max(known)}+"
        data: dict[str, Any] = {"rating": rated, "max_rating": limit}
        yield Said(ItemAction.HIDE, times, "item.rating", rule.origin, data, {"change": "raise", "to": rated})
    if (rule.max_rating is not None and not known) or (speaks and len(known) < len(ages)):
        data = {"ratings": list(question.ratings), "max_rating": limit}
        yield Said(rule.unrated or ItemAction.HIDE, times, "item.unrated", rule.origin, data, {"change": "rate"})


def _of_found(look: Look, question: TextQuestion, found: TextFound) -> Iterator[Said]:
    """The list's own word and every rule's; where neither list nor product speaks, what is usual for the category."""
    data = {"category": found.category}
    for held in look.binding.content:
        action = held.rule.of_text(found.category) if held.rule.gates(question.surface) else None
        if action is not None:
            yield Said(_as_sure(action, found), held.times, "text.found", held.rule.origin, data)
    silent = _bands(look, lambda rules: not any(_speaks(rule, question.surface, found.category) for rule in rules))
    times = silent if found.action is None else _minority(look)
    if times:
        yield Said(_as_sure(found.action or found.otherwise, found), times, "text.found", None, data)


def _speaks(rule: ContentRule, surface: str, category: str) -> bool:
    own = rule.origin.layer is Layer.PRODUCT
    return own and rule.gates(surface) and rule.of_text(category) is not None


def _as_sure(action: TextAction, found: TextFound) -> TextAction:
    return action if found.sure or action is TextAction.ALLOW else TextAction.REVIEW
