"""Whatever is done to deployments, in any order: they end up as they are wanted."""

from __future__ import annotations

import os
import random

import pytest

from running import Checkout, Platform
from walk import PROGRAM, Walk

LONG = bool(os.environ.get("E2E_LONG"))
SEED = os.environ.get("E2E_SEED")


@pytest.mark.parametrize("turn", range(8 if LONG else 2))
def test_deployments_end_up_as_they_are_wanted(platform: Platform, checkout: Checkout, turn: int) -> None:
    seed = int(SEED) if SEED else random.randrange(1 << 32)
    checkout.write({
        "counter/app.yaml": "name: counter\nlanguage: Python\nrunEntryPoint: main.py\n",
        "counter/main.py": f"# {turn}\n{PROGRAM}",
        "counter/requirements.txt": "",
    })
    checkout.push(f"Walk {turn}")
    walk = Walk(platform, checkout, random.Random(seed))
    try:
        for _ in range(60 if LONG else 30):
            walk.step()
        walk.settles()
    except BaseException as error:
        error.add_note(f"E2E_SEED={seed}: {' '.join(walk.told)}")
        raise
    finally:
        for id in list(walk.wanted):
            platform.call("DELETE", f"/deployments/{id}")
