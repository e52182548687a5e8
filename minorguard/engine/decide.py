"""`decide`: a question in, a decision out; nothing changes."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial
from typing import assert_never

from minorguard.engine.content import LAXEST, judge_content, shows
from minorguard.engine.course import Course, Drawn, carried
from minorguard.engine.demands import Answer, first_met, judge
from minorguard.engine.features import FeatureAnswer, judge_feature, sitting_changes, turns_by_day
from minorguard.engine.items import item_demands, item_totals
from minorguard.engine.judge import (
    TimeAnswer,
    allowed_again,
    first_where,
    going_on,
    judge_opening,
    judge_time,
    opening,
    remaining,
)
from minorguard.engine.kept import kept_or
from minorguard.engine.look import Look
from minorguard.engine.notifications import judge_notification, left_to_send, scarcest
from minorguard.engine.reasons import time_reasons
from minorguard.engine.settle import into_ledger
from minorguard.engine.spending import check_purchase, judge_spending, left_to_spend, tightest
from minorguard.engine.time_rules import LOOK_AHEAD, Check
from minorguard.engine.turns import Asked
from minorguard.errors import InvalidInput, NotFound
from minorguard.model.calendar import YearState
from minorguard.model.decisions import Decision, Effect, Note, PolicyRef, Reason
from minorguard.model.ids import Instant, Seconds
from minorguard.model.questions import (
    ContentQuestion,
    FeatureQuestion,
    ItemQuestion,
    ListQuestion,
    NotificationQuestion,
    Question,
    SpendQuestion,
    TextQuestion,
    TimeQuestion,
)
from minorguard.model.rules import CompiledPolicy, Enforcement, Strength
from minorguard.model.state import SessionRecord, SubjectState


def decide(
    policy: CompiledPolicy, state: SubjectState, question: Question, now: Instant, course: Course | None = None
) -> Decision:
    """Answer a question about `now`. Pure: no I/O, no clock, no randomness.

    A course that led to `state` changes no answer, and gives that about its session sooner.
    """
    match question:
        case TimeQuestion():
            return _decide_time(policy, state, question, now, course)
        case FeatureQuestion():
            return _decide_feature(policy, state, question, now, course)
        case SpendQuestion():
            return decide_spending(policy, state, question, now)
        case NotificationQuestion():
            return decide_notification(policy, state, now)
        case ItemQuestion() | TextQuestion():
            return decide_content(policy, state, question, now)
        case ListQuestion():
            return decide_list(policy, state, question, now)
        case _:
            assert_never(question)


def _decide_time(
    policy: CompiledPolicy, state: SubjectState, question: TimeQuestion, now: Instant, course: Course | None
) -> Decision:
    if course is not None and question.session is not None:
        on = course.holds(policy, state, question.session, now)
        if on is not None and question.activity in {None, on.activity}:
            return course.decided(now)
    return kept_or(policy, state, question, now, course, lambda: _time_anew(policy, state, question, now))


def _time_anew(
    policy: CompiledPolicy, state: SubjectState, question: TimeQuestion, now: Instant
) -> tuple[Decision, Asked]:
    if question.session is None:
        look = Look(policy, state, question.activity, question.device)
        return decide_opening(look, now), Asked(look, opening, partial(allowed_again, look, opening(look)), opens=True)
    session = find_session(state, question.session)
    if session is None:
        raise NotFound("session", question.session)
    look = Look(policy, state, question.activity or session.activity, session.device)
    return decide_going_on(look, session, now), Asked(look, going_on, partial(allowed_again, look, going_on(look)))


def find_session(state: SubjectState, session: str | None) -> SessionRecord | None:
    """The record of a session, or None."""
    return next((record for record in state.sessions if record.id == session), None)


def exempt(look: Look, now: Instant) -> Reason | None:
    """Why no rule applies at all, if none does."""
    if not look.state.profile.mode_on:
        return Reason("mode.off")
    if now >= look.binding.adult_from:
        return Reason("age.adult")
    return None


def decide_opening(look: Look, now: Instant) -> Decision:
    """May a sitting be opened?"""
    if (free := exempt(look, now)) is not None:
        return allowed(look, now, (free,))
    answer = judge_opening(look, now)
    if not answer.denying:
        return from_time(look, now, answer)
    again = allowed_again(look, opening(look), now, now + LOOK_AHEAD)
    return denied(look, now, time_reasons(look, answer, now), again=again, left=remaining(look, now, answer))


def decide_going_on(look: Look, session: SessionRecord, now: Instant) -> Decision:
    """May this session go on? With grace, if it has some left."""
    if session.closed:
        return denied(look, now, (Reason("session.ended", None, {}),), again=None, end=True, protocol=True)
    if (free := exempt(look, now)) is not None:
        return allowed(look, now, (free,))
    answer = judge_time(look, now)
    if not answer.denying:
        return from_time(look, now, answer)
    reasons = time_reasons(look, answer, now)
    left = remaining(look, now, answer)
    until = grace_end(look, session, answer, now)
    if until is not None:
        note = Note("finish", {"seconds": until - now})
        return _decision(look, now, Effect.LIMITED, reasons, until=until, left=left, obligations=(note,))
    again = allowed_again(look, going_on(look), now, now + LOOK_AHEAD)
    return denied(look, now, reasons, again=again, left=left, end=True)


def grace_end(look: Look, session: SessionRecord, answer: TimeAnswer, now: Instant) -> Instant | None:
    """Until when a session that was stopped may save and finish; None: it may not."""
    if any(check.bound.rule.origin.strength is Strength.LAW for check in answer.denying):
        return None
    until = grace_limit(look, session, now)
    for bound in look.rules:
        if until is not None and bound.rule.origin.strength is Strength.LAW:
            until = Check(bound).first_denied(look, look.ahead(bound.rule, now), now, until) or until
    return until if until is not None and now < until else None


def grace_limit(look: Look, session: SessionRecord, now: Instant) -> Instant | None:
    """When a session's grace is over, whatever the law says before: one grace, however many beats it has."""
    if session.grace_until is not None:
        return session.grace_until
    grace = min((band.grace for band in look.binding.bands_at(now)), default=0)
    return session.end + grace if grace else None


