"""User code that looks where it should not is refused; what it may see, it can."""

from __future__ import annotations

import json
import textwrap

from running import Checkout, Platform, wait_for

PROBE = textwrap.dedent('''
    import json, os, socket, sys, time

    def attempt(what, action):
        try:
            value = action()
            print("PROBE", json.dumps({"what": what, "got": repr(value)[:200]}), flush=True)
        except Exception as error:
            print("PROBE", json.dumps({"what": what, "refused": type(error).__name__}), flush=True)

    data, neighbour = os.environ["DATA"], os.environ.get("NEIGHBOUR")
    attempt("list the data folder", lambda: os.listdir(data))
    for name in ("store.db", "secrets.key", "admin.key", "broker", "repos", "logs"):
        path = os.path.join(data, name)
        attempt("read " + name, lambda: os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1))
    attempt("write into the data folder", lambda: open(os.path.join(data, "mine"), "w").write("x"))
    def mint():
        with socket.socket(socket.AF_UNIX) as admin:
            admin.settimeout(10)
            admin.connect(os.path.join(data, "admin.sock"))
            admin.sendall(b"POST /tokens HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Type: application/json\\r\\n"
                          b"Content-Length: 2\\r\\nConnection: close\\r\\n\\r\\n{}")
            answer = admin.recv(65536)
        if answer.startswith(b"HTTP/1.1 401 "):
            raise PermissionError
        return answer
    attempt("a token at the admin socket", mint)
    attempt("the platform's environment", lambda: open("/proc/%s/environ" % os.environ["PLATFORM_PID"], "rb").read(1))
    if neighbour:
        attempt("another replica's environment", lambda: open("/proc/%s/environ" % neighbour, "rb").read(1))
        attempt("a signal to another replica", lambda: os.kill(int(neighbour), 0))
    def environs():
        mine = {str(os.getpid()), "self", "thread-self"}
        found = []
        for entry in os.listdir("/proc"):
            if entry.isdigit() and entry not in mine:
                try:
                    text = open("/proc/%s/environ" % entry, "rb").read()
                except OSError:
                    continue
                if b"NEIGHBOURS_SECRET" in text or b"HEADWATER_TEST_CANARY" in text:
                    found.append(entry)
        if not found:
            raise PermissionError
        return found
    attempt("any environment with a secret", environs)
    attempt("change its own code", lambda: open(__file__, "a").write("#"))
    attempt("become root", lambda: os.setuid(0))
    attempt("state of others", lambda: [d for d in os.listdir(os.path.join(data, "state"))])
    print("CANARY", any("HEADWATER_TEST_CANARY" in k for k in os.environ), flush=True)
    print("ALLOWED", open("/etc/hosts").readline() != "", bool(open(os.path.join(os.environ.get("TMPDIR", "/tmp"), "t"), "w").write("x")), flush=True)
    state = os.environ.get("Quix__Deployment__State__Path")
    print("STATE", bool(open(os.path.join(state, "kept"), "w").write("x")), flush=True)
    time.sleep(3600)
''')
IDLE = "import time\nprint('up', flush=True)\ntime.sleep(3600)\n"


def test_replicas_see_themselves_and_the_system_only(
    binary, tmp_path_factory, monkeypatch
) -> None:
    monkeypatch.setenv("HEADWATER_TEST_CANARY", "secret of the platform")
    platform = Platform(binary, tmp_path_factory.mktemp("isolated") / "data").start()
    try:
        checkout: Checkout = platform.clone(tmp_path_factory.mktemp("checkout") / "clone")
        checkout.write({
            "probe/app.yaml": "name: probe\nlanguage: Python\nrunEntryPoint: main.py\n", "probe/main.py": PROBE,
            "idle/app.yaml": "name: idle\nlanguage: Python\nrunEntryPoint: main.py\n", "idle/main.py": IDLE,
        })
        checkout.push("Add the probe")
        idle = platform.deploy("idle", variables={"NEIGHBOURS_SECRET": {"inputType": "FreeText", "value": "s3cret"}})
        platform.wait_status(idle, "Running")
        neighbour = wait_for("its pid", lambda: platform.get(f"/deployments/{idle}/replicas")[0].get("pid"))
        assert platform.process
        text = lambda value: {"inputType": "FreeText", "value": str(value)}
        probe = platform.deploy("probe", stateEnabled=True, stateSize=1, variables={
            "DATA": text(platform.folder), "NEIGHBOUR": text(neighbour), "PLATFORM_PID": text(platform.process.pid),
        })
        platform.wait_status(probe, "Running")
        logs = wait_for("the probe's end", lambda: "STATE" in (log := platform.logs(probe)) and log)
        answers = [json.loads(line.split("PROBE ", 1)[1]) for line in logs.splitlines() if "PROBE " in line]
        assert len(answers) >= 14, logs
        got = [answer for answer in answers if "got" in answer]
        assert not got, got
        assert "CANARY False" in logs and "ALLOWED True True" in logs and "STATE True" in logs, logs
        assert not (platform.folder / "mine").exists()
    finally:
        platform.destroy()
