"""``minorguard keys``: API keys of callers, and the keys that sign session tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Column, Table

from minorguard.cli.deployment import load_settings, opened, present, service_packages
from minorguard.cli.exits import Exit
from minorguard.cli.options import config_option, json_option
from minorguard.cli.output import GREY, console, emit, remark, say

if TYPE_CHECKING:
    from minorguard_service.keys import ApiKey, SigningKey

DEFAULT_ROLE = "app"


@click.group()
def keys() -> None:
    """Make, list, revoke and rotate keys."""


@keys.command()
@click.option("--tenant", required=True, help="Whose subjects it sees; tenants never see one another's.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    default=(DEFAULT_ROLE,),
    show_default=True,
    help="app, guardian-agent, policy-editor, policy-publisher, reviewer, auditor, operator; may be repeated.",
)
@click.option("--live/--test", default=False, help="For real children, or for tests (the default).")
@click.option("--name", required=True, help="Who uses it.")
@config_option
@json_option
def create(*, tenant: str, roles: Sequence[str], live: bool, name: str, config: Path | None, as_json: bool) -> int:
    """Make an API key; its text is shown this once and is nowhere stored."""
    with service_packages():
        from minorguard_service.keys import create_api_key
    with opened(load_settings(config)) as store:
        text, key = create_api_key(store, tenant=tenant, roles=roles, live=live, name=name, now=present())
    if as_json:
        emit({"key": text, **_body(key)})
    else:
        say(text)
        remark(f"{key.id}: {_words(key)}; keep the line above, it is not shown again")  # `KEY=$(…)` is the key alone
    return Exit.OK


@keys.command("list")
@config_option
@json_option
def list_keys(*, config: Path | None, as_json: bool) -> int:
    """List all API keys, revoked ones too; their texts are not known."""
    with service_packages():
        from minorguard_service.keys import list_api_keys
    with opened(load_settings(config)) as store:
        found = list_api_keys(store)
    if as_json:
        emit({"keys": [_body(key) for key in found]})
    else:
        _print_table(("id", "tenant", "kind", "roles", "name", "made", "state"), [_row(key) for key in found])
    return Exit.OK


@keys.command()
@click.argument("id")
@config_option
@json_option
def revoke(id: str, *, config: Path | None, as_json: bool) -> int:
    """Refuse the API key with this ID from now on."""
    with service_packages():
        from minorguard_service.keys import revoke_api_key
    with opened(load_settings(config)) as store:
        key = revoke_api_key(store, id)
    if as_json:
        emit(_body(key))
    else:
        say(f"{key.id}: revoked ({_words(key)}); workers refuse it within a second")
    return Exit.OK


@keys.group()
def signing() -> None:
    """Rotate the keys that sign tokens.

    Stage a key, wait until edges know it, promote it; the old one ends by itself, a day and two hours later. `rotate`
    takes whichever step is due. Workers need no restart.
    """


@signing.command("list")
@config_option
@json_option
def list_signing(*, config: Path | None, as_json: bool) -> int:
    """List the signing keys, oldest first."""
    ring = _signing(config, None)
    if as_json:
        emit({"keys": ring})
    else:
        _print_table(("kid", "state", "made"), [tuple(key.values()) for key in ring])
    return Exit.OK


@signing.command()
@config_option
@json_option
def stage(*, config: Path | None, as_json: bool) -> int:
    """Publish a new key that does not sign yet."""
    return _done(_signing(config, "stage"), "edges learn it from /.well-known/jwks.json; then promote it", as_json)


@signing.command()
@click.option("--at-once", is_flag=True, help="Do not wait for edges: the key that signs has leaked.")
@config_option
@json_option
def promote(*, at_once: bool, config: Path | None, as_json: bool) -> int:
    """Let the staged key sign, and retire the one that did.

    Refused until the staged key has been published for two minutes.
    """
    then = "the retired key ends by itself once nothing it signed can serve; drop it now if it leaked"
    return _done(_signing(config, "promote-at-once" if at_once else "promote"), then, as_json)


@signing.command()
@config_option
@json_option
def rotate(*, config: Path | None, as_json: bool) -> int:
    """Take the step that is due: stage a key, or promote the staged one.

    Meant for a timer: run twice, more than two minutes apart, it turns the ring. Too early, it changes nothing.
    """
    return _done(_signing(config, "rotate"), "a staged key signs after two minutes, by the next `rotate`", as_json)


@signing.command()
@click.argument("kid")
@config_option
@json_option
def drop(kid: str, *, config: Path | None, as_json: bool) -> int:
    """Forget the staged or retired key KID; what it signed is refused."""
    return _done(_signing(config, "drop", kid), f"{kid} is forgotten", as_json)


def _signing(config: Path | None, change: str | None, kid: str = "") -> list[dict[str, str]]:
    """Change the ring, if asked to, and return it."""
    with service_packages():
        from minorguard_service.keys import SigningKeys
    with opened(load_settings(config)) as store:
        ring = SigningKeys(store)
        match change:
            case "stage":
                ring.stage(present())
            case "promote":
                ring.promote(present())
            case "promote-at-once":
                ring.promote(present(), at_once=True)
            case "rotate":
                ring.rotate(present())
            case "drop":
                ring.drop(kid)
            case _:
                pass
        return [_signing_body(key) for key in ring.ring()]


def _done(ring: list[dict[str, str]], then: str, as_json: bool) -> int:
    if as_json:
        emit({"keys": ring})
    else:
        _print_table(("kid", "state", "made"), [tuple(key.values()) for key in ring])
        say((then, GREY))
    return Exit.OK


def _signing_body(key: SigningKey) -> dict[str, str]:
    return {"kid": key.kid, "state": key.state.value, "created_at": _utc(key.created_at)}


def _body(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "tenant": key.tenant,
        "live": key.live,
        "roles": sorted(key.roles),
        "name": key.name,
        "created_at": _utc(key.created_at),
        "revoked": key.revoked,
    }


def _row(key: ApiKey) -> tuple[str, ...]:
    kind, state = "live" if key.live else "test", "revoked" if key.revoked else "good"
    return key.id, key.tenant, kind, " ".join(sorted(key.roles)), key.name, _utc(key.created_at), state


def _words(key: ApiKey) -> str:
    return f"{'live' if key.live else 'test'} key of {key.tenant} for {', '.join(sorted(key.roles))}"


def _utc(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def _print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """However narrow the terminal is, nothing is cut off: other commands need the ids."""
    table = Table(*(Column(one, overflow="fold") for one in headings), pad_edge=False, box=None)
    table.columns[0].no_wrap, table.columns[0].min_width = True, max((len(row[0]) for row in rows), default=0)
    for row in rows:
        table.add_row(*row)
    console().print(table)