def _decide_feature(
    policy: CompiledPolicy, state: SubjectState, question: FeatureQuestion, now: Instant, course: Course | None
) -> Decision:
    _check_amount(question.amount)
    if course is not None and (drawn := feature_drawn(policy, state, question, now, course)) is not None:
        return carried(drawn, now)

    def anew() -> tuple[Decision, Asked]:
        look = look_under(policy, state, question.session)
        again = partial(_feature_again, look, question)
        return _judged_feature(look, question, now), Asked(look, going_on, again, question.feature)

    return kept_or(policy, state, question, now, course, anew)


def decide_feature(policy: CompiledPolicy, state: SubjectState, question: FeatureQuestion, now: Instant) -> Decision:
    """May this feature be used? Every rule is asked."""
    _check_amount(question.amount)
    return _judged_feature(look_under(policy, state, question.session), question, now)


def _check_amount(amount: int) -> None:
    if amount < 1:
        raise InvalidInput("amount", "must be 1 or more")


def look_under(policy: CompiledPolicy, state: SubjectState, named: str | None) -> Look:
    """A look at what is done under a session, for its activity and on its device, or (None) at all else."""
    session = find_session(state, named)
    activity, device = (None, None) if session is None else (session.activity, session.device)
    return Look(policy, state, activity, device)


