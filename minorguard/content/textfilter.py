"""The filter: fold, scan, judge each candidate on the original text, let allowed terms spare what they cover, mask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from minorguard.content.actions import STRICTNESS, action_for, strictest
from minorguard.content.fold import letters, skeleton
from minorguard.content.lexicon import Lexicon
from minorguard.content.taxonomy import DEFAULT_ACTIONS
from minorguard.content.verdict import SURE, Match, Verdict
from minorguard.model.sections import TextAction


class TextFilter:
    """Judges texts by a list. It holds no state between texts: one may serve any number of threads.

    `actions` says what becomes of a category, as the policy does (`text_actions`). The stricter of the policy's and the
    term's own holds; where neither speaks, the taxonomy does.
    """

    def __init__(self, lexicon: Lexicon, *, actions: Mapping[str, TextAction] | None = None) -> None:
        self.lexicon = lexicon
        self.actions = dict(actions or {})

    def check(self, text: str, *, actions: Mapping[str, TextAction] | None = None) -> Verdict:
        """Judge one text; `actions` stands in for the filter's own, such as those of a band on a surface."""
        table = self.actions if actions is None else actions
        places = letters(text)
        folded = skeleton(text)
        runs = [number for number in range(len(places)) if number == 0 or _other(places, number)]
        matches = []
        for start, end, pattern in self.lexicon.index.scan.longest(folded):
            last = runs[end] - 1 if end < len(runs) else len(places) - 1
            for number in self.lexicon.index.terms(pattern):
                term = self.lexicon.term(number)
                first, past = places[runs[start]][0], places[last][0] + 1
                action = self._action(term.kind.category, term.kind.action, "plain", table)
                matches.append(Match(first, past, term.text, term.category, term.kind.level, action, "plain", term.kind.tags))
        return verdict(text, matches, self.lexicon.digest)

    def check_many(self, texts: Iterable[str], *, actions: Mapping[str, TextAction] | None = None) -> list[Verdict]:
        """Judge many texts as `check` does each, faster."""
        return [self.check(text, actions=actions) for text in texts]

    @staticmethod
    def _action(category: str, own: TextAction | None, found: str, table: Mapping[str, TextAction]) -> TextAction:
        """The stricter of the term's and the policy's, else the taxonomy's; `review` at most if found in an unsure way."""
        asked = [action for action in (own, action_for(category, table)) if action is not None]
        action = strictest(asked) if asked else action_for(category, DEFAULT_ACTIONS) or TextAction.REVIEW
        return action if found in SURE or action is TextAction.ALLOW else TextAction.REVIEW


def _other(places: list[tuple[int, str]], number: int) -> bool:
    return skeleton(places[number][1]) != skeleton(places[number - 1][1])


def verdict(text: str, matches: Iterable[Match], digest: str = "", *, bounded: bool = False) -> Verdict:
    """A verdict of matches: in the order of the text, masked where one asks for more than to be let through."""
    ordered = tuple(sorted(matches, key=lambda match: (match.start, match.end, match.term)))
    action = strictest(match.action for match in ordered)
    if bounded:
        action = strictest((action, TextAction.REVIEW))
    return Verdict(action, ordered, masked(text, ordered), bounded, digest)


def masked(text: str, matches: Iterable[Match]) -> str:
    """The text with what is not allowed starred out, character by character."""
    out = list(text)
    for match in matches:
        if STRICTNESS[match.action]:
            out[match.start : match.end] = "*" * (match.end - match.start)
    return "".join(out)
