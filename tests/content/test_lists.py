"""Lists: made, changed, read from files, compiled; and what is said of those that are not fit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from minorguard.content import TAXONOMY, Lexicon, TextFilter
from minorguard.content.findings import CODES, LexiconFinding
from minorguard.content.starter import starter_lexicon
from minorguard.content.terms import Kind, Term
from minorguard.errors import LexiconInvalid
from minorguard.model.sections import TextAction


def findings(path: Path, content: str | bytes, **options: str) -> list[tuple[str, int]]:
    """Code and line of what is said of a file."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(LexiconInvalid) as refused:
        Lexicon.load(path, **options)
    told = [finding for finding in refused.value.findings if isinstance(finding, LexiconFinding)]
    assert all(finding.help and finding.file == str(path) for finding in told)
    return [(finding.code, finding.line) for finding in told]


def test_mappings_become_terms() -> None:
    """Each field of a mapping is the term's; what is left out has its default."""
    row = {
        "term": " 赌博 ",
        "category": "gambling",
        "action": "block",
        "level": 5,
        "tags": "a, b",
        "language": "zh",
        "note": "n",
    }
    expected = Term("赌博", Kind("gambling", 5, TextAction.BLOCK, ("a", "b"), "zh"), "n")
    assert list(Lexicon.from_terms([row, {"term": "x1", "category": "own"}])) == [expected, Term("x1", Kind("own"))]


def test_adding_and_removing_give_new_lists() -> None:
    """The old list stays as it was; a term of the same text is replaced."""
    old = Lexicon.from_terms([{"term": "a1", "category": "ads"}, {"term": "b1", "category": "ads"}])
    new = old.add({"term": "a1", "category": "fraud"}, {"term": "c1", "category": "ads"}).remove("b1", "no such")
    assert [(term.text, term.category) for term in old] == [("a1", "ads"), ("b1", "ads")]
    assert [(term.text, term.category) for term in new] == [("a1", "fraud"), ("c1", "ads")]
    assert old.digest != new.digest


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "# words\n赌博\n\nbitch\n"),
        ("en", "赌博\nbitch\n"),
        ("bom.txt", b"\xef\xbb\xbf" + "赌博\r\nbitch\r\n".encode()),
        ("wide.txt", "赌博\nbitch\n".encode("utf-16")),
        ("a.json", '["赌博", "bitch"]'),
        ("b.json", '{"other": ["赌博", {"term": "bitch"}]}'),
        ("a.csv", "term,note\n赌博,\nbitch,\n"),
        ("a.tsv", "term\taction\n赌博\t\nbitch\t\n"),
        ("a.yaml", "terms:\n  - 赌博\n  - {term: bitch}\n"),
        ("a.yml", "other: [赌博, bitch]\n"),
    ],
)
def test_formats_say_the_same(name: str, content: str | bytes, tmp_path: Path) -> None:
    """Two terms come out of every format, and out of a folder that holds the file."""
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    expected = [Term("赌博", Kind("other")), Term("bitch", Kind("other"))]
    assert list(Lexicon.load(tmp_path / name)) == expected
    assert list(Lexicon.load(tmp_path)) == expected


def test_bad_files_are_findings(tmp_path: Path) -> None:
    """What can't be read is told with its code and line, never by a traceback."""
    assert findings(tmp_path / "a.txt", "好\n赌博\n".encode("gb18030")) == [("file.encoding", 1)]
    assert findings(tmp_path / "a.json", '["a",\n') == [("file.syntax", 2)]
    assert findings(tmp_path / "b.json", "[" * 100_000) == [("file.syntax", 0)]
    assert findings(tmp_path / "c.json", '"a"') == [("file.syntax", 0)]
    assert findings(tmp_path / "a.yaml", "terms: [a\nb: c") == [("file.syntax", 2)]
    assert findings(tmp_path / "b.yaml", "terms: []\nautor: me") == [("field.unknown", 0)]
    assert findings(tmp_path / "a.csv", "word,category\na,b\n") == [("field.missing", 1)]
    assert findings(tmp_path / "b.csv", "term,category\nab,b,c\n") == [("file.syntax", 2)]
    assert findings(tmp_path / "a.doc", "a") == [("file.format", 0)]
    with pytest.raises(LexiconInvalid, match=r"file\.missing"):
        Lexicon.load(tmp_path / "none.txt")


