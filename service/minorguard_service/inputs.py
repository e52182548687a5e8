"""Fields that read what callers send, in our prose: each message says what is wrong and the way out."""

# ruff: noqa: ANN401 - marshmallow hands over whatever was sent, and options as they come

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from minorguard.errors import InvalidInput
from minorguard.model.age import AgeBand
from minorguard.model.ids import check_subject, check_word

SUBJECT_PATTERN = r"^[A-Za-z0-9._:@-]{1,128}$"
WORD_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
BAND_PATTERN = r"^[0-9]{1,2}-[0-9]{1,2}$"
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)
FIRST_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)
LAST_INSTANT = datetime(2100, 1, 1, tzinfo=UTC)

_MESSAGES = {"required": "is missing; add it", "null": "must not be null; leave it out"}


class Input(Schema):
    """An object that callers send: unknown keys are errors."""

    class Meta:
        """Refuse what is not known."""

        unknown = RAISE

    error_messages = {  # noqa: RUF012  # marshmallow's own spelling
        "unknown": "is not known here; remove it",
        "type": "must be an object",
    }


class Text(fields.String):
    """Text of some length."""

    default_error_messages = {**_MESSAGES, "invalid": "must be a string", "invalid_utf8": "must be UTF-8"}  # noqa: RUF012

    def __init__(self, *, most: int = 256, **options: Any) -> None:
        message = f"must be 1 to {most} characters"
        super().__init__(validate=validate.Length(min=1, max=most, error=message), **options)


class Checked(Text):
    """Text that the core has a rule for; `pattern` shows it to readers of the OpenAPI document.

    `few`: the same few values come again and again, so that it pays to remember them.
    """

    def __init__(self, check: Callable[[str], object], pattern: str, *, few: bool = False, **options: Any) -> None:
        options.setdefault("metadata", {}).setdefault("pattern", pattern)
        super().__init__(most=4096, **options)
        self.few = few
        self.validators = [_as_validator(check)]


def _as_validator(check: Callable[[str], object]) -> Callable[[str], None]:
    def hold(value: str) -> None:
        try:
            check(value)
        except InvalidInput as error:
            raise ValidationError(error.problem) from None

    return hold


def subject(**options: Any) -> Checked:
    """A subject id."""
    return Checked(check_subject, SUBJECT_PATTERN, **_described(options, "pseudonymous id", "kid-1"))


def word(what: str, example: str, **options: Any) -> Checked:
    """A device, activity, feature, policy or clock."""
    return Checked(lambda value: check_word(what, value), WORD_PATTERN, few=True, **_described(options, what, example))


def band(**options: Any) -> Checked:
    """An age band."""
    return Checked(AgeBand.parse, BAND_PATTERN, **_described(options, "ages from, below", "12-16"))


def _described(options: dict[str, Any], what: str, example: str) -> dict[str, Any]:
    return {**options, "metadata": {"description": what, "example": example, **options.get("metadata", {})}}


class Whole(fields.Integer):
    """A whole number; `1.9`, `"1"` and `true` are none."""

    default_error_messages = {  # noqa: RUF012
        **_MESSAGES,
        "invalid": "must be a whole number",
        "too_large": "is too large",
    }

    def __init__(self, least: int, most: int, **options: Any) -> None:
        message = f"must be {least} to {most}"
        super().__init__(strict=True, validate=validate.Range(least, most, error=message), **options)

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool):
            raise self.make_error("invalid")
        return super()._validated(value)


class Digits(Whole):
    """A whole number in a query, where everything is text."""

    def _validated(self, value: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,9}", value):
            raise self.make_error("invalid")
        return super()._validated(int(value))


class Yes(fields.Boolean):
    """`true` and nothing else."""

    default_error_messages = {**_MESSAGES, "invalid": "must be `true`; else leave it out"}  # noqa: RUF012

    def _deserialize(self, value: Any, *_place: Any, **_options: Any) -> bool:
        if value is not True:
            raise self.make_error("invalid")
        return True


