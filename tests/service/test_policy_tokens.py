# SPDX-License-Identifier: Apache-2.0
"""Which access tokens policy-service believes, and where it gets the keys from."""
import concurrent.futures
import json
import socket
import time

import pytest

from fake_issuer import Issuer, Key, b64, certificate, hmac_sha256, jwt
from harness import PolicyService, problem_of, wait_until

QUESTION = {"action": 'Action::"view"', "resource": 'Document::"handbook"'}
FETCH_INTERVAL_S = 0.25  # KEYS_MIN_INTERVAL_MS


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    with Issuer(tmp_path_factory.mktemp("issuer")) as it:
        yield it


@pytest.fixture(scope="module")
def policy(issuer, tmp_path_factory):
    with PolicyService(tmp_path_factory.mktemp("tokens"), issuer.url) as service:
        wait_until(lambda: ask(service, issuer.token())[0] == 200, "the first key set")
        yield service


def ask(policy, token, **headers):
    return policy.post_json("/v1/authorize", QUESTION, token, headers)


def errors_counted(policy, reason):
    return policy.metrics()[f'token_validation_errors_total{{service="policy-service",reason="{reason}"}}']


def assert_refused(policy, token, reason, request_id):
    before = errors_counted(policy, reason)
    answer = ask(policy, token, **{"X-Request-ID": request_id})
    assert problem_of(answer)["type"] == "urn:ironwood:problem:invalid-token"
    assert answer[0] == 401
    assert answer[1]["www-authenticate"] == 'Bearer error="invalid_token"'
    line = policy.wait_log("token_validation_error", request_id=request_id)
    assert (line["reason"], line["level"], line["peer"]) == (reason, "warn", "127.0.0.1")
    assert errors_counted(policy, reason) == before + 1
    if len(token) > 40:
        assert token not in policy.raw_log()


NOW = "NOW"  # stands for the time of the test

BENT_CLAIMS = [
    ("issuer", {"iss": "http://127.0.0.1:1"}),
    ("issuer", {"iss": "HTTP://127.0.0.1"}),
    ("audience", {"aud": "somebody-else"}),
    ("audience", {"aud": ["a", "b"]}),
    ("audience", {"aud": "Ironwood"}),
    ("audience", {"aud": ["ironwoo", "ironwood2"]}),
    ("missing_claim", {"iss": None}),
    ("missing_claim", {"sub": None}),
    ("missing_claim", {"sub": ""}),
    ("missing_claim", {"aud": None}),
    ("missing_claim", {"aud": []}),
    ("missing_claim", {"exp": None}),
    ("missing_claim", {"iat": None}),
    ("missing_claim", {"jti": None}),
    ("missing_claim", {"client_id": None}),
    ("expired", {"exp": (NOW, -31)}),
    ("expired", {"exp": 0}),
    ("not_yet_valid", {"nbf": (NOW, 60)}),
    ("not_yet_valid", {"iat": (NOW, 60)}),
    ("malformed", {"exp": "tomorrow"}),
    ("malformed", {"exp": 1e300}),
    ("malformed", {"exp": -1}),
    ("malformed", {"exp": [1]}),
    ("malformed", {"sub": 7}),
    ("malformed", {"sub": {"a": 1}}),
    ("malformed", {"aud": 7}),
    ("malformed", {"aud": ["ironwood", 7]}),
    ("malformed", {"aud": ["ironwood"] * 17}),
    ("malformed", {"scope": ["admin"]}),
    ("malformed", {"padding": "x" * 9000}),
]


@pytest.mark.parametrize("number", range(len(BENT_CLAIMS)), ids=lambda n: f"{n}-{BENT_CLAIMS[n][0]}")
def test_a_bent_claim_is_refused_with_its_reason(policy, issuer, number):
    reason, claims = BENT_CLAIMS[number]
    claims = {k: int(time.time()) + v[1] if isinstance(v, tuple) else v for k, v in claims.items()}
    assert_refused(policy, issuer.token(**claims), reason, f"claim-{number}")


def flipped(token, part):
    """One bit of a part is another one."""
    parts = token.split(".")
    at = len(parts[part]) // 2
    old = parts[part][at]
    parts[part] = parts[part][:at] + ("A" if old != "A" else "B") + parts[part][at + 1:]
    return ".".join(parts)


