"""A year of use in a kilobyte or so: folding keeps every answer and little else."""

from __future__ import annotations

from datetime import date, timedelta

from minorguard.model.questions import TimeQuestion
from minorguard.storage.codec import encode
from tests.build import Life, policy

TIME = "quota: {daily: 2h, weekly: 8h, monthly: 20h, per_activity: {game: {weekly: 3h}}}"


def _day(life: Life, day: date) -> None:
    life.play(f"{day} 15:00", f"{day} 15:20", device="tablet", activity="video")
    life.play(f"{day} 15:10", f"{day} 15:30", device="phone", activity="game")


def test_folded_days_still_count_in_weeks_and_months() -> None:
    """Ten days of half an hour: the month knows all of them, the week its own, games only theirs."""
    life = Life(policy(TIME))
    first = date(2026, 11, 2)
    for number in range(10):
        _day(life, first + timedelta(days=number))
    assert len(life.state.days) == 7
    remaining = life.ask("2026-11-11 20:00", TimeQuestion("game")).remaining
    assert remaining["month_seconds"] == 20 * 3600 - 10 * 1800
    assert remaining["week_seconds"] == 3 * 3600 - 3 * 1200
    assert life.ask("2026-11-11 20:00", TimeQuestion("video")).remaining["week_seconds"] == 8 * 3600 - 3 * 1800


def test_memory_stays_small_for_ever() -> None:
    """After 400 days of use the state is no larger than after 60."""
    life = Life(policy(TIME.replace("20h", "100h").replace("8h", "40h"), top="slice: 10m"))
    first = date(2026, 1, 1)
    sizes = []
    for number in range(400):
        _day(life, first + timedelta(days=number))
        sizes.append(len(encode(life.state)))
    assert max(sizes[60:]) <= 1.1 * sizes[59]
    assert sizes[-1] < 4096


def test_totals_by_day_split_overlaps_exactly() -> None:
    """Of two devices at once, each union can still be had: video 20, game 20, together 30 minutes."""
    life = Life(policy(TIME))
    _day(life, date(2026, 11, 2))
    _day(life, date(2026, 11, 9))
    (folded,) = life.state.days
    atoms = {tuple(sorted(activity for _, activity in tracks)): seconds for tracks, seconds in folded.atoms}
    assert atoms == {("video",): 600, ("game", "video"): 600, ("game",): 600}


def test_a_session_may_be_taken_up_again_within_a_day_and_not_later() -> None:
    """A device that slept overnight goes on; after 24 hours a new session is opened."""
    import pytest

    from minorguard.errors import NotFound

    life = Life(policy("quota: {daily: 2h}"))
    life.open("2026-11-24 16:00")
    assert life.beat("2026-11-25 15:00").allowed
    with pytest.raises(NotFound):
        life.beat("2026-11-26 16:00")
