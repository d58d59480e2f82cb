"""Produces ROWS rows over KEYS keys, 10 ms of event time apart, then one late row a key that closes all windows."""

import json
import os

from quixstreams import Application

ROWS, KEYS, START = (int(os.environ[name]) for name in ("ROWS", "KEYS", "START"))

app = Application()
topic = app.topic(os.environ["OUTPUT"], value_serializer="json", key_serializer="str")
failed = []


def delivered(error, _message):
    if error:
        failed.append(str(error))


with app.get_producer() as producer:
    def send(key, value, timestamp):
        message = topic.serialize(key=key, value=value, timestamp_ms=timestamp)
        producer.produce(topic.name, message.value, message.key, timestamp=timestamp, on_delivery=delivered)
        producer.poll(0)

    for i in range(ROWS):
        send(f"k{i % KEYS}", {"n": i}, START + i * 10)
    for k in range(KEYS):
        send(f"k{k}", {"n": 0}, START + ROWS * 10 + 3_600_000)
    producer.flush()

assert not failed, failed[:3]
print(json.dumps({"rows": ROWS}))