def bent_forms(issuer):
    good = issuer.token()
    head, claims, signature = good.split(".")
    stranger = Key(issuer.directory, kid=issuer.key.kid + "-stranger")
    none = lambda alg: jwt(issuer.header(alg=alg), issuer.claims(), lambda data: b"")
    half = Key(issuer.directory)
    return [
        ("alg", none("none")),
        ("alg", none("None")),
        ("alg", none("NONE")),
        # The public key as an HMAC secret, in every form an attacker may guess.
        ("alg", issuer.token({"alg": "HS256"}, hmac_sha256(issuer.key.public_pem))),
        ("alg", issuer.token({"alg": "HS256"}, hmac_sha256(b"\x04" + issuer.key.x + issuer.key.y))),
        ("alg", issuer.token({"alg": "HS256"}, hmac_sha256(json.dumps(issuer.key.jwk()).encode()))),
        ("alg", issuer.token({"alg": "RS256"})),
        ("alg", issuer.token({"alg": "ES384"})),
        ("alg", issuer.token({"alg": "es256"})),
        ("alg", issuer.token({"alg": "EdDSA"})),  # known, but not what this key is for
        ("typ", issuer.token({"typ": "JWT"})),  # an ID token
        ("typ", issuer.token({"typ": None})),
        ("typ", issuer.token({"typ": "at+jwt2"})),
        ("signature", jwt(issuer.header(), issuer.claims(), stranger.sign)),
        ("signature", jwt(issuer.header(), issuer.claims(), half.sign)),
        ("signature", flipped(good, 1)),
        ("signature", flipped(good, 2)),
        ("signature", jwt(issuer.header(), issuer.claims(), lambda data: b"\0" * 64)),
        ("signature", jwt(issuer.header(), issuer.claims(), lambda data: issuer.key.sign(data)[:63])),
        ("signature", jwt(issuer.header(), issuer.claims(), lambda data: issuer.key.sign(data) + b"\0")),
        ("signature", f"{head}.{claims}."),
        ("malformed", f"{head}.{claims}"),
        ("signature", f"{head}..{signature}"),
        ("malformed", f".{claims}.{signature}"),
        ("malformed", f"{good}.{signature}"),
        ("malformed", f"{good}="),
        ("malformed", "x"),
        ("malformed", "..."),
        ("malformed", jwt(b"{", issuer.claims(), issuer.key.sign)),
        ("malformed", jwt(b"[]", issuer.claims(), issuer.key.sign)),
        ("malformed", jwt(issuer.header(), b"[]", issuer.key.sign)),
        ("malformed", jwt(issuer.header(), b'{"iss":', issuer.key.sign)),
        ("malformed", jwt(issuer.header(), b'{"sub":"a","sub":"b"}', issuer.key.sign)),
        ("malformed", jwt(b'{"alg":"ES256","alg":"none","typ":"at+jwt"}', issuer.claims(), issuer.key.sign)),
        ("malformed", issuer.token({"crit": ["exp"]})),
        ("malformed", issuer.token({"b64": False, "crit": ["b64"]})),
        # A key that travels with the token, or that the token says where to find.
        ("malformed", jwt(issuer.header(jwk=stranger.jwk()), issuer.claims(), stranger.sign)),
        ("malformed", jwt(issuer.header(jku=issuer.url), issuer.claims(), stranger.sign)),
        ("malformed", jwt(issuer.header(x5u=issuer.url), issuer.claims(), issuer.key.sign)),
    ]


@pytest.fixture(scope="module")
def forms(policy, issuer):
    return bent_forms(issuer)


@pytest.mark.parametrize("number", range(39))
def test_a_bent_form_is_refused_with_its_reason(policy, forms, number):
    assert len(forms) == 39
    reason, token = forms[number]
    assert_refused(policy, token, reason, f"form-{number}")


def test_good_tokens_at_the_edges_are_accepted(policy, issuer):
    now = int(time.time())
    for changes in [{}, {"aud": "ironwood"}, {"aud": ["x", "ironwood"]}, {"exp": now - 20}, {"nbf": now + 20},
                    {"iat": now + 20}, {"scope": None}, {"sub": "ü\u0000\"\\"}, {"groups": "not a list"},
                    {"roles": [1, None, "admin"]}, {"padding": "x" * 3000}]:
        assert ask(policy, issuer.token(**changes))[0] == 200, changes
    assert ask(policy, issuer.token({"typ": "application/at+jwt"}))[0] == 200
    assert ask(policy, issuer.token({"typ": "AT+JWT"}))[0] == 200


