"""A plant in a workspace: twenty deployments in every state that one can be in, and fifty topics."""

from __future__ import annotations

import functools
import json
from pathlib import Path

from confluent_kafka import Producer

from running import Checkout, Platform, wait_for

PLANT = Path(__file__).parent / "apps/plant"
DEPLOYMENTS, TOPICS = 20, 50
SMALL = {"cpuMillicores": 200, "memoryInMb": 128}


class World:
    """What stands on a platform, by name."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.workspace = platform.workspace
        self.ids: dict[str, str] = {}
        self.application = functools.cache(platform.application)

    def deploy(self, application: str, name: str, type: str = "Service", running: bool = True, **spec) -> str:
        found = self.application(application)
        texts = {"input": "InputTopic", "output": "OutputTopic"}
        declared = {v["name"]: {**v, "value": v.get("defaultValue", "")} for v in found["variables"]}
        for variable, value in spec.pop("variables", {}).items():
            declared[variable] = {"inputType": texts.get(variable, "FreeText"), "required": False, "value": value}
        variables = {n: {k: v[k] for k in ("inputType", "required", "value")} for n, v in declared.items()}
        self.ids[name] = self.platform.post("/deployments", {
            "workspaceId": self.workspace, "applicationId": found["applicationId"], "name": name,
            "deploymentType": type, "autoStart": running, "variables": variables, **SMALL, **spec,
        })["deploymentId"]
        return self.ids[name]

    def variable(self, name: str, variable: str, value: str) -> None:
        """Changes one variable of a deployment, as somebody would."""
        deployment = self.platform.deployment(self.ids[name])
        variables = deployment["variables"]
        variables[variable]["value"] = value
        answer = self.platform.call("PATCH", f"/deployments/{self.ids[name]}", {"variables": variables})
        assert answer.status_code == 200, answer.text

    def wait(self, **statuses: str) -> None:
        for name, status in statuses.items():
            self.platform.wait_status(self.ids[name.replace("_", " ")], status)

    def write(self, path: Path) -> Path:
        """For the browsers' scripts."""
        path.write_text(json.dumps({"workspace": self.workspace, "deployments": self.ids}))
        return path


def build(platform: Platform, checkout: Checkout) -> World:
    """Everything at once; what takes time is waited for at the end."""
    checkout.write({str(f.relative_to(PLANT)): f.read_text() for f in PLANT.rglob("*") if f.is_file() and f.suffix != ".pyc"})
    checkout.push("Build the plant")
    world = World(platform)
    deploy = world.deploy

    for line in (1, 2, 3):
        deploy("line", f"Sensors of line {line}", variables={"output": f"line-{line}-raw"})
        deploy("line", f"Features of line {line}", variables={"input": f"line-{line}-raw", "output": f"line-{line}-features"})
    deploy("line", "Archive", variables={"input": "line-1-features"})
    deploy("line", "Dashboard", variables={"input": "line-2-features"})
    deploy("steady", "Scale", replicas=2)
    deploy("steady", "Gauge")
    deploy("steady", "Guarded", healthCheck={"type": "Process", "timeoutSeconds": 10})
    deploy("steady", "Rested")
    deploy("steady", "Never started", running=False)
    deploy("steady", "A name that somebody found fitting for the measuring of everything in hall seven", running=False)
    deploy("batch", "Import", "Job", variables={"ends": "3"})
    deploy("batch", "Backfill", "Job", variables={"waits": "yes"})
    deploy("batch", "Report", "Job")
    deploy("batch", "Nightly", "Job", schedule="15 3 * * *")
    deploy("crash", "Model")
    deploy("unbuildable", "Forecast")
    assert len(world.ids) == DEPLOYMENTS
    topics(world)

    world.wait(Guarded="Running", Rested="Running")
    platform.call("PUT", f"/deployments/{world.ids['Rested']}/stop")
    world.variable("Guarded", "mood", "broken")
    world.wait(Scale="Running", Gauge="Running", Backfill="Running", Report="Completed", Forecast="BuildFailed",
               Model="RuntimeError", Rested="Stopped", Archive="Running", Dashboard="Running")
    wait_for("the roll back", lambda: platform.deployment(world.ids["Guarded"])["rollback"])
    return world


def topics(world: World) -> None:
    """Fifty in all, with those that the deployments made; one of them with records of every kind."""
    platform, path = world.platform, f"/{world.workspace}/topics"
    kinds = [{}, {"partitions": 4}, {"cleanupPolicy": "Compact"}, {"retentionInMinutes": 60, "retentionInBytes": 10_000_000}]
    platform.post(path, {"name": "mixed", "configuration": {"partitions": 1}})
    platform.post(path, {"name": "a-topic-whose-name-tells-everything-that-anybody-may-ever-want-to-know-about-it"})
    present = {t["name"] for t in platform.get(path)}
    for i in range(TOPICS):
        name = f"hall-{i // 10 + 1}.station-{i % 10 + 1}"
        if len(present) < TOPICS and name not in present:
            present.add(name)
            platform.post(path, {"name": name, "configuration": kinds[i % len(kinds)]})
    wait_for("fifty topics", lambda: len(platform.get(path)) >= TOPICS)

    producer = Producer(platform.get(f"/workspaces/{world.workspace}/broker/librdkafka"))
    mixed = f"{world.workspace}-mixed"
    producer.produce(mixed, b"\x00\x01\xfe\xff" * 40, key=b"\xff\x00")
    producer.produce(mixed, None, key=b"gone")
    producer.produce(mixed, "plain text, of one line", headers={"origin": b"hall 7", "raw": b"\xff\xfe"})
    producer.produce(mixed, "w" * 20_000, key="wide")
    producer.produce(mixed, json.dumps({"machine": {"id": 7, "tags": ["press", "old"]}, "celsius": [1.5] * 200}), key="json")
    assert producer.flush(30) == 0
