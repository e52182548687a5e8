"""Features: allowed, denied, or so many uses; by layer, by prefix, by period."""

from __future__ import annotations

from datetime import date
from typing import Any
from unittest.mock import patch

import pytest

from minorguard.engine import features, standing
from minorguard.errors import Conflict, InvalidInput
from minorguard.model.questions import FeatureQuestion
from minorguard.policy import compile_policy
from tests.build import Life, child, codes, local, policy

FEATURES = (
    "{default: deny, allow: [search], deny: [gift.send], limit: {comment: 2/day, like: 3/hour, share: 2/sitting}}"
)


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        ("search", "feature.allowed"),
        ("search.image", "feature.allowed"),
        ("gift.send", "feature.denied"),
        ("teleport", "feature.denied"),
    ],
)
def test_features_by_name_prefix_and_default(feature: str, expected: str) -> None:
    """An exact name or its prefix speaks; what the policy does not name is what its default says."""
    assert codes(Life(policy(features=FEATURES)).ask("2026-11-24 16:00", FeatureQuestion(feature))) == [expected]


def test_where_no_layer_speaks_a_feature_is_denied() -> None:
    """A policy of presets alone says nothing of search, so search is off."""
    bare = compile_policy("policy: test\nextends: [cn-minor-mode-2024]\ntimezone: Asia/Shanghai\n")
    assert codes(Life(bare).ask("2026-11-24 16:00", FeatureQuestion("search"))) == ["feature.unknown"]


def test_the_law_denies_what_a_product_allows() -> None:
    """A product that allows tipping under the live-streaming rules still denies it, and names the law."""
    text = (
        "policy: test\nextends: [cn-live-2022]\ntimezone: Asia/Shanghai\n"
        'bands: {"0-18": {features: {default: allow, allow: [gift.send]}}}\n'
    )
    decision = Life(compile_policy(text)).ask("2026-11-24 16:00", FeatureQuestion("gift.send"))
    assert (codes(decision), decision.reason.origin and decision.reason.origin.layer) == (["feature.denied"], "law")
    assert decision.reason.to_dict()["changeable_by"] == []


def test_a_limited_feature_counts_and_returns_with_the_day() -> None:
    """Two comments a day; the third is denied until local midnight and consumes nothing."""
    life = Life(policy(features=FEATURES))
    assert [life.use("2026-11-24 16:00", "comment").remaining["uses"] for _ in range(2)] == [1, 0]
    before = life.state
    denied = life.use("2026-11-24 16:01", "comment")
    assert (codes(denied), local(denied.again)) == (["feature.exhausted"], "2026-11-25 00:00:00")
    assert life.state is before
    assert life.use("2026-11-25 00:00", "comment").allowed


def test_the_same_use_counts_once_and_answers_the_same() -> None:
    """A retry with the same id is the same use, also when nothing is left by then."""
    life = Life(policy(features=FEATURES))
    first = life.use("2026-11-24 16:00", "comment", "a")
    life.use("2026-11-24 16:01", "comment", "b")
    again = life.use("2026-11-24 16:02", "comment", "a")
    assert (again.effect, again.remaining.get("uses")) == (first.effect, first.remaining["uses"])
    with pytest.raises(Conflict):
        life.use("2026-11-24 16:02", "like", "a")


def test_hours_are_hours_of_the_wall_clock() -> None:
    """Three likes an hour: at 17:00 the count is fresh."""
    life = Life(policy(features=FEATURES))
    for _ in range(3):
        assert life.use("2026-11-24 16:59", "like").allowed
    assert local(life.use("2026-11-24 16:59:30", "like").again) == "2026-11-24 17:00:00"
    assert life.use("2026-11-24 17:00", "like").allowed


def test_uses_of_a_sitting_return_when_it_is_over() -> None:
    """Two shares a sitting; five minutes after the last use of the app the next ones are free."""
    life = Life(policy(features=FEATURES))
    life.open("2026-11-24 16:00:00")
    for _ in range(2):
        assert life.use("2026-11-24 16:00:10", "share").allowed
    denied = life.use("2026-11-24 16:00:20", "share")
    assert local(denied.again) == "2026-11-24 16:06:00"
    assert life.use("2026-11-24 16:06:00", "share").allowed


