# SPDX-License-Identifier: Apache-2.0
"""JWT_SECRET, the keys derived from it, and changing it without anybody being signed out."""
import base64
import sqlite3

import pytest
from harness import AuthService, PolicyService, wait_until
from identity import (DEMO, QUICK, Browser, app_client, jwks, jwt_is_signed_by, jwt_parts, me,
                      new_person, port_is_closed, quick_auth, refresh, refused_start, restart,
                      root_secret, userinfo)

ISSUER = "http://auth.example.test"


def kid_of(token):
    return jwt_parts(token)[0]["kid"]


def decide(policy, token):
    """The status of a question that every signed-in person may ask."""
    return policy.post_json("/v1/authorize", {
        "action": 'Action::"view"', "resource": 'Document::"handbook"'}, token)[0]


def test_the_key_set_holds_public_es256_keys_only(tmp_path):
    with quick_auth(tmp_path, env={"JWT_SECRET": root_secret()}) as auth:
        status, headers, document = auth.get_json("/.well-known/jwks.json")
        assert status == 200
        assert headers["content-type"] == "application/jwk-set+json"
        key, = document["keys"]
        assert set(key) == {"kty", "crv", "x", "y", "use", "alg", "kid"}, "no private part"
        assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("EC", "P-256", "sig", "ES256")
        token = new_person(auth).login()["access_token"]
        assert kid_of(token) == key["kid"]
        assert jwt_is_signed_by(token, key)


def test_the_same_secret_gives_the_same_key_on_every_machine(tmp_path):
    secret = {"JWT_SECRET": root_secret()}
    with quick_auth(tmp_path / "a", env=secret) as a, quick_auth(tmp_path / "b", env=secret) as b:
        assert jwks(a) == jwks(b)
    with quick_auth(tmp_path / "c", env={"JWT_SECRET": root_secret()}) as c:
        assert len(jwks(c)) == 1


def test_a_new_secret_signs_and_the_old_key_still_verifies(tmp_path):
    """Here and at policy-service, which fetched the old key set and learns the new key."""
    with quick_auth(tmp_path, env={"JWT_SECRET": root_secret()}) as auth, \
            PolicyService(tmp_path, auth.url) as policy:
        person, client = new_person(auth), app_client(auth)
        old, oauth = person.login(), client.tokens_for(person)
        assert decide(policy, old["access_token"]) == 200
        restart(auth, env={"JWT_SECRET": root_secret()})
        new = person.login()
        assert kid_of(new["access_token"]) != kid_of(old["access_token"])
        assert set(jwks(auth)) == {kid_of(new["access_token"]), kid_of(old["access_token"])}
        for token in (old["access_token"], new["access_token"]):
            assert jwt_is_signed_by(token, jwks(auth)[kid_of(token)])
            assert me(auth, token)[0] == 200
            assert decide(policy, token) == 200
        assert userinfo(auth, oauth["access_token"])[0] == 200
        renewed = refresh(auth, old["refresh_token"])[2]
        assert kid_of(renewed["access_token"]) == kid_of(new["access_token"])
        assert client.refresh(oauth["refresh_token"])[0] == 200
        line = auth.wait_log("key_rotation", outcome="rotated")
        assert line["kid"] == kid_of(new["access_token"]) and line["published"] == 2


def test_a_policy_service_that_starts_after_a_change_takes_old_and_new_tokens(tmp_path):
    with quick_auth(tmp_path, env={"JWT_SECRET": root_secret()}) as auth:
        person = new_person(auth)
        old = person.login()["access_token"]
        restart(auth, env={"JWT_SECRET": root_secret()})
        new = person.login()["access_token"]
        with PolicyService(tmp_path, auth.url) as policy:
            assert decide(policy, old) == 200
            assert decide(policy, new) == 200


def test_a_change_can_be_taken_back(tmp_path):
    first, second = ({"JWT_SECRET": root_secret()} for _ in range(2))
    with quick_auth(tmp_path, env=first) as auth:
        person = new_person(auth)
        tokens = [person.login()["access_token"]]
        for secret in (second, first, second):
            restart(auth, env=secret)
            tokens.append(person.login()["access_token"])
            assert all(me(auth, token)[0] == 200 for token in tokens)
        kids = [kid_of(token) for token in tokens]
        assert kids[0] == kids[2] != kids[1] == kids[3]
        assert set(jwks(auth)) == set(kids)


def test_sessions_survive_a_change(tmp_path):
    with quick_auth(tmp_path, env={"JWT_SECRET": root_secret()}) as auth:
        client, browser = app_client(auth), Browser(auth)
        browser.sign_in(client, new_person(auth))
        restart(auth, env={"JWT_SECRET": root_secret()})
        assert "code=" in browser.get(client.authorize_path(prompt="none"))[1]["location"]


def test_rolling_to_a_new_secret_refuses_no_token_at_any_moment(tmp_path):
    """Contract C3: replicas with the old and the new secret run side by side."""
    with quick_auth(tmp_path, "--issuer", ISSUER, env={"JWT_SECRET": root_secret()}) as old:
        person = new_person(old)
        with replica_of(old, tmp_path, root_secret()) as new:
            before = person.login()["access_token"]
            person.service = new
            after = person.login()["access_token"]
            assert kid_of(before) != kid_of(after)
            assert me(new, before)[0] == 200, "the new replica takes tokens of the old one"
            assert me(old, after)[0] == 200, "the old replica takes tokens of the new one at once"
            assert set(jwks(old)) == set(jwks(new)) == {kid_of(before), kid_of(after)}


