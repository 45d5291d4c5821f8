# SPDX-License-Identifier: Apache-2.0
"""The authorization code flow with PKCE: page, sign-in, code, tokens, userinfo, refresh."""
import hashlib
import time

import pytest
from harness import PolicyService, wait_until
from identity import (Browser, OAuthClient, Page, VERIFIER, administrator, app_client,
                      audit_records, b64url, challenge_of, in_parallel, jwks, jwt_is_signed_by,
                      jwt_parts, me, new_person, oauth_error, quick_auth, redirect_parameters,
                      refresh, userinfo, web_client)


@pytest.fixture(scope="module")
def auth(tmp_path_factory):
    with quick_auth(tmp_path_factory.mktemp("code-flow")) as service:
        yield service
        assert not service.log("internal_error")


@pytest.fixture(params=["confidential", "public"])
def client(auth, request):
    return web_client(auth) if request.param == "confidential" else app_client(auth)


# ---- the way through -----------------------------------------------------------------------

def test_the_whole_flow(auth, client):
    person, browser = new_person(auth, name="Flo Flow"), Browser(auth)
    before = int(time.time())
    status, headers, text = browser.get(client.authorize_path())
    page = Page(text)
    assert status == 200 and headers["content-type"] == "text/html; charset=utf-8"
    assert page.forms[0]["method"] == "post"
    assert set(page.forms[0]["fields"]) == {"request", "csrf", "email", "password"}
    status, headers, _ = browser.submit(page.forms[0], email=person.email,
                                        password=person.password)
    assert status == 303, "a browser must not post the password on (RFC 9700 §4.12)"
    assert headers["location"].startswith(client.redirect_uri + "?")
    assert headers["cache-control"] == "no-store"
    answer = redirect_parameters(headers)
    assert set(answer) == {"code", "state", "iss"}
    assert answer["state"] == "st-4711"
    assert answer["iss"] == auth.url, "RFC 9207"
    status, headers, tokens = client.redeem(answer["code"])
    assert status == 200
    assert headers["cache-control"] == "no-store" and headers["pragma"] == "no-cache"
    assert set(tokens) == {"access_token", "token_type", "expires_in", "refresh_token", "id_token",
                           "scope"}
    check_id_token(auth, client, person, tokens, before)
    check_access_token(auth, client, person, tokens)
    status, headers, about = userinfo(auth, tokens["access_token"])
    assert status == 200 and headers["cache-control"] == "no-store"
    assert (about["sub"], about["name"], about["email"]) == (person.id, "Flo Flow", person.email)
    assert about["email_verified"] is False
    status, _, renewed = client.refresh(tokens["refresh_token"])
    assert status == 200 and renewed["refresh_token"] != tokens["refresh_token"]
    assert userinfo(auth, renewed["access_token"])[2] == about


def check_id_token(auth, client, person, tokens, before):
    header, claims = jwt_parts(tokens["id_token"])
    assert header["alg"] == "ES256" and header.get("typ", "JWT") == "JWT"
    assert jwt_is_signed_by(tokens["id_token"], jwks(auth)[header["kid"]])
    assert claims["iss"] == auth.url and claims["sub"] == person.id
    assert claims["aud"] in (client.id, [client.id])
    assert claims["nonce"] == "no-0815"
    assert before <= claims["auth_time"] <= claims["iat"] <= time.time() < claims["exp"]
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == b64url(half), "OpenID Connect Core §3.1.3.6"


def check_access_token(auth, client, person, tokens):
    header, claims = jwt_parts(tokens["access_token"])
    assert header["typ"] == "at+jwt"
    assert jwt_is_signed_by(tokens["access_token"], jwks(auth)[header["kid"]])
    assert claims["sub"] == person.id and claims["client_id"] == client.id
    assert claims["scope"] == tokens["scope"] and "ironwood" in claims["aud"]
    assert client.id not in claims["aud"]


def test_the_token_is_good_for_a_decision(auth, tmp_path):
    """The main job: sign in, get a token, get a decision."""
    with PolicyService(tmp_path, auth.url) as policy:
        token = app_client(auth).tokens_for(new_person(auth))["access_token"]
        question = {"action": 'Action::"view"', "resource": 'Document::"handbook"'}
        status, _, answer = policy.post_json("/v1/authorize", question, token)
        assert (status, answer["decision"]) == (200, "Allow")
        question["resource"] = 'Document::"roadmap"'
        assert policy.post_json("/v1/authorize", question, token)[2]["decision"] == "Deny"


