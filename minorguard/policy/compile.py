"""From the text of a policy document to a compiled policy, or to findings with positions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from minorguard.errors import PolicyInvalid
from minorguard.model.calendar import WEEKENDS_ONLY, Calendar, DayScheme, YearState
from minorguard.model.rules import CompiledPolicy, Enforcement, GuardianRights, Layer, Origin
from minorguard.policy.base_checks import check_against
from minorguard.policy.calendar_files import builtin_calendars
from minorguard.policy.canonical import digested
from minorguard.policy.checks import check_document, check_surfaces
from minorguard.policy.documents import Document, Parsed, Shelf, parse
from minorguard.policy.extends import Bases, check_calendars, find_bases, settled
from minorguard.policy.findings import Finding, Report, likely
from minorguard.policy.layers import Layers, Product
from minorguard.policy.lint import lint
from minorguard.policy.preset_files import Preset, builtin_presets
from minorguard.policy.rights import check_rights, exemptions, known_activities, rights


def compile_policy(
    text: str,
    file: str = "<text>",
    *,
    revision: int = 1,
    calendars: Mapping[str, Calendar] | None = None,
    presets: Mapping[str, Preset] | None = None,
    documents: Mapping[str, Document] | None = None,
) -> CompiledPolicy:
    """Compile a policy document.

    `calendars` are known besides those that ship, and come before them; `presets` replace those that ship; `documents`
    are other policies, by id, that it may extend. Raises `PolicyInvalid` with every finding if one of them is an error.
    """
    policy, findings = check_policy(
        text, file, revision=revision, calendars=calendars, presets=presets, documents=documents
    )
    if policy is None:
        raise PolicyInvalid(file, findings)
    return policy


def check_policy(
    text: str,
    file: str = "<text>",
    *,
    revision: int = 1,
    calendars: Mapping[str, Calendar] | None = None,
    presets: Mapping[str, Preset] | None = None,
    documents: Mapping[str, Document] | None = None,
    today: date | None = None,
) -> tuple[CompiledPolicy | None, tuple[Finding, ...]]:
    """The compiled policy (None if there is an error) and every finding, in the order of the text.

    With `today`, a calendar that does not know this year or the next one is a warning.
    """
    compiler = Compiler.of(revision=revision, calendars=calendars, presets=presets, documents=documents, today=today)
    parsed = parse(Document(text, file))
    compiler.shelf.parsed[parsed.id] = parsed
    return compiler.check(parsed)


@dataclass(slots=True)
class _Outcome:
    """What became of one document."""

    policy: CompiledPolicy | None
    bases: Bases


@dataclass(slots=True)
class Compiler:
    """Compiles the documents of a shelf, each once."""

    shelf: Shelf
    revision: int = 1
    today: date | None = None
    outcomes: dict[Parsed, _Outcome] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        *,
        revision: int = 1,
        calendars: Mapping[str, Calendar] | None = None,
        presets: Mapping[str, Preset] | None = None,
        documents: Mapping[str, Document] | None = None,
        today: date | None = None,
    ) -> Compiler:
        """A compiler that knows the presets and calendars that ship, and what is given."""
        known = {"none": WEEKENDS_ONLY, **builtin_calendars(), **(calendars or {})}
        shelf = Shelf(builtin_presets() if presets is None else presets, known, documents or {})
        return cls(shelf, revision, today)

    def check(self, parsed: Parsed) -> tuple[CompiledPolicy | None, tuple[Finding, ...]]:
        """The policy of a document (None if there is an error), and every finding."""
        if parsed.loaded is None:
            return None, parsed.report.sorted()
        outcome = self._outcome(parsed)
        if outcome.policy is not None:
            lint(parsed.loaded, outcome.policy, parsed.report, extended=outcome.bases.presets, today=self.today)
        self._check_years(parsed, outcome.policy)
        return outcome.policy, parsed.report.sorted()

    def policy(self, id: str) -> CompiledPolicy | None:
        """The policy of a document of the shelf; None if it is broken."""
        parsed = self.shelf.find(id)
        return None if parsed is None or parsed.loaded is None else self._outcome(parsed).policy

    def _outcome(self, parsed: Parsed) -> _Outcome:
        assert parsed.loaded is not None
        if parsed not in self.outcomes:
            bases = find_bases(parsed.loaded, self.shelf, self.policy, parsed.report)
            policy = self._compile(settled(parsed.loaded, bases, parsed.report), bases, parsed.report)
            self.outcomes[parsed] = _Outcome(None if parsed.report.failed else policy, bases)
        return self.outcomes[parsed]

    def _compile(self, loaded: Mapping[str, Any], bases: Bases, report: Report) -> CompiledPolicy | None:
        check_document(loaded, report)
        check_surfaces(loaded, bases.compiled, report)
        calendar = self._calendar(loaded, report)
        if report.failed or calendar is None:
            return None
        check_calendars(loaded, bases, report)
        check_rights(loaded, bases, report)
        policy = _policy(loaded, bases, calendar, self.revision)
        check_against(loaded, policy, _product(loaded, policy.guardian), bases, report)
        return policy

    def _calendar(self, loaded: Mapping[str, Any], report: Report) -> Calendar | None:
        name, calendars = loaded.get("calendar", "none"), self.shelf.calendars
        if name not in calendars:
            near = likely(name, calendars)
            known = "" if near else "; known are " + ", ".join(f"`{known}`" for known in sorted(calendars))
            report.error("calendar.unknown", "/calendar", f"unknown calendar `{name}`{known}", near)
        return calendars.get(name)

    def _check_years(self, parsed: Parsed, policy: CompiledPolicy | None) -> None:
        name = (parsed.loaded or {}).get("calendar", "none")
        calendar = policy.calendar if policy is not None else self.shelf.calendars.get(name)
        for year in (self.today.year, self.today.year + 1) if self.today and calendar else ():
            if calendar is not None and calendar.state(year) is not YearState.ANNOUNCED:
                message = f"calendar `{calendar.name}` has no announced {year}: no weekday of it counts as holiday"
                report = parsed.report
                report.warning(
                    "calendar.unknown_year", "/calendar", f"{message}; update the calendar once it is published"
                )


def _policy(loaded: Mapping[str, Any], bases: Bases, calendar: Calendar, revision: int) -> CompiledPolicy:
    others, guardian = bases.compiled, rights(loaded, bases)
    layers = Layers(loaded.get("bands", {}), _product(loaded, guardian), bases.presets, others)
    slices = [loaded.get("slice", 60)] if "slice" in loaded or not others else []
    policy = CompiledPolicy(
        id=loaded["policy"],
        revision=revision,
        digest="",
        days=DayScheme(loaded["timezone"], loaded.get("day_starts_at", 0), loaded.get("week_starts_on", 0)),
        calendar=calendar,
        bands=layers.compiled(),
        slice=min(slices + [policy.slice for policy in others]),
        default_activity=loaded.get("default_activity", "general"),
        hold_birthday=loaded.get("hold_birthday", True) or any(policy.hold_birthday for policy in others),
        enforcement=loaded.get("enforcement", Enforcement.ENFORCE),
        require_lease=loaded.get("features_need_lease", False) or any(policy.require_lease for policy in others),
        known_activities=frozenset(known_activities(loaded, bases)),
        guardian=guardian,
        surfaces=tuple(sorted({*loaded.get("surfaces", ()), *(name for base in others for name in base.surfaces)})),
    )
    return digested(policy)


def _product(loaded: Mapping[str, Any], guardian: GuardianRights) -> Product:
    origin = Origin("", Layer.PRODUCT, loaded["policy"])
    return Product(origin, MappingProxyType(exemptions(loaded)), guardian.per_day_seconds)
