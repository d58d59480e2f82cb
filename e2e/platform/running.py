"""A platform started for tests: the real binary, its own folder, ports from the operating system."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any, Callable

import httpx

READY = re.compile(r"headwater ready http=(\S+) kafka=(\S+) public=(\S+)")
SIGN_IN = re.compile(r"sign in: (\S+)")


def wait_for(what: str, probe: Callable[[], Any], seconds: float = 60, every: float = 0.1) -> Any:
    """The first true answer of `probe`; fails naming `what` and the last answer."""
    deadline = time.monotonic() + seconds
    last: Any = None
    while time.monotonic() < deadline:
        try:
            last = probe()
            if last:
                return last
        except (httpx.HTTPError, AssertionError) as error:
            last = error
        time.sleep(every)
    raise AssertionError(f"no {what} within {seconds:g} s; last seen: {last!r}")


class Platform:
    """`headwater serve` on a folder. Killed and started again it keeps its ports."""

    def __init__(self, binary: Path, folder: Path, *flags: str) -> None:
        self.binary, self.folder, self.flags = binary, folder, flags
        self.http = self.kafka = self.public = "127.0.0.1:0"
        self.sign_in: str | None = None
        self.output: deque[str] = deque(maxlen=2000)
        self.process: subprocess.Popen | None = None
        self._token: str | None = None

    # -- life ---------------------------------------------------------------------------------------------------

    def start(self, seconds: float = 60) -> "Platform":
        ready = threading.Event()
        self.process = subprocess.Popen(
            # By a relative path, as the default folder is.
            [self.binary, "serve", "--data-dir", self.folder.name, "--http-addr", self.http, "--kafka-addr", self.kafka,
             "--public-addr", self.public, *self.flags],
            cwd=self.folder.parent,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )
        threading.Thread(target=self._read, args=(self.process, ready), daemon=True).start()
        deadline = time.monotonic() + seconds
        while not ready.wait(0.05):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("the platform did not start:\n" + "\n".join(self.output))
        return self

    def _read(self, process: subprocess.Popen, ready: threading.Event) -> None:
        assert process.stdout
        for line in process.stdout:
            self.output.append(line.rstrip())
            if match := SIGN_IN.search(line):
                self.sign_in = match[1]
            if match := READY.search(line):
                self.http, self.kafka, self.public = (part.removeprefix("http://") for part in match.groups())
                ready.set()

    def kill(self) -> None:
        """kill -9 of the platform's process alone."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def destroy(self) -> None:
        """Stops the platform and everything that it deployed."""
        try:
            if self.process is None or self.process.poll() is not None:
                self.start()
            for deployment in self.get(f"/workspaces/{self.workspace}/deployments"):
                self.call("DELETE", f"/deployments/{deployment['deploymentId']}")
            wait_for("empty workspace", lambda: not self.get(f"/workspaces/{self.workspace}/deployments"))
        finally:
            self.stop()

    # -- the command line ----------------------------------------------------------------------------------------

    def command(self, *arguments: str) -> str:
        done = subprocess.run([self.binary, *arguments, "--data-dir", self.folder], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @property
    def token(self) -> str:
        """An administrator's token."""
        self._token = self._token or self.command("token", "create")
        return self._token

    def sdk_token(self) -> str:
        return self.command("token", "create", "--workspace", self.workspace)

    # -- the API -------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://{self.http}"

    def call(self, method: str, path: str, body: Any = None, token: str | None = None, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token or self.token}"} | more.pop("headers", {})
        return httpx.request(method, self.url + path, json=body, headers=headers, timeout=30, **more)

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status_code == 200, f"GET {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        answer = self.call("POST", path, body)
        assert answer.status_code in (200, 201), f"POST {path}: {answer.status_code} {answer.text}"
        return answer.json()

    @property
    def workspace(self) -> str:
        return self.get("/workspaces")[0]["workspaceId"]

    # -- deployments ---------------------------------------------------------------------------------------------

    def application(self, path: str) -> dict:
        """The application in the folder `path`, once a push has made it known."""
        def find() -> dict | None:
            return next((a for a in self.get(f"/{self.workspace}/applications") if a["path"] == path), None)
        return wait_for(f"application {path}", find)

    def deploy(self, path: str, **spec: Any) -> str:
        application = self.application(path)["applicationId"]
        body = {"workspaceId": self.workspace, "applicationId": application, "name": path, **spec}
        return self.post("/deployments", body)["deploymentId"]

    def deployment(self, id: str) -> dict:
        return self.get(f"/deployments/{id}")

    def wait_status(self, id: str, *statuses: str, seconds: float = 120) -> dict:
        last: dict = {}

        def probe() -> dict | None:
            nonlocal last
            last = self.deployment(id)
            return last if last["status"] in statuses else None

        try:
            return wait_for(f"status {' or '.join(statuses)}", probe, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\nis {last.get('status')}: {last.get('statusReason')}\n{self.logs(id)}") from None

    def logs(self, id: str) -> str:
        answer = self.call("GET", f"/deployments/{id}/logs/current")
        return answer.text if answer.status_code == 200 else ""

    # -- Git -----------------------------------------------------------------------------------------------------

    def clone(self, into: Path) -> "Checkout":
        workspace = self.get(f"/workspaces/{self.workspace}")
        organisation, _, project = workspace["repositoryId"].partition("-")
        url = f"http://x:{self.token}@{self.http}/git/{organisation}/{project}.git"
        git("clone", "--quiet", url, into)
        return Checkout(into)


def git(*arguments: Any, cwd: Path | None = None) -> str:
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", *map(str, arguments)], cwd=cwd, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, f"git {arguments[0]}: {done.stderr}"
    return done.stdout.strip()


class Checkout:
    """A clone of the project's repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        git("config", "user.name", "Ada", cwd=folder)
        git("config", "user.email", "ada@example.com", cwd=folder)

    def write(self, files: dict[str, str]) -> None:
        for path, text in files.items():
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)

    def push(self, message: str) -> str:
        """Commits all and pushes; the commit's hash."""
        git("add", "--all", cwd=self.folder)
        git("commit", "--quiet", "--message", message, cwd=self.folder)
        git("push", "--quiet", "origin", "HEAD", cwd=self.folder)
        return git("rev-parse", "HEAD", cwd=self.folder)
