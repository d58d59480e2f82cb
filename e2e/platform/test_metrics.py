"""Figures over time and `/metrics`, read by Prometheus' own parser."""

from __future__ import annotations

import shutil
import subprocess

import httpx
import pytest
from confluent_kafka import Producer
from prometheus_client.parser import text_string_to_metric_families

from running import Checkout, Platform, wait_for
from test_kafka_access import settings

IDLE = "import time\nprint('up', flush=True)\ntime.sleep(3600)\n"
CRASH = "raise SystemExit(3)\n"


@pytest.fixture(scope="module")
def deployments(platform: Platform, checkout: Checkout) -> dict[str, str]:
    for name, code in {"idle": IDLE, "crash": CRASH}.items():
        checkout.write({
            f"{name}/app.yaml": f"name: {name}\nlanguage: Python\nrunEntryPoint: main.py\n",
            f"{name}/main.py": code,
            f"{name}/requirements.txt": "",
        })
    checkout.push("Add applications")
    ids = {name: platform.deploy(name) for name in ["idle", "crash"]}
    platform.wait_status(ids["idle"], "Running")
    platform.call("POST", f"/{platform.workspace}/topics", {"name": "cars"})
    wait_for("the topic", lambda: platform.get(f"/{platform.workspace}/topics/cars")["status"] == "Ready")
    return ids


def series(platform: Platform, path: str, **query: object) -> dict[tuple, list]:
    answer = platform.call("GET", path, params=query).json()
    return {(each["name"], each["replica"]): each["points"] for each in answer["series"]}


def told(platform: Platform) -> dict[str, dict[tuple, float]]:
    """Values by family and labels; fails on what Prometheus could not read."""
    answer = httpx.get(f"{platform.url}/metrics")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found: dict[str, dict[tuple, float]] = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.type != "unknown" and family.documentation, family
        for sample in family.samples:
            values = found.setdefault(sample.name, {})
            labels = tuple(sorted(sample.labels.items()))
            assert labels not in values, f"{sample} is told twice"
            values[labels] = sample.value
    return found


def test_figures_of_a_deployment_outlive_the_platform(platform: Platform, deployments: dict[str, str]) -> None:
    path = f"/deployments/{deployments['idle']}/metrics"

    def memory() -> list | None:
        return series(platform, path, points=2000).get(("memoryBytes", 0))

    before = wait_for("five seconds of figures", lambda: (m := memory()) and len(m) > 4 and m)
    assert all(low <= average <= high and high > 1 << 20 for _, low, average, high in before)
    assert told(platform)["headwater_build_duration_seconds_count"][(("outcome", "succeeded"),)] >= 1
    platform.kill()
    platform.start()
    after = memory()
    kept = {point[0] for point in after or []}
    # What is written each second is lost with nothing but a cut of the power.
    assert all(point[0] in kept for point in before[:-1])
    wait_for("figures that go on", lambda: (m := memory()) and m[-1][0] > before[-1][0] and m)
    answer = platform.call("GET", path).json()
    limits = {(each["name"], each["replica"]): each["limit"] for each in answer["series"]}
    assert limits[("cpuMillicores", 0)] == 1000 and limits[("memoryBytes", 0)] == 1 << 30


def test_restarts_are_seen_over_time(platform: Platform, deployments: dict[str, str]) -> None:
    path = f"/deployments/{deployments['crash']}/metrics"
    restarts = wait_for(
        "restarts", lambda: (all := series(platform, path)) and (r := all.get(("restarts", 0))) and r[-1][3] >= 2 and r
    )
    assert [high for *_, high in restarts] == sorted(high for *_, high in restarts)


def test_traffic_of_a_topic_is_seen_over_time(platform: Platform, deployments: dict[str, str]) -> None:
    producer = Producer(settings(platform))
    for n in range(1000):
        producer.produce(f"{platform.workspace}-cars", value=b"x" * 100)
    assert producer.flush(30) == 0
    path = f"/{platform.workspace}/topics/cars/metrics"

    def rates() -> list | None:
        points = series(platform, path, points=2000).get(("recordsInPerSecond", None), [])
        return points if any(high > 0 for *_, high in points) else None

    points = wait_for("a rate", rates)
    assert 300 < sum(average for _, _, average, _ in points) * 2 < 3000, points


def test_prometheus_reads_what_the_platform_tells(platform: Platform, deployments: dict[str, str]) -> None:
    def all_there() -> dict | None:
        found = told(platform)
        replicas = found.get("headwater_replica_memory_bytes", {})
        restarts = found.get("headwater_deployment_restarts_total", {})
        # Figures are a second old at most; what was produced just now may not be among them.
        received = found.get("headwater_topic_received_records_total", {}).get(topic, 0) >= 1000
        return found if replicas and any(restarts.values()) and received else None

    topic = (("topic", "cars"), ("workspace", platform.workspace))
    found = wait_for("figures of replicas and records", all_there)
    place = (("deployment", "idle"), ("workspace", platform.workspace))
    assert found["headwater_deployment_replicas_running"][place] == 1
    assert found["headwater_deployment_memory_limit_bytes"][place] == 1 << 30
    assert found["headwater_deployment_status"][tuple(sorted((*place, ("status", "Running"))))] == 1
    assert found["headwater_topic_records"][topic] >= 1000
    assert found["headwater_broker_request_duration_seconds_count"][(("api", "Produce"),)] >= 1
    assert found["headwater_broker_received_bytes_total"][()] > 100_000
    assert any(dict(labels)["route"] == "/deployments/{deploymentId}/metrics" for labels in found["headwater_http_requests_total"])
    assert found["process_resident_memory_bytes"][()] > 1 << 20 and found["process_open_fds"][()] > 10
    assert found["headwater_figures_series"][()] >= 8

    if promtool := shutil.which("promtool"):
        text = httpx.get(f"{platform.url}/metrics").text
        checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True)
        assert checked.returncode == 0 and not checked.stdout.strip(), checked.stdout + checked.stderr
