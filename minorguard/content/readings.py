"""The ways to read a text: as it stands, and, where something in it gives cause, otherwise."""

from __future__ import annotations

import html
import re
import urllib.parse
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, compress
from typing import NamedTuple

from minorguard.content import bopomofo, pictures, sound
from minorguard.content.fold import Letters, letters, skeleton


@dataclass
class Reading:
    """A text as it is read, and where its characters stand in the original."""

    text: str
    way: str
    """How a term is found in it; `plain` may turn out to be `disguised`."""
    trace: Callable[[], Moves] | None = None
    """Tells where its characters stand in the original, if something is found; None: where they stand here."""
    written: str = ""
    """What stood there, where characters were only exchanged; empty is `text`."""

    @property
    def source(self) -> str:
        """The characters as they were written, one for each of `text`."""
        return self.written or self.text

    @cached_property
    def moves(self) -> Moves | None:
        """Where its characters stand in the original."""
        return None if self.trace is None else self.trace()

    @cached_property
    def letters(self) -> Letters:
        """Its letters, wanted once there is a candidate."""
        return letters(self.text)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Where the characters from `first` up to and with `last` stand in the original."""
        if self.moves is None:
            return first, last + 1
        (start, end), (other_start, other_end) = self.moves.origin(first), self.moves.origin(last)
        return (start, other_end) if start < other_end else (other_start, end)


class Backwards(NamedTuple):
    """Of a text that is read from its end."""

    size: int

    def origin(self, place: int) -> tuple[int, int]:
        """From where to where the character at a place stood."""
        return self.size - 1 - place, self.size - place


class Replaced(NamedTuple):
    """Of a text with pieces written otherwise."""

    at: list[int]
    """Where each piece begins now."""
    pieces: list[Piece]
    before: Moves | None = None
    """Of the text in which they were replaced."""

    def origin(self, place: int) -> tuple[int, int]:
        """From where to where the character at a place stood; of a piece, the whole."""
        number = bisect_right(self.at, place) - 1
        start, end = place, place + 1
        if number >= 0:
            begin, stop, other = self.pieces[number]
            past = place - self.at[number] - len(other)
            start, end = (begin, stop) if past < 0 else (stop + past, stop + past + 1)
        return (start, end) if self.before is None else (self.before.origin(start)[0], self.before.origin(end - 1)[1])


Moves = Backwards | Replaced
Piece = tuple[int, int, str]
"""From where to where, and what is read there instead."""


_LEET = str.maketrans("4@3€1!|05$7+89(<{#26°", "aaeeIIIosstt" + "bgccchzgo")
_L, _SIGN = r"[A-Za-z\u00c0-\u2dff]", r"[0-9@$!|+(<{#€°]"
_LEET_NEAR = re.compile(rf"{_SIGN}(?:(?<={_L}.)|(?<={_L}[\W_].)|(?<={_L}[\W_][\W_].)|(?=[\W_]{{0,2}}{_L}))", re.DOTALL)
_FINAL = re.compile(r"[!+(<{#](?![^\W_])")
"""At the end of a word these are signs, not letters."""
CAUSES = "0123456789@$!|+(<{#€°&%\\[*_"
_CAUSE = re.compile(f"[{re.escape(CAUSES)}]")
"""Without one of these there is no such reading."""
_ESCAPED = re.compile(
    r"[&%\\Uu<\[](?i:(?<=&)(?P<entity>(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,24});?)"
    r"|(?<=%)(?P<percent>[0-9a-f]{2}(?:%[0-9a-f]{2})*)"
    r"|(?P<escape>(?<=\\)(?:u\{[0-9a-f]{1,6}\}|u[0-9a-f]{4}|x[0-9a-f]{2})|(?<=u)\+[0-9a-f]{4,6})"
    r"|(?P<tag>(?<=<)(?:/?[a-z!][^<>]{0,200}>|!--.{0,200}?-->)|(?<=\[)/?[a-z]{1,8}(?:=[^\]\[]{0,40})?\]))",
    re.DOTALL,
)
FILLERS = "啊嗯呃哦吖呀"
FOREIGN = ((0x370, 0x530), (0xE01, 0xE5C), (0x3041, 0x318F), (0xAC00, 0xD7A4))
"""Letters that people fill in as well: Greek and Cyrillic, Thai, kana and bopomofo, Hangul; half-open."""
_ABROAD = "".join(f"{chr(first)}-{chr(end - 1)}" for first, end in FOREIGN)
_FILLER = re.compile(
    rf"[A-Za-z0-9{FILLERS}{_ABROAD}](?:(?<=[\u3400-\u9fff].)|(?<=[\u3400-\u9fff][\W_].))[A-Za-z0-9{_ABROAD}]{{0,2}}"
    r"(?=[\W_]?[\u3400-\u9fff])"
)
FILLING = ("这个", "那个", "这种", "那种", "什么", "了个", "一下", "哈", "嘿", "呵")
"""Words that are put between the characters of a term."""
_FILLING = re.compile(
    rf"(?:(?<=[\u3400-\u9fff])|(?<=[\u3400-\u9fff][\W_]))(?:{'|'.join(FILLING)})+(?=[\W_]?[\u3400-\u9fff])"
)
SPOKEN = "+＋➕"
"""Signs that may be read as 加."""
_ADDED = r"[VvWwQq\u3400-\u9fff]"
_SPOKEN = re.compile(
    rf"[Vv{SPOKEN}](?:(?<=[Vv])(?<![A-Za-z0-9].)(?![A-Za-z0-9])(?:(?<=[\u3400-\u9fff].)|(?=[\u3400-\u9fff]))"
    rf"|(?<=[{SPOKEN}])(?=[\W_]?{_ADDED})(?:(?<![^\W_].)(?:(?<![^\W_]\s.)|(?!\s))|(?={_ADDED}{{0,4}}[\W_]{{0,3}}[A-Za-z0-9]{{5}})))"
)
"""Signs that are read aloud as a word: V as 微, and + as 加 where something is asked for or an account follows, not
where it joins two things."""
PICTURES = "".join(pictures.CHARACTERS)
"""Emoji that are read as characters."""
_EMOJI = "\u2300-\u2bff\U0001f000-\U0001faff"
"""Where all of them lie: so many single characters are a slow class."""
_PICTURE = re.compile(f"[{_EMOJI}]")
_SHOWN = str.maketrans(pictures.CHARACTERS)
_BOPOMOFO = re.compile(f"[{bopomofo.BOPOMOFO}]")
_TONES = re.compile(r"[1-5](?<=[a-zA-Z].)(?![0-9])")
TURNED = "ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎ"
_TURNED = re.compile(f"[{TURNED}]")
_HINT = re.compile(f"[A-Za-z0-9{FILLERS}{TURNED}{_ABROAD}{SPOKEN}{_EMOJI}]")
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


def spoken(written: Reading) -> Reading:
    """With signs that are read aloud, and emoji among ideographs, as the characters that they are read as."""
    text = written.text
    if text.isascii() and "+" not in text:
        return written
    if _PICTURE.search(text) and _HAN.search(text):
        text = text.translate(_SHOWN)
    said = _SPOKEN.sub(lambda match: "微" if match[0] in "Vv" else "加", text)
    return written if said == written.text else Reading(said, "homophone", written=written.text)


def romanised(text: str) -> Reading:
    """With bopomofo as pinyin."""
    cells = bopomofo.SYLLABLE.split(text)  # syllables at odd places, what is between them at even ones
    ends = list(accumulate(map(len, cells)))
    cells[1::2] = map(bopomofo.pinyin, cells[1::2])

    def trace() -> Moves:
        return _moves(list(zip(ends[::2], ends[1::2], cells[1::2], strict=False)))

    return Reading("".join(cells), "pinyin", trace)


def has_bopomofo(text: str) -> bool:
    """Whether there is a letter of bopomofo in it."""
    return not text.isascii() and _BOPOMOFO.search(text) is not None


def unfilled(text: str) -> Reading:
    """Without words that are put between others."""
    return _without(text, _FILLING, "filler")


def backwards(text: str, way: str = "reversed") -> Reading:
    """From its end."""
    return Reading(text[::-1], way, lambda: Backwards(len(text)))


def composed(text: str, pairs: list[Piece]) -> Reading:
    """With the pairs of parts at some places, none over another, written as the characters that they make."""
    return _replaced(text, pairs, "split")


def _without(text: str, what: re.Pattern[str], way: str) -> Reading:
    def trace() -> Moves:
        return _moves([(*match.span(), "") for match in what.finditer(text)])

    return Reading(what.sub("", text), way, trace)


def _decoded(text: str, before: Reading | None = None) -> Reading:
    pieces = [(match.start(), match.end(), _meaning(match)) for match in _ESCAPED.finditer(text)]
    return _replaced(text, pieces, "decoded", before.moves if before else None)


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


def _replaced(text: str, pieces: list[Piece], way: str, before: Moves | None = None) -> Reading:
    """A text with some pieces written otherwise, each character of which stands for the whole piece."""
    ends = [0, *(end for _, end, _ in pieces)]
    out = [text[at:begin] + other for at, (begin, _, other) in zip(ends, pieces, strict=False)]
    return Reading("".join(out) + text[ends[-1] :], way, lambda: _moves(pieces, before))


def _moves(pieces: list[Piece], before: Moves | None = None) -> Replaced:
    """Where the pieces begin after all of them have been replaced."""
    shrunk = accumulate([end - begin - len(other) for begin, end, other in pieces], initial=0)
    return Replaced([piece[0] - less for piece, less in zip(pieces, shrunk, strict=False)], pieces, before)


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


def heard(reading: Reading, *, mixed: bool) -> tuple[str, list[int], list[int]]:
    """A reading's letters as syllables, and where each begins and ends; if it is `mixed`, pinyin as syllables too."""
    places, fine, _ = reading.letters
    sounds = sound.heard()(fine)
    if not mixed:
        return sounds, places, places
    pieces = sound.LATIN_RUN.split(sounds)  # runs of letters at odd places, what is between them at even ones
    runs = [sound.signed(run) for run in pieces[1::2]]
    marks = [b""] * len(pieces)
    marks[::2] = [b"\1" * len(piece) for piece in pieces[::2]]
    pieces[1::2] = [signs for signs, _, _ in runs]
    marks[1::2] = [first for _, first, _ in runs]
    begins = b"".join(marks)
    marks[1::2] = [last for _, _, last in runs]
    return "".join(pieces), list(compress(places, begins)), list(compress(places, b"".join(marks)))


__all__ = ["Reading", "backwards", "composed", "has_han", "heard", "is_mixed", "others", "skeleton"]