def _judged_feature(look: Look, question: FeatureQuestion, now: Instant) -> Decision:
    session = find_session(look.state, question.session)
    if (free := exempt(look, now)) is not None:
        return allowed(look, now, (free,))
    lease = _lease_reason(look, question.session, session, now)
    time = judge_time(look, now)
    grace = grace_end(look, session, time, now) if session is not None and time.denying else None
    feature = judge_feature(look, question.feature, question.amount, now)
    late = time_reasons(look, time, now) if time.denying else ()
    left = remaining(look, now, time) | ({} if feature.left is None else {"uses": feature.left})
    if lease or feature.denials or (late and grace is None):
        again = None if lease else _feature_again(look, question, now, now + LOOK_AHEAD)
        reasons = (*lease, *late, *feature.denials)
        decision = denied(look, now, reasons, again=again, left=left, protocol=bool(lease))
        return _asking(decision, question.feature)
    if grace is not None:
        return _decision(look, now, Effect.LIMITED, late, until=grace, left=left)
    return _feature_allowed(look, question, now, feature, time.until, left)


def _feature_allowed(
    look: Look,
    question: FeatureQuestion,
    now: Instant,
    feature: FeatureAnswer,
    time_until: Instant | None,
    left: dict[str, Seconds],
) -> Decision:
    why = Reason("feature.allowed", feature.rule.origin if feature.rule else None, {"feature": question.feature})
    until = _feature_until(look, question, now, time_until)
    return _decision(look, now, Effect.ALLOW, (why,), until=until, left=left)


def feature_drawn(
    policy: CompiledPolicy, state: SubjectState, question: FeatureQuestion, now: Instant, course: Course
) -> Decision | None:
    """An allowed feature of a session on its course, to be `carried` to `now`; None: every rule must be asked."""
    session = course.holds(policy, state, question.session, now)
    if session is None or question.amount < 1 or not _live_at(session, now):
        return None
    found = _feature_on_course(course.drawn, question.feature, question.amount)
    return None if found is None or now >= found[1] else found[0]


@lru_cache(maxsize=8192)
def _feature_on_course(drawn: Drawn, feature: str, amount: int) -> tuple[Decision, Instant] | None:
    """What is said of a feature from where a course was drawn, and until when; None: it must be asked each time.

    What is counted by the hour or sitting turns on a course, and what is denied waits for more than this session.
    """
    session = drawn.state.sessions[drawn.session]
    look = Look(drawn.policy, drawn.state, session.activity, session.device, drawn.binding)
    answer = judge_feature(look, feature, amount, drawn.at)
    if answer.denials or not turns_by_day(look, feature, drawn.at):
        return None
    left = {**drawn.decision.remaining} | ({} if answer.left is None else {"uses": answer.left})
    question = FeatureQuestion(feature, amount, session.id)
    decision = _feature_allowed(look, question, drawn.at, answer, drawn.until, left)
    return decision, min((*drawn.binding.changes(drawn.at)[:1], drawn.until))


def _asking(decision: Decision, feature: str) -> Decision:
    """With the advice to ask a guardian, where that is what a denial waits for."""
    if decision.allowed or all(reason.code != "feature.ask" for reason in decision.reasons):
        return decision
    return replace(decision, advice=(Note("ask_guardian", {"feature": feature}), *decision.advice))


def _lease_reason(look: Look, named: str | None, session: SessionRecord | None, now: Instant) -> tuple[Reason, ...]:
    if named is not None:
        live = session is not None and _live_at(session, now)
        return () if live else (Reason("lease.lapsed", None, {}),)
    if look.policy.require_lease and not any(_live_at(one, now) for one in look.state.sessions):
        return (Reason("lease.missing", None, {}),)
    return ()


def _live_at(session: SessionRecord, now: Instant) -> bool:
    """Whether a session is under a paid lease."""
    return not session.closed and session.start <= now < session.end


def _feature_again(look: Look, question: FeatureQuestion, now: Instant, end: Instant) -> Instant | None:
    def next_try(at: Instant) -> Instant:
        answer = judge_feature(look, question.feature, question.amount, at)
        if not answer.denials:
            return at
        edges = (*look.binding.changes(at), *sitting_changes(look, at), end)
        return min(edge for edge in (*edges, answer.changes_at) if edge is not None and edge > at)

    return first_where(look, now, end, next_try)


