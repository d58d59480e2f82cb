"""The Portal in two browsers, over a platform with much on it: every screen, two people, cuts, many rows, a flood."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest
from confluent_kafka import Producer

import world as plant
from browsing import FIREFOX, PICTURES, Script, needs_chromium, needs_firefox, sign_in
from running import Checkout, Platform, wait_for
from world import World

pytestmark = [
    needs_chromium,
    pytest.mark.skipif(not os.environ.get("E2E_LONG"), reason="every screen in two browsers: a long lane, E2E_LONG=1"),
]


@pytest.fixture(scope="module")
def emptiness(platform: Platform) -> Platform:
    """The platform before anything stands on it: for who asks first."""
    assert not platform.get(f"/workspaces/{platform.workspace}/deployments")
    return platform


def test_every_screen_of_an_empty_workspace(emptiness: Platform) -> None:
    with Script("matrix.mjs", "chromium", sign_in(emptiness), "empty", PICTURES / "empty") as script:
        script.ends()


@pytest.fixture(scope="module")
def world(platform: Platform, checkout: Checkout) -> World:
    return plant.build(platform, checkout)


@pytest.fixture(scope="module")
def written(world: World, tmp_path_factory: pytest.TempPathFactory):
    return world.write(tmp_path_factory.mktemp("world") / "world.json")


@pytest.mark.parametrize("engine", ["chromium", pytest.param("firefox", marks=needs_firefox)])
def test_every_screen(world: World, written, engine: str) -> None:
    with Script("matrix.mjs", engine, sign_in(world.platform), written, PICTURES / engine) as script:
        script.ends()


@needs_firefox
def test_two_people_in_two_browsers(world: World, written) -> None:
    two_people(world, written, "firefox")


@pytest.mark.skipif(bool(shutil.which(FIREFOX)), reason="the two browsers are Chromium and Firefox")
def test_two_people_in_one_kind_of_browser(world: World, written) -> None:
    two_people(world, written, "chromium")


def two_people(world: World, written, second: str) -> None:
    platform = world.platform
    with Script("people.mjs", second, sign_in(platform), sign_in(platform), written) as script:
        script.meets("both edited")
        deployment = platform.deployment(world.ids["Gauge"])
        assert deployment["variables"]["greeting"]["value"].startswith("good morning"), "Ada's word is the last"
        assert deployment["memoryInMb"] == 160, "what only Grace changed is kept"
        script.go_on()
        script.ends()


def test_every_page_outlives_the_platform(world: World, written) -> None:
    platform = world.platform
    backfill = world.ids["Backfill"]
    with Script("killed.mjs", sign_in(platform), written) as script:
        script.meets("all pages open")
        pid = platform.get(f"/deployments/{backfill}/replicas")[0]["pid"]
        platform.kill()
        script.meets("all pages cut off")
        # The job goes on without the platform, and ends; who was away must be told.
        os.kill(pid, signal.SIGUSR1)
        wait_for("the end of the job", lambda: not Path(f"/proc/{pid}").exists())
        platform.start()
        script.ends()


def test_much_at_once(world: World, written) -> None:
    platform = world.platform
    for number in range(300):
        world.deploy("steady", f"Spare {number}", running=False)
    platform.post(f"/{world.workspace}/topics", {"name": "flood", "configuration": {"partitions": 4}})
    with Script("many.mjs", sign_in(platform), written) as script:
        script.meets("the flood may come")
        with Flood(world, "flood") as flood:
            script.meets("the flood is over")
        print(f"{flood.arrived:,} records arrived in {flood.seconds:.1f} s")
        assert flood.arrived > 100_000
        script.meets("the network is cut")
        assert platform.call("PUT", f"/deployments/{world.ids['Rested']}/start").status_code == 200
        platform.wait_status(world.ids["Rested"], "Running")
        script.go_on()
        script.ends()


class Flood:
    """Produces as fast as librdkafka can while it is entered."""

    def __init__(self, world: World, topic: str) -> None:
        settings = world.platform.get(f"/workspaces/{world.workspace}/broker/librdkafka")
        more = {"linger.ms": 20, "batch.num.messages": 50_000, "queue.buffering.max.messages": 400_000, "acks": 1}
        self.producer = Producer({**settings, **more})
        self.topic = f"{world.workspace}-{topic}"
        self.arrived, self.seconds, self.over = 0, 0.0, threading.Event()
        self.thread = threading.Thread(target=self._produce, daemon=True)

    def _produce(self) -> None:
        began = time.monotonic()
        records = [{"value": b'{"celsius":21.5,"machine":7}', "key": b"m%d" % (i % 16)} for i in range(10_000)]

        def arrived(error, _message) -> None:
            self.arrived += error is None

        while not self.over.is_set():
            if len(self.producer) < 300_000:
                self.producer.produce_batch(self.topic, records, on_delivery=arrived)
            self.producer.poll(0.001)
        self.seconds = time.monotonic() - began
        self.producer.purge()
        self.producer.flush(10)

    def __enter__(self) -> "Flood":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()
