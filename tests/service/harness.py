# SPDX-License-Identifier: Apache-2.0
"""The real programs on loopback, with scratch state, for the service tests.

    with AuthService(tmp_path) as auth, PolicyService(tmp_path, auth.url) as policy:
        status, headers, body = auth.get("/health")

Every service listens on a port that the kernel chooses. `stop()` sends SIGTERM and asserts a
clean exit; what it logged is in `log()` as parsed JSON lines.
"""
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BIN_DIR = pathlib.Path(os.environ.get("IRONWOOD_BIN_DIR", ROOT / "build/bin"))
START_DEADLINE_S = float(os.environ.get("IRONWOOD_START_DEADLINE_S", "30"))


def wait_until(condition, what, deadline_s=20.0):
    """Polls until condition() is true and returns its value; fails with `what` otherwise."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {deadline_s} s for {what}")
        time.sleep(0.01)


def clean_environment(extra=None):
    """Nothing of the caller's configuration reaches a service under test."""
    keep = {k: v for k, v in os.environ.items()
            if not k.startswith("IRONWOOD_") and k not in ("JWT_SECRET", "EVAL_TIMEOUT_MS", "CACHE_SIZE")}
    keep.setdefault("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=0:exitcode=99")
    keep.update(extra or {})
    return keep


class Service:
    binary = None

    def __init__(self, directory, arguments=(), env=None):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.arguments = [str(a) for a in arguments]
        self.env = env or {}
        self.process = None
        self.port = None
        self.log_path = self.directory / f"{self.binary}.log"
        self.error_path = self.directory / f"{self.binary}.err"

    def command(self):
        return [str(BIN_DIR / self.binary), *self.arguments]

    def spawn(self):
        """Starts the process and returns at once."""
        port_file = self.directory / f"{self.binary}.port"
        port_file.unlink(missing_ok=True)
        self.port_file = port_file
        command = self.command() + ["--port-file", str(port_file)]
        if "--port" not in self.arguments:
            command += ["--port", "0"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=open(self.log_path, "ab"),
            stderr=open(self.error_path, "ab"), env=clean_environment(self.env))
        return self

    def start(self):
        self.spawn()
        wait_until(lambda: self.port_file.exists() or self.process.poll() is not None,
                   f"{self.binary} to listen", START_DEADLINE_S)
        assert self.process.poll() is None, f"{self.binary} ended: {self.errors()}{self.raw_log()}"
        self.port = int(self.port_file.read_text())
        wait_until(self.is_ready, f"{self.binary} to be ready", START_DEADLINE_S)
        return self

    def is_ready(self):
        try:
            return self.get("/health/ready")[0] == 200
        except OSError:
            return False

    def stop(self, expected=0, deadline_s=20):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(deadline_s)
        self.process = None
        assert code == expected, f"{self.binary} exited with {code}: {self.errors()}"
        return code

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.stop()
        else:
            self.kill()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def errors(self):
        return self.error_path.read_text(errors="replace") if self.error_path.exists() else ""

    def raw_log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def log(self, event=None):
        complete = self.raw_log().split("\n")[:-1]
        lines = [json.loads(line) for line in complete if line.strip()]
        return [line for line in lines if event is None or line["event"] == event]

    def wait_log(self, event, deadline_s=20.0, **fields):
        """The first line of the event that has these fields, once it is written."""
        def find():
            return next((line for line in self.log(event)
                         if all(line.get(k) == v for k, v in fields.items())), None)
        return wait_until(find, f"{self.binary} to log {event} {fields or ''}", deadline_s)

    def request(self, method, path, body=None, headers=None, timeout=30):
        """(status, headers as a lower-case dict, body bytes); no redirects are followed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return (answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def post_json(self, path, value, token=None, headers=None):
        """POSTs JSON; the answer's body is parsed when it is JSON."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        status, answered, body = self.request("POST", path, json.dumps(value).encode(), sent)
        return status, answered, json.loads(body) if body and "json" in answered.get("content-type", "") else body

    def get_json(self, path, token=None, headers=None):
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        status, answered, body = self.get(path, sent)
        return status, answered, json.loads(body)

    def raw(self, data, timeout=10):
        """Sends bytes on a fresh connection and returns everything until the peer closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as peer:
            peer.sendall(data)
            pieces = []
            while piece := peer.recv(65536):
                pieces.append(piece)
            return b"".join(pieces)

    def metrics(self):
        """{'name{labels}': value} of /metrics."""
        text = self.get("/metrics")[2].decode()
        pairs = (line.rsplit(" ", 1) for line in text.splitlines() if line and line[0] != "#")
        return {name: float(value) for name, value in pairs}


class AuthService(Service):
    binary = "auth-service"

    def __init__(self, directory, arguments=(), env=None):
        directory = pathlib.Path(directory) / "auth"
        super().__init__(directory, ["--data-dir", directory / "data", *arguments], env)
        (directory / "data").mkdir(parents=True, exist_ok=True)


class PolicyService(Service):
    binary = "policy-service"

    def __init__(self, directory, issuer, arguments=(), env=None, policies=None):
        directory = pathlib.Path(directory) / "policy"
        self.policies = pathlib.Path(policies) if policies else ROOT / "demo/policies"
        super().__init__(directory, ["--policy-dir", self.policies, "--issuer", issuer, *arguments], env)


def problem_of(answer):
    """Checks an error answer's form and returns its document."""
    status, headers, body = answer
    assert headers["content-type"] == "application/problem+json", headers
    document = body if isinstance(body, dict) else json.loads(body)
    assert document["type"].startswith("urn:ironwood:problem:"), document
    assert document["status"] == status
    assert document["title"] and document["request_id"]
    return document
