"""Characters that are written as their parts: 贝者 for 赌."""

from __future__ import annotations

import re
from functools import cache

from minorguard.content.fold import read_table


@cache
def wholes() -> dict[str, str]:
    """Two parts to the character that they make."""
    return {line[1:]: line[0] for line in read_table("parts").split("\n")}


@cache
def pattern() -> re.Pattern[str]:
    """A first part, then perhaps a separator, then a second: most such pairs make no character."""
    firsts = "".join(sorted({pair[0] for pair in wholes()}))
    seconds = "".join(sorted({pair[1] for pair in wholes()}))
    return re.compile(f"[{firsts}](?=[{seconds}])")
