"""kcat 1.7.1, with the librdkafka that the distribution ships."""

from __future__ import annotations

import json
import re

import pytest

from clients import START, Client, send
from programs import run


@pytest.fixture
def kcat(broker):
    return lambda *arguments, stdin=None: run(["kcat", "-b", broker.address, *arguments], stdin)


def test_metadata(broker, client: Client, name, kcat) -> None:
    topic = client.create(name(), 3)
    assert re.search(rf"broker \d+ at {re.escape(broker.address)} \(controller\)", kcat("-L"))
    listed = json.loads(kcat("-L", "-J", "-t", topic))
    (described,) = listed["topics"]
    assert described["topic"] == topic and [p["partition"] for p in described["partitions"]] == [0, 1, 2]


def test_produce_and_consume(kcat, topic) -> None:
    kcat("-P", "-t", topic, "-K", ":", "-H", "source=e2e", "-p", "0", stdin="a:1\nb:2\nc:3\n")
    out = kcat("-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", "%p %o %k %s %h\n")
    assert out == "0 0 a 1 source=e2e\n0 1 b 2 source=e2e\n0 2 c 3 source=e2e\n"


@pytest.mark.parametrize("position, wanted", [
    ("beginning", "0123456789"), ("-3", "789"), ("4", "456789"), (f"s@{START + 5_000}", "56789"), ("stored", "0123456789"),
])
def test_positions(client: Client, kcat, topic, position: str, wanted: str) -> None:
    producer = client.producer(linger_ms=0)
    for i in range(10):
        send(producer, topic, [str(i)], timestamp=START + i * 1_000)
    options = ["-X", "group.id=kcat", "-X", "auto.offset.reset=earliest"] if position == "stored" else []
    assert kcat("-C", "-t", topic, "-p", "0", "-o", position, "-e", "-q", "-f", "%s", *options) == wanted


def test_a_range_of_time(client: Client, kcat, topic) -> None:
    producer = client.producer(linger_ms=0)
    for i in range(10):
        send(producer, topic, [str(i)], timestamp=START + i * 1_000)
    span = ["-o", f"s@{START + 2_000}", "-o", f"e@{START + 6_000}"]
    assert kcat("-C", "-t", topic, "-p", "0", *span, "-q", "-f", "%s") == "2345"


def test_offsets_by_timestamp(client: Client, kcat, topic) -> None:
    producer = client.producer(linger_ms=0)
    for i in range(10):
        send(producer, topic, [str(i)], timestamp=START + i * 1_000)
    assert kcat("-Q", "-t", f"{topic}:0:{START + 3_000}") == f"{topic} [0] offset 3\n"
    assert kcat("-Q", "-t", f"{topic}:0:-1") == f"{topic} [0] offset 10\n"
    assert kcat("-Q", "-t", f"{topic}:0:-2") == f"{topic} [0] offset 0\n"


def test_a_group_continues_where_it_left(client: Client, kcat, name) -> None:
    topic, group = client.create(name(), 2), name("g")
    send(client.producer(), topic, [str(i) for i in range(20)])
    options = ["-X", "auto.offset.reset=earliest", "-q", "-u", "-f", "%s\n", topic]
    first = kcat("-G", group, "-c", "8", *options).split()
    second = kcat("-G", group, "-e", *options).split()
    assert len(first) == 8 and sorted(map(int, first + second)) == list(range(20))


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_idempotence_with_every_compression(client: Client, kcat, topic, codec: str) -> None:
    lines = "".join(f"{i}\n" for i in range(5_000))
    kcat("-P", "-t", topic, "-z", codec, "-X", "enable.idempotence=true", stdin=lines)
    assert kcat("-C", "-t", topic, "-o", "beginning", "-e", "-q") == lines


def test_read_committed(client: Client, kcat, topic, name) -> None:
    producer = client.transactional(name("x"))
    for i in range(4):
        producer.begin_transaction()
        send(producer, topic, [str(i)])
        producer.commit_transaction(60) if i % 2 else producer.abort_transaction(60)
    read = ["-C", "-t", topic, "-o", "beginning", "-q", "-f", "%s"]
    assert kcat(*read, "-c", "2", "-X", "isolation.level=read_committed") == "13"
    assert kcat(*read, "-c", "4", "-X", "isolation.level=read_uncommitted") == "0123"
