# SPDX-License-Identifier: Apache-2.0
"""The main job: sign in, get a token, get a decision; and what an operator sees of it."""
import json
import re

import pytest

from harness import AuthService, PolicyService, wait_until

PASSWORD = "correct horse battery"

EXTRA_POLICIES = """
@id("needs-a-number")
permit (principal, action == Action::"count", resource)
when { context.n + 1 > 0 };

@id("broken-forbid")
forbid (principal, action == Action::"count", resource)
when { Document::"missing".public };
"""

# Both pass the validator and can fail all the same: an overflow, an entity that is not there.
EXTRA_SCHEMA = """
action count appliesTo { principal: User, resource: Document, context: { n: Long } };
"""


@pytest.fixture(scope="module")
def auth(tmp_path_factory):
    with AuthService(tmp_path_factory.mktemp("main-job"), ["--demo"]) as service:
        yield service


@pytest.fixture(scope="module")
def policy(auth, tmp_path_factory):
    directory = tmp_path_factory.mktemp("main-job")
    policies = directory / "policies"
    policies.mkdir()
    demo = PolicyService(directory / "unused", auth.url).policies
    for file in demo.iterdir():
        (policies / file.name).write_bytes(file.read_bytes())
    (policies / "extra.cedar").write_text(EXTRA_POLICIES)
    with (policies / "documents.cedarschema").open("a") as schema:
        schema.write(EXTRA_SCHEMA)
    with PolicyService(directory, auth.url, policies=policies) as service:
        yield service


@pytest.fixture(scope="module")
def alice(auth):
    """(user id, access token) of an ordinary user."""
    status, _, user = auth.post_json("/api/v1/auth/register", {
        "email": "alice@example.com", "password": PASSWORD, "name": "Alice"})
    assert status == 201
    status, _, answer = auth.post_json("/api/v1/auth/login", {
        "email": "alice@example.com", "password": PASSWORD})
    assert status == 200
    assert answer["token_type"] == "Bearer"
    return user["id"], answer["access_token"]


@pytest.fixture(scope="module")
def admin(auth):
    """Access token of the administrator that a new installation makes."""
    password = (auth.directory / "data/admin-password").read_text().strip()
    status, _, answer = auth.post_json("/api/v1/auth/login", {
        "email": "admin@ironwood.local", "password": password})
    assert status == 200
    return answer["access_token"]


def ask(policy, token, headers=None, **question):
    status, answered, body = policy.post_json("/v1/authorize", question, token, headers)
    assert status == 200, body
    assert set(body) == {"decision", "reasons", "errors", "request_id"}
    assert answered["x-request-id"] == body["request_id"]
    assert answered["content-type"] == "application/json"
    assert answered["cache-control"] == "no-store"
    return body


def test_the_subject_of_the_token_is_the_principal(policy, alice):
    body = ask(policy, alice[1], action='Action::"view"', resource='Document::"handbook"')
    assert body["decision"] == "Allow"
    assert body["reasons"] == ["public-documents"]
    assert body["errors"] == []


def test_nothing_permits_is_deny_without_reasons(policy, alice):
    body = ask(policy, alice[1], action='Action::"delete"', resource='Document::"handbook"')
    assert (body["decision"], body["reasons"], body["errors"]) == ("Deny", [], [])


TEXT = 'User::"alice"', 'Action::"edit"', 'Document::"roadmap"'
OBJECT = ({"type": "User", "id": "alice"}, {"type": "Action", "id": "edit"},
          {"type": "Document", "id": "roadmap"})


@pytest.mark.parametrize("form", [
    TEXT, OBJECT, (TEXT[0], OBJECT[1], TEXT[2]), (OBJECT[0], TEXT[1], OBJECT[2]),
    # Cedar text may be spaced and escaped as in a policy.
    (' User :: "alice" ', 'Action::"e\\u{64}it"', "Document::\"\\x72oadmap\""),
    ({"id": "alice", "type": "User"}, {"id": "edit", "type": "Action"}, OBJECT[2]),
])
def test_principal_action_resource_as_text_or_object(policy, alice, form):
    principal, action, resource = form
    body = ask(policy, alice[1], principal=principal, action=action, resource=resource)
    assert (body["decision"], body["reasons"]) == ("Allow", ["engineering-documents"])


def test_a_named_principal_is_not_the_caller(policy, admin):
    """The roles of the token belong to its subject, not to whom the question names."""
    body = ask(policy, admin, principal='User::"bob"', action='Action::"delete"', resource='Document::"handbook"')
    assert body["decision"] == "Deny"


