"""Lists that live: read anew when their files change, with readers never made to wait."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from minorguard.content.findings import LexiconFinding
from minorguard.content.lexicon import Lexicon
from minorguard.content.sources import listed
from minorguard.content.textfilter import TextFilter
from minorguard.errors import InvalidInput, LexiconInvalid
from minorguard.model.sections import TextAction

EVERY_SECONDS = 0.25
"""How often the files are looked at, so that a change holds within a second."""
KEPT = 8
"""How many versions can be gone back to."""
COMPILED = ".mglex"
"""What the name of a compiled list ends in."""

_Seen = tuple[tuple[str, int, int, int], ...]


class LexiconSource:
    """A list in files or folders, and the filter over it that is in force.

    `filter` is read without a lock: a new list is built aside, and the reference is swapped once it is whole. A change
    that does not load leaves the last good list in force and is told in `failure`. Folders may hold lists in any
    format; a single file that ends in `.mglex` is a compiled list, which is read in some 20 ms for 100,000 terms.

    >>> with LexiconSource("lists/") as source:  # doctest: +SKIP
    ...     source.filter.check("...")
    """

    def __init__(
        self, *paths: str | Path, category: str = "other", actions: Mapping[str, TextAction] | None = None
    ) -> None:
        """Load the list; one that is not fit raises `LexiconInvalid`, since there is none before it to keep."""
        self._paths = [Path(path) for path in paths]
        self._category = category
        self._actions = dict(actions or {})
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.failure: LexiconInvalid | None = None
        self._versions: deque[TextFilter] = deque(maxlen=KEPT)
        self._seen = self._look()
        self.filter = self._built()
        self._versions.append(self.filter)

    @property
    def lexicon(self) -> Lexicon:
        """The list in force."""
        return self.filter.lexicon

    @property
    def versions(self) -> tuple[str, ...]:
        """The digests of the lists that were in force, the newest last."""
        return tuple(version.lexicon.digest for version in self._versions)

    def refresh(self) -> bool:
        """Look at the files now; whether another list is in force than before."""
        with self._lock:
            seen = self._look()
            if seen == self._seen:
                return False
            self._seen = seen
            try:
                built = self._built()
                self._check_not_emptied(built)
            except LexiconInvalid as failure:
                self.failure = failure
                return False
            self.failure = None
            return self._put(built)

    def _check_not_emptied(self, built: TextFilter) -> None:
        """A file that is being written is empty for a moment, and an empty list lets everything pass."""
        if self.lexicon and not built.lexicon:
            where = ", ".join(map(str, self._paths))
            raise LexiconInvalid(where, [LexiconFinding("file.empty", "error", "no term is left", where)])

    def roll_back(self, digest: str) -> None:
        """Put an earlier version in force, until the files change again."""
        with self._lock:
            for version in self._versions:
                if version.lexicon.digest == digest:
                    self._put(version)
                    return
        raise InvalidInput("digest", f"there is no version `{digest}`; the last {KEPT} are in `versions`")

    def _put(self, built: TextFilter) -> bool:
        if built.lexicon.digest == self.filter.lexicon.digest:
            return False
        self.filter = built
        self._versions.append(built)
        return True

    def _look(self) -> _Seen:
        """What can be seen of the files from outside; a file that vanishes meanwhile is as good as not there."""
        found = []
        for path in self._paths:
            with suppress(OSError):
                for file in listed(path):
                    with suppress(OSError):
                        stat = file.stat()
                        found.append((str(file), stat.st_mtime_ns, stat.st_size, stat.st_ino))
        return tuple(found)

    def _built(self) -> TextFilter:
        if len(self._paths) == 1 and self._paths[0].suffix == COMPILED:
            lexicon = Lexicon.open(self._paths[0])
        else:
            lexicon = Lexicon.load(*self._paths, category=self._category)
        built = TextFilter(lexicon, actions=self._actions)
        built.check("the first text pays for what is made at the first use")
        return built

    def start(self) -> Self:
        """Watch the files from a thread of its own."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="minorguard-lexicon", daemon=True)
            self._thread.start()
        return self

    def close(self) -> None:
        """Stop watching; the list in force stays."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(EVERY_SECONDS):
            self.refresh()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()
