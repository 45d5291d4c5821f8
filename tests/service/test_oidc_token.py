# SPDX-License-Identifier: Apache-2.0
"""The token, revocation and introspection endpoints: who may call them, and how they refuse."""
import base64
import json
import urllib.parse

import pytest
from harness import problem_of
from identity import (Browser, OAuthClient, VERIFIER, app_client, basic, jwks, jwt_is_signed_by,
                      jwt_parts, me, new_person, oauth_error, quick_auth, refresh, userinfo,
                      web_client)

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def auth(tmp_path_factory):
    with quick_auth(tmp_path_factory.mktemp("token")) as service:
        yield service
        assert not service.log("internal_error")


def test_the_account_shows_a_client_what_its_scopes_allow(auth):
    person = new_person(auth)
    always = {"id", "created_at", "password_change_required"}
    for scope, more in [("openid", set()), ("openid email", {"email"}),
                        ("openid profile", {"name"}), ("openid groups", {"groups", "roles"})]:
        status, _, shown = me(auth, app_client(auth).tokens_for(person, scope=scope)["access_token"])
        assert status == 200 and set(shown) == always | more, (scope, shown)


@pytest.fixture
def web(auth):
    return web_client(auth)


@pytest.fixture
def app(auth):
    return app_client(auth)


def body_credentials(client, secret=None):
    return {}, {"client_id": client.id, "client_secret": secret or client.secret}


def post(service, path, body, headers=None):
    status, answered, text = service.request("POST", path, body, {**FORM, **(headers or {})})
    return status, answered, json.loads(text)


# ---- who is the client ---------------------------------------------------------------------

def test_a_secret_may_come_in_the_header_or_in_the_body(auth, web):
    for how in (web.authentication(), body_credentials(web)):
        code = Browser(auth).code_for(web, new_person(auth))
        assert web.redeem(code, how)[0] == 200


def test_the_header_may_repeat_the_client_id_in_the_body(auth, web):
    headers, _ = web.authentication()
    code = Browser(auth).code_for(web, new_person(auth))
    assert web.redeem(code, (headers, {"client_id": web.id}))[0] == 200


@pytest.mark.parametrize("secret", ["", "wrong", "x" * 43, "x" * 5000, "' OR 1=1 --", "ü"])
def test_a_wrong_secret_is_invalid_client(auth, web, secret):
    """Class 28 is about how it is compared; here only that it is."""
    code = Browser(auth).code_for(web, new_person(auth))
    for how in ((basic(web.id, secret), {}),
                ({}, {"client_id": web.id, "client_secret": secret})):
        answer = web.redeem(code, how)
        assert oauth_error(answer, 401) == "invalid_client"
        assert answer[1]["www-authenticate"].startswith("Basic ")
    assert web.redeem(code)[0] == 200, "the code is still good"


def test_an_almost_right_secret_is_wrong(auth, web):
    for secret in (web.secret[:-1], web.secret + "x", web.secret.swapcase(), " " + web.secret):
        assert oauth_error(web.token("client_credentials", (basic(web.id, secret), {})), 401)


def test_a_confidential_client_without_its_secret_is_refused(auth, web):
    code = Browser(auth).code_for(web, new_person(auth))
    assert oauth_error(web.redeem(code, ({}, {"client_id": web.id})), 401) == "invalid_client"


def test_an_unknown_client_looks_like_a_wrong_secret(auth, web):
    """Class 27."""
    unknown = OAuthClient(auth, "nobody", "x" * 43).token("client_credentials")
    wrong = OAuthClient(auth, web.id, "x" * 43).token("client_credentials")
    assert oauth_error(unknown, 401) == "invalid_client"
    assert unknown[2] == wrong[2]


def test_a_public_client_that_sends_a_secret_is_refused(auth, app):
    code = Browser(auth).code_for(app, new_person(auth))
    for how in ((basic(app.id, "a-secret"), {}), body_credentials(app, "a-secret")):
        assert oauth_error(app.redeem(code, how), 401) == "invalid_client"
    assert app.redeem(code)[0] == 200


def test_two_ways_at_once_are_refused(auth, web):
    """RFC 6749 §2.3."""
    headers, _ = web.authentication()
    _, fields = body_credentials(web)
    assert oauth_error(web.token("client_credentials", (headers, fields))) == "invalid_request"
    assert oauth_error(web.token("client_credentials",
                                 (headers, {"client_id": "demo-app"}))) == "invalid_request"


def test_nobody_is_invalid_client(auth, web):
    assert oauth_error(web.token("client_credentials", ({}, {})), 401) == "invalid_client"


@pytest.mark.parametrize("value", [
    "Basic", "Basic ", "Basic !!!", "Basic " + base64.b64encode(b"no-colon").decode(),
    "Basic " + base64.b64encode(b"\xff:\xff").decode(), "Bearer abc", "Negotiate x",
    "Basic " + base64.b64encode(b"demo-web%zz:x").decode(),
    "Basic " + base64.b64encode(b"demo-web:a:b").decode()])
