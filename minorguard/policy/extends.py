"""What a document extends: presets, and other policies, which it takes along whole and can only tighten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from minorguard.model.calendar import WEEKDAYS, WEEKENDS_ONLY
from minorguard.model.rules import CompiledPolicy, Strength
from minorguard.policy.documents import Shelf
from minorguard.policy.findings import Report, likely
from minorguard.policy.layers import Laid
from minorguard.policy.positions import join
from minorguard.policy.preset_files import Preset

MOST_DOCUMENTS = 32
"""How many documents one may lead to."""

Compile = Callable[[str], CompiledPolicy | None]
"""Gives the policy of a document of the shelf; None if it is broken."""


@dataclass(frozen=True, slots=True)
class Bases:
    """What a document extends, sorted by id: the order in which they are written has no meaning."""

    presets: tuple[Laid, ...] = ()
    policies: tuple[tuple[str, CompiledPolicy], ...] = ()
    """Each with the pointer at which it is named."""

    @property
    def compiled(self) -> tuple[CompiledPolicy, ...]:
        """The policies alone."""
        return tuple(policy for _, policy in self.policies)


def find_bases(loaded: Mapping[str, Any], shelf: Shelf, compile: Compile, report: Report) -> Bases:
    """Find what a document extends; what cannot be found or used is an error."""
    presets: dict[str, Laid] = {}
    policies: dict[str, tuple[str, CompiledPolicy]] = {}
    for pointer, name, switched_on in _entries(loaded, report):
        if name in shelf.presets:
            presets[name] = Laid(shelf.presets[name], pointer, switched_on)
            _check_preset(loaded, presets[name], report)
            continue
        if switched_on:
            message = f"`{name}` is a policy, and only rules of presets are switched on; write it in `{name}` itself"
            report.warning("preset.switch", join(pointer, "switch_on"), message)
        policy = _policy(loaded["policy"], name, pointer, shelf, compile, report)
        if policy is not None:
            policies[name] = pointer, policy
    return Bases(
        tuple(laid for _, laid in sorted(presets.items())), tuple(found for _, found in sorted(policies.items()))
    )


def _entries(loaded: Mapping[str, Any], report: Report) -> Iterator[tuple[str, str, frozenset[Strength]]]:
    """Each extended document once: its pointer, its id, and what is switched on anywhere."""
    entries = loaded.get("extends", ())
    switched: dict[str, frozenset[Strength]] = {}
    for entry in entries:
        switched[entry["use"]] = switched.get(entry["use"], frozenset()) | frozenset(entry.get("switch_on", ()))
    seen = set()
    for index, entry in enumerate(entries):
        pointer, name = join("/extends", index), entry["use"]
        if name in seen:
            report.warning("preset.repeated", pointer, f"`{name}` is extended twice; remove one")
            continue
        seen.add(name)
        yield pointer, name, switched[name]


def _check_preset(loaded: Mapping[str, Any], laid: Laid, report: Report) -> None:
    preset: Preset = laid.preset
    if preset.timezone != loaded["timezone"] and _keeps_hours(laid):
        message = f"`{preset.id}` means hours of `{preset.timezone}`; here they become hours of the policy's zone"
        report.warning("timezone.preset", laid.pointer, message)
    for strength in sorted(laid.switched_on):
        if all(rule.origin.strength is not strength for rule in preset.rules):
            message = f"`{preset.id}` has no rule of strength `{strength}`; remove it"
            report.warning("preset.switch", join(laid.pointer, "switch_on"), message)


def _keeps_hours(laid: Laid) -> bool:
    """Whether some rule of a preset speaks of hours or days, so that its zone matters."""
    quiet = (told.quiet for rule in laid.rules for told in rule.notifications)
    return any(quiet) or any(rule.time or rule.spending for rule in laid.rules)


def check_calendars(loaded: Mapping[str, Any], bases: Bases, report: Report) -> None:
    """Warn of presets whose holidays are meant by another calendar; call it once the calendar is settled."""
    for laid in bases.presets:
        meant = laid.preset.calendar
        if meant not in {None, loaded.get("calendar", "none")}:
            message = f"`{laid.preset.id}` means the days of calendar `{meant}`; write `calendar: {meant}`"
            report.warning("calendar.preset", laid.pointer, message)


def _policy(
    home: str, name: str, pointer: str, shelf: Shelf, compile: Compile, report: Report
) -> CompiledPolicy | None:
    around = (home,) if name == home else shelf.way_back(name, home)
    if around is not None:
        way = " → ".join(f"`{step}`" for step in (home, *around))
        report.error("extends.cycle", pointer, f"the policy extends itself: {way}; take one of them out")
        return None
    found = shelf.find(name)
    if found is None:
        near = likely(name, shelf.ids - {home})
        known = "" if near else "; known are " + ", ".join(f"`{known}`" for known in sorted(shelf.ids - {home}))
        report.error(
            "preset.unknown", pointer, f"no preset and no policy of this folder is called `{name}`{known}", near
        )
        return None
    if shelf.beneath(name) >= MOST_DOCUMENTS:
        message = f"`{name}` leads to more than {MOST_DOCUMENTS} documents; extend fewer"
        report.error("extends.deep", pointer, message)
        return None
    policy = compile(name)
    if policy is None:
        _broken(name, found.report, pointer, report)
    return policy


def _broken(name: str, broken: Report, pointer: str, report: Report) -> None:
    first = next((found for found in broken.sorted() if found.severity == "error"), None)
    where = f"{broken.file}:{first.line}" if first is not None and first.line else broken.file
    why = f": {first.message}" if first is not None else ""
    report.error("extends.broken", pointer, f"`{name}` has errors, the first in `{where}`{why}")


def settled(loaded: Mapping[str, Any], bases: Bases, report: Report) -> dict[str, Any]:
    """The document with what it leaves to the policies that it extends: how they cut time is how it does."""
    values = dict(loaded)
    for pointer, policy in bases.policies:
        if policy.days.zone != loaded["timezone"]:
            message = (
                f"`{policy.id}` is in `{policy.days.zone}`; write `timezone: {policy.days.zone}`, or extend another"
            )
            report.error("extends.zone", pointer, message)
    for key, of in _ALIKE.items():
        for pointer, policy in bases.policies:
            mine = values.setdefault(key, of(policy))
            if of(policy) != mine:
                _differs(key, (mine, of(policy)), policy.id, pointer, report)
    if bases.policies:
        values["default_activity"] = loaded.get("default_activity") or _activity(bases, report)
    return values


def _differs(key: str, values: tuple[object, object], id: str, pointer: str, report: Report) -> None:
    mine, its = (_written(key, value) for value in values)
    message = f"`{key}` is `{its}` in `{id}` and `{mine}` here; make them the same, or leave it out here"
    report.error("extends.differs", pointer, message)


def _activity(bases: Bases, report: Report) -> str:
    names = sorted({policy.default_activity for policy in bases.compiled})
    if len(names) > 1:
        each = " and ".join(f"`{name}`" for name in names)
        report.error("extends.differs", "/extends", f"`default_activity` is {each} in what is extended; write it here")
    return names[0]


def _calendar_name(policy: CompiledPolicy) -> str:
    return "none" if policy.calendar == WEEKENDS_ONLY else policy.calendar.name


_ALIKE: Mapping[str, Callable[[CompiledPolicy], Any]] = {
    "day_starts_at": lambda policy: policy.days.starts_at,
    "week_starts_on": lambda policy: policy.days.week_starts_on,
    "calendar": _calendar_name,
}
"""What an extended policy and its document must agree on, so that a day is the same day to both."""


def _written(key: str, value: object) -> str:
    match key, value:
        case "day_starts_at", int(seconds):
            return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}"
        case "week_starts_on", int(weekday):
            return WEEKDAYS[weekday]
        case _:
            return str(value)
