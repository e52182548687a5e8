"""``minorguard schema``: what editors need to complete and explain the documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import click

from minorguard.cli.exits import Exit
from minorguard.cli.options import json_option
from minorguard.cli.output import emit, say
from minorguard.errors import InvalidInput
from minorguard.policy.json_schema import as_text, policy_schema, preset_schema
from minorguard.policy.json_writer import Json
from minorguard.simulate.suite_json_schema import suite_schema

SCHEMAS: Mapping[str, Callable[[], Json]] = MappingProxyType(
    {"policy": policy_schema, "preset": preset_schema, "test": suite_schema}
)
"""The JSON Schema of each kind of document."""


@click.command()
@click.argument("kind", type=click.Choice(tuple(SCHEMAS)), default="policy")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file.")
@json_option
def schema(kind: str, *, output: Path | None, as_json: bool) -> int:
    """Print the JSON Schema of policies, presets or policy tests.

    Editors complete, explain and check documents with it; --output renews the file that init wrote.
    """
    if output is None:
        click.echo(as_text(SCHEMAS[kind]()), nl=False)
        return Exit.OK
    write(output, as_text(SCHEMAS[kind]()))
    if as_json:
        emit({"written": str(output)})
    else:
        say(("wrote  ", "green"), str(output))
    return Exit.OK


def write(target: Path, text: str) -> None:
    """Write a file, and the folders that lead to it. Raises `InvalidInput` if that cannot be done."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    except OSError as error:
        raise InvalidInput(str(target), f"cannot be written ({error.strerror}); choose another folder") from None
