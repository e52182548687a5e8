"""What changed from one policy to another, rule by rule, in words and as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from minorguard.model.age import ADULT
from minorguard.model.rules import (
    SECTIONS,
    CompiledPolicy,
    CurfewRule,
    FeatureRule,
    Layer,
    Origin,
    QuotaRule,
    SittingRule,
    TimeRule,
    Verdict,
    WindowRule,
)
from minorguard.policy.canonical import canonical_text
from minorguard.policy.lattice import bands_for
from minorguard.proof.change_details import band_words, settings_words, with_details
from minorguard.proof.counterexample import Text, clause
from minorguard.proof.features import rules_of
from minorguard.simulate.other_rules import SectionRule, section_words
from minorguard.simulate.rule_words import PERIOD_WORDS, rule_words, texts

Rule = TimeRule | SectionRule | FeatureRule
_VERDICTS = {
    Verdict.ALLOW: ("可用", "allowed"),
    Verdict.ASK: ("须监护人同意", "a guardian is asked"),
    Verdict.DENY: ("不可用", "denied"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A rule that one of two policies does not have as the other has it, for some ages."""

    section: str
    """A section of bands, or `settings`: of the whole policy."""
    origin: Origin
    ages: tuple[int, int]
    """``[from, below)``."""
    was: Text | None
    """In the second; None: it has no such rule."""
    now: Text | None
    """In the first; None: it has no such rule any more."""

    @property
    def kind(self) -> str:
        """`added`, `removed` or `changed`."""
        return "added" if self.was is None else "removed" if self.now is None else "changed"

    def to_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "kind": self.kind,
            "section": self.section,
            "ages": {"from": self.ages[0], "below": self.ages[1]},
            "was": None if self.was is None else dict(self.was),
            "now": None if self.now is None else dict(self.now),
            "clause": clause(self.origin),
        }


_Key = tuple[str, str, str]
_Said = Mapping[_Key, list[tuple[Origin, Text]]]


def changes(a: CompiledPolicy, b: CompiledPolicy) -> tuple[Change, ...]:
    """What the first has otherwise than the second; ages that change alike are told together."""
    found: list[Change] = []
    running: dict[tuple[_Key, str], int] = {}
    for age in range(ADULT):
        for key, change in _at(a, b, age):
            said = key, canonical_text((change.was, change.now))
            index = running.get(said)
            if index is not None and found[index].ages[1] == age:
                before = found[index]
                found[index] = Change(before.section, before.origin, (before.ages[0], age + 1), before.was, before.now)
            else:
                running[said] = len(found)
                found.append(change)
    order = {section: number for number, section in enumerate(("settings", *SECTIONS))}
    if a.digest and b.digest:  # a preset that is read as a policy has neither a digest nor settings of its own
        found += _settings(a, b)
    return tuple(sorted(found, key=lambda one: (order[one.section], one.ages, one.origin.document, one.origin.rule)))


def _settings(a: CompiledPolicy, b: CompiledPolicy) -> Iterator[Change]:
    mine, theirs = settings_words(a), settings_words(b)
    for pointer in sorted(mine.keys() | theirs.keys()):
        now, was = mine.get(pointer), theirs.get(pointer)
        if now != was:
            yield Change("settings", Origin(pointer, Layer.PRODUCT, a.id), (0, ADULT), was, now)


def _at(a: CompiledPolicy, b: CompiledPolicy, age: int) -> Iterator[tuple[_Key, Change]]:
    mine, theirs = _said(a, b, age), _said(b, a, age)
    for key in sorted(mine.keys() | theirs.keys()):
        now, was = mine.get(key, []), theirs.get(key, [])
        for new, old in zip_longest(_not_among(now, was), _not_among(was, now)):
            origin, _ = new or old
            yield key, Change(key[0], origin, (age, age + 1), old and old[1], new and new[1])


def _not_among(rules: list[tuple[Origin, Text]], others: list[tuple[Origin, Text]]) -> list[tuple[Origin, Text]]:
    said = [text for _, text in others]
    return [(origin, text) for origin, text in rules if text not in said]


def _said(policy: CompiledPolicy, other: CompiledPolicy, age: int) -> _Said:
    """The rules at an age in words, by section, document and slot; two revisions of one document match."""
    said: dict[_Key, list[tuple[Origin, Text]]] = {}
    for band in bands_for(policy, age):
        named: Mapping[str, tuple[Rule, ...]] = {
            "time": band.time,
            "features": tuple(rules_of(band)),
            "spending": band.spending,
            "content": band.content,
            "recommendations": band.recommendations,
            "notifications": band.notifications,
        }
        for section, rules in named.items():
            for rule in rules:
                document = "" if rule.origin.document in {policy.id, other.id} else rule.origin.document
                said.setdefault((section, document, slot(rule)), []).append((rule.origin, words(rule)))
        for key, text in band_words(band).items():
            said.setdefault(("time", "", key), []).append((Origin(key, Layer.PRODUCT, policy.id), text))
    return said


def slot(rule: Rule) -> str:
    """What a rule rules, however its limits are set: a change of these is a change of the same rule."""
    match rule:
        case FeatureRule(feature=feature):
            return feature
        case QuotaRule() | CurfewRule() | WindowRule() | SittingRule():
            return f"{rule.slot} {_place(rule)}"
        case _:
            return f"{_place(rule)} {canonical_text(getattr(rule, 'surfaces', None))}"


def _place(rule: Rule) -> str:
    """Where it stands, without the band: bands may be cut anew."""
    parts = rule.origin.rule.split("/")
    return "/".join(parts[3:] if parts[1:2] == ["bands"] else parts)


def words(rule: Rule) -> Text:
    """A rule in words, and whatever else of it may change."""
    match rule:
        case FeatureRule():
            said = _feature(rule)
        case QuotaRule() | CurfewRule() | WindowRule() | SittingRule():
            said = rule_words(rule)
        case _:
            said = section_words(rule)
    return with_details(said, rule)


def _feature(rule: FeatureRule) -> Text:
    name = ("其他功能", "any other feature") if rule.feature == "*" else (rule.feature, rule.feature)
    if rule.limit is not None:
        zh, en = PERIOD_WORDS[rule.period.value]
        return texts(f"{name[0]}：{zh}{rule.limit}次", f"{name[1]}: {rule.limit} {en}")
    zh, en = _VERDICTS[rule.verdict]
    return texts(f"{name[0]}：{zh}", f"{name[1]}: {en}")
