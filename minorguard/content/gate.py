"""From a decision about content to the one word that an app acts on, and from a filter's matches to a question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from minorguard.content.lexicon import Lexicon
from minorguard.content.taxonomy import DEFAULT_ACTIONS
from minorguard.content.verdict import SURE, Match
from minorguard.model.decisions import Decision
from minorguard.model.questions import TextFound
from minorguard.model.sections import ItemAction, TextAction, dotted, strictness

A = TypeVar("A", ItemAction, TextAction)

_PREFIX = "content."
OwnActions = Mapping[tuple[str, str], TextAction]
"""By term and category."""


def item_action(decision: Decision) -> ItemAction:
    """What becomes of an item: what the decision obliges to, else shown if allowed, and hidden if not."""
    return _action(decision, ItemAction.SHOW, ItemAction.HIDE)


def text_action(decision: Decision) -> TextAction:
    """What becomes of a text."""
    return _action(decision, TextAction.ALLOW, TextAction.BLOCK)


def _action(decision: Decision, laxest: A, strictest: A) -> A:
    for note in decision.obligations:
        if note.code.startswith(_PREFIX):
            return type(laxest)(note.code.removeprefix(_PREFIX))
    return laxest if decision.allowed else strictest


def own_actions(lexicon: Lexicon) -> OwnActions:
    """What a list itself says of its terms; a term that leaves it to the policy is not there."""
    found: dict[tuple[str, str], TextAction] = {}
    for term in lexicon:
        if term.kind.action is not None:
            key = (term.text, term.category)
            found[key] = min(term.kind.action, found.get(key, TextAction.ALLOW), key=strictness)
    return found


def found_in(matches: Iterable[Match], own: OwnActions) -> tuple[TextFound, ...]:
    """What matches mean for a policy: each thing once."""
    return tuple(dict.fromkeys(_found(match, own) for match in matches))


def _found(match: Match, own: OwnActions) -> TextFound:
    usual = next((DEFAULT_ACTIONS[name] for name in dotted(match.category) if name in DEFAULT_ACTIONS), None)
    action = own.get((match.term, match.category))
    return TextFound(match.category, action, usual or TextAction.REVIEW, match.found in SURE)


def actions_by_category(decision: Decision) -> dict[str, TextAction]:
    """What a decision says of each category that it names; the strictest of its reasons."""
    found: dict[str, TextAction] = {}
    for reason in decision.reasons:
        category = reason.data.get("category")
        if category is not None and reason.code == "text.found":
            action = TextAction(reason.data["action"])
            found[category] = min(action, found.get(category, TextAction.ALLOW), key=strictness)
    return found


def masked(text: str, matches: Iterable[Match], actions: Mapping[str, TextAction]) -> str:
    """The text with the matches of each category that is not allowed starred out, character by character."""
    out = list(text)
    for match in matches:
        if actions.get(match.category, TextAction.ALLOW) is not TextAction.ALLOW:
            out[match.start : match.end] = "*" * (match.end - match.start)
    return "".join(out)
