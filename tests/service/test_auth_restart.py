# SPDX-License-Identifier: Apache-2.0
"""What must survive a restart, a SIGKILL and a second replica."""
import http.client
import sqlite3
import threading

from harness import AuthService
from identity import (Browser, OAuthClient, Person, QUICK, app_client, audit_records, jwt_parts,
                      me, new_person, quick_auth, refresh, restart, web_client)


def test_users_tokens_and_sessions_survive_a_restart(tmp_path):
    with quick_auth(tmp_path) as auth:
        person, client, browser = new_person(auth), app_client(auth), Browser(auth)
        own, oauth = person.login(), client.tokens_for(person, browser)
        restart(auth)
        assert me(auth, own["access_token"])[2]["email"] == person.email
        assert refresh(auth, own["refresh_token"])[0] == 200
        assert client.refresh(oauth["refresh_token"])[0] == 200
        assert "code=" in browser.get(client.authorize_path(prompt="none"))[1]["location"]
        assert person.try_login()[0] == 200


def test_revocations_and_spent_tokens_survive_a_restart(tmp_path):
    """Class 12: forgetting a spent token would make a stolen one good again."""
    with quick_auth(tmp_path) as auth:
        person, client = new_person(auth), app_client(auth)
        ended, spent = person.login(), person.login()
        auth.post_json("/api/v1/auth/logout", {}, ended["access_token"])
        newest = refresh(auth, spent["refresh_token"])[2]
        code = Browser(auth).code_for(client, person)
        redeemed = client.redeem(code)[2]
        restart(auth)
        assert me(auth, ended["access_token"])[0] == 401
        assert refresh(auth, ended["refresh_token"])[0] == 401
        assert client.redeem(code)[2]["error"] == "invalid_grant"
        assert client.refresh(redeemed["refresh_token"])[2]["error"] == "invalid_grant"
        assert refresh(auth, spent["refresh_token"])[0] == 401
        assert refresh(auth, newest["refresh_token"])[0] == 401


def test_a_code_made_before_a_restart_can_be_redeemed_after_it(tmp_path):
    with quick_auth(tmp_path) as auth:
        client = web_client(auth)
        code = Browser(auth).code_for(client, new_person(auth))
        restart(auth)
        assert client.redeem(code)[0] == 200


def test_a_sign_in_page_shown_before_a_restart_can_be_sent_after_it(tmp_path):
    with quick_auth(tmp_path) as auth:
        person, client, browser = new_person(auth), app_client(auth), Browser(auth)
        form = browser.open_sign_in(client)
        restart(auth)
        status, headers, _ = browser.submit(form, email=person.email, password=person.password)
        assert status == 303 and "code=" in headers["location"]


def test_the_first_administrator_is_made_once(tmp_path):
    with quick_auth(tmp_path) as auth:
        made = (auth.directory / "data" / "admin-password").read_text()
        secret = web_client(auth).secret
        restart(auth)
        assert (auth.directory / "data" / "admin-password").read_text() == made
        assert web_client(auth).secret == secret
        assert auth.errors().count("one-time password") == 1


class Writer(threading.Thread):
    """Registers, signs in and refreshes until the service is gone; remembers what was answered."""

    def __init__(self, auth, number):
        super().__init__()
        self.auth, self.number = auth, number
        self.people, self.tokens, self.last = [], [], {}
        self.failure = None

    def run(self):
        try:
            for i in range(100000):
                person = Person(self.auth, email=f"writer{self.number}.{i}@example.com").register()
                self.people.append(person)
                tokens = person.login()
                for _ in range(3):
                    self.tokens.append(tokens["access_token"])
                    self.last[person] = tokens["refresh_token"]
                    answer = refresh(self.auth, tokens["refresh_token"])
                    assert answer[0] == 200, answer
                    tokens = answer[2]
                self.last[person] = tokens["refresh_token"]
        except AssertionError as failure:
            self.failure = failure
        except (OSError, http.client.HTTPException):
            pass  # the connection broke: that is the kill


def test_a_kill_in_the_middle_of_writes_loses_nothing_that_was_answered(tmp_path):
    with quick_auth(tmp_path) as auth:
        for round_number in range(2):
            writers = [Writer(auth, f"{round_number}.{n}") for n in range(4)]
            for writer in writers:
                writer.start()
            while sum(len(w.tokens) for w in writers) < 60 and all(w.is_alive() for w in writers):
                writers[0].join(0.01)
            auth.process.kill()
            for writer in writers:
                writer.join()
            assert not [w.failure for w in writers if w.failure]
            restart(auth, "kill")
            check_after_kill(auth, writers)
        restart(auth)
        database = sqlite3.connect(auth.directory / "data" / "auth.db")
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        database.close()


def check_after_kill(auth, writers):
    for writer in writers:
        for person in writer.people:
            assert person.try_login()[0] == 200, "an account that was confirmed is there"
        for token in writer.tokens[-12:]:
            assert me(auth, token)[0] == 200, "a token that was handed out is good"
        *finished, last = writer.last.items()
        for _, token in finished:
            assert refresh(auth, token)[0] == 200, "nobody has used it yet"
        # The last one may have been spent by a request whose answer never came.
        assert refresh(auth, last[1])[0] in (200, 401)
    issued = {r["actor"] for r in audit_records(auth, "user.register")}
    assert {p.id for w in writers for p in w.people} <= issued, "what was answered was audited"


def test_two_replicas_on_one_database_know_each_others_tokens(tmp_path):
    issuer = ["--issuer", "http://auth.example.test"]
    with quick_auth(tmp_path, *issuer) as first:
        data = first.directory / "data"
        second = AuthService(tmp_path / "second", [*QUICK, *issuer, "--data-dir", data])
        second.arguments = second.arguments[2:]
        with second:
            person = new_person(first)
            tokens = person.login()
            assert me(second, tokens["access_token"])[0] == 200
            newer = refresh(second, tokens["refresh_token"])[2]
            assert me(first, newer["access_token"])[0] == 200
            assert refresh(first, tokens["refresh_token"])[0] == 401, "spent at the other replica"
            assert me(second, newer["access_token"])[0] == 401, "and revoked here too"
            client = app_client(first)
            code = Browser(first).code_for(client, person)
            assert OAuthClient(second, client.id).redeem(code)[0] == 200
            assert client.redeem(code)[2]["error"] == "invalid_grant"


def test_the_issuer_stays_when_the_port_is_chosen_anew(tmp_path):
    with quick_auth(tmp_path, "--issuer", "http://auth.example.test") as auth:
        token = new_person(auth).login()["access_token"]
        auth.stop()
        auth.start()
        assert jwt_parts(token)[1]["iss"] == "http://auth.example.test"
        assert me(auth, token)[0] == 200
