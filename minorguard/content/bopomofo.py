"""Bopomofo read as pinyin: ㄉㄨˇ is du; an initial alone, as people write it for a whole word, is its letter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

BOPOMOFO = "".join(map(chr, range(0x3105, 0x312A)))
"""The letters of Mandarin."""


def _table(letters: Iterable[str], sounds: str) -> dict[str, str]:
    return dict(zip(letters, sounds.split(), strict=True))


_INITIALS = _table("ㄅㄆㄇㄈㄉㄊㄋㄌㄍㄎㄏㄐㄑㄒㄓㄔㄕㄖㄗㄘㄙ", "b p m f d t n l g k h j q x zh ch sh r z c s")
_FINALS = _table("ㄚㄛㄜㄝㄞㄟㄠㄡㄢㄣㄤㄥㄦ", "a o e e ai ei ao ou an en ang eng er")
_AFTER_I, _AFTER_U, _AFTER_Y = ("", *"ㄚㄛㄝㄞㄠㄡㄢㄣㄤㄥ"), ("", *"ㄚㄛㄞㄟㄢㄣㄤㄥ"), ("", *"ㄝㄢㄣㄥ")
_JOINED = {
    "ㄧ": _table(_AFTER_I, "i ia io ie iai iao iu ian in iang ing"),
    "ㄨ": _table(_AFTER_U, "u ua uo uai ui uan un uang ong"),
    "ㄩ": _table(_AFTER_Y, "u ue uan un iong"),
}
"""A medial with what follows it, after an initial; as everywhere here, ü is u."""
_ALONE = {
    "ㄧ": _table(_AFTER_I, "yi ya yo ye yai yao you yan yin yang ying"),
    "ㄨ": _table(_AFTER_U, "wu wa wo wai wei wan wen wang weng"),
    "ㄩ": _table(_AFTER_Y, "yu yue yuan yun yong"),
}
"""The same with no initial before it."""
_HISSED = frozenset({"zh", "ch", "sh", "r", "z", "c", "s"})
"""Initials that are syllables by themselves, with an i."""
_TONES = "ˉˊˇˋ˙"
SYLLABLE = re.compile(f"((?=[{BOPOMOFO}])[{''.join(_INITIALS)}]?[ㄧㄨㄩ]?[{''.join(_FINALS)}]?[{_TONES}]?)")
"""One syllable, with its tone."""


@lru_cache(maxsize=4096)
def pinyin(syllable: str) -> str:
    """The pinyin of what `SYLLABLE` finds."""
    letters = syllable.rstrip(_TONES)
    initial = _INITIALS.get(letters[:1], "")
    rest = letters[1:] if initial else letters
    medial = rest[:1] if rest[:1] in _ALONE else ""
    final = rest[len(medial) :]
    if not medial:
        return initial + _FINALS.get(final, "i" if initial in _HISSED else "")
    joined = (_JOINED if initial else _ALONE)[medial].get(final)
    if joined is None:  # no syllable of Mandarin: each for itself
        return initial + _ALONE[medial][""] + _FINALS[final]
    return initial + joined
