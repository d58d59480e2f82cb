"""Every admin call that the clients offer for topics, configurations, records and groups."""

from __future__ import annotations

import pytest
from confluent_kafka import ConsumerGroupState, KafkaError, TopicCollection, TopicPartition
from confluent_kafka.admin import (
    AlterConfigOpType, ConfigEntry, ConfigResource, ConfigSource, NewPartitions, NewTopic, OffsetSpec, ResourceType,
)

from clients import Client, outcome, send, take, values, wait_for
from members import Member, drive, shared


def settings(client: Client, topic: str) -> dict[str, ConfigEntry]:
    resource = ConfigResource(ResourceType.TOPIC, topic)
    return outcome(client.admin.describe_configs([resource]))[resource]


def test_topics_are_created_listed_and_deleted(client: Client, name) -> None:
    names = [name(), name()]
    new = [NewTopic(n, num_partitions=i + 2, replication_factor=1) for i, n in enumerate(names)]
    assert outcome(client.admin.create_topics(new)) == dict.fromkeys(names)
    wait_for("the topics", lambda: set(names) <= set(client.admin.list_topics(timeout=20).topics))
    listed = client.admin.list_topics(timeout=20)
    for i, n in enumerate(names):
        partitions = listed.topics[n].partitions
        assert set(partitions) == set(range(i + 2))
        assert all(p.leader in listed.brokers and p.replicas == p.isrs == [p.leader] for p in partitions.values())
    assert outcome(client.admin.delete_topics(names)) == dict.fromkeys(names)
    wait_for("their end", lambda: not set(names) & set(client.admin.list_topics(timeout=20).topics))


def test_a_topic_made_anew_is_empty(client: Client, name) -> None:
    topic = client.create(name())
    send(client.producer(), topic, ["old"] * 10)
    assert outcome(client.admin.delete_topics([topic])) == {topic: None}
    wait_for("its end", lambda: topic not in client.admin.list_topics(timeout=20).topics)
    client.create(topic)
    delivered = send(client.producer(), topic, ["new"])
    assert [m.offset() for m in delivered] == [0]
    assert values(take(client.reader(topic), 1)) == ["new"]


def test_creation_takes_defaults_settings_and_a_dry_run(client: Client, name) -> None:
    dry, default = name("dry"), name("default")
    assert outcome(client.admin.create_topics([NewTopic(dry, num_partitions=2)], validate_only=True)) == {dry: None}
    assert outcome(client.admin.create_topics([NewTopic(default)])) == {default: None}
    wait_for("the topic", lambda: default in client.admin.list_topics(timeout=20).topics)
    listed = client.admin.list_topics(timeout=20).topics
    assert dry not in listed and len(listed[default].partitions) == 1
    topic = client.create(name(), retention_ms=123_456, cleanup_policy="compact")
    found = settings(client, topic)
    assert (found["retention.ms"].value, found["cleanup.policy"].value) == ("123456", "compact")


def test_topics_are_described(client: Client, name) -> None:
    topic = client.create(name(), 3)
    described = outcome(client.admin.describe_topics(TopicCollection([topic, "nowhere"])))
    assert described["nowhere"].code() == KafkaError.UNKNOWN_TOPIC_OR_PART
    assert described[topic].name == topic and not described[topic].is_internal
    assert [p.id for p in described[topic].partitions] == [0, 1, 2]


def test_partitions_are_added(client: Client, name) -> None:
    topic = client.create(name(), 2)
    send(client.producer(), topic, ["kept"], partition=1)
    assert outcome(client.admin.create_partitions([NewPartitions(topic, 4)])) == {topic: None}
    wait_for("4 partitions", lambda: len(client.admin.list_topics(topic, timeout=20).topics[topic].partitions) == 4)
    send(client.producer(), topic, ["new"], partition=3)
    assert sorted(values(take(client.reader(topic, 4), 2))) == ["kept", "new"]
    for count in (4, 3):
        refused = outcome(client.admin.create_partitions([NewPartitions(topic, count)]))[topic]
        assert refused.code() == KafkaError.INVALID_PARTITIONS
    unknown = outcome(client.admin.create_partitions([NewPartitions("nowhere", 4)]))["nowhere"]
    assert unknown.code() == KafkaError.UNKNOWN_TOPIC_OR_PART


