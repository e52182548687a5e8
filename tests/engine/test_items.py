"""Recommended items: counted with their check, once by id, for a sitting and a day, and folded without a loss."""

from datetime import UTC, datetime, timedelta

import pytest

from minorguard.engine import decide, new_state, reduce
from minorguard.engine.settle import MAX_LISTS
from minorguard.errors import Conflict, InvalidInput
from minorguard.model.events import HeartbeatReceived, ItemsRecommended, SessionEnded, SessionOpened
from minorguard.model.questions import ListQuestion
from minorguard.model.state import Profile
from minorguard.policy import compile_policy

NOON = 1_795_492_800 - 1_795_492_800 % 86_400 + 4 * 3600
"""12:00 in Shanghai."""
POLICY = compile_policy(
    """\
policy: lists
timezone: Asia/Shanghai
bands:
  0-18:
    time: {quota: {daily: 3h}, curfew: ["22:00-06:00"], sitting: {resets_after: 10m}}
    recommendations: {items_per_sitting: 30, items_per_day: 50}
"""
)
KID = new_state(Profile("kid", "lists"))


def shown(state, id, amount, now):
    """The state after a list, and its decision."""
    outcome = reduce(POLICY, state, ItemsRecommended(id, amount), now)
    return outcome.state, outcome.decision


def test_lists_count_once_by_id():
    """The same id again is the same list; with another number it is a conflict."""
    state, first = shown(KID, "a", 10, NOON)
    again, second = shown(state, "a", 10, NOON + 5)
    assert (20, 20, state) == (first.remaining["items"], second.remaining["items"], again)
    with pytest.raises(Conflict, match="another list"):
        shown(state, "a", 11, NOON)


def test_too_many__are_denied_and_count_nothing():
    """More than what is left of the sitting: denied, with what is left and when it may be."""
    state, _ = shown(KID, "a", 25, NOON)
    after, decision = shown(state, "b", 6, NOON + 60)
    assert (False, "items.exhausted", 5, state) == (
        decision.allowed,
        decision.reason.code,
        decision.remaining["items"],
        after,
    )
    assert decision.again == NOON + 600


def test_gap__begins_a_new_sitting_and_the_day_goes_on():
    """Ten minutes without a list or use: thirty more, but no more than the day's fifty."""
    state, _ = shown(KID, "a", 30, NOON)
    assert not decide(POLICY, state, ListQuestion(), NOON + 599).allowed
    decision = decide(POLICY, state, ListQuestion(), NOON + 600)
    assert (decision.allowed, decision.remaining["items"]) == (True, 20)


def test_use__keeps_a_sitting_going():
    """While a session beats, the sitting and its lists go on, however long ago the list was."""
    state = reduce(POLICY, KID, SessionOpened("kid~12345678", "tablet"), NOON).state
    state, _ = shown(state, "a", 30, NOON)
    for beat in range(1, 40):
        state = reduce(POLICY, state, HeartbeatReceived("kid~12345678", beat), NOON + 30 * beat).state
    denied = decide(POLICY, state, ListQuestion(), NOON + 1190)
    assert (denied.allowed, denied.reason.code) == (False, "items.exhausted")
    state = reduce(POLICY, state, SessionEnded("kid~12345678"), NOON + 1200).state
    assert decide(POLICY, state, ListQuestion(), NOON + 1800).allowed


def test_list_after_use__goes_on_where_the_sitting_ends():
    """Use ended at 0:30, its sitting is over at 10:30; a list at 9:00 is a run of its own until 19:00, and said so."""
    state = reduce(POLICY, KID, SessionOpened("kid~12345678", "tablet"), NOON).state
    state = reduce(POLICY, state, SessionEnded("kid~12345678"), NOON + 30).state
    state, _ = shown(state, "a", 30, NOON + 540)
    denied = decide(POLICY, state, ListQuestion(), NOON + 541)
    assert (denied.allowed, denied.again) == (False, NOON + 540 + 600)
    assert not decide(POLICY, state, ListQuestion(), NOON + 540 + 599).allowed
    assert decide(POLICY, state, ListQuestion(), denied.again).allowed


