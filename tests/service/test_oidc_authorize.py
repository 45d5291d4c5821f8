# SPDX-License-Identifier: Apache-2.0
"""What the authorization endpoint refuses: on a page while it cannot trust the return address,
by a redirect afterwards."""
import urllib.parse

import pytest
from identity import (Browser, Page, VERIFIER, app_client, challenge_of, new_person, quick_auth,
                      redirect_parameters, web_client)


@pytest.fixture(scope="module")
def auth(tmp_path_factory):
    with quick_auth(tmp_path_factory.mktemp("authorize")) as service:
        yield service
        assert not service.log("internal_error")


@pytest.fixture(params=["confidential", "public"])
def client(auth, request):
    return web_client(auth) if request.param == "confidential" else app_client(auth)


def refused_with_a_page(answer):
    """Nothing leaves our site: no redirect, no link elsewhere."""
    status, headers, text = answer
    text = text.decode() if isinstance(text, bytes) else text
    assert status == 400, text
    assert "location" not in headers and "refresh" not in headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "evil" not in text and "http-equiv" not in text and "<a " not in text
    assert "Reference:" in text, "support can find the request"
    return Page(text)


def refused_with_a_redirect(auth, client, answer, error, state="st-4711"):
    status, headers, text = answer
    assert status == 303 and not text
    assert headers["location"].startswith(client.redirect_uri + "?")
    parameters = redirect_parameters(headers)
    assert parameters["error"] == error
    assert parameters.get("state") == state
    assert parameters["iss"] == auth.url, "RFC 9207 §2: errors too"
    assert "code" not in parameters
    return parameters


# ---- never a redirect ----------------------------------------------------------------------

@pytest.mark.parametrize("uri", [
    "https://evil.example/callback",
    "http://127.0.0.1:9/callback/evil",
    "http://127.0.0.1:9/callback?evil=1",
    "http://127.0.0.1:9/callback#evil",
    "http://127.0.0.1:9/callbackevil",
    "http://127.0.0.1:9/evil/../callback",
    "http://127.0.0.1:9/./callback",
    "http://127.0.0.1:9//callback",
    "http://127.0.0.1:9/Callback",
    "http://127.0.0.1:9/callback/",
    "http://127.0.0.1:9/%63allback",
    "http://127.0.0.1:9",
    "http://127.0.0.1:9@evil.example/callback",
    "http://evil.example@127.0.0.1:9/callback",
    "http://evil@127.0.0.1:9/callback",
    "http://127.0.0.1:9:80@evil.example/callback",
    "http://127.0.0.1.evil.example:9/callback",
    "http://evil.example\\@127.0.0.1:9/callback",
    "http://evil.example#@127.0.0.1:9/callback",
    "http:\\\\127.0.0.1:9\\callback",
    "http:127.0.0.1:9/callback",
    "http:/127.0.0.1:9/callback",
    "http:///127.0.0.1:9/callback",
    "//127.0.0.1:9/callback",
    "/callback",
    "callback",
    "https://127.0.0.1:9/callback",
    "HTTP://127.0.0.1:9/callback",
    "http://localhost:9/callback",
    "http://[::1]:9/callback",
    "http://127.1:9/callback",
    "http://2130706433:9/callback",
    "http://127.0.0.2:9/callback",
    "http://0x7f.0.0.1:9/callback",
    "http://127.0.0.1:/callback",
    "http://127.0.0.1:0/callback",
    "http://127.0.0.1:65536/callback",
    "http://127.0.0.1:+9/callback",
    "http://127.0.0.1:9 /callback",
    " http://127.0.0.1:9/callback",
    "http://127.0.0.1:9/callback ",
    "http://127.0.0.1:9/callback\tevil",
    "http://127.0.0.1:9/call\r\nback",
    "http://127.0.0.1:9/callback\0evil",
    "http://127.0.0.1:9/callback;evil",
    "javascript:alert(1)//127.0.0.1:9/callback",
    "JaVaScRiPt:alert(1)",
    "data:text/html,evil",
    "vbscript:evil",
    "file:///etc/passwd",
    "http://127.0.0.1:9/callback" + "x" * 3000,
    "",
])
def test_a_return_address_that_is_not_registered_gets_nothing(auth, client, uri):
    """Classes 1, 2 and 3."""
    refused_with_a_page(auth.get(client.authorize_path(redirect_uri=uri)))
    refused_with_a_page(auth.get(client.authorize_path(redirect_uri=uri, prompt="none")))
    refused_with_a_page(auth.get(client.authorize_path(redirect_uri=uri, response_type="token")))


@pytest.mark.parametrize("client_id", ["nobody", "", "demo-web ", "DEMO-WEB", "demo-web\0",
                                       "' OR '1'='1", "x" * 500, "<b>evil</b>"])
def test_an_unknown_client_gets_nothing(auth, client, client_id):
    refused_with_a_page(auth.get(client.authorize_path(client_id=client_id)))


