"""The Kafka address knows workspaces: credentials reach what they own, nothing else, not even by listing."""

from __future__ import annotations

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from running import Platform, wait_for


def settings(platform: Platform, **more) -> dict:
    return {**platform.get(f"/workspaces/{platform.workspace}/broker/librdkafka"), **more}


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256"])
def test_both_mechanisms_let_the_right_password_in(platform: Platform, mechanism: str) -> None:
    admin = AdminClient(settings(platform, **{"sasl.mechanism": mechanism}))
    platform.post(f"/{platform.workspace}/topics", {"name": f"hello-{mechanism.lower()}"})
    assert f"{platform.workspace}-hello-{mechanism.lower()}" in admin.list_topics(timeout=10).topics


@pytest.mark.parametrize("change", [{"sasl.password": "wrong"}, {"sasl.username": "nobody"}])
@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256"])
def test_wrong_credentials_are_refused(platform: Platform, mechanism: str, change: dict) -> None:
    errors = []
    change = {"sasl.mechanism": mechanism, "error_cb": errors.append, **change}
    client = Producer(settings(platform, **change))
    with pytest.raises(KafkaException):
        client.list_topics(timeout=3)

    def told() -> bool:
        client.poll(0.1)
        return any(e.code() == KafkaError._AUTHENTICATION for e in errors)

    wait_for("refusal", told, 10)


def test_without_credentials_nothing_answers(platform: Platform) -> None:
    with pytest.raises(KafkaException):
        AdminClient({"bootstrap.servers": platform.kafka}).list_topics(timeout=3)


def test_names_outside_of_the_workspace_are_refused(platform: Platform) -> None:
    admin = AdminClient(settings(platform))
    outcome = admin.create_topics([NewTopic("someone-elses-topic", 1, 1)])["someone-elses-topic"]
    with pytest.raises(KafkaException) as refused:
        outcome.result(10)
    assert refused.value.args[0].code() == KafkaError.TOPIC_AUTHORIZATION_FAILED

    failed = []
    producer = Producer(settings(platform))
    producer.produce("someone-elses-topic", b"x", on_delivery=lambda error, _: failed.append(error))
    producer.flush(10)
    assert failed and failed[0] is not None

    consumer = Consumer(settings(platform, **{"group.id": "someone-elses-group"}))
    consumer.subscribe([f"{platform.workspace}-anything"])
    message = consumer.poll(10)
    assert message is not None and message.error().code() == KafkaError.GROUP_AUTHORIZATION_FAILED
    consumer.close()


def test_a_topic_made_by_kafka_is_known_to_the_platform(platform: Platform) -> None:
    name = f"{platform.workspace}-made-by-kafka"
    admin = AdminClient(settings(platform))
    admin.create_topics([NewTopic(name, 2, 1)])[name].result(10)
    topic = wait_for("the topic", lambda: next(
        (t for t in platform.get(f"/{platform.workspace}/topics") if t["id"] == name), None))
    assert topic["name"] == "made-by-kafka" and topic["configuration"]["partitions"] == 2