def _feature_until(look: Look, question: FeatureQuestion, now: Instant, time_until: Instant | None) -> Instant | None:
    end = now + LOOK_AHEAD if time_until is None else time_until
    for edge in sorted({*look.binding.changes(now), *sitting_changes(look, now)}):
        if edge < end and judge_feature(_used_until(look, now, edge), question.feature, question.amount, edge).denials:
            return edge
    return time_until


def _used_until(look: Look, now: Instant, until: Instant) -> Look:
    """The look that there will be if use goes on."""
    state = into_ledger(look.state, (look.device or "", look.activity), now, until)
    return Look(look.policy, state, look.activity, look.device, look.binding)


def decide_spending(policy: CompiledPolicy, state: SubjectState, question: SpendQuestion, now: Instant) -> Decision:
    """May this purchase be made? Neither time nor leases say anything of it."""
    check_purchase(question.amount, question.currency)
    look = Look(policy, state, question.activity, None)
    if (free := exempt(look, now)) is not None:
        return allowed(look, now, (free,))
    answer = judge_spending(look, question.amount, question.currency, now)
    rule = tightest(look, question.currency, now)
    data = {"amount_minor": question.amount, "currency": question.currency}
    why = Reason("spending.allowed", rule.origin if rule else None, data)
    return _answered(look, now, answer, why, left_to_spend(look, question.currency, now))


def decide_notification(policy: CompiledPolicy, state: SubjectState, now: Instant) -> Decision:
    """May a notification be sent? Neither time nor leases say anything of it: it comes while the app is not used."""
    look = Look(policy, state, None, None)
    if (free := exempt(look, now)) is not None:
        return allowed(look, now, (free,))
    rule = scarcest(look, now)
    why = Reason("notification.allowed", rule.origin if rule else None)
    return _answered(look, now, judge_notification(look, now), why, left_to_send(look, now))


def decide_content(policy: CompiledPolicy, state: SubjectState, question: ContentQuestion, now: Instant) -> Decision:
    """May this item or text be shown, and how? Of time only the lease speaks, where one is named or required."""
    session = find_session(state, question.session)
    look = Look(policy, state, None, None)
    if (free := exempt(look, now)) is not None:
        return allowed(look, now, (free,))
    if lease := _lease_reason(look, question.session, session, now):
        return denied(look, now, lease, again=None, protocol=True)
    answer = judge_content(look, question, now)
    notes = () if answer.action in LAXEST else (Note(f"content.{answer.action.value}"),)
    if not shows(answer.action):
        decision = denied(look, now, answer.reasons, again=answer.again)
        return replace(decision, obligations=notes) if not decision.allowed else decision
    effect = Effect.LIMITED if notes else Effect.ALLOW
    reasons = answer.reasons or (Reason("content.allowed", None, {"surface": question.surface}),)
    return _decision(look, now, effect, reasons, until=answer.until, obligations=notes)


def decide_list(policy: CompiledPolicy, state: SubjectState, question: ListQuestion, now: Instant) -> Decision:
    """May so many items be recommended? As for features time must be allowed; grace is no time for new lists."""
    _check_amount(question.amount)
    session = find_session(state, question.session)
    look = look_under(policy, state, question.session)
    if (free := exempt(look, now)) is not None:
        return allowed(look, now, (free,))
    lease = _lease_reason(look, question.session, session, now)
    time, totals = judge_time(look, now), item_totals(look, now)
    demands = item_demands(look, question.amount, now)
    answer = judge(look, demands, now)
    left = remaining(look, now, time) | ({"items": totals[0].left} if totals else {})
    if lease or time.denying or answer.denials:
        late = time_reasons(look, time, now) if time.denying else ()
        end = now + LOOK_AHEAD
        again = None if lease else first_where(look, now, end, lambda at: _or(first_met(demands, at, end), end))
        reasons = (*lease, *late, *answer.denials)
        return denied(look, now, reasons, again=again, left=left, protocol=bool(lease))
    why = Reason("items.allowed", totals[0].held.rule.origin if totals else None)
    return _decision(look, now, Effect.ALLOW, (why,), until=_list_until(look, question, now, time.until), left=left)


