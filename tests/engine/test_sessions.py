"""Sessions: leases paid ahead, beats that may come twice, late or never, warnings, grace, offline use."""

from __future__ import annotations

import pytest

from minorguard.errors import Conflict, InvalidInput, NotFound
from minorguard.model.decisions import Effect
from tests.build import Life, codes, local, policy

SLICE = 60


def test_a_lease_is_one_slice_and_never_passes_the_stop() -> None:
    """The lease ends with the slice, or with the quota where that comes first."""
    life = Life(policy("quota: {daily: 90s}"))
    opened = life.open("2026-11-24 16:00:00")
    assert opened.lease is not None
    assert (local(opened.lease.until), opened.lease.beat_after) == ("2026-11-24 16:01:00", 30)
    assert local(life.beat("2026-11-24 16:00:50").lease.until) == "2026-11-24 16:01:30"  # type: ignore[union-attr]


def test_a_crash_costs_at_most_one_slice() -> None:
    """Nothing came to give the lease back, so all of it was used; nothing after it was."""
    life = Life(policy("quota: {daily: 40m}"))
    life.open("2026-11-24 16:00:00")
    life.beat("2026-11-24 16:00:30")
    assert life.used("2026-11-24 18:00") == 30 + SLICE


def test_a_clean_stop_gives_the_rest_back() -> None:
    """Forty-five seconds are forty-five seconds."""
    life = Life(policy("quota: {daily: 40m}"))
    life.open("2026-11-24 16:00:00")
    assert life.end("2026-11-24 16:00:45").remaining["day_seconds"] == 2400 - 45
    assert life.used("2026-11-24 18:00") == 45


def test_duplicated_and_reordered_beats_change_nothing() -> None:
    """Only a higher seq counts: retries and stragglers leave the very same state."""
    life = Life(policy("quota: {daily: 40m}"))
    life.open("2026-11-24 16:00:00")
    life.beat("2026-11-24 16:00:30", seq=3)
    before = life.state
    for seq in (3, 2, 1, 3):
        assert life.beat("2026-11-24 16:00:40", seq=seq).allowed
    assert life.state is before


def test_opening_again_with_the_same_id_is_the_same_session() -> None:
    """A retried open takes no second lease; the id for another device is a conflict."""
    life = Life(policy("quota: {daily: 40m}"))
    life.open("2026-11-24 16:00:00")
    before = life.state
    assert life.open("2026-11-24 16:00:20").lease.until == before.sessions[0].end  # type: ignore[union-attr]
    assert life.state is before
    with pytest.raises(Conflict):
        life.open("2026-11-24 16:00:20", device="phone")


def test_two_devices_at_once_count_once() -> None:
    """The union of 16:00–16:20 and 16:10–16:30 is half an hour."""
    life = Life(policy("quota: {daily: 40m}"))
    life.play("2026-11-24 16:00", "2026-11-24 16:20", device="tablet")
    life.play("2026-11-24 16:10", "2026-11-24 16:30", device="phone")
    assert life.used("2026-11-24 16:30") == 1800


def test_devices_apart_have_a_quota_each_and_an_unknown_one_has_the_rest_of_all() -> None:
    """With `devices: each`, the tablet's time is not the phone's; who does not say gets what is left of both."""
    life = Life(policy("quota: {daily: 40m, devices: each}"))
    life.play("2026-11-24 16:00", "2026-11-24 16:30", device="tablet")
    life.play("2026-11-24 17:00", "2026-11-24 17:05", device="phone")
    assert life.open("2026-11-24 18:00", device="phone").remaining["day_seconds"] == 35 * 60
    assert life.ask("2026-11-24 18:00").remaining["day_seconds"] == 5 * 60


def test_a_beat_after_the_lapse_starts_a_new_interval() -> None:
    """The time between is not counted, and the session is the same."""
    life = Life(policy("quota: {daily: 40m}"))
    life.open("2026-11-24 16:00:00")
    assert life.beat("2026-11-24 16:10:00").allowed
    assert life.used("2026-11-24 16:10:30") == SLICE + 30


def test_a_change_of_activity_splits_the_interval() -> None:
    """Ten minutes of study and five of video are told apart to the second."""
    life = Life(policy("quota: {daily: 40m}", top="activities: {study: {exempt: [quota]}}"))
    life.open("2026-11-24 16:00:00", activity="study")
    life.beat("2026-11-24 16:00:40", activity="video")
    life.end("2026-11-24 16:01:00")
    assert life.ask("2026-11-24 17:00").remaining["day_seconds"] == 2400 - 20
    assert life.used("2026-11-24 17:00") == 60