def test_settings_show_their_defaults(client: Client, topic) -> None:
    found = settings(client, topic)
    wanted = {
        "cleanup.policy": "delete", "retention.ms": "604800000", "retention.bytes": "-1", "compression.type": "producer",
        "message.timestamp.type": "CreateTime",
    }
    assert {key: found[key].value for key in wanted} == wanted
    assert found["retention.ms"].is_default and not found["retention.ms"].is_read_only
    assert int(found["segment.bytes"].value) > 0 and int(found["max.message.bytes"].value) >= 1_000_000


def test_settings_are_altered_one_by_one(client: Client, topic) -> None:
    def alter(key: str, value: str | None, operation: AlterConfigOpType) -> None:
        entry = ConfigEntry(key, value, incremental_operation=operation)
        resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
        assert list(outcome(client.admin.incremental_alter_configs([resource])).values()) == [None]

    alter("retention.ms", "60000", AlterConfigOpType.SET)
    alter("retention.bytes", "1000000", AlterConfigOpType.SET)
    alter("cleanup.policy", "compact", AlterConfigOpType.APPEND)
    wait_for("the settings", lambda: settings(client, topic)["cleanup.policy"].value == "delete,compact")
    found = settings(client, topic)
    assert (found["retention.ms"].value, found["retention.bytes"].value) == ("60000", "1000000")
    assert found["retention.ms"].source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value
    assert not found["retention.ms"].is_default

    alter("retention.ms", None, AlterConfigOpType.DELETE)
    alter("cleanup.policy", "compact", AlterConfigOpType.SUBTRACT)
    wait_for("the default", lambda: settings(client, topic)["retention.ms"].value == "604800000")
    wait_for("the policy", lambda: settings(client, topic)["cleanup.policy"].value == "delete")
    assert settings(client, topic)["retention.bytes"].value == "1000000"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_settings_are_replaced_as_a_whole(client: Client, name) -> None:
    topic = client.create(name(), retention_ms=1_000_000, retention_bytes=5_000_000)
    resource = ConfigResource(ResourceType.TOPIC, topic, set_config={"retention.ms": "2000000"})
    assert list(outcome(client.admin.alter_configs([resource])).values()) == [None]
    wait_for("the settings", lambda: settings(client, topic)["retention.ms"].value == "2000000")
    assert settings(client, topic)["retention.bytes"].value == "-1"


def test_wrong_settings_are_refused_and_change_nothing(client: Client, topic) -> None:
    wrong = [("retention.ms", "soon"), ("cleanup.policy", "burn"), ("retention.ms", "-5"), ("no.such.setting", "1")]
    for key, value in wrong:
        good = ConfigEntry("retention.bytes", "77", incremental_operation=AlterConfigOpType.SET)
        bad = ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[good, bad])
        (refused,) = outcome(client.admin.incremental_alter_configs([resource])).values()
        assert refused.code() == KafkaError.INVALID_CONFIG, (key, value, refused)
        assert key.encode() in refused.str().encode()
    assert settings(client, topic)["retention.bytes"].value == "-1"
    missing = ConfigResource(
        ResourceType.TOPIC, "nowhere",
        incremental_configs=[ConfigEntry("retention.ms", "1", incremental_operation=AlterConfigOpType.SET)],
    )
    (refused,) = outcome(client.admin.incremental_alter_configs([missing])).values()
    assert refused.code() == KafkaError.UNKNOWN_TOPIC_OR_PART
    (refused,) = outcome(client.admin.describe_configs([ConfigResource(ResourceType.TOPIC, "nowhere")])).values()
    assert refused.code() == KafkaError.UNKNOWN_TOPIC_OR_PART


