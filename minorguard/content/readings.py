"""The ways to read a text: as it stands, and, where something in it gives cause, otherwise."""

from __future__ import annotations

import html
import re
import urllib.parse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from minorguard.content import sound
from minorguard.content.fold import Letters, letters, skeleton


@dataclass
class Reading:
    """A text as it is read, and where its characters stand in the original."""

    text: str
    way: str
    """How a term is found in it; `plain` may turn out to be `disguised`."""
    starts: list[int] | None = None
    """For each character, where it begins in the original; None is where it stands."""
    ends: list[int] | None = None
    written: str = ""
    """What stood there, where characters were only exchanged; empty is `text`."""

    @property
    def source(self) -> str:
        """The characters as they were written, one for each of `text`."""
        return self.written or self.text

    @cached_property
    def letters(self) -> Letters:
        """Its letters, wanted once there is a candidate."""
        return letters(self.text)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Where the characters from `first` up to and with `last` stand in the original."""
        if self.starts is None or self.ends is None:
            return first, last + 1
        start, end = self.starts[first], self.ends[last]
        return (start, end) if start < end else (self.starts[last], self.ends[first])


_LEET = str.maketrans("4@3€1!|05$7+89(<{#26°", "aaeeIIIosstt" + "bgccchzgo")
_L, _SIGN = r"[A-Za-z\u00c0-\u2dff]", r"[0-9@$!|+(<{#€°]"
_LEET_NEAR = re.compile(rf"{_SIGN}(?:(?<={_L}.)|(?<={_L}[\W_].)|(?<={_L}[\W_][\W_].)|(?=[\W_]{{0,2}}{_L}))", re.DOTALL)
_FINAL = re.compile(r"[!+(<{#](?![^\W_])")
"""At the end of a word these are signs, not letters."""
_CAUSE = re.compile(r"[0-9@$!|+(<{#€°&%\\\[*_]")
"""Without one of these there is no such reading."""
_ESCAPED = re.compile(
    r"(?P<entity>&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,24});?)|(?P<percent>(?:%[0-9a-f]{2})+)"
    r"|(?P<escape>\\u\{[0-9a-f]{1,6}\}|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|U\+[0-9a-f]{4,6})"
    r"|(?P<tag></?[a-z!][^<>]{0,200}>|\[/?[a-z]{1,8}(?:=[^\]\[]{0,40})?\]|<!--.{0,200}?-->)",
    re.IGNORECASE | re.DOTALL,
)
_FILLER = re.compile(
    r"[A-Za-z0-9啊嗯呃哦吖呀](?:(?<=[\u3400-\u9fff].)|(?<=[\u3400-\u9fff][\W_].))[A-Za-z0-9]{0,2}(?=[\W_]?[\u3400-\u9fff])"
)
_TONES = re.compile(r"[1-5](?<=[a-zA-Z].)(?![0-9])")
_TURNED = re.compile("[ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎ]")
_HINT = re.compile("[A-Za-z0-9啊嗯呃哦吖呀ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎ]")
"""Without one of these no letter gives cause for another reading."""
_TURN = str.maketrans("ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎzᵷ∀ƆƎℲפſ˥WNԀΌᴚ⊥∩ΛM⅄", "abcdefghijklmnopqrstuvwxyzgACEFGJLMNPQRTUVWY")
_HAN_CLASS = r"[\u3400-\u9fff]"
_MIXED = re.compile(rf"[A-Za-z](?:(?<={_HAN_CLASS}.)|(?<={_HAN_CLASS}[\W_].)|(?=[\W_]?{_HAN_CLASS}))", re.DOTALL)
_LATIN = re.compile(r"[A-Za-z]")
STARS = "*＊#_✱•×"
_STAR = re.compile(f"[{STARS}]")
STARRED = re.compile(
    rf"(?<![A-Za-z{STARS}])(?=[A-Za-z{STARS}]{{4,20}}(?![A-Za-z{STARS}]))[A-Za-z]+[{STARS}]{{1,3}}[A-Za-z]*"
)
"""A word with letters starred out."""
_HAN = re.compile(r"[\u3400-\u9fff]")


def has_cause(text: str) -> bool:
    """Whether anything in a text gives cause for another reading."""
    return not text.isascii() or _CAUSE.search(text) is not None


def causes(text: str) -> Iterator[int]:
    """Where the signs stand that give cause for another reading."""
    return (match.start() for match in _CAUSE.finditer(text))


def is_foreign(text: str) -> bool:
    """Whether letters, not signs, give cause for one: turned ones, fillers, pinyin beside ideographs."""
    return _HINT.search(text) is not None and any(what.search(text) for what in (_TURNED, _FILLER, _MIXED))


def others(text: str) -> Iterator[Reading]:
    """Every other reading that something in the text gives cause for, but for those of sound."""
    if _CAUSE.search(text):
        yield from _signed(text)
    if not text.isascii():
        yield from _foreign(text)


def _signed(text: str) -> Iterator[Reading]:
    """By its figures and signs."""
    if _LEET_NEAR.search(text):
        signs = _FINAL.sub(" ", text) if _FINAL.search(text) else text
        yield Reading(signs.translate(_LEET), "leet", written=text)
    if _ESCAPED.search(text):
        decoded = _decoded(text)
        yield decoded
        if _ESCAPED.search(decoded.text):
            yield _decoded(decoded.text, decoded)
    if _TONES.search(text):
        yield _without(text, _TONES, "pinyin")


def _foreign(text: str) -> Iterator[Reading]:
    if not _HINT.search(text):
        return
    if _TURNED.search(text):
        turned = text.translate(_TURN)
        yield backwards(turned, "disguised")
        yield Reading(turned, "disguised")
    if _FILLER.search(text):
        yield _without(text, _FILLER, "filler")


def backwards(text: str, way: str = "reversed") -> Reading:
    """From its end."""
    size = len(text)
    return Reading(text[::-1], way, list(range(size - 1, -1, -1)), list(range(size, 0, -1)))


def composed(text: str, pairs: Iterable[tuple[int, int, str]]) -> Reading:
    """With the pairs of parts at some places written as the characters that they make."""
    pieces: list[tuple[int, int, str]] = []
    for pair in pairs:
        if not pieces or pieces[-1][1] <= pair[0]:
            pieces.append(pair)
    return _replaced(text, pieces, "split")


def _without(text: str, what: re.Pattern[str], way: str) -> Reading:
    return _replaced(text, [(match.start(), match.end(), "") for match in what.finditer(text)], way)


def _decoded(text: str, before: Reading | None = None) -> Reading:
    reading = _replaced(text, [(m.start(), m.end(), _meaning(m)) for m in _ESCAPED.finditer(text)], "decoded")
    if before is None or before.starts is None or before.ends is None or reading.starts is None or reading.ends is None:
        return reading
    starts = [before.starts[place] for place in reading.starts]
    return Reading(reading.text, "decoded", starts, [before.ends[place - 1] for place in reading.ends])


def _meaning(match: re.Match[str]) -> str:
    """What an escape stands for."""
    written = match[0]
    if match["entity"]:
        return html.unescape(written if written.endswith(";") else f"{written};")
    if match["percent"]:
        return urllib.parse.unquote(written, errors="ignore")
    if match["escape"]:
        code = int(written.strip("\\uxU+{}") or "0", 16)
        return chr(code) if code < 0x110000 else ""
    return ""


def _replaced(text: str, pieces: list[tuple[int, int, str]], way: str) -> Reading:
    """A text with some pieces written otherwise, each character of which stands for the whole piece."""
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for begin, end, other in [*pieces, (len(text), len(text), "")]:
        out += (text[at:begin], other)
        starts += range(at, begin)
        ends += range(at + 1, begin + 1)
        starts += [begin] * len(other)
        ends += [end] * len(other)
        at = end
    return Reading("".join(out), way, starts, ends)


def has_han(text: str) -> bool:
    """Whether there is an ideograph in it."""
    return not text.isascii() and _HAN.search(text) is not None


def has_latin(text: str) -> bool:
    """Whether there is a plain Latin letter in it."""
    return _LATIN.search(text) is not None


def is_starred(text: str) -> bool:
    """Whether letters of a word may be starred out in it."""
    return _STAR.search(text) is not None and STARRED.search(text) is not None


def is_mixed(text: str) -> bool:
    """Whether ideographs and Latin letters stand side by side in it."""
    return _MIXED.search(text) is not None


def heard(text: str, *, mixed: bool) -> tuple[str, list[tuple[int, int]]]:
    """The letters of a text as syllables, and where each stands; if it is `mixed`, pinyin as syllables too."""
    found = letters(text)
    sounds = sound.heard()
    out: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for match in [*sound.LATIN_RUN.finditer(found.fine), None] if mixed else [None]:
        stop = match.start() if match else len(found.fine)
        out.append(sounds(found.fine[at:stop]))
        spans += [(place, place) for place in found.places[at:stop]]
        at = stop
        for syllable in sound.spelled(match[0]) if match else ():
            out.append(sound.signs()[syllable])
            spans.append((found.places[at], found.places[at + len(syllable) - 1]))
            at += len(syllable)
    return "".join(out), spans


__all__ = ["Reading", "backwards", "composed", "has_han", "heard", "is_mixed", "others", "skeleton"]
