"""kafka-python 3: a client of the protocol that shares no code with librdkafka."""

from __future__ import annotations

import pytest
from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions, NewTopic, OffsetSpec
from kafka.errors import TopicAlreadyExistsError

from clients import DEADLINE, START, Client, wait_for


@pytest.fixture
def producer(broker):
    producer = KafkaProducer(bootstrap_servers=broker.address, acks="all")
    yield producer
    producer.close()


def test_produce_and_consume(broker, client: Client, producer: KafkaProducer, name) -> None:
    topic = client.create(name(), 2)
    sent = [
        producer.send(topic, f"v{i}".encode(), f"k{i}".encode(), [("n", str(i).encode())], i % 2, START + i)
        for i in range(100)
    ]
    assert {(r.partition, r.offset) for r in (s.get(DEADLINE) for s in sent)} == {(i % 2, i // 2) for i in range(100)}
    consumer = KafkaConsumer(topic, bootstrap_servers=broker.address, auto_offset_reset="earliest", group_id=name("g"))
    read: dict[int, tuple] = {}

    def complete() -> bool:
        for messages in consumer.poll(500).values():
            for m in messages:
                read[m.timestamp - START] = (m.key, m.value, list(m.headers), m.partition, m.offset)
        return len(read) == 100

    wait_for("100 records", complete)
    consumer.close()
    assert read == {
        i: (f"k{i}".encode(), f"v{i}".encode(), [("n", str(i).encode())], i % 2, i // 2) for i in range(100)
    }


@pytest.mark.parametrize("idempotent", [True, False])
def test_idempotence(broker, topic, idempotent: bool) -> None:
    producer = KafkaProducer(
        bootstrap_servers=broker.address, enable_idempotence=idempotent, acks="all", linger_ms=0, batch_size=200
    )
    sent = [producer.send(topic, str(i).encode()) for i in range(1_000)]
    assert [s.get(DEADLINE).offset for s in sent] == list(range(1_000))
    producer.close()


def test_a_group_rebalances(broker, client: Client, producer: KafkaProducer, name) -> None:
    topic, group = client.create(name(), 4), name("g")
    read: list[int] = []

    def member() -> KafkaConsumer:
        consumer = KafkaConsumer(
            bootstrap_servers=broker.address, group_id=group, auto_offset_reset="earliest",
            enable_auto_commit=False, session_timeout_ms=6_000, heartbeat_interval_ms=300,
        )
        # A leader that does not know the topic yet assigns nothing, and this client does not notice later.
        assert consumer.partitions_for_topic(topic) == {0, 1, 2, 3}
        consumer.subscribe([topic])
        return consumer

    def drive(what: str, done) -> None:
        def probe():
            for m in members:
                for messages in m.poll(100).values():
                    read.extend(int(message.value) for message in messages)
                m.commit()
            return done()
        wait_for(what, probe)

    def send(first: int, last: int) -> None:
        for i in range(first, last):
            producer.send(topic, str(i).encode(), partition=i % 4)
        producer.flush(DEADLINE)

    members = [member()]
    send(0, 400)
    drive("400 records", lambda: len(read) == 400)
    members.append(member())
    drive("an even share", lambda: [len(m.assignment()) for m in members] == [2, 2])
    send(400, 800)
    drive("800 records", lambda: len(set(read)) == 800)
    members.pop(0).close()
    drive("all partitions", lambda: len(members[0].assignment()) == 4)
    send(800, 1_200)
    drive("1,200 records", lambda: len(set(read)) == 1_200)
    members[0].close()
    assert sorted(set(read)) == list(range(1_200))


def test_positions(broker, client: Client, producer: KafkaProducer, topic) -> None:
    for i in range(10):
        producer.send(topic, str(i).encode(), timestamp_ms=START + i * 1_000).get(DEADLINE)
    consumer, place = KafkaConsumer(bootstrap_servers=broker.address), TopicPartition(topic, 0)
    assert (consumer.beginning_offsets([place])[place], consumer.end_offsets([place])[place]) == (0, 10)
    found = consumer.offsets_for_times({place: START + 4_500})[place]
    assert (found.offset, found.timestamp) == (5, START + 5_000)
    consumer.assign([place])
    consumer.seek(place, 7)
    assert wait_for("a record", lambda: consumer.poll(500))[place][0].value == b"7"
    consumer.close()


def test_transactions(broker, client: Client, topic, name) -> None:
    producer = KafkaProducer(bootstrap_servers=broker.address, transactional_id=name("x"))
    producer.init_transactions()
    for i in range(4):
        producer.begin_transaction()
        producer.send(topic, str(i).encode())
        producer.commit_transaction() if i % 2 else producer.abort_transaction()
    producer.close()
    consumer = KafkaConsumer(
        bootstrap_servers=broker.address, isolation_level="read_committed", consumer_timeout_ms=DEADLINE * 1_000
    )
    consumer.assign([TopicPartition(topic, 0)])
    consumer.seek_to_beginning()
    assert [next(consumer).value, next(consumer).value] == [b"1", b"3"]
    consumer.close()


def test_administration(broker, client: Client, name) -> None:
    admin, topic = KafkaAdminClient(bootstrap_servers=broker.address), name()
    new = NewTopic(topic, num_partitions=2, replication_factor=1, topic_configs={"retention.ms": "123456"})
    admin.create_topics([new])
    wait_for("the topic", lambda: topic in admin.list_topics())
    with pytest.raises(TopicAlreadyExistsError):
        admin.create_topics([new])
    admin.create_partitions({topic: NewPartitions(3)})
    wait_for("3 partitions", lambda: len(client.admin.list_topics(topic, timeout=20).topics[topic].partitions) == 3)
    assert admin.describe_cluster()["cluster_id"] == client.admin.list_topics(timeout=20).cluster_id
    assert [t["name"] for t in admin.describe_topics([topic])] == [topic]

    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.bytes": "77777"})])
    asked = ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": None, "retention.bytes": None})
    wait_for("the settings", lambda: "77777" in str(admin.describe_configs([asked], config_filter="all")))
    assert "123456" in str(admin.describe_configs([asked], config_filter="all"))
    admin.delete_topics([topic])
    wait_for("its end", lambda: topic not in admin.list_topics())
    admin.close()


def test_administration_of_records_and_groups(broker, client: Client, producer: KafkaProducer, topic, name) -> None:
    admin, group, place = KafkaAdminClient(bootstrap_servers=broker.address), name("g"), TopicPartition(topic, 0)
    for i in range(10):
        producer.send(topic, str(i).encode()).get(DEADLINE)
    admin.delete_records({place: 4})
    assert admin.list_partition_offsets({place: OffsetSpec.EARLIEST})[place].offset == 4
    assert admin.list_partition_offsets({place: OffsetSpec.LATEST})[place].offset == 10

    admin.alter_group_offsets(group, {place: OffsetAndMetadata(7, "seven", -1)})
    assert admin.list_group_offsets(group)[group][place].offset == 7
    assert group in str(admin.list_groups())
    assert "Empty" in str(admin.describe_groups([group]))
    admin.delete_groups([group])
    assert group not in str(admin.list_groups())
    admin.close()