def test_the_authorization_request_may_be_posted(auth, client):
    """OpenID Connect Core §3.1.2.1."""
    person, browser = new_person(auth), Browser(auth)
    status, _, text = browser.post("/oauth/authorize", client.parameters())
    assert status == 200
    status, headers, _ = browser.submit(Page(text).forms[0], email=person.email,
                                        password=person.password)
    assert client.redeem(redirect_parameters(headers)["code"])[0] == 200


def test_without_openid_there_is_no_id_token(auth, client):
    tokens = client.tokens_for(new_person(auth), scope="profile")
    assert "id_token" not in tokens
    assert userinfo(auth, tokens["access_token"])[0] == 403


def test_without_offline_access_there_is_no_refresh_token(auth, client):
    assert "refresh_token" not in client.tokens_for(new_person(auth), scope="openid")


def test_without_a_nonce_the_id_token_has_none(auth, client):
    claims = jwt_parts(client.tokens_for(new_person(auth), nonce=None)["id_token"])[1]
    assert "nonce" not in claims


def test_userinfo_tells_what_the_scopes_allow(auth, client):
    person = new_person(auth)
    table = {"openid": {"sub"}, "openid email": {"sub", "email", "email_verified"},
             "openid profile": {"sub", "name", "updated_at"},
             "openid groups": {"sub", "groups", "roles"}}
    for scope, members in table.items():
        token = client.tokens_for(person, scope=scope)["access_token"]
        assert set(userinfo(auth, token)[2]) == members, scope


def test_userinfo_may_be_posted(auth, client):
    token = client.tokens_for(new_person(auth))["access_token"]
    status, _, _ = auth.request("POST", "/oauth/userinfo",
                                headers={"Authorization": f"Bearer {token}"})
    assert status == 200


@pytest.mark.parametrize("state", ["", "a b+c&d=e?f#g/h", "ünïcödé ✓", "%00%0d%0a", "x" * 1000])
def test_the_state_comes_back_as_it_was(auth, client, state):
    answer = Browser(auth).sign_in(client, new_person(auth), state=state)
    assert answer.get("state", "") == state


def test_without_a_state_none_comes_back(auth, client):
    assert set(Browser(auth).sign_in(client, new_person(auth), state=None)) == {"code", "iss"}


@pytest.mark.parametrize("port", [1, 8080, 65535])
def test_an_app_on_loopback_may_use_any_port(auth, client, port):
    """RFC 8252 §7.3."""
    client.redirect_uri = f"http://127.0.0.1:{port}/callback"
    assert client.tokens_for(new_person(auth))["id_token"]


def test_the_scope_admin_is_for_administrators(auth):
    """Class 55: asking for more than one may have gives no more."""
    client, scope = web_client(auth), "openid admin"
    person = client.tokens_for(new_person(auth), scope=scope)
    admin = client.tokens_for(administrator(auth), scope=scope)
    assert person["scope"] == "openid" and admin["scope"] == "openid admin"
    for tokens, status in ((person, 403), (admin, 200)):
        token = tokens["access_token"]
        assert auth.get("/admin/summary", {"Authorization": f"Bearer {token}"})[0] == status


# ---- the code ------------------------------------------------------------------------------

def test_a_code_used_twice_revokes_what_it_gave(auth, client):
    """Class 4."""
    person = new_person(auth)
    code = Browser(auth).code_for(client, person)
    tokens = client.redeem(code)[2]
    renewed = client.refresh(tokens["refresh_token"])[2]
    assert oauth_error(client.redeem(code)) == "invalid_grant"
    assert userinfo(auth, tokens["access_token"])[0] == 401
    assert userinfo(auth, renewed["access_token"])[0] == 401
    assert oauth_error(client.refresh(renewed["refresh_token"])) == "invalid_grant"
    assert auth.wait_log("token_reused", user_id=person.id)["kind"] == "authorization_code"
    assert [r for r in audit_records(auth, "token.reuse") if r["actor"] == person.id]


