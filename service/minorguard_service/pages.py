"""The OpenAPI document as a page for people: rendered here, no script, nothing loaded."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import render_template
from markupsafe import Markup, escape

_CODE = re.compile(r"`([^`]+)`")


def docs_page(openapi: dict[str, Any]) -> str:
    """The whole page, as HTML."""
    return render_template("docs.html", groups=_groups(openapi), openapi=openapi, marked=_marked)


def _groups(openapi: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The operations by group, each with its method, its path, its example and a line for curl."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, item in openapi["paths"].items():
        for method, operation in item.items():
            shown = {"method": method.upper(), "path": path, "curl": _curl(method, path, operation)}
            groups.setdefault(operation["tags"][0], []).append({**operation, **shown, "example": _example(operation)})
    return groups


def _marked(text: str) -> Markup:
    """Text with what stands in backticks set as code."""
    parts = _CODE.split(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part) for index, part in enumerate(parts)
    )


def _example(operation: dict[str, Any]) -> str:
    body = operation.get("requestBody")
    example = body["content"]["application/json"].get("example") if body else None
    return "" if example is None else json.dumps(example, ensure_ascii=False, indent=2)


def _curl(method: str, path: str, operation: dict[str, Any]) -> str:
    parts = ["curl"] + ([f"-X {method.upper()}"] if method != "get" else [])
    if operation["security"]:
        parts.append('-H "Authorization: Bearer $MINORGUARD_KEY"')
    example = _example(operation)
    if example:
        parts.append("-H 'Content-Type: application/json'")
        parts.append(f"-d '{json.dumps(json.loads(example), ensure_ascii=False)}'")
    return " \\\n  ".join([*parts, f"http://127.0.0.1:8000{_example_path(path)}"])


def _example_path(path: str) -> str:
    """The path with an example in each of its places."""
    id = _IDS.get(path.split("/")[2], "kid-1") if "{id}" in path else ""
    return path.replace("{id}", id).replace("{tag}", "science").replace("{revision}", "1")


_IDS = {
    "complaints": "i9B_qt0MUUjugu2W_Q2Zvwhn",
    "lexicons": "words",
    "policies": "short-video",
    "reviews": "8c71aef787e58d23157fc2b1c87cccf0-1",
    "samples": "0",
    "sessions": "kid-1~q1w2e3r4t5y6",
    "test-clocks": "clock-1",
}
"""Examples of ids by what they are of; else it is a subject."""
