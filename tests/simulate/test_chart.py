"""The chart of a preview: one file of valid XML that says everything it shows, and nothing of anybody else's."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minorguard
from minorguard.cli import main
from minorguard.model.rules import Layer, Source, Strength
from minorguard.model.state import Grant, Profile, SubjectState
from minorguard.policy import compile_policy
from minorguard.simulate.chart import AXIS, LEFT, WIDTH, to_svg
from minorguard.simulate.chart_ink import clean, shortened, width_of, wrapped
from minorguard.simulate.previews import preview
from minorguard.simulate.week import Kind
from tests.build import at, child, policy

ROOT = Path(__file__).parents[2]
TEMPLATE = Path(minorguard.__file__).parent / "cli/templates/short-video.yaml"
IMAGE = ROOT / "docs/images/preview.svg"
PAGE = ROOT / "docs/preview.md"
MONDAY = date(2026, 11, 23)
EVIL = "</title><script>alert(1)</script><a href='javascript:x'>&\x00\x1b\ud800\uffff\"]]>"
NAME = "{http://www.w3.org/2000/svg}"


def a_week():
    """The template's week of a child of thirteen, with use and a grant on Tuesday."""
    ledger = (
        (
            ("cli", "video"),
            (
                (at("2026-11-24 16:00"), at("2026-11-24 16:25")),
                (at("2026-11-24 17:00"), at("2026-11-24 17:15")),
                (at("2026-11-25 16:00"), at("2026-11-25 16:25")),
                (at("2026-11-25 18:00"), at("2026-11-25 18:15")),
            ),
        ),
    )
    profile = Profile("kid", "short-video", born=date(2013, 5, 24))
    state = SubjectState(profile, ledger=ledger, grants=(Grant("g", date(2026, 11, 24), 1800),))
    compiled = compile_policy(TEMPLATE.read_text("utf-8"))
    return preview(compiled, state, MONDAY, now=at("2026-11-24 18:00"))


def tree(found):
    """The chart, parsed."""
    return ElementTree.fromstring(to_svg(found))


def test_it_is_one_valid_file_without_anything_active_or_from_elsewhere():
    """It parses, holds only shapes and texts, and refers to nothing but its own patterns."""
    svg = to_svg(a_week())
    names = {element.tag.removeprefix(NAME) for element in ElementTree.fromstring(svg).iter()}
    known = {"svg", "title", "desc", "style", "defs", "pattern", "g", "rect", "line", "path", "circle", "text"}
    assert names == known - {"circle"}
    assert set(re.findall(r"url\(([^)]*)\)", svg)) <= {f"#mg-{kind.value}" for kind in Kind}
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    assert "@import" not in svg


def test_it_can_be_heard_and_seen_in_the_dark():
    """A role, a label, a title, a description of each day, and colours for dark pages."""
    root = tree(a_week())
    assert (root.get("role"), root.get("aria-label")) == ("img", root.find(f"{NAME}title").text)
    assert [line[:10] for line in root.find(f"{NAME}desc").text.splitlines()] == [
        f"2026-11-{day}" for day in range(23, 30)
    ]
    assert "prefers-color-scheme:dark" in root.find(f"{NAME}style").text


def test_the_title_says_policy_age_and_zone():
    """Policy id, age and zone, in Chinese and English."""
    assert tree(a_week()).get("aria-label") == "short-video · 13岁 age 13 · Asia/Shanghai"


def test_each_segment_says_why():
    """Every segment has a text: its times, the reason in both languages, the rule, the source."""
    found = a_week()
    hovers = [title.text for title in tree(found).iter(f"{NAME}title")]
    for day in found.days:
        for segment in day.segments:
            for reason in segment.reasons:
                text = reason.to_dict()["text"]
                parts = (text["zh"], text["en"], reason.origin.rule)
                assert any(all(part in hover for part in parts) for hover in hovers)
    curfew = next(hover for hover in hovers if "00:00–06:00" in hover and "curfew" in hover)
    assert "移动互联网未成年人模式建设指南" in curfew
    assert any("without the grant" in hover for hover in hovers)


def test_segments_stand_where_the_clock_says():
    """The strip of a day runs from one end of the axis to the other without a hole, 30 units an hour."""
    found = preview(policy('curfew: ["22:00-06:00"]'), child(), MONDAY, days=1)
    boxes = [
        (box.get("class"), float(box.get("x")), float(box.get("width")))
        for box in tree(found).iter(f"{NAME}rect")
        if box.get("class") in {"open", "curfew"} and box.get("height") == "26"
    ]
    assert sorted(boxes, key=lambda box: box[1]) == [
        ("curfew", LEFT, 180.0),
        ("open", LEFT + 180.0, 480.0),
        ("curfew", LEFT + 660.0, 60.0),
    ]
    assert sum(width for _, _, width in boxes) == AXIS


