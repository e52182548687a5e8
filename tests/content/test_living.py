"""Lists that live: reloaded, rolled back, linted, and their samples judged again; and the commands for it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from minorguard.cli.app import cli
from minorguard.content import Lexicon, TextFilter
from minorguard.content.lint import everyday_words, lint
from minorguard.content.samples import Sample, load_samples, run_samples, save_samples
from minorguard.content.source import LexiconSource
from minorguard.errors import InvalidInput, LexiconInvalid
from minorguard.model.sections import TextAction


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    """A folder with a list of one term."""
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "a.txt").write_text("赌博\n", "utf-8")
    return folder


def test_changed_list_holds_after_the_next_look(lists: Path) -> None:
    """Files that change, come and go are seen; without a change nothing is built."""
    source = LexiconSource(lists)
    before = source.filter
    assert source.refresh() is False
    assert source.filter is before
    (lists / "b.txt").write_text("老虎机\n", "utf-8")
    assert source.refresh() is True
    assert source.filter.check("老虎机").matches
    (lists / "a.txt").unlink()
    assert source.refresh() is True
    assert not source.filter.check("赌博").matches
    assert len(source.versions) == 3


def test_bad_change_keeps_the_last_good_list(lists: Path) -> None:
    """What does not load is told, and changes nothing until it is mended."""
    source = LexiconSource(lists)
    (lists / "a.txt").write_bytes(b"\xff\xfe\xff")
    assert source.refresh() is False
    assert isinstance(source.failure, LexiconInvalid)
    assert source.filter.check("赌博").matches
    (lists / "a.txt").write_text("老虎机\n", "utf-8")
    assert source.refresh() is True
    assert source.failure is None


@pytest.mark.parametrize("emptied", [lambda file: file.write_text(""), lambda file: file.unlink()])
def test_a_list_that_is_emptied_is_not_in_force(lists: Path, emptied: Callable[[Path], object]) -> None:
    """As a file is that is being written; a moment in which everything passes would be one too many."""
    source = LexiconSource(lists)
    emptied(lists / "a.txt")
    assert source.refresh() is False
    assert "file.empty" in str(source.failure)
    assert source.filter.check("赌博").matches


def test_a_folder_that_cannot_be_read_keeps_the_last_good_list(lists: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And ends no thread that watches it."""
    source = LexiconSource(lists)

    def refused(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "iterdir", refused)
        assert source.refresh() is False
        assert "file.missing" in str(source.failure)
    assert source.filter.check("赌博").matches
    (lists / "a.txt").write_text("老虎机\n", "utf-8")
    assert source.refresh() is True


def test_first_list_must_be_fit(lists: Path) -> None:
    """There is nothing to keep before it."""
    with pytest.raises(LexiconInvalid):
        LexiconSource(lists / "none.txt")


def test_version_can_be_gone_back_to_until_the_next_change(lists: Path) -> None:
    """A digest of `versions` is put in force again; one that is not there is told."""
    source = LexiconSource(lists)
    first = source.lexicon.digest
    (lists / "a.txt").write_text("老虎机\n", "utf-8")
    source.refresh()
    source.roll_back(first)
    assert source.filter.check("赌博").matches
    assert source.refresh() is False
    with pytest.raises(InvalidInput, match="there is no version"):
        source.roll_back("sha256:0")


def test_thread_sees_a_change(lists: Path) -> None:
    """Watched from a thread, a change comes into force by itself, also for a compiled list."""
    path = lists / "a.mglex"
    Lexicon.load(lists / "a.txt").save(path)
    with LexiconSource(path) as source:
        changed = threading.Event()
        built = source._built

        def seen() -> TextFilter:
            filter = built()
            changed.set()
            return filter

        source._built = seen  # type: ignore[method-assign]
        Lexicon.from_terms([{"term": "老虎机", "category": "gambling"}]).save(path)
        assert changed.wait(10)
    assert source.filter.check("老虎机").matches


