"""What the platform knows of its readers: who they are, how far they are behind, and that they end with their deployment."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

from running import Checkout, Platform, wait_for
from test_kafka_access import settings
from test_quixstreams import Application, kafka

# Keeps its token in its state, for a client outside that acts as it.
TELLS_TOKEN = """
import os, pathlib, time
pathlib.Path(os.environ["Quix__Deployment__State__Path"], "token").write_text(os.environ["Quix__Sdk__Token"])
print("up", flush=True)
time.sleep(3600)
"""


@pytest.fixture(scope="module")
def reader(platform: Platform, checkout: Checkout) -> Platform:
    checkout.write({
        "reader/app.yaml": "name: reader\nlanguage: Python\nrunEntryPoint: main.py\n",
        "reader/main.py": TELLS_TOKEN,
        "reader/requirements.txt": "",
    })
    checkout.push("Add a reader")
    return platform


def deploy(platform: Platform, name: str) -> tuple[str, str]:
    """A deployment, and the token of its one replica."""
    id = platform.deploy("reader", name=name, stateEnabled=True, stateSize=1)
    kept = platform.folder / "state" / id / "token"
    platform.wait_status(id, "Running")
    return id, wait_for("the token", lambda: kept.exists() and kept.read_text())


def credentials(platform: Platform, token: str) -> dict:
    answer = platform.call("GET", f"/workspaces/{platform.workspace}/broker/librdkafka", token=token)
    assert answer.status_code == 200, answer.text
    return answer.json()


def write(platform: Platform, topic: str, count: int) -> None:
    producer = Producer(settings(platform))
    for i in range(count):
        producer.produce(f"{platform.workspace}-{topic}", f"{i}", partition=i % 2)
    assert producer.flush(30) == 0


def read(consumer: Consumer, count: int) -> None:
    seen = 0

    def enough() -> bool:
        nonlocal seen
        seen += sum(1 for message in consumer.consume(100, 0.5) if not message.error())
        return seen >= count

    wait_for(f"{count} records", enough)
    consumer.commit(asynchronous=False)


def groups(platform: Platform, path: str) -> dict[str, dict]:
    return {group["group"]: group for group in platform.get(path)}


def test_a_stopped_reader_falls_behind_and_is_moved(reader: Platform) -> None:
    platform, group = reader, f"{reader.workspace}-tellers"
    platform.post(f"/{platform.workspace}/topics", {"name": "told", "configuration": {"partitions": 2}})
    path, one = f"/{platform.workspace}/topics/told/groups", f"/{platform.workspace}/groups/{group}"
    write(platform, "told", 10)
    id, token = deploy(platform, "teller")
    own = credentials(platform, token)
    assert own["sasl.username"] != platform.workspace
    consumer = Consumer({**own, "group.id": group, "auto.offset.reset": "earliest", "client.id": "teller-0"})
    consumer.subscribe([f"{platform.workspace}-told"])
    read(consumer, 10)

    seen = groups(platform, path)[group]
    assert (seen["state"], seen["members"], seen["lag"], seen["deploymentIds"]) == ("Stable", 1, 0, [id])
    for partition in seen["partitions"]:
        assert (partition["committed"], partition["end"], partition["lag"]) == (5, 5, 0)
        assert (partition["clientId"], partition["deploymentId"], partition["replica"]) == ("teller-0", id, 0)
    assert platform.call("DELETE", one).status_code == 409
    assert platform.call("POST", one + "/offsets", {"topic": "told", "to": "earliest"}).status_code == 409

    consumer.close()
    write(platform, "told", 6)
    seen = groups(platform, path)[group]
    assert (seen["state"], seen["members"], seen["lag"]) == ("Empty", 0, 6)
    assert groups(platform, f"/deployments/{id}/groups") == {group: seen}
    # It is known as well after a restart, although nobody has come back.
    platform.kill()
    platform.start()
    assert groups(platform, f"/deployments/{id}/groups") == {group: seen}

    assert platform.post(one + "/offsets", {"topic": "told", "to": {"0": 7}})["lag"] == 1 + 3
    assert platform.post(one + "/offsets", {"topic": "told", "to": "earliest"})["lag"] == 16
    again = Consumer({**credentials(platform, token), "group.id": group})
    again.subscribe([f"{platform.workspace}-told"])
    read(again, 16)
    again.close()
    assert platform.call("DELETE", one).status_code == 204
    assert group not in groups(platform, path)


def test_a_quixstreams_reader_is_known_by_its_deployment(reader: Platform, tmp_path: Path) -> None:
    platform, group = reader, f"{reader.workspace}-adders"
    start = int(time.time()) // 1000 * 1_000_000 - 1_000_000
    produce = {"OUTPUT": "numbers", "ROWS": "100", "KEYS": "2", "START": str(start)}
    Application(platform, "produce.py", tmp_path / "first", **produce).wait(120)
    id, token = deploy(platform, "adder")
    application = Application(
        platform, "totals.py", tmp_path / "totals", INPUT="numbers", OUTPUT="sums", GROUP="adders",
        GUARANTEE="exactly-once", Quix__Sdk__Token=token,
    )
    path = f"/deployments/{id}/groups"
    at_numbers = lambda: next((each for each in platform.get(path) if each["topic"] == "numbers"), None)  # noqa: E731
    try:
        seen = wait_for("all to be read", lambda: (seen := at_numbers()) and seen["lag"] == 0 and seen, 120)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{application.output()}") from None
    finally:
        application.stop()
    assert seen["group"] == group and seen["deploymentIds"] == [id]
    before = seen["partitions"][0]["end"]
    Application(platform, "produce.py", tmp_path / "second", **produce).wait(120)
    seen = at_numbers()
    assert seen["lag"] == seen["partitions"][0]["end"] - before > 100
    assert kafka(platform).list_topics(timeout=10)


def test_credentials_end_with_their_deployment(reader: Platform) -> None:
    platform = reader
    id, token = deploy(platform, "short-lived")
    own = credentials(platform, token)
    consumer = Consumer({**own, "group.id": f"{platform.workspace}-short-lived"})
    assert consumer.list_topics(timeout=10).topics
    # What a client holds is no more than what the workspace's token may do.
    assert platform.call("DELETE", f"/deployments/{id}", token=token).status_code in (403, 404)
    assert platform.call("DELETE", f"/deployments/{id}").status_code in (200, 204)
    wait_for("it to be gone", lambda: platform.call("GET", f"/deployments/{id}").status_code == 404)

    def refused() -> bool:
        path = f"/workspaces/{platform.workspace}/broker/librdkafka"
        return platform.call("GET", path, token=token).status_code == 401

    wait_for("the token to end", refused)
    errors = []
    client = Producer({**own, "error_cb": errors.append})
    with pytest.raises(KafkaException):
        client.list_topics(timeout=3)

    def told() -> bool:
        client.poll(0.1)
        return any(error.code() == KafkaError._AUTHENTICATION for error in errors)

    wait_for("refusal", told, 10)
    consumer.close()
