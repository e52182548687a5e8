"""Running again whenever a file changes. Who waits between two looks, and how, is the caller's affair."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

Stamp = tuple[int, int] | None
"""When a file was changed, in nanoseconds, and its size; None for one that is not there."""


def watch(files: Callable[[], Iterable[Path]], run: Callable[[], None], ticks: Iterable[None]) -> None:
    """Run at the first tick, and at every tick at which a file has come, gone or changed. Ends when the ticks do."""
    known: dict[Path, Stamp] | None = None
    for _ in ticks:
        found = {file: _stamp(file) for file in files()}
        if found != known:
            known = found
            run()


def _stamp(file: Path) -> Stamp:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