def test_the_hour_that_comes_twice_has_two_lanes():
    """On a day of 25 hours the repeated hour is halved: the first pass above, the second below."""
    found = preview(policy('curfew: ["01:00-01:30"]', zone="America/New_York"), child(), date(2026, 11, 1), days=1)
    halves = {
        (box.get("class"), float(box.get("x")) - LEFT, box.get("y"), float(box.get("width")))
        for box in tree(found).iter(f"{NAME}rect")
        if box.get("height") == "13" and box.get("class")
    }
    rows = sorted({float(y) for _, _, y, _ in halves})
    upper, lower = (f"{row:g}" for row in rows)
    # A curfew lasts to the last 01:30, so that the whole of the first pass is closed.
    assert halves == {
        ("curfew", 30.0, upper, 30.0),
        ("curfew", 30.0, lower, 15.0),
        ("open", 45.0, lower, 15.0),
    }


def test_no_text_leaves_the_page():
    """Every text, by its estimated width, ends inside the page."""
    for text in tree(a_week()).iter(f"{NAME}text"):
        words = "".join(part for part in (text.text, *(child.tail for child in text)) if part)
        size = 20 if "h1" in text.get("class") else 11
        wide = width_of(words, size) * {None: 1, "middle": 0.5, "end": 0}[text.get("text-anchor")]
        assert float(text.get("x")) + wide <= WIDTH


def test_nothing_that_others_wrote_is_active():
    """Titles, articles and names of rules that try to break out are only text; what XML cannot hold is replaced."""
    compiled = policy('curfew: ["22:00-06:00"]')
    rule = compiled.bands[0].time[0]
    source = Source(EVIL, EVIL, EVIL)
    origin = replace(rule.origin, rule=EVIL, document=EVIL, layer=Layer.LAW, strength=Strength.LAW, source=source)
    bands = (replace(compiled.bands[0], time=(replace(rule, origin=origin),)),)
    svg = to_svg(preview(replace(compiled, bands=bands, id=EVIL), child(), MONDAY))
    root = ElementTree.fromstring(svg)
    assert not [element for element in root.iter() if element.tag.removeprefix(NAME) in {"script", "a"}]
    assert "<script" not in svg
    assert "alert(1)" in root.get("aria-label")


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_any_text_is_only_text(text):
    """Whatever the text is, it can be read back, but for what no XML document may hold."""
    found = ElementTree.fromstring(f'<a b="{clean(text)}">{clean(text)}</a>')
    readable = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
    assert (found.text or "").split() == readable.split()


@given(st.text(alphabet="ab 时间，—-", max_size=60), st.integers(20, 200))
@settings(max_examples=200, deadline=None)
def test_wrapping_loses_nothing(text, width):
    """The lines of a text hold all its letters, and fit unless a single letter does not."""
    lines = list(wrapped(text, 12, width))
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width_of(line, 12) <= width for line in lines)


@pytest.mark.parametrize(("text", "kept"), [("comment", "comment"), ("a" * 60, "a" * 20 + "…")])
def test_long_names_are_shortened(text, kept):
    """A name that fits stays; another one ends in an ellipsis and fits."""
    assert (shortened(text, 12, 152), width_of(kept, 12) <= 152) == (kept, True)


def test_a_preview_without_rules_has_a_chart():
    """An adult's week: every day free, no lists below."""
    found = preview(policy("quota: {daily: 1h}"), child(born=date(2000, 1, 1)), MONDAY)
    classes = {box.get("class") for box in tree(found).iter(f"{NAME}rect")}
    assert ("free" in classes, "open" in classes) == (True, False)


def test_the_image_of_the_docs_is_the_one_that_the_page_says(tmp_path, monkeypatch):
    """The command on the page, with the template as its policy, writes the image that the page shows.

    After a change of the template or the chart, run that command and keep its file as docs/images/preview.svg.
    """
    command = re.search(r"^minorguard (preview(?:.|\\\n)*?)\n```", PAGE.read_text("utf-8"), re.MULTILINE)
    words = command[1].replace("\\\n", " ").split()
    words[words.index("--policy") + 1] = str(TEMPLATE)
    words[words.index("--svg") + 1] = str(tmp_path / "found.svg")
    assert main(words) == 0
    assert (tmp_path / "found.svg").read_text("utf-8") == IMAGE.read_text("utf-8")
