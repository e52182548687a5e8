"""What a list says of itself: why each item stands, why each other one does not, what gave way, what conflicts."""

import pickle
from dataclasses import replace

import pytest

from minorguard.errors import InvalidInput
from minorguard.ranking import (
    BreakEvery,
    Candidate,
    Constraints,
    Kind,
    Pin,
    Refusal,
    Relaxed,
    Share,
    Total,
    Window,
    constrain,
    verify,
)
from minorguard.ranking.prepare import Pool
from minorguard.ranking.solve import solve
from minorguard.ranking.task import Work
from tests.ranking.pools import middling, tight


def items(*rows):
    """Candidates ``("v1", 0.9, "author", "topic …")``."""
    return [Candidate(id, score, author=author, topics=frozenset(topics.split())) for id, score, author, topics in rows]


def plain(number, **options):
    """So many candidates without an author or topic, best first."""
    return [Candidate(f"v{index}", 1 - index / 100, **options) for index in range(number)]


def test_author_cap__holds_the_third_back_and_says_so():
    """The better item waits until its author may stand again, and both are told why."""
    pool = items(("a1", 0.9, "ann", ""), ("a2", 0.8, "ann", ""), ("a3", 0.7, "ann", ""), ("b1", 0.1, "bob", ""))
    ranked = constrain(pool, Constraints(windows=(Window(2, 3),)), 3)
    assert ranked.ids == ("a1", "a2", "b1")
    assert (ranked.items[2].why, ranked.items[2].constraint) == ("next_best", "per_author/2-in-3")
    assert {"a3": Refusal("held_back", "per_author/2-in-3")} == ranked.dropped


def test_author_cap__sees_the_page_before():
    """Paging resets nothing: who stood at the end of the last page may not stand at the start of the next."""
    before = items(("x", 0.1, "bob", ""), ("a1", 0.9, "ann", ""))
    pool = items(("a2", 0.8, "ann", ""), ("b1", 0.1, "bob", ""), ("c1", 0.05, "cat", ""))
    ranked = constrain(pool, Constraints(windows=(Window(1, 3),)), 2, before)
    assert ranked.ids == ("c1", "b1")
    assert [one.rank for one in ranked.items] == [3, 4]


def test_floor__is_met_by_each_prefix_and_says_what_was_due():
    """A fifth of education: one among the first five, two among the first ten."""
    pool = [*plain(10), Candidate("e1", 0.1, topics=frozenset({"education.maths"})), Candidate("e2", 0.05)]
    pool[-1] = replace(pool[-1], topics=frozenset({"education"}))
    ranked = constrain(pool, Constraints(shares=(Share("education", 20, True),)), 10)
    assert (ranked.ids[4], ranked.ids[9]) == ("e1", "e2")
    assert (ranked.items[4].why, ranked.items[4].constraint) == ("needed", "at_least/education/20")


def test_ceiling__rounds_up_so_that_a_first_item_may_come_first():
    """40 % of five is two; the first may be the first of all."""
    pool = [Candidate(f"e{n}", 0.9 - n / 100, topics=frozenset({"fun"})) for n in range(5)] + plain(0)
    pool += [Candidate(f"o{n}", 0.1) for n in range(5)]
    ranked = constrain(pool, Constraints(shares=(Share("fun", 40, False),)), 5)
    assert ranked.ids == ("e0", "o0", "e1", "o1", "o2")


def test_greedy_dead_end__is_avoided():
    """Going for the best would leave one author alone at the end; the list is full and keeps the cap all the same."""
    pool = items(("b1", 0.9, "bob", ""), ("c1", 0.8, "cat", ""), ("a1", 0.3, "ann", ""), ("a2", 0.2, "ann", ""))
    ranked = constrain(pool, Constraints(windows=(Window(1, 2),)), 4)
    assert (len(ranked.items), ranked.relaxed) == (4, ())
    assert {"a1", "a2"} & set(ranked.ids[::2]) or {"a1", "a2"} & set(ranked.ids[1::2])


def test_more_slots_than_items__breaks_nothing_that_all_of_them_can_keep():
    """Of sixteen slots the pool fills four: with the list that it gives for four, in which the cap holds."""
    pool = items(("b1", 0.9, "bob", ""), ("c1", 0.8, "cat", ""), ("a1", 0.3, "ann", ""), ("a2", 0.2, "ann", ""))
    rules = Constraints(windows=(Window(1, 2),))
    ranked = constrain(pool, rules, 16)
    assert constrain(pool, rules, 4).ids == ranked.ids
    assert (ranked.relaxed, ranked.infeasible) == ((), ("candidates",))


