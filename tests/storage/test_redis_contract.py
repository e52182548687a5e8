"""The store in Redis keeps every promise of a store, on one server, with TLS, behind Sentinel and on a cluster."""

import pytest

from minorguard.storage.contract import DurableStoreContract
from minorguard.storage.redis import RedisStore


class RedisContract(DurableStoreContract):
    """Each test has a prefix of its own, and patience with a busy machine."""

    @pytest.fixture
    def url(self, where, prefix):
        return f"{where.url}&prefix={prefix}&timeout_ms=3000"

    @pytest.fixture
    def store(self, url):
        store = RedisStore(url)
        yield store
        store.close()

    @pytest.fixture
    def reopen(self, url):
        return lambda: RedisStore(url)


class TestRedisStore(RedisContract):
    """One server."""

    @pytest.fixture
    def where(self, one_server):
        return one_server


class TestRedisStoreWithTls(RedisContract):
    """One server that speaks TLS only, and an ACL user who may do no more than a store needs."""

    @pytest.fixture
    def where(self, guarded_server):
        return guarded_server


class TestRedisStoreBehindSentinel(RedisContract):
    """A primary with a replica."""

    @pytest.fixture
    def where(self, behind_sentinel):
        return behind_sentinel


class TestRedisStoreOnACluster(RedisContract):
    """Three primaries, three replicas."""

    @pytest.fixture
    def where(self, on_a_cluster):
        return on_a_cluster
