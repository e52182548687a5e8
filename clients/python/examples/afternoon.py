"""A child's afternoon and evening through the real service, on a test clock: a whole day in a few seconds.

Starts `minorguard serve` on a free port with a fresh database, drives two devices through it over HTTP, says what was
decided and why, holds every step against what it expects, and ends with 0 if all of it held.
"""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import date, datetime, timedelta, timezone

from demo_service import running_service
from demo_story import Story, expect

from minorguard_client import Decision, MinorGuardClient, SessionHandle

CHINA = timezone(timedelta(hours=8))
DAY = date(2026, 11, 24)  # a Tuesday, and a school day
MEI, CLOCK = "mei", "mei-clock"
BEAT = 30


def at(text: str, day: date = DAY) -> datetime:
    """A wall time in Shanghai."""
    return datetime.combine(day, datetime.strptime(text, "%H:%M:%S").time(), CHINA)  # noqa: DTZ007  # only its time


class Afternoon:
    """Mei, born on 2010-11-25, is fifteen until midnight. She has a tablet and a phone."""

    def __init__(self, client: MinorGuardClient, story: Story) -> None:
        self.client = client
        self.story = story
        self.now = at("15:59:00")
        self.devices: dict[str, str] = {}
        self.warned: list[tuple[str, int]] = []

    # Time, and the beats on the way

    def move(self, to: datetime) -> None:
        """Set the test clock."""
        self.now = self.client.advance_test_clock(CLOCK, to=to).now.astimezone(CHINA)

    def use_until(self, to: datetime, *handles: SessionHandle) -> None:
        """Go on to an instant, with a beat on each device every 30 seconds."""
        while self.now < to:
            self.move(min(to, self.now + timedelta(seconds=BEAT)))
            for handle in handles:
                self.beat(handle)

    def beat(self, handle: SessionHandle) -> Decision:
        """One beat; what it was told goes into the story."""
        decision = handle.beat()
        for note in decision.advice:
            if note.code == "time.ending":
                self.warned.append((self.device(handle), note.data["threshold_seconds"]))
            self.story.note(self.now, self.device(handle), note)
        return decision

    def device(self, handle: SessionHandle) -> str:
        """The device of a session."""
        return self.devices[handle.session_id or ""]

    def open(self, device: str, activity: str) -> SessionHandle:
        """Open a session that is expected to be allowed."""
        handle = self.client.start(MEI, device=device, activity=activity)
        expect(f"{device} may open", "allow", handle.decision.effect)
        self.devices[handle.session_id or ""] = device
        self.story.decision(self.now, device, f"opens, {activity}", handle.decision)
        return handle

    def used(self) -> int:
        """Seconds used today."""
        return self.client.usage(MEI).used_seconds

    def closed_until(self, retry_at: datetime, what: str) -> None:
        """Obey `retry_at`: the second before it is still denied, and it is allowed then."""
        self.move(retry_at - timedelta(seconds=1))
        expect(f"{what}: one second before `retry_at`", "deny", self.client.check_time(MEI).effect)
        self.move(retry_at)
        decision = self.client.check_time(MEI)
        self.story.decision(self.now, "", "`retry_at` has come", decision)
        expect(f"{what}: at `retry_at`", "allow", decision.effect)

    # The chapters

    def run(self) -> None:
        """The whole day."""
        self.begin()
        self.two_devices()
        self.a_break()
        self.features()
        self.the_quota()
        self.study_until_curfew()
        self.birthday()

    def begin(self) -> None:
        """Attach Mei to a test clock."""
        self.client.create_test_clock(CLOCK, self.now)
        mei = self.client.put_subject(MEI, policy="short-video", birth_date=date(2010, 11, 25), test_clock=CLOCK)
        expect("Mei lives by the clock", CLOCK, mei.test_clock)
        self.move(at("16:00:00"))
        decision = self.client.check_time(MEI)
        self.story.decision(self.now, "", "may she?", decision)
        expect("time left", {"day_seconds": 2400, "sitting_seconds": 1500}, _picked(decision, "day", "sitting"))
        expect("holds until", at("16:25:00"), decision.valid_until)

    def two_devices(self) -> None:
        """Tablet and phone overlap for five minutes, a beat is sent twice, and all of it counts once."""
        tablet = self.open("tablet", "video")
        expect("the lease is a minute", at("16:01:00"), tablet.session.lease_until)
        self.use_until(at("16:05:00"), tablet)
        self.retried_beat(tablet)
        self.use_until(at("16:10:00"), tablet)
        phone = self.open("phone", "video")
        self.use_until(at("16:15:00"), tablet, phone)
        tablet.end()
        self.story.line(self.now, "tablet", "ends; five minutes ran on both devices")
        expect("15 minutes and not 20", 900, self.used())
        self.use_until(at("16:24:30"), phone)
        self.phone = phone

    def retried_beat(self, tablet: SessionHandle) -> None:
        """The reply to a beat is lost, and the beat is sent again."""
        token = tablet.session.token or ""
        self.move(self.now + timedelta(seconds=BEAT))
        first = self.client.heartbeat(token, seq=tablet.seq + 1)
        used = self.used()
        again = self.client.heartbeat(token, seq=tablet.seq + 1)
        self.beat(tablet)  # counts on from the same seq: the same beat a third time
        self.story.line(self.now, "tablet", f"beat {first.seq} arrives three times, and counts once")
        expect("the same lease", first.lease_until, again.lease_until)
        expect("a beat is charged once", used, self.used())

    def a_break(self) -> None:
        """After 25 minutes on end the sitting stops, to the second; grace is for saving; then five minutes of break."""
        expect("the lease ends with the sitting", at("16:25:00"), self.phone.session.lease_until)
        self.use_until(at("16:25:00"), self.phone)
        self.story.decision(self.now, "phone", "25 minutes on end", self.phone.decision)
        expect("it may save and finish", "limited", self.phone.decision.effect)
        expect("because", "sitting.break", self.phone.decision.reason.code)
        expect("each device was warned once", [("phone", 600), ("phone", 300), ("phone", 60)], self.warned_on("phone"))
        self.move(at("16:25:20"))
        stopped = self.phone.end()
        self.story.decision(self.now, "phone", "saved and ended; again?", stopped)
        expect("the break is counted from the last use", at("16:30:20"), stopped.retry_at)
        self.closed_until(at("16:30:20"), "the break")
        expect("grace was counted", 1520, self.used())

    def warned_on(self, device: str) -> list[tuple[str, int]]:
        """What a device was warned of since this was asked last."""
        found = [warning for warning in self.warned if warning[0] == device]
        self.warned.clear()
        return found

    def features(self) -> None:
        """Comments are counted; gifts are against the law."""
        decision = self.client.use(MEI, "comment")
        self.story.decision(self.now, "tablet", "comments", decision)
        expect("comments left of 20", 19, decision.remaining["uses"])
        gift = self.client.check_feature(MEI, "gift.send")
        self.story.decision(self.now, "tablet", "sends a gift", gift)
        expect("gifts", ("deny", "law"), (gift.effect, gift.reason.layer))
        expect("nobody may change it", (), gift.reason.changeable_by)

    def the_quota(self) -> None:
        """What is left of the day's 40 minutes ends at 16:45:00."""
        tablet = self.open("tablet", "video")
        expect("14:40 are left", at("16:45:00"), tablet.decision.valid_until)
        self.use_until(at("16:45:00"), tablet)
        self.story.decision(self.now, "tablet", "40 minutes used", tablet.decision)
        expect("because", "quota.exhausted", tablet.decision.reason.code)
        expect("warned once each", [("tablet", s) for s in (600, 300, 60)], self.warned_on("tablet"))
        decision = tablet.end()
        self.story.decision(self.now, "tablet", "ended; again?", decision)
        expect("not before tomorrow's morning", at("06:00:00", DAY + timedelta(days=1)), decision.retry_at)
        expect("exactly the quota", 2400, self.used())

    def study_until_curfew(self) -> None:
        """Learning does not use up the day, but sleeps at night: 22:00:00, and a minute to finish."""
        self.move(at("21:40:00"))
        tablet = self.open("tablet", "study")
        expect("until the curfew", at("22:00:00"), tablet.decision.valid_until)
        self.use_until(at("22:00:00"), tablet)
        self.story.decision(self.now, "tablet", "curfew", tablet.decision)
        expect("at 22:00:00", ("limited", "curfew.closed"), (tablet.decision.effect, tablet.decision.reason.code))
        self.use_until(at("22:01:00"), tablet)
        self.story.decision(self.now, "tablet", "grace is over", tablet.decision)
        expect("at 22:01:00", "deny", tablet.decision.effect)
        expect("it must end", ["end_session"], [note.code for note in tablet.decision.obligations])
        tablet.end()
        self.story.timeline(self.client.timeline(MEI, DAY))
        expect("study came on top", 2400 + 21 * 60, self.used())

    def birthday(self) -> None:
        """At midnight Mei is sixteen. Through the birthday both bands hold, then the older one alone."""
        birthday, after = DAY + timedelta(days=1), DAY + timedelta(days=2)
        self.move(at("00:00:00", birthday))
        decision = self.client.check_time(MEI)
        self.story.decision(self.now, "", "sixteen, and still night", decision)
        rules = [reason.rule or "" for reason in decision.reasons if reason.document == "short-video"]
        bands = {rule.split("/")[2] for rule in rules}
        expect("both bands hold through the birthday", {"12-16", "16-18"}, bands)
        self.story.line(self.now, "", "hold_birthday: the rules of 12-16 and of 16-18 both hold until midnight")
        expect("open again", at("06:00:00", birthday), decision.retry_at)
        self.closed_until(at("06:00:00", birthday), "the birthday")
        expect("40 minutes once more", 2400, self.client.check_time(MEI).remaining["day_seconds"])
        windows = self.client.forecast(MEI, days=3).windows
        self.story.forecast(windows)
        expect("25 minutes on end today, 45 from tomorrow", [1500, 2700], [w.allowance_seconds for w in windows[:2]])
        self.move(at("06:00:00", after))
        decision = self.client.check_time(MEI)
        self.story.decision(self.now, "", "the day after", decision)
        expect("the band of 16", 3600, decision.remaining["day_seconds"])


def _picked(decision: Decision, *names: str) -> dict[str, int]:
    return {f"{name}_seconds": decision.remaining[f"{name}_seconds"] for name in names}


def main() -> int:
    """Run the story; 1 if an expectation failed."""
    story = Story()
    with running_service() as service, closing(MinorGuardClient(service.url, service.key)) as client:
        story.title(f"a day of Mei's, {DAY:%A %d %B %Y}, through {service.url}")
        return story.told(Afternoon(client, story).run)


if __name__ == "__main__":
    sys.exit(main())