def test_a_malformed_header_is_invalid_client(auth, web, value):
    answer = web.token("client_credentials", ({"Authorization": value}, {}))
    assert oauth_error(answer, 401) == "invalid_client"


def test_failed_clients_are_logged_without_their_secret(auth, web):
    web.token("client_credentials", (basic(web.id, "hunter2-client-secret"), {}))
    line = auth.wait_log("authentication_failed", subject=web.id, reason="wrong_secret")
    assert line["method"] == "client_secret"
    assert "hunter2" not in auth.raw_log()


# ---- the form of requests ------------------------------------------------------------------

@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/oauth/introspect"])
class TestForm:
    def test_another_content_type_is_refused(self, auth, web, path):
        headers, _ = web.authentication()
        for content_type in ("application/json", "text/plain", "multipart/form-data"):
            answer = post(auth, path, b'{"grant_type":"client_credentials"}',
                          {**headers, "Content-Type": content_type})
            assert oauth_error(answer) == "invalid_request"

    @pytest.mark.parametrize("body", [b"%", b"a=%zz", b"a=%ff", b"a=\xff", b"a=%00", b"\0"])
    def test_a_malformed_form_is_refused(self, auth, web, path, body):
        headers, _ = web.authentication()
        assert oauth_error(post(auth, path, body, headers)) == "invalid_request"

    def test_an_empty_form_is_refused(self, auth, web, path):
        headers, _ = web.authentication()
        assert oauth_error(post(auth, path, b"", headers)) == "invalid_request"

    def test_a_repeated_parameter_is_refused(self, auth, web, path):
        """RFC 6749 §3.2."""
        headers, _ = web.authentication()
        for body in (b"grant_type=client_credentials&grant_type=client_credentials&token=x",
                     b"grant_type=client_credentials&token=x&token=x",
                     b"token=x&grant_type=client_credentials&unknown=1&unknown=2"):
            assert oauth_error(post(auth, path, body, headers)) == "invalid_request"

    def test_a_form_over_the_limit_is_refused(self, auth, web, path):
        headers, _ = web.authentication()
        answer = auth.request("POST", path, b"token=" + b"x" * 20000, {**FORM, **headers})
        assert answer[0] == 413
        problem_of(answer)

    def test_only_post_is_allowed(self, auth, path):
        """Class 57: no credentials in URLs."""
        for method in ("GET", "PUT", "DELETE"):
            answer = auth.request(method, path + "?grant_type=client_credentials")
            assert answer[0] == 405 and "POST" in answer[1]["allow"]

    def test_parameters_in_the_url_do_not_count(self, auth, web, path):
        headers, _ = web.authentication()
        answer = post(auth, path + "?grant_type=client_credentials&token=x", b"", headers)
        assert oauth_error(answer) == "invalid_request"

    def test_other_origins_are_told_nothing_about_it(self, auth, web, path):
        """Class 58."""
        headers, _ = web.authentication()
        answer = post(auth, path, b"", {**headers, "Origin": "https://evil.example"})
        assert not [name for name in answer[1] if name.startswith("access-control")]


def test_the_content_type_may_name_its_charset(auth, web):
    headers, _ = web.authentication()
    answer = post(auth, "/oauth/token", b"grant_type=client_credentials",
                  {**headers, "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"})
    assert answer[0] == 200


@pytest.mark.parametrize("grant", [None, "", "password", "x" * 3000])
def test_an_unusable_grant_type(web, grant):
    error = oauth_error(web.token(grant))
    assert error == ("unsupported_grant_type" if grant else "invalid_request")


def test_a_refresh_without_a_token_is_invalid_request(web, app):
    for client in (web, app):
        assert oauth_error(client.token("refresh_token")) == "invalid_request"
        assert oauth_error(client.refresh("")) == "invalid_request"
        assert oauth_error(client.refresh("x" * 43)) == "invalid_grant"


# ---- client credentials --------------------------------------------------------------------

def test_a_client_gets_a_token_of_its_own(auth, web):
    status, headers, tokens = web.token("client_credentials")
    assert status == 200 and headers["cache-control"] == "no-store"
    assert set(tokens) <= {"access_token", "token_type", "expires_in", "scope"}
    header, claims = jwt_parts(tokens["access_token"])
    assert jwt_is_signed_by(tokens["access_token"], jwks(auth)[header["kid"]])
    assert claims["sub"] == claims["client_id"] == web.id
    assert claims["aud"] == ["ironwood"]
    assert not {"groups", "roles", "sid", "auth_time"} & set(claims)


@pytest.mark.parametrize("scope", ["openid", "profile", "offline_access", "admin", "coffee",
                                   "a  b"])
def test_a_client_is_no_person(web, scope):
    """Class 46 and 55: scopes that stand for a person are not for clients."""
    assert oauth_error(web.token("client_credentials", scope=scope)) == "invalid_scope"


def test_a_public_client_has_no_tokens_of_its_own(app):
    assert oauth_error(app.token("client_credentials")) == "unauthorized_client"


def test_a_resource_must_be_registered(web):
    """RFC 8707."""
    tokens = web.token("client_credentials", resource="ironwood")[2]
    assert jwt_parts(tokens["access_token"])[1]["aud"] == ["ironwood"]
    for resource in ("https://elsewhere.example", "ironwoods", "IRONWOOD"):
        assert oauth_error(web.token("client_credentials", resource=resource)) == "invalid_target"