class Flag(fields.Boolean):
    """`true` or `false`."""

    default_error_messages = {**_MESSAGES, "invalid": "must be `true` or `false`"}  # noqa: RUF012

    def _deserialize(self, value: Any, *_place: Any, **_options: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Word(Text):
    """One of some words."""

    def __init__(self, *words: str, **options: Any) -> None:
        super().__init__(**options)
        listed = " or ".join(f"`{one}`" for one in words)
        self.validators = [validate.OneOf(words, error=f"must be {listed}")]


class Day(fields.Date):
    """A date ``2013-05-01`` between two others."""

    default_error_messages = {**_MESSAGES, "invalid": "must be a date such as `2013-05-01`"}  # noqa: RUF012

    def __init__(self, first: date, last: date, **options: Any) -> None:
        message = f"must be {first} to {last}"
        super().__init__(format="%Y-%m-%d", validate=validate.Range(first, last, error=message), **options)

    def _deserialize(self, value: Any, *place: Any, **options: Any) -> date:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return super()._deserialize(value, *place, **options)


class At(fields.AwareDateTime):
    """An instant ``2026-11-28T06:00:00+08:00``; one without an offset is refused."""

    _SHAPE = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
    default_error_messages = {  # noqa: RUF012
        **_MESSAGES,
        "invalid": "must be an instant such as `2026-11-28T06:00:00+08:00`",
        "invalid_awareness": "must have an offset, such as `+08:00` or `Z`",
        "format": "must be an instant such as `2026-11-28T06:00:00+08:00`",
    }

    def __init__(self, **options: Any) -> None:
        message = "must lie in 2000 to 2099"
        super().__init__(format="iso", validate=validate.Range(FIRST_INSTANT, LAST_INSTANT, error=message), **options)

    def _deserialize(self, value: Any, *place: Any, **options: Any) -> datetime:
        if not isinstance(value, str) or not self._SHAPE.fullmatch(value):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return super()._deserialize(value.upper(), *place, **options)


class Rows(fields.List[Any]):
    """A list of so many."""

    default_error_messages = {**_MESSAGES, "invalid": "must be a list"}  # noqa: RUF012

    def __init__(self, inner: fields.Field[Any], *, most: int, **options: Any) -> None:
        message = f"must hold 1 to {most} entries"
        super().__init__(inner, validate=validate.Length(1, most, error=message), **options)


class Each(Rows):
    """A list whose entries are read one by one later, so that a wrong one spoils no other."""

    def _deserialize(self, value: Any, *_place: Any, **_options: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        return value


class Few(fields.List[Any]):
    """A list of so many at most, and perhaps of none."""

    default_error_messages = {**_MESSAGES, "invalid": "must be a list"}  # noqa: RUF012

    def __init__(self, inner: fields.Field[Any], *, most: int, **options: Any) -> None:
        message = f"must hold at most {most} entries"
        super().__init__(inner, validate=validate.Length(0, most, error=message), **options)


class Part(fields.Nested):
    """An object inside another."""

    default_error_messages = {**_MESSAGES, "type": "must be an object"}  # noqa: RUF012


class Tagged(fields.Field[Any]):
    """One of several objects, told apart by `type`."""

    default_error_messages = {**_MESSAGES, "type": "must be an object"}  # noqa: RUF012

    def __init__(self, kinds: Mapping[str, type[Input]], **options: Any) -> None:
        super().__init__(**options)
        self.kinds = {tag: kind() for tag, kind in kinds.items()}

    def _deserialize(self, value: Any, *_place: Any, **_options: Any) -> Any:
        if not isinstance(value, dict):
            raise self.make_error("type")
        tag = value.get("type")
        if not isinstance(tag, str) or tag not in self.kinds:
            known = " or ".join(f"`{name}`" for name in self.kinds)
            raise ValidationError({"type": [f"must be {known}"]})
        return self.kinds[tag].load(value)


def problems_of(messages: object, pointer: str = "") -> list[dict[str, str]]:
    """Nested messages as a flat list with JSON pointers (RFC 6901)."""
    if isinstance(messages, dict):
        found = []
        for part, inner in messages.items():
            step = "" if part == "_schema" else "/" + str(part).replace("~", "~0").replace("/", "~1")
            found += problems_of(inner, pointer + step)
        return found
    listed = messages if isinstance(messages, list) else [messages]
    return [{"pointer": pointer, "problem": str(message)} for message in listed]
