"""Drawing SVG: a page of escaped elements, how wide a text is, its style and its patterns."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

FONT = "system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC',sans-serif"

# Colours of light and dark pages, by class. Hues follow Okabe and Ito, and every kind has a pattern of its own besides.
_LIGHT = {
    "page": "#ffffff",
    "ink": "#1b2430",
    "muted": "#5b6776",
    "grid": "#dde3ea",
    "open": "#bfe5d6",
    "grant": "#cbe2f6",
    "free": "#f4faf8",
    "curfew": "#4a5870",
    "window": "#e6eaef",
    "quota": "#f8d5bf",
    "break": "#fbeeb0",
    "short": "#f1d9ea",
    "skip": "#f6f7f9",
    "used": "#1b2430",
    "quiet": "#7a4fa3",
    "now": "#c0182b",
}
_LIGHT_LINES = {
    "open": "#0a7d5d",
    "grant": "#0067a8",
    "free": "#0a7d5d",
    "curfew": "#7c8ca6",
    "window": "#96a2b1",
    "quota": "#c04d00",
    "break": "#9c7b00",
    "short": "#a04586",
    "skip": "#b7c0cb",
}
_DARK = {
    "page": "#11161d",
    "ink": "#e9eef4",
    "muted": "#a3b1c0",
    "grid": "#2a3440",
    "open": "#17594a",
    "grant": "#124a73",
    "free": "#16261f",
    "curfew": "#323d4e",
    "window": "#1d242d",
    "quota": "#63300f",
    "break": "#574a10",
    "short": "#55284a",
    "skip": "#161b22",
    "used": "#f4f7fa",
    "quiet": "#bd94e0",
    "now": "#ff6b78",
}
_DARK_LINES = {
    "open": "#3fcfa4",
    "grant": "#63b5ee",
    "free": "#3fcfa4",
    "curfew": "#56657c",
    "window": "#56616f",
    "quota": "#f08a4b",
    "break": "#e0c04a",
    "short": "#e29acb",
    "skip": "#4a5562",
}
# Each pattern is a tile of so many units with these strokes, and perhaps dots.
_PATTERNS = {
    "grant": (10, "M5 2V8M2 5H8"),
    "curfew": (8, "M1.5 2H2.5M5.5 6H6.5"),
    "window": (8, "M-2 10L10 -2M-2 2L2 -2M6 10L10 6"),
    "quota": (8, "M0 0L8 8M8 0L0 8"),
    "break": (6, "M3 0V6"),
    "short": (5, "M0 2.5H5"),
    "skip": (6, "M-1 7L7 -1"),
}


def clean(text: str) -> str:
    """A text as XML may hold it: escaped, and without the characters that no XML document can have."""
    return html.escape(_NOT_XML.sub("\ufffd", text), quote=True)


def width_of(text: str, size: float) -> float:
    """About how wide a text is: wide characters take a whole em, others somewhat more than half."""
    return sum(_advance(letter) for letter in text) * size


def _advance(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    if letter in "ilj.,:;'|!()[] /":
        return 0.34
    return 0.68 if letter.isupper() or letter in "mw—%" else 0.58


def wrapped(text: str, size: float, width: float) -> Iterator[str]:
    """The lines of a text; it breaks at spaces, and between wide characters."""
    line = ""
    for part in re.findall(r"[^\s\u2e80-\uffef]+\s*|[\u2e80-\uffef]\s*|\s+", text):
        for piece in _pieces(part, size, width):
            if line and width_of((line + piece).rstrip(), size) > width:
                yield line.rstrip()
                line = ""
            line += piece
    if line:
        yield line.rstrip()


def _pieces(part: str, size: float, width: float) -> Iterator[str]:
    """A word that fits no line is cut."""
    piece = ""
    for letter in part:
        if piece and width_of(piece + letter, size) > width:
            yield piece
            piece = ""
        piece += letter
    yield piece


def shortened(text: str, size: float, width: float) -> str:
    """A text, with an ellipsis where it is too wide for one line."""
    if width_of(text, size) <= width:
        return text
    kept = text
    while kept and width_of(kept + "…", size) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def number(value: float) -> str:
    """A coordinate: two decimals at most."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