def test_concurrent_redemptions_have_one_winner_at_most(auth, client):
    """Classes 4 and 13: the race is a reuse, so what the winner got is revoked, if it got it."""
    for _ in range(4):
        code = Browser(auth).code_for(client, new_person(auth))
        answers = in_parallel(8, lambda i: client.redeem(code))
        winners = [a[2] for a in answers if a[0] == 200]
        assert len(winners) <= 1
        assert {oauth_error(a) for a in answers if a[0] != 200} == {"invalid_grant"}
        for tokens in winners:
            assert userinfo(auth, tokens["access_token"])[0] == 401
            assert oauth_error(client.refresh(tokens["refresh_token"])) == "invalid_grant"


def test_a_code_ends_soon(tmp_path):
    """Class 49: expiry is checked at use."""
    with quick_auth(tmp_path, "--code-ttl", "1s") as auth:
        client = web_client(auth)
        code = Browser(auth).code_for(client, new_person(auth))
        deadline = time.monotonic() + 1.1
        wait_until(lambda: time.monotonic() > deadline, "the code to expire")
        assert oauth_error(client.redeem(code)) == "invalid_grant"


@pytest.mark.parametrize("change, error", [
    ({"code_verifier": "another-verifier-of-enough-characters-for-RFC-7636"}, "invalid_grant"),
    ({"code_verifier": None}, "invalid_grant"),
    ({"code_verifier": ""}, "invalid_grant"),
    ({"code_verifier": "short"}, "invalid_grant"),
    ({"code_verifier": "v" * 129}, "invalid_grant"),
    ({"code_verifier": challenge_of(VERIFIER)}, "invalid_grant"),  # the challenge itself
    ({"code_verifier": VERIFIER + " "}, "invalid_grant"),
    ({"redirect_uri": "http://127.0.0.1:9/other"}, "invalid_grant"),
    ({"redirect_uri": "http://127.0.0.1:10/callback"}, "invalid_grant"),
    ({"redirect_uri": None}, "invalid_grant"),
    ({"code": None}, "invalid_request"),
    ({"code": ""}, "invalid_request"),
    ({"code": "x" * 43}, "invalid_grant"),
    ({"code": "x" * 10000}, "invalid_grant"),
    ({"resource": "https://elsewhere.example"}, "invalid_target"),
])
def test_a_redemption_that_does_not_fit_its_request(auth, client, change, error):
    """Classes 4 and 5. It costs the rightful client nothing: the code stays good."""
    code = Browser(auth).code_for(client, new_person(auth))
    assert oauth_error(client.redeem(code, **change)) == error
    assert client.redeem(code)[0] == 200


def test_a_code_is_for_the_client_that_asked(auth):
    """Class 4."""
    web, app = web_client(auth), app_client(auth)
    for owner, thief in ((web, app), (app, web)):
        code = Browser(auth).code_for(owner, new_person(auth))
        assert oauth_error(thief.redeem(code)) == "invalid_grant"
        assert owner.redeem(code)[0] == 200


def test_a_refresh_token_is_for_the_client_that_got_it(auth):
    web, app = web_client(auth), app_client(auth)
    for owner, thief in ((web, app), (app, web)):
        token = owner.tokens_for(new_person(auth))["refresh_token"]
        assert oauth_error(thief.refresh(token)) == "invalid_grant"
        assert owner.refresh(token)[0] == 200


def test_a_code_dies_with_the_password_it_was_made_with(auth, client):
    """Class 14."""
    person = new_person(auth)
    code = Browser(auth).code_for(client, person)
    token = person.login()["access_token"]
    assert auth.post_json("/api/v1/auth/password", {
        "current_password": person.password, "new_password": "another horse entirely"},
        token)[0] == 200
    assert oauth_error(client.redeem(code)) == "invalid_grant"


# ---- refresh -------------------------------------------------------------------------------