def test_an_amount_is_taken_whole_or_not_at_all() -> None:
    """Three at once do not fit into two, and two still do."""
    life = Life(policy(features=FEATURES))
    assert not life.use("2026-11-24 16:00", "comment", amount=3).allowed
    assert life.use("2026-11-24 16:00", "comment", amount=2).allowed
    with pytest.raises(InvalidInput):
        life.use("2026-11-24 16:00", "comment", amount=0)


@pytest.mark.parametrize("period", ["hour", "day", "week"])
def test_more_than_a_limit_ever_allows_is_not_looked_for_in_each_period(period: str) -> None:
    """Five at once of three a period are never allowed, and that is seen without going through 400 days of them."""
    life = Life(policy("quota: {daily: 2h}", features=f"{{limit: {{like: 3/{period}}}}}"))
    with patch.object(features, "uses", wraps=features.uses) as counted:
        denied = life.ask("2026-11-24 16:00", FeatureQuestion("like", 5))
    assert (codes(denied), denied.again) == (["feature.exhausted"], None)
    assert counted.call_count < 5


def test_a_feature_is_denied_while_time_is() -> None:
    """In the curfew nothing is searched, and the answer says when it may be again."""
    life = Life(policy('curfew: ["22:00-06:00"]', features=FEATURES))
    denied = life.ask("2026-11-24 23:00", FeatureQuestion("search"))
    assert (codes(denied), local(denied.again)) == (["curfew.closed"], "2026-11-25 06:00:00")
    assert local(life.ask("2026-11-24 21:00", FeatureQuestion("search")).until) == "2026-11-24 22:00:00"


def test_a_feature_asked_under_a_session_needs_its_lease() -> None:
    """Blocked heartbeats end features too: sixty seconds after the last beat, search is off."""
    life = Life(policy(features=FEATURES))
    life.open("2026-11-24 16:00:00")
    question = FeatureQuestion("search", session="kid~s-------")
    assert life.ask("2026-11-24 16:00:59", question).allowed
    assert codes(life.ask("2026-11-24 16:01:00", question)) == ["lease.lapsed"]


def test_a_policy_may_ask_for_a_lease_for_every_feature() -> None:
    """With `features_need_lease`, nobody uses a feature outside a sitting, by whichever door."""
    life = Life(policy(features=FEATURES, top="features_need_lease: true"))
    assert codes(life.ask("2026-11-24 16:00:00", FeatureQuestion("search"))) == ["lease.missing"]
    life.open("2026-11-24 16:00:00")
    assert life.ask("2026-11-24 16:00:30", FeatureQuestion("search")).allowed
    assert codes(life.ask("2026-11-24 16:01:00", FeatureQuestion("search"))) == ["lease.missing"]


ASKING = "{default: deny, allow: [search], ask: [message, gift], deny: [gift.send], limit: {comment: 2/day}}"


def test_what_needs_an_approval_is_denied_until_there_is_one() -> None:
    """`ask` denies, says that a guardian may lift it and how, and advises to ask; names below it are meant too."""
    for feature in ("message", "message.photo"):
        denied = Life(policy(features=ASKING)).ask("2026-11-24 16:00", FeatureQuestion(feature))
        assert (denied.effect, denied.allowed, codes(denied), denied.again) == ("deny", False, ["feature.ask"], None)
        reason = denied.reason.to_dict()
        assert reason["lift"] == {"change": "approve", "feature": feature}
        assert reason["changeable_by"] == ["product", "guardian"]
        assert reason["text"]["en"] == f"`{feature}` needs a guardian's approval."
        assert [(note.code, note.data) for note in denied.advice] == [("ask_guardian", {"feature": feature})]


def test_a_denial_beats_what_could_be_approved() -> None:
    """Where another rule denies for good, no approval helps, and nobody is sent to ask for one."""
    life = Life(policy(features=ASKING))
    assert codes(life.ask("2026-11-24 16:00", FeatureQuestion("gift.send"))) == ["feature.denied"]
    law = compile_policy(
        "policy: test\nextends: [cn-live-2022]\ntimezone: Asia/Shanghai\n"
        'bands: {"0-18": {features: {default: allow, ask: [gift.send]}}}\n'
    )
    denied = Life(law).ask("2026-11-24 16:00", FeatureQuestion("gift.send"))
    assert (codes(denied), denied.reason.to_dict()["changeable_by"], denied.advice) == (["feature.denied"], [], ())


