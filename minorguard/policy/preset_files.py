"""Law presets: what the rules of the land say, each number with its source, for policies to build on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from minorguard.errors import NotFound
from minorguard.model.age import AgeBand
from minorguard.model.ids import Seconds
from minorguard.model.rules import (
    SECTIONS,
    ContentRule,
    FeatureRule,
    Layer,
    NotificationRule,
    Origin,
    RecommendationRule,
    Source,
    SpendingRule,
    Strength,
    TimeRule,
    Verdict,
)
from minorguard.policy.document import read_mapping
from minorguard.policy.findings import Report
from minorguard.policy.positions import join
from minorguard.policy.rules import VERDICTS, Author, time_rules
from minorguard.policy.schema import SWITCHED, PresetSchema, load
from minorguard.policy.section_checks import check_sections
from minorguard.policy.sections import other_rules

_CHANGEABLE: dict[Strength, tuple[str, ...]] = {
    Strength.LAW: (),
    Strength.DEFAULT: ("guardian",),
    Strength.PRACTICE: ("product",),
    Strength.PLANNED: (),
    Strength.ENJOINED: (),
}


@dataclass(frozen=True, slots=True)
class PresetRule:
    """One entry of a preset, for some ages."""

    id: str
    ages: AgeBand
    origin: Origin
    time: tuple[TimeRule, ...] = ()
    features: tuple[FeatureRule, ...] = ()
    exemptable: frozenset[str] = frozenset()
    """Activities that a product may exempt; `guardian`: also any that a guardian names."""
    may_extend: Seconds | None = 0
    """How far grants of one day may raise its daily quotas; None: as far as the product lets them."""
    note: str = ""
    spending: tuple[SpendingRule, ...] = ()
    content: tuple[ContentRule, ...] = ()
    recommendations: tuple[RecommendationRule, ...] = ()
    notifications: tuple[NotificationRule, ...] = ()

    @property
    def section(self) -> str:
        """The section of a band that it speaks of."""
        return next(section for section in SECTIONS if getattr(self, section))

    def counts(self, switched_on: frozenset[Strength] = frozenset()) -> bool:
        """Whether it holds at all: what is only planned, or stopped by a court, is off unless switched on."""
        return self.origin.strength not in SWITCHED or self.origin.strength in switched_on


@dataclass(frozen=True, slots=True)
class Preset:
    """A law preset, ready to be laid under a policy."""

    id: str
    title: Mapping[str, str]
    timezone: str
    rules: tuple[PresetRule, ...]
    activities: frozenset[str] = field(default_factory=frozenset)
    """Activities that its rules name."""
    bands: tuple[AgeBand, ...] = ()
    """The age bands of its text, where it has some; a policy without bands of its own takes them."""
    calendar: str | None = None
    """The calendar that its holidays are meant by; None: it speaks of none."""
    jurisdiction: str = ""
    """Whose law it is, by ISO 3166: ``CN``, ``US-VA``."""


def load_preset(text: str, file: str = "<text>") -> Preset:
    """Read a preset. Raises `PolicyInvalid` with every finding."""
    report = Report(file)
    data = read_mapping(text, report)
    loaded = load(PresetSchema(), data, report) if data is not None else None
    if loaded is not None:
        _check(loaded, report)
    report.raise_if_failed()
    assert loaded is not None
    rules = tuple(_rule(loaded, name, entry) for name, entry in loaded["rules"].items())
    _check_silent(rules, report)
    report.raise_if_failed()
    return Preset(
        loaded["preset"],
        title=MappingProxyType(loaded["title"]),
        timezone=loaded["timezone"],
        rules=rules,
        activities=frozenset(_named(loaded)),
        bands=tuple(loaded.get("bands", ())),
        calendar=loaded.get("calendar"),
        jurisdiction=loaded.get("jurisdiction", ""),
    )


def _check(loaded: Mapping[str, Any], report: Report) -> None:
    for name, entry in loaded["rules"].items():
        check_sections(entry, join("/rules", name), report)
        if entry["source"] not in loaded["sources"]:
            message = f"source `{entry['source']}` is not among the preset's sources; add it there"
            report.error("preset.source", join("/rules", name, "source"), message)


def _check_silent(rules: tuple[PresetRule, ...], report: Report) -> None:
    for rule in rules:
        if not any(getattr(rule, section) for section in SECTIONS):
            report.error("preset.rule", rule.origin.rule, "the rule limits nothing; write a limit, or remove it")


def _named(loaded: Mapping[str, Any]) -> Iterator[str]:
    for entry in loaded["rules"].values():
        yield from entry.get("spending", {}).get("only", ())
        for key in ("only", "always_exempt", "exemptable"):
            yield from (name for name in entry.get(key, ()) if name != "guardian")


def _rule(loaded: Mapping[str, Any], id: str, entry: Mapping[str, Any]) -> PresetRule:
    origin = _origin(loaded, entry)
    pointer = join("/rules", id)
    only = frozenset(entry["only"]) if "only" in entry else None
    author = Author(origin, only=only, always_exempt=frozenset(entry.get("always_exempt", ())))
    default = None if origin.strength is Strength.DEFAULT else 0
    return PresetRule(
        id,
        entry["ages"],
        author.at(pointer),
        time_rules(entry.get("time", {}), join(pointer, "time"), author),
        tuple(_features(entry, pointer, author)),
        frozenset(entry.get("exemptable", ())),
        entry.get("may_extend", default),
        entry.get("note", ""),
        **other_rules(entry, pointer, author),
    )


def _features(entry: Mapping[str, Any], pointer: str, author: Author) -> Iterator[FeatureRule]:
    for key in ("deny", "ask"):
        for index, feature in enumerate(entry.get(key, ())):
            yield FeatureRule(author.at(join(pointer, key, index)), feature, VERDICTS[key])


def _origin(loaded: Mapping[str, Any], entry: Mapping[str, Any]) -> Origin:
    source = loaded["sources"][entry["source"]]
    return Origin(
        rule="",
        layer=Layer.LAW,
        document=loaded["preset"],
        strength=entry["strength"],
        source=Source(
            title=source["title"],
            article=entry["article"],
            url=source.get("url", ""),
            verified=entry["verified"],
            verified_on=entry["verified_on"].isoformat(),
            status=entry["status"],
        ),
        changeable_by=_CHANGEABLE[entry["strength"]],
        effective_from=entry.get("effective_from"),
        effective_to=entry.get("effective_to"),
    )


@cache
def builtin_presets() -> Mapping[str, Preset]:
    """The presets that ship, by id; read once."""
    folder = files("minorguard.policy").joinpath("presets")
    entries = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda e: e.name)
    loaded = [load_preset(entry.read_text("utf-8"), entry.name) for entry in entries]
    return MappingProxyType({preset.id: preset for preset in loaded})


def presets() -> dict[str, dict[str, str]]:
    """The ids of the presets that ship, with their titles by language."""
    return {name: dict(preset.title) for name, preset in builtin_presets().items()}


def describe(preset: str) -> dict[str, Any]:
    """A preset's rules with their sources, as plain data for pages and tables. Raises `NotFound`."""
    found = builtin_presets().get(preset)
    if found is None:
        raise NotFound("preset", preset)
    return {
        "preset": found.id,
        "title": dict(found.title),
        "jurisdiction": found.jurisdiction,
        "timezone": found.timezone,
        "calendar": found.calendar,
        "rules": [_described(rule) for rule in found.rules],
    }


def _described(rule: PresetRule) -> dict[str, Any]:
    origin = rule.origin
    assert origin.source is not None
    return {
        "id": rule.id,
        "ages": str(rule.ages),
        "slots": [time.slot for time in rule.time],
        "section": rule.section,
        "denied_features": [found.feature for found in rule.features if found.verdict is Verdict.DENY],
        "asked_features": [found.feature for found in rule.features if found.verdict is Verdict.ASK],
        "strength": origin.strength.value,
        "source": origin.source.title,
        "article": origin.source.article,
        "url": origin.source.url,
        "status": origin.source.status,
        "verified": origin.source.verified,
        "verified_on": origin.source.verified_on,
        "effective_from": origin.effective_from.isoformat() if origin.effective_from else None,
        "effective_to": origin.effective_to.isoformat() if origin.effective_to else None,
        "exemptable": sorted(rule.exemptable),
        "note": rule.note,
    }
