"""kafkajs, in Node programs of their own (`node/kafkajs`) that check what they see and fail aloud."""

from __future__ import annotations

from clients import Client, outcome, read_to_end, send, values
from programs import kafkajs


def test_a_group_rebalances_and_handles_every_record(broker, client: Client, name) -> None:
    topic = client.create(name(), 4)
    result = kafkajs("group", broker.address, 120, topic=topic, group=name("g"), count=400)
    assert sorted(set(result["read"])) == list(range(1200))
    assert result["committed"] == 1200


def test_transactions_with_offsets(broker, client: Client, name) -> None:
    source, target, group = client.create(name("a")), client.create(name("b")), name("g")
    send(client.producer(), source, [str(i) for i in range(50)])
    result = kafkajs(
        "transactions", broker.address, 120, source=source, target=target, group=group, id=name("x"), count=50
    )
    assert (result["handled"], result["committed"]) == (50, 50)
    reader = client.reader(target, isolation_level="read_committed", enable_partition_eof=True)
    wanted = ["committed", "committed too", *(f"<{i}>" for i in range(50)), "successor"]
    assert values(read_to_end(reader, target)) == wanted


def test_administration(broker, client: Client, name) -> None:
    result = kafkajs("admin", broker.address, topic=name(), group=name("g"))
    assert result["clusterId"] == client.admin.list_topics(timeout=20).cluster_id
