"""What holds for every list, by the separate checker, over generated cases."""

from dataclasses import replace

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from minorguard.ranking import (
    BreakEvery,
    Candidate,
    Constraints,
    Kind,
    Pin,
    Refusal,
    Share,
    Total,
    Window,
    constrain,
    verify,
)
from minorguard.ranking.greedy import greedy
from minorguard.ranking.prepare import Pool
from minorguard.ranking.quick import quick
from minorguard.ranking.solve import solve
from minorguard.ranking.task import Work

generous = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    phases=(Phase.explicit, Phase.generate),
)
"""Without shrinking: it costs minutes, and a case is small as it is."""
TOPICS = ("art", "education", "education.maths", "idol", "sport.chess")

scores = st.floats(-1, 1, allow_nan=False) | st.sampled_from((0.0, 0.5, 1.0))
rows = st.tuples(
    scores,
    st.sampled_from((None, "a", "b", "c", "d")),
    st.frozensets(st.sampled_from(TOPICS), max_size=3),
    st.booleans(),
    st.none() | scores,
    st.integers(0, 100),
)
candidate_lists = st.lists(rows, max_size=24)
shares = st.builds(Share, st.sampled_from(TOPICS), st.integers(0, 100), st.booleans(), st.booleans())
windows = st.builds(
    Window, st.integers(0, 3), st.integers(1, 6), st.none() | st.sampled_from(TOPICS), firm=st.booleans()
)


def _refuses_idols(traits):
    return (Refusal("topic", "idol"),) if "idol" in traits.topics else ()


constraint_sets = st.builds(
    Constraints,
    gate=st.just(_refuses_idols),
    windows=st.lists(windows, max_size=3, unique_by=lambda one: one.id).map(tuple),
    shares=st.lists(shares, max_size=3, unique_by=lambda one: one.id).map(tuple),
    personal_percent=st.sampled_from((0, 30, 100)),
    totals=st.lists(st.builds(Total, st.just("items_per_day"), st.integers(0, 12), st.integers(0, 4)), max_size=1).map(
        tuple
    ),
    break_every=st.none() | st.builds(BreakEvery, st.integers(1, 5), st.none() | st.integers(1, 200)),
    banned=st.frozensets(st.sampled_from(("v0", "v1")), max_size=1),
    pins=st.lists(st.builds(Pin, st.sampled_from(("v0", "v3", "v5")), st.integers(1, 9)), max_size=2).map(
        lambda pins: tuple({pin.item: pin for pin in pins}.values())
    ),
    relax=st.permutations(list(Kind)).flatmap(lambda kinds: st.integers(0, 4).map(lambda size: tuple(kinds[:size]))),
)


def built(rows):
    """Candidates of generated rows."""
    return [
        Candidate(
            f"v{number}",
            score,
            author=author,
            topics=topics,
            personal=personal,
            plain_score=plain,
            duration_seconds=seconds,
        )
        for number, (score, author, topics, personal, plain, seconds) in enumerate(rows)
    ]


def listed(candidates, ranked):
    """The list's candidates, in order."""
    by_id = {one.id: one for one in candidates}
    return [by_id[id] for id in ranked.ids]


@generous
@given(candidate_lists, constraint_sets, st.integers(0, 12), st.integers(0, 6))
def test_any_list__is_what_its_certificate_says(rows, constraints, slots, before):
    """Whatever was relaxed is said, firm constraints never are, each candidate is placed or has a reason, once."""
    candidates = built(rows)
    previous = candidates[:before]
    ranked = constrain(candidates, constraints, slots, previous)
    assert verify(ranked.certificate, listed(candidates, ranked), previous, constraints, ranked.items) == ()
    assert {one.id for one in candidates} == set(ranked.ids) | set(ranked.dropped)
    assert len(candidates) == len(ranked.ids) + len(ranked.dropped)
    assert (len(ranked.items) < slots) is bool(ranked.infeasible)


