"""Printing: JSON for programs, tables and colours for people. All output of the command line goes through here."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from minorguard.errors import PolicyInvalid

GREY = "bright_black"
_PIPED = 200
"""Columns where nobody looks: a table in a file is not cut."""


def console(*, stderr: bool = False) -> Console:
    """A console on the stream of the moment, which tests exchange. Nothing is read as markup."""
    out = Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)
    if not out.is_terminal:
        out.width = _PIPED
    return out


def say(*parts: str | tuple[str, str]) -> None:
    """A line for people; a part may be (text, style)."""
    console().print(Text.assemble(*parts))


def remark(text: str) -> None:
    """Say something beside the answer, on the error stream."""
    console(stderr=True).print(Text(text, GREY))


def emit(body: Any) -> None:  # noqa: ANN401  # whatever JSON holds
    """A JSON document for programs."""
    text = json.dumps(body, ensure_ascii=False, indent=2)
    click.echo(text if _encodable(text) else json.dumps(body, indent=2))


def print_anything() -> None:
    """Let what the standard output cannot encode come as escapes, where it would be an error."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


def _encodable(text: str) -> bool:
    """Whether the output has all characters of a text, and the text no halves of them, such as names of files hold."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def error_body(error: Exception) -> dict[str, Any]:
    """An error for programs."""
    body: dict[str, Any] = {"kind": _snake(type(error).__name__), "message": str(error)}
    if isinstance(error, PolicyInvalid):
        body["findings"] = [finding_body(finding) for finding in error.findings]
    return {"error": body}


def finding_body(finding: Any) -> dict[str, Any]:  # noqa: ANN401  # `PolicyInvalid.findings` holds plain objects
    """A finding for programs."""
    fields = ("code", "severity", "message", "file", "line", "column", "pointer", "suggestion", "help")
    return {name: getattr(finding, name, None) for name in fields}


def complain(message: str) -> None:
    """An error for people, on the error stream."""
    console(stderr=True).print(Text.assemble(("minorguard: ", "bold red"), message))


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
