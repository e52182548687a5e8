"""Writes JSON Schemas (draft 2020-12) from the marshmallow schemas that read documents.

Only keywords that older drafts read alike are used, since editors differ in the drafts they know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema, fields

Json = dict[str, Any]
"""A JSON Schema, or a part of one."""
DRAFT = "https://json-schema.org/draft/2020-12/schema"

Shape = Callable[[Any, "Writer"], Json]
"""Writes what a field takes; its `description` says how values are written."""


@dataclass(frozen=True, slots=True)
class Extra:
    """What the marshmallow schema of a mapping does not say to a machine."""

    keywords: Mapping[str, Any] = field(default_factory=dict)
    """Keywords of JSON Schema for the mapping itself, such as `oneOf` where one of several keys is required."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """By key: what holds where the key is left out."""
    examples: Mapping[str, list[Any]] = field(default_factory=dict)
    """By key: examples that fit better than those of the field; no mappings, which editors cannot offer as a word."""
    about: Mapping[str, str] = field(default_factory=dict)
    """By key: a description where the field has none."""


@dataclass(slots=True)
class Writer:
    """Collects the definitions of one document."""

    shapes: Mapping[type, Shape]
    """By exact class of a field, so that no field is written as something that it only resembles."""
    extras: Mapping[type, Extra]
    definitions: dict[str, Json] = field(default_factory=dict)

    def document(self, schema: type[Schema], title: str) -> Json:
        """The whole JSON Schema of a document."""
        body = self._mapping(schema)
        definitions = dict(sorted(self.definitions.items()))
        return {"$schema": DRAFT, "title": title, **body, "$defs": definitions}

    def mapping(self, schema: type[Schema]) -> Json:
        """A reference to the definition of a mapping, which is written once."""
        name = schema.__name__.strip("_").removesuffix("Schema")
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = self._mapping(schema)
        return {"$ref": f"#/$defs/{name}"}

    def shared(self, name: str, body: Json) -> Json:
        """A reference to a definition that many fields share."""
        self.definitions.setdefault(name, body)
        return {"$ref": f"#/$defs/{name}"}

    def field(self, given: fields.Field[Any]) -> Json:
        """What a field takes. Raises `TypeError` for a class of fields that is not known here."""
        if isinstance(given, fields.Nested):
            return self.mapping(type(given.schema)) | _described(given.metadata.get("description", ""))
        shape = self.shapes.get(type(given))
        if shape is None:
            name = type(given).__name__
            raise TypeError(f"no JSON Schema is known for the field `{name}`; add it to the shapes of its document")
        return shape(given, self)

    def _mapping(self, schema: type[Schema]) -> Json:
        extra, known = self.extras.get(schema, Extra()), schema().fields
        keys = {given.data_key or name: given for name, given in known.items()}
        body: Json = {
            **_described(_first_line(schema)),
            "type": "object",
            "properties": {key: self._property(key, given, extra) for key, given in keys.items()},
            "additionalProperties": False,
        }
        if required := [key for key, given in keys.items() if given.required]:
            body["required"] = required
        return body | dict(extra.keywords)

    def _property(self, key: str, given: fields.Field[Any], extra: Extra) -> Json:
        body = self.field(given)
        how = "" if "$ref" in body else body.pop("description", "")
        about = given.metadata.get("description") or extra.about.get(key) or body.pop("description", how)
        body = {**_described(about, how), **body}
        if key in extra.defaults:
            body["default"] = extra.defaults[key]
        if key in extra.examples:
            body["examples"] = extra.examples[key]
        return body


def text(pattern: str, how: str, examples: Iterable[str] = ()) -> Json:
    """Text of a pattern; `how` says to people how it is written, also where it is written wrongly."""
    shown = {"examples": list(examples)} if examples else {}
    return {"description": how, "type": "string", "pattern": f"^(?:{pattern})$", "patternErrorMessage": how, **shown}


def _described(about: str, how: str = "") -> Json:
    """The descriptions of a key; editors that know Markdown also say how its values are written."""
    if not about:
        return {}
    more = f"\n\n{how[:1].upper()}{how[1:]}." if how and how != about else ""
    return {"description": about, "markdownDescription": about + more}


def _first_line(schema: type[Schema]) -> str:
    return (schema.__doc__ or "").strip().partition("\n")[0]
