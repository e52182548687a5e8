"""One world per test; what concerns the hottest calls runs through both of their ways."""

import pytest

from tests.service.world import World

BOTH_WAYS = {
    "test_batches",
    "test_failures",
    "test_idempotency",
    "test_logs_and_metrics",
    "test_malformed",
    "test_questions",
    "test_sessions",
    "test_tenancy",
    "test_test_clocks",
    "test_tokens",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of some modules with the front and without it."""
    if metafunc.module.__name__.rpartition(".")[2] in BOTH_WAYS:
        metafunc.fixturenames.append("front")
        metafunc.parametrize("front", [True, False], ids=["front", "flask"], indirect=True)


@pytest.fixture
def front(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Which way the hottest calls take."""
    monkeypatch.setattr(World, "front", request.param)
    return request.param


@pytest.fixture
def world() -> World:
    """A service with nobody in it."""
    return World.make()
