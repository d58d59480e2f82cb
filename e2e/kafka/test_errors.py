"""What cannot be done is refused with the protocol's own error, which clients understand."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError
from confluent_kafka.admin import NewTopic

from clients import Client, outcome, send, take, values


def refusal(client: Client, *topics: NewTopic) -> list[int | None]:
    return [error and error.code() for error in outcome(client.admin.create_topics(list(topics))).values()]


@pytest.mark.parametrize("bad", ["with space", "a/b", "ünï", "..", ".", "x" * 250, "tab\t", "a:b", "a*"])
def test_invalid_topic_names(client: Client, bad: str) -> None:
    assert refusal(client, NewTopic(bad, 1, 1)) == [KafkaError.TOPIC_EXCEPTION]


@pytest.mark.parametrize("good", ["x", "A.b_c-9", "y" * 249])
def test_valid_topic_names(client: Client, good: str) -> None:
    client.create(good)
    send(client.producer(), good, ["v"])
    assert values(take(client.reader(good), 1)) == ["v"]


def test_the_reason_is_said(client: Client) -> None:
    (error,) = outcome(client.admin.create_topics([NewTopic("with space", 1, 1)])).values()
    assert "with space" in error.str()


def test_duplicate_topic(client: Client, topic) -> None:
    assert refusal(client, NewTopic(topic, 1, 1)) == [KafkaError.TOPIC_ALREADY_EXISTS]


def test_names_that_differ_in_dot_and_underscore_collide(client: Client, name) -> None:
    stem = name()
    client.create(stem + ".a")
    assert refusal(client, NewTopic(stem + "_a", 1, 1)) == [KafkaError.TOPIC_EXCEPTION]


def test_one_wrong_topic_does_not_hinder_the_others(client: Client, name) -> None:
    good = name()
    assert refusal(client, NewTopic(good, 1, 1), NewTopic("a/b", 1, 1)) == [None, KafkaError.TOPIC_EXCEPTION]
    send(client.producer(), good, ["v"])


@pytest.mark.parametrize("partitions, replicas, config, code", [
    (0, 1, {}, KafkaError.INVALID_PARTITIONS),
    (1, 3, {}, KafkaError.INVALID_REPLICATION_FACTOR),
    (1, 1, {"retention.ms": "soon"}, KafkaError.INVALID_CONFIG),
    (1, 1, {"no.such.setting": "1"}, KafkaError.INVALID_CONFIG),
])
def test_invalid_topics(client: Client, name, partitions: int, replicas: int, config: dict, code: int) -> None:
    topic = name()
    assert refusal(client, NewTopic(topic, partitions, replicas, config=config)) == [code]
    assert topic not in client.admin.list_topics(timeout=20).topics


def test_deleting_an_unknown_topic(client: Client) -> None:
    (error,) = outcome(client.admin.delete_topics(["nowhere"])).values()
    assert error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART


def test_consuming_an_unknown_topic(client: Client, name) -> None:
    consumer = client.consumer(name("g"))
    consumer.subscribe([name("nowhere")])
    message = consumer.poll(30)
    assert message is not None and message.error().code() == KafkaError.UNKNOWN_TOPIC_OR_PART


def test_producing_to_an_unknown_topic_creates_it(client: Client, name) -> None:
    topic = name()
    send(client.producer(), topic, ["v"])
    assert len(client.admin.list_topics(timeout=20).topics[topic].partitions) == 1
    assert values(take(client.reader(topic), 1)) == ["v"]


def test_producing_to_an_impossible_topic(client: Client) -> None:
    errors = []
    producer = client.producer(topic_metadata_propagation_max_ms=1_000, message_timeout_ms=20_000)
    producer.produce("with space", "v", on_delivery=lambda error, _: errors.append(error.code()))
    assert producer.flush(60) == 0
    assert errors in ([KafkaError._UNKNOWN_TOPIC], [KafkaError.TOPIC_EXCEPTION])


def test_an_unknown_partition(client: Client, topic) -> None:
    errors = []
    producer = client.producer(topic_metadata_propagation_max_ms=1_000, message_timeout_ms=20_000)
    producer.produce(topic, "v", partition=7, on_delivery=lambda error, _: errors.append(error.code()))
    assert producer.flush(60) == 0
    assert errors == [KafkaError._UNKNOWN_PARTITION]


def failure(client: Client, topic: str, value: bytes, **config) -> int | None:
    errors = []
    producer = client.producer(message_max_bytes=50_000_000, **config)
    producer.produce(topic, value, on_delivery=lambda error, _: errors.append(error and error.code()))
    assert producer.flush(60) == 0
    return errors[0]


def test_too_large_a_record(client: Client, topic) -> None:
    assert failure(client, topic, bytes(5_000_000)) == KafkaError.MSG_SIZE_TOO_LARGE
    send(client.producer(), topic, ["small"])
    assert values(take(client.reader(topic), 1)) == ["small"]


def test_a_topics_own_limit(client: Client, name) -> None:
    topic = client.create(name(), max_message_bytes=10_000)
    assert failure(client, topic, bytes(20_000)) == KafkaError.MSG_SIZE_TOO_LARGE
    assert failure(client, topic, bytes(20_000), compression_type="zstd") is None
    wide = client.create(name(), max_message_bytes=8_000_000)
    assert failure(client, wide, bytes(5_000_000)) is None
    (message,) = take(client.reader(wide), 1)
    assert len(message.value()) == 5_000_000


def test_a_record_without_a_key_in_a_compacted_topic(client: Client, name) -> None:
    topic = client.create(name(), cleanup_policy="compact")
    assert failure(client, topic, b"v") == KafkaError.INVALID_RECORD
    send(client.producer(), topic, ["v"], key="k")


def test_too_short_a_session(client: Client, topic, name) -> None:
    consumer = client.consumer(name("g"), session_timeout_ms=100, heartbeat_interval_ms=50)
    consumer.subscribe([topic])
    message = consumer.poll(30)
    assert message is not None and message.error().code() == KafkaError.INVALID_SESSION_TIMEOUT
