"""`python -m tests.benchmarks.content`: the text filter beside raw scans of the same lists; needs the extra `bench`.

The peers only scan lower-case text for lower-case terms: they fold nothing, know no words, and judge nothing.
"""

from __future__ import annotations

import json
import random
import tempfile
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, sleep, thread_time_ns

import ahocorasick
import daachorse
from better_profanity import Profanity

from minorguard.content import Lexicon, TextFilter, words
from minorguard.content.source import LexiconSource
from tests.benchmarks.pairs import pair, show, timed

RANDOM = random.Random(5)
SYLLABLES = (
    "ba",
    "ce",
    "dro",
    "fi",
    "gu",
    "hel",
    "ja",
    "kro",
    "lim",
    "mo",
    "nup",
    "pra",
    "qui",
    "ros",
    "sta",
    "tev",
    "ulm",
    "vor",
)
MESSAGES = 1_000
ROUNDS = 9
"""Of each pair: there are many."""


def terms(size: int) -> list[str]:
    """Half rare Chinese words and pairs of them, half made-up Latin words."""
    rare = [word for word, weight in words.weights().items() if len(word) > 1 and weight < 6 and word.isalpha()]
    chinese = {RANDOM.choice(rare) + RANDOM.choice(rare) for _ in range(size)}
    latin = {"".join(RANDOM.choices(SYLLABLES, k=RANDOM.randint(3, 5))) for _ in range(size)}
    return [*sorted(chinese)[: size // 2], *sorted(latin)[: size // 2]]


def messages() -> list[str]:
    """As people write, 20 to 200 characters, in turn of everyday Chinese and English words; few hold anything."""
    weights = words.weights().items()
    known = {word: 2**weight for word, weight in weights if len(word) > 1 and weight > 9 and word.isalpha()}
    chinese, english = list(known), sorted(words.COMMON)
    found = []
    for number in range(MESSAGES):
        size = RANDOM.randint(20, 200)
        picked = (
            RANDOM.choices(chinese, list(known.values()), k=size // 2)
            if number % 2
            else RANDOM.choices(english, k=size // 4)
        )
        found.append((("" if number % 2 else " ").join(picked))[:size] + ("。" if number % 2 else "."))
    return found


def trie_scan(listed: Sequence[str]) -> Callable[[str], list[tuple[int, str]]]:
    """Peer: a trie of dicts, walked from each character."""
    root: dict[str, object] = {}
    for term in listed:
        node = root
        for char in term:
            node = node.setdefault(char, {})  # type: ignore[assignment]
        node[""] = term

    def scan(text: str) -> list[tuple[int, str]]:
        found = []
        for start in range(len(text)):
            node, at = root, start
            while node:
                if "" in node:
                    found.append((start, str(node[""])))
                if at == len(text) or text[at] not in node:
                    break
                node, at = node[text[at]], at + 1  # type: ignore[assignment]
        return found

    return scan


def pyahocorasick_scan(listed: Sequence[str]) -> Callable[[str], object]:
    """Peer: pyahocorasick."""
    automaton = ahocorasick.Automaton()
    for term in listed:
        automaton.add_word(term, term)
    automaton.make_automaton()
    return lambda text: list(automaton.iter(text))


def each(call: Callable[[str], object], texts: Sequence[str]) -> Callable[[], None]:
    """A call for one text after the other."""

    def run() -> None:
        for text in texts:
            call(text)

    return run


def scans(size: int, texts: Sequence[str]) -> None:
    """Single messages and batches beside the peers, in English, in Chinese and in turns; microseconds a run of all."""
    listed = terms(size)
    filter = TextFilter(Lexicon.from_terms([{"term": term, "category": "ads"} for term in listed]))
    floors = {
        "daachorse, raw": daachorse.CharwiseDoubleArrayAhoCorasick(listed).find_overlapping,
        "pyahocorasick, raw": pyahocorasick_scan(listed),
        "trie of dicts": trie_scan(listed),
    }
    for language, some in (("en", texts[::2]), ("zh", texts[1::2]), ("en+zh", texts)):
        for floor, scan in floors.items():
            for name, ours in (("single", each(filter.check, some)), ("batch", partial(filter.check_many, some))):
                show(
                    f"{len(some)} messages {language}, {name}, {size} terms",
                    floor,
                    pair(ours, each(scan, some), ours_number=1, floor_number=1, rounds=ROUNDS),
                )


def profanity(texts: Sequence[str]) -> None:
    """A small list beside better_profanity, on a few messages: it is slow."""
    listed, few = terms(400), texts[:20]
    peer = Profanity(listed)
    filter = TextFilter(Lexicon.from_terms([{"term": term, "category": "ads"} for term in listed]))
    show(
        "20 messages, 400 terms",
        "better_profanity",
        pair(each(filter.check, few), each(peer.censor, few), ours_number=1, floor_number=1, rounds=ROUNDS),
    )


def long_text(texts: Sequence[str]) -> None:
    """One text of 5 MB."""
    listed = terms(10_000)
    text = ("".join(texts) * 40)[:2_500_000]
    filter = TextFilter(Lexicon.from_terms([{"term": term, "category": "ads"} for term in listed]))
    raw = daachorse.CharwiseDoubleArrayAhoCorasick(listed)
    ours, floor = (timed(partial(scan, text), 1, thread_time_ns) for scan in (filter.check, raw.find_overlapping))
    size = len(text.encode()) / 1e6
    print(f"one text of {size:.1f} MB: {ours * 1e3 / len(text):.0f} ns a character, {ours / floor:.1f} of a raw scan")


def hostile() -> None:
    """Texts of 100,000 characters made to cost; nanoseconds of processor time a character, the better of two."""
    listed = ["赌博", "毒品", "fuck", "ass", "a", "aa", "ab", *("ab" * number for number in range(2, 60))]
    filter = TextFilter(Lexicon.from_terms([{"term": term, "category": "ads"} for term in listed]))
    for unit in (
        "a",
        "ab",
        "赌博",
        "赌 博 ",
        "堵播",
        "f u c k ",
        "5h1t a55 ",
        "&amp;",
        "assassin ",
        "f*ck ",
        "<a",
        "赌bo",
        "贝者博",
        "ɐɔ",
        "\ud800",
        "赌这个博",
        "ㄉ",
        "你🐴",
        "+V信",
    ):
        text = unit * (100_000 // len(unit))
        cost = min(timed(partial(filter.check, text), 1, thread_time_ns) for _ in range(2))
        print(f"  {unit!a:<32} {cost * 1e3 / len(text):>6.0f} ns a character")


def loading() -> None:
    """100,000 terms from source and compiled, by processor time, and the longest wait of a reader meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        listed = terms(100_000)
        plain, table, array, compiled = (Path(folder, f"list.{end}") for end in ("txt", "csv", "json", "mglex"))
        plain.write_text("\n".join(listed), "utf-8")
        table.write_text("\n".join(["term,category", *(f"{term},ads" for term in listed)]), "utf-8")
        array.write_text(json.dumps([{"term": term, "category": "ads"} for term in listed]), "utf-8")
        for path in (plain, table, array):
            print(f"100,000 terms from {path.suffix}: {cost(lambda path=path: Lexicon.load(path)):.0f} ms")
        lexicon = Lexicon.load(plain)
        lexicon.save(compiled)
        print(f"100,000 terms, compiled: {cost(lambda: Lexicon.open(compiled)):.0f} ms")
        source = LexiconSource(compiled)
        waits = []
        for other in (lexicon.add({"term": "onemoreterm", "category": "ads"}), lexicon) * 3:
            other.save(compiled)
            waits.append((pause(source, source.refresh), pause(source, partial(sleep, 0.05))))
        reload, idle = (median(wait) * 1e3 for wait in zip(*waits, strict=True))
        print(f"longest wait of a reader while it reloads: {reload:.1f} ms; while nothing is done: {idle:.1f} ms")


def cost(load: Callable[[], Lexicon]) -> float:
    """Milliseconds of processor time from a file to the first verdict, the median of three."""
    return median(timed(lambda: TextFilter(load()).check("x"), 1, thread_time_ns) for _ in range(3)) / 1e3


def pause(source: LexiconSource, work: Callable[[], object]) -> float:
    """Seconds between two checks at most, while another thread works."""
    thread = threading.Thread(target=work)
    worst, last = 0.0, perf_counter()
    thread.start()
    while thread.is_alive():
        source.filter.check("hello")
        worst, last = max(worst, perf_counter() - last), perf_counter()
    return worst


def main() -> None:
    """Print everything."""
    texts = messages()
    for size in (10_000, 100_000):
        scans(size, texts)
    profanity(texts)
    long_text(texts)
    hostile()
    loading()


if __name__ == "__main__":
    main()
