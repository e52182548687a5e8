"""What holds of every text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minorguard.content import Lexicon, TextFilter, fold
from minorguard.content.automata import Daachorse, Trie
from minorguard.content.finder import Finder
from minorguard.model.sections import TextAction
from tests.content import matrix

TERMS = ["赌博", "法轮功", "加微信", "海洛因", "fuck", "cocaine", "blow job", "六合彩", "大麻"]
FILTER = TextFilter(
    Lexicon.from_terms(
        [{"term": term, "category": "other", "action": "block"} for term in TERMS]
        + [{"term": "大麻哈鱼", "category": "other", "action": "allow"}]
    )
)
INVISIBLE = ["\u200b", "\u200d", "\u2060", "\u00ad", "\ufeff", "\u202e", "\ufe0f", "\u0301"]
VISIBLE = [".", "-", "_", "*", " ", "\n", "😂", "·", "/", "~", "，", "【", "♥", "\u3000"]
PIECES = st.sampled_from(
    [*TERMS, *INVISIBLE, *VISIBLE, "a", "ck", "赌", "博", "麻烦", "&#36172;", "ﬀ", "\ud800", "1", "😀", "ＦＵ", "é"]
)
TEXTS = st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=40)
TERM = st.sampled_from(["赌博", "法轮功", "fuck", "cocaine"])


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_spans_lie_on_the_original_and_mask_exactly(text: str) -> None:
    """Each match is a part of the text; the mask stars out these parts and leaves the rest."""
    verdict = FILTER.check(text)
    starred = {place for match in verdict.matches for place in range(match.start, match.end)}
    assert all(0 <= match.start < match.end <= len(text) for match in verdict.matches)
    assert verdict.masked == "".join("*" if place in starred else char for place, char in enumerate(text))


@given(st.lists(TEXTS, max_size=6))
@settings(max_examples=150, deadline=None)
def test_batches_agree(texts: list[str]) -> None:
    """`check_many` is `check` of each."""
    assert FILTER.check_many(texts) == [FILTER.check(text) for text in texts]


@given(TERM, st.data())
@settings(max_examples=200, deadline=None)
def test_invisibles_never_unblock(term: str, data: st.DataObject) -> None:
    """A term with anything unseen between its letters is blocked as it was."""
    gaps = [data.draw(st.lists(st.sampled_from(INVISIBLE), max_size=3).map("".join)) for _ in term]
    text = "".join(letter + gap for letter, gap in zip(term, gaps, strict=True))
    assert FILTER.check(text).action is TextAction.BLOCK


@given(TERM, st.data())
@settings(max_examples=200, deadline=None)
def test_separators_never_let_through(term: str, data: st.DataObject) -> None:
    """A term with separators between any of its letters is blocked or sent to review."""
    gaps = [data.draw(st.lists(st.sampled_from(VISIBLE), max_size=2).map("".join)) for _ in term[1:]]
    text = term[0] + "".join(gap + letter for letter, gap in zip(term[1:], gaps, strict=True))
    assert FILTER.check(text).action in (TextAction.BLOCK, TextAction.REVIEW)


@given(st.text(st.sampled_from("xzqjw ，。0123456789人天我们好"), max_size=60))
@settings(max_examples=200, deadline=None)
def test_texts_without_a_character_of_the_list_never_match(text: str) -> None:
    """Where no letter or sound of the list is, nothing is found."""
    lexicon = Lexicon.from_terms([{"term": term, "category": "other"} for term in ("fuck", "赌博", "porn")])
    assert TextFilter(lexicon).check(text).matches == ()


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_folds_agree(text: str) -> None:
    """The fold and the letters by arrays are those of plain Python, and the one lies over the other."""
    assert fold._quick_skeleton(text) == fold._skeleton(text)
    assert fold._quick_letters(text) == fold._letters(text)
    places, fine, runs = fold._letters(text)
    assert fold.merged("".join(fine[run] for run in runs[:-1])) == fold._skeleton(text)
    assert len(places) == len(fine)


@given(
    st.sets(st.text("abc赌", min_size=1, max_size=5), min_size=1, max_size=12).map(sorted),
    st.text("abc赌", max_size=40),
)
@settings(max_examples=300, deadline=None)
def test_automata_agree_with_each_other_and_with_a_search(patterns: list[str], text: str) -> None:
    """Both automata find at every place the longest pattern that ends there."""
    expected = []
    for end in range(1, len(text) + 1):
        starts = [start for start in range(end) if text[start:end] in patterns]
        expected += [(starts[0], end, patterns.index(text[starts[0] : end]))] if starts else []
    assert Trie(patterns).longest(text) == expected
    assert sorted(Daachorse(patterns).longest(text)) == sorted(expected)


def test_both_automata_give_the_same_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without daachorse and numpy the filter says the same of every text of the matrix."""
    texts = [*(case.text for case in matrix.cases()), *matrix.innocents()]
    expected = matrix.filter().check_many(texts)
    monkeypatch.setattr("minorguard.content.index.automaton", lambda patterns, data=b"": Trie(patterns))
    monkeypatch.setattr("minorguard.content.finder.skeleton", fold._skeleton)
    monkeypatch.setattr("minorguard.content.index.skeleton", fold._skeleton)
    monkeypatch.setattr("minorguard.content.look.skeleton", fold._skeleton)
    monkeypatch.setattr("minorguard.content.readings.letters", fold._letters)
    assert TextFilter(Lexicon.load(matrix.HERE / "matrix_terms.json")).check_many(texts) == expected


HABITS = st.sampled_from(
    [
        *"赌博法轮功大麻fuckdb",
        "贝者",
        "十専",
        "堵",
        "播",
        "du",
        "bo",
        "博赌",
        "kcuf",
        "法lg",
        "f*ck",
        "ﬀ",
        "\x7f",
        "今",
        "的",
        "ㄉㄨˇ",
        "ㄅㄛ",
        "の",
        "哈",
        "这个",
        "ph",
        "uck",
        "5.",
        "🐴",
        "🎰",
        "❤",
        "+",
        "＋",
        "V",
        "信",
        "微信",
        "シ",
        "每洛因",
    ]
)


@given(st.lists(PIECES | HABITS, max_size=10).map("".join))
@settings(max_examples=500, deadline=None)
def test_the_quick_path_finds_what_the_full_path_finds(text: str) -> None:
    """What a glance rules out, no reading of the text would have found."""
    full = Finder(FILTER.lexicon, quick=False).find(text)
    assert Finder(FILTER.lexicon).find(text) == full
    assert list(Finder(FILTER.lexicon).find_many(["", text, "x"]))[1] == full


def test_characters_of_several_letters_are_read_backwards_as_well() -> None:
    """A ligature keeps the order of its letters where the text is read from its end, so that places fit the letters."""
    assert FILTER.check("kkcuﬃﬀ").matches == ()
    assert [(match.start, match.end, match.found) for match in FILTER.check("kcuﬀ").matches] == [(0, 4, "reversed")]


def test_the_quick_path_spares_no_disguise() -> None:
    """Of every disguise of the matrix and every innocent text the quick path and the full path say the same."""
    texts = [*(case.text for case in matrix.cases()), *matrix.innocents()]
    lexicon = matrix.filter().lexicon
    full = [Finder(lexicon, quick=False).find(text) for text in texts]
    assert list(Finder(lexicon).find_many(texts)) == full
    assert [Finder(lexicon).find(text) for text in texts] == full
