# SPDX-License-Identifier: Apache-2.0
"""Access tokens that must open nothing, each refused for the right reason."""
import base64
import hashlib
import hmac
import json

import pytest
from harness import problem_of, wait_until
from identity import (Forger, Person, administrator, app_client, b64url, jwk_pem, jwks,
                      jwt_assemble, jwt_parts, me, new_person, quick_auth, root_secret, unb64url,
                      web_client)

ISSUER = "http://auth.example.test"


class World:
    """A service, a person with tokens, and somebody with a key of their own."""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    scratch = tmp_path_factory.mktemp("tokens")
    secret = {"JWT_SECRET": root_secret()}
    arguments = ["--issuer", ISSUER, "--access-token-ttl", "10s", "--clock-skew", "0ms"]
    # The same keys, but another issuer: what it signs is genuine and not for us.
    with quick_auth(scratch / "ours", *arguments, env=secret) as auth, \
            quick_auth(scratch / "sister", "--issuer", "http://other.example.test",
                       env=secret) as sister, \
            quick_auth(scratch / "stranger", "--issuer", ISSUER,
                       env={"JWT_SECRET": root_secret()}) as stranger:
        world = World()
        world.auth, world.sister, world.stranger = auth, sister, stranger
        world.person = new_person(auth)
        world.early = world.person.login()["access_token"]
        world.forger = Forger(scratch)
        yield world
        assert not auth.log("internal_error")


@pytest.fixture
def token(world):
    return world.person.login()["access_token"]


def refused(world, token, reason=None, status=401):
    """Refused at every kind of guarded route; the log says why, the answer does not."""
    before = counted(world, reason)
    for method, path in (("GET", "/api/v1/auth/me"), ("GET", "/oauth/userinfo"),
                         ("POST", "/oauth/userinfo"), ("GET", "/admin/summary"),
                         ("POST", "/api/v1/auth/password")):
        answer = world.auth.request(method, path, headers={"Authorization": f"Bearer {token}"})
        assert answer[0] == status, (path, answer)
        problem = problem_of(answer)
        assert problem["type"] == "urn:ironwood:problem:invalid-token"
        assert answer[1]["www-authenticate"] == 'Bearer error="invalid_token"'
        assert len(token) < 8 or token not in answer[2].decode()
    if reason is not None:
        assert counted(world, reason) == before + 5
        assert world.auth.wait_log("token_validation_error", reason=reason)["level"] == "warn"


def counted(world, reason):
    name = f'token_validation_errors_total{{service="auth-service",reason="{reason}"}}'
    return world.auth.metrics().get(name, 0)


def with_header(token, **changed):
    """The token with another header and its old signature."""
    header, claims = jwt_parts(token)
    header.update(changed)
    header = {name: value for name, value in header.items() if value is not None}
    return f"{jwt_assemble(header, claims).rpartition('.')[0]}.{token.rpartition('.')[2]}"


def with_claims(token, **changed):
    header, claims = jwt_parts(token)
    claims.update(changed)
    return f"{jwt_assemble(header, claims).rpartition('.')[0]}.{token.rpartition('.')[2]}"


def test_a_good_token_opens(world, token):
    assert me(world.auth, token)[0] == 200


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
def test_the_scheme_is_read_without_letter_case(world, token, scheme):
    assert world.auth.get("/api/v1/auth/me", {"Authorization": f"{scheme} {token}"})[0] == 200


@pytest.mark.parametrize("headers", [
    {}, {"Authorization": "Basic YTpi"}, {"X-Access-Token": "x"}, {"Cookie": "access_token=x"}])
def test_no_token_is_asked_for_one(world, headers):
    for path in ("/api/v1/auth/me", "/oauth/userinfo"):
        answer = world.auth.get(path, headers)
        assert answer[0] == 401
        assert problem_of(answer)["type"] == "urn:ironwood:problem:unauthenticated"
        assert answer[1]["www-authenticate"] == "Bearer"


def test_a_token_in_the_url_or_the_form_is_not_read(world, token):
    """Class 57: tokens in URLs end up in logs."""
    assert world.auth.get(f"/api/v1/auth/me?access_token={token}")[0] == 401
    answer = world.auth.request("POST", "/oauth/userinfo", f"access_token={token}", {
        "Content-Type": "application/x-www-form-urlencoded"})
    assert answer[0] == 401


def test_two_authorization_headers_are_one_too_many(world, token):
    """Class 23: nobody gets to choose which one counts."""
    line = f"Authorization: Bearer {token}\r\n"
    answer = world.auth.raw(f"GET /api/v1/auth/me HTTP/1.1\r\nHost: 127.0.0.1\r\n{line}{line}"
                            "Connection: close\r\n\r\n".encode())
    assert answer.split(b" ", 2)[1] in (b"400", b"401")


