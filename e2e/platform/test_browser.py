"""A person in a browser, on the demo as it runs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from running import Platform

HERE = Path(__file__).parent
JOURNEY = HERE.parent / "node/portal/journey.mjs"
PICTURES = Path(os.environ.get("E2E_PICTURES", HERE.parent / "artifacts"))


@pytest.mark.skipif(not Path("/usr/bin/chromium").exists(), reason="Debian's chromium is not installed")
def test_a_first_visit(binary, tmp_path_factory: pytest.TempPathFactory) -> None:
    platform = Platform(binary, tmp_path_factory.mktemp("browser") / "data", "--demo").start()
    try:
        assert platform.sign_in, "\n".join(platform.output)
        journey = subprocess.Popen(
            ["node", JOURNEY, platform.sign_in, PICTURES],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        assert journey.stdin and journey.stdout and journey.stderr
        line = journey.stdout.readline()
        if line.strip() == "ready for the restart":
            platform.kill()
            platform.start()
            journey.stdin.write("go on\n")
            journey.stdin.flush()
        out, err = journey.communicate(timeout=180)
        assert journey.returncode == 0 and "done" in out, f"{line}{out}\n{err}"
    finally:
        platform.destroy()
