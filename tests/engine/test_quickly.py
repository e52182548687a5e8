"""Values that are made quickly are the frozen dataclasses that they say they are."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest

from minorguard.model.decisions import Decision, Lease, Reason
from minorguard.model.quickly import quickly
from minorguard.model.state import DeviceRecord, Profile, SessionRecord, SubjectState


@dataclass(frozen=True, slots=True)
class Plain:
    """As `dataclass` makes it."""

    a: int
    b: str = "b"
    c: dict[str, int] = field(default_factory=dict)


@quickly
@dataclass(frozen=True, slots=True)
class Quick:
    """The same, made quickly."""

    a: int
    b: str = "b"
    c: dict[str, int] = field(default_factory=dict)


@quickly
@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """By names alone."""

    a: int
    b: int = 2


def test_what_is_made_is_what_a_dataclass_makes() -> None:
    """Positions, names, defaults and factories fill the same fields; each factory makes its own."""
    for made, plain in (
        (Quick(1), Plain(1)),
        (Quick(1, "x"), Plain(1, "x")),
        (Quick(c={"k": 1}, a=2), Plain(c={"k": 1}, a=2)),
    ):
        assert [getattr(plain, row.name) for row in fields(Plain)] == [getattr(made, row.name) for row in fields(Quick)]
    assert Quick(1).c is not Quick(1).c
    assert (Named(a=1).a, Named(a=1).b) == (1, 2)


def test_it_is_frozen_equal_and_copied_as_ever() -> None:
    """No field can be set, equality and repr are the class's own, and replace, copy and pickle give equals."""
    one = Quick(1)
    with pytest.raises(FrozenInstanceError):
        one.a = 2  # type: ignore[misc]
    assert one == Quick(1, "b", {})
    assert repr(one) == "Quick(a=1, b='b', c={})"
    assert type(one) is Quick
    for other in (replace(one, b="b"), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert one == other


@pytest.mark.parametrize("wrong", [(), (1, "2", {}, 4)])
def test_wrong_arguments_are_refused(wrong: tuple[int, ...]) -> None:
    """Too few and too many are a `TypeError`; a value of names takes no positions."""
    with pytest.raises(TypeError):
        Quick(*wrong)
    with pytest.raises(TypeError):
        Named(1)  # type: ignore[misc]


@pytest.mark.parametrize("kind", [Decision, Lease, Reason, DeviceRecord, Profile, SessionRecord, SubjectState])
def test_the_values_of_a_beat_take_their_fields_in_order(kind: type) -> None:
    """A constructor's parameters are the fields, as `dataclass` orders them."""
    assert [row.name for row in fields(kind)] == list(inspect.signature(kind).parameters)