def test_groups_and_roles_become_parents(policy, issuer):
    def decision(**claims):
        return policy.post_json("/v1/authorize", {
            "action": 'Action::"edit"', "resource": 'Document::"roadmap"'}, issuer.token(**claims))[2]
    assert decision()["decision"] == "Deny"
    assert decision(groups=["engineering"])["reasons"] == ["engineering-documents"]
    assert decision(roles=["admin"])["reasons"] == ["administrators"]
    assert decision(groups=["admin"])["decision"] == "Deny"
    assert decision(groups=["engineering"] * 300)["decision"] == "Allow"


def test_the_authorization_header_is_read_strictly(policy, issuer):
    good = issuer.token()
    cases = [
        (None, "unauthenticated"), (f"Basic {b64(b'a:b')}", "unauthenticated"), ("", "invalid-token"),
        ("Bearer", "invalid-token"), ("Bearer ", "invalid-token"), (f"Bearer {good} x", "invalid-token"),
        (f"Bearer {good},{good}", "invalid-token"), (good, "invalid-token"),
    ]
    for value, kind in cases:
        headers = {"Content-Type": "application/json"}
        if value is not None:
            headers["Authorization"] = value
        answer = policy.request("POST", "/v1/authorize", json.dumps(QUESTION), headers)
        assert (answer[0], problem_of(answer)["type"]) == (401, f"urn:ironwood:problem:{kind}"), value
        assert answer[1]["www-authenticate"].startswith("Bearer")
    assert policy.request("POST", "/v1/authorize", json.dumps(QUESTION), {
        "Content-Type": "application/json", "Authorization": f"bearer  {good}"})[0] == 200
    twice = (f"POST /v1/authorize HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n"
             f"Authorization: Bearer {good}\r\nAuthorization: Bearer {good}\r\n\r\n")
    assert policy.raw(twice.encode()).startswith(b"HTTP/1.1 401 ")


def test_a_token_in_the_query_is_not_looked_at(policy, issuer):
    status, _, body = policy.post_json(f"/v1/authorize?access_token={issuer.token()}", QUESTION)
    assert (status, body["type"]) == (401, "urn:ironwood:problem:unauthenticated")


def test_a_token_that_expires_is_refused_although_it_was_accepted(tmp_path):
    """The memory of verified tokens must not outlive them."""
    with Issuer(tmp_path / "issuer") as issuer, \
            PolicyService(tmp_path, issuer.url, ["--clock-skew", "0s"]) as policy:
        wait_until(lambda: ask(policy, issuer.token())[0] == 200, "keys")
        token = issuer.token(exp=int(time.time()) + 2)
        assert ask(policy, token)[0] == 200
        wait_until(lambda: ask(policy, token)[0] == 401, "the token to expire", 5)
        assert ask(policy, issuer.token())[0] == 200


def test_unknown_kid_fetches_at_a_bounded_rate(policy, issuer):
    """Policy map, failure 59: random kids must not become a flood at the issuer."""
    good = issuer.token()
    forged = [issuer.token({"kid": f"random-{i}"}, sign=lambda data: b"\1" * 64) for i in range(200)]
    assert ask(policy, good)[0] == 200
    before, started = len(issuer.fetches), time.monotonic()
    unknown = errors_counted(policy, "unknown_kid")
    with concurrent.futures.ThreadPoolExecutor(40) as threads:
        running = [threads.submit(ask, policy, token) for token in forged]
        asked = 0
        while not all(f.done() for f in running):
            assert ask(policy, good)[0] == 200  # others do not notice
            asked += 1
        answers = [f.result() for f in running]
    elapsed = time.monotonic() - started
    fetches = len(issuer.fetches) - before
    assert {a[0] for a in answers} == {401}
    assert {a[2]["type"] for a in answers} == {"urn:ironwood:problem:invalid-token"}
    assert errors_counted(policy, "unknown_kid") == unknown + 200
    assert 1 <= fetches <= elapsed / FETCH_INTERVAL_S + 1
    assert asked > 10
    # Nobody waits longer than for a fetch or two: 5 rounds of 40.
    assert elapsed < 10


