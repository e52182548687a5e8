"""Lists through the façade: a total holds however many ask at once, and what is pinned twice stands once."""

from concurrent.futures import ThreadPoolExecutor

from minorguard import ManualClock, MinorGuard, PolicyBook
from minorguard.editorial import Action, Edit
from minorguard.lists import ListRequest
from minorguard.policy import compile_policy
from minorguard.ranking import Candidate

NOON = 1_795_492_800 - 1_795_492_800 % 86_400 + 4 * 3600
POLICY = compile_policy(
    "policy: lists\ntimezone: Asia/Shanghai\nsurfaces: [feed]\nbands:\n  0-18:\n"
    "    content: {max_rating: 12+}\n    recommendations: {items_per_day: 50}\n"
)
POOL = [Candidate(f"v{n}", 1 - n / 100, rating="8+") for n in range(30)]


def guard(url="memory://"):
    """A guard with a subject."""
    made = MinorGuard.open(url, policies=PolicyBook.of(POLICY), clock=ManualClock(NOON))
    made.put_subject("kid", policy="lists", age_band="12-16")
    return made


def by_the_sitting(*, default, exempt):
    """Ten items a sitting, which an hour without use ends; one activity belongs to no sitting."""
    rules = (
        f"policy: lists\ntimezone: Asia/Shanghai\nsurfaces: [feed]\ndefault_activity: {default}\n"
        f"activities: {{{exempt}: {{exempt: [sitting]}}}}\n"
        "bands:\n  0-18:\n    time: {sitting: {resets_after: 1h}}\n"
        "    content: {max_rating: 12+}\n    recommendations: {items_per_sitting: 10}\n"
    )
    clock = ManualClock(NOON)
    one = MinorGuard.open("memory://", policies=PolicyBook.of(compile_policy(rules)), clock=clock)
    one.put_subject("kid", policy="lists", age_band="12-16")
    return one, clock


def test_many_at_once__never_show_more_than_the_total(tmp_path):
    """Sixteen callers of seven items each over one file: fifty are shown in all, in full lists and one of the rest."""
    one = guard(f"sqlite:///{tmp_path}/lists.db")
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: one.lists.recommend("kid", ListRequest(POOL, 7, "feed")), range(16)))
    shown = [len(each.ranked.items) for each in made if each.ranked is not None]
    assert sorted(shown, reverse=True) == [7] * 7 + [1]
    assert {each.decision.reason.code for each in made if each.ranked is None} == {"items.exhausted"}
    one.close()


def test_item_pinned_here_and_everywhere__stands_at_the_sooner_rank():
    """Two edits of one item on different surfaces are one pin in a list."""
    one = guard()
    for rank, surface in ((2, None), (1, "feed")):
        one.lists.editorial.put(Edit("v20", Action.PIN, NOON + 60, "why", "key", NOON, rank, surface))
    assert one.lists.recommend("kid", ListRequest(POOL, 3, "feed")).ranked.ids == ("v20", "v0", "v1")


def test_list_under_a_session__is_as_long_as_its_activitys_sitting_leaves():
    """The default activity is exempt from the hour that ends a sitting, video is not: its lists count by that hour."""
    one, clock = by_the_sitting(default="study", exempt="study")
    lengths = []
    for _ in range(2):
        session = one.open_session("kid", device="tablet", activity="video").session_id
        clock.advance(30)
        lengths.append(len(one.lists.recommend("kid", ListRequest(POOL, 8, "feed", session=session)).ranked.items))
        one.end_session(session)
        clock.advance(1200)
    assert lengths == [8, 2]


def test_retry_after_an_edit__shows_nothing_that_was_banned_since_and_counts_nothing():
    """All three that pass are shown; one is banned; the same call gives the other two, and seventeen are left."""
    one = guard()
    request = ListRequest(POOL[:3], 3, "feed", id="page-1")
    assert one.lists.recommend("kid", request).ranked.ids == ("v0", "v1", "v2")
    one.lists.editorial.put(Edit("v1", Action.BAN, NOON + 60, "why", "key", NOON))
    again = one.lists.recommend("kid", request)
    assert again.ranked.ids == ("v0", "v2")
    assert (again.decision.allowed, again.decision.remaining["items"]) == (True, 47)


def test_retry_after_the_session_changed_its_activity__is_the_list_that_was_counted():
    """Video's sitting left two items; art's would leave ten now, and the retry is of two all the same."""
    one, clock = by_the_sitting(default="video", exempt="art")
    first = one.open_session("kid", device="tablet", activity="video").session_id
    clock.advance(30)
    one.lists.recommend("kid", ListRequest(POOL, 8, "feed", session=first))
    one.end_session(first)
    clock.advance(1200)
    session = one.open_session("kid", device="tablet", activity="video").session_id
    clock.advance(30)
    request = ListRequest(POOL, 8, "feed", session=session, id="page-2")
    shown = one.lists.recommend("kid", request).ranked.ids
    clock.advance(30)
    one.heartbeat(session, seq=1, activity="art")
    assert one.lists.recommend("kid", request).ranked.ids == shown == ("v0", "v1")