@generous
@given(candidate_lists, constraint_sets, st.integers(1, 5), st.integers(1, 4))
def test_pages__are_one_long_list(rows, constraints, slots, pages):
    """What pages show together keeps, rank by rank, what one long list would have to keep, breaks included."""
    candidates = built(rows)
    previous = []
    breaks = []
    for _ in range(pages):
        ranked = constrain(candidates, constraints, slots, previous)
        page = listed(candidates, ranked)
        assert verify(ranked.certificate, page, previous, constraints, ranked.items) == ()
        breaks += ranked.breaks
        previous += page
    items = seconds = 0
    due = []
    for rank, one in enumerate(previous, 1):
        items, seconds = items + 1, seconds + one.duration_seconds
        every = constraints.break_every
        if every and (items >= (every.items or 99) or seconds >= (every.seconds or 1 << 60)):
            due.append(rank)
            items = seconds = 0
    assert due == [one.after_rank for one in breaks]


@generous
@given(candidate_lists, constraint_sets, st.integers(1, 12))
def test_same_input__gives_the_same_list(rows, constraints, slots):
    """Nothing depends on chance, on hashing, or on what was ranked before."""
    assert constrain(built(rows), constraints, slots) == constrain(built(rows), constraints, slots)


@generous
@given(candidate_lists, st.integers(1, 12))
def test_without_constraints__it_is_the_sorted_list(rows, slots):
    """Best first, and equal scores in the order in which they came."""
    candidates = built(rows)
    expected = sorted(candidates, key=lambda one: -one.score)[:slots]
    ranked = constrain(candidates, Constraints(), slots)
    assert tuple(one.id for one in expected) == ranked.ids
    assert all((one.why, one.constraint) == ("best", None) for one in ranked.items)


@generous
@given(
    st.lists(rows, min_size=12, max_size=40),
    constraint_sets,
    st.lists(shares, max_size=1),
    st.lists(st.integers(1, 4), min_size=2, max_size=4),
)
def test_pages_under_one_share__are_one_long_list_item_by_item(rows, constraints, shares, pages):
    """However the list is cut into pages: the same items at the same ranks, waiting after the same breaks."""
    candidates = built(rows)
    percent = constraints.personal_percent if not shares else 0
    free = replace(constraints, windows=(), totals=(), pins=(), shares=tuple(shares), personal_percent=percent)
    whole = constrain(candidates, free, sum(pages))
    assume(not whole.relaxed and not whole.infeasible)
    paged, breaks, previous = [], [], []
    for slots in pages:
        ranked = constrain(candidates, free, slots, previous)
        paged += [(one.id, one.rank, one.score, one.autoplay) for one in ranked.items]
        breaks += ranked.breaks
        previous += listed(candidates, ranked)
    assert paged == [(one.id, one.rank, one.score, one.autoplay) for one in whole.items]
    assert tuple(breaks) == whole.breaks


@generous
@given(st.lists(rows, min_size=30, max_size=60), constraint_sets, st.integers(0, 6), st.integers(0, 6))
def test_foremost_candidates__say_what_all_of_them_say(rows, constraints, slots, before):
    """The short way over a few of many candidates gives the list that the straight way over all of them gives."""
    candidates = built([*rows, *rows, *rows])
    previous = candidates[:before]
    ranked = constrain(candidates, constraints, slots, previous)
    pool = Pool(candidates, constraints, previous)
    straight = pool.prepare(slots)
    order = solve(straight.task, Work())
    assert order is None or ranked.ids == tuple(straight.items[item].id for item in order)


@generous
@given(st.lists(rows, min_size=30, max_size=60), constraint_sets, st.integers(1, 9), st.integers(1, 60))
def test_quick_way__is_the_greedy_one(rows, constraints, slots, most):
    """What it finds on a part is what greedy finds on all, and on all of them it finds whatever greedy does."""
    pool = Pool(built(rows), replace(constraints, pins=()), ())
    whole = pool.prepare(slots).task
    assert quick(whole) == greedy(whole)
    part = pool.prepare(slots, most=most)
    order = quick(part.task)
    assert order is None or order == greedy(whole)