def test_a_refresh_token_rotates_and_its_reuse_ends_the_family(auth, client):
    """Class 12."""
    tokens = client.tokens_for(new_person(auth))
    second = client.refresh(tokens["refresh_token"])[2]
    third = client.refresh(second["refresh_token"])[2]
    assert oauth_error(client.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert oauth_error(client.refresh(third["refresh_token"])) == "invalid_grant"
    assert userinfo(auth, third["access_token"])[0] == 401


def test_concurrent_refreshes_have_one_winner(auth, client):
    """Class 13."""
    token = client.tokens_for(new_person(auth))["refresh_token"]
    answers = in_parallel(8, lambda i: client.refresh(token))
    assert sorted(a[0] for a in answers) == [200] + [400] * 7
    assert {a[2]["error"] for a in answers if a[0] == 400} == {"invalid_grant"}


def test_a_refresh_may_ask_for_less_and_later_for_all_again(auth, client):
    """RFC 6749 §6."""
    tokens = client.tokens_for(new_person(auth), scope="openid profile email offline_access")
    less = client.refresh(tokens["refresh_token"], scope="openid email")[2]
    assert less["scope"] == "openid email"
    assert set(userinfo(auth, less["access_token"])[2]) == {"sub", "email", "email_verified"}
    again = client.refresh(less["refresh_token"])[2]
    assert again["scope"] == tokens["scope"]


@pytest.mark.parametrize("scope", ["openid groups", "admin", "openid  profile", "op\"enid",
                                   "coffee"])
def test_a_refresh_that_asks_for_more_is_refused_and_costs_nothing(auth, client, scope):
    tokens = client.tokens_for(new_person(auth))
    assert oauth_error(client.refresh(tokens["refresh_token"], scope=scope)) == "invalid_scope"
    assert client.refresh(tokens["refresh_token"])[0] == 200


def test_refreshed_id_tokens_are_of_the_same_sign_in(auth, client):
    """OpenID Connect Core §12.2."""
    tokens = client.tokens_for(new_person(auth))
    renewed = client.refresh(tokens["refresh_token"])[2]
    old, new = (jwt_parts(t["id_token"])[1] for t in (tokens, renewed))
    for claim in ("iss", "sub", "aud", "auth_time"):
        assert old[claim] == new[claim]
    assert new.get("nonce") in (None, old["nonce"])


# ---- sessions ------------------------------------------------------------------------------

def test_a_second_application_needs_no_second_password(auth):
    person, browser = new_person(auth), Browser(auth)
    first = browser.sign_in(web_client(auth), person)
    status, headers, _ = browser.get(app_client(auth).authorize_path(state="second"))
    assert status == 303
    second = redirect_parameters(headers)
    assert second["state"] == "second" and second["code"] != first["code"]
    assert app_client(auth).redeem(second["code"])[0] == 200


def test_prompt_none_asks_nobody(auth, client):
    browser = Browser(auth)
    status, headers, text = browser.get(client.authorize_path(prompt="none"))
    answer = redirect_parameters(headers)
    assert status == 303 and text == ""
    assert (answer["error"], answer["state"], answer["iss"]) == ("login_required", "st-4711",
                                                                auth.url)
    assert not browser.set_cookies
    browser.sign_in(client, new_person(auth))
    status, headers, _ = browser.get(client.authorize_path(prompt="none", state="silent"))
    answer = redirect_parameters(headers)
    assert set(answer) == {"code", "state", "iss"}
    assert client.redeem(answer["code"])[0] == 200


@pytest.mark.parametrize("prompt", ["none login", "none none consent", "dance", "login  consent"])
def test_prompts_that_make_no_sense_are_refused(auth, client, prompt):
    _, headers, _ = Browser(auth).get(client.authorize_path(prompt=prompt))
    assert redirect_parameters(headers)["error"] == "invalid_request"


@pytest.mark.parametrize("wish", [{"prompt": "login"}, {"prompt": "select_account"},
                                  {"max_age": "0"}])
def test_a_client_can_ask_for_a_fresh_sign_in(auth, client, wish):
    person, browser = new_person(auth), Browser(auth)
    browser.sign_in(client, person)
    if "max_age" in wish:
        moment = time.time()
        wait_until(lambda: time.time() > moment + 0.01, "some milliseconds")
    status, _, text = browser.get(client.authorize_path(**wish))
    assert status == 200 and Page(text).forms, "a form, although there is a session"
    status, headers, _ = browser.submit(Page(text).forms[0], email=person.email,
                                        password=person.password)
    claims = jwt_parts(client.redeem(redirect_parameters(headers)["code"])[2]["id_token"])[1]
    assert abs(claims["auth_time"] - time.time()) < 30


def test_a_session_that_is_young_enough_will_do(auth, client):
    browser = Browser(auth)
    browser.sign_in(client, new_person(auth))
    assert browser.get(client.authorize_path(max_age="1000"))[0] == 303


@pytest.mark.parametrize("max_age", ["-1", "x", "1.5", "99999999999999999999"])
def test_max_age_is_a_number(auth, client, max_age):
    _, headers, _ = Browser(auth).get(client.authorize_path(max_age=max_age))
    assert redirect_parameters(headers)["error"] == "invalid_request"


def test_another_person_can_sign_in_in_the_same_browser(auth, client):
    first, second, browser = new_person(auth), new_person(auth), Browser(auth)
    browser.sign_in(client, first)
    answer = browser.sign_in(client, second, prompt="login")
    assert jwt_parts(client.redeem(answer["code"])[2]["id_token"])[1]["sub"] == second.id
    silent = redirect_parameters(browser.get(client.authorize_path(prompt="none"))[1])
    assert jwt_parts(client.redeem(silent["code"])[2]["id_token"])[1]["sub"] == second.id


def test_a_changed_password_ends_browser_sessions(auth, client):
    """Class 14."""
    person, browser = new_person(auth), Browser(auth)
    tokens = client.tokens_for(person, browser)
    assert auth.post_json("/api/v1/auth/password", {
        "current_password": person.password, "new_password": "another horse entirely"},
        person.login()["access_token"])[0] == 200
    answer = redirect_parameters(browser.get(client.authorize_path(prompt="none"))[1])
    assert answer["error"] == "login_required"
    assert oauth_error(client.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert userinfo(auth, tokens["access_token"])[0] == 401


def test_tokens_of_the_flow_open_the_own_api_too_but_do_not_refresh_there(auth, client):
    tokens = client.tokens_for(new_person(auth))
    assert me(auth, tokens["access_token"])[0] == 200
    assert refresh(auth, tokens["refresh_token"])[0] == 401


# ---- consent -------------------------------------------------------------------------------

def consent_form(auth, client, person, browser):
    form = browser.open_sign_in(client, prompt="consent")
    status, _, text = browser.submit(form, email=person.email, password=person.password)
    assert status == 200
    return Page(text), text


def test_prompt_consent_asks_and_allowing_gives_a_code(auth, client):
    person, browser = new_person(auth), Browser(auth)
    page, text = consent_form(auth, client, person, browser)
    assert person.email in text and "know who you are" in text
    assert [b["value"] for b in page.buttons] == ["allow", "deny"]
    status, headers, _ = browser.submit(page.forms[0], answer="allow")
    assert status == 303
    assert client.redeem(redirect_parameters(headers)["code"])[0] == 200
    assert [r for r in audit_records(auth, "consent.grant") if r["actor"] == person.id]


@pytest.mark.parametrize("answer", ["deny", "", "ALLOW", "yes", None])
def test_anything_but_allow_is_a_refusal(auth, client, answer):
    """Class 55: fail closed."""
    browser = Browser(auth)
    page, _ = consent_form(auth, client, new_person(auth), browser)
    fields = {} if answer is None else {"answer": answer}
    status, headers, _ = browser.submit(page.forms[0], **fields)
    parameters = redirect_parameters(headers)
    assert status == 303 and parameters["error"] == "access_denied" and "code" not in parameters


def test_a_consent_form_of_somebody_else_is_worth_nothing(auth, client):
    """Classes 18 and 21."""
    theirs, mine = Browser(auth), Browser(auth)
    page, _ = consent_form(auth, client, new_person(auth), theirs)
    mine.sign_in(client, new_person(auth))
    status, headers, _ = mine.submit(page.forms[0], answer="allow")
    assert status == 403 and "location" not in headers
    status, headers, _ = Browser(auth).submit(page.forms[0], answer="allow")
    assert status == 403 and "location" not in headers


def test_steps_cannot_be_skipped_or_swapped(auth, client):
    """Class 21: a form of one step is no proof for another."""
    browser = Browser(auth)
    form = browser.open_sign_in(client)
    status, headers, _ = browser.post("/oauth/authorize/consent",
                                      {**form["fields"], "answer": "allow"})
    assert status == 403 and "location" not in headers
    page, _ = consent_form(auth, client, new_person(auth), browser)
    form = page.forms[0]
    status, headers, _ = browser.post("/oauth/authorize/sign-in", {
        **form["fields"], "email": "a@example.com", "password": "x"})
    assert status == 403 and "location" not in headers
    status, headers, _ = browser.post("/oauth/logout", form["fields"])
    assert status == 403
    assert OAuthClient(auth, client.id).redirect_uri == client.redirect_uri
