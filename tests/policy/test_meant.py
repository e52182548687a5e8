"""What somebody probably meant: the message says it, and what it says is then taken."""

import pytest

from minorguard.policy import check_policy

HEAD = "policy: p\ntimezone: Asia/Shanghai\nbands:\n  0-18:\n    time:\n"


def message(line):
    """The first finding of a document with one line of time rules."""
    return str(check_policy(f"{HEAD}      {line}\n", "p.yaml")[1][0])


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("quota: {daily: 30min}", "`30m`"),
        ("quota: {daily: 2 hours}", "`2h`"),
        ("quota: {daily: 1小时30分钟}", "`1h30m`"),
        ("quota: {daily: 2400}", "`2400s` for seconds"),
        ("curfew: [8pm-6am]", "`20:00`"),
        ("curfew: [8:00-20:00]", "`08:00`"),
        ("curfew: [22:00–06:00]", "`22:00-06:00`"),
        ("curfew: [22：00至06：00]", "`22:00-06:00`"),
        ("curfew: 22:00-06:00", "`[22:00-06:00]`"),
        ("warn_before: [10m，5m]", "write `,` for `，`"),
        ("quota：{daily: 30m}", "write `:` for `：`"),
        ("quota: ｛daily: 30m｝", "write `{` for `｛`"),
        ("quota:{daily: 30m}", "`quota:` and a space"),
        ("quota {daily: 30m}", "`quota:` and a space"),
        ("quota: {daily: 40s}", "`40m` if minutes are meant"),
        ("curfew: [06:00-22:00]", "exchange them"),
        ("quota: {daily: {weekdays: 30m, otherwise: 1h}}", "`school_day`"),
        ("quota: {daily: {周末: 30m, otherwise: 1h}}", "`weekend`"),
        ("sitting: 30m", "known here: `remind_after`"),
    ],
)
def test_a_beginners_mistake_is_answered_with_what_was_meant(written, meant):
    """Units in words, hours as `8pm`, Chinese marks, missing brackets and colons, spans the wrong way round."""
    assert meant in message(written)


def test_the_parsers_own_words_are_not_shown():
    """A wrong indent is told in words that somebody understands who never wrote a parser."""
    told = message("quota: {daily: 30m}\n     curfew: [22:00-06:00]")
    assert "indent" in told
    assert "block" not in told


def test_text_may_have_full_width_marks():
    """A title in Chinese is no mistake, and is not spoken of."""
    text = f"title: {{zh: 短视频：少儿，版}}\n{HEAD}      quota: {{dayly: 30m}}\n"
    assert "：" not in str(check_policy(text, "p.yaml")[1][0])


@pytest.mark.parametrize("name", ["Beijing", "UTC+8", "北京时间"])
def test_the_zone_of_china_is_known_by_its_other_names(name):
    """People say Beijing; the zone's name is another."""
    findings = check_policy(
        f"policy: p\ntimezone: {name}\nbands:\n  0-18:\n    time: {{quota: {{daily: 1h}}}}\n", "p.yaml"
    )[1]
    assert findings[0].suggestion == "Asia/Shanghai"
