"""Making states small: deflating with words known beforehand, and folded days as a short text.

Raw deflate with a preset dictionary halves a few hundred bytes of JSON in some 7 µs, and inflates them in 3.
"""

from __future__ import annotations

import json
import re
import zlib
from itertools import chain

from minorguard.model.state import FoldedDay

MOST_BYTES = 64_000_000
"""Of anything inflated."""

_WINDOW_BITS, _MEMORY, _LEVEL = -12, 4, 3  # small, so that there is little to set up for a small state

WORDS = (
    b'"itm":[["ntf":[["buy":[["gra":[["20CNY","use":[["","comment",1"],["phone","read",[["phone","music",[["phone",'
    b'"study",[["phone","game",[["phone","video",[["tablet","study",[["tablet","game",[["default,true,"desktop"],["tv",'
    b'"short-video",null,null,"20-0-1,1800,900,600,300,120,null]]}],["phone",null]],"use":[["]]],"dev":[["tablet",18'
    b'0,0,null],["web",178,30,1,"phone","video",177,60,0,0,null]],"led":[["tablet","video",[176,86400,'
    b'{"state":2,"who":["test",null,[8,12],[12,16],[16,18],1,"",null,null],"ses":[["general",'
)
"""What states are full of, the commonest last. INVARIANT: never changed; another dictionary is another format."""

_PACKER = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY, zlib.Z_DEFAULT_STRATEGY, WORDS)
"""Never used itself: a copy knows the words already."""
_DAY_SECONDS = 86_400
_FIRST_LETTER = 97  # a letter for each track, above all that separates
_NONE = "-"
_ROW = re.compile(r"(?:\+(-?[0-9]+):)?(?:=(-?[0-9]+):)?(.*)", re.DOTALL)
_ATOM = re.compile(r"([0-9]+)([^0-9]*)")


def deflate(raw: bytes) -> bytes:
    """Equal bytes give equal bytes, with one release of zlib."""
    packer = _PACKER.copy()
    return packer.compress(raw) + packer.flush()


def inflate(packed: bytes) -> bytes:
    """What was deflated. Raises `ValueError` for anything else."""
    unpacker = zlib.decompressobj(_WINDOW_BITS, WORDS)
    try:
        raw = unpacker.decompress(packed, MOST_BYTES)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError("cut short, or too long")
    return raw


def pack_days(days: tuple[FoldedDay, ...]) -> bytes:
    """A table of tracks, and on the next line a row a day: how it lies after the one before, and its atoms.

    A row is ``+gap:`` (if there is one), ``=length:`` (of a day that has not 24 hours) and atoms such as ``600ac``:
    seconds in which exactly the first and the third track ran (``-``: none).
    """
    tracks = sorted({track for day in days for atom, _ in day.atoms for track in atom})
    letter = {track: chr(_FIRST_LETTER + place) for place, track in enumerate(tracks)}
    starts = chain((0,), (day.end for day in days))
    rows = " ".join(_row(day, day.start - end, letter) for day, end in zip(days, starts, strict=False))
    table = json.dumps(tracks, separators=(",", ":"), ensure_ascii=False)
    return deflate(f"{table}\n{rows}".encode("utf-8", "surrogatepass"))


def unpack_days(packed: bytes) -> tuple[FoldedDay, ...]:
    """The days that were packed. Raises `ValueError`, `TypeError`, `LookupError` for anything else."""
    table, _, rows = inflate(packed).decode("utf-8", "surrogatepass").partition("\n")
    tracks = [(device, activity) for device, activity in json.loads(table)]
    days, end = [], 0
    for row in rows.split(" "):
        gap, length, atoms = _ROW.fullmatch(row).groups()  # type: ignore[union-attr]  # it matches any text
        start = end + int(gap or 0)
        end = start + int(length or _DAY_SECONDS)
        pairs = ((at.strip(_NONE), int(seconds)) for seconds, at in _ATOM.findall(atoms))
        day = tuple((frozenset(tracks[ord(one) - _FIRST_LETTER] for one in at), seconds) for at, seconds in pairs)
        days.append(FoldedDay(start, end, day))
    return tuple(days)


def _row(day: FoldedDay, gap: int, letter: dict[tuple[str, str], str]) -> str:
    length = day.end - day.start
    head = (f"+{gap}:" if gap else "") + (f"={length}:" if length != _DAY_SECONDS else "")
    atoms = (f"{seconds}{''.join(sorted(letter[track] for track in atom)) or _NONE}" for atom, seconds in day.atoms)
    return head + "".join(atoms)
