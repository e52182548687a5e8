"""What ``minorguard doctor`` looks at. Every check gives results; none raises for what it is there to find."""

from __future__ import annotations

import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from minorguard.errors import InvalidInput, MinorGuardError, PolicyInvalid
from minorguard.model.calendar import WEEKENDS_ONLY, Calendar, YearState, zone
from minorguard.model.ids import Instant
from minorguard.policy import Finding, PolicyBook, builtin_presets
from minorguard.storage import open_store
from minorguard.storage.base import Cautious
from minorguard.storage.open import without_secrets

if TYPE_CHECKING:
    from minorguard_service.settings import Settings

OLDEST_PYTHON = (3, 11)
OLDEST_SQLITE = (3, 24, 0)  # the first with `ON CONFLICT DO UPDATE`
BUILT = 1_767_225_600  # 2026-01-01T00:00:00Z; no clock that is right shows less
FAR = 4_102_444_800  # 2100-01-01T00:00:00Z
SKEW_SECONDS = 120
ZONE = "Asia/Shanghai"
_SQLITE = "sqlite:///"


class State(StrEnum):
    """How it stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that was looked at, and what to do about it."""

    check: str
    state: State
    found: str
    todo: str = ""


def machine(now: Instant) -> Iterator[Result]:
    """Python, SQLite, zones, the clock, and the presets that can be extended."""
    yield python()
    yield sqlite()
    yield zones((ZONE,))
    yield clock(now)
    yield Result("presets", State.OK, ", ".join(sorted(builtin_presets())))


def python(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> Result:
    """Whether this Python is new enough."""
    found = ".".join(map(str, version))
    if version >= OLDEST_PYTHON:
        return Result("python", State.OK, found)
    return Result("python", State.FAIL, found, "use Python 3.11 or newer")


def sqlite(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> Result:
    """Whether the SQLite library is new enough."""
    found = ".".join(map(str, version))
    if version >= OLDEST_SQLITE:
        return Result("sqlite", State.OK, found)
    return Result("sqlite", State.FAIL, found, "use a Python built with SQLite 3.24 or newer")


def zones(names: tuple[str, ...]) -> Result:
    """Whether time zones are known."""
    missing = [name for name in names if not _has_zone(name)]
    if missing:
        return Result("zones", State.FAIL, f"unknown: {', '.join(missing)}", "install or update the package `tzdata`")
    return Result("zones", State.OK, ", ".join(names))


def _has_zone(name: str) -> bool:
    try:
        zone(name)
    except InvalidInput:
        return False
    return True


def clock(now: Instant) -> Result:
    """Whether the clock can be right: every decision rests on it."""
    found = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%SZ}"
    if BUILT <= now < FAR:
        return Result("clock", State.OK, found)
    return Result("clock", State.FAIL, f"{found} cannot be", "set the clock, and keep it right with NTP")


def deployment(settings: Settings, now: Instant) -> Iterator[Result]:
    """The store and the policies of a deployment."""
    if settings.store.startswith(_SQLITE):
        yield from files(Path(settings.store.removeprefix(_SQLITE)), now)  # before opening changes them
    yield from store(settings.store)
    yield from policies(settings.policies, datetime.fromtimestamp(now, UTC).date())


def store(url: str) -> Iterator[Result]:
    """Whether the store opens (SQLite: is sound) and can be written."""
    file = Path(url.removeprefix(_SQLITE))
    if url.startswith(_SQLITE) and not file.exists():
        yield _unborn(file)
        return
    try:
        with closing(open_store(url)) as opened:
            opened.check()
            cautions = opened.cautions() if isinstance(opened, Cautious) else ()
    except MinorGuardError as error:
        yield Result("store", State.FAIL, str(error), "correct `store` in the settings, or restore a backup")
    else:
        yield Result("store", State.OK, f"{without_secrets(url)} opens, is sound, and can be written")
        yield from (Result("store", State.WARN, *caution) for caution in cautions)


def _unborn(file: Path) -> Result:
    if file.parent.is_dir():
        return Result("store", State.WARN, f"`{file}` is not there yet", "the service makes it when it starts")
    return Result("store", State.FAIL, f"there is no folder `{file.parent}`", "make it, or correct `store`")


def files(file: Path, now: Instant) -> Iterator[Result]:
    """Whether others can read the state, and whether the clock stands before its last change."""
    for part in (file, *(file.with_name(file.name + suffix) for suffix in ("-wal", "-shm"))):
        if part.exists():
            yield from _file(part, now)


def _file(file: Path, now: Instant) -> Iterator[Result]:
    known = file.stat()
    mode = f"`{file}` has mode {stat.S_IMODE(known.st_mode):04o}"
    if known.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Result("file mode", State.FAIL, f"{mode}: others may read or write it", f"run `chmod 600 {file}`")
    else:
        yield Result("file mode", State.OK, mode)
    if known.st_mtime > now + SKEW_SECONDS:
        yield Result("clock", State.FAIL, f"`{file}` changed after now", "the clock went back; set it right")


def policies(path: Path, today: date) -> Iterator[Result]:
    """Whether the policies load, and what their calendars know."""
    try:
        book = PolicyBook.load(path)
    except PolicyInvalid as error:
        yield from (_finding(finding) for finding in error.findings if isinstance(finding, Finding))
        return
    yield from map(_finding, book.findings)
    yield Result("policies", State.OK, f"{len(book)} in `{path}`: {', '.join(book.ids)}")
    loaded = book.policies.values()
    yield zones(tuple(sorted({policy.days.zone for policy in loaded})))
    for calendar in {policy.calendar.name: policy.calendar for policy in loaded}.values():
        yield from years(calendar, today)


def _finding(finding: Finding) -> Result:
    state = State.FAIL if finding.severity == "error" else State.WARN
    return Result("policies", state, str(finding), f"run `minorguard check {finding.file}`")


def years(calendar: Calendar, today: date) -> Iterator[Result]:
    """Whether a calendar knows this year and the next; of others it takes the stricter reading of each day."""
    if calendar == WEEKENDS_ONLY:
        return
    for year in (today.year, today.year + 1):
        state = calendar.state(year)
        found = f"{calendar.name} {year} is {state}"
        if state is YearState.ANNOUNCED:
            yield Result("calendar", State.OK, found)
        else:
            yield Result("calendar", State.WARN, found, _UPDATE)


_UPDATE = "no holiday holds until it is announced; then update MinorGuard, or add a calendar to `policies/calendars/`"


def guarded(name: str, check: Callable[[], Iterator[Result]]) -> Iterator[Result]:
    """The results of a check; what it did not foresee is a failure and not an end."""
    try:
        yield from check()
    except Exception as error:  # a check-up goes on
        yield Result(name, State.FAIL, f"{error}", "correct it and run `minorguard doctor` again")
