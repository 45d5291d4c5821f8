# SPDX-License-Identifier: Apache-2.0
"""auth-service as a process: start, refusal to start, stop, and its command line."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

import pytest
from harness import AuthService, BIN_DIR, clean_environment, wait_until
from identity import (DEMO, PASSWORD, QUICK, me, new_person, port_is_closed, quick_auth,
                      refused_start, root_secret)


def run(*arguments, env=None):
    return subprocess.run([BIN_DIR / "auth-service", *map(str, arguments)], capture_output=True,
                          text=True, env=clean_environment(env), timeout=30)


# ---- command line --------------------------------------------------------------------------

def test_help_names_every_key_with_default_and_environment():
    shown = run("--help")
    assert shown.returncode == 0 and shown.stderr == ""
    assert "Usage: auth-service" in shown.stdout
    for flag in ("--port", "--data-dir", "--issuer", "--jwt-secret", "--access-token-ttl",
                 "--argon2-memory", "--throttle-free"):
        assert flag in shown.stdout
    assert "JWT_SECRET" in shown.stdout and "default 15m" in shown.stdout


def test_version():
    shown = run("--version")
    assert shown.returncode == 0
    assert shown.stdout.startswith("auth-service ") and shown.stdout.count("\n") == 1


@pytest.mark.parametrize("how", ["environment", "flag", "directory"])
def test_the_printed_configuration_masks_secrets(tmp_path, how):
    secret = root_secret()
    (tmp_path / "jwt_secret").write_text(secret)
    env = {"JWT_SECRET": secret} if how == "environment" else None
    arguments = {"environment": [], "flag": ["--jwt-secret", secret],
                 "directory": ["--config-dir", tmp_path]}[how]
    shown = run("--print-config", "--data-dir", tmp_path / "data", *arguments, env=env)
    assert shown.returncode == 0
    assert secret not in shown.stdout + shown.stderr
    line, = (line for line in shown.stdout.splitlines() if "jwt_secret" in line)
    assert "*" in line or "masked" in line
    assert f"{tmp_path}/data" in shown.stdout
    assert not (tmp_path / "data").exists(), "looking changes nothing"


@pytest.mark.parametrize("arguments, said", [
    (["--prot", "8080"], "port"),
    (["--port", "many"], "port"),
    (["--port", "65536"], "port"),
    (["--access-token-ttl", "1s"], "access_token_ttl"),
    (["--access-token-ttl", "15"], "access_token_ttl"),
    (["--refresh-token-ttl", "60d"], "refresh_token_ttl"),
    (["--log-level", "loud"], "log_level"),
    (["--tls-certificate", "x.pem"], "tls_key"),
    (["--argon2-memory", "1T"], "argon2_memory"),
    (["--config", "/nowhere/at/all"], "/nowhere/at/all"),
    (["stray"], "stray"),
    (["--port"], "port"),
])
def test_a_mistake_in_the_configuration_is_named(tmp_path, arguments, said):
    code, output, error = refused_start(AuthService(tmp_path, ["--port", "0"]), arguments)
    assert code == 2 and output == ""
    assert error.startswith("auth-service: configuration: ")
    assert said.replace("_", "-") in error.replace("_", "-")
    assert error.count("\n") == 1


# ---- start ---------------------------------------------------------------------------------

def test_a_second_start_on_the_port_says_what_is_in_the_way(tmp_path):
    with quick_auth(tmp_path) as first:
        person = new_person(first)
        second = AuthService(tmp_path / "second", DEMO)
        code, _, said = refused_start(second, ["--port", first.port])
        assert code == 1
        assert str(first.port) in said and "in use" in said
        assert list((second.directory / "data").iterdir()) == [] or \
            not (second.directory / "data" / "auth.db").exists(), "nothing was begun"
        assert person.try_login()[0] == 200, "the first one goes on"


def test_a_second_start_on_the_same_data_and_port_does_no_harm(tmp_path):
    with quick_auth(tmp_path) as auth:
        token = new_person(auth).login()["access_token"]
        keys = auth.get("/.well-known/jwks.json")[2]
        again = AuthService(tmp_path, DEMO, {"JWT_SECRET": root_secret()})
        refused_start(again, ["--port", auth.port])
        assert auth.get("/.well-known/jwks.json")[2] == keys
        assert me(auth, token)[0] == 200


def test_a_port_that_another_program_holds_is_named(tmp_path):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        _, _, said = refused_start(AuthService(tmp_path, DEMO), ["--port", port])
        assert str(port) in said and "in use" in said


@pytest.mark.parametrize("address", ["203.0.113.7", "not-an-address"])
def test_an_address_that_is_not_ours_is_named(tmp_path, address):
    _, _, said = refused_start(AuthService(tmp_path, DEMO), ["--port", "0", "--address", address])
    assert address in said


def test_a_data_directory_is_made_when_it_is_missing(tmp_path):
    auth = quick_auth(tmp_path)
    (auth.directory / "data").rmdir()
    with auth:
        assert (auth.directory / "data").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("path, said", [
    ("/proc/no-such-place/data", "cannot make the data directory"),
    ("/dev/null", "not a directory"),
    ("", "data_dir"),
])
def test_an_unusable_data_directory_is_named(tmp_path, path, said):
    auth = AuthService(tmp_path, DEMO)
    auth.arguments[1] = path
    _, _, error = refused_start(auth)
    assert said in error and path in error and error.count("\n") == 1


def test_a_data_directory_that_cannot_be_written_is_named():
    """As an ordinary user, because root may write everywhere."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        scratch.chmod(0o755)
        binary = scratch / "auth-service"
        shutil.copy(BIN_DIR / "auth-service", binary)
        data = scratch / "data"
        data.mkdir(mode=0o555)
        who = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
        ended = subprocess.run([binary, "--data-dir", data, "--port", "0"], capture_output=True,
                               text=True, env=clean_environment(), timeout=30, cwd="/", **who)
        data.chmod(0o755)
    assert ended.returncode == 1
    assert str(data) in ended.stderr and "Permission denied" in ended.stderr


