"""Consumer groups share partitions, hand them over and lose nobody's records."""

from __future__ import annotations

import subprocess
import sys

import pytest
from confluent_kafka import ConsumerGroupState, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import NewPartitions

from clients import Client, outcome, send, take, wait_for
from members import Member, drive, shared

EAGER = ["range", "roundrobin"]
STRATEGIES = [*EAGER, "cooperative-sticky"]


def numbered(client: Client, topic: str, partitions: int, first: int, last: int) -> None:
    producer = client.producer()
    for i in range(first, last):
        producer.produce(topic, str(i), partition=i % partitions)
    assert producer.flush(60) == 0


def numbers(*members: Member) -> list[int]:
    return sorted(int(m.value()) for member in members for m in member.read)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_members_come_and_go_and_every_record_is_read_once(client: Client, name, strategy: str) -> None:
    topic, group = client.create(name(), 6), name("g")
    config = {"partition_assignment_strategy": strategy}
    numbered(client, topic, 6, 0, 600)
    first = Member(client, group, topic, **config)
    drive([first], "600 records at the first", lambda: len(first.read) == 600 and shared([first], 6))

    second = Member(client, group, topic, **config)
    drive([first, second], "an even share of two", lambda: shared([first, second], 6))
    third = Member(client, group, topic, **config)
    drive([first, second, third], "an even share of three", lambda: shared([first, second, third], 6))
    numbered(client, topic, 6, 600, 1200)
    every = [first, second, third]
    drive(every, "1,200 records", lambda: len(numbers(*every)) >= 1200)

    second.close()
    drive([first, third], "an even share of the two left", lambda: shared([first, third], 6))
    numbered(client, topic, 6, 1200, 1800)
    drive([first, third], "1,800 records", lambda: len(numbers(*every)) >= 1800)
    assert numbers(*every) == list(range(1800))
    assert not [m.lost for m in every if m.lost] and not [m.errors for m in every if m.errors]


def test_cooperative_members_keep_what_they_need_not_give(client: Client, name) -> None:
    topic, group = client.create(name(), 6), name("g")
    first = Member(client, group, topic, partition_assignment_strategy="cooperative-sticky")
    drive([first], "all partitions", lambda: shared([first], 6))
    second = Member(client, group, topic, partition_assignment_strategy="cooperative-sticky")
    drive([first, second], "an even share", lambda: shared([first, second], 6))
    assert [len(taken) for taken in first.taken if taken] == [3]
    assert first.given[0] == set(range(6)) and all(not given for given in first.given[1:])


@pytest.mark.parametrize("strategy", EAGER)
def test_eager_members_give_up_all_and_take_anew(client: Client, name, strategy: str) -> None:
    topic, group = client.create(name(), 6), name("g")
    first = Member(client, group, topic, partition_assignment_strategy=strategy)
    drive([first], "all partitions", lambda: shared([first], 6))
    second = Member(client, group, topic, partition_assignment_strategy=strategy)
    drive([first, second], "an even share", lambda: shared([first, second], 6))
    assert first.taken[0] == set(range(6))
    if strategy == "range":
        assert {frozenset(first.owned), frozenset(second.owned)} == {frozenset({0, 1, 2}), frozenset({3, 4, 5})}


def test_members_that_agree_on_no_strategy_are_refused(client: Client, name) -> None:
    topic, group = client.create(name(), 2), name("g")
    first = Member(client, group, topic, partition_assignment_strategy="range")
    drive([first], "all partitions", lambda: shared([first], 2))
    other = Member(client, group, topic, partition_assignment_strategy="cooperative-sticky")
    refused = KafkaError.INCONSISTENT_GROUP_PROTOCOL
    drive([first, other], "the refusal", lambda: refused in [e.code() for e in other.errors])
    assert first.owned == {0, 1}


def test_new_partitions_and_topics_reach_the_members(client: Client, name) -> None:
    stem, group = name("grows"), name("g")
    topic = client.create(stem + "-a", 2)
    member = Member(client, group, f"^{stem}.*", topic_metadata_refresh_interval_ms=300)
    drive([member], "two partitions", lambda: member.owned == {0, 1})
    assert outcome(client.admin.create_partitions([NewPartitions(topic, 5)])) == {topic: None}
    drive([member], "five partitions", lambda: member.owned == set(range(5)))
    second = client.create(stem + "-b", 1)
    send(client.producer(), second, ["new"])
    drive([member], "the new topic's record", lambda: [m.topic() for m in member.read] == [second])


def test_a_static_member_returns_without_a_rebalance(client: Client, name) -> None:
    topic, group = client.create(name(), 4), name("g")

    def member(instance: str) -> Member:
        return Member(client, group, topic, group_instance_id=instance, session_timeout_ms=30_000)

    first, second = member("a"), member("b")
    drive([first, second], "an even share", lambda: shared([first, second], 4))
    numbered(client, topic, 4, 0, 40)
    drive([first, second], "40 records", lambda: len(numbers(first, second)) == 40)
    first._commit()
    before, turns = set(first.owned), (len(second.given), len(second.taken))

    first.close()
    again = member("a")
    drive([again, second], "the same partitions", lambda: again.owned == before)
    numbered(client, topic, 4, 40, 80)
    drive([again, second], "40 more records", lambda: len(numbers(again, second, first)) >= 80)
    assert numbers(again, second, first) == list(range(80))
    assert (len(second.given), len(second.taken)) == turns, "the other member was disturbed"
    described = client.admin.describe_consumer_groups([group])[group].result(30)
    assert {m.group_instance_id for m in described.members} == {"a", "b"}


