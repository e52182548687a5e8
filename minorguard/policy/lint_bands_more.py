"""How a younger band may be looser than an older one in features, money, content, recommendations and notifications."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from minorguard.model.rules import (
    BandPolicy,
    ContentRule,
    FeaturePeriod,
    FeatureRule,
    NotificationRule,
    RecommendationRule,
    SpendingRule,
    Verdict,
)
from minorguard.model.sections import ItemAction, TextAction, strictness
from minorguard.policy.lint_days import before, clock_of, inside
from minorguard.policy.lint_ground import ANY, Ground, Looser, above
from minorguard.policy.money import written_as

_RANKS = {Verdict.DENY: 0, Verdict.ASK: 1, Verdict.ALLOW: 3}
_LIMITED = 2
_MONEY = {"per_purchase": ("in one purchase", None), "per_day": ("a day", None), "per_month": ("a month", 31)}
"""By key: how it is said, and how many of the key before are in one; None: as many as one likes."""
_HOURS = {FeaturePeriod.SITTING: 1, FeaturePeriod.HOUR: 1, FeaturePeriod.DAY: 24, FeaturePeriod.WEEK: 168}
_STRICTEST = tuple(TextAction)
"""Strictest first."""


def _features(ground: Ground, younger: BandPolicy, older: BandPolicy) -> Iterator[Looser]:
    layers = (layer for layer in older.features + younger.features)
    names = {rule.feature for layer in layers for rule in layer.rules if ground.own(rule.origin)}
    more = [name for name in sorted(names) if _does_more(ground, younger, older, name)]
    if more:
        yield Looser(("features",), f"may do more with {_few(more)}", "may do less")
    elif _does_more(ground, younger, older, ANY):
        yield Looser(("features", "default"), "may do what is not named", "may not")


def _does_more(ground: Ground, younger: BandPolicy, older: BandPolicy, name: str) -> bool:
    mine, theirs = _verdicts(ground, younger, name), _verdicts(ground, older, name)
    if not mine or any(_rank(rule) == 0 for rule in mine):
        return False
    strictest = min(map(_rank, theirs), default=0)
    foreign = [rule for rule in theirs if not ground.own(rule.origin)]
    if any(_rank(rule) == strictest for rule in foreign):
        return False
    least = min(map(_rank, mine))
    return least > strictest or (least == strictest == _LIMITED and _more_often(mine, theirs))


def _verdicts(ground: Ground, piece: BandPolicy, name: str) -> list[FeatureRule]:
    rules = (layer.rule_for(name) for layer in piece.features)
    return ground.lasting_of(rule for rule in rules if rule is not None)


def _rank(rule: FeatureRule) -> int:
    return _LIMITED if rule.limit is not None else _RANKS[rule.verdict]


def _more_often(mine: list[FeatureRule], theirs: list[FeatureRule]) -> bool:
    """Whether the younger has more uses than some limit of the older lets be, over the longer of two periods."""
    limits = [rule for rule in theirs if rule.limit is not None]
    return any(all(_above(other, rule) for other in mine) for rule in limits)


def _above(rule: FeatureRule, limit: FeatureRule) -> bool:
    if rule.limit is None or limit.limit is None:
        return rule.limit is None
    if rule.period is not limit.period and FeaturePeriod.SITTING in {rule.period, limit.period}:
        return False  # nobody knows how many sittings a day has
    return rule.limit * _HOURS[limit.period] > limit.limit * _HOURS[rule.period]


def _few(names: list[str]) -> str:
    rest = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(f"`{name}`" for name in names[:3]) + rest


def _spending(ground: Ground, younger: BandPolicy, older: BandPolicy) -> Iterator[Looser]:
    for rule in older.spending:
        mine = [other for other in ground.lasting_of(younger.spending) if _rules_all(other, rule)]
        if not ground.own(rule.origin) or any(other.currency != rule.currency for other in mine):
            continue
        caps = [_caps(other) for other in mine]
        for key, (word, _) in _MONEY.items():
            less, most = getattr(rule, key), min((cap[key] for cap in caps if key in cap), default=None)
            if less is not None and (most is None or most > less):
                has = "without end" if most is None else f"`{written_as(most, rule.currency)}`"
                yield Looser(("spending", key), f"may spend {has} {word}", f"only `{written_as(less, rule.currency)}`")


def _caps(rule: SpendingRule) -> dict[str, int]:
    """The most money by period, as the other amounts bound it too: by what is for longer, and how often it fits in."""
    caps: dict[str, int] = {}
    most: int | None = None
    for key, (_, times) in _MONEY.items():
        ways = [getattr(rule, key), None if most is None or (times is None and most) else most * (times or 0)]
        most = min((way for way in ways if way is not None), default=None)
        caps |= {} if most is None else {key: most}
    for shorter, longer in (("per_day", "per_month"), ("per_purchase", "per_day")):
        if longer in caps:
            caps[shorter] = min(caps[longer], caps.get(shorter, caps[longer]))
    return caps


def _rules_all(rule: SpendingRule, other: SpendingRule) -> bool:
    """Whether a rule holds wherever the other does."""
    return rule.only is None or (other.only is not None and other.only <= rule.only)


def _content(ground: Ground, younger: BandPolicy, older: BandPolicy) -> Iterator[Looser]:
    mine = ground.lasting_of(younger.content)
    for rule in (rule for rule in older.content if ground.own(rule.origin)):
        gating = [other for other in mine if other.surfaces is None or other.surfaces >= (rule.surfaces or {ANY})]
        ratings = [_age(other.max_rating) for other in gating if other.max_rating is not None]
        if rule.max_rating is not None and min(ratings, default=99) > _age(rule.max_rating):
            shown = f"what is rated `{min(ratings)}+`" if ratings else "what has any rating"
            yield Looser(("content", "max_rating"), f"may be shown {shown}", f"only `{rule.max_rating}`")
        yield from _not_blocked("content", gating, rule)
        if rule.pools is not None and all(other.pools is None for other in gating):
            yield Looser(("content", "pools"), "may be shown items of any pool", "only of some pools")
        labels = [label for label, action in rule.labels if _label(gating, label) > strictness(action)]
        if labels:
            yield Looser(("content", "labels"), f"may be shown more of what is labelled {_few(labels)}", "less")
        looser = [category for category, action in rule.text if _text(gating, category) > _STRICTEST.index(action)]
        if looser:
            yield Looser(("content", "text"), f"may be shown more text of {_few(looser)}", "less")


def _age(rating: str) -> int:
    return int(rating.rstrip("+"))


def _text(rules: Iterable[ContentRule], category: str) -> int:
    """The strictest action that rules have for a category of text."""
    actions = [table[key] for table in map(_table, rules) for key in (category, "default") if key in table]
    return min(map(_STRICTEST.index, actions), default=len(_STRICTEST))


def _label(rules: Iterable[ContentRule], label: str) -> int:
    """The strictest that becomes of a label; `default` is any that is not named."""
    actions = [action for rule in rules if (action := rule.of_label(label)) is not None]
    return min(map(strictness, actions), default=len(ItemAction))


def _table(rule: ContentRule) -> dict[str, TextAction]:
    return dict(rule.text)


def _not_blocked(
    section: str,
    mine: Iterable[ContentRule | RecommendationRule],
    rule: ContentRule | RecommendationRule,
) -> Iterator[Looser]:
    """The labels that `rule` blocks and none of `mine` does."""
    blocked = frozenset[str]().union(*(other.block for other in mine))
    more = [label for label in sorted(rule.block) if not any(name in blocked for name in above(label))]
    if more:
        yield Looser((section, "block"), f"may be shown {_few(more)}", "may not")


def _recommendations(ground: Ground, younger: BandPolicy, older: BandPolicy) -> Iterator[Looser]:
    mine = ground.lasting_of(younger.recommendations)
    for rule in (rule for rule in older.recommendations if ground.own(rule.origin)):
        for key, word in (("personalised", "be profiled"), ("autoplay", "have the next item play by itself")):
            if getattr(rule, key) is False and all(getattr(other, key) is not False for other in mine):
                yield Looser(("recommendations", key), f"may {word}", "may not")
        yield from _not_blocked("recommendations", mine, rule)
        yield from _counts(mine, rule)


def _counts(mine: list[RecommendationRule], rule: RecommendationRule) -> Iterator[Looser]:
    for key, period in (("items_per_sitting", "sitting"), ("items_per_day", "day")):
        items = [number for other in mine if (number := getattr(other, key)) is not None]
        less = getattr(rule, key)
        if less is not None and min(items, default=less + 1) > less:
            has = f"`{min(items)}` items" if items else "items without end"
            yield Looser(("recommendations", key), f"may be recommended {has} in a {period}", f"only `{less}`")
    tables = [dict(other.at_most) for other in mine]
    for topic, share in rule.at_most:
        shares = [table[topic] for table in tables if topic in table]
        if min(shares, default=101) > share:
            has = f"`{min(shares)}%`" if shares else "any share"
            more = f"may be recommended {has} of `{topic}`"
            yield Looser(("recommendations", "at_most"), more, f"only `{share}%`")


def _notifications(ground: Ground, younger: BandPolicy, older: BandPolicy) -> Iterator[Looser]:
    mine = ground.lasting_of(younger.notifications)
    if any(other.at_most is not None and other.at_most[0] == 0 for other in mine):
        return
    for rule in (rule for rule in older.notifications if ground.own(rule.origin)):
        if rule.at_most is not None:
            less, period = rule.at_most
            counts = [other.at_most[0] for other in mine if other.at_most and other.at_most[1] is period]
            if min(counts, default=less + 1) > less:
                has = f"`{min(counts)}/{period}`" if counts else "any number of"
                yield Looser(("notifications", "at_most"), f"may get {has} notifications", f"only `{less}/{period}`")
        yield from _quiet(ground, mine, rule)


def _quiet(ground: Ground, mine: list[NotificationRule], rule: NotificationRule) -> Iterator[Looser]:
    spans = [span for other in mine for span in other.quiet]
    for day in ground.days:
        for eve in before(day, ground.days):
            more = inside(rule.quiet, day, eve) & ~inside(spans, day, eve)
            if more:
                first = clock_of((more & -more).bit_length() - 1)
                yield Looser(("notifications", "quiet"), f"may be notified at `{first}` on `{day.kind}`", "may not")
                return


Comparison = Callable[[Ground, BandPolicy, BandPolicy], Iterator[Looser]]
MORE: tuple[Comparison, ...] = (_features, _spending, _content, _recommendations, _notifications)
"""One comparison for each section beside time."""