def test_an_approval_does_not_open_the_night() -> None:
    """In the curfew both are said, and the time of the next try counts on no approval."""
    life = Life(policy('curfew: ["22:00-06:00"]', features=ASKING))
    denied = life.ask("2026-11-24 23:00", FeatureQuestion("message"))
    assert (codes(denied), denied.again) == (["curfew.closed", "feature.ask"], None)


def test_what_waits_for_an_approval_counts_no_use() -> None:
    """Nothing is remembered of a use that was denied so."""
    life = Life(policy(features=ASKING))
    before = life.state
    assert codes(life.use("2026-11-24 16:00", "message")) == ["feature.ask"]
    assert life.state is before


def test_observe_asks_nobody() -> None:
    """Under `observe` it passes: what it would have been is told, and no guardian is bothered."""
    passed = Life(policy(features=ASKING, top="enforcement: observe")).ask(
        "2026-11-24 16:00", FeatureQuestion("message")
    )
    assert (passed.effect, passed.observed_effect, codes(passed)) == ("allow", "deny", ["feature.ask"])
    assert passed.advice == ()


def test_a_use_from_before_the_question_stays_allowed() -> None:
    """A use that was counted is the same when it is retried under rules that now ask."""
    life = Life(policy(features="{limit: {message: 2/day}}"))
    life.use("2026-11-24 16:00", "message", "a")
    life.policy = policy(features=ASKING)
    again = life.use("2026-11-24 16:01", "message", "a")
    assert (again.effect, codes(again), again.advice) == ("allow", ["feature.allowed"], ())


def test_a_token_tells_an_edge_what_is_asked() -> None:
    """The verdicts of a token: allow, ask, deny, limited; and of two bands the strictest, in that order."""
    life = Life(policy(features=ASKING))
    told = standing(life.policy, life.state.profile, life.at("2026-11-24 16:00")).features
    assert told == {
        "*": "deny",
        "search": "allow",
        "message": "ask",
        "gift": "ask",
        "gift.send": "deny",
        "comment": "limited",
    }
    two = compile_policy(
        "policy: test\ntimezone: Asia/Shanghai\nbands:\n"
        '  "0-12": {features: {default: allow, ask: [a, b, c]}}\n'
        '  "12-18": {features: {default: allow, deny: [a], limit: {b: 1/day}}}\n'
    )
    both = standing(two, child(band=None).profile, life.at("2026-11-24 16:00")).features
    assert both == {"*": "allow", "a": "deny", "b": "ask", "c": "ask"}


SILENT = """
policy: test
timezone: Asia/Shanghai
bands:
  "0-12": {time: {quota: {daily: 60m}}}
  "12-18": {time: {quota: {daily: 60m}}, features: {allow: [search]}}
"""


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ({"born": date(2018, 1, 1)}, "feature.unknown"),
        ({"born": date(2012, 1, 1)}, "feature.allowed"),
        ({"band": None}, "feature.unknown"),
        ({"band": "10-14"}, "feature.unknown"),
        ({"born": date(2014, 11, 24)}, "feature.unknown"),
    ],
    ids=["a child of a silent band", "of the other", "of unknown age", "of both bands", "on the birthday between"],
)
def test_where_several_bands_hold_each_of_them_must_speak(who: dict[str, Any], expected: str) -> None:
    """A band that says nothing of features denies them, also beside a band that allows."""
    life = Life(compile_policy(SILENT), child(**who))
    assert codes(life.ask("2026-11-24 16:00", FeatureQuestion("search"))) == [expected]
    told = standing(life.policy, life.state.profile, life.at("2026-11-24 16:00")).features
    assert (told.get("search", told["*"]) == "allow") == (expected == "feature.allowed")


def test_a_use_by_a_clock_that_is_ahead_counts() -> None:
    """Two processes, five seconds apart: the second comment of one a day is denied whoever asks."""
    life = Life(policy(features="{default: deny, limit: {comment: 1/day}}"))
    assert life.use("2026-11-24 16:00:05", "comment").allowed
    assert not life.use("2026-11-24 16:00:00", "comment").allowed


