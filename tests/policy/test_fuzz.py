"""Whatever the text, the answer is a policy or findings."""

import random
from contextlib import suppress

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from minorguard.errors import PolicyInvalid
from minorguard.policy import check_policy, compile_policy, load_calendar, load_preset, with_guardian

SLOW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

YAML_TEXT = st.text(st.sampled_from("ab0129:-#{}[],&*!|>'\"%@`~?\n\t \x85\u2028\ufeff\ud800é中."), max_size=60)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        [
            "40m",
            "22:00-06:00",
            "all",
            "none",
            "fri",
            "20/day",
            "study",
            "quota",
            "24:00",
            "-",
            "/",
            "~",
            "CNY",
            "12+",
            "40%",
            "50.00",
            "mask",
            "3/day",
        ]
    ),
)
KEYS = st.sampled_from(
    ["policy", "time", "quota", "daily", "curfew", "windows", "sitting", "per_activity", "days", "span",
     "features", "limit", "allow", "exempt", "spending", "content", "recommendations", "notifications",
     "currency", "per_day", "only", "block", "text", "at_most", "at_least", "per_author", "max", "quiet",
     "surfaces", "ask", "approve", "max_rating", "break_after", "break_for", "0-18", "fri", "weekly",
     "otherwise", "key", "value"]
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=4)
)


def tried(text):
    policy, findings = check_policy(text)
    assert (policy is None) == any(found.severity == "error" for found in findings)
    for found in findings:
        assert str(found)
        assert found.line <= text.count("\n") + text.count("\x85") + text.count("\u2028") + text.count("\r") + 2


@SLOW
@given(YAML_TEXT | st.text(max_size=60))
@example("? ")
@example("- - -")
@example('"\\x')
@example('"\\UFFFFFFFF"')
@example("%YAML 9.9\n---\na")
@example("%TAG ! x\n--- !a b")
@example("a: |99\n b")
@example("\ufeffa")
def test_any_text_gives_findings(text):
    """Random text is refused with findings."""
    tried(text)
    for reader in (load_calendar, load_preset):
        with suppress(PolicyInvalid):
            reader(text)


@SLOW
@given(st.integers(0, 2**32), st.integers(1, 4))
def test_any_mutation_of_a_good_document_gives_findings_or_a_policy(full, seed, times):
    """A good document with characters cut, doubled, swapped or replaced compiles or is refused, nothing else."""
    chance = random.Random(seed)
    text = full
    for _ in range(times):
        start = chance.randrange(len(text))
        end = min(len(text), start + chance.randrange(12))
        piece = chance.choice(
            ["", text[start:end] * 2, chance.choice("{}[]:,-&*!'\"\n\t#0mx "), full[: chance.randrange(40)]]
        )
        text = text[:start] + piece + text[end:]
    tried(text)


@SLOW
@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_any_mapping_gives_findings_or_a_policy(demo, value):
    """A document whose parts are replaced by random values, written as flow YAML, compiles or is refused."""
    tried(f"policy: p\ntimezone: UTC\nbands: {{0-18: {flow(value)}}}\n")


def flow(value):
    match value:
        case dict():
            return "{" + ", ".join(f"{flow(str(key))}: {flow(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(flow(inner) for inner in value) + "]"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
        case _:
            return str(value)


SETTINGS = st.sampled_from(["time", "exempt", "x", "features", "spending", "content", "notifications", "approve"])
POLICY = compile_policy("policy: p\ntimezone: UTC\nbands: {0-18: {}}\nguardian: {may_exempt: [study]}\n")


@SLOW
@given(st.dictionaries(SETTINGS, VALUES, max_size=3) | VALUES)
def test_any_settings_give_findings_or_a_policy(value):
    """Random settings of a guardian are refused with pointers, or make a policy."""
    with suppress(PolicyInvalid):
        assert with_guardian(POLICY, value).id == "p"
