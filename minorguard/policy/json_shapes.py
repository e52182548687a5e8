"""How the fields of policies and presets are written as JSON Schema, by class of field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from minorguard.model.currencies import CURRENCIES
from minorguard.policy import fields as plain
from minorguard.policy import section_fields as section
from minorguard.policy.json_writer import Json, Shape, Writer, text
from minorguard.policy.money import MOST_MONEY
from minorguard.policy.preset_files import builtin_presets
from minorguard.policy.schema import MayExtend

CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
NAME = "[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"
ID = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?"
BAND = "(?:[0-9]|1[0-7])-(?:[1-9]|1[0-8])"
DATE = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_SPAN = rf"\s*{CLOCK}\s*-\s*(?:{CLOCK}|24:00)\s*"
_MONEY = r"[0-9]{1,12}(?:\.[0-9]{1,9})?|-0{1,12}(?:\.0{1,9})?"
_NO_MORE_THAN_1000 = "0*(?:[1-9][0-9]{0,2}|1000)"
_NO_MORE_THAN_1000_OR_NONE = "0*(?:[0-9]{1,3}|1000)"


def duration(least: int = 0) -> Json:
    """A duration; where `least` is above 0, not of nothing."""
    some = "(?=.*[1-9])" if least else "(?=[0-9])"
    how = "a duration in hours, minutes and seconds, such as `40m`, `1h30m` or `90s`"
    return text(f"{some}(?:[0-9]{{1,5}}h)?(?:[0-9]{{1,6}}m)?(?:[0-9]{{1,8}}s)?", how, ("40m", "1h30m", "90s"))


def words(choice: Iterable[str]) -> Json:
    """One of a few words."""
    return {"type": "string", "enum": list(choice)}


def whole(least: int, most: int) -> Json:
    """A whole number within bounds."""
    return {
        "description": f"a whole number from {least} to {most}",
        "type": "integer",
        "minimum": least,
        "maximum": most,
    }


def name() -> Json:
    """A name of an activity, feature, label or topic."""
    return text(NAME, "a name of letters, digits and `. _ : -`, such as `gift.send`")


def id() -> Json:
    """An id of a policy, preset or calendar."""
    return text(ID, "an id of letters, digits and `. _ -`, such as `short-video`")


def date() -> Json:
    """A date."""
    return text(DATE, "a date such as `2026-10-01`", ("2026-10-01",))


def band() -> Json:
    """An age band."""
    return text(BAND, "an age band such as `12-16`, in quotes: 12 up to, not including, 16", ("0-12", "12-16", "16-18"))


def money() -> Json:
    """An amount of money."""
    how = "an amount in whole units of the currency, such as `50` or `50.00`"
    return {
        "description": how,
        "anyOf": [{"type": "number", "minimum": 0, "maximum": MOST_MONEY}, text(_MONEY, how)],
        "examples": [50, "50.00", 0],
    }


def currency(writer: Writer) -> Json:
    """The code of a currency."""
    return writer.shared("currency", words(sorted(CURRENCIES)) | {"examples": ["CNY", "USD"]})


def span() -> Json:
    """A span of the day."""
    how = "two times of day such as `22:00-06:00`, in quotes; the first is inside, the second is not"
    return text(_SPAN, how, ("22:00-06:00",))


def one_of(*choices: Json, how: str = "") -> Json:
    """Exactly one of the choices, whose types differ."""
    return {**({"description": how} if how else {}), "oneOf": list(choices)}


def _clock(_field: plain.Clock, _writer: Writer) -> Json:
    return text(CLOCK, "a time of day such as `06:30` or `22:00`, in quotes", ("00:00", "04:00"))


def _rating(given: section.Rating, _writer: Writer) -> Json:
    how = f"an age and a plus sign, such as `12+`; from `0+` to `{given.most}+`"
    return words(f"{age}+" for age in range(given.most + 1)) | {"description": how}


def _percent(_field: section.Percent, _writer: Writer) -> Json:
    return text(r"(?:[0-9]{1,2}|0[0-9]{2}|100)\s?%", "whole per cent such as `40%`, up to `100%`", ("40%",))


def _limit(given: plain.UseLimit, _writer: Writer) -> Json:
    periods = [period.value for period in given.periods]
    number = _NO_MORE_THAN_1000 if given.least else _NO_MORE_THAN_1000_OR_NONE
    how = f"a number of uses, `/` and {' or '.join(f'`{period}`' for period in periods)}, such as `20/day`"
    return text(rf"{number}\s*/\s*(?:{'|'.join(periods)})", how, ("20/day",))


def _word(given: plain.Word, _writer: Writer) -> Json:
    return words(given.words)


def _entries(given: plain.Entries, writer: Writer) -> Json:
    return {
        "type": "array",
        "items": writer.field(given.inner),
        **({} if given.empty else {"minItems": 1}),
        **({} if given.most is None else {"maxItems": given.most}),
    }


def _table(given: plain.Table, writer: Writer) -> Json:
    assert given.key_field is not None
    assert given.value_field is not None
    values, keys = writer.field(given.value_field), writer.field(given.key_field)
    if "enum" in keys:
        return {"type": "object", "properties": dict.fromkeys(keys["enum"], values), "additionalProperties": False}
    if "pattern" not in keys:
        return {"type": "object", "additionalProperties": values}
    return {"type": "object", "patternProperties": {keys["pattern"]: values}, "additionalProperties": False}


def _day_table(given: plain.DayTable, writer: Writer) -> Json:
    table = _table(given.table, writer) | {
        "description": "durations by weekday and by kind of day; `otherwise` is every other day",
        "minProperties": 1,
    }
    how = "a duration such as `40m`, or a table of durations by day"
    return one_of(duration(), writer.shared("days", table), how=how)


def _span_entry(given: plain.SpanEntry, writer: Writer) -> Json:
    return one_of(span(), writer.field(given.nested), how="a span such as `22:00-06:00`, or `days` with a `span`")


def _all_or(entries: plain.Entries, writer: Writer) -> Json:
    return one_of({"const": "all"}, writer.field(entries), how="`all`, or a list")


def _extended(given: plain.Extended, writer: Writer) -> Json:
    shipped = words(builtin_presets()) | {"description": "a preset that ships with MinorGuard"}
    how = "the id of a preset, or of another policy of the folder; or `use` with `switch_on`"
    return {"description": how, "anyOf": [shipped, id(), writer.field(given.nested)]}


def _may_extend(_field: MayExtend, _writer: Writer) -> Json:
    return one_of({"const": "product"}, duration(), how="a duration such as `60m`, or `product`")


SHAPES: Mapping[type[Any], Shape] = MappingProxyType(
    {
        plain.Text: lambda _field, _writer: {"type": "string"},
        plain.PolicyId: lambda _field, _writer: id(),
        plain.Name: lambda _field, _writer: name(),
        plain.Word: _word,
        plain.DayWord: _word,
        plain.Flag: lambda _field, _writer: {"type": "boolean"},
        plain.Duration: lambda given, _writer: duration(given.least),
        plain.Clock: _clock,
        plain.SpanText: lambda _field, _writer: span(),
        plain.SpanEntry: _span_entry,
        plain.Table: _table,
        plain.Entries: _entries,
        plain.DayTable: _day_table,
        plain.Exemption: lambda given, writer: _all_or(given.entries, writer),
        plain.Sections: lambda given, writer: _all_or(given.entries, writer),
        plain.Extended: _extended,
        plain.UseLimit: _limit,
        plain.Band: lambda _field, _writer: band(),
        plain.Day: lambda _field, _writer: date(),
        section.Currency: lambda _field, writer: currency(writer),
        section.Money: lambda _field, _writer: money(),
        section.Rating: _rating,
        section.Percent: _percent,
        section.Count: lambda given, _writer: whole(given.least, given.most),
        MayExtend: _may_extend,
    }
)
"""Every class of fields of policies and presets."""