def test_firm_constraint__keeps_the_list_no_shorter_than_it_must():
    """The best first would leave no place for the second of one author; a worse one first leaves room for three."""
    pool = items(("b1", 0.9, "bob", ""), ("a1", 0.8, "ann", ""), ("a2", 0.7, "ann", ""), ("a3", 0.6, "ann", ""))
    rules = Constraints(windows=(Window(1, 2, firm=True), Window(3, 9)))
    ranked = constrain(pool, rules, 4)
    assert ranked.ids == ("a1", "b1", "a2")
    assert (ranked.relaxed, ranked.infeasible) == ((), ("per_author/1-in-2",))


def test_firm_floors_that_compete__leave_what_they_can():
    """Half of each of two topics, and six of one alone: thirteen places, and not the first one only."""
    pool = [Candidate(f"a{n}", 0.1, topics=frozenset({"art"})) for n in range(6)] + plain(30)
    pool += [Candidate(f"s{n}", 0.1, topics=frozenset({"sport"})) for n in range(30)]
    rules = Constraints(shares=tuple(Share(topic, 50, True, firm=True) for topic in ("art", "sport")))
    ranked = constrain(pool, rules, 40)
    assert (len(ranked.ids), ranked.relaxed, ranked.infeasible) == (13, (), ("at_least/art/50",))


def test_no_full_list__gives_way_in_the_declared_order_and_says_where():
    """Three of one author alone: the cap of authors is broken at the second and third rank, as said."""
    pool = items(("a1", 0.9, "ann", ""), ("a2", 0.8, "ann", ""), ("a3", 0.7, "ann", ""))
    ranked = constrain(pool, Constraints(windows=(Window(1, 2),)), 3)
    assert (Relaxed(2, "per_author/1-in-2", 1, 2), Relaxed(3, "per_author/1-in-2", 1, 2)) == ranked.relaxed
    assert ranked.infeasible == ()


@pytest.mark.parametrize(
    ("relax", "broken"),
    [
        ((Kind.PER_AUTHOR, Kind.AT_MOST), "per_author/1-in-2"),
        ((Kind.AT_MOST, Kind.PER_AUTHOR), "at_most/fun/25"),
    ],
)
def test_order_of_giving_way__is_the_declared_one(relax, broken):
    """Where either would do, the kind that was declared first gives way."""
    pool = items(
        *((f"a{n}", 0.9 - n / 100, "ann", "") for n in range(3)), ("f1", 0.2, "bob", "fun"), ("f2", 0.1, "cat", "fun")
    )
    constraints = Constraints(windows=(Window(1, 2),), shares=(Share("fun", 25, False),), relax=relax)
    ranked = constrain(pool, constraints, 4)
    assert len(ranked.items) == 4
    assert {broken} == {one.constraint for one in ranked.relaxed}


def test_page__knows_nothing_of_the_next_one_so_a_long_list_may_plan_ahead():
    """The long list spreads an author out; the first page takes the best, and the second one says what it broke."""
    pool = items(("b1", 0.9, "bob", ""), ("c1", 0.8, "cat", ""), ("a1", 0.3, "ann", ""), ("a2", 0.2, "ann", ""))
    constraints = Constraints(windows=(Window(1, 2),))
    whole, first = constrain(pool, constraints, 4), constrain(pool, constraints, 2)
    second = constrain(pool, constraints, 2, pool[:2])
    assert (whole.relaxed, first.ids, second.ids) == ((), ("b1", "c1"), ("a1", "a2"))
    assert second.relaxed == (Relaxed(4, "per_author/1-in-2", 1, 2),)


def test_tight_list_of_a_thousand__ends_by_counted_work():
    """1100 candidates of few authors for 1000 slots: the list is full, and all that gave way is said."""
    candidates, constraints, _ = middling(58, 1100, 1000, authors=15)
    ranked = constrain(candidates, constraints, 1000)
    by_id = {one.id: one for one in candidates}
    listed = [by_id[id] for id in ranked.ids]
    assert (len(ranked.items), bool(ranked.relaxed)) == (1000, True)
    assert verify(ranked.certificate, listed, (), constraints) == ()


