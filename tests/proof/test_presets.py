"""Presets against one another: what the practice of youth modes keeps of the guide, and what guardians may loosen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from minorguard.model.decisions import Effect
from minorguard.model.rules import CompiledPolicy, Layer, Origin, Strength
from minorguard.policy import builtin_presets, compile_policy
from minorguard.proof.comparison import Proof, prove
from minorguard.proof.reference import reference

ON = date(2026, 11, 26)
GUIDE, PRACTICE = "cn-minor-mode-2024", "cn-youth-practice"


def policy(extends: list[str], more: str = "") -> CompiledPolicy:
    return compile_policy(
        f"policy: app\ntimezone: Asia/Shanghai\ncalendar: CN\nextends: [{', '.join(extends)}]\n"
        f'bands:\n  "0-18":\n    features: {{default: allow}}\n{more}'
    )


def against(tested: CompiledPolicy, preset: str, **switched: frozenset[Strength]) -> tuple[CompiledPolicy, Proof]:
    other = reference(builtin_presets()[preset], tested, **switched)
    return other, prove(tested, other, on=ON)


def missed(proof: Proof) -> set[str]:
    """The rules that were refuted, by what stands before their section."""
    return {name for one in proof.weaknesses for name in one.rule.rule.split("/")[2:3]}


def test_the_practice_keeps_the_times_of_the_guide_at_all_ages() -> None:
    """40 minutes and the night of the practice are proved at least as strict as the guide's 60, 120 and its night."""
    _, proof = against(policy([PRACTICE]), GUIDE)
    assert missed(proof).isdisjoint({"daily-under-16", "daily-16-18", "curfew"})
    assert proof.undecided == ()


def test_what_the_practice_leaves_out_of_the_guide_is_told() -> None:
    """It neither asks a guardian for messages of strangers nor reminds of a rest; each case is right."""
    tested = policy([PRACTICE])
    other, proof = against(tested, GUIDE)
    assert missed(proof) == {"stranger-messages", "rest-reminder"}
    (message,) = [one for one in proof.weaknesses if one.asked is not None]
    replayed = message.replay(tested, other)
    assert replayed is not None
    assert [one.effect for one in replayed] == [Effect.ALLOW, Effect.DENY]
    assert replayed[1].reasons[0].data["feature"] == "direct_message.stranger"


def test_the_guide_is_laxer_than_the_practice_after_forty_minutes() -> None:
    """The smallest case: a child of any age, on a school day, after forty minutes of one activity."""
    tested = policy([GUIDE])
    other, proof = against(tested, PRACTICE)
    (daily,) = [one for one in proof.weaknesses if one.rule.rule.startswith("/rules/daily")]
    assert daily.asked is not None
    assert (daily.age.age, daily.asked.used) == (0, 2400)
    replayed = daily.replay(tested, other)
    assert replayed is not None
    assert [one.effect for one in replayed] == [Effect.ALLOW, Effect.DENY]


@pytest.mark.parametrize("preset", sorted(builtin_presets()))
def test_a_policy_that_extends_a_preset_is_proved_against_it(preset: str) -> None:
    """Extending is enough for every preset that ships; planned and enjoined rules count where both switch them on."""
    strengths = {rule.origin.strength for rule in builtin_presets()[preset].rules}
    off = frozenset(strengths & {Strength.PLANNED, Strength.ENJOINED})
    written = f"{{use: {preset}, switch_on: [{', '.join(sorted(off))}]}}" if off else preset
    _, proof = against(policy([written]), preset, switched_on=off)
    assert (proof.weaknesses, proof.undecided) == ((), ())


def test_rules_that_begin_later_are_proved_from_their_date_on() -> None:
    """New York's quiet night begins on 2027-01-25: a policy without it is laxer then, and the case says of when."""
    _, proof = against(policy([GUIDE]), "us-ny-safe")
    (night,) = proof.weaknesses
    assert night.on == date(2027, 1, 25)


def test_enjoined_rules_do_not_count_unless_they_are_switched_on() -> None:
    """Virginia's hour a day is off; switched on, a policy of two hours is laxer."""
    tested = policy([GUIDE])
    assert against(tested, "us-va-sb854")[1].holds
    _, proof = against(compile_policy(_TWO_HOURS), "us-va-sb854", switched_on=frozenset({Strength.ENJOINED}))
    assert missed(proof) == {"daily"}


