"""The Portal in two browsers, over a platform with much on it: every screen, two people, cuts, many rows, a flood."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

import world as plant
from browsing import PICTURES, Script, needs_chromium, needs_firefox, sign_in
from running import Checkout, Platform, wait_for
from world import World

pytestmark = needs_chromium


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


def kill_under(world: World, written) -> None:
    platform = world.platform
    backfill = world.ids["Backfill"]
    with Script("killed.mjs", sign_in(platform), written) as script:
        script.meets("all pages open")
        pid = platform.get(f"/deployments/{backfill}/replicas")[0]["pid"]
        platform.kill()
        script.go_on()
        script.meets("all pages cut off")
        # The job goes on without the platform, and ends; who was away must be told.
        os.kill(pid, signal.SIGUSR1)
        wait_for("the end of the job", lambda: not Path(f"/proc/{pid}").exists())
        platform.start()
        script.go_on()
        script.ends()


def test_every_page_outlives_the_platform(world: World, written) -> None:
    kill_under(world, written)
