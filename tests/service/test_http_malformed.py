# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 as it must not be, against both services: refused with the right status, the
connection closed where what follows cannot be trusted, and the service well afterwards."""
import json
import random
import signal
import socket
import ssl
import subprocess
import time

import pytest

from fake_issuer import Issuer, certificate
from harness import AuthService, PolicyService, problem_of, wait_until
from http_cases import END, H, MALFORMED, WELL_FORMED, WELL_FORMED_BODIES, Wire, fill, get, length, line


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    """{name: (service, function that puts its paths into a row)}"""
    directory = tmp_path_factory.mktemp("malformed")
    with Issuer(directory / "issuer") as issuer, AuthService(directory, ["--logins-per-minute", "0"]) as auth, \
            PolicyService(directory, issuer.url) as policy:
        token = issuer.token()
        wait_until(lambda: policy.post_json("/v1/authorize", {}, token)[0] == 400, "keys")
        yield {
            "auth": (auth, lambda data: fill(data, post_path="/api/v1/auth/login")),
            "policy": (policy, lambda data: fill(data, post_path="/v1/authorize",
                                                 post_fields=f"Authorization: Bearer {token}\r\n")),
        }


@pytest.fixture(params=["auth", "policy"])
def target(request, services):
    return services[request.param]


def test_the_rows_have_different_names():
    names = [row[0] for row in MALFORMED]
    assert len(names) == len(set(names)) > 170


@pytest.mark.parametrize("name", [row[0] for row in MALFORMED])
def test_a_malformed_request_is_refused(target, name):
    service, filled = target
    _, data, statuses = next(row for row in MALFORMED if row[0] == name)
    data = filled(data)
    with Wire(service.port, 5) as wire:
        answer = wire.send(data).answer()
        assert answer[0] in statuses, answer
        problem_of(answer)
        assert answer[1]["connection"] == "close"
        assert wire.is_closed()


@pytest.mark.parametrize("name", [row[0] for row in MALFORMED])
def test_nothing_behind_a_malformed_request_is_read(target, name):
    """Request smuggling: what follows must not be taken for a request."""
    service, filled = target
    _, data, statuses = next(row for row in MALFORMED if row[0] == name)
    if not filled(data).endswith(b"\r\n"):
        return  # what follows would be part of it
    with Wire(service.port, 3) as wire:
        wire.send(filled(data) + filled(get(b"X-Request-ID: smuggled\r\n")))
        answer = wire.answer()
        assert answer[0] in statuses
        assert wire.is_closed()
        assert b"smuggled" not in answer[2]


@pytest.mark.parametrize("pieces", [1, 7])
def test_the_answer_does_not_depend_on_how_the_bytes_arrive(services, pieces):
    service, filled = services["policy"]
    for name in ["bare LF in a value", "two Hosts", "chunk data without CRLF", "chunk size with junk", "folded line"]:
        data = filled(next(row[1] for row in MALFORMED if row[0] == name))
        with Wire(service.port, 5) as wire:
            wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(0, len(data), pieces):
                wire.send(data[at:at + pieces])
            assert wire.answer()[0] == 400, name
            assert wire.is_closed()


@pytest.mark.parametrize("name", [row[0] for row in WELL_FORMED])
def test_an_unusual_but_right_request_is_served(target, name):
    service, filled = target
    data = filled(next(row[1] for row in WELL_FORMED if row[0] == name))
    with Wire(service.port) as wire:
        answer = wire.send(data).answer(head_only=data.startswith(b"HEAD"))
        assert answer[0] == 200, answer
        assert (answer[1].get("connection") == "close") == (b"HTTP/1.0" in data)


@pytest.mark.parametrize("name", [row[0] for row in WELL_FORMED_BODIES])
def test_an_unusual_but_right_body_reaches_the_handler(target, name):
    service, filled = target
    data = filled(next(row[1] for row in WELL_FORMED_BODIES if row[0] == name))
    with Wire(service.port) as wire:
        for _ in range(2):  # and the connection can be used again
            answer = wire.send(data).answer()
            assert problem_of(answer)["type"] == "urn:ironwood:problem:invalid-field"
            assert "is required" in json.loads(answer[2])["detail"]
        assert wire.is_open()


# ---- connections -----------------------------------------------------------------------------


def numbered(number, path=b"/health"):
    return b"GET " + path + b" HTTP/1.1\r\n" + H + b"X-Request-ID: n%d\r\n\r\n" % number


def test_pipelined_requests_are_answered_in_their_order(target):
    """Also when some are answered by a worker and some at once."""
    service, filled = target
    slow = filled(length(b" 2")).replace(H, H + b"X-Request-ID: n%d\r\n", 1)
    requests = [slow.replace(b"%d", str(n).encode()) if n % 3 == 0 else numbered(n) for n in range(40)]
    with Wire(service.port) as wire:
        wire.send(b"".join(requests))
        answers = [wire.answer() for _ in requests]
        assert [a[1]["x-request-id"] for a in answers] == [f"n{n}" for n in range(40)]
        assert [a[0] for a in answers] == [400 if n % 3 == 0 else 200 for n in range(40)]
        assert wire.is_open()


def test_a_mistake_ends_the_pipeline_where_it_is(target):
    service, _ = target
    with Wire(service.port) as wire:
        wire.send(numbered(1) + numbered(2) + b"GET / HTTP/1.1\r\nBad Header: x\r\n\r\n" + numbered(4))
        answers = [wire.answer() for _ in range(3)]
        assert [a[0] for a in answers] == [200, 200, 400]
        assert wire.is_closed()


def test_a_connection_is_kept_until_somebody_says_close(target):
    service, _ = target
    with Wire(service.port) as wire:
        for number in range(20):
            assert wire.send(numbered(number)).answer()[0] == 200
        assert wire.send(get(b"Connection: close\r\n").replace(b"PATH", b"/health")).answer()[1]["connection"] == "close"
        assert wire.is_closed()
    with Wire(service.port) as wire:
        answer = wire.send(get(b"Connection: upgrade, CLOSE\r\nUpgrade: h2c\r\n").replace(b"PATH", b"/health")).answer()
        assert (answer[0], answer[1]["connection"]) == (200, "close")
        assert wire.is_closed()
    with Wire(service.port) as wire:
        wire.send(b"GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert wire.answer()[1]["connection"] == "keep-alive"
        wire.send(b"GET /health HTTP/1.0\r\n\r\n")
        assert wire.answer()[1]["connection"] == "close"
        assert wire.is_closed()


def test_head_is_get_without_the_body(target):
    service, _ = target
    for path in [b"/health", b"/metrics", b"/nowhere"]:
        with Wire(service.port) as wire:
            whole = wire.send(numbered(1, path)).answer()
            head = wire.send(numbered(2, path).replace(b"GET", b"HEAD")).answer(head_only=True)
            assert (head[0], set(head[1])) == (whole[0], set(whole[1]))
            assert int(head[1]["content-length"]) > 0
            assert wire.send(numbered(3)).answer()[0] == 200


def test_options_and_wrong_methods_name_the_right_ones(target):
    service, filled = target
    post_path = filled(b"POST").split(b" ")[1]
    with Wire(service.port) as wire:
        for path, allowed in [(b"/health", {"GET", "HEAD", "OPTIONS"}), (post_path, {"POST", "OPTIONS"})]:
            answer = wire.send(b"OPTIONS " + path + b" HTTP/1.1\r\n" + H + END).answer()
            assert (answer[0], answer[2]) == (204, b"")
            assert set(answer[1]["allow"].split(", ")) == allowed
            for method in [b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE"]:
                if method.decode() in allowed:
                    continue
                answer = wire.send(method + b" " + path + b" HTTP/1.1\r\n" + H + b"Content-Length: 0\r\n\r\n").answer(
                    head_only=method == b"HEAD")
                assert answer[0] == 405, method
                assert set(answer[1]["allow"].split(", ")) == allowed
                if method != b"HEAD":
                    assert problem_of(answer)["type"] == "urn:ironwood:problem:method-not-allowed"
        answer = wire.send(line(b"OPTIONS * HTTP/1.1")).answer()
        assert answer[0] == 204 and "GET" in answer[1]["allow"]
        answer = wire.send(line(b"GET /nowhere HTTP/1.1")).answer()
        assert (answer[0], problem_of(answer)["type"]) == (404, "urn:ironwood:problem:not-found")
        answer = wire.send(line(b"TRACE /health HTTP/1.1")).answer()
        assert answer[0] in (405, 501) and b"X-Request" not in answer[2]


def test_every_answer_has_the_headers_of_an_api(target):
    service, _ = target
    for data in [get(), line(b"GET /nowhere HTTP/1.1"), line(b"GET PATH HTTP/1.9"), get(host=b"")]:
        with Wire(service.port) as wire:
            _, headers, _ = wire.send(data.replace(b"PATH", b"/health")).answer()
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == "no-store"
            assert headers["referrer-policy"] == "no-referrer"
            assert len(headers["x-request-id"]) == 32
            assert headers["date"].endswith(" GMT")
            assert "server" not in headers


def test_100_continue_asks_for_the_body_only_when_it_is_wanted(target):
    service, filled = target
    expecting = filled(length(b" 2", b"")).replace(END + END, END + b"Expect: 100-continue\r\n\r\n")
    assert expecting.count(b"Expect") == 1
    with Wire(service.port) as wire:
        assert wire.send(expecting).answer()[0] == 100
        assert wire.send(b"{}").answer()[0] == 400  # the handler has read it
        assert wire.is_open()
    with Wire(service.port) as wire:
        # Refused from the head alone: too large, and nobody need send it.
        large = expecting.replace(b"Content-Length: 2", b"Content-Length: 99999999")
        answer = wire.send(large).answer()
        assert (answer[0], answer[1]["connection"]) == (413, "close")
    with Wire(service.port) as wire:
        assert wire.send(expecting.replace(b"HTTP/1.1", b"HTTP/1.0") + b"{}").answer()[0] == 400


def test_a_refused_body_does_not_become_the_next_request(target):
    """404, 405 and 401 are answered from the head; the body that follows is skipped."""
    service, _ = target
    body = numbered(666)
    for head in [b"POST /nowhere", b"POST /health", b"PUT /v1/authorize", b"DELETE /api/v1/auth/login"]:
        with Wire(service.port) as wire:
            wire.send(head + b" HTTP/1.1\r\n" + H + b"Content-Length: %d\r\n\r\n" % len(body) + body + numbered(2))
            assert wire.answer()[0] in (401, 404, 405)
            assert wire.answer()[1]["x-request-id"] == "n2"


def test_many_connections_that_say_nothing_are_no_trouble(services):
    service, _ = services["policy"]
    silent = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(300)]
    assert service.get("/health")[0] == 200
    for peer in silent:
        peer.close()


def test_garbage_of_all_kinds_does_no_harm(target):
    service, _ = target
    random.seed(9112)
    good = get(b"Content-Length: 3\r\n").replace(b"PATH", b"/health") + b"abc"
    for round in range(300):
        data = bytearray(good)
        for _ in range(random.randrange(1, 4)):
            kind, at = random.randrange(3), random.randrange(len(data))
            if kind == 0:
                data[at] = random.randrange(256)
            elif kind == 1:
                del data[at]
            else:
                data.insert(at, random.choice(b"\r\n\0 :\t,;/" + bytes(range(256))))
        with socket.create_connection(("127.0.0.1", service.port), timeout=5) as peer:
            peer.sendall(bytes(data))
            peer.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := peer.recv(65536):
                answer += piece
            assert answer == b"" or answer.startswith(b"HTTP/1.1 "), (round, data)
            assert b" 500 " not in answer[:20], (round, data)
    assert service.get("/health/ready")[0] == 200


def test_after_all_this_the_services_have_no_regrets(target):
    service, _ = target
    assert service.process.poll() is None
    assert service.errors() == "" or "administrator" in service.errors()
    assert [entry for entry in service.log() if entry["event"] == "internal_error"] == []
    metrics = service.metrics()
    assert metrics[f'http_parse_errors_total{{service="{service.binary}"}}'] > 100
    assert not [k for k, v in metrics.items() if k.startswith("http_requests_total") and 'status="500"' in k and v]


# ---- slow peers, full houses, shutting down --------------------------------------------------


def start(directory, *arguments):
    return PolicyService(directory, "http://127.0.0.1:1", arguments)


def test_slow_peers_are_cut_off(tmp_path):
    """A head or body that does not come (Slowloris): 408, then closed."""
    with start(tmp_path) as service:
        began = time.monotonic()
        slow_head = Wire(service.port, 20).send(b"GET /health HTTP/1.1\r\nHost: a\r\n")
        trickle = Wire(service.port, 20).send(b"GET /hea")
        for _ in range(40):  # a byte now and then does not help
            if time.monotonic() - began > 12:
                break
            time.sleep(0.25)
            trickle.send(b"l" if _ % 2 else b"h")
        for wire in slow_head, trickle:
            answer = wire.answer()
            assert (answer[0], problem_of(answer)["type"]) == (408, "urn:ironwood:problem:request-timeout")
            assert wire.is_closed()
        assert 9 < time.monotonic() - began < 14
        assert service.get("/health")[0] == 200


def test_connections_over_the_cap_are_not_served(tmp_path):
    with start(tmp_path, "--connections-max", "20") as service:
        held = []
        for _ in range(20):
            wire = Wire(service.port).send(numbered(1))
            assert wire.answer()[0] == 200
            held.append(wire)
        with Wire(service.port, 5) as extra:
            extra.send(numbered(2))
            answer = extra.answer()
            assert answer is None or answer[0] == 503
            assert extra.is_closed()
        # Those inside go on, and who leaves makes room.
        assert held[0].send(numbered(3)).answer()[0] == 200
        held.pop().socket.close()
        wait_until(lambda: Wire(service.port).send(numbered(4)).answer() is not None, "room for another")
        for wire in held:
            wire.socket.close()


def test_a_request_in_flight_is_finished_before_the_service_ends(tmp_path):
    with start(tmp_path, "--drain", "5s") as service:
        idle = Wire(service.port).send(numbered(1))
        assert idle.answer()[0] == 200
        flying = Wire(service.port).send(b"GET /health HTTP/1.1\r\nHost: a\r\n")
        time.sleep(0.1)
        service.process.send_signal(signal.SIGTERM)
        service.wait_log("service_stop", signal=15)
        assert idle.is_closed()
        wait_until(lambda: refused(service.port), "the listener to close")
        answer = flying.send(b"\r\n").answer()
        assert (answer[0], answer[1]["connection"]) == (200, "close")
        assert flying.is_closed()
        assert service.process.wait(10) == 0


def refused(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return False
    except OSError:
        return True


def test_the_drain_ends_even_when_a_peer_does_not(tmp_path):
    with start(tmp_path, "--drain", "500ms") as service:
        stuck = Wire(service.port).send(b"GET /health HTTP/1.1\r\nHost: a\r\n")
        time.sleep(0.1)
        began = time.monotonic()
        assert service.stop() == 0  # a clean stop; that somebody was cut off is in the log
        assert time.monotonic() - began < 4
        assert service.log("service_stop")[-1]["outcome"] == "connections were cut"
        stuck.socket.close()


def test_a_password_check_in_flight_is_finished_too(tmp_path):
    """auth-service: the answer of a worker arrives although the service is stopping."""
    with AuthService(tmp_path, ["--argon2-memory", "64M", "--argon2-passes", "3"]) as service:
        body = json.dumps({"email": "a@example.com", "password": "correct horse battery", "name": "A"}).encode()
        wire = Wire(service.port)
        wire.send(b"POST /api/v1/auth/register HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                  b"Content-Length: %d\r\n\r\n" % len(body) + body)
        time.sleep(0.02)
        service.process.send_signal(signal.SIGTERM)
        answer = wire.answer()
        assert answer[0] == 201, answer
        assert service.process.wait(10) == 0


# ---- TLS -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tls")
    files = certificate(directory, "localhost", host="127.0.0.1")
    service = PolicyService(directory, "http://127.0.0.1:1", ["--tls-certificate", files[0], "--tls-key", files[1]])
    service.is_ready = lambda: True  # the harness speaks plain HTTP
    service.certificate = files[0]
    with service:
        wait_until(lambda: not refused(service.port), "the listener")
        yield service


def client_context(tls, **settings):
    context = ssl.create_default_context(cafile=str(tls.certificate))
    for name, value in settings.items():
        setattr(context, name, value)
    return context


def over_tls(tls, context=None, session=None):
    context = context or client_context(tls)
    return Wire(tls.port, 10, lambda s: context.wrap_socket(s, server_hostname="127.0.0.1", session=session))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_serves_and_resumes(tls, version):
    context = client_context(tls, minimum_version=version, maximum_version=version)
    with over_tls(tls, context) as wire:
        answers = [wire.send(numbered(n)).answer() for n in range(3)]
        assert [a[0] for a in answers] == [200, 200, 200]
        assert not wire.socket.session_reused
        session = wire.socket.session
    with over_tls(tls, context, session) as wire:
        assert wire.send(numbered(1)).answer()[0] == 200
        assert wire.socket.session_reused


def test_tls_carries_large_and_pipelined_requests(tls):
    with over_tls(tls) as wire:
        wire.send(b"".join(numbered(n) for n in range(50)))
        assert [wire.answer()[1]["x-request-id"] for _ in range(50)] == [f"n{n}" for n in range(50)]
        wire.send(b"POST /nowhere HTTP/1.1\r\n" + H + b"Content-Length: 50000\r\n\r\n" + b"x" * 50_000 + numbered(1))
        assert wire.answer()[0] == 404
        assert wire.answer()[0] == 200
        assert wire.send(line(b"GET /health HTTP/1.7")).answer()[0] == 505


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_old_tls_is_refused(tls, version):
    # SECLEVEL=0: it is the server that must refuse, not this client.
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{tls.port}", version,
                           "-cipher", "ALL:@SECLEVEL=0"], input=b"", capture_output=True, timeout=20)
    assert done.returncode != 0
    assert b"protocol version" in done.stderr + done.stdout


def test_plain_http_on_the_tls_port_gets_nothing(tls):
    with Wire(tls.port, 5) as wire:
        wire.send(numbered(1))
        while wire.fill():
            pass
        assert b"HTTP/1.1 200" not in wire.unread
    with over_tls(tls) as wire:
        assert wire.send(numbered(1)).answer()[0] == 200


def test_a_handshake_that_is_not_finished_is_no_trouble(tls):
    half = [socket.create_connection(("127.0.0.1", tls.port)) for _ in range(50)]
    for peer in half:
        peer.sendall(bytes.fromhex("16030102000100"))
    with over_tls(tls) as wire:
        assert wire.send(numbered(1)).answer()[0] == 200
    for peer in half:
        peer.close()


def test_certificate_and_key_must_fit(tmp_path):
    one, other = certificate(tmp_path, "one"), certificate(tmp_path, "other")
    for files in [(one[0], other[1]), (one[0], tmp_path / "nowhere"), (tmp_path / "nowhere", one[1])]:
        service = start(tmp_path, "--tls-certificate", files[0], "--tls-key", files[1])
        service.spawn()
        assert service.process.wait(10) == 1
        service.process = None
        assert "cannot start" in service.errors()
    service = start(tmp_path, "--tls-certificate", one[0])
    service.spawn()
    assert service.process.wait(10) == 2
    service.process = None
    assert "go together" in service.errors()

