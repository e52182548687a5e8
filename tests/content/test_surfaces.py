"""Surface coverage: who was asked, and who never was."""

import subprocess
import sys
import threading

import pytest

from minorguard import MinorGuard
from minorguard.content.surfaces import SurfaceRecorder
from minorguard.model.questions import FeatureQuestion, ItemQuestion, TextQuestion
from minorguard.policy import PolicyBook, compile_policy

POLICY = """\
policy: app
timezone: Asia/Shanghai
surfaces: [feed, ranking, comments]
bands:
  0-18: {content: {labels: {default: show}}}
"""
SURFACES = ("feed", "ranking", "comments")


@pytest.fixture
def guard() -> MinorGuard:
    """A guard with one child."""
    guard = MinorGuard.open("memory://", policies=PolicyBook.of(compile_policy(POLICY)))
    guard.put_subject("kid", policy="app", age_band="12-16")
    return guard


def test_a_surface_that_nobody_asked_about_is_named(guard: MinorGuard) -> None:
    """And one that no policy declares; decisions are those of the guard."""
    recorder = SurfaceRecorder(guard, SURFACES)
    assert recorder.ask("kid", ItemQuestion("feed", ("sport",))).allowed
    assert recorder.ask("kid", TextQuestion("ranking.daily")).allowed
    assert not recorder.ask("kid", ItemQuestion("popup")).allowed
    recorder.ask("kid")
    recorder.ask("kid", FeatureQuestion("comment"))
    report = recorder.report()
    assert report.to_dict() == {
        "asked": {"feed": {"item": 1, "text": 0}, "ranking": {"item": 0, "text": 1}},
        "never": ["comments"],
        "unknown": ["popup"],
    }
    with pytest.raises(AssertionError, match="comments: never gated\npopup: not declared"):
        recorder.check()


def test_complete_coverage_passes(guard: MinorGuard) -> None:
    """Every declared surface and no other; a question that went another way may be noted."""
    recorder = SurfaceRecorder(guard, SURFACES)
    for surface in SURFACES:
        recorder.saw(ItemQuestion(surface))
    recorder.check()
    assert recorder.report().complete


def test_threads_share_a_recorder(guard: MinorGuard) -> None:
    """No question is lost."""
    recorder = SurfaceRecorder(guard, SURFACES)
    threads = [
        threading.Thread(target=lambda: [recorder.saw(ItemQuestion("feed")) for _ in range(500)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recorder.report().asked["feed"]["item"] == 2000


def test_the_fixture_fails_a_run_that_forgets_a_surface(tmp_path, monkeypatch) -> None:
    """At the end of the run, with the report."""
    (tmp_path / "test_app.py").write_text(
        "from minorguard.model.questions import ItemQuestion\n"
        "def test_feed(minorguard_surfaces):\n"
        "    minorguard_surfaces(None, ['feed', 'comments']).saw(ItemQuestion('feed'))\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.chdir(tmp_path)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 1
    assert "comments: never gated" in run.stdout
