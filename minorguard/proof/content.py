"""Refuting what is said of content, exactly: an item or a text of which the first shows more than the second.

The engine decides on both sides; here is only which questions are enough. What becomes of an item is the strictest of
what is said, each by itself, of its surface, of classifiers that did not answer, of each label, of its ratings and of
its pools; likewise of a text and each category that is found in it. So if the first is laxer of an item, look at the
part for which the second is so strict: with that part kept, and every other one as lax as the first can see it, the
first is laxer still. One such question for everything that rules tell apart of one part therefore stands for all:

- *surfaces*: each that is named, and one that is not; a name below one is ruled as that is, unless it is named itself;
- *labels* and *categories*: likewise, one at a time. None at all is laxest;
- *ratings*: none, one of a scale that nobody knows, and the least age above each limit; beside one another they say
  what each says alone. `0+` is laxest, since no rule looks further at it;
- *pools*: rules want one pool of theirs, so an item of all pools but those of one rule of the second is the laxest that
  this rule hides. One pool alone would not do: two rules of the first may want one each;
- *terms of a text*: such that the list allows, and such that list and product leave alone and are usually blocked.
  Terms found in a roundabout way are ruled as sure ones, or reviewed instead, which never turns an order around.

A person's verdict counts alike in both and only ever brings them nearer to one another. When more than one band holds,
the strictest of them counts, so that it is enough to look at each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import count

from minorguard.engine import decide
from minorguard.engine.content import LAXEST
from minorguard.model.age import ADULT
from minorguard.model.decisions import Decision, Reason
from minorguard.model.origins import Layer, Origin
from minorguard.model.questions import ContentQuestion, ItemQuestion, TextFound, TextQuestion
from minorguard.model.rules import BandPolicy, ContentRule
from minorguard.model.sections import ContentAction, ItemAction, TextAction, dotted, strictness
from minorguard.proof.arena import Arena
from minorguard.proof.content_words import told
from minorguard.proof.counterexample import Counterexample

Rules = tuple[ContentRule, ...]

OTHER = "other"
"""Stands for every name that neither policy names."""
DEFAULT = "default"
"""The key under which a rule speaks of all that it does not name."""
UNKNOWN = "other-scale:mark"
"""Stands for every rating of an unknown scale."""
_LAXEST_RATING = "0+"
_UNANSWERED = ("classifier",)
_OLDEST = 21
"""No rating is of an older audience (`model.ratings`)."""
_SPOKEN = {"surface.unknown": "/surfaces"}
"""Where a policy would say what it is silent about: under `/content`, unless it is here."""


def refutations(arena: Arena) -> Iterator[Counterexample]:
    """For each rule of the second that the first does not keep, and for its silence, an item or a text."""
    seen: set[Origin] = set()
    for question in _questions(arena):
        for origin in _refuted(arena, question):
            if origin not in seen:
                seen.add(origin)
                yield _told(arena, _smaller(arena, question, origin), origin)


def action_of(decision: Decision, question: ContentQuestion) -> ContentAction:
    """What becomes of the asked under a decision."""
    kind, laxest = _kind(question), LAXEST[0 if isinstance(question, ItemQuestion) else 1]
    codes = (note.code.removeprefix("content.") for note in decision.obligations)
    return next((kind(code) for code in codes if code in set(kind)), laxest)


def _kind(question: ContentQuestion) -> type[ItemAction] | type[TextAction]:
    return ItemAction if isinstance(question, ItemQuestion) else TextAction


def _refuted(arena: Arena, question: ContentQuestion) -> tuple[Origin, ...]:
    """The rules of the second that are stricter about a question than all that the first says."""
    asked = arena.content(question)
    arena.budget.spend()
    other = decide(arena.b, asked.state, question, asked.at)
    if action_of(other, question) in LAXEST:
        return ()
    mine = strictness(action_of(decide(arena.a, asked.state, question, asked.at), question))
    stricter = (one for one in other.reasons if strictness(_kind(question)(one.data["action"])) < mine)
    return tuple(dict.fromkeys(_origin(arena, one) for one in stricter))


def _origin(arena: Arena, reason: Reason) -> Origin:
    return reason.origin or Origin(_SPOKEN.get(reason.code, "/content"), Layer.PRODUCT, arena.b.id)


def _smaller(arena: Arena, question: ContentQuestion, origin: Origin) -> ContentQuestion:
    """The question without the ratings and pools that it can do without."""
    if not isinstance(question, ItemQuestion):
        return question
    fewer = (replace(question, ratings=()), *(replace(question, pools=pools) for pools in _less(question.pools)))
    found = next((one for one in fewer if one != question and origin in _refuted(arena, one)), None)
    return question if found is None else _smaller(arena, found, origin)


def _less(pools: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield from (tuple(name for name in pools if name != one) for one in pools)


def _told(arena: Arena, question: ContentQuestion, origin: Origin) -> Counterexample:
    asked = arena.content(question)
    mine, other = (action_of(decide(one, asked.state, question, asked.at), question) for one in (arena.a, arena.b))
    found = arena.counterexample(asked, origin)
    return replace(found, what={"action": [mine.value, other.value]}, why=told(question, mine, other))


# What to ask


def _questions(arena: Arena) -> Iterator[ContentQuestion]:
    mine, theirs = _rules(arena.mine), _rules(arena.theirs)
    rules = (*mine, *theirs)
    pools = _and_other({name for rule in rules for name in rule.pools or ()})
    for surface in _surfaces(arena, rules):
        yield from _items(ItemQuestion(surface, (), (_LAXEST_RATING,), pools), rules, theirs)
        yield from _texts(TextQuestion(surface), rules)


def _rules(bands: Iterable[BandPolicy]) -> Rules:
    return tuple(dict.fromkeys(rule for band in bands for rule in band.content))


def _surfaces(arena: Arena, rules: Rules) -> Iterator[str]:
    """One surface for all that the same rules gate and that are declared alike, of those on which the first shows."""
    seen: set[object] = set()
    for name in _and_other(
        {*arena.a.surfaces, *arena.b.surfaces, *(one for rule in rules for one in rule.surfaces or ())}
    ):
        declared = [any(one in policy.surfaces for one in dotted(name)) for policy in (arena.a, arena.b)]
        key = (*declared, *(rule.gates(name) for rule in rules))
        if key not in seen and (declared[0] or not arena.mine):
            seen.add(key)
            yield name


def _items(laxest: ItemQuestion, rules: Rules, theirs: Rules) -> Iterator[ItemQuestion]:
    yield laxest
    yield replace(laxest, unanswered=_UNANSWERED)
    for label in _and_other(
        {name for rule in rules for name in (*rule.block, *(dict(rule.labels).keys() - {DEFAULT}))}
    ):
        yield replace(laxest, labels=(label,))
    yield from (replace(laxest, ratings=ratings) for ratings in ((), (UNKNOWN,), *_above(rules)))
    for wanted in dict.fromkeys(rule.pools for rule in theirs if rule.pools is not None):
        yield replace(laxest, pools=tuple(name for name in laxest.pools if name not in wanted))


def _above(rules: Rules) -> Iterator[tuple[str]]:
    """The least age above each limit; what closes has one of its own."""
    limits = {int(rule.max_rating.rstrip("+")) for rule in rules if rule.max_rating is not None} | {ADULT - 1}
    yield from ((f"{limit + 1}+",) for limit in sorted(limits) if limit < _OLDEST)


def _texts(laxest: TextQuestion, rules: Rules) -> Iterator[TextQuestion]:
    yield laxest
    yield replace(laxest, unanswered=_UNANSWERED)
    for category in _and_other({name for rule in rules for name, _ in rule.text} - {DEFAULT}):
        yield replace(laxest, found=(TextFound(category, TextAction.ALLOW),))
        yield replace(laxest, found=(TextFound(category, otherwise=TextAction.BLOCK),))


def _and_other(named: Collection[str]) -> tuple[str, ...]:
    """Some names in order, and one that is not among them."""
    other = next(name for name in (f"{OTHER}{'-' * more}" for more in count()) if name not in named)
    return (*sorted(named), other)