@pytest.mark.parametrize("content", [b"this is no database\n" * 100,
                                     b"SQLite format 3\0" + b"x" * 4080])
def test_a_damaged_database_stops_the_start_and_is_left_alone(tmp_path, content):
    auth = AuthService(tmp_path, DEMO)
    path = auth.directory / "data" / "auth.db"
    path.write_bytes(content)
    _, _, said = refused_start(auth)
    assert "database" in said.lower() or "auth.db" in said
    assert path.read_bytes()[:100] == content[:100]


def test_an_audit_log_that_cannot_be_written_stops_the_start(tmp_path):
    auth = AuthService(tmp_path, [*DEMO, "--audit-log", "/proc/no-such-place/audit.log"])
    _, _, said = refused_start(auth)
    assert "/proc/no-such-place/audit.log" in said


def test_when_the_audit_log_fails_nothing_is_given_away(tmp_path):
    """An action that cannot be recorded does not happen."""
    if not pathlib.Path("/dev/full").exists():
        pytest.skip("this machine has no /dev/full")
    with quick_auth(tmp_path, "--audit-log", "/dev/full") as auth:
        status, _, body = auth.post_json("/api/v1/auth/register", {
            "email": "unaudited@example.com", "password": PASSWORD, "name": "Un Audited"})
        assert status == 503 and body["type"].startswith("urn:ironwood:problem:")
        status, _, body = auth.post_json("/api/v1/auth/login", {
            "email": "admin@ironwood.local",
            "password": (auth.directory / "data" / "admin-password").read_text().strip()})
        assert status == 503 and "access_token" not in str(body)
        assert auth.wait_log("audit_failed")["level"] == "error"
        assert auth.metrics()['audit_records_total{service="auth-service",outcome="failed"}'] >= 2


# ---- health --------------------------------------------------------------------------------

