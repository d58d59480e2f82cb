"""Transactions: all or nothing, seen by read_committed at the end alone, by one producer at a time."""

from __future__ import annotations

import pytest
from confluent_kafka import IsolationLevel, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import OffsetSpec

import wire
from clients import Client, outcome, read_to_end, send, take, values, wait_for

FENCED = {KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH}


def settled(client: Client, topic: str, partitions: int) -> bool:
    """Whether no transaction is open: markers may be written a moment after a commit's or an abort's answer."""
    asked = {TopicPartition(topic, p): OffsetSpec.latest() for p in range(partitions)}
    stable, all_ = (
        {p.partition: found.offset for p, found in outcome(client.admin.list_offsets(asked, isolation_level=level)).items()}
        for level in (IsolationLevel.READ_COMMITTED, IsolationLevel.READ_UNCOMMITTED)
    )
    return stable == all_


@pytest.fixture
def read(client: Client):
    """All values of a topic under an isolation level: when no transaction is open, or (`still_open`) as it is now."""

    def read(
        topic: str, isolation: str = "read_committed", partitions: int = 1, still_open: bool = False
    ) -> list[str | None]:
        if not still_open:
            wait_for("the end of all transactions", lambda: settled(client, topic, partitions))
        reader = client.reader(topic, partitions, enable_partition_eof=True, isolation_level=isolation)
        found = values(read_to_end(reader, topic, partitions))
        reader.close()
        return found

    return read


def test_a_commit_shows_everything_at_once(client: Client, name, read) -> None:
    topics = [client.create(name("a"), 2), client.create(name("b"), 1)]
    producer = client.transactional(name("x"))
    producer.begin_transaction()
    send(producer, topics[0], ["a0"], partition=0)
    send(producer, topics[0], ["a1"], partition=1)
    send(producer, topics[1], ["b"])
    assert [read(topics[0], partitions=2, still_open=True), read(topics[1], still_open=True)] == [[], []]
    assert sorted(read(topics[0], "read_uncommitted", 2, still_open=True)) == ["a0", "a1"]
    producer.commit_transaction(60)
    assert [sorted(read(topics[0], partitions=2)), read(topics[1])] == [["a0", "a1"], ["b"]]


def test_an_abort_shows_nothing(client: Client, topic, name, read) -> None:
    producer = client.transactional(name("x"))
    for i in range(5):
        producer.begin_transaction()
        send(producer, topic, [f"{i}-{n}" for n in range(3)])
        producer.commit_transaction(60) if i % 2 else producer.abort_transaction(60)
    assert read(topic) == [f"{i}-{n}" for i in (1, 3) for n in range(3)]
    assert read(topic, "read_uncommitted") == [f"{i}-{n}" for i in range(5) for n in range(3)]


def test_transactions_that_interleave_are_kept_apart(client: Client, topic, name, read) -> None:
    good, bad, plain = client.transactional(name("good")), client.transactional(name("bad")), client.producer()
    good.begin_transaction(), bad.begin_transaction()
    for i in range(10):
        send(good, topic, [f"good-{i}"])
        send(bad, topic, [f"bad-{i}"])
        send(plain, topic, [f"plain-{i}"])
    bad.abort_transaction(60)
    assert read(topic, still_open=True) == []
    good.commit_transaction(60)
    assert read(topic) == [f"{kind}-{i}" for i in range(10) for kind in ("good", "plain")]


def test_an_open_transaction_holds_later_records_back(client: Client, topic, name, read) -> None:
    send(client.producer(), topic, ["before"])
    producer = client.transactional(name("x"))
    producer.begin_transaction()
    send(producer, topic, ["open"])
    send(client.producer(), topic, ["after"])
    assert read(topic, still_open=True) == ["before"]
    waiting = client.reader(topic, offset=1, isolation_level="read_committed", fetch_wait_max_ms=20_000)
    assert waiting.poll(0.5) is None
    producer.abort_transaction(60)
    assert values(take(waiting, 1, seconds=15)) == ["after"]


def test_aborted_records_amid_a_long_log_are_never_delivered(client: Client, topic, name) -> None:
    """Readers from any offset, with small fetches, need the aborted transactions of just their range."""
    producer = client.transactional(name("x"), batch_num_messages=20)
    for round_ in range(30):
        producer.begin_transaction()
        keep = round_ % 3 == 0
        send(producer, topic, [("keep" if keep else "drop") + "x" * 500] * 100)
        producer.commit_transaction(60) if keep else producer.abort_transaction(60)
    for offset in (0, 50, 101, 150, 1_000, 2_500):
        reader = client.reader(
            topic, offset=offset, isolation_level="read_committed", enable_partition_eof=True,
            fetch_message_max_bytes=30_000,
        )
        found = read_to_end(reader, topic)
        wanted = [o for r in range(0, 30, 3) for o in range(r * 101, r * 101 + 100) if o >= offset]
        assert [m.offset() for m in found] == wanted
        assert {v[:4] for v in values(found)} == {"keep"}


def test_markers_are_control_batches(broker, client: Client, topic, name) -> None:
    producer = client.transactional(name("x"))
    producer.begin_transaction()
    send(producer, topic, ["v"])
    producer.commit_transaction(60)
    wait_for("the marker", lambda: settled(client, topic, 1))
    stored = wire.fetch(broker.address, topic)
    assert [(b.transactional, b.control) for b in stored] == [(True, False), (True, True)]


def test_an_empty_transaction_leaves_nothing(client: Client, topic, name, read) -> None:
    producer = client.transactional(name("x"))
    producer.begin_transaction()
    producer.commit_transaction(60)
    producer.begin_transaction()
    producer.abort_transaction(60)
    assert client.consumer("marks").get_watermark_offsets(TopicPartition(topic, 0), timeout=20) == (0, 0)


