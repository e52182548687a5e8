"""Characters that are written as their parts: 贝者 for 赌, and 氵水 or シ水 for 冰."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product

from minorguard.content.fold import read_table


@cache
def halves() -> dict[str, list[str]]:
    """A character to the pairs of parts that it is written as."""
    found: dict[str, list[str]] = {}
    for line in read_table("parts").split("\n"):
        found.setdefault(line[0], []).append(line[1:])
    return found


_LOOKS = (
    "冫氵シン 氵冫シミ 亻イ 扌才 口ロ囗 囗口ロ 木ホ 工エ 二ニ 三ミ 八ハ 千チ 力カ 夕タ 又ヌ 厶ム 卜ト 匕ヒ 礻ネ "
    "土士 士土 日曰 曰日 己已巳 末未 未末 艹卄 阝卩 卩阝"
)
_ALIKE = {group[0]: group[1:] for group in _LOOKS.split()}
"""What is typed for a part that looks like it, kana most of all."""


def ways(char: str) -> Iterator[str]:
    """The pairs of parts that a character is written as, and those that look like them."""
    for pair in halves().get(char, ()):
        yield from map("".join, product(*(part + _ALIKE.get(part, "") for part in pair)))