def test_call_with_no_work_left__looks_for_nothing_and_ends():
    """What the fast way does not find is found by searching alone, which needs work and counts it."""
    candidates, constraints, slots = tight(9)
    task = Pool(candidates, constraints, ()).prepare(slots).task
    work = Work()
    found = solve(task, work)
    assert found is not None
    assert 0 < work.left < Work().left
    assert solve(task, Work(0)) is None


def test_twelve_floors__cost_no_more_than_few():
    """Floors that no item serves two of add up in 4083 ways; what matters is that all of them together are met."""
    pool = [Candidate(f"v{n}", n % 97, author=f"a{n % 40}", topics=frozenset({f"t{n * 7 % 12}"})) for n in range(500)]
    shares = tuple(Share(f"t{n}", 8, True) for n in range(12))
    ranked = constrain(pool, Constraints(shares=shares, windows=(Window(1, 10),)), 48)
    assert (len(ranked.items), ranked.relaxed) == (48, ())


def test_reasons_of_dropped_ones__are_a_mapping_like_any_other():
    """Found when they are asked for, from what came in and not from what became of it; kept, copied and compared."""
    pool = plain(60)
    ranked = constrain(pool, Constraints(banned=frozenset({"v1"})), 2)
    pool.clear()
    expected = {"v1": Refusal("banned")} | {f"v{n}": Refusal("outranked") for n in range(3, 60)}
    assert expected == ranked.dropped == pickle.loads(pickle.dumps(ranked)).dropped
    assert (len(ranked.dropped), list(ranked.dropped)[:2], "v0" in ranked.dropped) == (58, ["v1", "v3"], False)
    assert repr(expected) == repr(ranked.dropped)


def test_firm_constraint__is_never_relaxed_and_named_as_the_conflict():
    """What a law says stays; the list is short, and the smallest set that keeps it so is named."""
    pool = items(("a1", 0.9, "ann", ""), ("a2", 0.8, "ann", ""), ("b1", 0.7, "bob", ""))
    constraints = Constraints(windows=(Window(1, 3, firm=True),))
    ranked = constrain(pool, constraints, 3)
    assert (len(ranked.items), ranked.relaxed, ranked.infeasible) == (2, (), ("per_author/1-in-3",))


def test_gate__is_never_relaxed_and_the_smallest_conflict_is_named():
    """Two reasons refuse candidates; only the one that alone leaves too few is named."""

    def gate(traits):
        found = [Refusal("unrated")] if traits.rating is None else []
        return tuple(found + ([Refusal("pool", traits.pool)] if traits.pool != "youth" else []))

    pool = [*plain(5, rating="8+", pool="youth"), Candidate("u", 0.99, pool="youth"), Candidate("p", 0.98, rating="8+")]
    pool += [Candidate(f"q{n}", 0.5, pool="youth") for n in range(9)]
    ranked = constrain(pool, Constraints(gate=gate), 8)
    assert (len(ranked.items), ranked.infeasible) == (5, ("unrated",))
    assert Refusal("unrated") == ranked.dropped["u"]
    assert Refusal("pool") == ranked.dropped["p"]


def test_conflict_of_two__names_both():
    """Neither the ban nor the rating alone leaves too few."""

    def gate(traits):
        return (Refusal("unrated"),) if traits.rating is None else ()

    pool = [Candidate("a", 0.9, rating="8+"), Candidate("b", 0.8, rating="8+"), Candidate("c", 0.7)]
    ranked = constrain(pool, Constraints(gate=gate, banned=frozenset({"a"})), 2)
    assert (ranked.ids, ranked.infeasible) == (("b",), ("banned", "unrated"))


def test_conflict_with_the_page_before__names_what_sees_it_and_no_more():
    """Bob between two of Ann would do, but Ann stood last: the cap alone keeps the page short, and not the ceiling."""
    before = items(("a0", 0.9, "ann", ""))
    pool = items(("a1", 0.9, "ann", ""), ("a2", 0.8, "ann", ""), ("b1", 0.1, "bob", "fun"))
    rules = Constraints(windows=(Window(1, 2, firm=True),), shares=(Share("fun", 60, False, firm=True),))
    ranked = constrain(pool, rules, 3, before)
    assert (ranked.ids, ranked.infeasible) == (("b1", "a1"), ("per_author/1-in-2",))


