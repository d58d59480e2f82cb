"""Positions: where to begin, where time stands, what was committed, how far behind."""

from __future__ import annotations

import pytest
from confluent_kafka import (
    OFFSET_BEGINNING, ConsumerGroupTopicPartitions, IsolationLevel, KafkaError, KafkaException, TopicPartition,
)
from confluent_kafka.admin import OffsetSpec

from clients import START, Client, outcome, send, take, values, wait_for

HOUR = 3_600_000


@pytest.fixture
def dated(client: Client, topic: str) -> str:
    """Ten records an hour apart; the sixth is the newest, the last four are late."""
    producer = client.producer(linger_ms=0)
    for hour in [0, 1, 2, 3, 4, 9, 5, 6, 7, 8]:
        send(producer, topic, [str(hour)], timestamp=START + hour * HOUR)
    return topic


def listed(client: Client, topic: str, spec, partition: int = 0, **more):
    asked = {TopicPartition(topic, partition): spec}
    return next(iter(outcome(client.admin.list_offsets(asked, **more)).values()))


def test_offsets_by_timestamp(client: Client, dated) -> None:
    consumer = client.consumer("times")
    wanted = {START - 1: 0, START: 0, START + 1: 1, START + 4 * HOUR: 4, START + 8 * HOUR: 5, START + 9 * HOUR + 1: -1}
    for at, offset in wanted.items():
        (found,) = consumer.offsets_for_times([TopicPartition(dated, 0, at)], timeout=20)
        assert found.error is None and found.offset == offset, (at, found.offset)


def test_offsets_by_specification(client: Client, dated) -> None:
    assert listed(client, dated, OffsetSpec.earliest()).offset == 0
    assert listed(client, dated, OffsetSpec.latest()).offset == 10
    newest = listed(client, dated, OffsetSpec.max_timestamp())
    assert (newest.offset, newest.timestamp) == (5, START + 9 * HOUR)
    third = listed(client, dated, OffsetSpec.for_timestamp(START + 2 * HOUR - 5))
    assert (third.offset, third.timestamp) == (2, START + 2 * HOUR)


def test_specifications_of_an_empty_partition(client: Client, topic) -> None:
    for spec, offset in ((OffsetSpec.earliest(), 0), (OffsetSpec.latest(), 0), (OffsetSpec.max_timestamp(), -1)):
        assert listed(client, topic, spec).offset == offset
    assert client.consumer("marks").get_watermark_offsets(TopicPartition(topic, 0), timeout=20) == (0, 0)


def test_latest_depends_on_the_isolation_level(client: Client, topic, name) -> None:
    send(client.producer(), topic, ["a", "b"])
    producer = client.transactional(name("x"))
    producer.begin_transaction()
    send(producer, topic, ["c"])
    committed, all_ = IsolationLevel.READ_COMMITTED, IsolationLevel.READ_UNCOMMITTED
    assert listed(client, topic, OffsetSpec.latest(), isolation_level=committed).offset == 2
    assert listed(client, topic, OffsetSpec.latest(), isolation_level=all_).offset == 3
    producer.commit_transaction(60)
    # With the marker, which may be written a moment after the commit's answer.
    wait_for("the marker", lambda: listed(client, topic, OffsetSpec.latest(), isolation_level=committed).offset == 4)


def test_time_lookup_over_many_batches(client: Client, topic) -> None:
    """More than an index entry apart, compressed, so that index and batch must both be searched."""
    producer = client.producer(compression_type="lz4", batch_num_messages=100)
    for i in range(20_000):
        producer.produce(topic, b"v" * 100, timestamp=START + i * 1_000)
        producer.poll(0)
    assert producer.flush(60) == 0
    consumer = client.consumer("times")
    for i in (0, 1, 99, 100, 101, 7_777, 19_999):
        (found,) = consumer.offsets_for_times([TopicPartition(topic, 0, START + i * 1_000 - 500)], timeout=20)
        assert found.offset == i


def test_where_to_begin(client: Client, topic, name) -> None:
    send(client.producer(), topic, ["old"] * 5)
    earliest = client.consumer(name("g"), auto_offset_reset="earliest")
    earliest.subscribe([topic])
    assert values(take(earliest, 5)) == ["old"] * 5

    latest = client.consumer(name("g"), auto_offset_reset="latest", enable_partition_eof=True)
    latest.subscribe([topic])
    message = None
    while message is None or message.error() is None:
        message = latest.poll(20)
        assert message is not None
    assert message.error().code() == KafkaError._PARTITION_EOF and message.offset() == 5
    send(client.producer(), topic, ["new"])
    assert values(take(latest, 1)) == ["new"]

    strict = client.consumer(name("g"), auto_offset_reset="error")
    strict.subscribe([topic])
    assert strict.poll(30).error().code() == KafkaError._AUTO_OFFSET_RESET


