"""Group members that are driven together from one thread, as their callbacks come."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from clients import DEADLINE, Client, wait_for


class Member:
    """A consumer that notes what it was given, what was taken from it and what it read."""

    def __init__(self, client: Client, group: str, topics: str | list[str], **config: Any) -> None:
        self.owned: set[int] = set()
        self.given: list[set[int]] = []
        self.taken: list[set[int]] = []
        self.lost: list[set[int]] = []
        self.read: list[Message] = []
        self.errors: list[Any] = []
        self.cooperative = config.get("partition_assignment_strategy") == "cooperative-sticky"
        self.consumer: Consumer = client.consumer(group, **config)
        topics = [topics] if isinstance(topics, str) else topics
        self.consumer.subscribe(topics, on_assign=self._assign, on_revoke=self._revoke, on_lost=self._lose)

    def _assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        numbers = {p.partition for p in partitions}
        self.given.append(numbers)
        if self.cooperative:
            self.owned |= numbers
        else:
            self.owned = numbers

    def _revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self.taken.append({p.partition for p in partitions})
        self._commit()
        self.owned -= self.taken[-1]

    def _lose(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self.lost.append({p.partition for p in partitions})
        self.owned -= self.lost[-1]

    def _commit(self) -> None:
        """Commits what was read of the partitions owned."""
        ends = {}
        for message in self.read:
            if message.partition() in self.owned:
                ends[message.topic(), message.partition()] = message.offset() + 1
        if ends:
            self.consumer.commit(offsets=[TopicPartition(t, p, o) for (t, p), o in ends.items()], asynchronous=False)

    def poll(self) -> None:
        try:
            messages = self.consumer.consume(1_000, timeout=0.05)
        except KafkaException as error:
            self.errors.append(error.args[0])
            return
        for message in messages:
            self.errors.append(message.error()) if message.error() else self.read.append(message)

    def close(self) -> None:
        self.consumer.close()


def drive(members: Iterable[Member], what: str, done: Callable[[], Any], seconds: float = DEADLINE) -> None:
    """Polls every member until `done`."""
    members = list(members)

    def probe() -> Any:
        for member in members:
            member.poll()
        return done()

    try:
        wait_for(what, probe, seconds)
    except AssertionError as error:
        state = [(sorted(m.owned), len(m.read), m.errors[-3:]) for m in members]
        raise AssertionError(f"{error}; members own, read, erred: {state}") from None


def shared(members: list[Member], partitions: int) -> bool:
    """Whether the members own every partition once, as evenly as can be."""
    owned = [p for m in members for p in m.owned]
    even = max(len(m.owned) for m in members) - min(len(m.owned) for m in members) <= 1
    return sorted(owned) == list(range(partitions)) and even