def test_the_brokers_settings_are_described(client: Client) -> None:
    (node,) = client.admin.list_topics(timeout=20).brokers
    (found,) = outcome(client.admin.describe_configs([ConfigResource(ResourceType.BROKER, str(node))])).values()
    assert int(found["num.partitions"].value) == 1
    assert int(found["message.max.bytes"].value) >= 1_000_000


def test_records_are_deleted_up_to_an_offset(client: Client, name) -> None:
    topic = client.create(name(), 2)
    producer = client.producer()
    send(producer, topic, [str(i) for i in range(100)], partition=0)
    send(producer, topic, [str(i) for i in range(20)], partition=1)
    asked = [TopicPartition(topic, 0, 40), TopicPartition(topic, 1, -1)]  # -1: all of them
    deleted = outcome(client.admin.delete_records(asked))
    assert {p.partition: d.low_watermark for p, d in deleted.items()} == {0: 40, 1: 20}
    reader = client.reader(topic, 2)
    assert values(take(reader, 60)) == [str(i) for i in range(40, 100)]
    earliest = {TopicPartition(topic, p): OffsetSpec.earliest() for p in range(2)}
    assert {p.partition: o.offset for p, o in outcome(client.admin.list_offsets(earliest)).items()} == {0: 40, 1: 20}
    assert client.consumer("m").get_watermark_offsets(TopicPartition(topic, 1), timeout=20) == (20, 20)
    send(producer, topic, ["next"], partition=1)
    (message,) = take(reader, 1)
    assert (message.offset(), message.value()) == (20, b"next")

    (refused,) = outcome(client.admin.delete_records([TopicPartition(topic, 0, 1_000)])).values()
    assert refused.code() == KafkaError.OFFSET_OUT_OF_RANGE


def test_groups_are_listed_described_and_deleted(client: Client, name) -> None:
    topic, busy, idle = client.create(name(), 2), name("busy"), name("idle")
    member = Member(client, busy, topic)
    drive([member], "all partitions", lambda: shared([member], 2))
    client.consumer(idle).commit(offsets=[TopicPartition(topic, 0, 1)], asynchronous=False)

    def states(**asked) -> dict[str, ConsumerGroupState]:
        listed = client.admin.list_consumer_groups(**asked).result(30)
        assert listed.errors == []
        return {g.group_id: g.state for g in listed.valid if g.group_id in (busy, idle)}

    assert states() == {busy: ConsumerGroupState.STABLE, idle: ConsumerGroupState.EMPTY}
    assert states(states={ConsumerGroupState.EMPTY}) == {idle: ConsumerGroupState.EMPTY}

    deleted = outcome(client.admin.delete_consumer_groups([busy, idle, "nowhere"]))
    assert deleted[idle] is None
    assert deleted[busy].code() == KafkaError.NON_EMPTY_GROUP
    assert deleted["nowhere"].code() == KafkaError.GROUP_ID_NOT_FOUND
    assert states() == {busy: ConsumerGroupState.STABLE}
    assert client.consumer(idle).committed([TopicPartition(topic, 0)], timeout=20)[0].offset == -1001


def test_the_cluster_is_described(broker, client: Client) -> None:
    cluster = client.admin.describe_cluster().result(30)
    assert [f"{node.host}:{node.port}" for node in cluster.nodes] == [broker.address]
    assert cluster.controller.id == cluster.nodes[0].id and cluster.cluster_id
    assert cluster.cluster_id == client.admin.list_topics(timeout=20).cluster_id


def test_the_group_of_a_deleted_topic_forgets_it(client: Client, name) -> None:
    topic, group = client.create(name(), 1), name("g")
    send(client.producer(), topic, ["v"] * 5)
    client.consumer(group).commit(offsets=[TopicPartition(topic, 0, 5)], asynchronous=False)
    assert outcome(client.admin.delete_topics([topic])) == {topic: None}

    def committed() -> int:
        return client.consumer(group).committed([TopicPartition(topic, 0)], timeout=20)[0].offset

    wait_for("no offset", lambda: committed() == -1001)
