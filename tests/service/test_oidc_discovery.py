# SPDX-License-Identifier: Apache-2.0
"""The metadata document promises only what the service does, whoever asks."""
import urllib.parse

import pytest
from harness import AuthService
from identity import (challenge_of, jwt_parts, new_person, quick_auth, refused_start, userinfo,
                      web_client)

PATH = "/.well-known/openid-configuration"


@pytest.fixture(scope="module")
def auth(tmp_path_factory):
    with quick_auth(tmp_path_factory.mktemp("discovery")) as service:
        yield service


@pytest.fixture(scope="module")
def document(auth):
    return auth.get_json(PATH)[2]


def local(url):
    parts = urllib.parse.urlsplit(url)
    return parts.path + ("?" + parts.query if parts.query else "")


def test_both_well_known_places_say_the_same(auth, document):
    status, headers, body = auth.get_json(PATH)
    assert status == 200 and headers["content-type"] == "application/json"
    assert "max-age" in headers["cache-control"]
    assert auth.get_json("/.well-known/oauth-authorization-server")[2] == body == document


def test_the_issuer_is_the_start_of_every_endpoint(auth, document):
    assert document["issuer"] == auth.url
    endpoints = {n: u for n, u in document.items() if n.endswith(("_endpoint", "_uri"))}
    assert set(endpoints) >= {"authorization_endpoint", "token_endpoint", "userinfo_endpoint",
                              "jwks_uri", "revocation_endpoint", "introspection_endpoint"}
    for url in endpoints.values():
        assert url.startswith(document["issuer"] + "/")


@pytest.mark.parametrize("name, method, expected", [
    ("authorization_endpoint", "GET", 400), ("token_endpoint", "POST", 400),
    ("userinfo_endpoint", "GET", 401), ("jwks_uri", "GET", 200),
    ("revocation_endpoint", "POST", 400), ("introspection_endpoint", "POST", 400)])
def test_every_endpoint_is_there(auth, document, name, method, expected):
    assert auth.request(method, local(document[name]))[0] == expected


def test_required_members_are_present(document):
    """OpenID Connect Discovery 1.0 §3 and RFC 8414 §2."""
    for name in ("issuer", "authorization_endpoint", "jwks_uri", "response_types_supported",
                 "subject_types_supported", "id_token_signing_alg_values_supported"):
        assert document[name]
    assert document["response_types_supported"] == ["code"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert "plain" not in str(document["code_challenge_methods_supported"])
    assert "none" not in document["id_token_signing_alg_values_supported"]
    assert document["authorization_response_iss_parameter_supported"] is True


def test_grants_that_are_promised_work_and_others_do_not(auth, document):
    client = web_client(auth)
    person = new_person(auth)
    assert sorted(document["grant_types_supported"]) == [
        "authorization_code", "client_credentials", "refresh_token"]
    tokens = client.tokens_for(person)
    assert client.refresh(tokens["refresh_token"])[0] == 200
    assert client.token("client_credentials")[0] == 200
    for grant in ("password", "implicit", "urn:ietf:params:oauth:grant-type:device_code",
                  "urn:ietf:params:oauth:grant-type:token-exchange", "AUTHORIZATION_CODE"):
        answer = client.token(grant, username=person.email, password=person.password)
        assert (answer[0], answer[2]["error"]) == (400, "unsupported_grant_type")


def test_scopes_and_claims_that_are_promised_are_delivered(auth, document):
    person, client = new_person(auth), web_client(auth)
    scopes = [s for s in document["scopes_supported"] if s != "admin"]
    tokens = client.tokens_for(person, scope=" ".join(scopes), nonce="n")
    assert sorted(tokens["scope"].split()) == sorted(scopes)
    told = set(jwt_parts(tokens["id_token"])[1]) | set(userinfo(auth, tokens["access_token"])[2])
    assert told >= set(document["claims_supported"])


def test_an_unknown_scope_is_left_out(auth):
    """OpenID Connect Core §3.1.2.1."""
    tokens = web_client(auth).tokens_for(new_person(auth), scope="openid coffee profile")
    assert sorted(tokens["scope"].split()) == ["openid", "profile"]


@pytest.mark.parametrize("parameter", ["request", "request_uri", "registration"])
def test_what_is_not_supported_is_said_so(auth, document, parameter):
    """Class 38: request_uri is never fetched."""
    assert document.get(f"{parameter}_parameter_supported", False) is False
    path = web_client(auth).authorize_path(**{parameter: auth.url + "/health"})
    status, headers, _ = auth.get(path)
    assert status == 303 and f"error={parameter}_not_supported" in headers["location"]


def test_prompts_that_are_promised_are_known(auth, document):
    client = web_client(auth)
    for prompt in document["prompt_values_supported"]:
        status, headers, _ = auth.get(client.authorize_path(prompt=prompt))
        assert status == 200 or "login_required" in headers["location"]
    assert "invalid_request" in auth.get(client.authorize_path(prompt="dance"))[1]["location"]


@pytest.mark.parametrize("headers", [
    {"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Proto": "https"}, {"Forwarded": "host=evil.example;proto=https"},
    {"X-Original-URL": "/evil"}])
def test_no_header_changes_what_is_published(auth, document, headers):
    """Class 22."""
    answer = auth.get_json(PATH, headers=headers)
    assert answer[0] == 421 or answer[2] == document
    status, answered, text = auth.get(web_client(auth).authorize_path(), headers)
    assert b"evil" not in text and "evil" not in str(answered)


def test_documents_may_be_read_from_any_origin_but_without_credentials(auth):
    """Class 58."""
    for path in (PATH, "/.well-known/jwks.json"):
        headers = auth.get(path, {"Origin": "https://app.example"})[1]
        assert headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in headers
    for path in ("/oauth/userinfo", "/api/v1/auth/me", "/oauth/authorize"):
        headers = auth.get(path, {"Origin": "https://evil.example"})[1]
        assert "access-control-allow-origin" not in headers
        preflight = auth.request("OPTIONS", path, headers={
            "Origin": "https://evil.example", "Access-Control-Request-Method": "POST"})
        assert not [n for n in preflight[1] if n.startswith("access-control")]


def test_an_issuer_with_a_path_keeps_it(tmp_path):
    with quick_auth(tmp_path, "--issuer", "https://example.com/auth") as auth:
        document = auth.get_json(PATH)[2]
        assert document["issuer"] == "https://example.com/auth"
        assert document["token_endpoint"] == "https://example.com/auth/oauth/token"


@pytest.mark.parametrize("issuer", [
    "ftp://example.com", "https://example.com/", "https://example.com?x=1", "https://u@example.com",
    "https://example.com#x", "example.com", "https://exa mple.com", "https://", "http:///x", ""])
def test_an_unusable_issuer_is_refused_at_start(tmp_path, issuer):
    code, _, said = refused_start(AuthService(tmp_path, ["--issuer", issuer]))
    assert code == 2 and "issuer" in said


def test_the_challenge_of_rfc_7636_appendix_b_is_ours():
    """Guards the tests' own arithmetic."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
