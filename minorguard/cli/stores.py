"""``minorguard store``: copy, digest, back up and compact stores, by their URLs."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import click

from minorguard.cli.exits import Exit
from minorguard.cli.options import json_option
from minorguard.cli.output import GREY, complain, console, emit, say
from minorguard.errors import InvalidInput
from minorguard.storage import StateStore, open_store
from minorguard.storage.copying import Digest, Progress, copy, digest
from minorguard.storage.open import without_secrets

_SQLITE = "sqlite:///"
_FROM_ENVIRONMENT, _VARIABLE = "-", "MINORGUARD_STORE"


@click.group()
def store() -> None:
    """Copy, compare, back up and compact stores.

    A store is named by its URL, as `store` in the settings. `-` stands for the variable MINORGUARD_STORE, and a copy
    takes what is left out from MINORGUARD_STORE_FROM and MINORGUARD_STORE_TO: no password need stand on a command line.
    """


@store.command("copy")
@click.argument("source", metavar="FROM", envvar="MINORGUARD_STORE_FROM")
@click.argument("target", metavar="TO", envvar="MINORGUARD_STORE_TO")
@click.option("--replace", is_flag=True, help="Make TO the same as FROM, whatever it holds.")
@json_option
def copy_store(*, source: str, target: str, replace: bool, as_json: bool) -> int:
    """Copy everything in the store FROM into the store TO, and compare them.

    It may be broken off and begun again. Fails (1) if they differ in the end, because one was written meanwhile.
    """
    with ExitStack() as stack:
        first = stack.enter_context(_opened(source))
        second = stack.enter_context(closing(open_store(_url(target))))
        done = copy(first, second, replace=replace, progress=_progress(as_json=as_json))
    if as_json:
        body = {"written": done.written, "removed": done.removed, "same": done.same, "verified": done.verified}
        emit({**body, "from": _body(done.source), "to": _body(done.target)})
    else:
        say(f"{done.written} written, {done.removed} removed, {done.same} there already")
        _tell(without_secrets(source), done.source)
        _tell(without_secrets(target), done.target)
        if not done.verified:
            complain("they differ, since one was written meanwhile; stop what writes and copy again with `--replace`")
    return Exit.OK if done.verified else Exit.FAILED


@store.command("digest")
@click.argument("url")
@json_option
def digest_store(*, url: str, as_json: bool) -> int:
    """Read everything in the store URL and print its digest: equal for equal contents, whatever the engine."""
    with _opened(url) as opened:
        found = digest(opened, _progress(as_json=as_json))
    if as_json:
        emit(_body(found))
    else:
        _tell(without_secrets(url), found)
    return Exit.OK


@store.command()
@click.argument("url")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def backup(*, url: str, file: Path, as_json: bool) -> int:
    """Write the store URL, which may stay in use, into the new SQLite FILE."""
    if file.exists():
        raise InvalidInput("file", f"`{file}` exists; name a new file")
    with _opened(url) as opened:
        if hasattr(opened, "backup"):
            opened.backup(file)
        else:
            _copy_into(file, opened, _progress(as_json=as_json))
    with closing(open_store(f"sqlite:///{file.resolve()}")) as made:
        found = digest(made)
    if as_json:
        emit({"file": str(file), **_body(found)})
    else:
        _tell(str(file), found)
    return Exit.OK


@store.command()
@click.argument("url")
@json_option
def compact(*, url: str, as_json: bool) -> int:
    """Rewrite the files of the store URL without the bytes of what was erased; Redis does so in the background."""
    with _opened(url) as opened:
        if not hasattr(opened, "compact"):
            raise InvalidInput("url", "this store has no files")
        opened.compact()
    if as_json:
        emit({"compacted": without_secrets(url)})
    else:
        say(f"{without_secrets(url)}: compacted")
    return Exit.OK


def _copy_into(file: Path, opened: StateStore, progress: Progress | None) -> None:
    """All of a store, or no file."""
    try:
        with closing(open_store(f"sqlite:///{file.resolve()}")) as made:
            copy(opened, made, progress=progress)
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _opened(url: str) -> closing[StateStore]:
    """A store that is there: opening an SQLite file that is not would make it."""
    known = _url(url)
    file = Path(known.removeprefix(_SQLITE))
    if known.startswith(_SQLITE) and not file.is_file():
        raise InvalidInput("store", f"there is no file `{file}`")
    return closing(open_store(known))


def _url(text: str) -> str:
    """What a URL on the command line stands for."""
    if text != _FROM_ENVIRONMENT:
        return text
    if not os.environ.get(_VARIABLE):
        raise InvalidInput("store", f"`-` stands for the variable {_VARIABLE}; set that")
    return os.environ[_VARIABLE]


def _progress(*, as_json: bool) -> Progress | None:
    """A line that counts, where somebody looks."""
    if as_json or not sys.stderr.isatty():
        return None
    return lambda what, number: console(stderr=True).print(f"{number} {what}", end="\r")


def _body(found: Digest) -> dict[str, object]:
    return {"keys": found.keys, "bytes": found.bytes, "sha256": found.sha256}


def _tell(where: str, found: Digest) -> None:
    say(f"{where}: {found.keys} keys, {found.bytes} bytes ", (f"sha256:{found.sha256}", GREY))
