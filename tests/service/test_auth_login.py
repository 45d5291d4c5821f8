# SPDX-License-Identifier: Apache-2.0
"""Signing in with a password through the API, and what a token opens."""
import statistics
import time

import pytest
from harness import AuthService, problem_of
from identity import (PASSWORD, Person, administrator, audit_records, jwks, jwt_is_signed_by,
                      jwt_parts, me, new_person, quick_auth, refresh)


@pytest.fixture(scope="module")
def auth(tmp_path_factory):
    with quick_auth(tmp_path_factory.mktemp("login")) as service:
        yield service


def test_a_login_gives_a_bearer_token_and_a_refresh_token(auth):
    status, headers, tokens = new_person(auth).try_login()
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert headers["cache-control"] == "no-store"
    assert set(tokens) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 900
    assert len(tokens["refresh_token"]) >= 43, "256 random bits"


def test_the_access_token_is_what_rfc_9068_says(auth):
    person = new_person(auth)
    before = int(time.time())
    token = person.login()["access_token"]
    header, claims = jwt_parts(token)
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": header["kid"]}
    assert jwt_is_signed_by(token, jwks(auth)[header["kid"]])
    assert claims["iss"] == auth.url
    assert claims["sub"] == person.id
    assert set(claims["aud"]) == {"ironwood", auth.url}
    assert before <= claims["iat"] <= time.time()
    assert claims["exp"] == claims["iat"] + 900
    assert claims["client_id"] and len(claims["jti"]) >= 32
    assert claims["amr"] == ["pwd"] and claims["auth_time"] == claims["iat"]
    assert "admin" not in claims["scope"].split()


def test_every_token_is_another_one(auth):
    person = new_person(auth)
    tokens = [person.login() for _ in range(4)]
    assert len({jwt_parts(t["access_token"])[1]["jti"] for t in tokens}) == 4
    assert len({t["refresh_token"] for t in tokens}) == 4


def test_me_tells_who_the_caller_is(auth):
    person = new_person(auth, name="Mia Me")
    status, headers, body = me(auth, person.login()["access_token"])
    assert status == 200
    assert headers["cache-control"] == "no-store"
    assert body["id"] == person.id
    assert (body["email"], body["name"]) == (person.email, "Mia Me")
    assert set(body) == {"id", "email", "name", "groups", "roles", "created_at",
                         "password_change_required"}


def test_the_address_may_be_typed_in_any_letter_case(auth):
    person = new_person(auth, email="Mixed.Case@Example.com")
    assert person.login()
    person.email = "mixed.case@EXAMPLE.COM"
    assert jwt_parts(person.login()["access_token"])[1]["sub"] == person.id


def answer_without_names(answer):
    """An answer with what must differ (request id, date) taken out."""
    status, headers, body = answer
    for name in ("date", "x-request-id"):
        assert headers.pop(name)
    assert body.pop("request_id")
    return status, headers, body


def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(auth):
    """Class 27, user enumeration."""
    person = new_person(auth)
    wrong = answer_without_names(person.try_login("not the password"))
    unknown = answer_without_names(Person(auth).try_login("not the password"))
    no_address = answer_without_names(Person(auth, email="nobody").try_login("not the password"))
    assert wrong == unknown == no_address
    assert wrong[0] == 401
    assert wrong[2]["type"] == "urn:ironwood:problem:invalid-credentials"


def test_an_unknown_user_costs_a_password_hash_too(tmp_path):
    """Class 27, timing: one hash takes some 50 ms here, answering without one far less."""
    arguments = ["--argon2-memory", "16M", "--argon2-passes", "4", "--throttle-free", "1000",
                 "--logins-per-minute", "0"]
    with AuthService(tmp_path, arguments) as service:
        known = new_person(service)
        unknown = Person(service)
        times = {known: [], unknown: []}
        for _ in range(7):
            for person, taken in times.items():
                begin = time.monotonic()
                assert person.try_login("not the password")[0] == 401
                taken.append(time.monotonic() - begin)
        known_s, unknown_s = (statistics.median(taken) for taken in times.values())
        assert 0.6 < unknown_s / known_s < 1.67, times


