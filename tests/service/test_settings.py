"""Settings: a file, variables over it, and what is wrong with them."""

from pathlib import Path

import pytest

from minorguard.errors import InvalidInput
from minorguard_service.settings import Settings


def written(folder: Path, text: str) -> Path:
    """A file with a service table."""
    path = folder / "minorguard.toml"
    path.write_text(f"[service]\n{text}\n", "utf-8")
    return path


def test_defaults_need_no_file() -> None:
    """One process's worth of defaults, on loopback."""
    settings = Settings.load(None, {})
    assert Settings() == settings
    assert (settings.store, settings.bind, settings.live) == ("sqlite:///minorguard.db", "127.0.0.1:8000", False)


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    """The store and the policies too when the file does not name them."""
    plain = Settings.load(written(tmp_path, ""), {})
    named = Settings.load(written(tmp_path, 'store = "sqlite:///data/x.db"\npolicies = "rules"'), {})
    assert (f"sqlite:///{tmp_path}/minorguard.db", tmp_path / "policies") == (plain.store, plain.policies)
    assert (f"sqlite:///{tmp_path}/data/x.db", tmp_path / "rules") == (named.store, named.policies)


def test_absolute_paths_stay(tmp_path: Path) -> None:
    """Four slashes are an absolute file."""
    settings = Settings.load(written(tmp_path, 'store = "sqlite:////var/x.db"\npolicies = "/etc/p"'), {})
    assert ("sqlite:////var/x.db", Path("/etc/p")) == (settings.store, settings.policies)


def test_variables_override_the_file(tmp_path: Path) -> None:
    """Numbers and flags are read from text."""
    path = written(tmp_path, 'workers = 4\nlive = true\nissuer = "here"')
    settings = Settings.load(
        path, {"MINORGUARD_WORKERS": "3", "MINORGUARD_LIVE": "no", "MINORGUARD_CASES": "9", "HOME": "/"}
    )
    assert (settings.workers, settings.live, settings.issuer) == (3, False, "here")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("worker = 1", "service.worker: unknown key, did you mean `workers`?"),
        ("zzz = 1", "service.zzz: unknown key; known: `store`"),
        ('workers = "many"', "service.workers: must be a whole number from 1 to 64"),
        ("workers = true", "service.workers: must be a whole number from 1 to 64"),
        ("workers = 1.5", "service.workers: must be a whole number from 1 to 64"),
        ("workers = 65", "service.workers: `65` is out of range; give 1 to 64"),
        ('live = "maybe"', "service.live: must be `true` or `false`"),
        ("live = 1", "service.live: must be `true` or `false`"),
        ('log_level = "loud"', "service.log_level: `loud` is no level; known: `debug`"),
        ('bind = "8000"', "service.bind: `8000` is no address; write it like `127.0.0.1:8000`"),
        ('bind = ":8000"', "service.bind: `:8000` is no address"),
        ("store = 1", "service.store: must be text, and not empty"),
        ("x = [", "is not TOML"),
        ("live = true\ndemo = true", "demo: makes a key that anybody may read"),
    ],
)
def test_what_is_wrong_says_where(tmp_path: Path, text: str, problem: str) -> None:
    """The file, the key, and what to write."""
    with pytest.raises(InvalidInput) as caught:
        Settings.load(written(tmp_path, text), {})
    assert problem in str(caught.value)


def test_a_misspelt_variable_is_refused() -> None:
    """`MINORGUARD_LIV=true` must not leave a deployment that is not live."""
    with pytest.raises(InvalidInput, match="did you mean `MINORGUARD_LIVE`"):
        Settings.load(None, {"MINORGUARD_LIV": "true"})


@pytest.mark.parametrize("text", ["service = 1", "[service]\nstore = "])
def test_files_that_are_none(tmp_path: Path, text: str) -> None:
    """Wrong shapes and no file at all."""
    path = tmp_path / "x.toml"
    path.write_text(text, "utf-8")
    for one in (path, tmp_path / "none.toml"):
        with pytest.raises(InvalidInput):
            Settings.load(one, {})
