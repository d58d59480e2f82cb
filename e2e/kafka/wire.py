"""Kafka's protocol by hand, for what no client would send or show."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import Iterator

CODECS = {0: "none", 1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}


def connect(address: str, timeout: float = 10) -> socket.socket:
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout)


def request(api: int, version: int, body: bytes, correlation: int = 1) -> bytes:
    """A framed request with header version 1 (client id `e2e`)."""
    payload = struct.pack(">hhi", api, version, correlation) + string("e2e") + body
    return struct.pack(">i", len(payload)) + payload


def string(text: str) -> bytes:
    return struct.pack(">h", len(text)) + text.encode()


def read(connection: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(count - len(parts))
        if not part:
            raise ConnectionError(f"connection closed after {len(parts)} of {count} bytes")
        parts += part
    return bytes(parts)


def response(connection: socket.socket) -> tuple[int, bytes]:
    """The correlation id and the body of the next answer with header version 0."""
    (size,) = struct.unpack(">i", read(connection, 4))
    payload = read(connection, size)
    return struct.unpack(">i", payload[:4])[0], payload[4:]


@dataclass
class Batch:
    """A record batch's header as stored."""

    base_offset: int
    size: int
    codec: str
    records: int
    transactional: bool
    control: bool


def fetch(address: str, topic: str, partition: int = 0, offset: int = 0) -> list[Batch]:
    """The batches that one Fetch (version 4) from `offset` returns."""
    body = struct.pack(">iiiib", -1, 1000, 1, 50_000_000, 0)
    body += struct.pack(">i", 1) + string(topic) + struct.pack(">iiqi", 1, partition, offset, 50_000_000)
    with connect(address) as connection:
        connection.sendall(request(1, 4, body))
        _, answer = response(connection)
    at = 4 + 4 + 2 + len(topic) + 4 + 4  # throttle, topics, name, partitions, partition
    error, _high_watermark, _stable, aborted = struct.unpack_from(">hqqi", answer, at)
    assert error == 0, f"fetch of {topic}: error {error}"
    at += 22 + max(aborted, 0) * 16
    (size,) = struct.unpack_from(">i", answer, at)
    return list(batches(answer[at + 4 : at + 4 + size]))


def batches(data: bytes) -> Iterator[Batch]:
    at = 0
    while at + 61 <= len(data):
        base, length = struct.unpack_from(">qi", data, at)
        (attributes,) = struct.unpack_from(">h", data, at + 21)
        (count,) = struct.unpack_from(">i", data, at + 57)
        codec = CODECS[attributes & 7]
        yield Batch(base, 12 + length, codec, count, bool(attributes & 16), bool(attributes & 32))
        at += 12 + length
