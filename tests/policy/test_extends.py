"""Policies that extend other policies, and can only tighten them."""

import pytest

from minorguard.errors import PolicyInvalid
from minorguard.model.rules import Enforcement, ExitMode, Layer, Verdict
from minorguard.policy import Document, PolicyBook, check_policy, compile_policy

HEAD = "timezone: Asia/Shanghai\n"
HOUSE = """\
policy: house
timezone: Asia/Shanghai
day_starts_at: 04:00
calendar: CN
default_activity: video
slice: 30s
surfaces: [feed]
activities: {study: {exempt: [quota]}}
bands:
  0-12:
    time: {quota: {daily: 40m}, warn_before: [5m]}
    features: {allow: [search, comment], ask: [direct_message]}
    spending: {currency: CNY, per_day: 0}
  12-18:
    time: {quota: {daily: 60m}, grace: 30s}
    content: {block: [gambling]}
    recommendations: {personalised: false}
    notifications: {at_most: 3/day}
guardian: {may_tighten: [time, features], may_extend: {daily: 20m, per_day: 40m}, may_exempt: [study]}
"""
OTHER = "policy: other\ntimezone: Asia/Shanghai\nday_starts_at: 04:00\ncalendar: CN\nbands: {0-18: {}}\n"
APP = "policy: app\ntimezone: Asia/Shanghai\nextends: [house]\n"


def documents(**texts):
    return {name.replace("_", "-"): Document(text, f"{name}.yaml") for name, text in texts.items()}


def app(text="", **others):
    return compile_policy(APP + text, "app.yaml", documents=documents(house=HOUSE, **others))


def findings(text, **others):
    return check_policy(text, "app.yaml", documents=documents(**{"house": HOUSE} | others))[1]


def codes(text, **others):
    return {(found.code, found.pointer) for found in findings(text, **others)}


def at(policy, age):
    return next(band for band in policy.bands if band.band.from_age <= age < band.band.below_age)


def test_a_document_of_a_base_alone_is_the_base_under_its_own_name():
    """Without anything of its own, a document has the base's rules, days, surfaces and rights."""
    base, derived = compile_policy(HOUSE), app()
    assert derived.id == "app"
    for field in ("bands", "days", "calendar", "slice", "default_activity", "surfaces", "guardian", "known_activities"):
        assert getattr(derived, field) == getattr(base, field), field


def test_the_rules_of_both_stand_side_by_side():
    """Each rule keeps its document, and ages are cut wherever one of the two cuts them."""
    policy = app("bands:\n  8-16: {time: {quota: {daily: 30m}}, spending: {currency: CNY, per_day: 10}}\n")
    assert [str(band.band) for band in policy.bands] == ["0-8", "8-12", "12-16", "16-18"]
    limits = {(rule.origin.document, rule.limits.seconds[0][1]) for rule in at(policy, 10).time}
    assert limits == {("house", 2400), ("app", 1800)}
    assert {rule.origin.layer for rule in at(policy, 10).time} == {Layer.PRODUCT}
    assert [rule.per_day for rule in at(policy, 10).spending] == [0, 1000]
    assert [rule.origin.rule for rule in at(policy, 14).notifications] == ["/bands/12-18/notifications"]


def test_features_of_a_base_are_one_more_layer():
    """What the base denies stays denied, and where the base says nothing of features the document speaks alone."""
    policy = app("bands:\n  0-18: {features: {allow: [search, like]}}\n")
    words = {name: {layer.rule_for(name).verdict for layer in at(policy, 8).features} for name in ("search", "like")}
    assert words == {"search": {Verdict.ALLOW}, "like": {Verdict.DENY, Verdict.ALLOW}}
    assert [layer.rule_for("like").verdict for layer in at(policy, 14).features] == [Verdict.ALLOW]


def test_exemptions_hold_for_the_rules_of_their_own_document():
    """An activity is exempt from a base's rule if the base says so, and from the document's if the document does."""
    text = "activities: {music: {exempt: [quota]}}\nbands:\n  0-18: {time: {quota: {daily: 30m}}}\n"
    exempt = {rule.origin.document: rule.exempt for rule in at(app(text), 10).time}
    assert exempt == {"house": frozenset({"study"}), "app": frozenset({"music"})}
    assert ("exempt.no_effect", "/activities/music/exempt") in codes(APP + text)


def test_grace_and_warnings():
    """Warnings add up; grace is the smallest that is written, and the base's where the document writes none."""
    text = "bands:\n  0-18: {time: {warn_before: [1m], grace: %s}}\n"
    assert (at(app(text % "60s"), 14).grace, at(app(text % "10s"), 14).grace) == (30, 10)
    assert (at(app(text % "10s"), 8).grace, at(app(text % "10s"), 8).warn_before) == (0, (300, 60))
    assert at(app("bands: {0-18: {}}\n"), 14).grace == 30


