"""The newer disguises one by one: where each stands, and the innocent neighbour that it must not take for one."""

from __future__ import annotations

import pytest

from minorguard.content import Lexicon, TextFilter, bopomofo, sound, words
from minorguard.content.verdict import SURE

TERMS = [
    "加微信",
    "赌博",
    "毒品",
    "冰毒",
    "你妈",
    "妈的",
    "口交",
    "贱人",
    "法轮功",
    "shit",
    "fuck",
    "fuck you",
    "motherfucker",
]
FILTER = TextFilter(Lexicon.from_terms([{"term": term, "category": "other", "action": "block"} for term in TERMS]))


def found(text: str) -> list[tuple[str, str, str]]:
    """Term, way and the piece of the text, for each match; the same in a batch."""
    verdict = FILTER.check(text)
    assert FILTER.check_many(["", text]) == [FILTER.check(""), verdict]
    return [(match.term, match.found, text[match.start : match.end]) for match in verdict.matches]


@pytest.mark.parametrize(
    ("text", "term", "way", "piece"),
    [
        ("快加V信吧", "加微信", "homophone", "加V信"),
        ("想要的话 +微信", "加微信", "homophone", "+微信"),
        ("➕v信", "加微信", "homophone", "➕v信"),
        ("急用钱的+微信abc12345", "加微信", "homophone", "+微信"),
        ("加vx123456", "加微信", "initials", "加vx"),
        ("+vx 88", "加微信", "initials", "+vx"),
        ("来ㄉㄨˇ博", "赌博", "homophone", "ㄉㄨˇ博"),
        ("ㄉㄨˇㄅㄛˊ网", "赌博", "pinyin", "ㄉㄨˇㄅㄛˊ"),
        ("ㄈㄌㄍ", "法轮功", "initials", "ㄈㄌㄍ"),
        ("来赌の博", "赌博", "filler", "赌の博"),
        ("来赌ㅋㅋ博", "赌博", "filler", "赌ㅋㅋ博"),
        ("来赌这个博", "赌博", "filler", "赌这个博"),
        ("来赌，这个博", "赌博", "filler", "赌，这个博"),
        ("a 5.h.1.7 b", "shit", "leet", "5.h.1.7"),
        ("Phuck!", "fuck", "disguised", "Phuck"),
        ("motherphucker", "motherfucker", "disguised", "motherphucker"),
        ("买氵水毒", "冰毒", "split", "氵水毒"),
        ("买シ水毒", "冰毒", "split", "シ水毒"),
        ("你🐴呢", "你妈", "homophone", "你🐴"),
        ("🎲博", "赌博", "homophone", "🎲博"),
    ],
)
def test_is_found_where_it_stands(text: str, term: str, way: str, piece: str) -> None:
    """The match names the term, the way, and exactly the characters that were written for it."""
    assert (term, way, piece) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "支付宝+微信",
        "QQ + 微信登录",
        "加V认证",
        "ㄅㄆㄇㄈ",
        "毒の品种",
        "打赌这个博物馆关门了",
        "赌那个博客会火",
        "吸这种毒气",
        "1.7.1.7",
        "v1.7.5",
        "phone",
        "你🐴上来接我",
        "恭喜发财💰赌气",
        "我妈的手艺",
        "咱妈的话",
        "一口交完作业",
        "三口交谈起来",
        "冰毒性研究",
        "药冰毒性",
        "人见人爱",
        "他看起来够强，见人就笑",
        "建于9人之手",
        "堵，博物馆也关门",
        "大V信息",
    ],
)
def test_innocent_neighbour_is_spared(text: str) -> None:
    """What only looks like such a disguise is none."""
    assert found(text) == []


@pytest.mark.parametrize(
    "text", ["他妈的", "妈的，烦", "堵.博", "堵·博", "给我口交", "吃冰毒", "贱人", "剑人", "加微信号 abc"]
)
def test_what_was_found_before_is_found_still(text: str) -> None:
    """What spares the neighbours does not spare the term itself; asking to add an account asks to go elsewhere."""
    assert found(text)


def test_ph_for_f_is_as_sure_as_the_word_itself() -> None:
    """It may block by itself where it stands as the word would, and is spaced where that would be."""
    assert {way for _, way, _ in found("phuck phuck-you")} <= SURE
    assert found("phuc king") == found("fuc king") == []


@pytest.mark.parametrize(
    "pair",
    [
        "ㄓㄨㄥ zhong", "ㄒㄩㄝˊ xue", "ㄩㄝˋ yue", "ㄌㄩˇ lu", "ㄋㄩㄝˋ nue",
        "ㄐㄩㄣ jun", "ㄒㄩㄥˊ xiong", "ㄨㄥ weng", "ㄨㄣˊ wen", "ㄍㄨㄞˋ guai",
        "ㄕ shi", "ㄖˋ ri", "ㄙˇ si", "ㄧ yi", "ㄧㄥ ying",
        "ㄦˋ er", "ㄓㄠ zhao", "ㄒㄧㄡ xiu", "ㄉㄨㄟˋ dui", "ㄌㄨㄣˊ lun",
    ],
)  # fmt: skip
def test_bopomofo_is_read_as_pinyin(pair: str) -> None:
    """Initials, medials and finals join as pinyin writes them, and what they make is a syllable of the table."""
    written, expected = pair.split()
    assert bopomofo.pinyin(written) == expected
    assert expected in sound.signs()


def test_an_initial_alone_is_its_letter() -> None:
    """As people write ㄉ for 的; those that hiss are syllables."""
    matches = bopomofo.SYLLABLE.finditer("ㄉㄅ ㄓ")
    assert [bopomofo.pinyin(match[0]) for match in matches] == ["d", "b", "zhi"]


def test_everyday_words_of_kin_and_measure_are_known() -> None:
    """They outweigh a term of the list at their border; a date is no measure."""
    assert words.crossing("我妈的手艺", 1, 3) > 2.5
    assert words.crossing("1口交完作业", 1, 3) > 2.5
    assert words.weights()["1口"] > words.weights()["1月"] - 8
