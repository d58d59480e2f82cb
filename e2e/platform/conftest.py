"""One platform for the journeys of a module."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from running import Platform


@pytest.fixture(scope="session")
def binary() -> Path:
    return Path(os.environ["HEADWATER_BIN"])


@pytest.fixture(scope="module")
def platform(binary: Path, tmp_path_factory: pytest.TempPathFactory):
    platform = Platform(binary, tmp_path_factory.mktemp("platform") / "data")
    platform.start()
    yield platform
    platform.destroy()


@pytest.fixture(scope="module")
def checkout(platform: Platform, tmp_path_factory: pytest.TempPathFactory):
    return platform.clone(tmp_path_factory.mktemp("checkout") / "clone")
