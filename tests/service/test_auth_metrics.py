# SPDX-License-Identifier: Apache-2.0
"""The metrics of contract C5 that auth-service has: there, named right, and moving."""
import re
import shutil
import subprocess

import pytest
from harness import wait_until
from identity import (Browser, app_client, me, new_person, quick_auth, refresh, web_client)


@pytest.fixture(scope="module")
def auth(tmp_path_factory):
    with quick_auth(tmp_path_factory.mktemp("metrics")) as service:
        new_person(service).login()  # a family is shown once it has a series
        me(service, "x")
        yield service


def exposition(service):
    return service.get("/metrics")[2].decode()


def growth(service, action):
    """{series: how much it grew} while action() ran."""
    before = service.metrics()
    action()

    def changed():
        after = service.metrics()
        return {n: v - before.get(n, 0) for n, v in after.items() if v != before.get(n, 0)}
    return changed


@pytest.mark.parametrize("name, kind", [
    ("http_requests_total", "counter"), ("http_request_duration_seconds", "histogram"),
    ("authentication_attempts_total", "counter"), ("tokens_issued_total", "counter"),
    ("token_validation_errors_total", "counter"), ("active_sessions", "gauge"),
    ("dependency_up", "gauge"),
    ("dependency_request_duration_seconds", "histogram"),
    ("db_connection_pool_size", "gauge"), ("db_connection_pool_in_use", "gauge"),
    ("db_connection_pool_waiting", "gauge"), ("build_info", "gauge"),
    ("process_cpu_seconds_total", "counter"), ("process_open_fds", "gauge"),
    ("process_max_fds", "gauge"), ("process_resident_memory_bytes", "gauge"),
    ("process_virtual_memory_bytes", "gauge"), ("process_start_time_seconds", "gauge"),
])
def test_the_metrics_of_the_contract_are_described(auth, name, kind):
    text = exposition(auth)
    assert re.search(rf"^# TYPE {name} {kind}$", text, re.M)
    assert re.search(rf"^# HELP {name} \S", text, re.M)


def test_promtool_finds_nothing_to_complain_about(auth):
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed (Debian package prometheus)")
    new_person(auth).login()
    checked = subprocess.run(["promtool", "check", "metrics"], input=exposition(auth), text=True,
                             capture_output=True)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def series(name, **labels):
    inside = ",".join(f'{n}="{v}"' for n, v in {"service": "auth-service", **labels}.items())
    return f"{name}{{{inside}}}"


def test_sign_ins_are_counted_by_result_and_method(auth):
    person, client = new_person(auth), web_client(auth)

    def action():
        person.login()
        person.login()
        person.try_login("wrong password")
        browser = Browser(auth)
        form = browser.open_sign_in(client)
        browser.submit(form, email=person.email, password="wrong password")
        browser.submit(form, email=person.email, password=person.password)
        client.token("client_credentials")
    changed = growth(auth, action)()
    for labels, count in ((("success", "password"), 2), (("failure", "password"), 1),
                          (("success", "password_page"), 1), (("failure", "password_page"), 1),
                          (("success", "client_secret"), 1)):
        name = series("authentication_attempts_total", result=labels[0], method=labels[1])
        assert changed[name] == count, name


def test_tokens_are_counted_by_grant(auth):
    person, client = new_person(auth), web_client(auth)

    def action():
        refresh(auth, person.login()["refresh_token"])
        client.refresh(client.tokens_for(person)["refresh_token"])
        client.token("client_credentials")
    changed = growth(auth, action)()
    for grant, count in (("password", 1), ("refresh_token", 2), ("authorization_code", 1),
                         ("client_credentials", 1)):
        assert changed[series("tokens_issued_total", grant=grant)] == count, grant


def test_refused_tokens_are_counted_by_reason(auth):
    token = new_person(auth).login()["access_token"]
    changed = growth(auth, lambda: [me(auth, "x"), me(auth, token[:-6] + "AAAAAA")])()
    assert changed[series("token_validation_errors_total", reason="malformed")] == 1
    assert changed[series("token_validation_errors_total", reason="signature")] == 1


def test_requests_are_counted_by_route_template_and_status(auth):
    """Label values come from closed lists: what a peer makes up never becomes a series."""
    def action():
        for i in range(5):
            auth.get(f"/nowhere/{i}?x={i}")
            auth.request(f"METHOD{i}", "/health")
        auth.get("/oauth/authorize?client_id=made-up-value")
        auth.get("/api/v1/auth/me")
    changed = growth(auth, action)
    me_series = series("http_requests_total", method="GET", route="/api/v1/auth/me", status="401")
    wait_until(lambda: changed().get(me_series) == 1, "the request to be counted")
    assert "made-up-value" not in exposition(auth) and "nowhere" not in exposition(auth)
    assert "METHOD" not in exposition(auth)
    unmatched = [n for n in changed() if n.startswith("http_requests_total") and '"404"' in n]
    assert len(unmatched) == 1 and changed()[unmatched[0]] == 5


def test_durations_are_histograms_with_the_labels_of_the_runbook(auth):
    auth.get("/health")
    text = exposition(auth)
    buckets = re.findall(r'http_request_duration_seconds_bucket\{service="auth-service",'
                         r'method="GET",route="/health",le="([^"]+)"\} (\d+)', text)
    bounds = [float(b) for b, _ in buckets]
    counts = [int(c) for _, c in buckets]
    assert bounds == sorted(bounds) and bounds[-1] == float("inf") and len(bounds) > 8
    assert counts == sorted(counts) and counts[-1] >= 1


def test_the_database_is_a_dependency_with_a_pool(auth):
    metrics = auth.metrics()
    assert metrics[series("dependency_up", dependency="database")] == 1
    assert metrics[series("db_connection_pool_size")] >= 2
    assert metrics[series("db_connection_pool_waiting")] == 0
    assert metrics[series("dependency_request_duration_seconds_count", dependency="database")] >= 1


def test_sessions_are_counted(auth):
    """The gauge is read from the database now and then; it must be right at once after a start."""
    Browser(auth).sign_in(app_client(auth), new_person(auth))
    auth.stop()
    auth.start()
    wait_until(lambda: auth.metrics()[series("active_sessions")] >= 1, "the sessions to be counted")


def test_the_process_tells_about_itself(auth):
    metrics = auth.metrics()
    assert 1e6 < metrics["process_resident_memory_bytes"] < 2e9
    assert metrics["process_open_fds"] > 3
    assert metrics["process_cpu_seconds_total"] > 0
    version, = (n for n in metrics if n.startswith("build_info"))
    assert re.search(r'version="\d+\.\d+\.\d+', version) and metrics[version] == 1


@pytest.mark.parametrize("accept, kind", [
    (None, "text/plain; version=0.0.4"), ("*/*", "text/plain; version=0.0.4"),
    ("application/openmetrics-text; version=1.0.0,text/plain;q=0.5",
     "application/openmetrics-text"),
])
def test_the_format_is_the_one_that_was_asked_for(auth, accept, kind):
    status, headers, body = auth.get("/metrics", {"Accept": accept} if accept else None)
    assert status == 200 and headers["content-type"].startswith(kind)
    assert body.endswith(b"# EOF\n") is (kind == "application/openmetrics-text")