def test_a_key_set_fetched_from_any_replica_has_the_newest_key(tmp_path):
    """policy-service behind a load balancer may ask the old replica about the new one's token."""
    with quick_auth(tmp_path, "--issuer", ISSUER, env={"JWT_SECRET": root_secret()}) as old, \
            PolicyService(tmp_path, ISSUER,
                          ["--jwks-url", old.url + "/.well-known/jwks.json"]) as policy:
        person = new_person(old)
        assert decide(policy, person.login()["access_token"]) == 200
        with replica_of(old, tmp_path, root_secret()) as new:
            person.service = new
            assert decide(policy, person.login()["access_token"]) == 200


def days_pass(auth, days):
    """As if everything in the table of keys had happened that much earlier."""
    database = sqlite3.connect(auth.directory / "data" / "auth.db")
    with database:
        database.execute("UPDATE signing_keys SET created_ms = created_ms - ?1,"
                         " retired_ms = retired_ms - ?1, not_after_ms = not_after_ms - ?1",
                         (days * 86400000,))
    database.close()


def test_after_a_change_was_taken_back_the_next_one_is_as_smooth(tmp_path):
    """First, second, first again; the third comes after the day that the first had been given."""
    first, second, third = ({"JWT_SECRET": root_secret()} for _ in range(3))
    with quick_auth(tmp_path, env=first) as auth:
        person = new_person(auth)
        for secret in (second, first):
            restart(auth, env=secret)
        days_pass(auth, 3)
        restart(auth)
        token = person.login()["access_token"]
        restart(auth, env=third)
        assert kid_of(token) in jwks(auth)
        assert me(auth, token)[0] == 200


def replica_of(auth, scratch, secret):
    """Another process on the same database, with another root secret."""
    replica = AuthService(scratch / "replica", [*QUICK, "--issuer", ISSUER], {"JWT_SECRET": secret})
    replica.arguments[replica.arguments.index("--data-dir") + 1] = str(auth.directory / "data")
    return replica


def test_an_old_key_is_published_until_its_last_token_is_over(tmp_path):
    short = ["--access-token-ttl", "10s", "--key-overlap", "0ms"]
    with quick_auth(tmp_path, *short, env={"JWT_SECRET": root_secret()}) as auth:
        old = kid_of(new_person(auth).login()["access_token"])
        restart(auth, env={"JWT_SECRET": root_secret()})
        assert old in jwks(auth)


@pytest.mark.parametrize("secret, said", [
    ("not base64 at all!", "not base64"),
    ("c2hvcnQ=", "at least 32 bytes"),
    (base64.b64encode(b"x" * 31).decode(), "at least 32 bytes"),
    ("AAAA=AAAA", "not base64"),
])
def test_an_unusable_secret_stops_the_start_with_the_way_out(tmp_path, secret, said):
    auth = AuthService(tmp_path, DEMO, {"JWT_SECRET": secret})
    _, output, error = refused_start(auth)
    assert "JWT_SECRET" in error and said in error
    assert "openssl rand -base64 32" in error
    assert secret not in error + output
    assert error.count("\n") == 1, "one line, no more"


def test_an_empty_secret_is_not_taken_for_an_absent_one(tmp_path):
    """A key that was lost on its way must not start a service with keys of its own."""
    _, _, said = refused_start(AuthService(tmp_path, DEMO, {"JWT_SECRET": ""}))
    assert "JWT_SECRET" in said and "empty" in said


@pytest.mark.parametrize("content", ["", "not base64 at all!\n", "c2hvcnQ=\n", "x" * 5000])
def test_a_damaged_secret_file_stops_the_start_and_is_not_replaced(tmp_path, content):
    """Making a new one in its place would end every session in silence."""
    auth = AuthService(tmp_path, DEMO)
    path = auth.directory / "data" / "jwt_secret"
    path.write_text(content)
    assert str(path) in refused_start(auth)[2]
    assert path.read_text() == content


def test_without_a_secret_one_is_made_and_kept_with_a_warning(tmp_path):
    with quick_auth(tmp_path) as auth:
        path = auth.directory / "data" / "jwt_secret"
        assert path.stat().st_mode & 0o777 == 0o600
        assert len(base64.b64decode(path.read_text().strip(), validate=True)) == 32
        line = auth.wait_log("key_rotation", outcome="created")
        assert line["level"] == "warn" and "JWT_SECRET" in line["warning"]
        token = new_person(auth).login()["access_token"]
        restart(auth)
        assert me(auth, token)[0] == 200
        assert len(auth.log("key_rotation")) == 1, "the second start finds it"


def test_the_files_of_the_data_directory_are_private(tmp_path):
    with quick_auth(tmp_path) as auth:
        new_person(auth).login()
        for path in (auth.directory / "data").iterdir():
            assert path.stat().st_mode & 0o077 == 0, path


def test_the_secret_may_come_as_a_file_of_the_mounted_secret(tmp_path):
    """Contract C3: the Secret auth-service-config, one file per key."""
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    (mounted / "jwt_secret").write_text(root_secret() + "\n")
    with quick_auth(tmp_path, "--config-dir", mounted) as auth:
        assert not (auth.directory / "data" / "jwt_secret").exists()
        assert me(auth, new_person(auth).login()["access_token"])[0] == 200


def test_a_refused_start_leaves_the_port_and_the_database_alone(tmp_path):
    with quick_auth(tmp_path, env={"JWT_SECRET": root_secret()}) as auth:
        person, before, port = new_person(auth), jwks(auth), auth.port
        auth.stop()
        auth.env = {"JWT_SECRET": "c2hvcnQ="}
        auth.spawn()
        assert auth.process.wait(60) != 0
        assert port_is_closed(port)
        auth.process = None
        auth.env = {"JWT_SECRET": root_secret()}
        auth.start()
        assert set(before) < set(jwks(auth))
        assert wait_until(person.try_login, "an answer")[0] == 200
