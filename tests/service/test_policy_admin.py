# SPDX-License-Identifier: Apache-2.0
"""The operator's view of policy-service, and who may have it (contract C2)."""
import json
import shutil
import subprocess

import pytest

from fake_issuer import Issuer
from harness import ROOT, PolicyService, problem_of, wait_until

PATHS = ["/admin/policies", "/admin/policies/embargo", "/admin/policy-stats"]


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    with Issuer(tmp_path_factory.mktemp("issuer")) as it:
        yield it


def ready(service, issuer):
    wait_until(lambda: service.post_json("/v1/authorize", {
        "action": 'Action::"view"', "resource": 'Document::"handbook"'}, issuer.token())[0] == 200, "keys")
    return service


@pytest.fixture(scope="module")
def policy(issuer, tmp_path_factory):
    with PolicyService(tmp_path_factory.mktemp("admin"), issuer.url) as service:
        yield ready(service, issuer)


def status_of(service, path, host, headers=(), method="GET", version="1.1"):
    """The status for a request whose every header is ours."""
    lines = [f"{method} {path} HTTP/{version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    lines += [f"{name}: {value}" for name, value in headers] + ["Connection: close", "", ""]
    answer = service.raw("\r\n".join(lines).encode("latin-1"))
    return int(answer.split(b" ", 2)[1])


LOOPBACK_HOSTS = ["localhost", "localhost:8080", "LOCALHOST", "LocalHost:1", "127.0.0.1", "127.0.0.1:8080",
                  "127.1.2.3", "127.255.255.254:65535", "[::1]", "[::1]:8080"]

OTHER_HOSTS = ["policy.example.com", "policy-service", "localhost.example.com", "localhost.", "xlocalhost",
               "127.0.0.1.example.com", "127.0.0.1.", "127.0.0", "127.1", "0.0.0.0", "10.0.0.1", "128.0.0.1",
               "27.0.0.1", "0127.0.0.1", "127.0.0.256", "127.0.0.1.1", "2130706433", "0x7f.0.0.1", "[::]",
               "[::ffff:127.0.0.1]", "[0:0:0:0:0:0:0:1]", "[fe80::1]", "192.168.0.1:8080"]

FORWARDING = [("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-For", ""), ("x-forwarded-host", "localhost"),
              ("X-FORWARDED-PROTO", "http"), ("X-Forwarded-Port", "8080"), ("X-Forwarded-Anything", "x"),
              ("X-Forwarded-Client-Cert", "x"), ("Forwarded", "for=127.0.0.1"), ("Forwarded", ""),
              ("Via", "1.1 proxy"), ("via", ""), ("X-Envoy-Internal", "true"),
              ("X-Envoy-External-Address", "127.0.0.1"), ("x-envoy-decorator-operation", "x"), ("X-Real-IP", "127.0.0.1")]


@pytest.mark.parametrize("path", PATHS)
def test_from_inside_the_pod_no_token_is_needed(policy, path):
    """curl http://localhost:8080/admin/…, as in the runbook."""
    assert policy.get(path)[0] == 200
    assert status_of(policy, path, "localhost:8080") == 200
    assert status_of(policy, path, "localhost:8080", method="HEAD") == 200


@pytest.mark.parametrize("host", LOOPBACK_HOSTS)
def test_a_loopback_name_as_host_qualifies(policy, host):
    assert status_of(policy, "/admin/policies", host) == 200


@pytest.mark.parametrize("host", OTHER_HOSTS)
def test_any_other_host_does_not(policy, host):
    """A page in a browser on the machine may have had its name pointed at 127.0.0.1."""
    assert status_of(policy, "/admin/policies", host) in (400, 401)


def test_the_target_decides_when_it_has_an_authority(policy):
    """RFC 9112 §3.2.2: an absolute target overrides Host."""
    assert status_of(policy, "http://localhost/admin/policies", "policy.example.com") == 200
    assert status_of(policy, "http://policy.example.com/admin/policies", "localhost") == 401


def test_without_a_host_nothing_is_assumed(policy):
    assert status_of(policy, "/admin/policies", None, version="1.0") == 401
    assert status_of(policy, "/admin/policies", "localhost", version="1.0") == 200


@pytest.mark.parametrize("header", FORWARDING, ids=lambda h: f"{h[0]}={h[1]}")
def test_a_forwarded_request_does_not_qualify(policy, header):
    assert status_of(policy, "/admin/policies", "localhost", [header]) == 401


def test_headers_that_only_look_like_it_do_not_matter(policy):
    for header in [("X-Forwarded", "x"), ("Viaduct", "x"), ("X-Envoyage", "x"), ("Forwarded-For", "x"),
                   ("Cookie", "Via=1"), ("User-Agent", "X-Forwarded-For: 1"), ("Origin", "http://localhost")]:
        assert status_of(policy, "/admin/policies", "localhost", [header]) == 200, header


def test_a_token_that_is_sent_is_the_one_that_counts(policy, issuer):
    """Somebody who says who she is gets what she may have, not what loopback may have."""
    def get(token):
        return policy.get("/admin/policies", {"Authorization": f"Bearer {token}"})
    assert get(issuer.token(scope="openid admin"))[0] == 200
    plain = get(issuer.token())
    assert (plain[0], problem_of(plain)["type"]) == (403, "urn:ironwood:problem:forbidden")
    assert get("garbage")[0] == 401
    assert get(issuer.token(exp=1))[0] == 401


@pytest.mark.parametrize("path", PATHS)
def test_through_a_proxy_the_admin_scope_is_needed(policy, issuer, path):
    def get(token):
        headers = {"Via": "1.1 gateway"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return policy.get(path, headers)
    answer = get(None)
    assert (answer[0], problem_of(answer)["type"]) == (401, "urn:ironwood:problem:unauthenticated")
    assert answer[1]["www-authenticate"].startswith("Bearer")
    for scope, expected in [("admin", 200), ("openid admin email", 200), ("openid", 403), ("administrator", 403),
                            ("Admin", 403), ("admin:read", 403), ("", 403), (None, 403)]:
        assert get(issuer.token(scope=scope))[0] == expected, scope
    # A role is for policies, a scope is for us.
    assert get(issuer.token(roles=["admin"]))[0] == 403


def test_the_exception_can_be_switched_off(issuer, tmp_path):
    with PolicyService(tmp_path, issuer.url, ["--loopback-admin=false"]) as service:
        ready(service, issuer)
        for path in PATHS:
            assert status_of(service, path, "localhost") == 401
            assert service.get(path, {"Authorization": f"Bearer {issuer.token(scope='admin')}"})[0] == 200
        # Health and metrics are not admin.
        assert service.get("/health")[0] == 200
        assert service.get("/metrics")[0] == 200


def test_what_changes_something_always_needs_a_token(policy, issuer):
    assert status_of(policy, "/admin/reload", "localhost", [("Content-Length", "0")], method="POST") == 401
    for method in ["GET", "PUT", "DELETE"]:
        assert status_of(policy, "/admin/reload", "localhost", [("Content-Length", "0")], method=method) == 405
    assert status_of(policy, "/admin/policies", "localhost", [("Content-Length", "0")], method="POST") == 405


def test_unknown_paths_below_admin_are_just_not_there(policy):
    for path in ["/admin", "/admin/", "/admin/x", "/debug", "/admin/policies/", "/Admin/policies"]:
        assert policy.get(path)[0] == 404, path
    for path in ["/admin//policies", "/admin/../admin/policies", "/admin/%2e%2e/metrics"]:
        assert policy.get(path)[0] == 400, path


# ---- what the operator sees ------------------------------------------------------------------


def test_the_list_of_policies_is_countable(policy):
    status, headers, body = policy.get("/admin/policies")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert len(json.loads(body)["policies"]) == 7
    if shutil.which("jq"):
        counted = subprocess.run(["jq", ".policies | length"], input=body, stdout=subprocess.PIPE, check=True)
        assert counted.stdout == b"7\n"


def test_a_policy_is_shown_as_written(policy):
    listed = {p["id"]: p for p in policy.get_json("/admin/policies")[2]["policies"]}
    assert list(listed) == ["public-documents", "engineering-documents", "owners", "administrators",
                            "large-transfers", "no-delete-under-legal-hold", "embargo"]
    embargo = listed["embargo"]
    assert set(embargo) == {"id", "effect", "template", "source", "line", "annotations", "text"}
    text = (ROOT / "demo/policies/documents.cedar").read_text()
    assert embargo["text"] in text
    assert (embargo["effect"], embargo["template"], embargo["source"]) == ("forbid", False, "documents.cedar")
    assert text.splitlines()[embargo["line"] - 1].startswith('@id("embargo")')
    assert embargo["annotations"] == {"id": "embargo", "description": "Drafts stay inside engineering until they are released."}
    status, _, single = policy.get_json("/admin/policies/embargo")
    assert (status, single) == (200, embargo)


def test_a_policy_that_is_not_there_is_not_found(policy):
    for name in ["nobody", "Embargo", "embargo2", "%20", "documents.cedar%23policy0"]:
        answer = policy.get(f"/admin/policies/{name}")
        assert (answer[0], problem_of(answer)["type"]) == (404, "urn:ironwood:problem:not-found"), name


def test_policies_without_an_id_have_one_from_their_file(issuer, tmp_path):
    policies = tmp_path / "policies"
    (policies / "team").mkdir(parents=True)
    (policies / "team/a b.cedar").write_text(
        'permit (principal, action, resource);\n@id("näme") forbid (principal, action, resource);\n'
        "permit (principal == ?principal, action, resource);\n")
    with PolicyService(tmp_path, issuer.url, policies=policies) as service:
        listed = service.get_json("/admin/policies")[2]["policies"]
        assert [p["id"] for p in listed] == ["team/a b.cedar#policy0", "näme", "team/a b.cedar#policy2"]
        assert [p["template"] for p in listed] == [False, False, True]
        assert service.get_json("/admin/policies/n%C3%A4me")[2]["effect"] == "forbid"
        stats = service.get_json("/admin/policy-stats")[2]
        assert stats["policy_count"] == 3


def test_the_statistics_of_the_set_and_of_each_policy(policy, issuer):
    def stats():
        return policy.get_json("/admin/policy-stats")[2]
    before = {row["id"]: row["hits"] for row in stats()["policies"]}
    for _ in range(3):
        policy.post_json("/v1/authorize", {"action": 'Action::"view"', "resource": 'Document::"handbook"'}, issuer.token())
    after = stats()
    assert (after["epoch"], after["policy_count"], after["entity_count"], after["has_schema"]) == (1, 7, 13, True)
    assert after["last_reload"]["outcome"] == "success"
    assert (after["last_reload"]["successes"], after["last_reload"]["failures"]) == (1, 0)
    assert after["last_reload"]["active_since"].endswith("Z")
    rows = {row["id"]: row for row in after["policies"]}
    assert rows["public-documents"]["hits"] == before["public-documents"] + 3
    for row in rows.values():
        assert set(row) == {"id", "size_bytes", "depth", "cost", "hits", "errors"}
        assert row["size_bytes"] > 50
    assert rows["administrators"]["cost"] < rows["large-transfers"]["cost"]
    assert rows["administrators"]["depth"] < rows["large-transfers"]["depth"]
