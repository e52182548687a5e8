"""A second judge for what is counted: every history of a small grid of purchases, uses and notifications.

It shares no code with the engine. Policies have one band; histories lie on the day itself and on the day before, which
is in the same month and week.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from minorguard.model.rules import BandPolicy, CompiledPolicy, FeatureRule, NotificationRule, SpendingRule, Verdict

MOST = 3
"""Amounts and counts go to one more than any limit."""
SLOTS = ("day", "before")
NAMES = ("a", "a.b", "c", "d")
"""The last one is never named."""
ACTIVITIES = ("general", "game")
MONEY = ("CNY", "USD")
STEPS = 6


def spending_differs(a: CompiledPolicy, b: CompiledPolicy) -> bool:
    """Whether some purchase after some others is allowed by `a` and denied by `b`."""
    mine, theirs = a.bands[0].spending, b.bands[0].spending
    keys = list(product(SLOTS, ACTIVITIES))
    for amounts in product(range(MOST + 1), repeat=len(keys)):
        spent = dict(zip(keys, amounts, strict=True))
        for amount, name, money in product(range(1, MOST + 2), ACTIVITIES, MONEY):
            asked = spent, amount, name, money
            if any(_too_much(rule, *asked) for rule in theirs) and not any(_too_much(rule, *asked) for rule in mine):
                return True
    return False


def _too_much(rule: SpendingRule, spent: dict[tuple[str, str], int], amount: int, name: str, money: str) -> bool:
    """All that was spent was spent in the money that is asked about; other money is never counted with it."""
    if rule.only is not None and name not in rule.only:
        return False
    if money != rule.currency:
        return True
    names = [one for one in ACTIVITIES if rule.only is None or one in rule.only]
    counted = {slot: sum(spent[slot, one] for one in names) for slot in SLOTS}
    sums = (0, counted["day"], counted["day"] + counted["before"])
    caps = (rule.per_purchase, rule.per_day, rule.per_month)
    return any(cap is not None and used + amount > cap for cap, used in zip(caps, sums, strict=True))


def features_differ(a: CompiledPolicy, b: CompiledPolicy) -> bool:
    """Whether some use of a feature after some others is allowed by `a` and denied by `b`."""
    keys = list(product(SLOTS, NAMES))
    most = {"day": MOST - 1, "before": MOST - 2}  # a limit goes to one less than `MOST`, and a day alone may fill it
    for counts in product(*(range(most[slot] + 1) for slot, _ in keys)):
        used = dict(zip(keys, counts, strict=True))
        for name in NAMES:
            if _used_up(b.bands[0], used, name) and not _used_up(a.bands[0], used, name):
                return True
    return False


def _used_up(band: BandPolicy, used: dict[tuple[str, str], int], name: str) -> bool:
    spoken = [rule for layer in band.features if (rule := _word(layer.default, layer.rules, name)) is not None]
    return not spoken or any(_stops(rule, used) for rule in spoken)


def _word(default: FeatureRule | None, rules: tuple[FeatureRule, ...], name: str) -> FeatureRule | None:
    for known in (name, name[:1] if "." in name else ""):
        for rule in rules:
            if rule.feature == known:
                return rule
    return default


def _stops(rule: FeatureRule, used: dict[tuple[str, str], int]) -> bool:
    if rule.verdict is not Verdict.ALLOW:
        return True
    slots = ("day",) if rule.period == "day" else SLOTS
    below = [one for one in NAMES if rule.feature in {"*", one, one.partition(".")[0]}]
    return rule.limit is not None and sum(used[slot, one] for slot in slots for one in below) >= rule.limit


def notifications_differ(a: CompiledPolicy, b: CompiledPolicy) -> bool:
    """Whether a notification in some step after some others is allowed by `a` and denied by `b`."""
    for step, hour, day, before in product(range(STEPS), range(MOST), range(MOST), range(MOST)):
        sent = (hour, hour + (day if step else 0), hour + (day if step else 0) + before)
        if any(_mute(rule, step, sent) for rule in b.bands[0].notifications) and not any(
            _mute(rule, step, sent) for rule in a.bands[0].notifications
        ):
            return True
    return False


def _mute(rule: NotificationRule, step: int, sent: tuple[int, int, int]) -> bool:
    quiet = any(step in set(_steps(span.opens // 14_400, span.closes // 14_400)) for span in rule.quiet)
    if quiet or rule.at_most is None:
        return quiet
    limit, period = rule.at_most
    return sent[("hour", "day", "week").index(period)] >= limit


def _steps(opens: int, closes: int) -> Iterator[int]:
    length = (closes - opens) % STEPS or STEPS
    yield from ((opens + index) % STEPS for index in range(length))