def test_lint_names_innocent_words() -> None:
    """A term that is found in other words is told with them; one that is spared in them, or is a rare word, is not."""
    rows = [{"term": term, "category": "x"} for term in ("吸毒", "anal", "百家乐")]
    assert "吸毒者" in everyday_words()
    found = lint(Lexicon.from_terms(rows), ["吸毒者", "百家乐", "analyst", "你们"])
    assert [(one.code, one.message) for one in found] == [("term.hits-words", "`吸毒` is found in `吸毒者`")]
    assert [one.message for one in lint(Lexicon.from_terms(rows), ["lana", "analyst"])] == ["`anal` is found in `lana`"]


def test_samples_are_judged_again(tmp_path: Path) -> None:
    """A library goes to a file and back; what a filter now judges otherwise is told, and whether it is laxer."""
    samples = [Sample("来赌博", TextAction.BLOCK, "seen"), Sample("打赌输了", TextAction.ALLOW)]
    save_samples(tmp_path / "s.jsonl", samples)
    assert load_samples(tmp_path / "s.jsonl") == samples
    lexicon = Lexicon.from_terms([{"term": "赌博", "category": "x", "action": "block"}])
    assert run_samples(TextFilter(lexicon), samples) == ()
    changed = run_samples(TextFilter(lexicon.remove("赌博").add({"term": "打赌", "category": "x"})), samples)
    assert [(change.sample, change.laxer) for change in changed] == [(samples[0], True), (samples[1], False)]


@pytest.mark.parametrize("line", ["x", "[]", '{"text": 1, "action": "block"}', '{"text": "a", "action": "blok"}', "{}"])
def test_bad_sample_is_told_with_its_line(line: str, tmp_path: Path) -> None:
    """A line that is no sample is named."""
    (tmp_path / "s.jsonl").write_text('{"text": "a", "action": "block"}\n\n' + line, "utf-8")
    with pytest.raises(InvalidInput, match=r"s\.jsonl:3"):
        load_samples(tmp_path / "s.jsonl")


def command(*arguments: str | Path) -> tuple[int, str]:
    """Exit code and output of ``minorguard lexicon``."""
    result = CliRunner().invoke(cli, ["lexicon", *map(str, arguments)], standalone_mode=False)
    return int(result.return_value or 0), result.output


def test_commands(lists: Path, tmp_path: Path) -> None:
    """Check, lint, build and match say what they find, also as JSON, and by their exit codes."""
    (lists / "bad.csv").write_text("term,category,action\nab,x,blok\n", "utf-8")
    code, output = command("check", lists, "--json")
    assert (code, json.loads(output)["findings"][0]["code"]) == (1, "field.invalid")
    (lists / "bad.csv").unlink()
    assert command("check", lists)[0] == 0
    words = tmp_path / "words.txt"
    words.write_text("反赌博\n", "utf-8")
    save_samples(tmp_path / "s.jsonl", [Sample("毒品", TextAction.BLOCK)])
    code, output = command("lint", lists, "--words", words, "--samples", tmp_path / "s.jsonl")
    assert code == 1
    assert "`赌博` is found in `反赌博`" in output
    assert "`毒品` was block, is allow" in output
    built = tmp_path / "a.mglex"
    assert command("build", lists, "--output", built)[0] == 0
    code, output = command("match", "来赌.博", built, "--json")
    assert (code, json.loads(output)["masked"]) == (1, "来***")
    assert command("match", "天气好", built)[0] == 0


def test_files_that_cannot_be_read_or_written_are_told(lists: Path, tmp_path: Path) -> None:
    """As wrong input, and not as our error."""
    words = tmp_path / "words.txt"
    words.write_bytes(b"\xff\xfe")
    for wrong in (("lint", lists, "--words", words), ("build", lists, "--output", tmp_path / "none" / "a.mglex")):
        with pytest.raises(InvalidInput, match="cannot be"):
            cli.main(["lexicon", *map(str, wrong)], standalone_mode=False)
