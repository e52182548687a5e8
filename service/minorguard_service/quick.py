"""Quick readers of bodies, made from their marshmallow schemas: what is right is read at once, the rest is theirs.

Marshmallow stays the source: fields, validators and defaults are its own, and only it says what is wrong. A test proves
that a reader gives what the schema gives for whatever the schema takes, and nothing for whatever it refuses.
"""

# ruff: noqa: ANN401 - any JSON value

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, missing

from minorguard_service.inputs import Few, Tagged, Text, Whole

Reader = Callable[[Any], Any]
Quick = Callable[[Any], "dict[str, Any] | None"]


class _Wrong(Exception):
    """The schema is to say why."""


def quick(schema: Schema, *rules: Callable[[dict[str, Any]], None]) -> Quick:
    """A reader of what the schema takes; None for what it may refuse. `rules` are the schema's own for the whole body.

    Raises `TypeError` for a field of which nothing is known here.
    """
    read = _object(schema, rules)

    def quickly(body: Any) -> dict[str, Any] | None:
        try:
            return read(body)
        except (_Wrong, ValidationError):
            return None

    return quickly


def _object(
    schema: Schema, rules: tuple[Callable[[dict[str, Any]], None], ...] = ()
) -> Callable[[Any], dict[str, Any]]:
    readers = {name: _reader(field) for name, field in schema.fields.items()}
    required = frozenset(name for name, field in schema.fields.items() if field.required)
    defaults = {name: field.load_default for name, field in schema.fields.items() if field.load_default is not missing}

    def read(body: Any) -> dict[str, Any]:
        if type(body) is not dict or not required <= body.keys():
            raise _Wrong
        found = dict(defaults)
        for name, value in body.items():
            reader = readers.get(name)
            if reader is None:
                raise _Wrong
            found[name] = reader(value)
        for rule in rules:
            rule(found)
        return found

    return read


def _reader(field: fields.Field[Any]) -> Reader:
    if isinstance(field, Tagged):
        return _tagged({tag: _object(schema) for tag, schema in field.kinds.items()})
    if isinstance(field, Text | Whole):
        return _checked(str if isinstance(field, Text) else int, tuple(field.validators))
    if isinstance(field, Few):
        return _few(_reader(field.inner), tuple(field.validators))
    raise TypeError(f"no quick reader of `{type(field).__name__}`")


def _checked(kind: type, validators: tuple[Callable[[Any], Any], ...]) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not kind:  # so `true` is no number
            raise _Wrong
        for validate in validators:
            validate(value)
        return value

    return read


def _few(one: Reader, validators: tuple[Callable[[Any], Any], ...]) -> Reader:
    def read(value: Any) -> list[Any]:
        if type(value) is not list:
            raise _Wrong
        for validate in validators:
            validate(value)
        return [one(entry) for entry in value]

    return read


def _tagged(kinds: Mapping[str, Reader]) -> Reader:
    def read(value: Any) -> Any:
        tag = value.get("type") if type(value) is dict else None
        reader = kinds.get(tag) if type(tag) is str else None
        if reader is None:
            raise _Wrong
        return reader(value)

    return read