def test_bad_terms_are_findings(tmp_path: Path) -> None:
    """What is no term is told with its line and the likely word."""
    lines = [
        "- {category: ads}", "- {term: a1}", "- {term: a2, category: ads, level: 9}",
        "- {term: a3, category: ads, action: blok}", "- {term: a4, category: ads, catgory: x}",
        "- {term: '...', category: ads}", f"- {{term: {'x' * 200}, category: ads}}",
        "- {term: [a], category: ads}", "- {term: a5, category: ads, where: there}",
    ]  # fmt: skip
    found = findings(tmp_path / "a.yaml", "\n".join(lines), category="")
    assert found == [
        ("field.missing", 1), ("field.missing", 2), ("field.invalid", 3), ("field.invalid", 4), ("field.unknown", 5),
        ("field.missing", 8), ("field.invalid", 9), ("term.nothing-left", 6), ("term.too-long", 7),
    ]  # fmt: skip
    assert {code for code, _ in found} <= set(CODES)


def test_doubtful_terms_are_let_in_with_a_warning() -> None:
    """Empty ones and duplicates are left out, single characters and likely slips are told."""
    rows = ["", "ab", "ab", "性"]
    lexicon = Lexicon.from_terms([{"term": row, "category": "sexua"} for row in rows])
    assert [term.text for term in lexicon] == ["ab", "性"]
    assert [(one.code, one.line) for one in lexicon.warnings] == [
        ("category.unknown", 1), ("term.empty", 1), ("term.duplicate", 3), ("term.one-letter", 4),
    ]  # fmt: skip


def test_findings_of_one_load_are_bounded() -> None:
    """A list of nothing but mistakes is told in two hundred findings."""
    with pytest.raises(LexiconInvalid) as refused:
        Lexicon.from_terms([{"term": "a1"}] * 5_000)
    assert len(refused.value.findings) == 200


def test_compiled_list_says_the_same(tmp_path: Path) -> None:
    """What is opened is what was saved: terms, digest, and verdicts."""
    saved = starter_lexicon().add({"term": "x y", "category": "own", "tags": ["t"], "note": "n", "level": 1})
    saved.save(tmp_path / "a.mglex")
    opened = Lexicon.open(tmp_path / "a.mglex")
    assert list(opened) == list(saved)
    assert opened.digest == saved.digest
    texts = ["来堵博", "flg", "x.y", "贝者博", "hello", "赌钱"]
    assert TextFilter(opened).check_many(texts) == TextFilter(saved).check_many(texts)


def test_empty_list_finds_nothing(tmp_path: Path) -> None:
    """A list without terms is a list, also compiled."""
    Lexicon.from_terms([]).save(tmp_path / "a.mglex")
    for lexicon in (Lexicon.from_terms([]), Lexicon.open(tmp_path / "a.mglex")):
        assert TextFilter(lexicon).check("赌博 b!tch 5 &amp; f*ck").action is TextAction.ALLOW


@pytest.mark.parametrize(
    "damage",
    [lambda data: b"", lambda data: b"x" + data, lambda data: data[:-1], lambda data: data[:-9] + b"y" + data[-8:]],
)
def test_damaged_compiled_list_is_refused(damage: object, tmp_path: Path) -> None:
    """A file that is not whole is told, whatever is amiss."""
    path = tmp_path / "a.mglex"
    Lexicon.from_terms([{"term": "赌博", "category": "gambling"}]).save(path)
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(LexiconInvalid, match=r"blob\.unreadable"):
        Lexicon.open(path)


def test_large_list_is_a_list(tmp_path: Path) -> None:
    """A hundred thousand terms in plain text load, and find."""
    (tmp_path / "a.txt").write_text("\n".join(f"term{number}x" for number in range(100_000)), "utf-8")
    lexicon = Lexicon.load(tmp_path / "a.txt")
    assert len(lexicon) == 100_000
    assert [match.term for match in TextFilter(lexicon).check("a term99999x b").matches] == ["term99999x"]


def test_starter_list_is_fit() -> None:
    """It loads without a finding, in categories of the taxonomy, and holds nothing for the political ones."""
    lexicon = starter_lexicon()
    categories = {term.category for term in lexicon if not term.allows}
    assert lexicon.warnings == ()
    assert categories <= set(TAXONOMY)
    assert not categories & {"constitution", "state_security", "state_honour", "heroes"}
    assert json.dumps(sorted(categories))
