"""Short ways to confluent-kafka (librdkafka) that the suites share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

DEADLINE = 60.0

#: A day ago, in milliseconds: event times are recent, or retention would take the records.
START = int(time.time() - 86_400) // 1_000 * 1_000_000


def wait_for(what: str, probe: Callable[[], Any], seconds: float = DEADLINE) -> Any:
    """The first true answer of `probe`, which itself waits a little; fails naming `what` and the last answer."""
    deadline = time.monotonic() + seconds
    last = None
    while time.monotonic() < deadline:
        last = probe()
        if last:
            return last
        time.sleep(0.01)
    raise AssertionError(f"no {what} within {seconds:g} s; last seen: {last!r}")


def outcome(futures: dict[Any, Future]) -> dict[Any, Any]:
    """Results of admin futures by name: the value, or the KafkaError."""
    results = {}
    for name, future in futures.items():
        try:
            results[name] = future.result(timeout=DEADLINE)
        except KafkaException as error:
            results[name] = error.args[0]
    return results


class Client:
    """Makes producers, consumers and an admin client of one broker, and closes them at the end."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.admin = AdminClient({"bootstrap.servers": address})
        self._consumers: list[Consumer] = []

    def create(self, name: str, partitions: int = 1, **config: Any) -> str:
        """Creates a topic and waits until every partition has a leader; `retention_ms=1` means `retention.ms=1`."""
        config = {key.replace("_", "."): str(value) for key, value in config.items()}
        topic = NewTopic(name, num_partitions=partitions, replication_factor=1, config=config)
        self.admin.create_topics([topic])[name].result(timeout=DEADLINE)

        def leaders() -> bool:
            known = self.admin.list_topics(name, timeout=10).topics[name]
            return len(known.partitions) == partitions and all(p.leader >= 0 for p in known.partitions.values())

        wait_for(f"leaders of {name}", leaders)
        return name

    def producer(self, **config: Any) -> Producer:
        defaults = {"bootstrap.servers": self.address, "linger.ms": 2, "acks": "all"}
        return Producer(defaults | dotted(config))

    def transactional(self, id: str, **config: Any) -> Producer:
        """A producer that has taken its transactional id."""
        producer = self.producer(transactional_id=id, **config)
        producer.init_transactions(DEADLINE)
        return producer

    def consumer(self, group: str, **config: Any) -> Consumer:
        defaults = {
            "bootstrap.servers": self.address,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": 6000,
            "heartbeat.interval.ms": 500,
        }
        consumer = Consumer(defaults | dotted(config))
        self._consumers.append(consumer)
        return consumer

    def reader(self, topic: str, partitions: int = 1, offset: int = 0, **config: Any) -> Consumer:
        """A consumer without a group that reads every partition from `offset`."""
        consumer = self.consumer("reader-of-" + topic, **config)
        consumer.assign([TopicPartition(topic, p, offset) for p in range(partitions)])
        return consumer

    def close(self) -> None:
        for consumer in self._consumers:
            try:
                consumer.close()
            except RuntimeError:
                pass  # closed by the test
        del self.admin


def dotted(config: dict[str, Any]) -> dict[str, Any]:
    """`enable_idempotence=True` as librdkafka writes it; only `log_level` has an underscore there."""
    return {key if key == "log_level" else key.replace("_", "."): value for key, value in config.items()}


def send(producer: Producer, topic: str, values: Iterable[Any], **more: Any) -> list[Message]:
    """Produces `values` and waits for every acknowledgement; the delivered messages in order of acknowledgement."""
    delivered: list[Message] = []
    failed: list[Any] = []

    def report(error: Any, message: Message) -> None:
        failed.append(error) if error else delivered.append(message)

    for value in values:
        while True:
            try:
                producer.produce(topic, value, on_delivery=report, **more)
                break
            except BufferError:
                producer.poll(0.1)
    left = producer.flush(DEADLINE)
    assert not failed, failed[:3]
    assert left == 0, f"{left} records without an answer"
    return delivered


def take(consumer: Consumer, count: int, seconds: float = DEADLINE) -> list[Message]:
    """Exactly the next `count` messages."""
    messages: list[Message] = []

    def probe() -> bool:
        for message in consumer.consume(count - len(messages), timeout=0.5):
            assert message.error() is None, message.error()
            messages.append(message)
        return len(messages) >= count

    try:
        wait_for(f"{count} messages", probe, seconds)
    except AssertionError as error:
        raise AssertionError(f"{error}: {len(messages)} came") from None
    return messages


def read_to_end(consumer: Consumer, topic: str, partitions: int = 1, seconds: float = DEADLINE) -> list[Message]:
    """Everything up to the end of each partition, as a consumer made with `enable_partition_eof=True` sees it."""
    ended: set[int] = set()
    messages: list[Message] = []

    def probe() -> bool:
        for message in consumer.consume(10_000, timeout=0.5):
            if message.error() is None:
                messages.append(message)
                ended.discard(message.partition())
            else:
                assert message.error().code() == -191, message.error()  # _PARTITION_EOF
                ended.add(message.partition())
        return len(ended) == partitions

    wait_for(f"the end of {topic}", probe, seconds)
    return messages


def values(messages: Iterable[Message]) -> list[str | None]:
    return [None if m.value() is None else m.value().decode() for m in messages]
