"""``serve`` and the demo: real processes, real HTTP."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from minorguard.cli.demo import base_url
from tests.cli.running import run

DEMO = Path(__file__).parents[2] / "clients" / "python" / "examples" / "afternoon.py"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url, process):
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail("the service did not start")


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_the_demo_says_what_to_paste_and_it_works(folder):
    """What `serve --demo` prints opens a session for a child of thirteen, as it stands; SIGTERM ends it with 0."""
    command = ["serve", "--demo", "--json", "--config", "var/minorguard.toml", "--bind", f"127.0.0.1:{free_port()}"]
    with Path("out").open("wb") as out, Path("err").open("wb") as err:
        process = subprocess.Popen([sys.executable, "-m", "minorguard.cli", *command], stdout=out, stderr=err)
        try:
            wait_for(f"http://{command[-1]}/readyz", process)
            told = json.loads(Path("out").read_text())
            answers = [subprocess.run(line, shell=True, capture_output=True) for line in told["commands"]]
            docs = httpx.get(told["docs"]).status_code
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(20)
    subject, session = (json.loads(answer.stdout) for answer in answers)
    assert (subject["id"], session["decision"]["policy"]["id"], docs, code) == ("kid-1", "short-video", 200, 0)


def test_serve_demo_shows_no_commands_for_a_port_that_is_taken(folder):
    """A second demo says at once that the port is taken and what to do, and prints no calls for the first to get."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("serve", "--demo", "--config", "var/minorguard.toml", "--bind", f"127.0.0.1:{port}")
    assert (result.code, f"--bind 127.0.0.1:{port + 1}" in result.err, "curl" in result.out) == (2, True, False)


def test_serve_says_what_is_wrong_and_does_not_start(shop):
    """A broken policy keeps the service down, with 2 and the findings."""
    (shop / "policies" / "short-video.yaml").write_text("policy: p\n")
    done = subprocess.run([sys.executable, "-m", "minorguard.cli", "serve"], capture_output=True, text=True)
    assert (done.returncode, "key.missing" in done.stderr) == (2, True)


def test_serve_demo_is_refused_where_it_is_live(shop):
    """Trying things out is not for real children."""
    config = shop / "minorguard.toml"
    config.write_text(config.read_text().replace("live = false", "live = true"))
    assert run("serve", "--demo").code == 2


@pytest.mark.parametrize("bind", ["shop.local", "127.0.0.1:99999", ":8000"])
def test_serve_on_no_address_is_refused(shop, bind):
    """Before anything starts, as the settings' own address would be."""
    done = run("serve", "--bind", bind)
    assert (done.code, f"bind: `{bind}` is no address" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("bind", "url"),
    [
        ("127.0.0.1:80", "http://127.0.0.1:80"),
        ("0.0.0.0:8000", "http://127.0.0.1:8000"),
        ("[::]:8000", "http://127.0.0.1:8000"),
        ("unix:/run/m.sock", "http://localhost"),
    ],
)
def test_the_address_to_paste_is_one_that_can_be_called(bind, url):
    """What listens everywhere is called on this machine."""
    assert url == base_url(bind)


def test_the_afternoon_comes_out_as_told(tmp_path):
    """The demo runs the real service through a child's day, holds every step, and leaves nothing behind."""
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, DEMO], capture_output=True, text=True, env=env, timeout=60)
    assert (done.returncode, "expectations held" in done.stdout) == (0, True), done.stdout + done.stderr
    assert list(tmp_path.glob("minorguard-demo-*")) == []
