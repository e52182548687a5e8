"""What tests should see of each rule: a denial, a pass, and both sides of each of its edges.

A goal is known by its words, which say what question is missing as long as nobody has asked it. Whether a question
reaches a goal is asked of the engine's own checks, never read from the texts of a decision.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple, assert_never

from minorguard.engine.decide import exempt, find_session
from minorguard.engine.look import Look
from minorguard.model.age import AgeBand
from minorguard.model.ids import Instant
from minorguard.model.questions import (
    FeatureQuestion,
    ItemQuestion,
    ListQuestion,
    NotificationQuestion,
    Question,
    SpendQuestion,
    TextQuestion,
    TimeQuestion,
)
from minorguard.model.rules import BandPolicy, CompiledPolicy, Origin
from minorguard.model.state import SubjectState
from minorguard.simulate.goals_content import content_goals, content_reached
from minorguard.simulate.goals_counted import (
    feature_goals,
    features_reached,
    notification_goals,
    notifications_reached,
    rules_of,
    spending_goals,
    spending_reached,
)
from minorguard.simulate.goals_time import opening_reached, time_goals, time_reached


class RuleKey(NamedTuple):
    """A rule as it is counted: where it stands, and the ages for which it holds beside the same other rules."""

    document: str
    pointer: str
    band: str


class Goals(NamedTuple):
    """A rule, and everything that is to be seen of it."""

    key: RuleKey
    origin: Origin
    words: tuple[str, ...]


Ages = Mapping[AgeBand, str]
"""By band of a policy, how its ages are called: neighbours in which the same rules hold are one."""


def ages_of(policy: CompiledPolicy) -> Ages:
    """The ages by band. A document that cuts `0-12` into three bands with the same rules still has one to test."""
    runs: list[list[BandPolicy]] = []
    for band in policy.bands:
        last = runs[-1][-1] if runs else None
        if last is not None and last.band.below_age == band.band.from_age and replace(last, band=band.band) == band:
            runs[-1].append(band)
        else:
            runs.append([band])
    return {band.band: str(AgeBand(run[0].band.from_age, run[-1].band.below_age)) for run in runs for band in run}


def goals(policy: CompiledPolicy) -> Iterator[Goals]:
    """The goals of every rule that a policy test can reach, in the order of the bands; a rule may come twice.

    Rules of recommendations are none of them: they speak of lists, which tests do not have.
    """
    ages = ages_of(policy)
    for band in policy.bands:
        for origin, words in _of_band(band):
            yield Goals(RuleKey(origin.document, origin.rule, ages[band.band]), origin, tuple(words))


def _of_band(band: BandPolicy) -> Iterator[tuple[Origin, Iterator[str]]]:
    for rule in band.time:
        yield rule.origin, time_goals(rule)
    for layer in band.features:
        for feature in rules_of(layer):
            yield feature.origin, feature_goals(feature)
    for spending in band.spending:
        yield spending.origin, spending_goals(spending)
    for content in band.content:
        yield content.origin, content_goals(content)
    for notification in band.notifications:
        yield notification.origin, notification_goals(notification)


def reached(
    policy: CompiledPolicy, ages: Ages, state: SubjectState, question: Question, now: Instant
) -> Iterator[tuple[RuleKey, str]]:
    """The goals that a question reaches under a policy, whose `ages` are called as those of the one that is watched."""
    look = _look(policy, state, question)
    if exempt(look, now) is not None:
        return
    for bound in look.binding.bands:
        if bound.holds(now):
            for origin, words in _in_band(look, bound.rule, question, now):
                yield RuleKey(origin.document, origin.rule, ages[bound.rule.band]), words


def _look(policy: CompiledPolicy, state: SubjectState, question: Question) -> Look:
    activity = question.activity if isinstance(question, TimeQuestion | SpendQuestion) else None
    device = question.device if isinstance(question, TimeQuestion) else None
    session = find_session(state, question.session) if isinstance(question, TimeQuestion | FeatureQuestion) else None
    if session is not None:
        activity, device = activity or session.activity, session.device
    return Look(policy, state, activity, device)


def _in_band(look: Look, band: BandPolicy, question: Question, now: Instant) -> Iterator[tuple[Origin, str]]:
    match question:
        case TimeQuestion():
            yield from time_reached(look, band, now)
            if question.session is None:
                yield from opening_reached(look, band, now)
        case FeatureQuestion():
            yield from time_reached(look, band, now)
            yield from features_reached(look, band, question, now)
        case SpendQuestion():
            yield from spending_reached(look, band, question, now)
        case NotificationQuestion():
            yield from notifications_reached(look, band, now)
        case ItemQuestion() | TextQuestion():
            yield from content_reached(look, band, question, now)
        case ListQuestion():
            return  # rules of lists have no goals: no step of a policy test asks about them
        case _:
            assert_never(question)
