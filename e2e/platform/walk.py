"""A random walk over the life of deployments: what is done to them, and what must hold once it settles.

What is wanted is kept beside what the platform is told; nothing is read back from it before the end.
"""

from __future__ import annotations

import os
import random
import signal
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from running import Checkout, Platform, wait_for

#: Prints who it is and counts; with FATE it ends by itself after a while.
PROGRAM = """
import os, sys, time
who = os.environ["Quix__Deployment__Id"] + " " + os.environ["Quix__Deployment__ReplicaName"].rsplit("-", 2)[1] \\
    + " " + os.environ["Quix__Deployment__ReplicaName"].rsplit("-", 1)[1]
end = {"falls": 40, "": None}[os.environ.get("FATE", "")]
count = 0
while count != end:
    print("line", who, count, flush=True)
    count += 1
    time.sleep(0.01)
raise SystemExit(3)
"""
#: A package that takes its time to build, and needs nothing else for it.
SLOW = {
    "pyproject.toml": "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
                      "[project]\nname = 'slow'\nversion = '{version}'\n",
    "backend.py": """
import time, zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    time.sleep(1)
    name = "slow-{version}-py3-none-any.whl"
    info = "slow-{version}.dist-info"
    with zipfile.ZipFile(folder + "/" + name, "w") as wheel:
        wheel.writestr("slow.py", "")
        wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: slow\\nVersion: {version}\\n")
        wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "/RECORD", "")
    return name
""",
}


@dataclass
class Wanted:
    id: str
    replicas: int
    running: bool
    #: Its replicas fall over again and again.
    falls: bool = False