def test_birthday__changes_what_ends_a_sitting():
    """Two hours end a sitting at eleven, and ten minutes from twelve on: what is full at 23:50 is free at midnight."""
    rules = "{time: {sitting: {resets_after: %s}}, recommendations: {items_per_sitting: 30}}"
    growing = compile_policy(
        "policy: lists\ntimezone: Asia/Shanghai\nhold_birthday: false\n"
        f"bands:\n  0-12: {rules % '2h'}\n  12-18: {rules % '10m'}\n"
    )
    midnight = NOON + 12 * 3600
    born = datetime.fromtimestamp(midnight + 8 * 3600, UTC).date()
    kid = new_state(Profile("kid", "lists", born=born.replace(year=born.year - 12)))
    kid = reduce(growing, kid, ItemsRecommended("a", 30), midnight - 900).state
    assert decide(growing, kid, ListQuestion(), midnight - 600).again == midnight


def test_day__begins_anew_at_local_midnight():
    """Fifty today; the next day fifty more, when the curfew is over."""
    state, _ = shown(KID, "a", 30, NOON)
    state, _ = shown(state, "b", 20, NOON + 3600)
    denied = decide(POLICY, state, ListQuestion(), NOON + 7200)
    assert denied.again == NOON + 18 * 3600
    assert decide(POLICY, state, ListQuestion(), denied.again).allowed


def test_time__rules_lists_too():
    """In the curfew no list is made, whatever is left."""
    decision = decide(POLICY, KID, ListQuestion(), NOON + 11 * 3600)
    assert (decision.allowed, decision.reason.code) == (False, "curfew.closed")


def test_many_lists__fold_without_a_loss():
    """Beyond so many ids the oldest become sums; what a sitting and a day count stays the same."""
    state, now = KID, NOON
    for number in range(49):
        now += 20
        if number == 29:
            now += 600
        state, decision = shown(state, f"list-{number}", 1, now)
        assert decision.allowed
    assert sum(one.amount for one in state.items) == 49
    assert len([one for one in state.items if one.id]) <= MAX_LISTS + 1
    assert decide(POLICY, state, ListQuestion(), now).remaining["items"] == 1


def test_without_a_limit__nothing_is_remembered():
    """A policy that limits no items keeps no list in memory."""
    free = compile_policy("policy: free\ntimezone: Asia/Shanghai\nbands:\n  0-18:\n    time: {quota: {daily: 3h}}\n")
    outcome = reduce(free, KID, ItemsRecommended("a", 9), NOON)
    assert (outcome.decision.allowed, outcome.state.items) == (True, ())


def test_wrong_facts__are_refused():
    """No items, and no id."""
    with pytest.raises(InvalidInput, match="1 or more"):
        shown(KID, "a", 0, NOON)
    with pytest.raises(InvalidInput, match="an id of its own"):
        shown(KID, "", 1, NOON)


def test_birthday_in_mid_use__ends_what_is_allowed_where_more_is_of_the_sitting_then():
    """From midnight on two hours end a sitting, and no longer ten minutes: use that goes on joins the use before."""
    policy = compile_policy(
        "policy: lists\ntimezone: Asia/Shanghai\nhold_birthday: false\nbands:\n"
        "  0-12: {time: {sitting: {resets_after: 10m}}, recommendations: {items_per_sitting: 10}}\n"
        "  12-18: {time: {sitting: {resets_after: 2h}}, recommendations: {items_per_sitting: 10}}\n"
    )
    midnight = NOON + 12 * 3600
    born = datetime.fromtimestamp(midnight, UTC).date().replace(year=2014)
    state = new_state(Profile("kid", "lists", born=born + timedelta(days=1)))
    for number, start in enumerate((midnight - 3600, midnight - 1800)):
        session = f"kid~1234567{number}"
        state = reduce(policy, state, SessionOpened(session, "tablet"), start).state
        if number == 0:
            state = reduce(policy, state, ItemsRecommended("a", 8), start + 30).state
            state = reduce(policy, state, SessionEnded(session), start + 50).state
    asked = midnight - 1790
    assert decide(policy, state, ListQuestion(2), asked).until is None
    assert decide(policy, state, ListQuestion(3), asked).until == midnight