def _list_until(look: Look, question: ListQuestion, now: Instant, time_until: Instant | None) -> Instant | None:
    """Where rules come and go, more may be of a day or sitting than before; elsewhere less is, and never more."""
    end = now + LOOK_AHEAD if time_until is None else time_until
    begins = {start for held in look.binding.recommendations for start, _ in held.times if start > now}
    for edge in sorted(begins.union(sitting_changes(look, now))):
        if edge < end and any(one.left < question.amount for one in item_totals(_used_until(look, now, edge), edge)):
            return edge
    return time_until


def _or(instant: Instant | None, otherwise: Instant) -> Instant:
    return otherwise if instant is None else instant


def _answered(look: Look, now: Instant, answer: Answer, why: Reason, left: dict[str, int]) -> Decision:
    if answer.denials:
        return denied(look, now, answer.denials, again=answer.again, left=left)
    return _decision(look, now, Effect.ALLOW, (why,), until=answer.until, left=left)


def allowed(look: Look, now: Instant, reasons: tuple[Reason, ...]) -> Decision:
    """Allowed without an end in sight."""
    return _decision(look, now, Effect.ALLOW, reasons)


def from_time(look: Look, now: Instant, answer: TimeAnswer) -> Decision:
    """Allowed by the time rules, until one of them stops it."""
    left = remaining(look, now, answer)
    return _decision(look, now, Effect.ALLOW, time_reasons(look, answer, now), until=answer.until, left=left)


def denied(
    look: Look,
    now: Instant,
    reasons: tuple[Reason, ...],
    *,
    again: Instant | None,
    left: dict[str, Seconds] | None = None,
    end: bool = False,
    protocol: bool = False,
) -> Decision:
    """Denied, until `again`. What the protocol itself denies (`protocol`) is denied under `observe`, too."""
    obligations = (Note("end_session"),) if end else ()
    decision = _decision(look, now, Effect.DENY, reasons, again=again, left=left, obligations=obligations)
    return replace(decision, effect=Effect.DENY, obligations=obligations) if protocol else decision


def _decision(
    look: Look,
    now: Instant,
    effect: Effect,
    reasons: tuple[Reason, ...],
    *,
    until: Instant | None = None,
    again: Instant | None = None,
    left: dict[str, Seconds] | None = None,
    obligations: tuple[Note, ...] = (),
) -> Decision:
    policy = look.policy
    decision = Decision(
        effect=effect,
        reasons=reasons,
        policy=PolicyRef(policy.id, policy.revision, policy.digest),
        zone=policy.days.zone,
        decided=now,
        until=until,
        again=again,
        remaining=left or {},
        obligations=obligations,
        advice=_calendar_advice(look, now),
        enforcement=policy.enforcement,
    )
    return decision if policy.enforcement is Enforcement.ENFORCE else _observed(decision)


def _observed(decision: Decision) -> Decision:
    """Under `observe` everything passes, and what would have been is said."""
    if decision.effect is Effect.ALLOW:
        return replace(decision, observed_effect=Effect.ALLOW)
    return replace(decision, effect=Effect.ALLOW, observed_effect=decision.effect, obligations=())


def _calendar_advice(look: Look, now: Instant) -> tuple[Note, ...]:
    policy = look.policy
    year = look.day_of(now).year
    state = policy.calendar.state(year)
    if state is YearState.ANNOUNCED:
        return ()
    return (Note("calendar.unknown_year", {"calendar": policy.calendar.name, "year": year, "state": state.value}),)
