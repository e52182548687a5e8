"""Commands go out as redis-py itself would pack them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from redis.connection import Connection

from minorguard.storage.redis_node import pack

arguments = (
    st.binary(max_size=40) | st.text(max_size=40, alphabet=st.characters(exclude_categories=["Cs"])) | st.integers()
)
commands = st.lists(
    st.tuples(st.sampled_from(["GET", "EVALSHA", "WAIT"]), arguments, arguments), min_size=1, max_size=4
)


@given(commands)
def test_commands_are_packed_as_redis_py_packs_them(many: list[tuple[bytes | str | int, ...]]) -> None:
    """Any bytes, texts and numbers, one command or several."""
    assert b"".join(Connection().pack_commands(many)) == pack(many)
