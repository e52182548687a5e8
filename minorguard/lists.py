"""Recommended lists: the subject's memory, the policy, its own choice and the editors' meet the ranker here."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import NamedTuple

from minorguard.editorial import Action, Edit, Editorial
from minorguard.engine import decide
from minorguard.engine.content import judge_content
from minorguard.engine.decide import exempt, look_under
from minorguard.engine.items import item_totals
from minorguard.engine.look import Look
from minorguard.errors import Conflict, VersionConflict
from minorguard.interests import InterestBook, Interests
from minorguard.model.decisions import Decision, Reason
from minorguard.model.events import ItemsRecommended
from minorguard.model.ids import Instant, check_word
from minorguard.model.questions import ItemQuestion, ListQuestion
from minorguard.model.rules import CompiledPolicy, Enforcement, RecommendationRule
from minorguard.model.sections import ItemAction
from minorguard.model.state import Sent, SubjectState
from minorguard.ranking import Candidate, Constraints, Pin, Ranked, Refusal, Total, Traits, constrain
from minorguard.ranking.build import constraints_of
from minorguard.ranking.constraints import Gate
from minorguard.ranking.gate import always_refused
from minorguard.shell import Shell

ATTEMPTS = 64
"""How often a list is made anew because items were shown elsewhere meanwhile."""


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What an app asks for."""

    candidates: Sequence[Candidate]
    slots: int
    surface: str
    """Where the list shows: a feed, a hot list, search suggestions; as the policy declares it."""
    previous: Sequence[Candidate] = ()
    """What the same list has shown before, in order."""
    personalised: bool = True
    """False: the viewer wants a list that follows from no profile, whatever was chosen before."""
    session: str | None = None
    id: str | None = None
    """Makes a retry the same list, counted once. With anything else that is asked for it is a conflict."""


@dataclass(frozen=True, slots=True)
class Recommended:
    """A list, and the decision that goes with it."""

    decision: Decision
    ranked: Ranked | None
    """None: no list, since the decision denies it."""
    personalised: bool = True
    """Whether personal scores were used."""
    observed: Ranked | None = None
    """Under `observe`: what the list would have been."""


class Lists:
    """The lists of the subjects of one namespace."""

    def __init__(self, shell: Shell, namespace: str) -> None:
        self._shell = shell
        self.interests = InterestBook(shell.store, namespace)
        self.editorial = Editorial(shell.store, namespace)

    def recommend(self, subject: str, request: ListRequest) -> Recommended:
        """The best list that the mode permits, counted as shown in one step with its check.

        Raises `InvalidInput` for candidates that are none, `Conflict` for the id of another list, and what every call
        on a subject raises.
        """
        check_word("surface", request.surface)
        id = f"{request.id}.{_mark(request)}" if request.id else secrets.token_urlsafe(12)
        personal = request.personalised and self.interests.get(subject).personalised
        edits = self.editorial.edits
        for _ in range(ATTEMPTS):
            state, policy, now = self._shell.situation(subject)
            counted = next((one for one in state.items if one.id == id), None)
            if counted is None and request.id and any(one.id.rpartition(".")[0] == request.id for one in state.items):
                raise Conflict("id", "this id was used to count another list; use a new one")
            question = ListQuestion(session=request.session)
            if counted is None and not decide(policy, state, question, now).allowed:
                return Recommended(self._shell.ask(subject, question), None)
            before, at = (state, now) if counted is None else (_before(state, counted), counted.at)
            made = _made(policy, before, request, edits(at), at, personal=personal)
            amount = len(made.ranked.items) if counted is None else counted.amount
            if len(made.ranked.items) > amount:  # a retry, and the session or what editors did is another by now
                made = _made(policy, before, replace(request, slots=amount), edits(at), at, personal=personal)
            if not amount:
                return Recommended(self._shell.ask(subject, question), *made)
            decision = self._shell.reduce(subject, ItemsRecommended(id, amount, request.session))
            if decision.allowed:
                return Recommended(decision, *made)
            if decision.reason.code != "items.exhausted":
                return Recommended(decision, None)
        raise VersionConflict(f"list/{subject}", ATTEMPTS)

    def add_tags(self, subject: str, names: Iterable[str], *, switch_on: bool = False) -> Interests:
        """Add interests. Raises `Conflict` where the policy lets no list follow from a profile.

        With `switch_on` lists are personal from then on; without, they must be.
        """
        state, policy, now = self._shell.situation(subject)
        rules = _rules(Look(policy, state, None, None), now)
        if any(rule.personalised is False or rule.personal_at_most == 0 for rule in rules):
            raise Conflict("tags", "the policy lets no list follow from a profile of this subject, so none is kept")
        blocked = {topic for rule in rules for topic in rule.block}
        return self.interests.add(subject, names, now, blocked=blocked, switch_on=switch_on)