def test_what_a_law_says_of_content_is_proved_and_refuted_by_questions() -> None:
    """Key places hide what may affect minors: a policy that shows it there is refuted, one that shows nothing not."""
    shown = "    content: {labels: {default: show}}\nsurfaces: [home, feed]\n"
    assert against(policy(["cn-may-affect-2026"], shown), "cn-may-affect-2026")[1].holds
    tested = policy([GUIDE], shown)
    other, proof = against(tested, "cn-may-affect-2026")
    found = [one for one in proof.weaknesses if one.asked is not None]
    assert found
    for one in found:
        replayed = one.replay(tested, other)
        assert replayed is not None
        assert replayed[0].effect is Effect.ALLOW
        assert one.rule in [reason.origin for reason in replayed[1].reasons]
        assert one.on >= date(2026, 3, 1)
    assert not [one for one in against(policy([GUIDE]), "cn-may-affect-2026")[1].weaknesses if one.asked is not None]


_TWO_HOURS = """
policy: app
timezone: America/New_York
bands: {"0-18": {time: {quota: {daily: 2h}}, features: {default: allow}}}
"""


def test_a_guardian_may_not_loosen_what_is_law() -> None:
    """A night that a guardian may lift does not keep one that is law; with the guardian's settings it is allowed."""
    tested = policy([GUIDE])
    other, proof = against(tested, "cn-live-2022")
    (night,) = [one for one in proof.weaknesses if one.rule.rule.startswith("/rules/night")]
    assert night.settings
    replayed = night.replay(tested, other)
    assert replayed is not None
    assert [one.effect for one in replayed] == [Effect.ALLOW, Effect.DENY]


def test_a_guardian_may_turn_on_what_a_default_sends_and_reminds_of() -> None:
    """No notification at all, and a reminder after 30 minutes, keep no law where both are defaults."""
    tested = policy(["eu-dsa-art28"])
    other, proof = against(tested, "us-ca-sb976")
    (night,) = [one for one in proof.weaknesses if one.rule.rule.startswith("/rules/quiet-night")]
    assert night.settings == {"notifications": {"at_most": "1000/hour"}}
    replayed = night.replay(tested, other)
    assert replayed is not None
    assert [one.effect for one in replayed] == [Effect.ALLOW, Effect.DENY]
    (reminder,) = [one for one in against(policy([GUIDE]), "cn-ai-companion-2026")[1].weaknesses if one.asked is None]
    assert reminder.settings == {"time": {"sitting": {"remind_after": "24h"}}}


@pytest.mark.parametrize(
    "band",
    [
        "features: {default: allow, deny: [gift]}",
        "spending: {currency: CNY, per_day: 5, only: [game]}",
        "notifications: {at_most: 3/day}",
        "time: {windows: ['08:00-20:00']}",
        "time: {quota: {per_activity: {feed: {daily: 1h}}}}",
        "time: {quota: {daily: 1h}, sitting: {at_least: 5m}}",
    ],
)
def test_a_default_keeps_no_law_of_the_same_words(band: str) -> None:
    """A guardian may set another value in the place of each: the case replays under the settings that it names."""
    default, law = _of_strength(band, Strength.DEFAULT), _of_strength(band, Strength.LAW)
    found = prove(default, law, on=ON).weaknesses
    assert found
    for one in found:
        replayed = one.replay(default, law)
        assert one.settings
        assert replayed is not None
        assert [decision.effect for decision in replayed] == [Effect.ALLOW, Effect.DENY]
    assert prove(law, default, on=ON).holds


def _of_strength(words: str, strength: Strength) -> CompiledPolicy:
    """A band whose rules are a preset's, of a strength; its default of features is the product's."""
    features = "" if words.startswith("features") else "features: {default: allow}, "
    text = f"policy: app\ntimezone: UTC\nbands: {{0-18: {{{features}{words}}}}}\n"
    compiled = compile_policy(text)
    origin = Origin("/rule", Layer.LAW, "preset", strength)
    (band,) = compiled.bands
    ruled = {
        section: tuple(replace(rule, origin=origin) for rule in getattr(band, section))
        for section in ("time", "spending", "notifications")
    }
    layers = tuple(
        replace(layer, rules=tuple(replace(rule, origin=origin) for rule in layer.rules)) for layer in band.features
    )
    return replace(compiled, bands=(replace(band, features=layers, **ruled),))


def test_a_policy_that_only_observes_keeps_nothing() -> None:
    """Its rules deny nobody: every rule of the law is refuted, and the setting is named."""
    tested = policy([GUIDE], "enforcement: observe\n")
    other = reference(builtin_presets()[GUIDE], tested)
    proof = prove(tested, other, on=ON)
    assert "/enforcement" in {one.rule.rule for one in proof.weaknesses}
    assert {"daily-under-16", "curfew"} <= missed(proof)
    assert prove(other, tested, on=ON).holds