def test_settings_of_the_head_only_get_stricter():
    """The shorter slice, the held birthday and the needed lease win; enforcement is the document's own."""
    policy = app("slice: 2m\nhold_birthday: false\nenforcement: observe\n")
    assert (policy.slice, policy.hold_birthday, policy.enforcement) == (30, True, Enforcement.OBSERVE)
    assert app("slice: 20s\nfeatures_need_lease: true\n").slice == 20
    assert app("", other="").require_lease is False
    strict = HOUSE + "features_need_lease: true\n"
    assert compile_policy(APP, documents=documents(house=strict)).require_lease is True


def test_rights_are_what_every_document_lets():
    """A guardian may do what the base lets and the document lets: the smaller grant, the common sections."""
    text = (
        "guardian: {may_tighten: [time, spending], may_extend: {per_day: 60m}, may_exempt: [study, x], "
        "exit_mode: never}\n"
    )
    rights = app(text).guardian
    assert rights.may_tighten == frozenset({"time"})
    assert (rights.per_grant_seconds, rights.per_day_seconds) == (1200, 2400)
    assert (rights.may_exempt, rights.exit_mode) == (frozenset({"study"}), ExitMode.NEVER)
    assert {pointer for code, pointer in codes(APP + text) if code == "extends.rights"} == {
        "/guardian/may_extend/per_day",
        "/guardian/may_exempt/1",
    }


def test_no_grant_raises_a_base_further_than_the_base_lets():
    """A base's quota keeps its own bound on grants, and the document's gets the smaller of both."""
    policy = app("guardian: {may_extend: {daily: 10m}}\nbands:\n  0-18: {time: {quota: {daily: 30m}}}\n")
    assert {rule.origin.document: rule.raise_at_most for rule in at(policy, 10).time} == {"house": 2400, "app": 600}


def test_ages_that_a_base_leaves_out_are_under_all_of_its_bands():
    """As by itself, the base holds whole for an age that none of its bands covers."""
    base = (
        "policy: base\n"
        + HEAD
        + "bands:\n  4-8: {time: {quota: {daily: 20m}}}\n  8-12: {time: {quota: {daily: 40m}}}\n"
    )
    policy = compile_policy(
        "policy: p\n" + HEAD + "extends: [base]\nbands: {12-18: {}}\n", documents=documents(base=base)
    )
    assert [len(at(policy, age).time) for age in (5, 9, 14)] == [1, 1, 2]


def test_a_base_brings_its_own_bases_along():
    """Rules come from every document of the chain, and one that is reached twice holds once."""
    middle = "policy: middle\ntimezone: Asia/Shanghai\nextends: [house, cn-live-2022]\nbands: {0-18: {}}\n"
    text = "policy: app\ntimezone: Asia/Shanghai\nextends: [middle, house, cn-live-2022]\n"
    policy = compile_policy(text, documents=documents(house=HOUSE, middle=middle))
    assert sorted(rule.origin.document for rule in at(policy, 10).time) == ["cn-live-2022", "house"]


def test_the_order_of_extends_has_no_meaning():
    """The digest does not depend on the order in which bases and presets are written, or on the documents' order."""
    other = OTHER + "default_activity: video\n"
    texts = documents(house=HOUSE, other=other)
    one, two = (
        compile_policy(APP.replace("[house]", names), documents=dict(order))
        for names, order in (
            ("[house, other, cn-live-2022]", texts.items()),
            ("[cn-live-2022, other, house]", reversed(texts.items())),
        )
    )
    assert one.digest == two.digest


def test_a_base_changes_the_digest_and_its_comments_do_not():
    """The meaning of a base is part of the document's meaning."""
    same = compile_policy(APP, documents=documents(house="# a comment\n" + HOUSE))
    other = compile_policy(APP, documents=documents(house=HOUSE.replace("60m", "61m")))
    assert (app().digest == same.digest, app().digest == other.digest) == (True, False)


@pytest.mark.parametrize(
    ("text", "code", "pointer", "words"),
    [
        (APP.replace("Asia/Shanghai", "Asia/Urumqi"), "extends.zone", "/extends/0", "`Asia/Shanghai`"),
        (APP + "day_starts_at: 05:00\n", "extends.differs", "/extends/0", "`04:00` in `house` and `05:00` here"),
        (APP + "week_starts_on: sunday\n", "extends.differs", "/extends/0", "`mon` in `house` and `sun` here"),
        (APP + "calendar: none\n", "extends.differs", "/extends/0", "`CN` in `house` and `none` here"),
        (APP.replace("[house]", "[mouse]"), "preset.unknown", "/extends/0", "no policy of this folder"),
    ],
)
def test_bases_that_cannot_be_extended(text, code, pointer, words):
    """A base of another zone, with other days, or that nobody knows is an error at its entry, in words."""
    (found,) = findings(text)
    assert (found.code, found.pointer, found.severity) == (code, pointer, "error")
    assert words in found.message