def _mark(request: ListRequest) -> str:
    """Tells what is asked for from all else that might be asked for under the same id."""
    about = (request.slots, request.surface, request.personalised, request.session, len(request.candidates))
    parts = (repr(about), *map(_told, request.candidates), *map(_told, request.previous))
    return urlsafe_b64encode(sha256("\n".join(parts).encode()).digest()[:9]).decode()


def _told(one: Candidate) -> str:
    """All of a candidate, in the same words in every process."""
    traits = (sorted(one.topics), sorted(one.labels), one.rating, one.pool, one.promoted, one.personal)
    return repr((one.id, one.score, one.plain_score, one.author, one.duration_seconds, traits))


def _before(state: SubjectState, counted: Sent) -> SubjectState:
    """The state as it was when a list was counted, as far as lists go: its retry is made anew from the same."""
    return replace(state, items=state.items[: state.items.index(counted)])


class _Made(NamedTuple):
    """A list, before anything is counted; as the last fields of `Recommended`."""

    ranked: Ranked
    personalised: bool
    observed: Ranked | None = None


def _made(
    policy: CompiledPolicy,
    state: SubjectState,
    request: ListRequest,
    edits: Sequence[Edit],
    now: Instant,
    *,
    personal: bool,
) -> _Made:
    """The list as of `now`."""
    look = look_under(policy, state, request.session)
    holding = [edit for edit in edits if edit.holds(request.surface, now)]
    pins = [Pin(edit.item, edit.rank) for edit in holding if edit.rank is not None]
    banned = [edit.item for edit in holding if edit.action is Action.BAN]
    bare = Constraints(pins=_one_each(pins), banned=frozenset(banned), personal_percent=100 if personal else 0)
    full = bare if exempt(look, now) is not None else _constraints(look, request.surface, now, bare)
    ranked = constrain(request.candidates, full, request.slots, request.previous)
    if policy.enforcement is Enforcement.OBSERVE:
        plain = constrain(request.candidates, bare, request.slots, request.previous)
        return _Made(plain, personal, ranked)
    return _Made(ranked, full.personal_percent > 0)


def _one_each(pins: Iterable[Pin]) -> tuple[Pin, ...]:
    """An item that is pinned on this surface and on all stands at the sooner rank."""
    return tuple({pin.item: pin for pin in sorted(pins, key=lambda pin: -pin.rank)}.values())


def _constraints(look: Look, surface: str, now: Instant, bare: Constraints) -> Constraints:
    rules = _rules(look, now)
    return constraints_of(
        rules,
        gate=_gate(look, rules, surface, now),
        totals=_totals(look, now),
        personal=bare.personal_percent > 0,
        pins=bare.pins,
        banned=bare.banned,
    )


def _rules(look: Look, now: Instant) -> list[RecommendationRule]:
    """The rules on recommendations in force."""
    return [held.rule for held in look.binding.recommendations if held.holds(now)]


def _totals(look: Look, now: Instant) -> list[Total]:
    """Of each kind the tightest."""
    found: dict[str, Total] = {}
    for total in item_totals(look, now):
        found.setdefault(total.key, Total(total.key, total.limit, total.used))
    return list(found.values())


def _gate(look: Look, rules: Sequence[RecommendationRule], surface: str, now: Instant) -> Gate:
    """What the item gate hides, covers or warns of on this surface, no list shows."""
    blocked = sorted({topic for rule in rules for topic in rule.block})
    known: dict[ItemQuestion, tuple[Refusal, ...]] = {}

    def gate(traits: Traits) -> tuple[Refusal, ...]:
        ratings = () if traits.rating is None else (traits.rating,)
        pools = () if traits.pool is None else (traits.pool,)
        question = ItemQuestion(surface, tuple(sorted(traits.labels)), ratings, pools)
        if question not in known:
            known[question] = _judged(look, question, now)
        return tuple(dict.fromkeys((*always_refused(traits, blocked), *known[question])))

    return gate


def _judged(look: Look, question: ItemQuestion, now: Instant) -> tuple[Refusal, ...]:
    answer = judge_content(look, question, now)
    return () if answer.action is ItemAction.SHOW else tuple(_refusal(reason) for reason in answer.reasons)


def _refusal(reason: Reason) -> Refusal:
    said = (reason.data.get(name) for name in ("label", "rating"))
    return Refusal(reason.code.removeprefix("item."), next((what for what in said if what is not None), None))