def test_keys_rotate_without_a_restart(tmp_path):
    with Issuer(tmp_path / "issuer") as issuer, \
            PolicyService(tmp_path, issuer.url, ["--jwks-refresh", "1s"]) as policy:
        old_key = issuer.key
        old = issuer.token()
        wait_until(lambda: ask(policy, old)[0] == 200, "keys")
        # The new key is published and signs: accepted with the first request.
        issuer.keys.append(issuer.new_key())
        assert ask(policy, issuer.token())[0] == 200
        assert ask(policy, old)[0] == 200
        # The old key is withdrawn: refused as soon as the set has been fetched again.
        issuer.keys.remove(old_key)
        wait_until(lambda: ask(policy, old)[0] == 401, "the old key to be forgotten", 10)
        assert ask(policy, issuer.token())[0] == 200
        assert ask(policy, issuer.token({"kid": old_key.kid}, old_key.sign))[0] == 401
        policy.wait_log("jwks_refresh", outcome="success", generation=3)


def test_without_keys_the_answer_is_503_until_the_issuer_is_there(tmp_path):
    issuer = Issuer(tmp_path / "issuer").start()
    issuer.stop()  # keeps its port
    with PolicyService(tmp_path, issuer.url, ["--jwks-refresh", "1s"]) as policy:
        token = issuer.token()
        answer = ask(policy, token)
        assert (answer[0], problem_of(answer)["type"]) == (503, "urn:ironwood:problem:unavailable")
        assert answer[1]["retry-after"] == "1"
        assert policy.get("/health/ready")[0] == 200
        policy.wait_log("jwks_refresh", outcome="failure")
        policy.wait_log("dependency_state", dependency="auth-service", state="down")
        assert policy.get_json("/health")[2]["status"] == "degraded"
        assert policy.metrics()['dependency_up{service="policy-service",dependency="auth-service"}'] == 0
        with issuer:
            wait_until(lambda: ask(policy, token)[0] == 200, "decisions once the issuer is there", 10)
            policy.wait_log("jwks_refresh", outcome="success")
            policy.wait_log("dependency_state", dependency="auth-service", state="up")
        # The issuer goes away again: what verified before verifies still, also new tokens.
        assert ask(policy, token)[0] == 200
        assert ask(policy, issuer.token())[0] == 200
        # But nobody can say what an unknown key is worth: not 401, and never 200.
        assert ask(policy, issuer.token({"kid": "unheard-of"}))[0] == 503
        policy.wait_log("dependency_state", dependency="auth-service", state="degraded")


