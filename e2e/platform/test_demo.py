"""`serve --demo`: three deployments, two topics that flow, a public page with moving numbers."""

from __future__ import annotations

import httpx
import pytest

from running import Platform, wait_for

DEMO = ["Machine telemetry", "Machine averages", "Live dashboard"]


@pytest.fixture(scope="module")
def demo(binary, tmp_path_factory: pytest.TempPathFactory):
    platform = Platform(binary, tmp_path_factory.mktemp("demo") / "data", "--demo").start()
    yield platform
    platform.destroy()


def deployments(platform: Platform) -> dict[str, dict]:
    return {d["name"]: d for d in platform.get(f"/workspaces/{platform.workspace}/deployments")}


def test_all_three_run(demo: Platform) -> None:
    assert httpx.get(demo.url + "/readyz").status_code == 200

    def running() -> bool:
        found = deployments(demo)
        return sorted(found) == sorted(DEMO) and all(d["status"] == "Running" for d in found.values())

    wait_for("three running deployments", running, 120)


def test_records_flow_through_both_topics(demo: Platform) -> None:
    def flowing() -> bool:
        rates = {m["topicId"]: m["bytesInPerSecond"] for m in demo.get(f"/{demo.workspace}/topics/metrics/all")}
        return all(rates.get(f"{demo.workspace}-{t}", 0) > 0 for t in ("machine-telemetry", "machine-averages"))

    wait_for("bytes in both topics", flowing, 90)


def test_the_dashboard_shows_moving_numbers_by_path_and_by_host(demo: Platform) -> None:
    url = deployments(demo)["Live dashboard"]["publicUrl"]
    label = url.split("://")[1].split(".")[0]
    by_path = f"http://{demo.public}/{label}/"
    assert "Live dashboard" in httpx.get(by_path, follow_redirects=True).text
    assert "Live dashboard" in httpx.get(demo.url, headers={"Host": url.split("://")[1].rstrip("/")}).text
    first = wait_for("a window", lambda: httpx.get(by_path + "latest").json(), 90)
    wait_for("the next window", lambda: httpx.get(by_path + "latest").json()[-1]["end"] > first[-1]["end"], 60)


def test_the_demo_is_seeded_once(demo: Platform) -> None:
    before = {d["deploymentId"] for d in deployments(demo).values()}
    demo.stop()
    demo.start()
    wait_for("running again", lambda: all(d["status"] == "Running" for d in deployments(demo).values()), 120)
    assert {d["deploymentId"] for d in deployments(demo).values()} == before
