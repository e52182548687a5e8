"""What a store in Redis refuses at the start, and each time with what to change."""

import os
import signal

import pytest

from minorguard.errors import InvalidInput, StateTooNew, StoreUnavailable
from minorguard.storage import open_store
from minorguard.storage.codec import SCHEMA_VERSION
from minorguard.storage.redis import RedisStore
from minorguard.storage.redis_url import parse
from tests.storage import servers
from tests.storage.servers import LOG, NO_LOG, Server


@pytest.fixture
def server(program, tmp_path):
    """A server with options of the test's own."""
    started = []

    def start(*options):
        started.append(Server(program, tmp_path / str(len(started)), options).start())
        return started[-1]

    yield start
    for one in started:
        one.stop()


def refused(url, match):
    with pytest.raises(StoreUnavailable, match=match) as refusal:
        RedisStore(url)
    assert "://" in refusal.value.url or ":" in refusal.value.url
    return str(refusal.value)


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
def test_eviction__with_a_limit__is_refused(server, policy):
    """A server that throws keys away when it is full would forget what children used."""
    one = server(*LOG, "--maxmemory", "100mb", "--maxmemory-policy", policy)
    refused(one.url, f"maxmemory-policy {policy}.*set it to `noeviction`")
    one.ask("CONFIG", "SET", "maxmemory-policy", "noeviction")
    RedisStore(one.url).close()


def test_eviction__turned_on_later__fails_the_check(server):
    """A store that was opened in time finds out at its next check."""
    one = server(*LOG, "--maxmemory", "100mb")
    store = RedisStore(one.url)
    store.check()
    one.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-random")
    with pytest.raises(StoreUnavailable, match="noeviction"):
        store.check()
    store.close()


def test_no_log__is_refused__unless_accepted(server):
    """A server that keeps nothing on its disk would forget it all when it starts anew."""
    one = server(*NO_LOG)
    refused(one.url, "appendonly yes.*accept_loss=yes")
    store = RedisStore(f"redis://127.0.0.1:{one.port}?accept_loss=yes")
    store.check()
    store.close()


def test_log_without_fsync__is_refused__unless_accepted(server):
    """A log that stays in the system's memory is lost with the power."""
    one = server(*LOG, "--appendfsync", "no")
    refused(one.url, "appendfsync everysec.*accept_loss=yes")
    RedisStore(f"redis://127.0.0.1:{one.port}?accept_loss=yes").close()


def test_log_that_is_synced_each_second__is_a_caution__unless_replicas_have_it(server):
    """It opens; what may be lost is said, with what to change, as the server is set at that moment."""
    one = server(*LOG, "--appendfsync", "everysec")
    store = RedisStore(one.url)
    (said,) = store.cautions()
    assert f"127.0.0.1:{one.port}" in said.problem
    assert said.help == "set `appendfsync always`"
    one.ask("CONFIG", "SET", "appendfsync", "always")
    assert store.cautions() == ()
    one.ask("CONFIG", "SET", "appendfsync", "everysec")
    store.close()
    for option in ("replicas=1", "accept_loss=yes"):
        other = RedisStore(f"redis://127.0.0.1:{one.port}?{option}")
        assert other.cautions() == ()
        other.close()


def test_replica__is_refused(behind_sentinel):
    """A replica cannot be written; the message says what to name instead."""
    refused(behind_sentinel.replica.url, "read-only replica; name the primary, or Sentinel's service")


def test_one_server_of_a_cluster__is_refused(on_a_cluster):
    """One shard has only some of the keys."""
    refused(on_a_cluster.servers[0].url, "begin the url with `redis\\+cluster://`")


def test_a_cluster_that_is_none__is_refused(one_server):
    """A single server has no slots."""
    refused(f"redis+cluster://127.0.0.1:{one_server.port}", "begin the url with `redis://`")


def test_sentinel__unknown_service__is_refused(behind_sentinel):
    """A name that no sentinel knows is said."""
    refused(behind_sentinel.url.replace("/kids", "/kinds"), "know no service `kinds`")


def test_keys_of_another_program__are_refused(one_server, prefix):
    """A prefix that somebody else uses is not shared."""
    one_server.ask("SET", f"{prefix}:session:1", "x")
    refused(f"{one_server.url}&prefix={prefix}", f"`\\?prefix={prefix}-minorguard`")
    assert one_server.ask("EXISTS", f"{prefix}:") == 0
    one_server.ask("SET", f"{prefix}x:", "x")
    refused(f"{one_server.url}&prefix={prefix}x", "another program's key")


@pytest.mark.parametrize("newer", [f"format 2 state {SCHEMA_VERSION}", f"format 1 state {SCHEMA_VERSION + 1}"])
def test_newer_format_or_state__is_refused(one_server, prefix, newer):
    """What a newer MinorGuard made is left to it; one that runs already goes on, and takes nothing back."""
    url = f"{one_server.url}&prefix={prefix}"
    running = RedisStore(url)
    one_server.ask("SET", f"{prefix}:", f"minorguard {newer}")
    with pytest.raises(StateTooNew, match="upgrade MinorGuard"):
        RedisStore(url)
    running.check()
    assert one_server.ask("GET", f"{prefix}:").decode() == f"minorguard {newer}"
    running.close()


def test_older_state__is_taken_over(one_server, prefix):
    """A store of an older MinorGuard opens, and is the newer one's from then on."""
    one_server.ask("SET", f"{prefix}:", "minorguard format 1 state 1")
    RedisStore(f"{one_server.url}&prefix={prefix}").close()
    assert one_server.ask("GET", f"{prefix}:").decode() == f"minorguard format 1 state {SCHEMA_VERSION}"


