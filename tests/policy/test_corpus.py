"""The corpus: broken documents are told of at their place, and good ones of many products pass without a word.

A file begins with comments: what it is about, options (`# today: 2026-11-24`, `# reads: calendar`), and then every
finding that is expected, as ``# severity code line:column pointer `suggestion```.
"""

import re
from datetime import date
from itertools import takewhile
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from minorguard.errors import PolicyInvalid
from minorguard.policy import (
    PolicyBook,
    builtin_presets,
    check_policy,
    compile_policy,
    load_calendar,
    load_preset,
    with_guardian,
)
from minorguard.policy.calendar_files import read_calendar
from minorguard.policy.codes import CODES
from minorguard.policy.documents import Document
from minorguard.policy.findings import Report

CORPUS = Path(__file__).parent / "corpus"
BROKEN = sorted((CORPUS / "broken").glob("*.yaml"))
GOOD = sorted((CORPUS / "good").glob("*.yaml"))
PRESETS = {path.stem: load_preset(path.read_text("utf-8")) for path in (CORPUS / "presets").glob("*.yaml")}
BASES = {path.stem: Document(path.read_text("utf-8"), path.name) for path in (CORPUS / "bases").glob("*.yaml")}
CALENDARS = {path.stem: load_calendar(path.read_text("utf-8")) for path in (CORPUS / "calendars").glob("*.yaml")}
GUARDED = """\
policy: guarded
timezone: Asia/Shanghai
extends: [cn-minor-mode-2024]
calendar: CN
guardian: {may_tighten: [time], may_exempt: [study]}
"""
EXPECTED = re.compile(r"# (error|warning) (\S+) (\d+:\d+) (\S+)(?: `(.+)`)?")


def comments(text):
    return list(takewhile(lambda line: line.startswith("# "), text.splitlines()))


def option(text, name):
    return next((line.partition(": ")[2] for line in comments(text) if line.startswith(f"# {name}: ")), None)


def expected(text):
    return [line for line in comments(text) if EXPECTED.fullmatch(line)]


def told(finding):
    suggestion = f" `{finding.suggestion}`" if finding.suggestion else ""
    place = f"{finding.line}:{finding.column} {finding.pointer or '-'}"
    return f"# {finding.severity} {finding.code} {place}{suggestion}"


def findings_of(path):
    text = path.read_text("utf-8")
    match option(text, "reads"):
        case "calendar":
            report = Report(path.name)
            read_calendar(text, report)
            return report.sorted()
        case "preset":
            return caught(lambda: load_preset(text, path.name))
        case "settings":
            settings = YAML(typ="safe", pure=True).load(text)
            return caught(lambda: with_guardian(compile_policy(GUARDED), settings))
    return checked(path)[1]


def checked(path, today=None):
    text = path.read_text("utf-8")
    day = option(text, "today") or today
    return check_policy(
        text,
        path.name,
        calendars=CALENDARS,
        presets={**builtin_presets(), **PRESETS},
        documents=BASES,
        today=None if day is None else date.fromisoformat(day),
    )


def caught(call):
    with pytest.raises(PolicyInvalid) as raised:
        call()
    return raised.value.findings


def test_the_corpus_is_large():
    """There are at least seventy broken documents and twenty good ones."""
    assert len(BROKEN) >= 70
    assert len(GOOD) >= 20


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_document_is_told_of_at_its_place(path):
    """Exactly the findings of the comments are told: code, severity, line, column, pointer and likely word."""
    text = path.read_text("utf-8")
    assert expected(text) == [told(finding) for finding in findings_of(path)]
    assert expected(text)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_document_passes_without_a_word(path):
    """A realistic document compiles, and nothing is said of it."""
    policy, findings = checked(path, "2025-06-01")
    assert findings == ()
    assert policy is not None


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_findings_keep_the_rules_of_prose(path):
    """Messages are lower case without a final stop, name no type of the program, and each comes with a way out."""
    for finding in findings_of(path):
        check_prose(finding.message)
        check_prose(finding.help)
        assert finding.severity == CODES[finding.code].severity


def check_prose(text):
    assert text == text.strip().rstrip(".")
    assert not text[0].isupper()
    assert "\n" not in text
    assert not {"str", "int", "float", "dict", "list[str]", "NoneType", "None", "Traceback"} & set(text.split())


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.code)
def test_the_table_of_codes_keeps_the_rules_of_prose(code):
    """Titles and ways out are one line each, without a capital at the start or a final stop."""
    assert code.title == code.title.rstrip(".")
    assert code.help == code.help.rstrip(".")
    assert code.help[0] == "`" or code.help[0].islower()
    assert "\n" not in code.title + code.help


def test_every_code_occurs():
    """Every code of the table is told somewhere in the corpus, or by the cases of this module that are no file."""
    in_files = {line.split()[2] for path in BROKEN for line in expected(path.read_text("utf-8"))}
    assert in_files | ELSEWHERE == set(CODES)
    assert not in_files & ELSEWHERE


