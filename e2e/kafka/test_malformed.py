"""Bytes that are no protocol end their connection and nothing else."""

from __future__ import annotations

import random
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

import wire
from clients import Client, send, take, values, wait_for

API_VERSIONS, METADATA, PRODUCE = 18, 3, 0


@pytest.fixture(autouse=True)
def broker_goes_on(broker, client: Client, topic) -> Iterator[None]:
    """After whatever a test did, a normal client works at once."""
    yield
    assert broker.alive(), "\n".join(broker.output)
    (sent,) = send(client.producer(), topic, ["still here"])
    assert values(take(client.reader(topic, offset=sent.offset()), 1)) == ["still here"]


def ended(connection: socket.socket) -> bool:
    """Whether the broker closes the connection, answering or not."""
    connection.settimeout(30)
    try:
        while connection.recv(65_536):
            pass
    except ConnectionError:
        pass
    return True  # A broker that keeps it open makes `recv` time out, which fails the test.


@pytest.mark.parametrize("length", [-1, -(2**31), 2**31 - 1, 1_500_000_000])
def test_an_absurd_length(broker, length: int) -> None:
    with wire.connect(broker.address) as connection:
        connection.sendall(struct.pack(">i", length) + b"x" * 100)
        assert ended(connection)


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes(broker, seed: int) -> None:
    noise = random.Random(seed)
    with wire.connect(broker.address) as connection:
        try:
            connection.sendall(noise.randbytes(noise.randint(1, 5_000)))
            connection.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass
        assert ended(connection)


@pytest.mark.parametrize("seed", range(20))
def test_random_bodies_of_real_requests(broker, seed: int) -> None:
    noise = random.Random(seed)
    for _ in range(30):
        api, version = noise.randrange(0, 70), noise.randrange(0, 13)
        body = noise.randbytes(noise.randint(0, 300))
        with wire.connect(broker.address) as connection:
            try:
                connection.sendall(wire.request(api, version, body))
                connection.shutdown(socket.SHUT_WR)
            except ConnectionError:
                continue
            assert ended(connection), (api, version)


def test_an_array_longer_than_the_frame(broker) -> None:
    for count in (2**31 - 1, 100_000_000):
        with wire.connect(broker.address) as connection:
            connection.sendall(wire.request(METADATA, 1, struct.pack(">i", count)))
            assert ended(connection)


def test_an_unknown_request(broker) -> None:
    for api, version in ((9_999, 0), (-1, 0), (METADATA, 99), (PRODUCE, -1)):
        with wire.connect(broker.address) as connection:
            connection.sendall(wire.request(api, version, b""))
            assert ended(connection)


def test_an_unknown_version_of_api_versions_is_answered_in_the_oldest(broker) -> None:
    """Error 35 with a body of version 0, so that newer clients can step down."""
    with wire.connect(broker.address) as connection:
        connection.sendall(wire.request(API_VERSIONS, 99, b"\x00\x00\x00", correlation=77))
        correlation, body = wire.response(connection)
        error, count = struct.unpack_from(">hi", body)
        assert (correlation, error) == (77, 35) and count > 0 and len(body) == 6 + 6 * count
        served = {api: (low, high) for api, low, high in struct.iter_unpack(">hhh", body[6:])}
        assert served[API_VERSIONS][0] == 0
        connection.sendall(wire.request(API_VERSIONS, 0, b"", correlation=78))
        assert wire.response(connection)[0] == 78


def test_a_half_closed_socket_gets_its_answers(broker) -> None:
    with wire.connect(broker.address) as connection:
        for correlation in range(5):
            connection.sendall(wire.request(API_VERSIONS, 0, b"", correlation))
        connection.shutdown(socket.SHUT_WR)
        assert [wire.response(connection)[0] for _ in range(5)] == list(range(5))
        assert ended(connection)


def test_requests_in_one_segment_are_answered_in_order(broker) -> None:
    with wire.connect(broker.address) as connection:
        connection.sendall(b"".join(wire.request(API_VERSIONS, 0, b"", n) for n in range(50)))
        assert [wire.response(connection)[0] for _ in range(50)] == list(range(50))


def test_connections_cut_amid_a_request(broker, topic) -> None:
    batch = wire.request(PRODUCE, 3, b"\xff\xff" + struct.pack(">hii", -1, 1000, 1) + wire.string(topic) + b"\0" * 500)
    for size in range(1, len(batch), 13):
        with wire.connect(broker.address) as connection:
            connection.sendall(batch[:size])


def test_a_batch_with_a_wrong_checksum_is_refused(broker, client: Client, name) -> None:
    topic = client.create(name())
    records = bytes.fromhex("0e 00 00 00 01 02 61 00".replace(" ", ""))  # one record: no key, value `a`
    after_checksum = struct.pack(">hiqqqhii", 0, 0, 1_000, 1_000, -1, -1, -1, 1) + records
    for checksum in (0, 0xDEADBEEF):
        batch = struct.pack(">qiibI", 0, 9 + len(after_checksum), -1, 2, checksum) + after_checksum
        body = b"\xff\xff" + struct.pack(">hii", -1, 10_000, 1) + wire.string(topic)
        body += struct.pack(">iii", 1, 0, len(batch)) + batch
        with wire.connect(broker.address) as connection:
            connection.sendall(wire.request(PRODUCE, 3, body))
            _, answer = wire.response(connection)
        (error,) = struct.unpack_from(">h", answer, 4 + 2 + len(topic) + 4 + 4)
        assert error in (2, 87), error  # CORRUPT_MESSAGE, INVALID_RECORD
    delivered = send(client.producer(), topic, ["good"])
    assert delivered[0].offset() == 0


def test_slow_and_silent_connections_hinder_nobody(broker, client: Client, name) -> None:
    topic = client.create(name())
    with ExitStack() as stack:
        slow = [stack.enter_context(wire.connect(broker.address)) for _ in range(200)]
        for i, connection in enumerate(slow):
            connection.sendall(struct.pack(">i", 1_000)[: i % 5])
        for round_ in range(20):
            for connection in slow[:50]:
                try:
                    connection.sendall(b"\0")
                except ConnectionError:
                    pass  # It may be ended for what it sent.
            send(client.producer(), topic, [str(round_)])
        assert values(take(client.reader(topic), 20)) == [str(i) for i in range(20)]


def test_a_client_that_does_not_read_holds_little(broker, client: Client, topic) -> None:
    """Fetches whose answers nobody takes: the broker must stop at one connection's share, not fill its memory."""
    def resident() -> int:
        with open(f"/proc/{broker.process.pid}/statm") as statm:
            return int(statm.read().split()[1]) * 4096

    big = client.create(topic + "-big", max_message_bytes=4_000_000)
    send(client.producer(message_max_bytes=4_000_000), big, [random.Random(1).randbytes(900_000)] * 60)
    wait_for("records", lambda: wire.fetch(broker.address, big))
    before = resident()
    body = struct.pack(">iiiib", -1, 0, 1, 50_000_000, 0)
    body += struct.pack(">i", 1) + wire.string(big) + struct.pack(">iiqi", 1, 0, 0, 50_000_000)
    with wire.connect(broker.address, 5) as deaf:
        try:
            for correlation in range(200):
                deaf.sendall(wire.request(1, 4, body, correlation))
        except TimeoutError:
            pass
        send(client.producer(), topic, ["others go on"])
        grown = resident() - before
    assert grown < 600_000_000, f"{grown} bytes more"
    take(client.reader(topic), 1)
    client.admin.delete_topics([big])[big].result(30)
