"""Unmodified quixstreams 3.x, told only the three variables that a deployment gets."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections import defaultdict
from pathlib import Path

import pytest
from confluent_kafka import Consumer

from running import Platform, wait_for

APPS = Path(__file__).parent / "apps"
ROWS, KEYS = 10_000, 10
# Recent, so that retention keeps the rows.
START = int(time.time()) // 1000 * 1_000_000 - 1_000_000
PRODUCE = {"ROWS": str(ROWS), "KEYS": str(KEYS), "START": str(START)}


class Application:
    """An application process; like a service it is started again when it ends in error."""

    def __init__(self, platform: Platform, script: str, folder: Path, **variables: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.command = [os.environ["QUIXSTREAMS_PYTHON"], "-u", APPS / script]
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "Quix__Portal__Api": platform.url,
            "Quix__Sdk__Token": platform.sdk_token(),
            "Quix__Workspace__Id": platform.workspace,
            **variables,
        }
        self.log = (folder / "output.log").open("ab")
        self.process = self._start()

    def _start(self) -> subprocess.Popen:
        return subprocess.Popen(
            self.command, cwd=self.folder, env=self.environment, stdout=self.log, stderr=subprocess.STDOUT
        )

    def keep_running(self) -> None:
        if self.process.poll() is not None:
            self.process = self._start()

    def wait(self, seconds: float) -> None:
        assert self.process.wait(seconds) == 0, self.output()

    def output(self) -> str:
        return (self.folder / "output.log").read_text(errors="replace")[-4000:]

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def expected() -> dict[tuple[str, int], tuple[int, int]]:
    totals: dict = defaultdict(lambda: (0, 0))
    for i in range(ROWS):
        at = (f"k{i % KEYS}", (START + i * 10) // 1000 * 1000)
        total, count = totals[at]
        totals[at] = (total + i, count + 1)
    return dict(totals)


def kafka(platform: Platform, **more) -> Consumer:
    settings = platform.get(f"/workspaces/{platform.workspace}/broker/librdkafka")
    return Consumer({
        **settings, "group.id": f"{platform.workspace}-check-{time.monotonic_ns()}", "auto.offset.reset": "earliest",
        "isolation.level": "read_committed", "enable.auto.commit": False, **more,
    })


class Windows:
    """Collects the committed windows of a topic as they come."""

    def __init__(self, platform: Platform, topic: str) -> None:
        self.consumer = kafka(platform)
        self.consumer.subscribe([f"{platform.workspace}-{topic}"])
        self.seen: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)

    def poll(self) -> int:
        for message in self.consumer.consume(500, timeout=0.2):
            if message.error():
                continue
            row = json.loads(message.value())
            self.seen[message.key().decode(), row["start"]].append((row["sum"], row["count"]))
        return len(self.seen)


@pytest.mark.parametrize("guarantee", ["at-least-once", "exactly-once"])
def test_ten_thousand_rows_give_the_right_totals(platform: Platform, tmp_path: Path, guarantee: str) -> None:
    rows, totals = f"rows-{guarantee}", f"totals-{guarantee}"
    Application(platform, "produce.py", tmp_path / "produce", OUTPUT=rows, **PRODUCE).wait(120)
    names = {t["name"]: t["status"] for t in platform.get(f"/{platform.workspace}/topics")}
    assert names[rows] == "Ready"

    application = Application(
        platform, "totals.py", tmp_path / "totals", INPUT=rows, OUTPUT=totals, GROUP="sums", GUARANTEE=guarantee
    )
    try:
        wait_for(f"topic {totals}", lambda: totals in {t["name"] for t in platform.get(f"/{platform.workspace}/topics")})
        windows, wanted = Windows(platform, totals), expected()
        wait_for("all windows", lambda: windows.poll() >= len(wanted), 120)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{application.output()}") from None
    finally:
        application.stop()
    assert {at: set(values) for at, values in windows.seen.items()} == {at: {v} for at, v in wanted.items()}
    if guarantee == "exactly-once":
        assert all(len(values) == 1 for values in windows.seen.values())


@pytest.mark.parametrize("guarantee", ["at-least-once", "exactly-once"])
def test_nothing_is_lost_when_the_platform_is_killed(platform: Platform, tmp_path: Path, guarantee: str) -> None:
    rows, totals = f"killed-rows-{guarantee}", f"killed-totals-{guarantee}"
    producer = Application(platform, "produce.py", tmp_path / "p", OUTPUT=rows, **PRODUCE)
    producer.wait(120)
    application = Application(
        platform, "totals.py", tmp_path / "totals", INPUT=rows, OUTPUT=totals, GROUP=f"killed-{guarantee}",
        GUARANTEE=guarantee,
    )
    wanted = expected()
    try:
        wait_for(f"topic {totals}", lambda: totals in {t["name"] for t in platform.get(f"/{platform.workspace}/topics")})
        windows = Windows(platform, totals)
        wait_for("first windows", lambda: windows.poll() > 0 or application.keep_running(), 120)
        platform.kill()
        platform.start()

        def complete() -> bool:
            application.keep_running()
            return windows.poll() >= len(wanted)

        wait_for("all windows after the kill", complete, 180)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{application.output()}") from None
    finally:
        application.stop()
    if guarantee == "exactly-once":
        assert {at: values for at, values in windows.seen.items()} == {at: [v] for at, v in wanted.items()}
    else:
        lost = {at: (v, windows.seen.get(at)) for at, v in wanted.items() if max(windows.seen[at], default=(0, 0))[1] < v[1]}
        assert not lost, lost