def test_health_tells_about_the_process_and_its_database(tmp_path):
    with quick_auth(tmp_path) as auth:
        for path in ("/health", "/health/live", "/health/ready"):
            status, headers, body = auth.get_json(path)
            assert status == 200 and headers["content-type"] == "application/json"
            assert body["status"] == "ok"
        assert auth.get_json("/health")[2]["dependencies"] == {"database": "up"}
        assert auth.request("HEAD", "/health")[0] == 200
        ready = auth.wait_log("service_ready")
        assert ready["port"] == auth.port and ready["issuer"] == auth.url


# ---- stop ----------------------------------------------------------------------------------

@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_service_cleanly(tmp_path, how):
    with quick_auth(tmp_path) as auth:
        new_person(auth)
        auth.process.send_signal(how)
        assert auth.process.wait(20) == 0
        assert auth.log("service_stop")[0]["signal"] == how
        assert auth.errors().count("\n") == 1, "nothing but the administrator's password"
        auth.process = None


def test_what_has_begun_is_finished_before_the_service_ends(tmp_path):
    """SIGTERM: no new connections, the running request is answered, then exit 0."""
    with quick_auth(tmp_path) as auth:
        person = new_person(auth)
        body = json.dumps({"email": person.email, "password": person.password}).encode()
        head = (f"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode()
        with socket.create_connection(("127.0.0.1", auth.port), timeout=20) as peer:
            peer.sendall(head + body[:10])
            assert auth.get("/health")[0] == 200, "the head was read by now, or soon will be"
            auth.process.send_signal(signal.SIGTERM)
            wait_until(lambda: port_is_closed(auth.port), "the port to close")
            assert auth.process.poll() is None
            peer.sendall(body[10:])
            answer = b""
            while piece := peer.recv(65536):
                answer += piece
        assert answer.startswith(b"HTTP/1.1 200 ") and b"access_token" in answer
        assert b"connection: close" in answer.lower()
        assert auth.process.wait(20) == 0
        auth.process = None


def test_a_client_that_never_finishes_does_not_hold_the_service_up(tmp_path):
    with quick_auth(tmp_path, "--drain", "500ms") as auth:
        with socket.create_connection(("127.0.0.1", auth.port), timeout=20) as peer:
            peer.sendall(b"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                         b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
            auth.get("/health")
            auth.process.send_signal(signal.SIGTERM)
            assert auth.process.wait(10) == 0
        auth.process = None


def test_no_answer_is_lost_while_the_service_stops_under_load(tmp_path):
    with quick_auth(tmp_path) as auth:
        people = [new_person(auth) for _ in range(4)]
        answered, broken = [], []

        def work(person):
            while True:
                try:
                    answered.append(person.try_login()[0])
                except ConnectionRefusedError:
                    return
                except OSError as failure:
                    broken.append(failure)
                    return
        threads = [threading.Thread(target=work, args=(p,)) for p in people]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(answered) > 20, "some sign-ins")
        auth.process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join()
        assert auth.process.wait(20) == 0
        assert set(answered) == {200}
        # A connection that the kernel had accepted for us when the port closed may be reset.
        assert len(broken) <= len(threads)
        auth.process = None


def test_the_generated_password_is_told_once_and_not_logged(tmp_path):
    with quick_auth(tmp_path) as auth:
        password = (auth.directory / "data" / "admin-password").read_text().strip()
        assert auth.errors().count(password) == 1
        assert password not in auth.raw_log()


# ---- descriptors -------------------------------------------------------------------------------

class WithFewDescriptors(AuthService):
    """64 descriptors at first, 600 on request, and far more connections promised."""

    def command(self):
        return ["prlimit", "--nofile=64:600", *super().command()]


def test_more_peers_than_descriptors_are_told_so_and_wait_for_nobody(tmp_path):
    with WithFewDescriptors(tmp_path, QUICK) as auth, contextlib.ExitStack() as peers:
        def served():
            """Whether one more peer, who stays, is answered with 200."""
            peer = peers.enter_context(socket.create_connection(("127.0.0.1", auth.port), 10))
            peer.sendall(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
            status = peer.recv(4096).split(b" ", 2)[1]
            assert status in (b"200", b"503")
            return status == b"200"
        count = next(i for i in range(600) if not served())
        assert count > 300, "what the system allows is used"
        assert not any(served() for _ in range(3))
