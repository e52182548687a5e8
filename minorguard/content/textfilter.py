"""The filter: find the terms of a text, let allowed ones spare what they cover, decide and mask."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from minorguard.content.actions import STRICTNESS, action_for, strictest
from minorguard.content.finder import NOTHING, Finder, Finding
from minorguard.content.fold import skeleton
from minorguard.content.lexicon import Lexicon
from minorguard.content.look import Found
from minorguard.content.taxonomy import DEFAULT_ACTIONS
from minorguard.content.terms import Kind
from minorguard.content.verdict import SURE, Match, Verdict
from minorguard.model.sections import TextAction

BATCH = 32_768
"""How many characters of texts are folded together."""
_NOTHING = TextAction.ALLOW


class TextFilter:
    """Judges texts by a list. It holds no state between texts: one may serve any number of threads.

    `actions` says what becomes of a category, as the policy does (`text_actions`). The stricter of the policy's and the
    term's own holds; where neither speaks, the taxonomy does.
    """

    def __init__(self, lexicon: Lexicon, *, actions: Mapping[str, TextAction] | None = None) -> None:
        self.lexicon = lexicon
        self.actions = dict(actions or {})
        self._finder = Finder(lexicon)
        self._digest = lexicon.digest

    def check(self, text: str, *, actions: Mapping[str, TextAction] | None = None) -> Verdict:
        """Judge one text; `actions` stands in for the filter's own, such as those of a band on a surface."""
        return self._verdict(text, self._finder.find(text), self.actions if actions is None else actions)

    def check_many(self, texts: Iterable[str], *, actions: Mapping[str, TextAction] | None = None) -> list[Verdict]:
        """Judge many texts as `check` does each, faster."""
        table = self.actions if actions is None else actions
        digest = self._digest
        verdicts: list[Verdict] = []
        for batch in _batches(texts):
            verdicts += [
                Verdict(_NOTHING, (), text, False, digest)
                if finding is NOTHING
                else self._verdict(text, finding, table)
                for text, finding in zip(batch, self._finder.find_many(batch), strict=True)
            ]
        return verdicts

    def _verdict(self, text: str, finding: Finding, table: Mapping[str, TextAction]) -> Verdict:
        found, bounded = finding
        if not found and not bounded:
            return Verdict(_NOTHING, (), text, False, self._digest)
        return verdict(text, self._matches(found, table), self._digest, bounded=bounded)

    def _matches(self, found: Sequence[Found], table: Mapping[str, TextAction]) -> list[Match]:
        kinds, of = self.lexicon.kinds, self.lexicon.of
        asked = {number: _asked(kinds[number], table) for number in {of[one.term] for one in found}}
        spares = {number for number in asked if kinds[number].action is TextAction.ALLOW}
        left: Iterable[Found] = found
        if spares:
            allowing = [one for one in found if of[one.term] in spares]
            left = _unspared([one for one in found if of[one.term] not in spares], allowing, self.lexicon.texts)
        return [self._match(one, kinds[of[one.term]], asked[of[one.term]]) for one in left]

    def _match(self, found: Found, kind: Kind, action: TextAction) -> Match:
        if found.way not in SURE and action is not TextAction.ALLOW:
            action = TextAction.REVIEW
        text = self.lexicon.texts[found.term]
        return Match(found.start, found.end, text, kind.category, kind.level, action, found.way, kind.tags)


def _asked(kind: Kind, table: Mapping[str, TextAction]) -> TextAction:
    """What a kind of term asks for: the stricter of its own action and the table's, else the taxonomy's."""
    own = [action for action in (kind.action, action_for(kind.category, table)) if action is not None]
    return strictest(own) if own else action_for(kind.category, DEFAULT_ACTIONS) or TextAction.REVIEW


def _unspared(denying: list[Found], allowing: list[Found], texts: Sequence[str]) -> Iterable[Found]:
    """What no longer allowed term covers."""
    allows = sorted((one.start, one.end, len(skeleton(texts[one.term]))) for one in allowing if one.way in SURE)
    starts = [start for start, _, _ in allows]
    for one in denying:
        size = len(skeleton(texts[one.term]))
        before = allows[max(0, bisect_right(starts, one.start) - 64) : bisect_right(starts, one.start)]
        if not any(end >= one.end and length > size for _, end, length in before):
            yield one


def _batches(texts: Iterable[str]) -> Iterable[list[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


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