def test_a_second_instance_of_a_static_member_fences_the_first(client: Client, name) -> None:
    topic, group = client.create(name(), 2), name("g")
    first = Member(client, group, topic, group_instance_id="only")
    drive([first], "all partitions", lambda: shared([first], 2))
    second = Member(client, group, topic, group_instance_id="only")
    fenced = (KafkaError.FENCED_INSTANCE_ID, KafkaError._FATAL)
    drive([first, second], "the fencing", lambda: any(e.code() in fenced for e in first.errors))
    drive([second], "the second's turn", lambda: shared([second], 2))


def test_a_member_that_dies_is_replaced_after_its_session(client: Client, name) -> None:
    topic, group = client.create(name(), 4), name("g")
    member = Member(client, group, topic)
    program = (
        "import sys, confluent_kafka\n"
        "c = confluent_kafka.Consumer({'bootstrap.servers': sys.argv[1], 'group.id': sys.argv[2], 'session.timeout.ms': 6000})\n"
        "c.subscribe([sys.argv[3]], on_assign=lambda c, ps: print('assigned', len(ps), flush=True))\n"
        "while True: c.poll(0.1)\n"
    )
    drive([member], "all partitions", lambda: shared([member], 4))
    other = subprocess.Popen(
        [sys.executable, "-c", program, client.address, group, topic], stdout=subprocess.PIPE, text=True
    )
    try:
        drive([member], "half of the partitions", lambda: len(member.owned) == 2)
        assert other.stdout and other.stdout.readline() == "assigned 2\n"
    finally:
        other.kill()
        other.wait()
    drive([member], "all partitions again", lambda: shared([member], 4))


def test_a_member_that_stops_polling_leaves(client: Client, name) -> None:
    topic, group = client.create(name(), 2), name("g")
    slow = Member(client, group, topic, max_poll_interval_ms=6000)
    drive([slow], "all partitions", lambda: shared([slow], 2))
    other = Member(client, group, topic)
    drive([other, slow], "an even share", lambda: shared([slow, other], 2))
    drive([other], "all partitions", lambda: shared([other], 2))
    drive([other, slow], "the slow one's return", lambda: shared([slow, other], 2))
    assert KafkaError._MAX_POLL_EXCEEDED in [e.code() for e in slow.errors]


def test_a_group_is_described_in_every_state(client: Client, name) -> None:
    topic, group = client.create(name(), 3), name("g")

    def described():
        return client.admin.describe_consumer_groups([group])[group].result(30)

    member = Member(client, group, topic, client_id="describer", partition_assignment_strategy="roundrobin")
    drive([member], "all partitions", lambda: shared([member], 3))
    state = described()
    assert state.state == ConsumerGroupState.STABLE and state.partition_assignor == "roundrobin"
    assert not state.is_simple_consumer_group
    (only,) = state.members
    assert only.client_id == "describer" and only.member_id.startswith("describer-") and only.host.strip("/") == "127.0.0.1"
    assert {(p.topic, p.partition) for p in only.assignment.topic_partitions} == {(topic, p) for p in range(3)}

    member.consumer.commit(offsets=[TopicPartition(topic, 0, 0)], asynchronous=False)
    member.close()
    wait_for("an empty group", lambda: described().state == ConsumerGroupState.EMPTY)
    assert described().members == []
    assert outcome(client.admin.delete_consumer_groups([group])) == {group: None}


def test_two_groups_read_everything_each(client: Client, name) -> None:
    topic = client.create(name(), 3)
    members = [Member(client, name("g"), topic) for _ in range(2)]
    numbered(client, topic, 3, 0, 300)
    drive(members, "300 records at each", lambda: all(len(m.read) >= 300 for m in members))
    assert numbers(members[0]) == numbers(members[1]) == list(range(300))


def test_automatic_commits_let_a_successor_go_on(client: Client, name) -> None:
    topic, group = client.create(name(), 1), name("g")
    numbered(client, topic, 1, 0, 100)
    first = client.consumer(group, enable_auto_commit=True, auto_commit_interval_ms=200)
    first.subscribe([topic])
    take(first, 60)
    first.close()
    second = client.consumer(group)
    second.subscribe([topic])
    assert [int(m.value()) for m in take(second, 40)] == list(range(60, 100))


def test_a_commit_of_an_outsider_is_refused(client: Client, name) -> None:
    topic, group = client.create(name(), 1), name("g")
    member = Member(client, group, topic)
    drive([member], "all partitions", lambda: shared([member], 1))
    outsider = client.consumer(group)
    with pytest.raises(KafkaException) as refused:
        outsider.commit(offsets=[TopicPartition(topic, 0, 5)], asynchronous=False)
    assert refused.value.args[0].code() == KafkaError.UNKNOWN_MEMBER_ID
