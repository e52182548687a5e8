"""What changed from one policy to another, rule by rule, in words and as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from minorguard.model.age import ADULT
from minorguard.model.rules import (
    SECTIONS,
    CompiledPolicy,
    CurfewRule,
    FeatureRule,
    Origin,
    QuotaRule,
    SittingRule,
    TimeRule,
    Verdict,
    WindowRule,
)
from minorguard.policy.canonical import canonical_text
from minorguard.policy.lattice import bands_for
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
_Said = Mapping[_Key, tuple[Origin, Text]]


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
    order = {section: number for number, section in enumerate(SECTIONS)}
    return tuple(sorted(found, key=lambda one: (order[one.section], one.ages, one.origin.document, one.origin.rule)))


def _at(a: CompiledPolicy, b: CompiledPolicy, age: int) -> Iterator[tuple[_Key, Change]]:
    mine, theirs = _said(a, b, age), _said(b, a, age)
    for key in sorted(mine.keys() | theirs.keys()):
        (origin, now), (_, was) = (side.get(key) or (None, None) for side in (mine, theirs))
        if now != was:
            known = origin or theirs[key][0]
            yield key, Change(key[0], known, (age, age + 1), was, now)


def _said(policy: CompiledPolicy, other: CompiledPolicy, age: int) -> _Said:
    """The rules at an age in words, by section, document and slot; two revisions of one document match."""
    said: dict[_Key, tuple[Origin, Text]] = {}
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
                said.setdefault((section, document, slot(rule)), (rule.origin, words(rule)))
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
    """A rule in words."""
    match rule:
        case FeatureRule():
            return _feature(rule)
        case QuotaRule() | CurfewRule() | WindowRule() | SittingRule():
            return rule_words(rule)
        case _:
            return section_words(rule)


def _feature(rule: FeatureRule) -> Text:
    name = ("其他功能", "any other feature") if rule.feature == "*" else (rule.feature, rule.feature)
    if rule.limit is not None:
        zh, en = PERIOD_WORDS[rule.period.value]
        return texts(f"{name[0]}：{zh}{rule.limit}次", f"{name[1]}: {rule.limit} {en}")
    zh, en = _VERDICTS[rule.verdict]
    return texts(f"{name[0]}：{zh}", f"{name[1]}: {en}")
