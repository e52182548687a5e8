"""Quick readers of bodies, made from their marshmallow schemas: what is right is read at once, the rest is theirs.

Marshmallow stays the source: fields, validators and defaults are its own, and only it says what is wrong. A schema is
written once as a Python function of straight lines, so that no field costs a call. A test proves that a reader gives
what the schema gives for whatever the schema takes, and nothing for whatever it refuses.
"""

# ruff: noqa: ANN401 - any JSON value

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from marshmallow import Schema, ValidationError, fields, missing, validate

from minorguard_service.inputs import Checked, Each, Few, Tagged, Text, Whole, Word

Reader = Callable[[Any], Any]
Rule = Callable[[dict[str, Any]], None]
Quick = Callable[[Any], "dict[str, Any] | None"]

_MOST_KNOWN = 1024
_TEXTS = (Text, Word)


class _Wrong(Exception):
    """The schema is to say why."""


def quick(schema: Schema, *rules: Rule) -> Quick:
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


def _object(schema: Schema, rules: tuple[Rule, ...] = ()) -> Callable[[Any], dict[str, Any]]:
    """The function that reads an object."""
    scope: dict[str, Any] = {"Wrong": _Wrong, "absent": missing, "rules": rules}
    defaults = {name: field.load_default for name, field in schema.fields.items() if field.load_default is not missing}
    lines = ["if type(body) is not dict: raise Wrong", f"found, left, get = {defaults!r}, len(body), body.get"]
    for place, (name, field) in enumerate(schema.fields.items()):
        lines.append(f"value = get({name!r}, absent)")
        lines.append("if value is not absent:")
        lines += [f"    {line}" for line in ("left -= 1", *_lines(field, place, scope))]
        lines.append(f"    found[{name!r}] = value")
        if field.required:
            lines.append("else: raise Wrong")
    lines += ["if left: raise Wrong", *(f"rules[{place}](found)" for place in range(len(rules))), "return found"]
    exec("def read(body):\n" + "".join(f"    {line}\n" for line in lines), scope)  # noqa: S102 - our own schemas
    made: Callable[[Any], dict[str, Any]] = scope["read"]
    return made


def _lines(field: fields.Field[Any], place: int, scope: dict[str, Any]) -> Iterator[str]:
    """What checks `value`, and puts what it is read as in its place; `scope` is given what the lines call."""
    call = f"part_{place}"
    match field:
        case Tagged():
            scope[call] = {tag: _object(schema) for tag, schema in field.kinds.items()}
            yield "tag = value.get('type') if type(value) is dict else None"
            yield f"part = {call}.get(tag) if type(tag) is str else None"
            yield "if part is None: raise Wrong"
            yield "value = part(value)"
        case Each():
            yield from _checks(list, field, call, scope)
        case Few():
            scope[f"{call}_one"] = _one(field.inner)
            yield from _checks(list, field, call, scope)
            yield f"value = [{call}_one(entry) for entry in value]"
        case Checked():
            known: set[str] = set()
            scope[call], scope[f"{call}_known"] = _remembering(field, known), known
            yield "if type(value) is not str: raise Wrong"
            yield f"if value not in {call}_known: {call}(value)"
        case Whole() if type(field) is Whole:
            yield from _checks(int, field, call, scope)
        case Text() if type(field) in _TEXTS:
            yield from _checks(str, field, call, scope)
        case _:
            raise TypeError(f"no quick reader of `{type(field).__name__}`")


def _checks(kind: type, field: fields.Field[Any], call: str, scope: dict[str, Any]) -> Iterator[str]:
    yield f"if type(value) is not {kind.__name__}: raise Wrong"  # so `true` is no number
    for number, validator in enumerate(field.validators):
        scope[f"{call}_{number}"] = validator
        match validator:
            case validate.Length(min=int(least), max=int(most), equal=None):
                yield f"if not {least} <= len(value) <= {most}: raise Wrong"
            case validate.Range(min=int(least), max=int(most), min_inclusive=True, max_inclusive=True):
                yield f"if not {least} <= value <= {most}: raise Wrong"
            case validate.OneOf(choices=tuple(words)):
                yield f"if value not in {words!r}: raise Wrong"
            case _:
                yield f"{call}_{number}(value)"


def _one(field: fields.Field[Any]) -> Reader:
    """The function that reads a value by itself."""
    scope: dict[str, Any] = {"Wrong": _Wrong}
    lines = (*_lines(field, 0, scope), "return value")
    exec("def read(value):\n" + "".join(f"    {line}\n" for line in lines), scope)  # noqa: S102 - our own schemas
    made: Reader = scope["read"]
    return made


def _remembering(field: Checked, known: set[str]) -> Callable[[str], None]:
    """Checks a text by all rules, and remembers that it is right where the same few come again and again."""

    def check(value: str) -> None:
        for validator in field.validators:
            validator(value)
        if field.few:
            if len(known) >= _MOST_KNOWN:
                known.clear()
            known.add(value)

    return check
