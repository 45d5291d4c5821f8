# SPDX-License-Identifier: Apache-2.0
"""What auth-service writes down: complete, in form, and free of secrets."""
import datetime
import json
import urllib.parse

import pytest
from harness import PolicyService
from identity import (Browser, Page, VERIFIER, administrator, app_client, basic, in_parallel, me,
                      new_person, quick_auth, redirect_parameters, refresh, restart, root_secret,
                      userinfo, web_client)


class Story:
    """Every kind of event once, and every secret that passed by."""

    def __init__(self, scratch):
        self.secrets = set()
        env = {"JWT_SECRET": root_secret()}
        self.keep(env["JWT_SECRET"])
        with quick_auth(scratch, "--log-level", "debug", env=env) as auth, \
                PolicyService(scratch, auth.url, ["--log-level", "debug"]) as policy:
            self.auth, self.policy = auth, policy
            self.own_api()
            self.code_flow()
            self.mistakes()
            auth.wait_log("connection_pool")
            auth.wait_log("memory_usage")
            env = {"JWT_SECRET": self.keep(root_secret())}
            restart(auth, env=env)
            self.keep((auth.directory / "data" / "demo-web-secret").read_text().strip())
        self.lines = auth.log()
        self.audit = [json.loads(line) for line in
                      (auth.directory / "data" / "audit.log").read_text().splitlines()]
        self.texts = {
            "log": auth.raw_log(), "audit": (auth.directory / "data" / "audit.log").read_text(),
            "standard error": auth.errors(), "policy log": policy.raw_log(),
            "policy standard error": policy.errors()}

    def keep(self, secret):
        if isinstance(secret, dict):
            for name in ("access_token", "refresh_token", "id_token"):
                self.secrets.update(filter(None, [secret.get(name)]))
        else:
            self.secrets.add(secret)
        return secret

    def own_api(self):
        self.person = person = new_person(self.auth, password=self.keep("story password one"))
        tokens = self.keep(person.login())
        self.policy.post_json("/v1/authorize", {
            "action": 'Action::"view"', "resource": 'Document::"handbook"'}, tokens["access_token"])
        renewed = self.keep(refresh(self.auth, tokens["refresh_token"])[2])
        refresh(self.auth, tokens["refresh_token"])
        me(self.auth, renewed["access_token"])
        tokens = self.keep(person.login())
        self.auth.post_json("/api/v1/auth/logout", {}, tokens["access_token"])
        tokens = self.keep(person.login())
        status, _, tokens = self.auth.post_json("/api/v1/auth/password", {
            "current_password": person.password,
            "new_password": self.keep("story password two")}, tokens["access_token"])
        assert status == 200
        self.keep(tokens)
        person.password = "story password two"
        self.admin = administrator(self.auth)
        self.keep(self.admin.login())

    def code_flow(self):
        for client in (web_client(self.auth), app_client(self.auth)):
            browser = Browser(self.auth)
            form = browser.open_sign_in(client, prompt="consent", state=self.keep("story-state-1"),
                                        nonce=self.keep("story-nonce-1"))
            self.keep(form["fields"]["csrf"])
            _, _, text = browser.submit(form, email=self.person.email,
                                        password=self.person.password)
            form = Page(text).forms[0]
            self.keep(form["fields"]["csrf"])
            _, headers, _ = browser.submit(form, answer="allow")
            code = self.keep(redirect_parameters(headers)["code"])
            tokens = self.keep(client.redeem(code)[2])
            self.keep(VERIFIER)
            userinfo(self.auth, tokens["access_token"])
            tokens = self.keep(client.refresh(tokens["refresh_token"])[2])
            client.post("/oauth/revoke", {"token": tokens["refresh_token"]})
            client.redeem(code)
            for value in browser.cookies.values():
                self.keep(value)
            browser.submit(Page(browser.get("/oauth/logout")[2]).forms[0])
        self.keep(web_client(self.auth).token("client_credentials")[2])

    def mistakes(self):
        client = web_client(self.auth)
        self.person.try_login(self.keep("story wrong password"))
        self.auth.post_json("/api/v1/auth/login", {
            "email": self.keep("story-password-as-name"), "password": self.keep("story-swapped")})
        client.token("client_credentials", (basic(client.id, self.keep("story-wrong-secret")), {}))
        self.auth.get(f"/api/v1/auth/me?access_token={self.keep('story-token-in-url')}")
        me(self.auth, self.keep("story.forged.token"))
        self.auth.get(f"/oauth/authorize?client_id={self.keep('story-client')}&code=x")
        self.auth.request("POST", "/api/v1/auth/login", b'{"password":"story-broken-json',
                          {"Content-Type": "application/json"})
        self.keep("story-broken-json")
        self.auth.get("/health", {"X-Request-ID": "line\\nbreak",
                                  "User-Agent": "story\x1b[31magent"})


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    return Story(tmp_path_factory.mktemp("logs"))


