"""Updates of what is in use, the way back, and a platform that is killed beneath twenty replicas."""

from __future__ import annotations

import threading
import time

import httpx
import pytest

from running import Checkout, Platform, wait_for

SERVER = """
import http.server, os, signal, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        sick = self.path == "/healthz" and os.environ.get("HEALTH") == "sick"
        body = os.environ.get("TEXT", "").encode()
        self.send_response(503 if sick else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = False
server = Server(("0.0.0.0", int(os.environ["PORT"])), Handler)
# As a server should: what was begun is ended.
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
print("listening", flush=True)
server.serve_forever()
"""
COUNTER = """
import time
count = 0
while True:
    print("line", count, flush=True)
    count += 1
    time.sleep(0.02)
"""
HEALTH = {"type": "Http", "path": "/healthz", "timeoutSeconds": 6}


def text(value: str, **more: str) -> dict:
    return {name: {"inputType": "FreeText", "value": value} for name, value in {"TEXT": value, **more}.items()}


@pytest.fixture(scope="module")
def applications(platform: Platform, checkout: Checkout) -> Platform:
    for name, code in {"web": SERVER, "counter": COUNTER}.items():
        checkout.write({
            f"{name}/app.yaml": f"name: {name}\nlanguage: Python\nrunEntryPoint: main.py\n",
            f"{name}/main.py": code,
        })
    checkout.push("Add applications")
    return platform


class Load:
    """Asks a public application over and over, from several connections at once, and notes what went wrong."""

    def __init__(self, address: str, host: str) -> None:
        self.address, self.host = address, host
        self.answers: dict[str, int] = {}
        self.failures: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(4)]

    def _run(self) -> None:
        with httpx.Client(headers={"Host": self.host}, timeout=30) as client:
            while not self._stop.is_set():
                try:
                    answer = client.get(f"http://{self.address}/")
                    if answer.status_code != 200:
                        self.failures.append(f"{answer.status_code} {answer.text[:200]}")
                    self.answers[answer.text] = self.answers.get(answer.text, 0) + 1
                except httpx.HTTPError as error:
                    self.failures.append(repr(error))
                time.sleep(0.005)

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)


def serves(platform: Platform, id: str, version: int) -> bool:
    now = platform.deployment(id)
    return now["runningVersion"] == version and now["status"] == "Running" and now["updateStatus"] == "None"


@pytest.fixture(scope="module")
def web(applications: Platform) -> str:
    id = applications.deploy("web", publicAccess=True, urlPrefix="web", replicas=2, variables=text("version 1"),
                             healthCheck=HEALTH)
    applications.wait_status(id, "Running")
    return id


def test_ten_updates_under_load_fail_no_request(applications: Platform, web: str) -> None:
    host = applications.deployment(web)["publicUrl"].split("://")[1].rstrip("/")
    with Load(applications.http, host) as load:
        wait_for("answers", lambda: load.answers.get("version 1", 0) > 20)
        for version in range(2, 12):
            body = {"variables": text(f"version {version}")}
            assert applications.call("PATCH", f"/deployments/{web}", body).status_code == 200
            wait_for(f"version {version}", lambda: serves(applications, web, version))
            wait_for("its answers", lambda: load.answers.get(f"version {version}", 0) > 20)
    assert load.failures == [], (len(load.failures), load.failures[:5], sum(load.answers.values()))


def test_an_update_that_never_gets_healthy_rolls_itself_back(applications: Platform, web: str) -> None:
    before = applications.deployment(web)
    host = before["publicUrl"].split("://")[1].rstrip("/")
    with Load(applications.http, host) as load:
        body = {"variables": text("sick", HEALTH="sick")}
        assert applications.call("PATCH", f"/deployments/{web}", body).status_code == 200
        after = wait_for("the roll back", lambda: (now := applications.deployment(web))["rollback"] and now)
        wait_for("the version before", lambda: serves(applications, web, before["version"]))
    assert load.failures == [] and "sick" not in load.answers
    assert "GET /healthz answered 503" in after["rollback"]["reason"]
    assert after["variables"]["TEXT"]["value"] == before["variables"]["TEXT"]["value"]
    newest = applications.get(f"/deployments/{web}/versions")[0]
    assert (newest["outcome"], newest["current"]) == ("RolledBack", False)


def test_a_roll_back_builds_nothing(applications: Platform, web: str) -> None:
    builds = {v["buildId"] for v in applications.get(f"/deployments/{web}/versions")}
    now = applications.post(f"/deployments/{web}/rollback", {"version": 1})
    wait_for("it", lambda: serves(applications, web, now["version"]))
    newest = applications.get(f"/deployments/{web}/versions")[0]
    assert newest["rolledBackTo"] == 1 and newest["variables"]["TEXT"]["value"] == "version 1"
    assert {v["buildId"] for v in applications.get(f"/deployments/{web}/versions")} == builds


def test_twenty_replicas_go_on_when_the_platform_is_killed(applications: Platform) -> None:
    ids = [applications.deploy("counter", name=f"counter {n}", replicas=4, cpuMillicores=100, memoryInMb=64)
           for n in range(5)]
    for id in ids:
        applications.wait_status(id, "Running")
    before = {id: pids(applications, id) for id in ids}
    assert sum(map(len, before.values())) == 20
    applications.kill()
    time.sleep(1)  # They write meanwhile.
    applications.start()
    for id in ids:
        applications.wait_status(id, "Running")
        assert wait_for("its replicas", lambda: len(now := pids(applications, id)) == 4 and now) == before[id]
    for id in ids:
        applications.call("PUT", f"/deployments/{id}/stop")
    for id in ids:
        applications.wait_status(id, "Stopped")
        runs = applications.get(f"/deployments/{id}/runs")
        assert len(runs) == 4
        for run in runs:
            log = applications.call("GET", f"/deployments/{id}/runs/{run['id']}/logs").text.splitlines()
            lines = [line for line in log if line.startswith("line ")]
            assert lines == [f"line {number}" for number in range(len(lines))] and len(lines) > 50
            assert log[0] == "started, attempt 1" and log[-1].startswith("ended: "), (log[0], log[-1])


def pids(platform: Platform, id: str) -> dict[int, int]:
    return {r["index"]: r["pid"] for r in platform.get(f"/deployments/{id}/replicas") if r.get("pid")}
