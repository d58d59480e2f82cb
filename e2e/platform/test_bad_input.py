"""Mistakes get the right status, the one error shape, and words that help."""

from __future__ import annotations

import socket
import subprocess

import httpx
import pytest

from running import Platform

SHAPE = {"code", "message", "requestId", "correlationId"}


def refused(answer: httpx.Response, status: int) -> dict:
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert SHAPE <= body.keys(), body
    assert body["requestId"] == body["correlationId"] == answer.headers["x-request-id"]
    return body


@pytest.mark.parametrize("path", [
    "/workspaces/no-such-thing", "/no-such-thing/topics", "/{ws}/topics/absent", "/deployments/00000000-0000-0000-0000-000000000000",
    "/workspaces/no-such-thing/broker/librdkafka", "/nowhere/at/all",
])
def test_what_is_not_there_is_404(platform: Platform, path: str) -> None:
    refused(platform.call("GET", path.format(ws=platform.workspace)), 404)


def test_names_that_break_a_rule_are_400_and_say_which(platform: Platform) -> None:
    for name, word in [("a b", "' '"), ("x" * 250, "249"), ("..", "'..'"), ("", "name")]:
        body = refused(platform.call("POST", f"/{platform.workspace}/topics", {"name": name}), 400)
        assert word in body["message"], body


def test_a_second_topic_of_a_name_gets_the_sentence_that_clients_look_for(platform: Platform) -> None:
    platform.post(f"/{platform.workspace}/topics", {"Name": "twice"})
    body = refused(platform.call("POST", f"/{platform.workspace}/topics", {"name": "twice"}), 400)
    assert "Topic with name similar to 'twice' already exists." in str(body)


def test_no_or_a_wrong_token_is_401(platform: Platform) -> None:
    refused(httpx.get(platform.url + "/workspaces"), 401)
    refused(platform.call("GET", "/workspaces", token="sdk-wrong"), 401)


def test_an_sdk_token_streams_and_nothing_else(platform: Platform) -> None:
    sdk, ws = platform.sdk_token(), platform.workspace
    assert platform.call("GET", f"/{ws}/topics", token=sdk).status_code == 200
    assert len(platform.call("GET", "/workspaces", token=sdk).json()) == 1
    spec = {"workspaceId": ws, "applicationId": "any", "name": "any"}
    for method, path, body in [
        ("GET", f"/workspaces/{ws}/deployments", None), ("POST", "/deployments", spec),
        ("DELETE", f"/{ws}/topics/twice", None),
    ]:
        assert platform.call(method, path, body, token=sdk).status_code in (403, 404), path


def test_bodies_that_are_not_what_they_should_be(platform: Platform) -> None:
    path = f"{platform.url}/{platform.workspace}/topics"
    auth = {"Authorization": f"Bearer {platform.token}"}
    refused(httpx.post(path, content=b"{", headers={**auth, "Content-Type": "application/json"}), 400)
    refused(httpx.post(path, content=b"name=x", headers={**auth, "Content-Type": "text/csv"}), 415)
    refused(httpx.post(path, content=b" " * (80 << 20), headers={**auth, "Content-Type": "application/json"}), 413)
    refused(httpx.put(path, json={}, headers=auth), 405)


def test_a_strange_host_is_refused(platform: Platform) -> None:
    answer = platform.call("GET", "/workspaces", headers={"Host": "evil.example"})
    assert answer.status_code in (400, 403, 421), answer.text


def start_and_fail(binary, *arguments) -> str:
    done = subprocess.run([binary, "serve", *map(str, arguments)], capture_output=True, text=True, timeout=30)
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


ANY = ("--http-addr", "127.0.0.1:0", "--kafka-addr", "127.0.0.1:0", "--public-addr", "127.0.0.1:0")


def test_a_second_instance_says_what_to_do(platform: Platform, binary) -> None:
    assert str(platform.folder) in start_and_fail(binary, "--data-dir", platform.folder, *ANY)


def test_a_port_in_use_says_which(binary, tmp_path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        message = start_and_fail(binary, "--data-dir", tmp_path / "d", *ANY[2:], "--http-addr", f"127.0.0.1:{port}")
    assert str(port) in message


def test_an_unusable_folder_says_so(binary, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    assert "file" in start_and_fail(binary, "--data-dir", tmp_path / "file", *ANY)
