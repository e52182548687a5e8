"""What is counted one by one: uses of features, purchases, notifications. Each is checked and counted in one step.

What is denied counts nothing. The same id again is the same fact, and gets the answer that it was given: it stays done,
whatever has been decided since. Ids are remembered for two days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from minorguard.engine import items
from minorguard.engine.decide import decide_feature, decide_list, decide_notification, decide_spending
from minorguard.engine.notifications import are_counted
from minorguard.engine.settle import MAX_PURCHASES, settle
from minorguard.errors import Conflict, InvalidInput
from minorguard.model.decisions import Decision, Effect, Reason
from minorguard.model.events import FeatureUsed, ItemsRecommended, NotificationSent, PurchaseMade
from minorguard.model.ids import Instant
from minorguard.model.questions import FeatureQuestion, ListQuestion, SpendQuestion
from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import Purchase, Sent, SubjectState, Use

Counted = tuple[SubjectState, Decision]
"""The state after a fact, and the answer."""


def count(
    policy: CompiledPolicy,
    state: SubjectState,
    event: FeatureUsed | PurchaseMade | NotificationSent | ItemsRecommended,
    now: Instant,
) -> Counted:
    """Check a fact, and count it where it is allowed and something limits it."""
    match event:
        case FeatureUsed():
            return used(policy, state, event, now)
        case PurchaseMade():
            return purchased(policy, state, event, now)
        case NotificationSent():
            return sent(policy, state, event, now)
        case ItemsRecommended():
            return recommended(policy, state, event, now)
        case _:
            assert_never(event)


def used(policy: CompiledPolicy, state: SubjectState, event: FeatureUsed, now: Instant) -> Counted:
    """A use of a feature. One that nothing limits is not remembered."""
    counted = next((use for use in state.uses if use.id == event.id), None)
    if counted is not None:
        return state, _used_before(policy, state, counted, event)
    settled = settle(policy, state, now)
    question = FeatureQuestion(event.feature, event.amount, event.session)
    decision = decide_feature(policy, settled, question, now)
    if not decision.allowed or "uses" not in decision.remaining:
        return state, decision
    uses = (*settled.uses, Use(event.id, event.feature, now, event.amount))
    return replace(settled, uses=uses), _less(decision, ("uses",), event.amount)


def _used_before(policy: CompiledPolicy, state: SubjectState, counted: Use, event: FeatureUsed) -> Decision:
    if (counted.feature, counted.amount) != (event.feature, event.amount):
        raise _again("use")
    before = replace(state, uses=state.uses[: state.uses.index(counted)])
    decision = decide_feature(policy, before, FeatureQuestion(event.feature, event.amount), counted.at)
    done = _done(decision, Reason("feature.allowed", None, {"feature": event.feature}))
    return _less(done, ("uses",), event.amount)


def purchased(policy: CompiledPolicy, state: SubjectState, event: PurchaseMade, now: Instant) -> Counted:
    """A purchase. Each one is remembered, so that a cap that comes later counts what was spent before.

    Raises `Conflict` for an id used again for another purchase, and for more purchases than anybody makes.
    """
    _check_id(event.id)
    counted = next((purchase for purchase in state.purchases if purchase.id == event.id), None)
    if counted is not None:
        return state, _purchased_before(policy, state, counted, event)
    settled = settle(policy, state, now)
    question = SpendQuestion(event.amount, event.currency, event.activity)
    decision = decide_spending(policy, settled, question, now)
    if not decision.allowed:
        return state, decision
    if len(settled.purchases) >= MAX_PURCHASES:
        raise Conflict("purchase", f"{MAX_PURCHASES} purchases are remembered, and no more; give stable activities")
    purchase = Purchase(event.id, now, event.amount, event.currency, event.activity or policy.default_activity)
    return replace(settled, purchases=(*settled.purchases, purchase)), _less_money(decision, event.amount)


def _purchased_before(policy: CompiledPolicy, state: SubjectState, counted: Purchase, event: PurchaseMade) -> Decision:
    same = (counted.amount, counted.currency) == (event.amount, event.currency)
    if not same or event.activity not in {None, counted.activity}:
        raise _again("purchase")
    before = replace(state, purchases=state.purchases[: state.purchases.index(counted)])
    question = SpendQuestion(counted.amount, counted.currency, counted.activity)
    decision = decide_spending(policy, before, question, counted.at)
    data = {"amount_minor": counted.amount, "currency": counted.currency}
    return _less_money(_done(decision, Reason("spending.allowed", None, data)), counted.amount)


def sent(policy: CompiledPolicy, state: SubjectState, event: NotificationSent, now: Instant) -> Counted:
    """A notification. Where no band limits their number, it is not remembered."""
    _check_id(event.id)
    counted = next((one for one in state.notifications if one.id == event.id), None)
    if counted is not None:
        before = replace(state, notifications=state.notifications[: state.notifications.index(counted)])
        done = _done(decide_notification(policy, before, counted.at), Reason("notification.allowed"))
        return state, _less(done, ("notifications",), 1)
    settled = settle(policy, state, now)
    decision = decide_notification(policy, settled, now)
    if not decision.allowed or not are_counted(policy):
        return state, decision
    notifications = (*settled.notifications, Sent(event.id, now))
    return replace(settled, notifications=notifications), _less(decision, ("notifications",), 1)


def recommended(policy: CompiledPolicy, state: SubjectState, event: ItemsRecommended, now: Instant) -> Counted:
    """A list of items. Where no band limits their number, it is not remembered."""
    _check_id(event.id)
    counted = next((one for one in state.items if one.id == event.id), None)
    if counted is not None:
        return state, _recommended_before(policy, state, counted, event)
    settled = settle(policy, state, now)
    decision = decide_list(policy, settled, ListQuestion(event.amount, event.session), now)
    if not decision.allowed or not items.are_counted(policy):
        return state, decision
    shown = (*settled.items, Sent(event.id, now, event.amount))
    return replace(settled, items=shown), _less(decision, ("items",), event.amount)


def _recommended_before(
    policy: CompiledPolicy, state: SubjectState, counted: Sent, event: ItemsRecommended
) -> Decision:
    if counted.amount != event.amount:
        raise _again("list")
    before = replace(state, items=state.items[: state.items.index(counted)])
    done = _done(decide_list(policy, before, ListQuestion(counted.amount), counted.at), Reason("items.allowed"))
    return _less(done, ("items",), counted.amount)


def _check_id(id: str) -> None:
    if not id:
        raise InvalidInput("id", "is empty; give each fact an id of its own")


def _again(what: str) -> Conflict:
    return Conflict("id", f"this id was used to count another {what}; use a new one")


def _done(decision: Decision, why: Reason) -> Decision:
    """Allowed, since it was."""
    if decision.allowed:
        return decision
    advice = tuple(note for note in decision.advice if note.code != "ask_guardian")
    return replace(decision, effect=Effect.ALLOW, reasons=(why,), again=None, advice=advice)


def _less_money(decision: Decision, amount: int) -> Decision:
    return _less(decision, ("spend_day_minor", "spend_month_minor"), amount)


def _less(decision: Decision, keys: Iterable[str], amount: int) -> Decision:
    """The decision after the fact: so much less is left."""
    left = {key: max(0, decision.remaining[key] - amount) for key in keys if key in decision.remaining}
    return replace(decision, remaining={**decision.remaining, **left}) if left else decision
