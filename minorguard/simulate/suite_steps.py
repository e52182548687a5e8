"""The shape of the steps of a policy test: one schema for each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import RAISE, ValidationError, fields, validates_schema

from minorguard.policy.fields import (
    Day,
    DocumentField,
    Duration,
    Entries,
    Flag,
    Name,
    Text,
)
from minorguard.policy.findings import Problem, likely, listed, shown
from minorguard.policy.refusals import refused
from minorguard.policy.schema_base import DocumentSchema, nested
from minorguard.simulate.suite_expect import Expect
from minorguard.simulate.suite_fields import (
    Amount,
    Count,
    Currency,
    MomentField,
    Moments,
    NextDay,
    OneOrMore,
)


class _StepSchema(DocumentSchema):
    at = Moments()
    day = NextDay()
    expect = OneOrMore(Expect())


class OpenSchema(_StepSchema):
    """A session is opened on a device."""

    open = Name()
    activity = Name()
    session = Name()


class BeatSchema(_StepSchema):
    """A beat, or a row of them."""

    beat = Name()
    every = Duration(least=1, most=86_400)
    until = MomentField()
    drop = Entries(MomentField(), empty=False)
    duplicate = Entries(MomentField(), empty=False)
    late = Entries(MomentField(), empty=False)
    activity = Name()

    @validates_schema
    def whole_row(self, data: dict[str, Any], **_kwargs: object) -> None:
        """A row of beats has a rhythm and an end; a single beat has nothing of a row."""
        row = [key for key in ("every", "until", "drop", "duplicate", "late") if key in data]
        missing = [key for key in ("every", "until") if row and key not in data]
        if missing:
            message = f'a row of beats needs {listed(missing)}, such as `every: 30s` with `until: "16:40"`; add it'
            raise ValidationError([Problem("suite.beats", message)])


class EndSchema(_StepSchema):
    """A session is ended."""

    end = Name()


class AskSchema(DocumentSchema):
    """What is asked about, if not time."""

    feature = Name()
    amount = Count()
    purchase = Amount()
    currency = Currency()
    text = Text()
    item = Text()
    surface = Name()
    labels = Entries(Name())
    ratings = Entries(Text())
    pools = Entries(Name())

    @validates_schema
    def one_thing(self, data: dict[str, Any], **_kwargs: object) -> None:
        """A question asks one thing, and says of it what only it has."""
        asked = [key for key in ASKED if key in data]
        if len(asked) != 1:
            problem = f"a question asks about one of {listed(ASKED)}; write one"
            raise ValidationError([Problem("suite.ask", problem)])
        if (asked[0] in SHOWN) != ("surface" in data):
            way_out = "say on which `surface` it would show" if asked[0] in SHOWN else "leave `surface` out"
            raise ValidationError(
                [Problem("suite.ask", f"{listed(SHOWN)} show on a surface, nothing else does; {way_out}")]
            )
        strange = [key for key in OF_ITEMS if key in data and asked[0] != "item"]
        if strange:
            raise ValidationError([Problem("suite.ask", f"{listed(strange)} are said of an `item`; remove them")])


ASKED = ("feature", "purchase", "text", "item")
"""What a question may be about; each a key."""
SHOWN = ("text", "item")
OF_ITEMS = ("labels", "ratings", "pools")


class Ask(DocumentField):
    """`time`, `notification`, or a mapping with `feature`, `purchase`, `text` or `item`."""

    mapping = nested(AskSchema)
    words = ("time", "notification")

    def _read(self, value: object) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            loaded: dict[str, Any] = self.mapping.deserialize(value)
            return loaded
        if value in self.words:
            return {str(value): True}
        near = likely(value, self.words) if isinstance(value, str) else None
        choice = "" if near else "; write `time`, `notification`, `{feature: search}` or the like"
        raise refused("suite.ask", f"{shown(value)} cannot be asked about{choice}", near)


class AskStepSchema(_StepSchema):
    """A question, which changes nothing."""

    ask = Ask()
    activity = Name()
    device = Name()
    session = Name()


class UseSchema(_StepSchema):
    """Uses of a feature."""

    use = Name()
    times = Count()
    amount = Count()
    id = Name()
    session = Name()


class GrantSchema(_StepSchema):
    """Extra time from a guardian."""

    grant = Duration(least=1)
    id = Name()
    activity = Name()
    on = Day()


class UsedSchema(DocumentSchema):
    """One stretch of use without a connection."""

    class Meta:
        """`from` is a keyword of Python."""

        unknown = RAISE
        include: ClassVar = {
            "from": MomentField(relative=False, required=True),
            "to": MomentField(relative=False, required=True),
        }

    device = Name(required=True)
    activity = Name()


class OfflineSchema(_StepSchema):
    """A report of use without a connection."""

    offline = OneOrMore(nested(UsedSchema))


class PurchaseSchema(_StepSchema):
    """Money is spent."""

    purchase = Amount()
    currency = Currency()
    activity = Name()
    id = Name()


class NotifySchema(_StepSchema):
    """Notifications are sent."""

    notify = Flag()
    times = Count()
    id = Name()


class LookSchema(_StepSchema):
    """Nothing happens: the clock goes on, or what holds is looked at."""


STEPS: dict[str, type[DocumentSchema]] = {
    "open": OpenSchema,
    "beat": BeatSchema,
    "end": EndSchema,
    "ask": AskStepSchema,
    "use": UseSchema,
    "grant": GrantSchema,
    "offline": OfflineSchema,
    "purchase": PurchaseSchema,
    "notify": NotifySchema,
}
"""The schema of each kind of step, by the key that makes it one."""

_ANY = DocumentSchema.from_dict({key: fields.Raw() for schema in STEPS.values() for key in schema().fields})


class StepField(DocumentField):
    """A step; loaded as its kind and its values."""

    def _read(self, value: object) -> tuple[str, Mapping[str, Any]]:
        if not isinstance(value, Mapping):
            raise refused("value.shape", f'{shown(value)} is not a step; write it like `{{at: "16:00", ask: time}}`')
        kinds = [kind for kind in STEPS if kind in value]
        if len(kinds) > 1:
            raise refused("suite.two_steps", f"{listed(kinds)} are steps of their own; write one below the other")
        if not kinds:
            return self._look(value)
        return kinds[0], nested(STEPS[kinds[0]]).deserialize(value)

    def _look(self, value: Mapping[Any, Any]) -> tuple[str, Mapping[str, Any]]:
        if any(key not in LookSchema().fields for key in value):
            nested(_ANY).deserialize(value)
        if "expect" in value:
            return "look", nested(LookSchema).deserialize(value)
        if "day" in value:
            return "day", nested(LookSchema).deserialize(value)
        raise refused("suite.step", f"nothing happens in this step; write one of {listed([*STEPS, 'day', 'expect'])}")