ELSEWHERE = {
    "yaml.encoding",
    "yaml.too_large",
    "file.unreadable",
    "book.empty",
    "policy.duplicate",
    "calendar.duplicate",
    "extends.deep",
    "value.bad",  # what no field says in its own words; none is known
}

HEAD = "policy: p\ntimezone: Asia/Shanghai\n"
GOOD_TEXT = HEAD + 'title: {zh: 短视频}\nbands: {"0-18": {features: {default: allow}}}\n'
BYTES = {
    "utf-16": (GOOD_TEXT.encode("utf-16"), "yaml.encoding"),
    "utf-16 without a mark": (GOOD_TEXT.encode("utf-16-le"), "yaml.encoding"),
    "latin-1": (HEAD.encode() + "title: {en: café}\n".encode("latin-1"), "yaml.encoding"),
    "gb18030": (GOOD_TEXT.encode("gb18030"), "yaml.encoding"),
    "ten megabytes": (b"# " + b"x" * 10_000_000, "yaml.too_large"),
    "a nul": (HEAD.encode() + b"title: {en: a\0b}\n", "yaml.encoding"),
    "only nuls": (b"\0" * 100, "yaml.encoding"),
    "tabs": (b"policy: p\nbands:\n\t0-18: {}\n", "yaml.syntax"),
    "a bomb of aliases": (
        "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)).encode(),
        "yaml.alias",
    ),
    "a bomb of brackets": (b"policy: " + b"[" * 100_000, "yaml.too_deep"),
    "a bomb of entries": (b"policy: [" + b"a," * 400_000 + b"]", "yaml.too_large"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "yaml.encoding"),
    "nothing": (b"", "yaml.empty"),
}


@pytest.mark.parametrize(("raw", "code"), BYTES.values(), ids=BYTES.keys())
def test_bytes_that_are_no_document(tmp_path, raw, code):
    """A file of the wrong bytes is one finding, of the right code."""
    file = tmp_path / "p.yaml"
    file.write_bytes(raw)
    with pytest.raises(PolicyInvalid) as raised:
        PolicyBook.load(file)
    assert [finding.code for finding in raised.value.findings] == [code]


@pytest.mark.parametrize("raw", [GOOD_TEXT.encode("utf-8-sig"), GOOD_TEXT.replace("\n", "\r\n").encode()])
def test_bytes_that_are_a_document_all_the_same(tmp_path, raw):
    """A mark of byte order, or the line ends of Windows, change nothing."""
    file = tmp_path / "p.yaml"
    file.write_bytes(raw)
    assert PolicyBook.load(file)["p"].digest == compile_policy(GOOD_TEXT).digest


def test_words_that_other_versions_of_yaml_take_for_something_else():
    """`22:00` is a time and no number in base sixty, `NO` is text and no flag, `on` is a key and not true."""
    findings = check_policy(HEAD + "day_starts_at: 22:00\nextends: [cn-youth-practice]\nhold_birthday: NO\n")[1]
    assert [told(finding) for finding in findings] == ["# error value.flag 5:16 /hold_birthday"]
    assert compile_policy(HEAD + "day_starts_at: 22:00\nextends: [cn-youth-practice]\n").days.starts_at == 22 * 3600
    (finding,) = check_policy(HEAD + "on: 1\nextends: [cn-youth-practice]\n")[1]
    assert (finding.code, finding.pointer) == ("key.unknown", "/on")


def test_files_that_are_not_there_or_twice(tmp_path):
    """A missing file, an empty folder, and one id in two files are findings as well."""
    assert codes_of(tmp_path / "none.yaml") == ["file.unreadable"]
    assert codes_of(tmp_path) == ["book.empty"]
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(GOOD_TEXT, "utf-8")
    assert codes_of(tmp_path) == ["policy.duplicate"]
    (tmp_path / "b.yaml").unlink()
    (tmp_path / "calendars").mkdir()
    for name in ("a", "b"):
        text = (CORPUS / "calendars" / "HK.yaml").read_text("utf-8")
        (tmp_path / "calendars" / f"{name}.yaml").write_text(text, "utf-8")
    assert codes_of(tmp_path) == ["calendar.duplicate"]


def codes_of(path):
    with pytest.raises(PolicyInvalid) as raised:
        PolicyBook.load(path)
    return [finding.code for finding in raised.value.findings]


def test_a_chain_of_very_many_documents_is_refused():
    """A document that leads to dozens of others is one finding at the entry that does."""
    chain = {
        f"d{n}": Document(f"policy: d{n}\ntimezone: Asia/Shanghai\nextends: [d{n + 1}]\n", f"d{n}.yaml")
        for n in range(60)
    }
    chain["d60"] = Document(GOOD_TEXT.replace("policy: p", "policy: d60"), "d60.yaml")
    findings = check_policy(HEAD + "extends: [d0]\n", documents=chain)[1]
    assert [told(finding) for finding in findings] == ["# error extends.deep 3:11 /extends/0"]
