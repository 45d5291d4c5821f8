# SPDX-License-Identifier: Apache-2.0
"""Guessing passwords is slowed down, without a way to lock somebody else out (classes 29, 30)."""
import time

import pytest
from harness import AuthService, problem_of, wait_until
from identity import PASSWORD, Person, in_parallel, new_person, refresh

CHEAP = ["--argon2-memory", "64K", "--argon2-passes", "1"]


@pytest.fixture
def auth(tmp_path):
    with AuthService(tmp_path, CHEAP) as service:
        yield service


def fail_until_throttled(person, most=12):
    for attempt in range(most):
        answer = person.try_login("not the password")
        if answer[0] == 429:
            return attempt, answer
        assert answer[0] == 401
    raise AssertionError(f"{most} wrong passwords in a row were all looked at")


def test_repeated_failures_have_to_wait_and_then_go_on(auth):
    person, other = new_person(auth), new_person(auth)
    attempts, answer = fail_until_throttled(person)
    assert attempts >= 5, "the first attempts are free"
    assert problem_of(answer)["type"] == "urn:ironwood:problem:rate-limited"
    pause = int(answer[1]["retry-after"])
    assert 1 <= pause <= 60
    assert person.try_login()[0] == 429, "the right password waits as well"
    assert other.try_login()[0] == 200, "nobody else is affected"
    assert auth.wait_log("authentication_failed", reason="throttled")["request_id"]
    wait_until(lambda: person.try_login()[0] == 200, "the pause to end", pause + 5)


def test_the_pauses_become_longer(auth):
    person = new_person(auth)
    fail_until_throttled(person)
    begin = time.monotonic()
    wait_until(lambda: person.try_login("not the password")[0] == 401, "the first pause to end")
    first = time.monotonic() - begin
    begin = time.monotonic()
    wait_until(lambda: person.try_login("not the password")[0] == 401, "the second pause to end")
    assert time.monotonic() - begin > 1.4 * first


def test_an_unknown_address_is_throttled_alike(auth):
    """Class 27: that an attempt had to wait tells nothing about the account."""
    known, _ = fail_until_throttled(new_person(auth))
    unknown, answer = fail_until_throttled(Person(auth))
    assert known == unknown
    assert answer[1]["retry-after"]


def test_a_success_forgets_the_failures(auth):
    person = new_person(auth)
    for _ in range(3):
        for _ in range(4):
            assert person.try_login("not the password")[0] == 401
        assert person.try_login()[0] == 200


def test_parallel_attempts_are_no_way_around(auth):
    person = new_person(auth)
    answers = in_parallel(24, lambda i: person.try_login(f"guess number {i}"))
    looked_at = [a for a in answers if a[0] == 401]
    assert len(looked_at) <= 6, "attempts are claimed before the password is looked at"
    assert all(a[0] in (401, 429) for a in answers)


def test_one_address_cannot_try_many_accounts(tmp_path):
    """Class 29, spraying."""
    limits = ["--throttle-address", "8", "--throttle-window", "3s"]
    with AuthService(tmp_path, [*CHEAP, *limits]) as auth:
        person = new_person(auth)
        statuses = [Person(auth).try_login()[0] for _ in range(12)]
        assert statuses[:8] == [401] * 8 and set(statuses[8:]) == {429}
        answer = person.try_login()
        assert answer[0] == 429 and 1 <= int(answer[1]["retry-after"]) <= 3
        wait_until(lambda: person.try_login()[0] == 200, "the window to end")


def test_sign_ins_per_minute_are_limited_and_counted(tmp_path):
    with AuthService(tmp_path, [*CHEAP, "--logins-per-minute", "20"]) as auth:
        person = Person(auth)
        answers = [person.try_login() for _ in range(8)]
        refused = [a for a in answers if a[0] == 429]
        assert refused and answers[0][0] == 401
        assert problem_of(refused[0])["type"] == "urn:ironwood:problem:rate-limited"
        assert int(refused[0][1]["retry-after"]) >= 1
        assert auth.wait_log("rate_limited")["request_id"]
        counted = auth.metrics()['rate_limited_total{service="auth-service",class="login"}']
        assert counted == len(refused)
        assert auth.get("/.well-known/jwks.json")[0] == 200, "other routes have limits of their own"


def test_a_storm_of_sign_ins_is_shed_and_refreshes_go_on(tmp_path):
    """Class 59: hashing has a queue of its own; above it the answer is 503 with Retry-After."""
    slow = ["--argon2-memory", "32M", "--argon2-passes", "6", "--password-workers", "1",
            "--password-queue", "2", "--logins-per-minute", "0", "--throttle-address", "1000"]
    with AuthService(tmp_path, slow) as auth:
        token = new_person(auth).login()["refresh_token"]

        def work(i):
            if i > 0:
                return Person(auth).try_login(PASSWORD)
            return refresh(auth, token)
        first, *storm = in_parallel(16, work)
        assert first[0] == 200
        assert {a[0] for a in storm} == {401, 503}
        shed = next(a for a in storm if a[0] == 503)
        assert problem_of(shed)["type"] == "urn:ironwood:problem:overloaded"
        assert int(shed[1]["retry-after"]) >= 1
        assert auth.metrics()['worker_rejected_total{service="auth-service"}'] >= 1
