"""What is no question to the engine: a setting of the first that is laxer than one of the second."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from minorguard.model.rules import SECTIONS, CompiledPolicy, Enforcement, ExitMode, Layer, Origin
from minorguard.proof.counterexample import Text


@dataclass(frozen=True, slots=True)
class Weakness:
    """Something that the first lets be and a rule of the second does not, as data and in words."""

    rule: Origin
    what: Mapping[str, Any]
    why: Text


def topped(name: str, names: Collection[str]) -> bool:
    """Whether a dotted name, or one above it, is among some.

    >>> topped("violence.graphic", {"violence"}), topped("violent", {"violence"})
    (True, False)
    """
    return any(f"{name}.".startswith(f"{one}.") for one in names)


def weaknesses(a: CompiledPolicy, b: CompiledPolicy) -> Iterator[Weakness]:
    """The settings of the whole policy: enforcement, leases, how the mode ends, what guardians may tighten."""
    if a.enforcement is Enforcement.OBSERVE and b.enforcement is Enforcement.ENFORCE:
        why = {"zh": "只观察：照常判定并记录，但一律放行", "en": "it only observes: whatever it denies may pass"}
        yield _setting(b, "/enforcement", [a.enforcement.value, b.enforcement.value], why)
    if b.require_lease and not a.require_lease:
        why = {"zh": "没有有效租约也可以使用功能", "en": "features may be used without a live lease"}
        yield _setting(b, "/features_need_lease", [False, True], why)
    if b.guardian.exit_mode is ExitMode.NEVER and a.guardian.exit_mode is not ExitMode.NEVER:
        why = {"zh": "监护人可以退出未成年人模式", "en": "a guardian may leave the minor mode"}
        yield _setting(b, "/guardian/exit_mode", [a.guardian.exit_mode.value, b.guardian.exit_mode.value], why)
    for section in (one for one in SECTIONS if one in b.guardian.may_tighten - a.guardian.may_tighten):
        why = {
            "zh": f"监护人不能收紧 {section}",
            "en": f"a guardian may not tighten {section}",
        }
        yield _setting(b, "/guardian/may_tighten", [section], why)


def _setting(b: CompiledPolicy, pointer: str, values: list[object], why: Text) -> Weakness:
    return Weakness(Origin(pointer, Layer.PRODUCT, b.id), {pointer.rpartition("/")[2]: values}, why)