class Page:
    """Elements one after the other, and how far down they reach."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def rect(self, x: float, y: float, w: float, h: float, kind: str, *, hover: str = "", round: float = 0) -> None:
        """A rectangle, with a text for those who point at it."""
        title = f"<title>{clean(hover)}</title>" if hover else ""
        corner = f' rx="{number(round)}"' if round else ""
        box = f'x="{number(x)}" y="{number(y)}" width="{number(w)}" height="{number(h)}"{corner}'
        body = f'<rect class="{kind}" {box}/>'
        if kind in _PATTERNS:
            body += f'<rect fill="url(#mg-{kind})" {box}/>'
        self.parts.append(f"<g>{title}{body}</g>" if title else body)

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """A line."""
        ends = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
        self.parts.append(f'<line class="{kind}" {ends}/>')

    def path(self, shape: str, kind: str) -> None:
        """A path."""
        self.parts.append(f'<path class="{kind}" d="{shape}"/>')

    def text(self, x: float, y: float, words: str, kind: str = "ink", *, anchor: str = "", hover: str = "") -> None:
        """One line of text; `y` is its base line."""
        place = f' text-anchor="{anchor}"' if anchor else ""
        title = f"<title>{clean(hover)}</title>" if hover else ""
        self.parts.append(f'<text class="{kind}" x="{number(x)}" y="{number(y)}"{place}>{title}{clean(words)}</text>')

    def svg(self, width: float, height: float, title: str, about: str) -> str:
        """The whole file."""
        size = f'width="{number(width)}" height="{number(height)}" viewBox="0 0 {number(width)} {number(height)}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{clean(title)}">'
        body = "\n".join(self.parts)
        back = '<rect class="page" width="100%" height="100%"/>'
        named = f"<title>{clean(title)}</title>\n<desc>{clean(about)}</desc>"
        return f"{head}\n{named}\n<style>{style()}</style>\n<defs>{patterns()}</defs>\n{back}\n{body}\n</svg>\n"


def style() -> str:
    """The style sheet: light, and dark where the reader prefers it. It names no resource."""
    fixed = (
        f"text{{font-family:{FONT};font-size:12px}}"
        ".h1{font-size:20px;font-weight:700}.h2{font-size:13px;font-weight:700}.b{font-weight:600}"
        ".s{font-size:11px}.xs{font-size:10px}.num{font-variant-numeric:tabular-nums}"
        "[class^=on-]{paint-order:stroke;stroke-width:4px;stroke-linejoin:round}"
        ".line{fill:none;stroke-width:1}.thick{fill:none;stroke-width:2}"
    )
    return f"{fixed}{_rules(_LIGHT, _LIGHT_LINES)}@media (prefers-color-scheme:dark){{{_rules(_DARK, _DARK_LINES)}}}"


def _rules(fills: dict[str, str], lines: dict[str, str]) -> str:
    light = fills["page"] == "#ffffff"
    filled = "".join(f".{name}{{fill:{colour}}}" for name, colour in fills.items())
    lined = "".join(f".{name}-line{{fill:none;stroke:{colour}}}" for name, colour in lines.items())
    strokes = "".join(
        f".{name}-stroke{{fill:none;stroke:{fills[name]}}}" for name in ("ink", "muted", "grid", "now", "quiet", "used")
    )
    # A text on a pattern has a seam of the ground's colour.
    labels = "".join(
        f".on-{name}{{fill:{'#ffffff' if light and name == 'curfew' else fills['ink']};stroke:{fills[name]}}}"
        for name in lines
    )
    solid = f".open-solid{{fill:{lines['open']}}}.free{{stroke:{lines['free']};stroke-dasharray:3 3}}"
    return filled + lined + strokes + labels + solid


def patterns() -> str:
    """A pattern for each kind that has one, so that colour is never all that tells them apart."""
    return "".join(
        f'<pattern id="mg-{name}" width="{size}" height="{size}" patternUnits="userSpaceOnUse">'
        f'<path class="{name}-line" d="{shape}"/></pattern>'
        for name, (size, shape) in _PATTERNS.items()
    )
