"""The clients that can write and read a topic of one partition, under one shape."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, KafkaProducer
from kafka import TopicPartition as KafkaPythonPartition

from clients import DEADLINE, Client, take

NODE = Path(__file__).parents[1] / "node" / "kafkajs"


@dataclass
class Record:
    key: str | None
    value: str | None


def text(data: bytes | None) -> str | None:
    return None if data is None else data.decode()


def run(command: list[Any], stdin: str | None = None, seconds: float = DEADLINE, **environment: str) -> str:
    """Runs a program to its end and gives what it printed; fails with what it said when it fails."""
    done = subprocess.run(
        [str(part) for part in command], input=stdin, capture_output=True, text=True, timeout=seconds,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def kafkajs(program: str, address: str, seconds: float = DEADLINE, **task: Any) -> Any:
    """Runs `node/kafkajs/{program}.mjs` on `task` and gives the JSON that it prints."""
    stdin = json.dumps({"address": address, **task})
    return json.loads(run(["node", NODE / f"{program}.mjs"], stdin, seconds, KAFKAJS_NO_PARTITIONER_WARNING="1"))


class Confluent:
    @staticmethod
    def produce(address: str, topic: str, records: Iterable[Record], codec: str) -> None:
        producer = Client(address).producer(compression_type=codec, linger_ms=50)
        for record in records:
            producer.produce(topic, record.value, record.key)
        assert producer.flush(DEADLINE) == 0

    @staticmethod
    def consume(address: str, topic: str, count: int) -> list[Record]:
        client = Client(address)
        read = [Record(text(m.key()), text(m.value())) for m in take(client.reader(topic), count)]
        client.close()
        return read


class KafkaPython:
    @staticmethod
    def produce(address: str, topic: str, records: Iterable[Record], codec: str) -> None:
        compression = None if codec == "none" else codec
        producer = KafkaProducer(bootstrap_servers=address, compression_type=compression, linger_ms=50, acks="all")
        sent = [producer.send(topic, **{k: v and v.encode() for k, v in asdict(r).items()}) for r in records]
        for future in sent:
            future.get(DEADLINE)
        producer.close()

    @staticmethod
    def consume(address: str, topic: str, count: int) -> list[Record]:
        consumer = KafkaConsumer(bootstrap_servers=address, consumer_timeout_ms=DEADLINE * 1000)
        consumer.assign([KafkaPythonPartition(topic, 0)])
        consumer.seek_to_beginning()
        read = []
        for message in consumer:
            read.append(Record(text(message.key), text(message.value)))
            if len(read) == count:
                break
        consumer.close()
        return read


class KafkaJs:
    @staticmethod
    def produce(address: str, topic: str, records: Iterable[Record], codec: str) -> None:
        kafkajs("produce", address, topic=topic, codec=codec, records=[asdict(r) for r in records])

    @staticmethod
    def consume(address: str, topic: str, count: int) -> list[Record]:
        return [Record(r["key"], r["value"]) for r in kafkajs("consume", address, topic=topic, count=count)]


class Kcat:
    @staticmethod
    def produce(address: str, topic: str, records: Iterable[Record], codec: str) -> None:
        lines = "".join(f"{r.key or ''}\t{r.value or ''}\n" for r in records)
        run(["kcat", "-P", "-b", address, "-t", topic, "-K", "\t", "-Z", "-z", codec, "-X", "linger.ms=50"], lines)

    @staticmethod
    def consume(address: str, topic: str, count: int) -> list[Record]:
        out = run(["kcat", "-C", "-b", address, "-t", topic, "-o", "beginning", "-c", count, "-J", "-q"])
        return [Record(m["key"], m["payload"]) for m in map(json.loads, out.splitlines())]


CLIENTS = {"confluent": Confluent, "kafka-python": KafkaPython, "kafkajs": KafkaJs, "kcat": Kcat}