@dataclass
class Walk:
    platform: Platform
    checkout: Checkout
    random: random.Random
    wanted: dict[str, Wanted] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    made: int = 0
    told: list[str] = field(default_factory=list)

    def step(self) -> None:
        actions = [(self.deploy, 3 if len(self.wanted) < 6 else 0), (self.edit, 4), (self.scale, 4), (self.stop, 2),
                   (self.start, 2), (self.delete, 1), (self.push, 2), (self.crash, 4), (self.kill_supervisor, 1),
                   (self.burst, 1 if len(self.wanted) < 6 else 0), (self.kill, 2), (self.roll_back, 2)]
        action = self.random.choices([a for a, _ in actions], [weight for _, weight in actions])[0]
        self.told.append(action.__name__)
        action()

    # -- what people do --------------------------------------------------------------------------------------------

    def call(self, method: str, path: str, body: object = None) -> httpx.Response:
        answer = self.platform.call(method, path, body)
        assert answer.status_code < 400, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def one(self) -> Wanted | None:
        return self.random.choice(list(self.wanted.values())) if self.wanted else None

    def deploy(self) -> None:
        self.made += 1
        replicas = self.random.randint(1, 3)
        id = self.platform.deploy("counter", name=f"walk {self.made}", replicas=replicas, cpuMillicores=100,
                                  memoryInMb=64 + self.made, stateEnabled=self.random.random() < 0.2)
        self.wanted[id] = Wanted(id, replicas, True)

    def burst(self) -> None:
        """More builds at once than there are builders."""
        for _ in range(4):
            self.push()
            self.deploy()

    def change(self, of: Wanted, **what: object) -> None:
        self.call("PATCH", f"/deployments/{of.id}", what)

    def edit(self) -> None:
        if of := self.one():
            of.falls = self.random.random() < 0.2
            fate = {"FATE": {"inputType": "FreeText", "value": "falls"}} if of.falls else {}
            self.change(of, memoryInMb=self.random.randint(65, 500), variables=fate)

    def scale(self) -> None:
        if of := self.one():
            of.replicas = self.random.randint(1, 4)
            self.change(of, replicas=of.replicas)

    def push(self) -> None:
        """Another commit, deployed at once; now and then with something that has to be built."""
        version = self.random.randint(0, 10_000)
        files = {"counter/version.txt": str(version)}
        if self.random.random() < 0.3:
            files |= {f"counter/slow/{name}": text.replace("{version}", f"1.{version}") for name, text in SLOW.items()}
            files["counter/requirements.txt"] = "./slow\n"
        self.checkout.write(files)
        self.checkout.push(f"Version {version}")
        if of := self.one():
            self.change(of, useLatest=True)

    def stop(self) -> None:
        if of := self.one():
            of.running = False
            self.call("PUT", f"/deployments/{of.id}/stop")

    def start(self) -> None:
        if of := self.one():
            of.running = True
            self.call("PUT", f"/deployments/{of.id}/start")

    def delete(self) -> None:
        if of := self.one():
            self.call("DELETE", f"/deployments/{of.id}")
            del self.wanted[of.id]
            self.deleted.append(of.id)

    def roll_back(self) -> None:
        if of := self.one():
            versions = self.platform.get(f"/deployments/{of.id}/versions")
            to = self.random.choice(versions)
            of.falls = bool(to["variables"].get("FATE", {}).get("value"))
            of.running = True
            self.call("POST", f"/deployments/{of.id}/rollback", {"version": to["version"]})

    # -- what happens to them ----------------------------------------------------------------------------------------

    def crash(self) -> None:
        if of := self.one():
            for process in self.random.sample(found := processes(of.id), min(len(found), 1)):
                os.kill(process.pid, signal.SIGKILL)

    def kill_supervisor(self) -> None:
        if (of := self.one()) and (found := processes(of.id)):
            parent = found[0].pid
            while "supervise\0replica" not in command_line(parent):
                parent = parent_of(parent)
                if parent <= 1:
                    return
            os.kill(parent, signal.SIGKILL)

    def kill(self) -> None:
        """kill -9 of the platform, in the middle of whatever it does."""
        self.platform.kill()
        self.platform.start()

    # -- what must hold ----------------------------------------------------------------------------------------------

    def settles(self) -> None:
        """Replicas are those that are wanted, none twice; every run's output is whole and its own."""
        for of in self.wanted.values():
            # Whoever falls for ever never settles; what it falls back to is the platform's choice.
            if of.falls:
                of.falls = False
                self.change(of, variables={})
        for of in self.wanted.values():
            status = "Running" if of.running else "Stopped"
            wait_for(f"{of.id} {status}", lambda: self.is_settled(of, status), 180)
        for id in self.deleted:
            wait_for(f"{id} to be gone", lambda: self.platform.call("GET", f"/deployments/{id}").status_code == 404)
        for of in self.wanted.values():
            self.replicas_are(of)
            self.logs_are_whole(of)
        for id in self.deleted:
            assert not processes(id), f"{id} was deleted and runs"

    def is_settled(self, of: Wanted, status: str) -> bool:
        now = self.platform.deployment(of.id)
        serves = now["runningVersion"] == now["version"] or not of.running
        settled = now["status"] == status and now["updateStatus"] == "None" and serves
        assert settled, {key: now[key] for key in ("status", "statusReason", "updateStatus", "version", "runningVersion")}
        return settled

    def replicas_are(self, of: Wanted) -> None:
        count = of.replicas if of.running else 0
        version = self.platform.deployment(of.id)["version"]

        def exact() -> bool:
            names = sorted((process.version, process.replica) for process in processes(of.id))
            told = [r for r in self.platform.get(f"/deployments/{of.id}/replicas") if r["status"] == "Running"]
            return names == [(version, index) for index in range(count)] == sorted((r["version"], r["index"]) for r in told)

        wait_for(f"{count} replicas of {of.id} at version {version}", exact)

    def logs_are_whole(self, of: Wanted) -> None:
        for run in self.platform.get(f"/deployments/{of.id}/runs"):
            answer = self.platform.call("GET", f"/deployments/{of.id}/runs/{run['id']}/logs")
            lines = answer.text.splitlines() if answer.status_code == 200 else []
            mine = [line for line in lines if line.startswith("line ")]
            who = f"line {of.id} {run['version']} {run['replica']} "
            assert mine == [f"{who}{number}" for number in range(len(mine))], f"{of.id} run {run}: {mine[:2]}…{mine[-2:]}"
            begun = [line for line in lines if line.startswith("started, attempt ")]
            assert begun in ([], [f"started, attempt {run['attempt']}"]), (run, begun)
            assert sum(line.startswith("ended: ") for line in lines) <= 1, run


@dataclass(frozen=True)
class Process:
    pid: int
    version: int
    replica: int


def processes(deployment: str) -> list[Process]:
    """The programs that run for a deployment, as the machine sees them."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and "main.py" in command_line(int(entry.name)):
            try:
                variables = dict(v.split("=", 1) for v in (entry / "environ").read_text().split("\0") if "=" in v)
            except (OSError, UnicodeDecodeError):
                continue
            if variables.get("Quix__Deployment__Id") == deployment:
                *_, version, replica = variables["Quix__Deployment__ReplicaName"].split("-")
                found.append(Process(int(entry.name), int(version), int(replica)))
    return found


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0
