"""One broker for the Kafka suites, and brokers of their own for the tests that kill theirs."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator

import pytest

from brokers import Broker, new_broker
from clients import Client

_serial = itertools.count()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that the tests share; nobody kills it."""
    broker = new_broker(tmp_path_factory.mktemp("broker"))
    try:
        yield broker.start()
        assert broker.alive(), "the broker ended during the tests:\n" + "\n".join(broker.output)
    finally:
        broker.stop()


@pytest.fixture
def own_broker(tmp_path) -> Iterator[Broker]:
    """A broker of this test alone, which may be killed."""
    broker = new_broker(tmp_path / "broker")
    try:
        yield broker.start()
    finally:
        broker.stop()


@pytest.fixture
def client(broker: Broker) -> Iterator[Client]:
    client = Client(broker.address)
    yield client
    client.close()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Names for topics, groups and transactional ids that no other test has."""
    test = re.sub(r"[^A-Za-z0-9]+", "-", request.node.name).strip("-")[:60]
    return lambda what="t": f"{test}-{what}-{next(_serial)}"


@pytest.fixture
def topic(client: Client, name: Callable[[str], str]) -> str:
    """A topic of one partition."""
    return client.create(name())