def endless(handler):
    """A document without end, and without a length."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" " * 65536)
    except OSError:
        pass


def bad_answers(issuer, elsewhere):
    good = issuer.document()
    send = Issuer.send
    twice = json.dumps({"keys": [issuer.key.jwk(), issuer.key.jwk()]}).encode()
    return {
        "not JSON": lambda h: send(h, b"<html>"),
        "empty": lambda h: send(h, b""),
        "cut": lambda h: send(h, good[:-5]),
        "not an object": lambda h: send(h, b"[]"),
        "no keys": lambda h: send(h, b"{}"),
        "keys is no list": lambda h: send(h, b'{"keys":{}}'),
        "one kid twice": lambda h: send(h, twice),
        "404": lambda h: send(h, good, 404),
        "500": lambda h: send(h, good, 500),
        "204": lambda h: send(h, b"", 204),
        "huge": lambda h: send(h, good + b" " * 300_000),
        "endless": endless,
        "redirect elsewhere": lambda h: send(h, b"", 302, [("Location", elsewhere)]),
        "redirect to itself": lambda h: send(h, b"", 302, [("Location", issuer.url + "/.well-known/jwks.json")]),
        "redirect to a file": lambda h: send(h, b"", 302, [("Location", "file:///etc/passwd")]),
        "hang up": lambda h: h.connection.close(),
        "slow": lambda h: (time.sleep(3), send(h, good)),
    }


def test_a_bad_key_set_changes_nothing(tmp_path):
    """A key set that cannot be had or read: the keys that are known stay, and nothing is taken
    from where it was not asked for."""
    with Issuer(tmp_path / "issuer") as issuer, Issuer(tmp_path / "elsewhere") as elsewhere, \
            PolicyService(tmp_path, issuer.url, ["--jwks-refresh", "1h", "--fetch-timeout", "1s"]) as policy:
        good = issuer.token()
        wait_until(lambda: ask(policy, good)[0] == 200, "keys")
        strange = elsewhere.token(iss=issuer.url)
        for name, respond in bad_answers(issuer, elsewhere.url + "/.well-known/jwks.json").items():
            before = len(issuer.fetches)
            issuer.respond = respond
            answer = ask(policy, strange)
            assert (answer[0], problem_of(answer)["type"]) == (503, "urn:ironwood:problem:unavailable"), name
            assert len(issuer.fetches) > before, name
            assert ask(policy, good)[0] == 200, name
            assert ask(policy, issuer.token())[0] == 200, name
        assert elsewhere.fetches == []
        issuer.respond = None
        assert ask(policy, strange)[0] == 401
        line = policy.wait_log("jwks_refresh", outcome="failure")
        assert issuer.url in line["error"]


def test_keys_that_do_not_fit_are_left_out(tmp_path):
    """A set may hold keys for others (RFC 7517 §5): skipped, the fitting ones count."""
    with Issuer(tmp_path / "issuer") as issuer:
        off_curve = Key(issuer.directory)
        others = [
            {"kty": "RSA", "kid": "rsa", "n": b64(b"\xff" * 256), "e": "AQAB"},
            {"kty": "oct", "kid": "oct", "k": b64(b"secret")},
            {"kty": "EC", "crv": "P-384", "kid": "p384", "x": b64(b"\1" * 48), "y": b64(b"\1" * 48)},
            off_curve.jwk(x=b64(b"\0" * 32)),
            {"kty": "EC"}, {}, 7,
            Key(issuer.directory, "enc").jwk(use="enc"),
        ]
        document = json.dumps({"keys": [*others, issuer.key.jwk()]}).encode()
        issuer.respond = lambda handler: Issuer.send(handler, document)
        with PolicyService(tmp_path, issuer.url) as policy:
            wait_until(lambda: ask(policy, issuer.token())[0] == 200, "keys")
            for kid in ["rsa", "oct", "p384", off_curve.kid, "enc"]:
                assert ask(policy, issuer.token({"kid": kid}))[0] == 401, kid
            secret = issuer.token({"alg": "HS256", "kid": "oct"}, hmac_sha256(b"secret"))
            assert ask(policy, secret)[0] == 401


def test_the_place_of_the_keys_can_be_given(tmp_path):
    with Issuer(tmp_path / "issuer") as issuer:
        arguments = ["--jwks-url", issuer.url + "/keys?x=1", "--audience", "orders", "--admin-scope", "operator"]
        with PolicyService(tmp_path, "https://login.example.com", arguments) as policy:
            claims = {"iss": "https://login.example.com", "aud": "orders"}
            wait_until(lambda: ask(policy, issuer.token(**claims))[0] == 200, "keys")
            assert ask(policy, issuer.token())[0] == 401
            assert ask(policy, issuer.token(iss=claims["iss"]))[0] == 401
            proxied = {"Authorization": f"Bearer {issuer.token(**claims, scope='admin')}"}
            assert policy.get("/admin/policies", proxied)[0] == 403
            proxied = {"Authorization": f"Bearer {issuer.token(**claims, scope='x operator')}"}
            assert policy.get("/admin/policies", proxied)[0] == 200


@pytest.mark.parametrize("host, trusted, named, expected", [
    ("localhost", True, None, 200),
    ("127.0.0.1", True, None, 200),
    ("localhost", False, None, 503),       # signed by nobody we know
    ("localhost", True, "example.com", 503),  # a good certificate of somebody else
    ("127.0.0.1", True, "localhost", 503),
])
def test_keys_over_tls_come_from_the_issuer_or_not_at_all(tmp_path, host, trusted, named, expected):
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        pytest.skip(f"this system cannot resolve {host} (no /etc/hosts)")
    tls = certificate(tmp_path, "issuer", host=named or host)
    other = certificate(tmp_path, "other", host=host)
    with Issuer(tmp_path / "issuer", tls=tls, host=host) as issuer:
        # The system's roots, as OpenSSL lets an operator replace them.
        env = {"SSL_CERT_FILE": str(tls[0] if trusted else other[0]), "SSL_CERT_DIR": str(tmp_path / "none")}
        with PolicyService(tmp_path, issuer.url, env=env) as policy:
            assert ask(policy, issuer.token())[0] == expected
            if expected == 503:
                line = policy.wait_log("jwks_refresh", outcome="failure")
                assert "certificate" in line["error"]
                assert ask(policy, issuer.token())[0] == 503