@pytest.mark.parametrize("garbage", [
    "x", "a.b", "a.b.c", "a.b.c.d.e", "..", "...", "e30.e30.e30", "e30..", "=", "null", "undefined",
    "-" * 100])
def test_what_is_no_jwt_is_malformed(world, garbage):
    refused(world, garbage, "malformed")


def test_a_truncated_token_is_refused_wherever_it_is_cut(world, token):
    for length in (1, 10, len(token) // 4, len(token) // 2, len(token) - 44, len(token) - 1):
        assert me(world.auth, token[:length])[0] == 401


def test_an_oversized_token_is_refused(world, token):
    refused(world, token + "A" * 8000, "malformed")
    answer = world.auth.get("/api/v1/auth/me", {"Authorization": "Bearer " + "A" * 40000})
    assert answer[0] == 431
    assert problem_of(answer)["type"] == "urn:ironwood:problem:headers-too-large"


@pytest.mark.parametrize("part", [0, 1, 2])
def test_every_changed_character_breaks_the_token(world, token, part):
    parts = token.split(".")
    for i in {0, 1, len(parts[part]) // 2, len(parts[part]) - 2, len(parts[part]) - 1}:
        old = parts[part][i]
        damaged = parts[part][:i] + ("A" if old != "A" else "B") + parts[part][i + 1:]
        assert me(world.auth, ".".join([*parts[:part], damaged, *parts[part + 1:]]))[0] == 401


def test_a_token_has_one_spelling_only(world, token):
    """Unused bits of the last character, padding and white space make no second valid form."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    same_bits = alphabet[alphabet.index(token[-1]) | 1]
    assert base64.urlsafe_b64decode(token[-86:-1] + same_bits + "==")[:64] == unb64url(token[-86:])
    assert me(world.auth, token[:-1] + same_bits)[0] == 401
    for other in (token + "=", token + "==", token + ".", "." + token, token.replace(".", "..", 1)):
        assert me(world.auth, other)[0] == 401


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None])
def test_alg_none_opens_nothing(world, token, alg):
    """Class 8."""
    refused(world, with_header(token, alg=alg))
    header, claims = jwt_parts(token)
    header["alg"] = alg
    refused(world, jwt_assemble(header, claims))


def test_the_public_key_is_no_hmac_secret(world, token):
    """Class 8, algorithm confusion."""
    header, claims = jwt_parts(token)
    jwk = jwks(world.auth)[header["kid"]]
    point = b"\x04" + unb64url(jwk["x"]) + unb64url(jwk["y"])
    secrets = [jwk_pem(jwk).encode(), jwk_pem(jwk).strip().encode(), json.dumps(jwk).encode(),
               point, point[1:], unb64url(jwk["x"]), b""]
    for alg, digest in (("HS256", hashlib.sha256), ("HS384", hashlib.sha384),
                        ("HS512", hashlib.sha512)):
        for secret in secrets:
            signed = jwt_assemble({**header, "alg": alg}, claims).rpartition(".")[0]
            mac = hmac.new(secret, signed.encode(), digest).digest()
            assert me(world.auth, f"{signed}.{b64url(mac)}")[0] == 401
    assert counted(world, "alg") >= 21


@pytest.mark.parametrize("alg", ["ES384", "ES512", "RS256", "PS256", "EdDSA", "es256", "ES256K",
                                 ["ES256"], 7])
def test_the_key_chooses_the_algorithm(world, token, alg):
    """Class 8."""
    refused(world, with_header(token, alg=alg))


def test_a_key_that_was_never_published_signs_nothing(world, token):
    """Class 9."""
    header, claims = jwt_parts(token)
    refused(world, world.forger.sign(header, claims), "signature")
    refused(world, world.forger.sign({**header, "kid": "mine"}, claims), "unknown_kid")
    refused(world, Person(world.stranger).register().login()["access_token"], "unknown_kid")


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"])
def test_a_header_brings_no_keys_and_no_rules_along(world, token, member):
    """Classes 8, 9, 10."""
    header, claims = jwt_parts(token)
    value = {"jwk": world.forger.jwk, "jku": world.stranger.url + "/.well-known/jwks.json",
             "x5u": world.stranger.url, "x5c": ["MII="], "crit": ["exp"], "b64": False,
             "zip": "DEF"}[member]
    refused(world, world.forger.sign({**header, member: value}, claims))
    refused(world, world.forger.sign({**header, "kid": None, member: value}, claims))


@pytest.mark.parametrize("kid", [
    "../../../../dev/null", "/etc/passwd", "' OR '1'='1", "x'; DROP TABLE signing_keys; --", "",
    "http://127.0.0.1:9/key", "%00", "k" * 128, "k" * 1000, None, 7, ["a"], {"a": 1}])
def test_a_kid_is_a_name_and_nothing_else(world, token, kid):
    """Class 9: no path, no SQL, no URL."""
    header, claims = jwt_parts(token)
    refused(world, world.forger.sign({**header, "kid": kid}, claims))
    assert me(world.auth, token)[0] == 200, "the keys are all there"


@pytest.mark.parametrize("typ", ["JWT", "logout+jwt", "dpop+jwt", "application/jwt", "", None, 7])
def test_another_type_is_no_access_token(world, token, typ):
    """Class 11."""
    refused(world, with_header(token, typ=typ))


def test_an_id_token_is_no_access_token(world):
    """Class 11: genuine, signed by the right key, and still not one."""
    tokens = web_client(world.auth).tokens_for(world.person)
    assert me(world.auth, tokens["access_token"])[0] == 200
    refused(world, tokens["id_token"], "typ")


def test_changed_claims_break_the_signature(world, token):
    admin = jwt_parts(token)[1]
    for changed in ({"sub": "admin"}, {"scope": "openid admin"}, {"roles": ["admin"]},
                    {"exp": admin["exp"] + 86400}, {"iss": "http://evil.test"}):
        refused(world, with_claims(token, **changed), "signature")


def test_a_token_of_another_issuer_with_the_same_key_is_refused(world):
    """Class 7, cross-tenant confusion."""
    theirs = new_person(world.sister).login()["access_token"]
    assert jwt_parts(theirs)[0]["kid"] in jwks(world.auth)
    refused(world, theirs, "issuer")


def test_a_token_for_another_audience_is_refused(tmp_path):
    """Class 7: the same issuer and key, but meant for somebody else."""
    secret = {"JWT_SECRET": root_secret()}
    with quick_auth(tmp_path, "--issuer", ISSUER, "--audience", "elsewhere", env=secret) as auth:
        client = web_client(auth)
        person = new_person(auth)
        tokens = client.tokens_for(person, scope="profile")  # without openid: not for userinfo
        assert jwt_parts(tokens["access_token"])[1]["aud"] == ["elsewhere"]
        auth.stop()
        auth.arguments[auth.arguments.index("elsewhere")] = "ironwood"
        auth.start()
        assert me(auth, tokens["access_token"])[0] == 401
        assert auth.wait_log("token_validation_error", reason="audience")


def test_a_token_that_names_a_revoked_family_is_refused(world):
    """Class 14."""
    tokens = world.person.login()
    world.auth.post_json("/api/v1/auth/logout", {}, tokens["access_token"])
    refused(world, tokens["access_token"])


def test_a_token_opens_only_its_own_doors(world, token):
    """Class 45: every guarded route with every kind of token."""
    client, admin = web_client(world.auth), administrator(world.auth)
    machine = client.token("client_credentials")[2]["access_token"]
    admin_token = admin.login()["access_token"]
    narrow = app_client(world.auth).tokens_for(world.person, scope="profile")["access_token"]
    table = {  # path: the status for user, narrow, machine, administrator
        "/api/v1/auth/me": (200, 200, 403, 200),
        "/oauth/userinfo": (200, 403, 403, 200),
        "/admin/summary": (403, 403, 403, 200),
    }
    for path, expected in table.items():
        got = tuple(world.auth.get(path, {"Authorization": f"Bearer {t}"})[0]
                    for t in (token, narrow, machine, admin_token))
        assert got == expected, path


@pytest.mark.parametrize("header", [
    "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Via",
    "X-Envoy-External-Address", "X-Real-IP"])
def test_an_operator_on_loopback_needs_no_token_but_a_proxied_request_does(world, header):
    """Class 23, contract C2."""
    assert world.auth.get("/admin/summary")[0] == 200
    answer = world.auth.get("/admin/summary", {header: "127.0.0.1"})
    assert answer[0] == 401
    problem_of(answer)
    assert world.auth.get("/admin/summary", {"Host": "auth.example.com"})[0] in (401, 421)


def test_the_loopback_exception_can_be_switched_off(tmp_path):
    with quick_auth(tmp_path, "--loopback-admin=false") as auth:
        assert auth.get("/admin/summary")[0] == 401
        token = administrator(auth).login()["access_token"]
        assert auth.get("/admin/summary", {"Authorization": f"Bearer {token}"})[0] == 200


def test_an_expired_token_is_refused(world):
    """Class 49. Runs last: the token was made when this file began."""
    wait_until(lambda: me(world.auth, world.early)[0] == 401, "the token to expire", 30)
    refused(world, world.early, "expired")
