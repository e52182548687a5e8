"""``schema``: what editors need, printed or written."""

import json

import pytest
from jsonschema import Draft202012Validator

from minorguard.policy import PolicyBook
from minorguard.policy.document import read_mapping
from minorguard.policy.findings import Report
from minorguard.policy.json_schema import as_text, policy_schema, preset_schema
from minorguard.simulate.suite_json_schema import suite_schema
from tests.cli.running import POLICY, run


@pytest.mark.parametrize(
    ("arguments", "made"), [((), policy_schema), (("preset",), preset_schema), (("test",), suite_schema)]
)
def test_it_prints_a_schema(folder, arguments, made):
    """Each kind of document has one; that of policies is the default."""
    done = run("schema", *arguments)
    assert (done.code, done.out) == (0, as_text(made()))
    assert done == run("schema", *arguments, "--json")


def test_it_writes_a_schema(folder):
    """With --output it goes into a file, whose folder is made; what was there is replaced."""
    for _ in range(2):
        done = run("schema", "policy", "--output", "editors/policy.schema.json")
        assert (done.code, done.out) == (0, "wrote  editors/policy.schema.json\n")
    assert (folder / "editors" / "policy.schema.json").read_text("utf-8") == as_text(policy_schema())
    assert run("schema", "--output", "x.json", "--json").json == {"written": "x.json"}


def test_a_place_that_cannot_be_written_is_said(folder):
    """A file where a folder should be is bad input, not a traceback."""
    (folder / "editors").write_text("a file")
    done = run("schema", "--output", "editors/policy.schema.json")
    assert (done.code, "cannot be written" in done.err) == (2, True)


def test_an_unknown_kind_is_wrong_usage(folder):
    """A typing error in the kind is said with the kinds that there are."""
    done = run("schema", "polices", "--json")
    assert (done.code, "policy" in done.json["error"]["message"]) == (2, True)


def test_the_first_policy_names_its_schema_and_fits_it(shop):
    """`init` writes a policy whose first line leads an editor to the file beside it, without a network."""
    text = (shop / POLICY).read_text("utf-8")
    path = text.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    schema = json.loads((shop / "policies" / path).read_text("utf-8"))
    assert path == "./policy.schema.json"
    assert list(Draft202012Validator(schema).iter_errors(read_mapping(text, Report("p")))) == []


def test_the_schema_is_no_policy(shop):
    """A folder of policies is read past the schema that lies in it."""
    assert PolicyBook.load(shop / "policies").ids == ("short-video",)