def test_an_unknown_base_comes_with_the_likely_policy():
    """Policies of the folder are among the likely words."""
    (found,) = findings(APP.replace("[house]", "[huose]"))
    assert found.suggestion == "house"


def test_bases_that_differ_from_one_another():
    """Two bases that cut days unlike cannot be extended together; for the default activity one word settles it."""
    text = APP.replace("[house]", "[house, other]")
    assert ("extends.differs", "/extends") in codes(text, other=OTHER)
    assert compile_policy(text + "default_activity: x\n", documents=documents(house=HOUSE, other=OTHER)) is not None
    assert ("extends.differs", "/extends/1") in codes(
        text + "default_activity: x\n", other=OTHER.replace("04:00", "05:00")
    )


def test_cycles_name_the_way_around():
    """A cycle is an error in each document of it, with the way; one outside of it says which base is broken."""
    texts = {
        name: f"policy: {name}\ntimezone: UTC\nextends: [{base}]\n"
        for name, base in (("b", "c"), ("c", "d"), ("d", "b"))
    }
    (found,) = check_policy(texts["b"], documents=documents(**texts))[1]
    assert (found.code, "`b` → `c` → `d` → `b`" in found.message) == ("extends.cycle", True)
    (found,) = check_policy("policy: a\ntimezone: UTC\nextends: [b]\n", documents=documents(**texts))[1]
    assert (found.code, "b.yaml:3" in found.message) == ("extends.broken", True)
    (found,) = check_policy("policy: a\ntimezone: UTC\nextends: [a]\n")[1]
    assert "`a` → `a`" in found.message


def test_a_broken_base_is_named_with_its_file():
    """The document of a broken base does not compile, and the finding says where the base is broken."""
    (found,) = findings(APP, house=HOUSE.replace("60m", "60"))
    assert (found.code, found.pointer) == ("extends.broken", "/extends/0")
    assert "`house.yaml:15`" in found.message
    assert "`60` has no unit" in found.message
    assert [found.code for found in findings(APP, house="policy: [")] == ["extends.broken"]


def test_too_long_a_chain_is_refused():
    """A chain of hundreds of documents is an error, not a traceback."""
    texts = {f"p{n}": f"policy: p{n}\ntimezone: UTC\nextends: [p{n + 1}]\n" for n in range(400)}
    texts["p400"] = "policy: p400\ntimezone: UTC\nbands: {0-18: {}}\n"
    (found,) = check_policy(texts["p0"], documents=documents(**texts))[1]
    assert found.code == "extends.deep"
    assert check_policy(texts["p380"], documents=documents(**texts))[0] is not None


def test_switching_on_is_for_presets():
    """Nothing of a policy is switched on from outside, and a strength that a preset does not have is told."""
    assert ("preset.switch", "/extends/0/switch_on") in codes(
        APP.replace("house", "{use: house, switch_on: [planned]}")
    )
    assert ("preset.switch", "/extends/0/switch_on") in codes(
        APP.replace("house", "{use: cn-live-2022, switch_on: [planned]}")
    )


def test_a_folder_is_a_shelf(tmp_path):
    """The policies of a folder may extend one another in any order, and each file's findings are told once."""
    (tmp_path / "a.yaml").write_text(APP)
    (tmp_path / "z.yaml").write_text(HOUSE)
    book = PolicyBook.load(tmp_path)
    assert book.ids == ("app", "house")
    assert {rule.origin.document for rule in book["app"].bands[0].time} == {"house"}
    (tmp_path / "z.yaml").write_text(HOUSE.replace("60m", "60"))
    with pytest.raises(PolicyInvalid) as caught:
        PolicyBook.load(tmp_path)
    assert [(found.code, found.file[-6:]) for found in caught.value.findings] == [
        ("extends.broken", "a.yaml"),
        ("duration.unit", "z.yaml"),
    ]


def test_one_file_finds_its_neighbours(tmp_path):
    """A file that is loaded alone may extend the files beside it, and loads nothing but itself."""
    (tmp_path / "a.yaml").write_text(APP)
    (tmp_path / "z.yaml").write_text(HOUSE)
    (tmp_path / "broken.yaml").write_bytes(b"\xff")
    assert PolicyBook.load(tmp_path / "a.yaml").ids == ("app",)
