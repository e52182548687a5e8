"""``minorguard init``: the files to begin with."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import click

from minorguard.cli.demo import DemoKey, ensure_demo_key
from minorguard.cli.deployment import CONFIG, load_settings
from minorguard.cli.exits import Exit
from minorguard.cli.options import json_option
from minorguard.cli.output import GREY, emit, say
from minorguard.cli.schema import write
from minorguard.policy.json_schema import POLICY_FILE, as_text, policy_schema

_POLICY = "policies/short-video.yaml"
_SCHEMA = f"policies/{POLICY_FILE}"
_TESTS = "policies/short-video.mgtest.yaml"
MODELINE = f"# yaml-language-server: $schema=./{POLICY_FILE}\n"
"""Tells editors which JSON Schema a policy is written by: the file beside it."""


@dataclass(slots=True)
class Laid:
    """What was written, and what was there already and left alone."""

    written: list[str] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)


@click.command()
@click.argument("directory", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--demo", is_flag=True, help="Also make a test key and keep it in the file demo-key.")
@click.option("--force", is_flag=True, help="Overwrite what is there.")
@json_option
def init(directory: Path, *, demo: bool, force: bool, as_json: bool) -> int:
    """Write a first policy, its tests, its JSON Schema for editors, and the settings.

    They go into DIRECTORY. What is there already is left alone, unless --force says otherwise.
    """
    laid = lay_out(directory, force=force)
    key = ensure_demo_key(load_settings(directory / CONFIG), directory, force=force) if demo else None
    if as_json:
        emit({"written": laid.written, "left_alone": laid.left_alone, "demo_key": key.to_dict() if key else None})
    else:
        _tell(laid, key, directory)
    return Exit.OK


def lay_out(directory: Path, *, force: bool, config: str = CONFIG) -> Laid:
    """Write the files that are not there yet, or all of them. Raises `InvalidInput` if that cannot be done."""
    laid = Laid()
    for place, text in _files(config):
        target = directory / place
        if target.exists() and not force:
            laid.left_alone.append(str(target))
            continue
        write(target, text)
        laid.written.append(str(target))
    return laid


def _files(config: str) -> tuple[tuple[str, str], ...]:
    """Where each file goes, and what is in it."""
    return (
        (_POLICY, MODELINE + _template("short-video.yaml")),
        (_SCHEMA, as_text(policy_schema())),
        (_TESTS, _template("short-video.mgtest.yaml")),
        (config, _template(CONFIG)),
    )


def _template(name: str) -> str:
    return files("minorguard.cli").joinpath("templates", name).read_text("utf-8")


def _tell(laid: Laid, key: DemoKey | None, directory: Path) -> None:
    for path in laid.written:
        say(("wrote  ", "green"), path)
    for path in laid.left_alone:
        say(("left   ", GREY), f"{path} (it is there already; --force overwrites it)")
    if key is not None:
        say(("wrote  ", "green") if key.made else ("left   ", GREY), f"{key.file} (a test key, for this machine only)")
        say(f"\n{key.text}\n")
    policies = directory / "policies"
    say(("next   ", GREY), f"minorguard check {policies}")
    say(("       ", GREY), f"minorguard serve --config {directory / CONFIG}")
