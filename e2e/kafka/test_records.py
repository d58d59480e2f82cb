"""What was produced is what is consumed, byte for byte, whichever client reads it."""

from __future__ import annotations

import json
import time

import pytest
from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_LOG_APPEND_TIME

import wire
from clients import START, Client, read_to_end, send, take, values
from programs import CLIENTS, Record

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
RECORDS = [
    Record("k1", "plain"),
    Record(None, "no key"),
    Record("gone", None),
    Record("k1", "äöü 漢字 🙂"),
    Record("long", "x" * 20_000),
]


@pytest.mark.parametrize("reader", CLIENTS)
@pytest.mark.parametrize("writer", CLIENTS)
def test_every_client_reads_every_client(broker, topic, writer: str, reader: str) -> None:
    CLIENTS[writer].produce(broker.address, topic, RECORDS, "gzip")
    assert CLIENTS[reader].consume(broker.address, topic, len(RECORDS)) == RECORDS


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("writer", CLIENTS)
def test_compression_is_kept_as_sent(broker, client: Client, topic, writer: str, codec: str) -> None:
    records = [Record(f"k{i}", json.dumps({"row": i, "text": "headwater " * 40})) for i in range(500)]
    CLIENTS[writer].produce(broker.address, topic, records, codec)

    for reader in CLIENTS:
        assert CLIENTS[reader].consume(broker.address, topic, len(records)) == records, reader
    stored = wire.fetch(broker.address, topic)
    assert {batch.codec for batch in stored} == {codec}
    sent = sum(len(r.key) + len(r.value) for r in records)
    kept = sum(batch.size for batch in stored)
    assert kept > sent if codec == "none" else kept < sent / 3, f"{kept} bytes kept of {sent}"


@pytest.mark.parametrize("codec", CODECS)
def test_a_topic_compresses_as_its_configuration_says(broker, client: Client, name, codec: str) -> None:
    topic = client.create(name(), compression_type="uncompressed" if codec == "none" else codec)
    send(client.producer(compression_type="none" if codec != "none" else "gzip"), topic, ["headwater " * 500] * 50)
    assert values(take(client.reader(topic), 50)) == ["headwater " * 500] * 50
    assert {batch.codec for batch in wire.fetch(broker.address, topic)} == {codec}


def test_headers_keep_order_duplicates_and_nulls(client: Client, topic) -> None:
    headers = [("trace", b"1"), ("empty", b""), ("null", None), ("trace", b"\x00\xff"), ("ünï", "ä".encode())]
    send(client.producer(), topic, [b"v"], headers=headers)
    (message,) = take(client.reader(topic), 1)
    assert message.headers() == headers


def test_keys_and_values_are_null_empty_or_any_bytes(client: Client, topic) -> None:
    pairs = [(None, None), (b"", b""), (b"\x00\xff", bytes(range(256))), (b"k", None), (None, b"v")]
    producer = client.producer()
    for key, value in pairs:
        send(producer, topic, [value], key=key)
    assert [(m.key(), m.value()) for m in take(client.reader(topic), len(pairs))] == pairs


def test_create_time_is_the_producers(client: Client, topic) -> None:
    times = [START, START + 1, START - 5, int(time.time() * 1000)]
    producer = client.producer()
    for at in times:
        send(producer, topic, [b"v"], timestamp=at)
    assert [m.timestamp() for m in take(client.reader(topic), len(times))] == [(TIMESTAMP_CREATE_TIME, t) for t in times]


def test_log_append_time_is_the_brokers(client: Client, name) -> None:
    topic = client.create(name(), message_timestamp_type="LogAppendTime")
    before = int(time.time() * 1000)
    send(client.producer(), topic, [b"v"] * 3, timestamp=1_000)
    for message in take(client.reader(topic), 3):
        kind, at = message.timestamp()
        assert kind == TIMESTAMP_LOG_APPEND_TIME
        assert before <= at <= int(time.time() * 1000)


def test_offsets_count_up_and_are_reported(client: Client, topic) -> None:
    delivered = send(client.producer(), topic, [str(i) for i in range(1_000)])
    assert [m.offset() for m in delivered] == list(range(1_000))
    read = take(client.reader(topic), 1_000)
    assert [(m.offset(), m.value()) for m in read] == [(i, str(i).encode()) for i in range(1_000)]


def test_a_key_stays_in_its_partition_in_order(client: Client, name) -> None:
    topic = client.create(name(), partitions=6)
    producer = client.producer()
    for i in range(2_000):
        producer.produce(topic, str(i), key=f"k{i % 50}")
    assert producer.flush(60) == 0
    read = take(client.reader(topic, 6), 2_000)
    places = {m.key(): set() for m in read}
    order: dict[bytes, list[int]] = {m.key(): [] for m in read}
    for message in read:
        places[message.key()].add(message.partition())
        order[message.key()].append(int(message.value()))
    assert len(places) == 50 and all(len(p) == 1 for p in places.values())
    assert all(numbers == sorted(numbers) for numbers in order.values())
    assert len({p for partitions in places.values() for p in partitions}) == 6


@pytest.mark.parametrize("acks", [0, 1, "all"])
def test_acks(client: Client, topic, acks) -> None:
    send(client.producer(acks=acks), topic, [str(i) for i in range(100)])
    assert values(take(client.reader(topic), 100)) == [str(i) for i in range(100)]


def test_idempotent_producers_get_their_own_ids_and_keep_order(client: Client, name) -> None:
    topic = client.create(name(), partitions=3)
    producers = [client.producer(enable_idempotence=True, linger_ms=0) for _ in range(3)]
    for i in range(500):
        for p, producer in enumerate(producers):
            producer.produce(topic, f"{p}:{i}", partition=i % 3)
            producer.poll(0)
    for producer in producers:
        assert producer.flush(60) == 0
    read = values(read_to_end(client.reader(topic, 3, enable_partition_eof=True), topic, 3))
    assert len(read) == 1_500
    for partition in range(3):
        for p in range(3):
            mine = [int(v.split(":")[1]) for v in read if v.startswith(f"{p}:") and int(v.split(":")[1]) % 3 == partition]
            assert mine == list(range(partition, 500, 3))


def test_records_close_to_the_limit_pass(client: Client, topic) -> None:
    big = bytes(1_000_000)
    send(client.producer(message_max_bytes=2_000_000), topic, [big, b"small", big])
    assert [len(m.value()) for m in take(client.reader(topic), 3)] == [1_000_000, 5, 1_000_000]


def test_a_record_larger_than_the_fetch_size_still_comes(client: Client, topic) -> None:
    send(client.producer(), topic, [bytes(200_000)] * 3)
    reader = client.reader(topic, fetch_message_max_bytes=1_000, fetch_max_bytes=1_000_000)
    assert [len(m.value()) for m in take(reader, 3)] == [200_000] * 3


def test_a_waiting_fetch_is_woken_by_the_append(client: Client, topic) -> None:
    """With a wait of 30 s and a deadline of 20, only a broker that wakes the fetch passes."""
    reader = client.reader(topic, fetch_wait_max_ms=30_000, socket_timeout_ms=60_000)
    assert reader.poll(1) is None  # The fetch is at the broker now.
    producer = client.producer()
    for i in range(5):
        send(producer, topic, [str(i)])
        assert values(take(reader, 1, seconds=20)) == [str(i)]
