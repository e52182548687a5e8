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
from minorguard.model.rules import FeatureRule, Layer, Origin, Source, Strength, TimeRule, Verdict
from minorguard.policy.document import read_mapping
from minorguard.policy.findings import Report
from minorguard.policy.positions import join
from minorguard.policy.rules import Author, time_rules
from minorguard.policy.schema import PresetSchema, load

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


def load_preset(text: str, file: str = "<text>") -> Preset:
    """Read a preset. Raises `PolicyInvalid` with every finding."""
    report = Report(file)
    data = read_mapping(text, report)
    loaded = load(PresetSchema(), data, report) if data is not None else None
    if loaded is not None:
        _check_sources(loaded, report)
    report.raise_if_failed()
    assert loaded is not None
    rules = tuple(_rule(loaded, name, entry) for name, entry in loaded["rules"].items())
    title = MappingProxyType(loaded["title"])
    bands = tuple(loaded.get("bands", ()))
    return Preset(loaded["preset"], title, loaded["timezone"], rules, frozenset(_named(loaded)), bands)


def _check_sources(loaded: Mapping[str, Any], report: Report) -> None:
    for name, entry in loaded["rules"].items():
        if entry["source"] not in loaded["sources"]:
            message = f"source `{entry['source']}` is not among the preset's sources; add it there"
            report.error("preset.source", join("/rules", name, "source"), message)


def _named(loaded: Mapping[str, Any]) -> Iterator[str]:
    for entry in loaded["rules"].values():
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
        _denied(entry.get("deny", ()), join(pointer, "deny"), author),
        frozenset(entry.get("exemptable", ())),
        entry.get("may_extend", default),
        entry.get("note", ""),
    )


def _denied(features: list[str], pointer: str, author: Author) -> tuple[FeatureRule, ...]:
    return tuple(
        FeatureRule(author.at(join(pointer, index)), feature, Verdict.DENY) for index, feature in enumerate(features)
    )


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
        "timezone": found.timezone,
        "rules": [_described(rule) for rule in found.rules],
    }


def _described(rule: PresetRule) -> dict[str, Any]:
    origin = rule.origin
    assert origin.source is not None
    return {
        "id": rule.id,
        "ages": str(rule.ages),
        "slots": [time.slot for time in rule.time],
        "denied_features": [feature.feature for feature in rule.features],
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