def test_too_few_candidates__is_said():
    """Nothing but their number keeps the list short."""
    assert constrain(plain(2), Constraints(), 3).infeasible == ("candidates",)


def test_pins_that_wait_for_later_ranks__are_named_where_they_keep_the_list_short():
    """Two of three candidates are set to ranks beyond the page."""
    ranked = constrain(plain(3), Constraints(pins=(Pin("v0", 8), Pin("v1", 9))), 3)
    assert (ranked.ids, ranked.infeasible) == (("v2",), ("pinned",))


def test_totals__end_the_list():
    """Two more in this sitting, five more today: two are shown, and the sitting is named."""
    totals = (Total("items_per_sitting", 10, 8), Total("items_per_day", 20, 15))
    ranked = constrain(plain(9), Constraints(totals=totals), 5)
    assert (len(ranked.items), ranked.infeasible) == (2, ("items_per_sitting",))


def test_total_passed_already__shows_nothing():
    """More was shown than a total that was lowered since: the list is empty, and the certificate holds."""
    ranked = constrain(plain(3), Constraints(totals=(Total("items_per_day", 5, 9),)), 2)
    assert (ranked.items, ranked.infeasible) == ((), ("items_per_day",))
    assert verify(ranked.certificate, []) == ()


def test_breaks__go_on_over_pages_and_the_next_item_waits():
    """A break after three items, counted on from the page before; autoplay is off after it."""
    ranked = constrain(plain(9)[1:], Constraints(break_every=BreakEvery(items=3)), 5, plain(1))
    assert [tuple(one) for one in ranked.breaks] == [(3, "items"), (6, "items")]
    assert [one.autoplay for one in ranked.items] == [True, True, False, True, True]


def test_break_after_a_page__keeps_the_next_page_from_playing():
    """The last item of the page before was the third: the first of this one waits."""
    ranked = constrain(plain(9)[3:], Constraints(break_every=BreakEvery(items=3)), 2, plain(3))
    assert [one.autoplay for one in ranked.items] == [False, True]
    assert ranked.breaks == ()


def test_breaks__by_play():
    """A minute of play in clips of 25 seconds: after the third."""
    pool = [replace(one, duration_seconds=25) for one in plain(5)]
    ranked = constrain(pool, Constraints(break_every=BreakEvery(items=10, seconds=60)), 5)
    assert [tuple(one) for one in ranked.breaks] == [(3, "seconds")]


def test_personal_scores__are_not_used_where_none_may_be():
    """With a plain score an item stands by that; without one it is dropped."""
    pool = [
        Candidate("p", 0.99, personal=True),
        Candidate("q", 0.98, personal=True, plain_score=0.1),
        Candidate("r", 0.5),
    ]
    ranked = constrain(pool, Constraints(personal_percent=0), 2)
    assert [(one.id, one.score) for one in ranked.items] == [("r", 0.5), ("q", 0.1)]
    assert {"p": Refusal("personal")} == ranked.dropped


def test_personal_share__is_capped_in_every_prefix():
    """At most half by profile, rounded up."""
    pool = [Candidate(f"p{n}", 0.9 - n / 100, personal=True) for n in range(4)] + [
        Candidate("r", 0.1),
        Candidate("s", 0),
    ]
    ranked = constrain(pool, Constraints(personal_percent=50), 4)
    assert ranked.ids == ("p0", "r", "p1", "s")


def test_pin__stands_at_its_rank_and_a_ban_nowhere():
    """An editor's pin comes from its rank on, whatever its score; a ban takes the best out."""
    pool = plain(5)
    ranked = constrain(pool, Constraints(pins=(Pin("v4", 2),), banned=frozenset({"v0"})), 3)
    assert ranked.ids == ("v1", "v4", "v2")
    assert ranked.items[1].why == "pinned"
    assert Refusal("banned") == ranked.dropped["v0"]


def test_pin_that_the_gate_refuses__does_not_stand():
    """No editor passes by the gate."""
    ranked = constrain(plain(2), Constraints(gate=lambda traits: (Refusal("unrated"),), pins=(Pin("v0", 1),)), 1)
    assert (ranked.items, ranked.infeasible) == ((), ("unrated",))