def test_no_secret_is_in_any_log(story):
    """Classes 26 and 57, contract C4. The generated administrator's password is told on standard
    error once; that is its way to the operator."""
    assert len(story.secrets) > 35
    for secret in story.secrets:
        for form in {secret, urllib.parse.quote(secret), urllib.parse.quote_plus(secret),
                     json.dumps(secret)[1:-1]}:
            for where, text in story.texts.items():
                assert form not in text, f"{form!r} is in the {where}"
    for where, text in story.texts.items():
        if where != "standard error":
            assert story.admin.password not in text, where


def test_no_part_of_a_token_is_in_any_log(story):
    for secret in story.secrets:
        if len(secret) > 100:
            for part in secret.split("."):
                for where, text in story.texts.items():
                    assert part[-40:] not in text, where


def test_every_line_is_json_with_the_common_fields(story):
    assert len(story.lines) > 50
    for line in story.lines:
        assert line["service"] == "auth-service"
        assert line["level"] in ("debug", "info", "warn", "error")
        moment = datetime.datetime.fromisoformat(line["timestamp"].replace("Z", "+00:00"))
        assert line["timestamp"].endswith("Z") and abs(moment.timestamp()) > 0
        assert line["event"].replace("_", "").isalpha()


def test_nothing_that_a_peer_sent_breaks_a_line_apart(story):
    for text in story.texts.values():
        assert "\x1b" not in text and "\r" not in text and "\x00" not in text


@pytest.mark.parametrize("event", [
    "service_ready", "service_stop", "user_registered", "login_succeeded", "authentication_failed",
    "token_issued", "token_reused", "token_revoked", "token_validation_error", "password_changed",
    "logout", "key_rotation", "connection_pool", "http_request"])
def test_every_event_of_the_story_is_there(story, event):
    lines = [line for line in story.lines if line["event"] == event]
    assert lines
    if event not in ("service_ready", "service_stop", "key_rotation", "connection_pool"):
        assert all(line.get("request_id") for line in lines)


def test_a_line_about_memory_is_written(story):
    """Contract C4: operators grep for the word."""
    assert [line for line in story.lines if "memory" in line["event"]]


@pytest.mark.parametrize("action, outcome", [
    ("user.register", "success"), ("user.login", "success"), ("user.login", "denied"),
    ("user.password", "success"), ("user.logout", "success"), ("token.issue", "success"),
    ("token.refresh", "success"), ("token.reuse", "denied"), ("token.revoke", "success"),
    ("consent.grant", "success"), ("client.authenticate", "denied")])
def test_every_action_of_the_story_was_audited(story, action, outcome):
    records = [r for r in story.audit if (r["action"], r["outcome"]) == (action, outcome)]
    assert records
    for record in records:
        assert record["timestamp"].endswith("Z") and record["request_id"]
        assert record["address"] == "127.0.0.1"


def test_audit_records_are_numbered_without_gaps(story):
    processes = {}
    for record in story.audit:
        processes.setdefault(record["process"], []).append(record["sequence"])
    for numbers in processes.values():
        assert numbers == list(range(1, len(numbers) + 1))


def test_one_request_can_be_followed_by_its_id(story):
    record = next(r for r in story.audit if r["action"] == "token.reuse")
    events = {line["event"] for line in story.lines
              if line.get("request_id") == record["request_id"]}
    assert events >= {"token_reused", "http_request"}


def test_audit_records_of_parallel_requests_stay_whole(tmp_path):
    with quick_auth(tmp_path) as auth:
        people = in_parallel(8, lambda i: [new_person(auth) for _ in range(6)])
        text = (auth.directory / "data" / "audit.log").read_text()
        records = [json.loads(line) for line in text.splitlines()]
        assert {r["actor"] for r in records} == {p.id for group in people for p in group}
        assert [r["sequence"] for r in records] == list(range(1, 49))
