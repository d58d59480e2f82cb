"""A public application in Node.js: built from its lock file, reached by host and by path, WebSockets included."""

from __future__ import annotations

import json
import socket
import textwrap
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from running import Checkout, Platform, wait_for

LOCK = Path(__file__).parent / "apps" / "echo-package-lock.json"
MAIN = textwrap.dedent('''
    import http from "node:http"
    import { WebSocketServer } from "ws"

    const server = http.createServer((request, response) => {
      let body = ""
      request.on("data", (piece) => (body += piece))
      request.on("end", () => {
        response.setHeader("content-type", "application/json")
        response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }))
      })
    })
    new WebSocketServer({ server }).on("connection", (socket) => socket.on("message", (data) => socket.send(`echo ${data}`)))
    server.listen(process.env.PORT, () => console.log("listening"))
''')


@pytest.fixture(scope="module")
def echo(platform: Platform, checkout: Checkout) -> dict:
    lock = json.loads(LOCK.read_text())
    checkout.write({
        "echo/app.yaml": "name: echo\nlanguage: JavaScript\nrunEntryPoint: main.js\n",
        "echo/main.js": MAIN,
        "echo/package.json": json.dumps({"name": "echo", "type": "module", **lock["packages"][""]}),
        "echo/package-lock.json": LOCK.read_text(),
    })
    checkout.push("Add echo")
    id = platform.deploy("echo", publicAccess=True, urlPrefix="echo")
    platform.wait_status(id, "Running")
    wait_for("its port", lambda: "listening" in platform.logs(id))
    return platform.deployment(id)


def doors(platform: Platform, echo: dict) -> list[tuple[str, dict[str, str]]]:
    """The address and headers of both ways in."""
    host = echo["publicUrl"].split("://")[1].rstrip("/")
    label = host.split(".")[0]
    return [(platform.http, {"Host": host}), (f"{platform.public}/{label}", {})]


def test_requests_arrive_whole_by_host_and_by_path(platform: Platform, echo: dict) -> None:
    for address, headers in doors(platform, echo):
        answer = httpx.post(f"http://{address}/some/path?a=b", content="x" * 100_000, headers=headers)
        seen = answer.json()
        assert (seen["method"], len(seen["body"])) == ("POST", 100_000)
        assert seen["url"].endswith("/some/path?a=b")


def test_the_portals_session_stays_out(platform: Platform, echo: dict) -> None:
    for address, headers in doors(platform, echo):
        seen = httpx.get(f"http://{address}/", headers={**headers, "Cookie": "mine=1; headwater_session=s3cret"}).json()
        assert "s3cret" not in json.dumps(seen) and "mine=1" in seen["headers"]["cookie"]


def test_web_sockets_pass(platform: Platform, echo: dict) -> None:
    by_host, by_path = doors(platform, echo)
    # The name of the public host, at the address that the platform listens on.
    address, port = platform.http.split(":")
    at_host = socket.create_connection((address, int(port)))
    with connect(f"ws://{by_host[1]['Host']}/", sock=at_host) as web_socket:
        web_socket.send("host")
        assert web_socket.recv(10) == "echo host"
    with connect(f"ws://{by_path[0]}/") as web_socket:
        web_socket.send("path")
        assert web_socket.recv(10) == "echo path"
