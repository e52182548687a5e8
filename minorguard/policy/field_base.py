"""What all fields of documents share, and the plain ones: text, names, words, flags, lists, tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypedDict, Unpack
from unicodedata import category

from marshmallow import fields

from minorguard.errors import InvalidInput
from minorguard.model.ids import check_word
from minorguard.policy.findings import Problem, likely, listed, shown
from minorguard.policy.refusals import refused

MISSING = Problem("key.missing", "this key is required; add it", at_key=True)
NULL = Problem("value.null", "nothing is written here; write a value or remove the key", at_key=True)


MOST_TEXT = 200
_CONTROLS = {"Cc", "Cs", "Zl", "Zp"}
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What turns the order of text around, so that it reads otherwise than it is."""
_ID = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


def fail(code: str, message: str, suggestion: str | None = None) -> NoReturn:
    """Refuse a value."""
    raise refused(code, message, suggestion)


class Options(TypedDict, total=False):
    """What every field may be told."""

    required: bool
    about: str
    """One sentence for people who write the key: what it means, with its unit."""


def settings(options: Options) -> dict[str, Any]:
    """The options as marshmallow spells them; `about` becomes the description in the field's metadata."""
    return {"required": options.get("required", False), "metadata": {"description": options.get("about", "")}}


class DocumentField(fields.Field[Any]):
    """A field whose built-in errors carry codes."""

    default_error_messages = {"required": MISSING, "null": NULL}  # noqa: RUF012  # marshmallow's own spelling

    def __init__(self, **options: Unpack[Options]) -> None:
        super().__init__(**settings(options))

    def _deserialize(self, value: object, *_args: object, **_kwargs: object) -> object:
        return self._read(value)

    def _read(self, value: object) -> object:
        """The value as rules use it. Raises `ValidationError`."""
        raise NotImplementedError


class Text(DocumentField):
    """One line of text of at most 200 characters, without what changes how other text is shown."""

    def _read(self, value: object) -> str:
        text = _text(value, "text")
        hidden = next((mark for mark in text if category(mark) in _CONTROLS or mark in _BIDI), None)
        if hidden is not None:
            fail("value.text", f"this text holds the invisible character U+{ord(hidden):04X}; remove it")
        if len(text) > MOST_TEXT:
            fail("value.text", f"this text has {len(text)} characters; write at most {MOST_TEXT}")
        return text


class PolicyId(DocumentField):
    """The id of a policy, preset or calendar."""

    def _read(self, value: object) -> str:
        text = _text(value, "an id such as `short-video`")
        if not _ID.fullmatch(text.lower()):
            fail("name.bad", f"{shown(text)} is not an id; use letters, digits and `. _ -`, as in `short-video`")
        return text


class Name(DocumentField):
    """The name of an activity or feature, such as `gift.send`."""

    def _read(self, value: object) -> str:
        text = _text(value, "a name such as `game` or `gift.send`")
        try:
            return check_word("name", text)
        except InvalidInput:
            fail("name.bad", f"{shown(text)} is not a name; use letters, digits and `. _ : -`, as in `gift.send`")


class Word(DocumentField):
    """One of a few words; what is loaded is the word that the table gives for it."""

    def __init__(
        self, words: Mapping[str, Any] | Sequence[str], what: str = "word", **options: Unpack[Options]
    ) -> None:
        super().__init__(**options)
        self.words = dict(words) if isinstance(words, Mapping) else {word: word for word in words}
        self.what = what

    def _read(self, value: object) -> object:
        if isinstance(value, str) and value in self.words:
            return self.words[value]
        near = likely(value, self.words) if isinstance(value, str) else None
        choice = "" if near else f"; write {listed(list(self.words))}"
        fail(f"{self.what}.unknown", f"unknown {self.what} {shown(value)}{choice}", near)


class Flag(DocumentField):
    """`true` or `false`, nothing like them."""

    def _read(self, value: object) -> bool:
        if not isinstance(value, bool):
            fail("value.flag", f"{shown(value)} is neither true nor false; write `true` or `false`")
        return value


class Table(fields.Dict):
    """A mapping whose keys are the document's own."""

    default_error_messages = {  # noqa: RUF012  # marshmallow's own spelling
        "required": MISSING,
        "null": NULL,
        "invalid": Problem("value.shape", "this is not a mapping; write `key: value` lines"),
    }

    def __init__(self, keys: fields.Field[Any], values: fields.Field[Any], **options: Unpack[Options]) -> None:
        super().__init__(keys=keys, values=values, **settings(options))


class Entries(fields.List[Any]):
    """A list."""

    default_error_messages = {  # noqa: RUF012  # marshmallow's own spelling
        "required": MISSING,
        "null": NULL,
    }

    def __init__(
        self, inner: fields.Field[Any], *, empty: bool = True, most: int | None = None, **options: Unpack[Options]
    ) -> None:
        super().__init__(inner, **settings(options))
        self.empty, self.most = empty, most

    def _deserialize(self, value: object, *_args: object, **_kwargs: object) -> list[Any]:
        if isinstance(value, str | Mapping) or not isinstance(value, Sequence):
            example = f"[{shown(value)[1:-1]}]" if isinstance(value, str) else "[...]"
            fail("value.shape", f"this is not a list; write it in brackets, such as `{example}`")
        if not value and not self.empty:
            fail("value.empty", "this list is empty; write an entry or remove the key")
        if self.most is not None and len(value) > self.most:
            fail("value.many", f"this list has {len(value)} entries; write at most {self.most}")
        return super()._deserialize(value, None, None)


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        fail("value.text", f"{shown(value)} is not text; write {what}, in quotes if need be")
    return value
