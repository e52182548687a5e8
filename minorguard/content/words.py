"""Whether a hit in Chinese lies along the borders of words, by the commonest words; and the commonest short ones of English."""

from __future__ import annotations

from functools import cache, lru_cache

from minorguard.content.fold import read_table

MOST = 3
"""The longest word of the table, in characters."""
_TOTAL = 26.0
"""log2 of all counts together."""
_UNKNOWN = 1.0
_LISTED = 7.0
"""log2 of the count that a term of the list is taken to have, if the table has no higher one."""

COMMON = frozenset(
    "a i am an as at be by do go he hi if in is it me my no of on or so to up us we ok oh ah ya ye yo id ex re ad "
    "all and any are ask bad bed big box boy but buy bye can car cat cut day did die dog dry eat end eye far few fly for fun "
    "get got guy had has hat her hey him his hot how its job key kid law let lot low mad man may men met mom new not now odd "
    "off old one our out own par pay pen per pet pie put ran red rid run sad sat saw say see she sit six sky son sun tax tea "
    "ten the too top toy try two use van was way web wet who why win won yes yet you zip also area away back ball bank base "
    "been best bill blue body book both call came card care case city club come cost dark data date dead deal deep does done "
    "door down draw each easy edge else even ever face fact fall fast feel feet file fill film find fine fire fish five food "
    "foot form four free from full game gave girl give goal goes gold gone good half hall hand hard have head hear heat held "
    "hell help here high hill hold home hope hour idea into item join just keep kept kill kind king knew know lady lake land "
    "last late lead left less life like line list live long look lord lose loss lost love made main make many mark mass math "
    "meal mean meet mind mine miss mode moon more most move much must name near neck need news next nice nine none note okay "
    "once only open over page paid pain park part pass past path pick plan play plus pool poor post pull pure push race rain "
    "rate read real rest rice rich ride ring rise road rock role room rule safe said sale same save seat seem seen self sell "
    "send sent ship shop shot show shut sick side sign sing site size skin slow snow soft soil some song soon sort soul spot "
    "star stay step stop such suit sure take talk team tell tend term test text than that them then they thin this thus time "
    "film told tone took tour town tree trip true turn type unit upon used user vote wait walk wall want warm wash wave week well "
    "went were what when whom wide wife wild will wind wine wish with word wore work year your zero another class ing her ray".split()
)
"""Short words of everyday English, which make an accident of a term that lies over two of them."""


@cache
def weights() -> dict[str, int]:
    """Word to log2 of its count; of two that fold alike, the commoner."""
    found: dict[str, int] = {}
    for line in read_table("words").split("\n"):
        weight, *words = line.split(" ")
        found.update(dict.fromkeys(words, int(weight)))
    return found


@lru_cache(maxsize=4096)
def crossing(window: str, start: int, end: int) -> float:
    """By how many bits the likeliest reading of a window crosses a border of ``window[start:end]``; 0 if it does not."""
    free = _best(window, start, end, listed=False, along=False)
    return max(0.0, free - _best(window, start, end, listed=True, along=True))


@lru_cache(maxsize=4096)
def within_words(window: str, start: int, end: int) -> bool:
    """Whether the likeliest reading of a window makes common words of every character from `start` to `end`."""
    return all(
        stop - begin > 1 or stop <= start or begin >= end for begin, stop in segments(window)
    )


def segments(window: str) -> list[tuple[int, int]]:
    """The likeliest words of a window."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(window) + 1):
        best.append(max((best[begin][0] + _weight(window[begin:end]), begin) for begin in range(max(0, end - MOST), end)))
    found, end = [], len(window)
    while end:
        found.append((best[end][1], end))
        end = best[end][1]
    return found[::-1]


def _weight(word: str) -> float:
    known = weights().get(word)
    if known is None:
        return -1e9 if len(word) > 1 else _UNKNOWN - _TOTAL
    return known - _TOTAL


def _best(window: str, start: int, end: int, *, listed: bool, along: bool) -> float:
    """The likeliest reading's log2; with `along`, of those that cross neither border of the hit."""
    best = [0.0]
    for stop in range(1, len(window) + 1):
        options = []
        for begin in range(max(0, stop - max(MOST, end - start)), stop):
            if along and (begin < start < stop < end or start < begin < end < stop):
                continue
            weight = _weight(window[begin:stop])
            if listed and (begin, stop) == (start, end):
                weight = max(weight, _LISTED - _TOTAL)
            options.append(best[begin] + weight)
        best.append(max(options))
    return best[-1]


@lru_cache(maxsize=4096)
def of_common_words(text: str) -> bool:
    """Whether a run of letters is made of common English words, such as `youall`; nothing is."""
    return not text or any(text[:size] in COMMON and of_common_words(text[size:]) for size in range(1, min(8, len(text)) + 1))