def fenced(action) -> bool:
    with pytest.raises(KafkaException) as refused:
        action()
    error = refused.value.args[0]
    assert error.fatal() and error.code() in FENCED, error
    return True


def test_a_newer_producer_fences_the_older_and_aborts_its_work(client: Client, topic, name, read) -> None:
    id = name("x")
    zombie = client.transactional(id)
    zombie.begin_transaction()
    send(zombie, topic, ["zombie"])
    successor = client.transactional(id)
    assert fenced(lambda: zombie.commit_transaction(60))
    successor.begin_transaction()
    send(successor, topic, ["successor"])
    successor.commit_transaction(60)
    assert read(topic) == ["successor"]


def test_a_fenced_producer_cannot_write(client: Client, topic, name, read) -> None:
    id = name("x")
    zombie = client.transactional(id)
    zombie.begin_transaction()
    send(zombie, topic, ["zombie"])
    client.transactional(id)
    zombie.produce(topic, "late")
    # The binding throws the fatal error out of the call that serves callbacks.
    with pytest.raises((KafkaException, SystemError)):
        zombie.flush(60)
    assert fenced(lambda: zombie.commit_transaction(60))
    assert read(topic) == [] and read(topic, "read_uncommitted") == ["zombie"]


def test_a_transaction_that_takes_too_long_is_aborted(client: Client, topic, name, read) -> None:
    producer = client.transactional(name("x"), transaction_timeout_ms=1_500)
    producer.begin_transaction()
    send(producer, topic, ["late"])
    send(client.producer(), topic, ["after"])
    assert read(topic) == ["after"]
    with pytest.raises(KafkaException):
        producer.commit_transaction(60)
    assert read(topic) == ["after"]


def test_a_timeout_beyond_the_brokers_is_refused(client: Client, name) -> None:
    producer = client.producer(transactional_id=name("x"), transaction_timeout_ms=2_000_000_000)
    with pytest.raises(KafkaException) as refused:
        producer.init_transactions(30)
    assert refused.value.args[0].code() == KafkaError.INVALID_TRANSACTION_TIMEOUT


def consume_and_forward(client: Client, source: str, target: str, group: str, id: str, count: int, commit: bool) -> None:
    consumer = client.consumer(group, isolation_level="read_committed")
    consumer.subscribe([source])
    messages = take(consumer, count)
    producer = client.transactional(id)
    producer.begin_transaction()
    send(producer, target, [b"<" + m.value() + b">" for m in messages])
    ends = consumer.position(consumer.assignment())
    producer.send_offsets_to_transaction(ends, consumer.consumer_group_metadata(), 60)
    producer.commit_transaction(60) if commit else producer.abort_transaction(60)
    consumer.close()


def test_offsets_are_committed_with_the_transaction(client: Client, name, read) -> None:
    source, target, group, id = client.create(name("a")), client.create(name("b")), name("g"), name("x")
    send(client.producer(), source, [str(i) for i in range(10)])

    def committed() -> int:
        return client.consumer(group).committed([TopicPartition(source, 0)], timeout=20)[0].offset

    consume_and_forward(client, source, target, group, id, 5, commit=False)
    assert (read(target), committed()) == ([], -1001)
    consume_and_forward(client, source, target, group, id, 5, commit=True)
    assert (read(target), committed()) == ([f"<{i}>" for i in range(5)], 5)
    consume_and_forward(client, source, target, group, id, 5, commit=True)
    assert (read(target), committed()) == ([f"<{i}>" for i in range(10)], 10)


def test_offsets_of_an_open_transaction_are_awaited(client: Client, name) -> None:
    """A successor must not start from offsets that a transaction is about to replace."""
    source, group = client.create(name("a")), name("g")
    send(client.producer(), source, ["v"] * 3)
    consumer = client.consumer(group)
    consumer.subscribe([source])
    take(consumer, 3)
    producer = client.transactional(name("x"))
    producer.begin_transaction()
    producer.send_offsets_to_transaction(
        [TopicPartition(source, 0, 3)], consumer.consumer_group_metadata(), 60
    )
    other = client.consumer(group)
    with pytest.raises(KafkaException) as waiting:
        other.committed([TopicPartition(source, 0)], timeout=2)
    assert waiting.value.args[0].code() in {KafkaError._TIMED_OUT, KafkaError.UNSTABLE_OFFSET_COMMIT}
    producer.commit_transaction(60)
    assert other.committed([TopicPartition(source, 0)], timeout=20)[0].offset == 3


def test_a_producer_outside_the_group_cannot_commit_for_it(client: Client, name) -> None:
    """A member whose generation has passed is refused, so two workers never both count."""
    source, group = client.create(name("a"), 2), name("g")
    stale = client.consumer(group)
    stale.subscribe([source])
    wait_for("an assignment", lambda: stale.poll(0.1) is None and stale.assignment())
    old = stale.consumer_group_metadata()
    stale.close()
    producer: Producer = client.transactional(name("x"))
    producer.begin_transaction()
    with pytest.raises(KafkaException) as refused:
        producer.send_offsets_to_transaction([TopicPartition(source, 0, 1)], old, 60)
    error = refused.value.args[0]
    assert error.txn_requires_abort() and error.code() in {KafkaError.UNKNOWN_MEMBER_ID, KafkaError.ILLEGAL_GENERATION}
    producer.abort_transaction(60)


def test_one_transaction_after_another_needs_no_pause(client: Client, topic, name, read) -> None:
    producer = client.transactional(name("x"))
    for i in range(200):
        producer.begin_transaction()
        producer.produce(topic, str(i))
        producer.commit_transaction(60)
    assert read(topic) == [str(i) for i in range(200)]
