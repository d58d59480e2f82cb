"""Writes this machine's CPU, memory, disk and network figures to a topic, once a second."""

import logging
import os
import signal
import threading
import time

from quixstreams import Application

from figures import Machine

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
logging.getLogger("httpx").setLevel(logging.WARNING)
log = logging.getLogger("machine-telemetry")


def main() -> None:
    stop = threading.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, lambda *_: stop.set())

    interval = float(os.environ.get("interval_seconds") or 1)
    app = Application(loglevel="WARNING")
    topic = app.topic(os.environ["output"], value_serializer="json", key_serializer="str")
    machine = Machine()

    with app.get_producer() as producer:
        log.info("CONNECTED! writing to %s every %g s as %s", topic.name, interval, machine.name)
        next_sample = time.monotonic() + interval
        while not stop.wait(max(0.0, next_sample - time.monotonic())):
            next_sample += interval
            message = topic.serialize(key=machine.name, value=machine.sample())
            producer.produce(topic=topic.name, key=message.key, value=message.value)
            producer.poll(0)
    log.info("stopped")


if __name__ == "__main__":
    main()
