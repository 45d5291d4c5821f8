# SPDX-License-Identifier: Apache-2.0
"""Refresh tokens of the login API: rotation, reuse, races, logout."""
import pytest
from harness import problem_of, wait_until
from identity import (Browser, app_client, audit_records, in_parallel, jwt_parts, me, new_person,
                      quick_auth, refresh)


@pytest.fixture(scope="module")
def auth(tmp_path_factory):
    with quick_auth(tmp_path_factory.mktemp("refresh")) as service:
        yield service


def rotated(service, token):
    status, _, tokens = refresh(service, token)
    assert status == 200, tokens
    return tokens


def refused(answer):
    assert answer[0] == 401
    assert problem_of(answer)["type"] == "urn:ironwood:problem:invalid-token"
    return True


def logout(service, token=None, refresh_token=None):
    body = {} if refresh_token is None else {"refresh_token": refresh_token}
    return service.post_json("/api/v1/auth/logout", body, token)


def test_a_refresh_gives_new_tokens_of_the_same_family(auth):
    person = new_person(auth)
    first = person.login()
    status, headers, second = refresh(auth, first["refresh_token"])
    assert status == 200
    assert headers["cache-control"] == "no-store"
    assert second["refresh_token"] != first["refresh_token"]
    old, new = (jwt_parts(t["access_token"])[1] for t in (first, second))
    assert old["jti"] != new["jti"]
    for claim in ("sub", "aud", "iss", "client_id", "scope", "auth_time", "amr"):
        assert old[claim] == new[claim], claim
    assert me(auth, second["access_token"])[0] == 200
    assert me(auth, first["access_token"])[0] == 200, "a refresh does not end the access token"


def test_a_chain_of_refreshes_goes_on(auth):
    tokens = new_person(auth).login()
    seen = {tokens["refresh_token"]}
    for _ in range(10):
        tokens = rotated(auth, tokens["refresh_token"])
        seen.add(tokens["refresh_token"])
    assert len(seen) == 11
    assert me(auth, tokens["access_token"])[0] == 200


@pytest.mark.parametrize("later", [1, 2, 5])
def test_a_spent_token_ends_its_whole_family(auth, later):
    """Class 12: the newest token and all access tokens of the family die with the reuse."""
    person = new_person(auth)
    other = person.login()
    first = tokens = person.login()
    for _ in range(later):
        tokens = rotated(auth, tokens["refresh_token"])
    assert refused(refresh(auth, first["refresh_token"]))
    assert refused(refresh(auth, tokens["refresh_token"]))
    assert me(auth, tokens["access_token"])[0] == 401
    assert me(auth, first["access_token"])[0] == 401
    assert rotated(auth, other["refresh_token"]), "another sign-in of the same person lives on"


def test_a_reuse_is_logged_and_audited_with_its_family(auth):
    """Class 12."""
    person = new_person(auth)
    first = person.login()
    rotated(auth, first["refresh_token"])
    refresh(auth, first["refresh_token"])
    line = auth.wait_log("token_reused", user_id=person.id)
    assert line["kind"] == "refresh_token" and line["level"] == "warn" and line["request_id"]
    record, = (r for r in audit_records(auth, "token.reuse") if r["actor"] == person.id)
    assert record["outcome"] == "denied"
    assert record["target"] == line["grant_id"] == jwt_parts(first["access_token"])[1]["grant_id"]


def test_concurrent_refreshes_have_one_winner(auth):
    """Class 13: an atomic swap; the losers count as reuse, so afterwards the family is over."""
    for _ in range(5):
        token = new_person(auth).login()["refresh_token"]
        answers = in_parallel(8, lambda i: refresh(auth, token))
        winners = [a for a in answers if a[0] == 200]
        assert len(winners) == 1, [a[0] for a in answers]
        assert all(refused(a) for a in answers if a[0] != 200)
        assert refused(refresh(auth, winners[0][2]["refresh_token"]))


def test_concurrent_families_do_not_disturb_each_other(auth):
    people = [new_person(auth) for _ in range(8)]

    def work(i):
        tokens = people[i].login()
        for _ in range(6):
            tokens = rotated(auth, tokens["refresh_token"])
        return me(auth, tokens["access_token"])[2]["id"]
    assert in_parallel(8, work) == [person.id for person in people]