def test_context_reaches_the_conditions(policy, alice):
    question = {"principal": 'User::"alice"', "action": 'Action::"export"', "resource": 'Document::"roadmap"'}
    cases = [
        ({"pages": 100, "source_ip": "10.1.2.3"}, "Allow"),
        ({"pages": 101, "source_ip": "10.1.2.3"}, "Deny"),
        ({"pages": 100, "source_ip": "192.0.2.1"}, "Deny"),
        ({"pages": 100}, "Deny"),
        ({}, "Deny"),
    ]
    for context, expected in cases:
        assert ask(policy, alice[1], **question, context=context)["decision"] == expected, context
    assert ask(policy, alice[1], **question)["decision"] == "Deny"
    assert ask(policy, alice[1], **question, context=None)["decision"] == "Deny"


def test_entities_of_the_question_count_for_this_question_only(policy, alice):
    user, token = alice
    question = {"action": 'Action::"delete"', "resource": 'Document::"mine"'}
    entities = [{"uid": {"type": "Document", "id": "mine"},
                 "attrs": {"public": False, "owner": {"__entity": {"type": "User", "id": user}}},
                 "parents": []}]
    # Without the entity the document has no attributes, and nothing fails either.
    assert ask(policy, token, **question)["decision"] == "Deny"
    body = ask(policy, token, **question, entities=entities)
    assert (body["decision"], body["reasons"]) == ("Allow", ["owners"])
    assert ask(policy, token, **question)["decision"] == "Deny"


def test_roles_of_the_token_are_parents_of_the_principal(policy, admin):
    body = ask(policy, admin, action='Action::"delete"', resource='Document::"handbook"')
    assert (body["decision"], body["reasons"]) == ("Allow", ["administrators"])


def test_roles_count_together_with_entities_of_the_question(policy, admin):
    entities = [{"uid": {"type": "Document", "id": "new"}, "attrs": {"public": False}, "parents": []}]
    body = ask(policy, admin, action='Action::"delete"', resource='Document::"new"', entities=entities)
    assert (body["decision"], body["reasons"]) == ("Allow", ["administrators"])


def test_forbid_overrides_permit(policy, admin):
    body = ask(policy, admin, action='Action::"delete"', resource='Document::"contract"')
    assert (body["decision"], body["reasons"]) == ("Deny", ["no-delete-under-legal-hold"])


def test_the_request_id_of_the_caller_is_kept(policy, alice):
    body = ask(policy, alice[1], {"X-Request-ID": "order-4711/7"}, action='Action::"view"',
               resource='Document::"handbook"')
    assert body["request_id"] == "order-4711/7"
    policy.wait_log("decision", request_id="order-4711/7")


@pytest.mark.parametrize("bad", ["a" * 200, "with space", "quote\"", "semi;colon", "<b>"])
def test_an_unfit_request_id_is_replaced(policy, alice, bad):
    body = ask(policy, alice[1], {"X-Request-ID": bad}, action='Action::"view"', resource='Document::"handbook"')
    assert re.fullmatch("[0-9a-f]{32}", body["request_id"])


def test_a_decision_is_logged_with_its_fields(policy, alice):
    user, token = alice
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    body = ask(policy, token, {"X-Request-ID": "decision-log", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"},
               action='Action::"view"', resource='Document::"handbook"')
    line = policy.wait_log("decision", request_id=body["request_id"])
    assert line["service"] == "policy-service"
    assert line["level"] == "info"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["timestamp"])
    assert line["trace_id"] == trace
    assert line["decision"] == "Allow"
    assert line["principal"] == f'User::"{user}"'
    assert line["action"] == 'Action::"view"'
    assert line["resource"] == 'Document::"handbook"'
    assert line["reason"] == "public-documents"
    assert (line["reasons"], line["errors"]) == (1, 0)
    assert line["client_id"] == "ironwood"
    assert line["epoch"] == 1
    assert line["duration_us"] > 0
    assert token not in policy.raw_log()


def test_decisions_are_counted(policy, alice):
    def counted(decision):
        metrics = policy.metrics()
        return (metrics[f'authorization_decisions_total{{service="policy-service",decision="{decision}"}}'],
                metrics[f'authorization_duration_seconds_count{{service="policy-service",decision="{decision}"}}'])
    before = counted("allow"), counted("deny")
    for action in ["view", "view", "delete"]:
        ask(policy, alice[1], action=f'Action::"{action}"', resource='Document::"handbook"')
    after = counted("allow"), counted("deny")
    assert [tuple(b - a for a, b in zip(*pair)) for pair in zip(before, after)] == [(2, 2), (1, 1)]


