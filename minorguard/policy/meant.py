"""What somebody probably meant who wrote a value in another way: full-width marks, words for units, hours as `8pm`."""

from __future__ import annotations

import re
from unicodedata import normalize

_MARKS = str.maketrans("“”„‘’、。–—―−～〜", '"""\'\',.------')
_UNITS = {
    "h": ("h", "hr", "hrs", "hour", "hours", "时", "小时"),
    "m": ("m", "min", "mins", "minute", "minutes", "分", "分钟"),
    "s": ("s", "sec", "secs", "second", "seconds", "秒", "秒钟"),
}
_DAYS = {
    "school_day": ("weekday", "weekdays", "workday", "workdays", "工作日", "上学日", "平日"),
    "weekend": ("周末", "双休日"),
    "holiday": ("节假日", "节日", "假日", "假期"),
    "makeup_workday": ("调休", "调休日", "补班", "调休上班日"),
    **{
        day: (f"周{zh}", f"星期{zh}")
        for day, zh in zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "一二三四五六日", strict=True)
    },
}
_DAY = {word: day for day, words in _DAYS.items() for word in words}
_CHINA = (
    "beijing",
    "asia/beijing",
    "shanghai",
    "china",
    "utc+8",
    "utc+08:00",
    "gmt+8",
    "+08:00",
    "北京",
    "北京时间",
    "上海",
)
_UNIT = {word: unit for unit, words in _UNITS.items() for word in words}
_AMOUNT = re.compile(r"(\d{1,8})\s*([a-z]+|[时小分钟秒]+)\s*", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2})(?::?(\d{2}))?\s*(am|pm)?", re.ASCII)
_BETWEEN = re.compile(r"\s*(?:-|~|至|到|\bto\b)\s*")


def plain(text: str) -> str:
    """The text with the marks, letters and digits of an ASCII keyboard where it has their full-width forms.

    >>> plain("22：00－06：00")
    '22:00-06:00'
    """
    return normalize("NFKC", text.translate(_MARKS))


def wide_mark(text: str) -> str | None:
    """The first mark of a text that stands where an ASCII keyboard has another one.

    >>> wide_mark("quota：40m"), wide_mark("短视频")
    ('：', None)
    """
    return next((mark for mark in text if not mark.isalpha() and not mark.isascii() and plain(mark).isascii()), None)


def duration_meant(text: str) -> str | None:
    """A duration as documents write it.

    >>> duration_meant("30 min"), duration_meant("1小时30分钟"), duration_meant("1h30"), duration_meant("soon")
    ('30m', '1h30m', None, None)
    """
    text, parts, at = plain(text).lower().strip(), [], 0
    while match := _AMOUNT.match(text, at):
        parts.append((match[1], _UNIT.get(match[2], "")))
        at = match.end()
    units = [unit for _, unit in parts]
    known = at == len(text) and units and "" not in units
    return "".join(number + unit for number, unit in parts) if known and units == sorted(set(units)) else None


def clock_meant(text: str) -> str | None:
    """A time of day as documents write it.

    >>> clock_meant("8pm"), clock_meant("8:00"), clock_meant("12am"), clock_meant("25:00"), clock_meant("8")
    ('20:00', '08:00', '00:00', None, None)
    """
    match = _CLOCK.fullmatch(plain(text).lower().strip(" \"'"))
    if match is None or not (match[2] or match[3]):
        return None
    hours, minutes = int(match[1]), int(match[2] or 0)
    if match[3]:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if match[3] == "pm" else 0)
    return f"{hours:02}:{minutes:02}" if hours <= 23 and minutes <= 59 else None


def span_meant(text: str) -> str | None:
    """A span as documents write it.

    >>> span_meant("22：00–06：00"), span_meant("8pm to 7am"), span_meant("at night")
    ('22:00-06:00', '20:00-07:00', None)
    """
    edges = _BETWEEN.split(plain(text).lower().strip(" \"'"))
    clocks = [clock_meant(edge) or ("24:00" if edge == "24:00" else None) for edge in edges]
    return f"{clocks[0]}-{clocks[1]}" if len(clocks) == 2 and all(clocks) else None


def day_meant(text: str) -> str | None:
    """A day as documents write it.

    >>> day_meant("weekdays"), day_meant("周末"), day_meant("someday")
    ('school_day', 'weekend', None)
    """
    return _DAY.get(plain(text).lower().strip())


def zone_meant(text: str) -> str | None:
    """The zone of a name that people use for it.

    >>> zone_meant("Beijing"), zone_meant("UTC+8"), zone_meant("Mars")
    ('Asia/Shanghai', 'Asia/Shanghai', None)
    """
    return "Asia/Shanghai" if plain(text).lower().strip() in _CHINA else None
