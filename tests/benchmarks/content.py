"""`python -m tests.benchmarks.content`: the text filter beside raw scans of the same lists; needs the extra `bench`.

The peers only scan lower-case text for lower-case terms: they fold nothing, know no words, and judge nothing.
"""

from __future__ import annotations

import random
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

import ahocorasick
import daachorse
from better_profanity import Profanity

from minorguard.content import Lexicon, TextFilter, words
from minorguard.content.source import LexiconSource
from tests.benchmarks.pairs import pair, show

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
    """Single messages and batches beside the peers; microseconds a thousand messages."""
    listed = terms(size)
    filter = TextFilter(Lexicon.from_terms([{"term": term, "category": "ads"} for term in listed]))
    raw = daachorse.CharwiseDoubleArrayAhoCorasick(listed)
    floors = {
        "daachorse, raw": raw.find_overlapping,
        "pyahocorasick, raw": pyahocorasick_scan(listed),
        "trie of dicts": trie_scan(listed),
    }
    for floor, scan in floors.items():
        for name, ours in (("single", each(filter.check, texts)), ("batch", lambda: filter.check_many(texts))):
            show(
                f"{MESSAGES} messages, {name}, {size} terms",
                floor,
                pair(ours, each(scan, texts), ours_number=1, floor_number=1),
            )


def profanity(texts: Sequence[str]) -> None:
    """A small list beside better_profanity, on a few messages: it is slow."""
    listed, few = terms(400), texts[:20]
    peer = Profanity(listed)
    filter = TextFilter(Lexicon.from_terms([{"term": term, "category": "ads"} for term in listed]))
    show(
        "20 messages, 400 terms",
        "better_profanity",
        pair(each(filter.check, few), each(peer.censor, few), ours_number=1, floor_number=1),
    )


def long_text(texts: Sequence[str]) -> None:
    """One text of 5 MB."""
    listed = terms(10_000)
    text = ("".join(texts) * 40)[:2_500_000]
    filter = TextFilter(Lexicon.from_terms([{"term": term, "category": "ads"} for term in listed]))
    raw = daachorse.CharwiseDoubleArrayAhoCorasick(listed)
    begin = perf_counter()
    filter.check(text)
    ours = perf_counter() - begin
    begin = perf_counter()
    raw.find_overlapping(text)
    floor = perf_counter() - begin
    size = len(text.encode()) / 1e6
    print(f"one text of {size:.1f} MB: {ours * 1e9 / len(text):.0f} ns a character, {ours / floor:.1f} of a raw scan")


def hostile() -> None:
    """Texts made to cost; nanoseconds a character."""
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
    ):
        text = unit * (200_000 // len(unit))
        begin = perf_counter()
        filter.check(text)
        print(f"  {unit!a:<32} {(perf_counter() - begin) * 1e9 / len(text):>6.0f} ns a character")


def loading() -> None:
    """Reload of 100,000 terms from source and compiled, and the longest wait of a reader meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        plain, compiled = Path(folder, "list.txt"), Path(folder, "list.mglex")
        plain.write_text("\n".join(terms(100_000)), "utf-8")
        begin = perf_counter()
        lexicon = Lexicon.load(plain)
        TextFilter(lexicon).check("x")
        print(f"100,000 terms from plain text: {(perf_counter() - begin) * 1e3:.0f} ms")
        lexicon.save(compiled)
        begin = perf_counter()
        TextFilter(Lexicon.open(compiled)).check("x")
        print(f"100,000 terms, compiled: {(perf_counter() - begin) * 1e3:.0f} ms")
        source = LexiconSource(compiled)
        lexicon.add({"term": "onemoreterm", "category": "ads"}).save(compiled)
        print(f"longest wait of a reader while it reloads: {pause(source) * 1e3:.1f} ms")


def pause(source: LexiconSource) -> float:
    """Seconds between two checks at most, while another thread reloads."""
    thread = threading.Thread(target=source.refresh)
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