@pytest.mark.parametrize("missing", ["client_id", "redirect_uri"])
def test_without_client_or_return_address_there_is_a_page(auth, client, missing):
    refused_with_a_page(auth.get(client.authorize_path(**{missing: None})))


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_two_clients_or_return_addresses_are_refused_on_a_page(auth, client, name):
    """Class 1: nobody gets to choose which one counts."""
    path = client.authorize_path()
    value = client.parameters()[name]
    for other in (value, "https://evil.example/callback"):
        second = urllib.parse.urlencode({name: other})
        refused_with_a_page(auth.get(f"{path}&{second}"))
        refused_with_a_page(auth.get(path.replace("?", f"?{second}&")))


@pytest.mark.parametrize("query", ["", "?", "?=", "?&&&", "?client_id=%ff", "?client_id",
                                   "?client_id=%00", "?" + "a=b&" * 1000])
def test_a_malformed_request_is_refused_on_a_page(auth, query):
    refused_with_a_page(auth.get("/oauth/authorize" + query))


@pytest.mark.parametrize("query", ["?%", "?%zz=1", "?a=%0", "?a=b c"])
def test_a_malformed_target_does_not_come_that_far(auth, query):
    answer = auth.raw(f"GET /oauth/authorize{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                      "Connection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 ") and b"ocation:" not in answer


def test_a_query_over_the_limit_is_refused(auth, client):
    assert auth.get(client.authorize_path(state="x" * 9000))[0] in (400, 414, 431)


def test_a_posted_request_needs_the_type_of_a_form(auth, client):
    status, headers, _ = auth.request("POST", "/oauth/authorize",
                                      urllib.parse.urlencode(client.parameters()),
                                      {"Content-Type": "text/plain"})
    assert status == 400 and "location" not in headers


# ---- told to the client --------------------------------------------------------------------

@pytest.mark.parametrize("change, error", [
    ({"response_type": None}, "invalid_request"),
    ({"response_type": ""}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "id_token"}, "unsupported_response_type"),
    ({"response_type": "code token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_type": "CODE"}, "unsupported_response_type"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"response_mode": "form_post"}, "invalid_request"),
    ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge": ""}, "invalid_request"),
    ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"code_challenge": "x" * 128}, "invalid_request"),
    ({"code_challenge": challenge_of(VERIFIER) + "="}, "invalid_request"),
    ({"code_challenge": challenge_of(VERIFIER)[:-1] + "+"}, "invalid_request"),
    ({"code_challenge_method": "plain", "code_challenge": VERIFIER}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "s256"}, "invalid_request"),
    ({"scope": "openid  profile"}, "invalid_scope"),
    ({"scope": " openid"}, "invalid_scope"),
    ({"scope": "openid\tprofile"}, "invalid_scope"),
    ({"scope": "x" * 600}, "invalid_scope"),
    ({"scope": "op\"enid"}, "invalid_scope"),
    ({"resource": "https://elsewhere.example"}, "invalid_target"),
    ({"resource": ""}, "invalid_target"),
    ({"nonce": "n" * 513}, "invalid_request"),
])
def test_a_request_that_breaks_a_rule(auth, client, change, error):
    """Class 5 among others: no way around PKCE with S256."""
    refused_with_a_redirect(auth, client, auth.get(client.authorize_path(**change)), error)


@pytest.mark.parametrize("name", ["scope", "nonce", "response_type", "code_challenge", "prompt",
                                  "code_challenge_method", "max_age", "resource", "login_hint"])
def test_a_parameter_that_comes_twice(auth, client, name):
    """RFC 6749 §3.1."""
    path = client.authorize_path(**{"prompt": "login", "max_age": "9", "resource": "ironwood",
                                    "login_hint": "a"})
    value = urllib.parse.urlencode({name: client.parameters().get(name, "x")})
    refused_with_a_redirect(auth, client, auth.get(f"{path}&{value}"), "invalid_request")


def test_a_state_that_comes_twice_goes_back_once(auth, client):
    answer = auth.get(client.authorize_path() + "&state=other")
    refused_with_a_redirect(auth, client, answer, "invalid_request")


def test_the_public_client_may_not_ask_for_the_scope_admin(auth):
    client = app_client(auth)
    answer = auth.get(client.authorize_path(scope="openid admin"))
    refused_with_a_redirect(auth, client, answer, "invalid_scope")


def test_an_unknown_parameter_is_ignored(auth, client):
    """RFC 6749 §3.1."""
    assert auth.get(client.authorize_path(colour="green"))[0] == 200


@pytest.mark.parametrize("state", ["\r\nSet-Cookie: evil=1", "a\nb", "\x1b[31m", "é\u2028"])
def test_no_state_can_break_the_answer_apart(auth, client, state):
    """Class 26."""
    status, headers, _ = auth.get(client.authorize_path(state=state, response_type="token"))
    assert status == 303
    assert "set-cookie" not in headers
    location = headers["location"]
    assert location.isascii() and location.isprintable() and " " not in location
    assert redirect_parameters(headers)["state"] == state


def test_codes_never_repeat(auth, client):
    """Class 63."""
    browser, person = Browser(auth), new_person(auth)
    codes = [browser.code_for(client, person)]
    for _ in range(15):
        answer = redirect_parameters(browser.get(client.authorize_path(prompt="none"))[1])
        codes.append(answer["code"])
    assert len(set(codes)) == 16 and min(map(len, codes)) >= 43
