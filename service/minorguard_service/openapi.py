"""The OpenAPI document, made of the very schemas that validate."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields

from minorguard import __version__
from minorguard_service.answer_schemas import ProblemOut
from minorguard_service.inputs import SUBJECT_PATTERN, WORD_PATTERN, Tagged
from minorguard_service.operations import Operation
from minorguard_service.problems import KINDS, MEDIA_TYPE

_TITLE = "MinorGuard · 未成年人模式服务"
_ABOUT = (
    "Decides how long and what a minor may use an app. A denial is a 200 with `effect: deny`; a 4xx means that the "
    "call was wrong, and a 5xx that nothing was decided: treat it as a denial."
)
_API_KEY, _SESSION_TOKEN = "apiKey", "sessionToken"


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """The OpenAPI 3.1 document of all operations."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    spec = APISpec(_TITLE, __version__, "3.1.0", info={"description": _ABOUT}, plugins=[plugin])
    assert plugin.converter is not None
    for function in (_tagged, _described):
        plugin.converter.add_attribute_function(function)  # type: ignore[no-untyped-call]
    for name, scheme in _SCHEMES.items():
        spec.components.security_scheme(name, scheme)
    spec.components.schema("Problem", schema=ProblemOut)
    for operation in operations:
        spec.path(path=operation.path, operations={operation.method.lower(): _operation(operation)})
    made: dict[str, Any] = json.loads(json.dumps(spec.to_dict()))
    return made


def _name(schema: type[Schema] | Schema) -> str:
    cls = schema if isinstance(schema, type) else type(schema)
    return cls.__name__.removesuffix("Out").removesuffix("In")


def _tagged(self: Any, field: fields.Field[Any], **_options: Any) -> dict[str, Any]:  # noqa: ANN401 - apispec's form
    """A `Tagged` field as `oneOf`."""
    if not isinstance(field, Tagged):
        return {}
    references = {tag: self.resolve_nested_schema(schema) for tag, schema in field.kinds.items()}
    mapping = {tag: reference["$ref"] for tag, reference in references.items()}
    return {"oneOf": list(references.values()), "discriminator": {"propertyName": "type", "mapping": mapping}}


def _described(_self: Any, field: fields.Field[Any], **_options: Any) -> dict[str, Any]:  # noqa: ANN401
    """The pattern of a checked word; apispec keeps only the metadata that it knows."""
    return {"pattern": field.metadata["pattern"]} if "pattern" in field.metadata else {}


def _operation(operation: Operation) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.group],
        "summary": operation.summary,
        "description": _description(operation),
        "security": _security(operation),
        "parameters": _parameters(operation),
        "responses": _responses(operation),
    }
    if operation.body is not None and operation.body.fields:
        content: dict[str, Any] = {"schema": operation.body}
        if operation.example is not None:
            content["example"] = dict(operation.example)
        made["requestBody"] = {"required": True, "content": {"application/json": content}}
    return made


def _description(operation: Operation) -> str:
    roles = ", ".join(f"`{role}`" for role in sorted(operation.roles))
    parts = [operation.description, f"Roles: {roles}." if roles else "No credential."]
    return " ".join(part for part in parts if part)


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    if not operation.roles:
        return []
    return [{_API_KEY: []}, {_SESSION_TOKEN: []}] if operation.by_token else [{_API_KEY: []}]


def _parameters(operation: Operation) -> list[Any]:
    found: list[Any] = [_REQUEST_ID]
    for name in re.findall(r"{(\w+)}", operation.path):
        schema = _PARTS.get(name) or _id_schema(operation)
        found.append({"name": name, "in": "path", "required": True, "schema": schema})
    if operation.query.fields:
        found.append({"in": "query", "schema": operation.query})
    if operation.method == "POST":
        effect = f"a retry with the same key is {operation.retries}" if operation.retries else "taken, and not needed"
        found.append({**_IDEMPOTENCY_KEY, "description": effect})
    return found


def _id_schema(operation: Operation) -> dict[str, Any]:
    patterns = {
        "/v1/subjects": SUBJECT_PATTERN,
        "/v1/test-clocks": WORD_PATTERN,
        "/v1/policies": WORD_PATTERN,
        "/v1/lexicons": WORD_PATTERN,
    }
    pattern = next((found for start, found in patterns.items() if operation.path.startswith(start)), None)
    return {"type": "string"} if pattern is None else {"type": "string", "pattern": pattern}


def _responses(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, schema in operation.answers.items():
        content = {} if status == 204 else {operation.media_type: {"schema": schema} if schema else {}}
        found[str(status)] = {"description": _MEANINGS.get(status, "done"), "headers": _HEADERS}
        if content:
            found[str(status)]["content"] = content
    by_status: dict[str, list[str]] = {}
    for code in sorted(operation.problems, key=lambda code: (KINDS[code].status, code)):
        by_status.setdefault(str(int(KINDS[code].status)), []).append(code)
    for status_text, codes in by_status.items():
        says = "; ".join(f"`{code}`: {KINDS[code].meaning}" for code in codes)
        problem = {MEDIA_TYPE: {"schema": ProblemOut}}
        found[status_text] = {"description": says, "headers": _HEADERS, "content": problem}
    return found


_MEANINGS = {200: "the answer", 201: "made", 204: "done"}
_HEADERS = {"X-Request-Id": {"description": "in every log line of this call", "schema": {"type": "string"}}}
_REQUEST_ID = {
    "name": "X-Request-Id",
    "in": "header",
    "required": False,
    "description": "taken over if it is 1 to 64 of `A-Z a-z 0-9 . _ -`",
    "schema": {"type": "string"},
}
_PARTS: dict[str, dict[str, Any]] = {
    "revision": {"type": "integer", "minimum": 1},
    "tag": {"type": "string", "pattern": WORD_PATTERN},
}
"""Parts of paths besides `id`."""
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
_SCHEMES: dict[str, dict[str, Any]] = {
    _API_KEY: {"type": "http", "scheme": "bearer", "description": "`mg_test_…` or `mg_live_…`"},
    _SESSION_TOKEN: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "the token of a session: speaks for that session alone",
    },
}