def test_the_series_of_the_runbook_queries_exist(auth, policy, alice):
    """histogram_quantile(0.95, rate(http_request_duration_seconds_bucket{service="auth-service"}[5m]))
    histogram_quantile(0.95, rate(authorization_duration_seconds_bucket[5m]))"""
    ask(policy, alice[1], action='Action::"view"', resource='Document::"handbook"')
    for service, name, labels in [
            (auth, "http_request_duration_seconds", {"service": "auth-service", "method": "POST",
                                                     "route": "/api/v1/auth/login"}),
            (policy, "http_request_duration_seconds", {"service": "policy-service", "method": "POST",
                                                       "route": "/v1/authorize"}),
            (policy, "authorization_duration_seconds", {"service": "policy-service", "decision": "allow"})]:
        text = ",".join(f'{k}="{v}"' for k, v in labels.items())
        # An answer is counted when it has been sent, which may be after we have read it.
        wait_until(lambda: service.metrics().get(f"{name}_count{{{text}}}", 0) > 0, f"{name} {labels}")
        metrics = service.metrics()
        buckets = [value for key, value in metrics.items() if key.startswith(f"{name}_bucket{{{text},le=")]
        assert len(buckets) > 10
        assert buckets == sorted(buckets)
        assert metrics[f'{name}_bucket{{{text},le="+Inf"}}'] == metrics[f"{name}_count{{{text}}}"] == buckets[-1]
        assert metrics[f"{name}_sum{{{text}}}"] > 0
    # Fine enough for decisions of microseconds.
    assert 'authorization_duration_seconds_bucket{service="policy-service",decision="allow",le="0.000001"}' \
        in policy.metrics()
    assert policy.metrics()['http_requests_total{service="policy-service",method="POST",route="/v1/authorize",status="200"}'] > 0


def test_a_policy_that_fails_is_reported_and_skipped(policy, alice):
    counter = 'policy_evaluation_errors_total{service="policy-service"}'
    before = policy.metrics()[counter]
    body = ask(policy, alice[1], {"X-Request-ID": "two-errors"}, action='Action::"count"',
               resource='Document::"handbook"', context={"n": 9223372036854775807})
    assert body["decision"] == "Deny"
    assert {error["policy"] for error in body["errors"]} == {"needs-a-number", "broken-forbid"}
    messages = {error["policy"]: error["message"] for error in body["errors"]}
    assert "overflow" in messages["needs-a-number"]
    assert "missing" in messages["broken-forbid"]
    assert policy.metrics()[counter] == before + 2
    permit = policy.wait_log("policy_evaluation_error", request_id="two-errors", policy="needs-a-number")
    assert (permit["level"], permit["effect"]) == ("warn", "permit")
    # A forbid that fails is skipped and may turn a Deny into an Allow: louder.
    forbid = policy.wait_log("policy_evaluation_error", request_id="two-errors", policy="broken-forbid")
    assert (forbid["level"], forbid["effect"]) == ("error", "forbid")
    assert forbid["message"] == messages["broken-forbid"]
    stats = json.loads(policy.get("/admin/policy-stats")[2])["policies"]
    assert {row["id"] for row in stats if row["errors"] > 0} == {"needs-a-number", "broken-forbid"}


def test_a_failing_forbid_does_not_stop_a_permit(policy, alice):
    body = ask(policy, alice[1], action='Action::"count"', resource='Document::"handbook"', context={"n": 1})
    assert (body["decision"], body["reasons"]) == ("Allow", ["needs-a-number"])
    assert [error["policy"] for error in body["errors"]] == ["broken-forbid"]


def test_no_token_asks_for_one(policy):
    status, headers, body = policy.post_json("/v1/authorize", {"action": 'Action::"view"', "resource": 'Document::"handbook"'})
    assert status == 401
    assert body["type"] == "urn:ironwood:problem:unauthenticated"
    assert headers["www-authenticate"] == "Bearer"


def test_an_id_token_or_garbage_is_no_access_token(policy, alice):
    for token in ["x", "a.b.c", alice[1][:-6], alice[1] + "AAAA", alice[1].split(".")[0] + ".e30."]:
        status, _, body = policy.post_json("/v1/authorize", {
            "action": 'Action::"view"', "resource": 'Document::"handbook"'}, token)
        assert (status, body["type"]) == (401, "urn:ironwood:problem:invalid-token"), token


def test_both_services_say_who_they_are(auth, policy):
    for service in auth, policy:
        status, _, body = service.get_json("/health")
        assert status == 200
        assert body["version"] and body["status"] in ("ok", "degraded")
        assert f'build_info{{service="{service.binary}",version="{body["version"]}"}}' in service.metrics()
    wait_until(lambda: policy.get_json("/health")[2]["dependencies"] == {"policies": "up", "auth-service": "up"},
               "both dependencies to be up")
    assert policy.metrics()['dependency_up{service="policy-service",dependency="auth-service"}'] == 1
