"""``check --format``: findings for programs, in the shape that each of them expects."""

import json
import re

import pytest
from jsonschema import Draft202012Validator

import minorguard
from minorguard.cli.reports import github, sarif
from minorguard.policy import Finding
from minorguard.policy.codes import CODES
from tests.cli.running import run

WRONG = "policy: p\ntimezone: Asia/Shanghai\ntitel: {en: x}\n"
TEXT = {
    "type": "object",
    "properties": {"text": {"type": "string"}},
    "required": ["text"],
    "additionalProperties": False,
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
COUNT = {"type": "integer", "minimum": 1}


def strict(required, **properties):
    """An object with these keys and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def many(items):
    return {"type": "array", "items": items, "uniqueItems": True}


PHYSICAL = strict(
    "artifactLocation",
    artifactLocation=strict("uri", uri={"type": "string", "format": "uri-reference", "pattern": "^[!-~]+$"}),
    region=strict("startLine", startLine=COUNT, startColumn=COUNT),
)
LOGICAL = strict("", name={"type": "string"}, fullyQualifiedName={"type": "string"})
RULE = strict(
    "id shortDescription fullDescription help",  # all of these are what code scanning demands of a rule
    id={"type": "string"},
    shortDescription=TEXT,
    fullDescription=TEXT,
    help=TEXT,
    defaultConfiguration=strict("", level=LEVEL),
)
RESULT = strict(
    "message",
    ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=TEXT,
    locations=many(strict("", physicalLocation=PHYSICAL, logicalLocations=many(LOGICAL))),
    partialFingerprints={"type": "object", "additionalProperties": {"type": "string"}},
)
DRIVER = strict("name", name={"type": "string"}, semanticVersion={"type": "string"}, rules=many(RULE))
SARIF = strict(
    "version runs",
    **{"$schema": {"type": "string", "format": "uri"}},
    version={"const": "2.1.0"},
    runs=many(
        strict(
            "tool",
            tool=strict("driver", driver=DRIVER),
            columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            results=many(RESULT),
        )
    ),
)
"""The part of SARIF 2.1.0 that is written, with the names, types and bounds of the OASIS schema."""


def finding(**more):
    return Finding(**{"code": "key.unknown", "severity": "error", "message": "unknown", "file": "p.yaml"} | more)


@pytest.fixture
def log(folder):
    """The log of a file with an error and of one with a warning."""
    (folder / "policies").mkdir()
    (folder / "policies" / "短 a.yaml").write_text(WRONG)
    (folder / "policies" / "b.yaml").write_text(
        "policy: q\ntimezone: UTC\ntitle: {en: 😀😀}\nbands: {12-18: {features: {allow: [a, a]}}}\n"
    )
    done = run("check", "policies", "--format", "sarif")
    assert (done.code, done.err) == (1, "")
    return done.json


def results(log):
    (one,) = log["runs"]
    return one["results"]


def test_sarif_has_the_shape_of_the_standard(log):
    """The log fits SARIF 2.1.0 and names its tool, whose rules are all codes with their ways out."""
    Draft202012Validator.check_schema(SARIF)
    assert list(Draft202012Validator(SARIF).iter_errors(log)) == []
    driver = log["runs"][0]["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("MinorGuard", minorguard.__version__)
    rules = [
        (rule["id"], rule["shortDescription"]["text"], rule["help"]["text"], rule["defaultConfiguration"]["level"])
        for rule in driver["rules"]
    ]
    assert rules == [(code.code, code.title, code.help, code.severity) for code in CODES.values()]


def test_sarif_says_what_and_where(log):
    """A result has its rule, level, message, file relative to the working folder, line, column and pointer."""
    (error,) = (result for result in results(log) if result["level"] == "error")
    rule = log["runs"][0]["tool"]["driver"]["rules"][error["ruleIndex"]]["id"]
    (location,) = error["locations"]
    assert (error["ruleId"], rule) == ("key.unknown", "key.unknown")
    assert error["message"]["text"] == "unknown key `titel`, did you mean `title`?"
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "policies/%E7%9F%AD%20a.yaml"},
        "region": {"startLine": 3, "startColumn": 1},
    }
    assert location["logicalLocations"] == [{"name": "titel", "fullyQualifiedName": "/titel"}]
    assert {result["level"] for result in results(log)} == {"error", "warning"}


def test_columns_count_characters(folder):
    """A character outside the basic plane is one column, as `columnKind` says, and not two."""
    (folder / "p.yaml").write_text('policy: p\ntimezone: UTC\ntitle: {en: "😀😀", zn: x}\n')
    (run_,) = run("check", "p.yaml", "--format", "sarif").json["runs"]
    region = run_["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert (run_["columnKind"], region["startColumn"]) == ("unicodeCodePoints", 19)


def test_fingerprints_are_stable_and_tell_findings_apart():
    """A finding keeps its fingerprint when lines move or its wording changes; two of one kind at one place have two."""

    def prints(*findings):
        return [next(iter(result["partialFingerprints"].values())) for result in results(sarif(findings))]

    (first,) = prints(finding(line=3, column=1, pointer="/a"))
    assert prints(finding(line=9, column=5, pointer="/a", message="not known")) == [first]
    others = prints(*(finding(pointer=pointer) for pointer in ("/a", "/a", "/b")), finding(code="key.missing"))
    assert (others[0], len(set(others))) == (first, 4)


def test_a_finding_without_a_text_has_no_region(folder):
    """A folder without policies is a result whose place is the folder."""
    (folder / "none").mkdir()
    done = run("check", "none", "--format", "sarif")
    assert list(Draft202012Validator(SARIF).iter_errors(done.json)) == []
    (result,) = results(done.json)
    assert result["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "none"}}}]


def test_a_file_outside_the_folder_has_its_whole_path(folder, monkeypatch):
    """A relative path that leads out of the working folder would mean nothing to who reads the log."""
    (folder / "p.yaml").write_text(WRONG)
    (folder / "inner").mkdir()
    monkeypatch.chdir(folder / "inner")
    (result,) = results(run("check", "../p.yaml", "--format", "sarif").json)
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == (folder / "p.yaml").as_uri()


def test_nothing_found_is_an_empty_log(shop):
    """A sound policy has a log without results, and 0."""
    done = run("check", "policies", "--format", "sarif")
    assert (done.code, results(done.json)) == (0, [])


def test_a_code_that_is_not_in_the_table_is_told_all_the_same():
    """A result without a rule of the table has no index into it."""
    assert "ruleIndex" not in results(sarif([finding(code="new.code")]))[0]


def test_annotations_of_github(folder):
    """Each finding is one workflow command with its place, its code and its way out."""
    (folder / "p.yaml").write_text(WRONG)
    done = run("check", "p.yaml", "--format", "github")
    assert (done.code, done.err) == (1, "")
    (line,) = done.out.splitlines()
    assert line == (
        "::error file=p.yaml,line=3,col=1,title=key.unknown::unknown key `titel`, did you mean `title`?"
        f"%0Ahelp: {CODES['key.unknown'].help}"
    )


def unescaped(text):
    return re.sub("%(25|0D|0A|3A|2C)", lambda match: chr(int(match[1], 16)), text)


def test_annotations_are_escaped():
    """Per cent, line ends, colons and commas cannot end a property or a command, and come back as they were."""
    nasty = "a%0A,b:c::d\r\n::error::x"
    (line,) = github([finding(file=nasty, line=1, column=2, message=nasty, severity="warning")])
    head, _, message = line.removeprefix("::warning ").partition("::")
    properties = dict(part.split("=", 1) for part in head.split(","))
    assert line.splitlines() == [line]
    assert unescaped(properties["file"]).endswith(nasty)
    assert (properties["line"], properties["col"]) == ("1", "2")
    assert unescaped(message).startswith(nasty + "\nhelp: ")


def test_json_has_every_field(folder):
    """Programs get all that a finding says, and the way out."""
    (folder / "p.yaml").write_text(WRONG)
    done = run("check", "p.yaml", "--format", "json")
    assert done.json == {
        "ok": False,
        "files": 1,
        "findings": [
            {
                "code": "key.unknown",
                "severity": "error",
                "message": "unknown key `titel`",
                "file": "p.yaml",
                "line": 3,
                "column": 1,
                "pointer": "/titel",
                "suggestion": "title",
                "help": CODES["key.unknown"].help,
            }
        ],
    }
    assert done == run("check", "p.yaml", "--json")


def test_json_is_short_for_format_json(folder):
    """Two formats at once are wrong usage, said as JSON; so is a path that is not there."""
    both = run("check", "-", "--json", "--format", "sarif")
    assert (both.code, both.json["error"]["kind"]) == (2, "usage")
    for spelt in (("--format", "json"), ("--format=json",)):
        gone = run("check", "nowhere", *spelt)
        assert (gone.code, json.loads(gone.out)["error"]["kind"]) == (2, "usage")