def test_an_ended_session_stays_ended_even_for_a_late_beat() -> None:
    """A beat that was overtaken by the stop does not open the session again."""
    life = Life(policy("quota: {daily: 40m}"))
    life.open("2026-11-24 16:00:00")
    life.end("2026-11-24 16:00:45")
    late = life.beat("2026-11-24 16:00:46")
    assert (late.effect, codes(late)) == (Effect.DENY, ["session.ended"])
    assert life.used("2026-11-24 18:00") == 45


def test_a_stop_is_met_by_its_retry_however_long_ago_the_lease_lapsed() -> None:
    """An ended session is remembered for an hour from its end, not from the lapse of its lease; no time is added."""
    life = Life(policy("quota: {daily: 40m}"))
    life.open("2026-11-24 12:00:00")
    life.end("2026-11-24 16:00:00")
    assert life.end("2026-11-24 16:00:00").allowed
    assert life.end("2026-11-24 16:59:59").allowed
    with pytest.raises(NotFound):
        life.end("2026-11-24 17:00:00")
    assert life.used("2026-11-24 18:00") == SLICE


def test_an_unknown_session_is_not_found() -> None:
    """There is nothing to say about it."""
    with pytest.raises(NotFound):
        Life(policy()).beat("2026-11-24 16:00")


def test_a_denied_open_leaves_no_trace() -> None:
    """A denial uses no time and opens no session."""
    life = Life(policy('curfew: ["22:00-06:00"]'))
    before = life.state
    assert not life.open("2026-11-24 22:00").allowed
    assert life.state == before


def test_warnings_come_once_and_more_time_re_arms_them() -> None:
    """Ten minutes are told once; after a grant they are told once again."""
    rights = "guardian: {may_extend: {daily: 30m, per_day: 60m}}"
    life = Life(policy("quota: {daily: 40m}\nwarn_before: [10m, 5m]", top=rights))
    told = []

    def beat(when: str) -> None:
        told.append([note.data["threshold_seconds"] for note in life.beat(when).advice if note.code == "time.ending"])

    life.open("2026-11-24 16:00")
    for minute in range(1, 32):
        beat(f"2026-11-24 16:{minute:02}")
    assert [seconds for beats in told for seconds in beats] == [600]
    assert told[29] == [600]
    life.grant("2026-11-24 16:31", 600, "2026-11-24")
    told.clear()
    for minute in range(32, 46):
        beat(f"2026-11-24 16:{minute:02}")
    assert [seconds for beats in told for seconds in beats] == [600, 300]


def test_the_rest_reminder_comes_once_a_sitting() -> None:
    """After 30 minutes on end, once; after a pause, once more."""
    life = Life(policy("sitting: {remind_after: 30m, resets_after: 5m}"))
    life.open("2026-11-24 16:00")
    told = [
        minute
        for minute in range(1, 60)
        for note in life.beat(f"2026-11-24 16:{minute:02}").advice
        if note.code == "rest.reminder"
    ]
    assert told == [30]
    life.beat("2026-11-24 17:30")
    again = [
        minute
        for minute in range(1, 40)
        for note in life.beat(f"2026-11-24 18:{minute:02}").advice
        if note.code == "rest.reminder"
    ]
    assert len(again) == 1


def test_grace_is_to_save_and_finish_and_ends_on_the_second() -> None:
    """At the stop a product's rule leaves 60 seconds, marked `limited`; then it denies."""
    life = Life(policy("quota: {daily: 1m}\ngrace: 60s"))
    life.open("2026-11-24 16:00:00")
    grace = life.beat("2026-11-24 16:01:00")
    assert (grace.effect, codes(grace), local(grace.until)) == (
        Effect.LIMITED,
        ["quota.exhausted"],
        "2026-11-24 16:02:00",
    )
    assert [note.code for note in grace.obligations] == ["finish"]
    assert local(life.beat("2026-11-24 16:01:30").until) == "2026-11-24 16:02:00"
    assert life.beat("2026-11-24 16:02:00").effect == "deny"
    assert not life.ask("2026-11-24 16:01:30").allowed


def test_grace_is_refused_by_rules_of_law_strength() -> None:
    """Games end at 21:00 by law: no minute more, whatever the product grants."""
    game = (
        "policy: game\nextends: [cn-game-2021]\ntimezone: Asia/Shanghai\ncalendar: CN\ndefault_activity: game\n"
        'bands: {"0-18": {time: {grace: 60s}}}\n'
    )
    from minorguard.policy import compile_policy

    life = Life(compile_policy(game))
    life.open("2026-11-27 20:59:00")
    assert life.beat("2026-11-27 21:00:00").effect == "deny"