def test_a_position_out_of_range_resets(client: Client, topic) -> None:
    send(client.producer(), topic, [str(i) for i in range(10)])
    assert values(take(client.reader(topic, offset=1_000), 10)) == [str(i) for i in range(10)]
    strict = client.reader(topic, offset=1_000, auto_offset_reset="error")
    error = strict.poll(30).error()
    assert error.code() == KafkaError._AUTO_OFFSET_RESET and "out of range" in error.str().lower()


def test_seek(client: Client, topic) -> None:
    send(client.producer(), topic, [str(i) for i in range(100)])
    reader = client.reader(topic)
    assert values(take(reader, 2)) == ["0", "1"]
    for offset, first in ((50, "50"), (0, "0"), (OFFSET_BEGINNING, "0"), (99, "99")):
        reader.seek(TopicPartition(topic, 0, offset))
        assert values(take(reader, 1)) == [first]


def test_pause_and_resume(client: Client, name) -> None:
    topic = client.create(name(), 2)
    reader = client.reader(topic, 2)
    reader.pause([TopicPartition(topic, 0)])
    producer = client.producer()
    send(producer, topic, ["paused"] * 10, partition=0)
    send(producer, topic, ["flows"] * 10, partition=1)
    assert values(take(reader, 10)) == ["flows"] * 10
    assert reader.poll(0.3) is None
    reader.resume([TopicPartition(topic, 0)])
    assert values(take(reader, 10)) == ["paused"] * 10


def test_commit_keeps_offset_and_metadata(client: Client, name) -> None:
    topic, group = client.create(name(), 3), name("g")
    consumer = client.consumer(group)
    asked = [TopicPartition(topic, p) for p in range(3)]
    assert [p.offset for p in consumer.committed(asked, timeout=20)] == [-1001] * 3
    offsets = [TopicPartition(topic, 0, 7, metadata="seven ü"), TopicPartition(topic, 1, 0)]
    assert all(p.error is None for p in consumer.commit(offsets=offsets, asynchronous=False))
    found = client.consumer(group).committed(asked, timeout=20)
    assert [p.offset for p in found] == [7, 0, -1001]
    assert [p.metadata for p in found][:2] in (["seven ü", None], ["seven ü", ""])
    consumer.commit(offsets=[TopicPartition(topic, 0, 3)], asynchronous=False)
    assert client.consumer(group).committed(asked[:1], timeout=20)[0].offset == 3


def test_too_much_metadata_is_refused(client: Client, topic, name) -> None:
    long = TopicPartition(topic, 0, 1, metadata="m" * 5_000)
    with pytest.raises(KafkaException) as refused:
        client.consumer(name("g")).commit(offsets=[long], asynchronous=False)
    assert refused.value.args[0].code() == KafkaError.OFFSET_METADATA_TOO_LARGE


def test_lag_is_the_end_less_the_commit(client: Client, name) -> None:
    topic, group = client.create(name(), 2), name("g")
    producer = client.producer()
    send(producer, topic, ["v"] * 30, partition=0)
    send(producer, topic, ["v"] * 20, partition=1)
    consumer = client.consumer(group)
    consumer.subscribe([topic])
    take(consumer, 50)
    consumer.commit(offsets=[TopicPartition(topic, 0, 12), TopicPartition(topic, 1, 20)], asynchronous=False)
    lags = {}
    for position in consumer.committed([TopicPartition(topic, 0), TopicPartition(topic, 1)], timeout=20):
        _, end = consumer.get_watermark_offsets(position, timeout=20)
        lags[position.partition] = end - position.offset
    assert lags == {0: 18, 1: 0}


def test_administrators_read_and_move_a_groups_offsets(client: Client, name) -> None:
    topic, group = client.create(name(), 2), name("g")
    send(client.producer(), topic, [str(i) for i in range(10)], partition=1)
    moved = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0, 0), TopicPartition(topic, 1, 8)])
    result = outcome(client.admin.alter_consumer_group_offsets([moved]))[group]
    assert [p.error for p in result.topic_partitions] == [None, None]
    asked = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, p) for p in (0, 1)])
    found = outcome(client.admin.list_consumer_group_offsets([asked]))[group]
    assert {p.partition: p.offset for p in found.topic_partitions} == {0: 0, 1: 8}
    every = outcome(client.admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]))[group]
    assert {(p.topic, p.partition): p.offset for p in every.topic_partitions} == {(topic, 0): 0, (topic, 1): 8}

    consumer = client.consumer(group)
    consumer.subscribe([topic])
    assert values(take(consumer, 2)) == ["8", "9"]
    busy = outcome(client.admin.alter_consumer_group_offsets([moved]))[group]
    assert {p.error and p.error.code() for p in busy.topic_partitions} == {KafkaError.UNKNOWN_MEMBER_ID}
