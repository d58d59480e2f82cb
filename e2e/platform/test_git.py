"""From a push to running code."""

from __future__ import annotations

from running import Checkout, Platform, wait_for

HELLO = {
    "hello/app.yaml": "name: hello\nlanguage: Python\nrunEntryPoint: main.py\n",
    "hello/main.py": "import time\nprint('version one', flush=True)\nwhile True:\n    time.sleep(1)\n",
    "hello/requirements.txt": "",
}


def test_a_push_and_a_redeploy_run_the_new_version(platform: Platform, checkout: Checkout) -> None:
    checkout.write(HELLO)
    first = checkout.push("Say hello")
    id = platform.deploy("hello")
    deployment = platform.wait_status(id, "Running")
    assert deployment["gitReference"] == first
    wait_for("first line", lambda: "version one" in platform.logs(id))

    checkout.write({"hello/main.py": HELLO["hello/main.py"].replace("one", "two")})
    second = checkout.push("Say it again")
    wait_for("the push to be seen", lambda: platform.deployment(id)["latestOutOfSync"])
    assert platform.deployment(id)["latestOutOfSync"] is True
    answer = platform.call("PATCH", f"/deployments/{id}", {"useLatest": True})
    assert answer.status_code == 200, answer.text
    wait_for("second version's line", lambda: "version two" in platform.logs(id))
    wait_for("second commit", lambda: platform.deployment(id)["gitReference"] == second)
    platform.wait_status(id, "Running")


def test_a_tag_is_a_version(platform: Platform, checkout: Checkout) -> None:
    from running import git

    checkout.write({**HELLO, "tagged/app.yaml": HELLO["hello/app.yaml"].replace("hello", "tagged"),
                    "tagged/main.py": "print('from the tag', flush=True)\nimport time; time.sleep(3600)\n"})
    commit = checkout.push("Add tagged")
    git("tag", "v1", cwd=checkout.folder)
    git("push", "--quiet", "origin", "v1", cwd=checkout.folder)
    id = platform.deploy("tagged", gitReference="v1", gitReferenceType="Tag")
    assert platform.wait_status(id, "Running")["gitReference"] in (commit, "v1")
    wait_for("its line", lambda: "from the tag" in platform.logs(id))


def test_the_repository_wants_a_token(platform: Platform, tmp_path) -> None:
    import subprocess

    for secret in ("wrong", platform.sdk_token()):
        done = subprocess.run(
            ["git", "clone", f"http://x:{secret}@{platform.http}/git/headwater/demo.git", tmp_path / secret[:5]],
            capture_output=True, text=True, env={"GIT_TERMINAL_PROMPT": "0", "PATH": "/usr/bin:/bin"},
        )
        assert done.returncode != 0
        assert "Authentication failed" in done.stderr or "not found" in done.stderr, done.stderr
