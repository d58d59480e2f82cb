"""Runs the browsers' scripts of e2e/node/portal, which meet the test at named places."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from running import Platform

HERE = Path(__file__).parent
SCRIPTS = HERE.parent / "node/portal"
PICTURES = Path(os.environ.get("E2E_PICTURES", HERE.parent / "artifacts"))
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FIREFOX = os.environ.get("FIREFOX", "/usr/bin/firefox-esr")

needs_chromium = pytest.mark.skipif(not shutil.which(CHROMIUM), reason=f"{CHROMIUM} is not installed")
needs_firefox = pytest.mark.skipif(not shutil.which(FIREFOX), reason=f"{FIREFOX} is not installed")


def sign_in(platform: Platform) -> str:
    """A fresh one-time link."""
    return platform.command("sign-in")


class Script:
    """A script as it runs."""

    def __init__(self, name: str, *arguments: object) -> None:
        self.process = subprocess.Popen(
            ["node", SCRIPTS / name, *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        self.met: queue.Queue[str] = queue.Queue()
        self.errors: list[str] = []
        self.readers = [threading.Thread(target=work, daemon=True) for work in (self._read, self._complain)]
        for reader in self.readers:
            reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            word, _, rest = line.rstrip().partition(" ")
            if word == "tell":
                print(rest)
            elif word in ("meet", "done"):
                self.met.put(rest or word)
        self.met.put("ended")

    def _complain(self) -> None:
        assert self.process.stderr
        self.errors.extend(self.process.stderr)

    def __enter__(self) -> "Script":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def meets(self, word: str, seconds: float = 300) -> None:
        """Waits until the script is at this place."""
        try:
            met = self.met.get(timeout=seconds)
        except queue.Empty:
            met = f"nowhere within {seconds:g} s"
        if met != word:
            self.process.kill()
            for reader in self.readers:
                reader.join(10)
            raise AssertionError(f"{word} was not met, but {met}\n{''.join(self.errors)}")

    def go_on(self, word: str = "on") -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def ends(self, seconds: float = 600) -> None:
        """Waits until it is done, and well."""
        self.meets("done", seconds)
        assert self.process.wait(30) == 0