# ---- revocation ----------------------------------------------------------------------------

def revoke(client, token, **fields):
    return client.post("/oauth/revoke", {"token": token, **fields})


@pytest.mark.parametrize("kind", ["refresh_token", "access_token"])
@pytest.mark.parametrize("hint", [None, "refresh_token", "access_token", "nonsense"])
def test_a_revoked_token_ends_its_family(auth, web, kind, hint):
    """RFC 7009 §2.1."""
    tokens = web.tokens_for(new_person(auth))
    status, _, body = revoke(web, tokens[kind], token_type_hint=hint)
    assert (status, body) == (200, b"")
    assert userinfo(auth, tokens["access_token"])[0] == 401
    assert oauth_error(web.refresh(tokens["refresh_token"])) == "invalid_grant"


def test_a_public_client_may_revoke_its_tokens(auth, app):
    tokens = app.tokens_for(new_person(auth))
    assert revoke(app, tokens["refresh_token"])[0] == 200
    assert userinfo(auth, tokens["access_token"])[0] == 401


@pytest.mark.parametrize("token", ["x", "x" * 43, "a.b.c", "x" * 9000])
def test_revoking_what_is_no_token_succeeds(web, token):
    """RFC 7009 §2.2: the client's wish is fulfilled either way."""
    assert revoke(web, token)[0] == 200


def test_tokens_of_others_cannot_be_revoked(auth, web, app):
    """Class 45."""
    person = new_person(auth)
    theirs, own = web.tokens_for(person), person.login()
    for token in (theirs["refresh_token"], theirs["access_token"], own["refresh_token"],
                  own["access_token"]):
        assert revoke(app, token)[0] == 200
    assert userinfo(auth, theirs["access_token"])[0] == 200
    assert web.refresh(theirs["refresh_token"])[0] == 200
    assert me(auth, own["access_token"])[0] == 200
    assert refresh(auth, own["refresh_token"])[0] == 200


def test_revocation_needs_the_client(auth, web):
    tokens = web.tokens_for(new_person(auth))
    answer = revoke(OAuthClient(auth, web.id, "x" * 43), tokens["refresh_token"])
    assert oauth_error(answer, 401) == "invalid_client"
    assert web.refresh(tokens["refresh_token"])[0] == 200


# ---- introspection -------------------------------------------------------------------------

def introspect(client, token):
    return client.post("/oauth/introspect", {"token": token})


def test_an_active_token_is_described(auth, web):
    """RFC 7662 §2.2."""
    person = new_person(auth)
    tokens = web.tokens_for(person)
    for kind in ("access_token", "refresh_token"):
        status, headers, body = introspect(web, tokens[kind])
        assert status == 200 and headers["cache-control"] == "no-store"
        assert body["active"] is True
        assert (body["sub"], body["client_id"], body["iss"]) == (person.id, web.id, auth.url)
        assert body["scope"] == tokens["scope"] and body["exp"] > body["iat"]
    assert introspect(web, tokens["access_token"])[2]["aud"] == ["ironwood", auth.url]


def test_an_inactive_token_is_not_described(auth, web, app):
    """RFC 7662 §2.2: and nothing else is said."""
    tokens = web.tokens_for(new_person(auth))
    spent = tokens["refresh_token"]
    renewed = web.refresh(spent)[2]
    other = app.tokens_for(new_person(auth))["refresh_token"]
    for token in (spent, other, "x", "a.b.c", tokens["id_token"], tokens["access_token"][:-5]):
        assert introspect(web, token)[2] == {"active": False}
    revoke(web, renewed["refresh_token"])
    for token in (renewed["refresh_token"], renewed["access_token"], tokens["access_token"]):
        assert introspect(web, token)[2] == {"active": False}


def test_looking_at_a_token_does_not_use_it_up(auth, web):
    tokens = web.tokens_for(new_person(auth))
    for _ in range(3):
        assert introspect(web, tokens["refresh_token"])[2]["active"] is True
    assert web.refresh(tokens["refresh_token"])[0] == 200


def test_only_clients_with_a_secret_may_look(auth, web, app):
    token = web.tokens_for(new_person(auth))["access_token"]
    assert oauth_error(introspect(app, token), 401) == "invalid_client"
    assert oauth_error(web.post("/oauth/introspect", {"token": token}, ({}, {})), 401)


def test_every_error_of_the_protocol_is_stable_json(auth, web):
    """A sample over all three endpoints: exactly `error` and `error_description`."""
    code = Browser(auth).code_for(web, new_person(auth))
    answers = [web.token("password"), web.token(None), revoke(web, None), introspect(web, None),
               web.redeem(code, code_verifier=VERIFIER + "x"),
               web.token("client_credentials", scope="openid")]
    for answer in answers:
        oauth_error(answer)
        assert set(answer[2]) == {"error", "error_description"}
        assert urllib.parse.quote(answer[2]["error"], safe="_") == answer[2]["error"]
