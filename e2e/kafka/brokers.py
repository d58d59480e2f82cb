"""The broker under test: Headwater's, or Apache Kafka as the reference (E2E_BROKER=kafka)."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import threading
import time
from collections import deque
from pathlib import Path

from confluent_kafka.admin import AdminClient

APACHE_KAFKA = Path(__file__).parents[2] / "bench" / "peers" / "apache-kafka"
READY = re.compile(r"headwater broker ready kafka=127\.0\.0\.1:(\d+)")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Broker:
    """A broker process on its own folder. Killed and started again it keeps its port and its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.output: deque[str] = deque(maxlen=2000)
        self.process: subprocess.Popen | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self, seconds: float = 90) -> "Broker":
        """Starts and waits until a client gets an answer."""
        self.process = subprocess.Popen(
            self.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            env=self.environment(),
        )
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()
        deadline = time.monotonic() + seconds
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("the broker did not start:\n" + "\n".join(self.output))
        return self

    def answers(self) -> bool:
        if not self.port:
            time.sleep(0.01)
            return False
        try:
            socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            # Own log callback: refused connections of a starting broker are no news.
            admin = AdminClient({"bootstrap.servers": self.address, "log_level": 0})
            return bool(admin.list_topics(timeout=2).brokers)
        except Exception:
            time.sleep(0.02)
            return False

    def _read(self, process: subprocess.Popen) -> None:
        assert process.stdout
        for line in process.stdout:
            self.output.append(line.rstrip())
            if match := READY.search(line):
                self.port = int(match[1])

    def kill(self) -> None:
        """kill -9."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        self.kill()
        self.start()

    def stop(self, seconds: float = 30) -> None:
        """Asks the broker to end, as a service manager does."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"the broker did not end {seconds:g} s after SIGTERM") from None

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def command(self) -> list:
        raise NotImplementedError


class Headwater(Broker):
    name = "headwater"

    def command(self) -> list:
        binary = os.environ["HEADWATER_BIN"]
        return [binary, "broker", "--data-dir", self.folder, "--kafka-addr", f"127.0.0.1:{self.port}"]


class ApacheKafka(Broker):
    name = "kafka"

    #: Open transactions and deleted files are looked at every second; all else is as it comes.
    SETTINGS = (
        "transaction.abort.timed.out.transaction.cleanup.interval.ms=1000",
        "log.segment.delete.delay.ms=1000",
    )

    def start(self, seconds: float = 90) -> "Broker":
        if not self.port:
            self.port = free_port()
            settings = [APACHE_KAFKA, "format", self.folder, str(self.port), str(free_port()), *self.SETTINGS]
            subprocess.run(settings, check=True)
        return super().start(seconds)

    def environment(self) -> dict[str, str]:
        return {**os.environ, "KAFKA_HEAP_OPTS": "-Xmx512M -Xms512M"}

    def command(self) -> list:
        return [APACHE_KAFKA, "run", self.folder]


def new_broker(folder: Path) -> Broker:
    return {"headwater": Headwater, "kafka": ApacheKafka}[os.environ.get("E2E_BROKER", "headwater")](folder)