@pytest.mark.parametrize("password", [
    PASSWORD.upper(), PASSWORD + " ", " " + PASSWORD, PASSWORD[:-1], PASSWORD + "\u200b",
    "x" * 128])
def test_only_the_exact_password_opens(auth, password):
    assert new_person(auth).try_login(password)[0] == 401


@pytest.mark.parametrize("length", [513, 4000])
def test_an_endless_password_is_refused_before_it_is_hashed(auth, length):
    """Class 59, hash-cost DoS."""
    answer = new_person(auth).try_login("x" * length)
    assert answer[0] == 400
    assert "`password`" in problem_of(answer)["detail"]


def test_failures_and_successes_are_logged_and_audited(auth):
    person = new_person(auth)
    person.try_login("not the password")
    person.login()
    failed = auth.wait_log("authentication_failed", subject=person.id)
    assert failed["reason"] == "wrong_password" and failed["method"] == "password"
    assert failed["request_id"] and failed["address"] == "127.0.0.1"
    assert auth.wait_log("login_succeeded", user_id=person.id)["level"] == "info"
    outcomes = [r["outcome"] for r in audit_records(auth, "user.login")
                if r.get("actor") == person.id]
    assert outcomes == ["denied", "success"]


def test_what_a_stranger_types_as_a_name_is_not_logged(auth):
    """Class 26: people type their password into the wrong field."""
    Person(auth, email="hunter2-in-the-wrong-field").try_login()
    auth.wait_log("authentication_failed", reason="unknown_user")
    data = auth.directory / "data"
    assert "hunter2" not in auth.raw_log() + (data / "audit.log").read_text()


# ---- password change -----------------------------------------------------------------------

def change(service, token, current, new):
    return service.post_json("/api/v1/auth/password",
                             {"current_password": current, "new_password": new}, token)


def test_a_changed_password_ends_every_token_and_session(auth):
    """Class 14."""
    person = new_person(auth)
    first, second = person.login(), person.login()
    status, _, fresh = change(auth, first["access_token"], PASSWORD, "another horse entirely")
    assert status == 200
    assert person.try_login()[0] == 401
    assert person.try_login("another horse entirely")[0] == 200
    for old in (first, second):
        assert refresh(auth, old["refresh_token"])[0] == 401
        assert me(auth, old["access_token"])[0] == 401
    assert me(auth, fresh["access_token"])[0] == 200


def test_the_current_password_is_needed_to_change_it(auth):
    person = new_person(auth)
    token = person.login()["access_token"]
    assert change(auth, token, "not the password", "another horse entirely")[0] == 401
    assert me(auth, token)[0] == 200
    assert person.try_login()[0] == 200


@pytest.mark.parametrize("new", ["short12", PASSWORD, "aaaaaaaaaaaa"])
def test_a_new_password_follows_the_rules_and_is_new(auth, new):
    person = new_person(auth)
    answer = change(auth, person.login()["access_token"], PASSWORD, new)
    assert answer[0] == 400
    assert "`new_password`" in problem_of(answer)["detail"]
    assert person.try_login()[0] == 200


def test_the_first_administrator_has_a_one_time_password(auth):
    admin = administrator(auth)
    status, _, tokens = admin.try_login()
    assert status == 200 and tokens["password_change_required"] is True
    profile = me(auth, tokens["access_token"])[2]
    assert profile["roles"] == ["admin"] and profile["password_change_required"] is True
    path = auth.directory / "data" / "admin-password"
    assert path.stat().st_mode & 0o777 == 0o600
    status, _, tokens = change(auth, tokens["access_token"], admin.password, "chosen by a person")
    assert status == 200
    assert "password_change_required" not in tokens
    assert not path.exists(), "the generated password is of no use any more"
    assert me(auth, tokens["access_token"])[2]["password_change_required"] is False
    assert "admin" in tokens["scope"].split()