def test_offline_use_counts_from_the_last_contact_on() -> None:
    """A late report merges by union; what the server saw itself is not rewritten."""
    life = Life(policy("quota: {daily: 40m}"))
    life.play("2026-11-24 16:00", "2026-11-24 16:05", device="tablet")
    spans = (("2026-11-24 15:00", "2026-11-24 16:10"), ("2026-11-24 16:08", "2026-11-24 16:20"))
    life.offline("2026-11-24 18:00", "tablet", *spans)
    assert life.used("2026-11-24 18:00") == 1200
    life.offline("2026-11-24 18:30", "tablet", *spans)
    assert life.used("2026-11-24 18:30") == 1200
    with pytest.raises(InvalidInput):
        life.offline("2026-11-24 18:30", "tablet", ("2026-11-24 18:00", "2026-11-24 17:00"))


def test_a_grant_raises_one_day_up_to_the_cap_and_its_id_counts_once() -> None:
    """Two grants of 30 minutes and a replay make 60, the most that the policy allows; tomorrow is as ever."""
    rights = "guardian: {may_extend: {daily: 30m, per_day: 60m}}"
    life = Life(policy("quota: {daily: 40m}", top=rights))
    for id in ("a", "b", "a", "c"):
        life.grant("2026-11-24 12:00", 1800, "2026-11-24", id)
    assert life.ask("2026-11-24 12:00").remaining["day_seconds"] == 100 * 60
    assert life.ask("2026-11-25 12:00").remaining["day_seconds"] == 40 * 60


def test_a_grant_for_an_activity_raises_the_total_for_it_alone() -> None:
    """Extra game time has its effect under an exhausted total, and video gets none of it."""
    from minorguard.model.questions import TimeQuestion

    rights = "guardian: {may_extend: {daily: 30m, per_day: 60m}}"
    life = Life(policy("quota: {daily: 40m, per_activity: {game: {daily: 30m}}}", top=rights))
    life.play("2026-11-24 16:00", "2026-11-24 16:30", activity="game")
    life.play("2026-11-24 16:30", "2026-11-24 16:40", activity="video")
    life.grant("2026-11-24 16:40", 600, "2026-11-24", activity="game")
    assert life.ask("2026-11-24 16:40", TimeQuestion("game")).remaining["day_seconds"] == 600
    assert not life.ask("2026-11-24 16:40", TimeQuestion("video")).allowed


def test_a_clock_that_goes_back_unsays_nothing() -> None:
    """An hour back after half an hour of use: neither a beat nor a stop takes back more than the last slice."""
    for event in ("beat", "end"):
        life = Life(policy("quota: {daily: 2h}"))
        life.open("2026-11-24 16:00")
        for minute in range(1, 31):
            life.beat(f"2026-11-24 16:{minute:02}")
        getattr(life, event)("2026-11-24 15:30")
        assert life.used("2026-11-24 20:00") == 1800 + (SLICE if event == "beat" else 0)


def test_a_shorter_slice_in_mid_session_charges_nothing_more() -> None:
    """A lease of ten minutes is given back whole where the policy has come to pay one minute ahead."""
    for event, used in (("beat", 120), ("end", 60)):
        life = Life(policy("quota: {daily: 2h}", top="slice: 10m"))
        life.open("2026-11-24 16:00")
        life.policy = policy("quota: {daily: 2h}", top="slice: 60s")
        getattr(life, event)("2026-11-24 16:01")
        assert life.used("2026-11-24 20:00") == used


def test_an_end_is_a_contact_in_its_own_second_too() -> None:
    """A stop is rounded up to the second that is ending: a report in that second reaches no further back than it."""
    life = Life(policy("quota: {daily: 40m}"))
    life.open("2026-11-24 16:00:00")
    life.end("2026-11-24 16:00:21")
    life.offline("2026-11-24 16:00:20", "tablet", ("2026-11-24 15:00:00", "2026-11-24 15:30:00"))
    assert life.used("2026-11-24 17:00:00") == 21


def test_offline_use_is_taken_also_when_the_last_contact_lies_ahead() -> None:
    """A clock that was an hour fast does not swallow what came after."""
    life = Life(policy("quota: {daily: 2h}"))
    life.play("2026-11-24 17:00", "2026-11-24 17:01")
    life.offline("2026-11-24 16:30", "tablet", ("2026-11-24 16:00", "2026-11-24 16:25"))
    assert life.used("2026-11-24 16:30") == 1500


def test_invented_names_do_not_make_memory_grow_without_a_bound() -> None:
    """The 129th device in three days is refused with what to do; sessions beyond 64 are forgotten early."""
    life = Life(policy("quota: {daily: 24h}"))
    for number in range(128):
        at = f"2026-11-24 {8 + number // 60:02}:{number % 60:02}"
        life.open(at, device=f"d{number}", session=f"s{number}")
        life.end(at, session=f"s{number}")
        life.offline(at.replace("-24", "-25"), f"d{number}", (at, f"{at}:10"))
    assert len(life.state.sessions) <= 65
    with pytest.raises(Conflict):
        life.open("2026-11-25 20:00", device="one-more")
