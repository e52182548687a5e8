"""`python -m tests.ranking.picture` draws docs/images/recommendations.svg: a list before and after, what rules cost."""

from __future__ import annotations

import math
import random
from pathlib import Path

from minorguard.ranking import Candidate, Constraints, Share, Window, constrain

FILE = Path(__file__).parents[2] / "docs" / "images" / "recommendations.svg"
INK = {"education": "#2a78b5", "entertainment": "#e0872f", "sport": "#58a05c", "other": "#a9adb5"}
SLOTS = 20
RULES = {
    "education at least 20 %": Constraints(shares=(Share("education", 20, True),)),
    "entertainment at most 40 %": Constraints(shares=(Share("entertainment", 40, False),)),
    "2 in 10 by one author": Constraints(windows=(Window(2, 10),)),
    "sport 1 in 4": Constraints(windows=(Window(1, 4, "sport"),)),
}
ALL = Constraints(
    windows=tuple(one for rule in RULES.values() for one in rule.windows),
    shares=tuple(one for rule in RULES.values() for one in rule.shares),
)
LEFT, TOP, CELL, GAP, WIDTH, HEIGHT = 190, 66, 27, 3, 820, 362


def pool() -> list[Candidate]:
    """80 candidates, as a recommender that goes for watch time would rank them: entertainment first, few authors."""
    dice = random.Random(6)
    lift = {"entertainment": 0.3, "sport": 0.2, "other": 0.1, "education": 0.0}
    found = []
    for number in range(80):
        topic = dice.choices(list(lift), (0.4, 0.15, 0.2, 0.25))[0]
        score = round(0.4 + lift[topic] + 0.3 * dice.random(), 3)
        author = "abcdefghijkl"[int(12 * dice.random() ** 2)]
        found.append(Candidate(f"v{number}", score, author=author, topics=frozenset({topic})))
    return found


def text(x: float, y: float, said: str, *, size: int = 13, anchor: str = "start", ink: str = "#1f2430") -> str:
    """One line of text."""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" fill="{ink}">{said}</text>'


def row(y: float, name: str, listed: list[Candidate]) -> list[str]:
    """A list as cells: the colour is the topic, the letter the author."""
    out = [text(LEFT - 12, y + 18, name, anchor="end")]
    for place, one in enumerate(listed):
        (topic,) = one.topics
        x = LEFT + place * (CELL + GAP)
        out.append(f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" rx="4" fill="{INK[topic]}"/>')
        out.append(text(x + CELL / 2, y + 18, one.author or "", anchor="middle", ink="#ffffff"))
    return out


def bars(y: float, whole: float, worths: dict[str, float]) -> list[str]:
    """What of the sorted list's worth each rule leaves, by itself and all together."""
    out = [
        text(LEFT, y, "What each rule costs: worth of the list, of that of the sorted one (the axis begins at 80 %)")
    ]
    span = SLOTS * (CELL + GAP) - GAP - 56
    for number, (name, worth) in enumerate(worths.items()):
        top, share = y + 14 + number * 30, worth / whole
        out.append(text(LEFT - 12, top + 16, name, anchor="end", size=12))
        ink = "#3b4252" if number == len(worths) - 1 else "#8f96a3"
        length = span * (share - 0.8) / 0.2
        out.append(f'<rect x="{LEFT}" y="{top}" width="{length:.1f}" height="22" rx="4" fill="{ink}"/>')
        out.append(text(LEFT + round(length) + 8, top + 16, f"{100 * share:.1f} %", size=12))
    return out


def picture() -> str:
    """The picture."""
    candidates = pool()
    by_id = {one.id: one for one in candidates}
    before = sorted(candidates, key=lambda one: -one.score)[:SLOTS]
    after = [by_id[id] for id in constrain(candidates, ALL, SLOTS).ids]
    worths = {name: constrain(candidates, rule, SLOTS).certificate.value for name, rule in RULES.items()}
    worths["all together"] = constrain(candidates, ALL, SLOTS).certificate.value
    whole = sum(one.score / math.log2(rank + 1) for rank, one in enumerate(before, 1))
    title = "One list before and after: 20 of 80 candidates; the colour is the topic, the letter the author"
    out = [text(LEFT, 26, title)]
    for number, (name, ink) in enumerate(INK.items()):
        x = LEFT + number * 130
        out.append(f'<rect x="{x}" y="38" width="12" height="12" rx="3" fill="{ink}"/>')
        out.append(text(x + 18, 49, name, size=12))
    out += row(TOP, "sorted by score", before) + row(TOP + 40, "constrained", after)
    out += [
        text(LEFT + place * (CELL + GAP) + CELL / 2, TOP + 86, str(place + 1), size=11, anchor="middle", ink="#6b7280")
        for place in range(SLOTS)
    ]
    out += bars(TOP + 130, whole, worths)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" role="img" font-family="system-ui, sans-serif">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n' + "\n".join(out) + "\n</svg>\n"
    )


if __name__ == "__main__":
    FILE.write_text(picture(), "utf-8")
