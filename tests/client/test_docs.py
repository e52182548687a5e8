"""Every example of docs/python-client.md, run against the real service."""

import importlib
import re
from pathlib import Path

from minorguard_client import MinorGuardClient

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_page_is_true(monkeypatch, capsys):
    """The examples run as they stand, one after the other, and the comment that is sent twice counts once."""
    blocks = BLOCK.findall((ROOT / "docs" / "python-client.md").read_text("utf-8"))
    monkeypatch.syspath_prepend(ROOT / "clients" / "python" / "examples")
    with importlib.import_module("demo_service").running_service() as service:
        monkeypatch.setenv("MINORGUARD_URL", service.url)
        monkeypatch.setenv("MINORGUARD_KEY", service.key)
        names = {}
        for block in blocks:
            exec(compile(block, "docs/python-client.md", "exec"), names)
        client = names["client"]
        assert isinstance(client, MinorGuardClient)
        client.put_subject("kid-9", policy="short-video", age_band="12-16", test_clock="evening")
        uses = [client.use("kid-9", "comment", use_id="comment-000816").remaining["uses"] for _ in range(2)]
        going_on = names["go_on"](client.start("kid-9", device="tablet"))
        client.close()
    assert (len(blocks) >= 8, going_on) == (True, True)
    assert uses == [19, 19]
