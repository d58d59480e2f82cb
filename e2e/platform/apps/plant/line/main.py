"""One machine of a plant: makes figures, passes them on or takes them, by which topics it was given."""

import json
import math
import os
import time
import urllib.request

from confluent_kafka import Consumer, Producer

WORKSPACE = os.environ["Quix__Workspace__Id"]
DEPLOYMENT = os.environ["Quix__Deployment__Id"]
INPUT, OUTPUT = os.environ.get("input"), os.environ.get("output")
SECONDS = float(os.environ.get("seconds", "0.5"))


def settings() -> dict:
    request = urllib.request.Request(
        f"{os.environ['Quix__Portal__Api']}/workspaces/{WORKSPACE}/broker/librdkafka",
        headers={"Authorization": f"Bearer {os.environ['Quix__Sdk__Token']}"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def figures():
    """Figures for ever, of the clock: a temperature that swings, a counter."""
    n = 0
    while True:
        yield {"n": n, "celsius": round(60 + 20 * math.sin(time.time() / 20), 2), "unit": DEPLOYMENT[:8]}
        n += 1
        time.sleep(SECONDS)


def taken(consumer: Consumer):
    consumer.subscribe([f"{WORKSPACE}-{INPUT}"])
    while True:
        message = consumer.poll(1)
        if message is not None and not message.error():
            yield json.loads(message.value())


kafka = settings()
group = {"group.id": f"{WORKSPACE}-{DEPLOYMENT}", "auto.offset.reset": "earliest"}
source = taken(Consumer({**kafka, **group})) if INPUT else figures()
producer = Producer(kafka) if OUTPUT else None
print(f"{INPUT or 'figures'} -> {OUTPUT or 'nowhere'}", flush=True)
for count, figure in enumerate(source):
    if producer:
        producer.produce(f"{WORKSPACE}-{OUTPUT}", json.dumps(figure), key=f"machine-{figure['n'] % 4}")
        producer.poll(0)
    if count % 20 == 0:
        print(f"{count} passed, the last was {figure}", flush=True)