@pytest.mark.parametrize("token", ["x", "x" * 43, "x" * 44, "../../etc/passwd", "' OR 1=1 --",
                                   "A" * 8000])
def test_an_unknown_refresh_token_is_refused(auth, token):
    refused(refresh(auth, token))


def test_an_access_token_is_no_refresh_token(auth):
    refused(refresh(auth, new_person(auth).login()["access_token"]))


def test_a_refresh_token_is_no_access_token(auth):
    assert me(auth, new_person(auth).login()["refresh_token"])[0] == 401


def test_tokens_of_oauth_clients_work_at_the_clients_endpoint_only(auth):
    """Nor does trying them here do that client any harm."""
    client, person = app_client(auth), new_person(auth)
    theirs, ours = client.tokens_for(person), person.login()
    refused(refresh(auth, theirs["refresh_token"]))
    assert client.refresh(ours["refresh_token"])[2]["error"] == "invalid_grant"
    assert rotated(auth, ours["refresh_token"])
    assert client.refresh(theirs["refresh_token"])[0] == 200


# ---- logout --------------------------------------------------------------------------------

def test_logout_with_the_access_token_ends_the_sign_in(auth):
    person = new_person(auth)
    tokens, other = person.login(), person.login()
    status, _, body = logout(auth, tokens["access_token"])
    assert (status, body) == (204, b"")
    assert me(auth, tokens["access_token"])[0] == 401
    refused(refresh(auth, tokens["refresh_token"]))
    assert me(auth, other["access_token"])[0] == 200
    assert auth.wait_log("logout", user_id=person.id)
    assert [r for r in audit_records(auth, "user.logout") if r["actor"] == person.id]


def test_logout_with_the_refresh_token_ends_the_sign_in(auth):
    tokens = new_person(auth).login()
    assert logout(auth, refresh_token=tokens["refresh_token"])[0] == 204
    refused(refresh(auth, tokens["refresh_token"]))
    assert me(auth, tokens["access_token"])[0] == 401


def test_logout_with_a_spent_refresh_token_still_ends_the_sign_in(auth):
    first = new_person(auth).login()
    second = rotated(auth, first["refresh_token"])
    assert logout(auth, refresh_token=first["refresh_token"])[0] == 204
    refused(refresh(auth, second["refresh_token"]))


def test_logout_with_an_expired_access_token_ends_the_sign_in(tmp_path):
    with quick_auth(tmp_path, "--access-token-ttl", "10s", "--clock-skew", "0") as service:
        tokens = new_person(service).login()
        wait_until(lambda: me(service, tokens["access_token"])[0] == 401, "the token to expire")
        assert logout(service, tokens["access_token"])[0] == 204
        assert refresh(service, tokens["refresh_token"])[0] == 401


def test_logout_can_be_repeated(auth):
    tokens = new_person(auth).login()
    for _ in range(3):
        assert logout(auth, tokens["access_token"])[0] == 204
        assert logout(auth, refresh_token=tokens["refresh_token"])[0] == 204


def test_logout_of_nobody_is_refused(auth):
    answer = auth.post_json("/api/v1/auth/logout", {})
    assert answer[0] == 401
    assert problem_of(answer)["type"] == "urn:ironwood:problem:unauthenticated"
    assert answer[1]["www-authenticate"].startswith("Bearer")


def test_logout_with_a_token_of_somebody_else_ends_only_that_one(auth):
    """Class 45: a token opens its own family and no other."""
    mine, theirs = new_person(auth).login(), new_person(auth).login()
    assert logout(auth, mine["access_token"])[0] == 204
    assert me(auth, theirs["access_token"])[0] == 200
    assert rotated(auth, theirs["refresh_token"])


def test_a_browser_session_outlives_a_logout_of_the_api(auth):
    person, client, browser = new_person(auth), app_client(auth), Browser(auth)
    browser.sign_in(client, person)
    logout(auth, person.login()["access_token"])
    status, headers, _ = browser.get(client.authorize_path(prompt="none"))
    assert status == 303 and "code=" in headers["location"]