def test_what_a_preset_calls_a_sitting_does_not_shorten_the_products() -> None:
    """One share a sitting, which an hour ends: five minutes are not enough, also with the guide beneath."""
    for extends in ("", "extends: [cn-minor-mode-2024]"):
        life = Life(policy("sitting: {resets_after: 1h}", top=extends, features="{limit: {share: 1/sitting}}"))
        life.open("2026-11-24 16:00:00")
        assert life.use("2026-11-24 16:00:10", "share").allowed
        life.end("2026-11-24 16:00:30")
        life.open("2026-11-24 16:06:00", session="t")
        assert not life.use("2026-11-24 16:06:10", "share").allowed


def test_uses_of_a_sitting_long_past_do_not_come_back() -> None:
    """Four days later the share is free, before and after the old days were folded."""
    life = Life(policy(features="{limit: {share: 1/sitting}}"))
    life.open("2026-11-20 16:00:00")
    life.use("2026-11-20 16:00:10", "share")
    life.end("2026-11-20 16:00:30")
    assert life.ask("2026-11-24 16:00", FeatureQuestion("share")).allowed
    life.offline("2026-11-24 16:00", "tablet")
    assert life.state.days
    assert life.ask("2026-11-24 16:00", FeatureQuestion("share")).allowed


def test_a_sitting_of_days_counts_every_use_in_it() -> None:
    """Use every five hours is one sitting where six end it: the share of its first hour still counts days later."""
    life = Life(policy("sitting: {resets_after: 6h}", features="{limit: {share: 2/sitting}}"))
    life.play("2026-11-20 10:00", "2026-11-20 10:10")
    assert life.use("2026-11-20 10:05", "share").remaining["uses"] == 1
    for hours in range(5, 100, 5):
        day, hour = divmod(10 + hours, 24)
        life.play(f"2026-11-{20 + day} {hour:02}:00", f"2026-11-{20 + day} {hour:02}:10")
    assert life.ask("2026-11-24 09:05", FeatureQuestion("share")).remaining["uses"] == 1


def test_a_sitting_is_there_from_its_first_second() -> None:
    """What was used since the last sitting no longer counts where a new one begins, from that very second on."""
    life = Life(policy(features="{limit: {share: 1/sitting}}"))
    assert life.use("2026-11-24 16:00:00", "share").allowed
    assert not life.ask("2026-11-24 16:10:00", FeatureQuestion("share")).allowed
    life.open("2026-11-24 16:10:00")
    assert life.ask("2026-11-24 16:10:00", FeatureQuestion("share")).allowed


@pytest.mark.parametrize("said", ["deny: [comment]", "ask: [comment]", "allow: [search]"])
def test_eighteen_is_when_no_rule_of_features_holds(said: str) -> None:
    """What is denied at seventeen is allowed from the eighteenth birthday on; what is allowed does not end there."""
    life = Life(policy(top="hold_birthday: false", features=f"{{{said}}}"), child(born=date(2009, 3, 1)))
    denied = life.ask("2026-11-24 16:00", FeatureQuestion("comment"))
    assert (denied.allowed, local(denied.again)) == (False, "2027-03-01 00:00:00")
    assert codes(life.ask("2027-03-01 00:00", FeatureQuestion("comment"))) == ["age.adult"]
    free = Life(policy(features="{default: allow}"), child(born=date(2009, 3, 1)))
    assert free.ask("2026-11-24 16:00", FeatureQuestion("comment")).until is None


def test_what_the_protocol_denies_is_denied_under_observe_too() -> None:
    """A session that has ended records nothing, so it may not seem to go on."""
    life = Life(policy(top="enforcement: observe"))
    life.open("2026-11-24 16:00")
    life.end("2026-11-24 16:00:30")
    assert life.beat("2026-11-24 16:00:40").effect == "deny"
    question = FeatureQuestion("search", session="kid~s-------")
    assert codes(life.ask("2026-11-24 16:00:40", question)) == ["lease.lapsed"]
    assert not life.ask("2026-11-24 16:00:40", question).allowed