def test_emptied_while_open__fails_the_check__and_is_never_a_silent_reset(server):
    """A server that lost everything is not taken for one where nothing was used yet."""
    one = server(*LOG)
    store = RedisStore(one.url)
    one.ask("FLUSHALL")
    with pytest.raises(StoreUnavailable, match="was emptied"):
        store.check()
    store.close()


def test_full__refuses_writes_and_says_so(server):
    """A server at its limit takes nothing more, and keeps what it has."""
    one = server(*LOG, "--maxmemory", "100mb")
    store = RedisStore(one.url)
    version = store.save("k", b"one", 0)
    one.ask("CONFIG", "SET", "maxmemory", "1mb")
    with pytest.raises(StoreUnavailable, match=r"is full.*maxmemory"):
        store.save("k", b"two", version)
    assert store.load("k").blob == b"one"
    store.close()


def test_nobody_there__is_refused__in_time(one_server):
    """An address at which nobody listens, or a name that nobody has."""
    refused(f"redis://127.0.0.1:{servers.free_port()}", "refused")
    refused(f"redis+cluster://127.0.0.1:{servers.free_port()}", "no server of the cluster answers")
    refused(f"redis+sentinel://127.0.0.1:{servers.free_port()}/kids", "no sentinel answers")


def test_wrong_password__is_refused__and_not_repeated(guarded_server):
    """The message names the login, and holds no password."""
    wrong = guarded_server.url.replace("s3cret", "s3kret")
    assert "s3kret" not in refused(f"{wrong}&prefix=kids", "correct user and password")


def test_no_password__is_refused(guarded_server):
    """A server that wants a login says so."""
    without = guarded_server.url.replace("minorguard:s3cret%2Fp%40ss@", "")
    refused(f"{without}&prefix=kids", "correct user and password")


def test_prefix_that_the_user_may_not_touch__is_refused(guarded_server):
    """A user with too few rights is told which."""
    refused(f"{guarded_server.url}&prefix=parents", "refused: .*permission")


def test_certificate_of_another_authority__is_refused(guarded_server):
    """A server that somebody else vouches for is not spoken to."""
    refused(f"{guarded_server.url.replace('ca.pem', 'other.pem')}&prefix=kids", "TLS failed.*correct `ca`")


def test_ca_that_is_no_certificate__is_refused(guarded_server, tmp_path):
    """A file that holds something else is named."""
    (tmp_path / "ca.pem").write_text("hello")
    refused(f"rediss://127.0.0.1:1?ca={tmp_path}/ca.pem", "hold")


WRONG = {
    "redis://": "a host or port is missing",
    "redis://s3cret@": "a host or port is missing",
    "redis://host:port": "a host or port is missing",
    "redis://host:70000": "a host or port is missing",
    "redis://:s3c/ret@host:1": "a host or port is missing",
    "redis://a,b": "one server has one host",
    "redis://host/x": "`database` must be a whole number",
    "redis://host?timeout=5": "did you mean `timeout_ms`?",
    "redis://host?s3cret": "unknown option",
    "redis://host?timeout_ms=1": "from 20 to 10000",
    "redis://host?replicas=many": "from 0 to 10",
    "redis://host?prefix=a:b": "must be 1 to 32",
    "redis://host?prefix=a&prefix=b": "is given twice",
    "redis://host?accept_loss=true": "must be `yes` or `no`",
    "redis://host?ca=/etc/hostname": "needs TLS; begin the url with `rediss://`",
    "rediss://host?ca=/nowhere/ca.pem": "there is no file `/nowhere/ca.pem`",
    "rediss://host?cert=/etc/hostname": "go together",
    "redis://host?db=1": "is for Sentinel only",
    "redis+sentinel://host": "service is missing",
    "redis+sentinel://host/kids?sentinel_password=": "is empty",
    "redis+cluster://host/1": "no numbered databases",
}


@pytest.mark.parametrize("url", WRONG)
def test_wrong_url__is_refused__with_the_way(url):
    """What is wrong is named and what to write is said; nothing that may be a password is repeated."""
    with pytest.raises(InvalidInput, match=WRONG[url].replace("?", "\\?")) as refusal:
        open_store(url)
    assert refusal.value.where == "store"
    assert "s3c" not in str(refusal.value).replace("`s3cret`", "")


@pytest.mark.parametrize(
    ("url", "shown", "hosts"),
    [
        ("redis://host", "redis://host:6379/0", (("host", 6379),)),
        ("rediss://me:s3cret@[::1]:7/3", "rediss://[::1]:7/3", (("::1", 7),)),
        ("redis+sentinel://a,b:7/kids?db=2", "redis+sentinel://a:26379,b:7/kids", (("a", 26379), ("b", 7))),
        ("redis+cluster://:s3cret@a,b", "redis+cluster://a:6379,b:6379", (("a", 6379), ("b", 6379))),
    ],
)
def test_right_url__is_read__and_shown_without_secrets(url, shown, hosts):
    """What is shown leads back to the same place, and holds no password."""
    found = parse(url)
    assert (shown, hosts) == (str(found), found.hosts)
    assert "s3cret" not in repr(found)
    assert (found.replicas, found.timeout_seconds, found.prefix) == (0 if len(hosts) == 1 else 1, 0.2, "mg")


def test_hanging_at_the_start__is_refused_in_time(program, tmp_path):
    """A server that accepts connections and says nothing does not hold up the start."""
    with servers.running(Server(program, tmp_path / "one")) as (one,):
        os.kill(one.process.pid, signal.SIGSTOP)
        refused(one.url, "Timeout")
        os.kill(one.process.pid, signal.SIGCONT)
