"""What becomes of applications that fail, end, or are told to stop."""

from __future__ import annotations

import pytest

from running import Checkout, Platform, wait_for


def app(name: str, code: str, requirements: str = "", more: str = "") -> dict[str, str]:
    return {
        f"{name}/app.yaml": f"name: {name}\nlanguage: Python\nrunEntryPoint: main.py\n{more}",
        f"{name}/main.py": code,
        f"{name}/requirements.txt": requirements,
    }


@pytest.fixture(scope="module")
def applications(platform: Platform, checkout: Checkout) -> Platform:
    checkout.write({
        **app("job", "print('done', flush=True)\n"),
        **app("failing-job", "raise SystemExit(3)\n"),
        **app("crash", "import nosuchmodule\n"),
        **app("bad-requirement", "print()\n", "no-such-package-by-headwater==99\n"),
        **app("idle", "import time\nprint('up', flush=True)\ntime.sleep(3600)\n"),
        "nothing/app.yaml": "name: nothing\nlanguage: Python\nrunEntryPoint: missing.py\n",
    })
    checkout.push("Add applications")
    return platform


def test_a_job_completes(applications: Platform) -> None:
    id = applications.deploy("job", deploymentType="Job")
    applications.wait_status(id, "Completed")
    assert "done" in applications.logs(id)


def test_a_job_that_fails_says_so(applications: Platform) -> None:
    id = applications.deploy("failing-job", deploymentType="Job")
    assert "3" in applications.wait_status(id, "RuntimeError")["statusReason"]


def test_a_crash_loop_names_the_missing_module(applications: Platform) -> None:
    id = applications.deploy("crash")
    assert "nosuchmodule" in applications.wait_status(id, "RuntimeError")["statusReason"]
    wait_for("restarts", lambda: applications.deployment(id)["restartCount"] >= 2)


def test_a_bad_requirement_is_quoted(applications: Platform) -> None:
    id = applications.deploy("bad-requirement")
    assert "no-such-package-by-headwater" in applications.wait_status(id, "BuildFailed")["statusReason"]
    log = applications.call("GET", f"/deployments/{id}/buildlogs")
    assert "no-such-package-by-headwater" in log.text


def test_a_missing_file_is_named(applications: Platform) -> None:
    id = applications.deploy("nothing")
    assert "missing.py" in applications.wait_status(id, "BuildFailed")["statusReason"]


def test_stop_start_delete(applications: Platform) -> None:
    id = applications.deploy("idle")
    applications.wait_status(id, "Running")
    assert applications.call("PUT", f"/deployments/{id}/stop").status_code == 200
    applications.wait_status(id, "Stopped")
    assert applications.call("PUT", f"/deployments/{id}/start").status_code == 200
    applications.wait_status(id, "Running")
    assert applications.call("DELETE", f"/deployments/{id}").status_code in (200, 204)
    wait_for("it to be gone", lambda: applications.call("GET", f"/deployments/{id}").status_code == 404)


def test_replicas_outlive_the_platform(applications: Platform) -> None:
    id = applications.deploy("idle", name="survivor", replicas=2)
    applications.wait_status(id, "Running")
    before = pids(applications, id)
    assert len(before) == 2
    applications.kill()
    applications.start()
    applications.wait_status(id, "Running")
    assert wait_for("both replicas", lambda: len(p := pids(applications, id)) == 2 and p) == before


def pids(platform: Platform, id: str) -> set[int]:
    return {r["pid"] for r in platform.get(f"/deployments/{id}/replicas") if r.get("pid")}