def test_shown_before__is_not_shown_again():
    """What the list has had is dropped from its next page."""
    pool = plain(4)
    ranked = constrain(pool, Constraints(), 2, pool[:2])
    assert (("v2", "v3"), Refusal("already_shown")) == (ranked.ids, ranked.dropped["v0"])


def test_equal_scores__keep_the_order_in_which_they_came():
    """Ties are broken by nothing but the order of the call."""
    pool = [Candidate(id, 0.5, author="ann" if id in "bd" else None) for id in "cbadfe"]
    assert tuple("cbadfe") == constrain(pool, Constraints(windows=(Window(2, 3),)), 6).ids


@pytest.mark.parametrize("score", [float("nan"), float("inf"), float("-inf"), -1.1e300, 10**400])
def test_score_that_is_no_number__is_refused(score):
    """It could stand anywhere, or what the list is worth could be no number."""
    with pytest.raises(InvalidInput, match="no number from -1e300 to 1e300"):
        Candidate("v1", score)


def test_id_twice__is_refused_with_its_place():
    """The second one is pointed at."""
    with pytest.raises(InvalidInput, match=r"/candidates/2/id: `v0` comes twice"):
        constrain([*plain(2), Candidate("v0", 0.1)], Constraints(), 2)


@pytest.mark.parametrize("slots", [-1, 1001])
def test_slots_beyond_bounds__are_refused(slots):
    """A list of no end is no list."""
    with pytest.raises(InvalidInput, match="slots"):
        constrain(plain(1), Constraints(), slots)


def test_contradictory_shares__give_a_bounded_answer():
    """60 % at least and 40 % at most of the same: the list is full, and says where it keeps which."""
    shares = (Share("fun", 60, True), Share("fun", 40, False))
    pool = [Candidate(f"v{n}", 1 - n / 50, topics=frozenset({"fun"} if n % 2 else ())) for n in range(40)]
    ranked = constrain(pool, Constraints(shares=shares), 10)
    assert len(ranked.items) == 10
    assert ranked.relaxed
    by_id = {one.id: one for one in pool}
    assert verify(ranked.certificate, [by_id[id] for id in ranked.ids], constraints=Constraints(shares=shares)) == ()


def test_unknown_topic__has_no_supply_and_gives_way():
    """A floor on what no candidate has is said to be broken from where it asks for a first item."""
    ranked = constrain(plain(12), Constraints(shares=(Share("unheard.of", 20, True),)), 10)
    assert [(one.rank, one.bound) for one in ranked.relaxed] == [(5, 1), (6, 1), (7, 1), (8, 1), (9, 1), (10, 2)]


def test_hundred_thousand_candidates__get_an_answer_and_more_are_refused():
    """The largest pool with every kind of constraint and a tight cap."""
    pool = [
        Candidate(f"v{n}", n % 977, author=f"a{n % 7}", topics=frozenset({("fun", "art", "maths")[n % 3]}))
        for n in range(100_000)
    ]
    constraints = Constraints(windows=(Window(1, 7),), shares=(Share("fun", 30, False), Share("art", 20, True)))
    ranked = constrain(pool, constraints, 50)
    assert (len(ranked.items), len(ranked.dropped)) == (50, 99_950)
    with pytest.raises(InvalidInput, match="send the best 100000 at most"):
        constrain([*pool, Candidate("one more", 1)], constraints, 50)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (lambda: Share("fun", 101, True), "between 0 and 100"),
        (lambda: Window(-1, 3), "`most` of 0 or more"),
        (lambda: Window(1, 0), "`within` of 1 or more"),
        (lambda: BreakEvery(items=0), "must be 1 or more"),
        (lambda: Constraints(personal_percent=-1), "between 0 and 100"),
        (lambda: Constraints(shares=tuple(Share(f"t{n}", 5, True) for n in range(13))), "more than 12"),
        (lambda: Constraints(pins=(Pin("v", 1), Pin("v", 2))), "pinned twice"),
        (lambda: Candidate("v", 1, duration_seconds=-1), "below 0"),
        (lambda: Candidate("v", 1, topics="art"), "give a set of names"),
        (lambda: Candidate("v", 1, plain_score=float("nan")), "no number from"),
    ],
)
def test_constraints_that_are_none__are_refused(wrong, problem):
    """Each with a way out."""
    with pytest.raises(InvalidInput, match=problem):
        wrong()
