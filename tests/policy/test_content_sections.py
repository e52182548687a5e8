"""Content sections: graded labels, surfaces of their own, what is not known."""

import pytest

from minorguard.model.sections import ItemAction
from minorguard.policy import check_policy, compile_policy, with_guardian
from minorguard.simulate.other_rules import _content

TOP = "policy: p\ntimezone: Asia/Shanghai\nsurfaces: [feed, comments, ranking]\n"


def content(section, **more):
    """A document whose band has this content section."""
    return f"{TOP}bands:\n  0-18:\n    features: {{default: allow}}\n    content: {section}\n" + "".join(more.values())


def told(section):
    """Codes and pointers of the findings of a section."""
    return [(one.code, one.pointer.removeprefix("/bands/0-18/content")) for one in check_policy(content(section))[1]]


def test_a_section_is_one_rule_and_one_for_each_surface_that_it_says_more_of():
    """Only the product's own section is closed; a part speaks of its surface alone, which the section gates, too."""
    section = "{surfaces: [feed], labels: {gore: blur}, per_surface: {comments: {text: {abuse: block}}, ranking: {}}}"
    whole, part = compile_policy(content(section)).bands[0].content
    assert (whole.surfaces, whole.labels, whole.closes) == (
        {"feed", "comments", "ranking"},
        (("gore", ItemAction.BLUR),),
        True,
    )
    assert (part.surfaces, part.closes, part.origin.rule) == (
        {"comments"},
        False,
        "/bands/0-18/content/per_surface/comments",
    )


def test_a_guardians_section_is_open():
    """It takes away and says nothing of what it does not name."""
    guarded = with_guardian(
        compile_policy(content("{labels: {gore: show}}")), {"content": {"labels": {"gore": "hide"}}}
    )
    assert {rule.origin.layer.value: rule.closes for rule in guarded.bands[0].content} == {
        "guardian": False,
        "product": True,
    }


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("{labels: {gore: fade}}", [("word.unknown", "/labels/gore")]),
        ("{labels: {gore: show}, unrated: maybe}", [("word.unknown", "/unrated")]),
        ("{block: [x], unanswered: show}", [("word.unknown", "/unanswered")]),
        ("{block: [x], per_surface: {feeds: {block: [y]}}}", [("surface.unknown", "/per_surface/feeds")]),
        ("{block: [x], per_surface: {feed: {surfaces: [feed]}}}", [("key.unknown", "/per_surface/feed/surfaces")]),
        ("{block: [x], per_surface: {feed: {block: [y, y.z]}}}", [("name.repeated", "/per_surface/feed/block/1")]),
        ("{surfaces: [feed], block: [x]}", [("surface.ungated", "/surfaces")]),
        ("{surfaces: [feed], block: [x], per_surface: {comments: {block: [y]}, ranking: {block: [y]}}}", []),
    ],
)
def test_findings_stand_where_they_are(section, expected):
    """Each with its code."""
    assert expected == told(section)


def test_a_younger_band_that_is_shown_more_is_told():
    """Label by label; a label that the younger band's section does not name is hidden, so nothing is told."""
    bands = "bands:\n  0-12: {{content: {{labels: {younger}}}}}\n  12-18: {{content: {{labels: {older}}}}}\n"
    for younger, older, expected in (
        ("{gore: show}", "{gore: blur}", ["band.younger_looser"]),
        ("{gore: blur}", "{gore: blur, ads: hide}", []),
        ("{default: show}", "{gore: blur, default: show}", ["band.younger_looser"]),
    ):
        findings = check_policy(TOP + bands.format(younger=younger, older=older))[1]
        assert expected == [one.code for one in findings]


def test_a_preview_says_what_becomes_of_labels():
    """In both languages."""
    (rule,) = (
        compile_policy(content("{labels: {gore: blur, default: hide}, unrated: review, unanswered: hide}"))
        .bands[0]
        .content
    )
    words = list(_content(rule))
    assert ("gore模糊", "gore blurred") in words
    assert ("其他标签不展示", "other labels hidden") in words
    assert ("未分级的送审", "unrated items reviewed") in words
    assert ("未识别的不展示", "items without a classifier's answer hidden") in words
