# SPDX-License-Identifier: Apache-2.0
"""A disabled account (class 14): nothing that it holds opens anything, everywhere and at once."""
import sqlite3

import pytest
from identity import (Browser, app_client, me, new_person, oauth_error, quick_auth,
                      redirect_parameters, refresh, userinfo, web_client)

ACTIVE, DISABLED = 1, 2  # auth/model/user.h; administration of accounts has no API yet


def set_status(auth, person, status):
    database = sqlite3.connect(auth.directory / "data" / "auth.db", timeout=10)
    with database:
        changed = database.execute("UPDATE users SET status = ? WHERE id = ?", (status, person.id))
        assert changed.rowcount == 1
    database.close()


class Holder:
    """Somebody with one of everything, disabled a moment ago."""


@pytest.fixture(scope="module")
def holder(tmp_path_factory):
    with quick_auth(tmp_path_factory.mktemp("disabled")) as auth:
        h = Holder()
        h.auth, h.person, h.web, h.app = auth, new_person(auth), web_client(auth), app_client(auth)
        h.browser = Browser(auth)
        h.own = h.person.login()
        h.tokens = h.web.tokens_for(h.person, h.browser)
        h.code = redirect_parameters(h.browser.get(h.app.authorize_path(prompt="none"))[1])["code"]
        h.wrong = h.person.try_login("wrong password")
        set_status(auth, h.person, DISABLED)
        yield h


def test_sign_in_is_refused_as_a_wrong_password_is(holder):
    status, _, body = holder.person.try_login()
    assert status == holder.wrong[0] == 401
    body.pop("request_id")
    expected = {n: v for n, v in holder.wrong[2].items() if n != "request_id"}
    assert body == expected
    assert holder.auth.wait_log("authentication_failed", reason="account_disabled")


def test_the_page_refuses_too(holder):
    browser = Browser(holder.auth)
    form = browser.open_sign_in(holder.web)
    answer = browser.submit(form, email=holder.person.email, password=holder.person.password)
    assert answer[0] == 403 and "ironwood_session" not in browser.cookies


def test_access_tokens_open_nothing(holder):
    assert me(holder.auth, holder.own["access_token"])[0] == 401
    assert userinfo(holder.auth, holder.tokens["access_token"])[0] == 401


def test_refresh_tokens_and_codes_give_nothing(holder):
    assert refresh(holder.auth, holder.own["refresh_token"])[0] == 401
    assert oauth_error(holder.web.refresh(holder.tokens["refresh_token"])) == "invalid_grant"
    assert oauth_error(holder.app.redeem(holder.code)) == "invalid_grant"


def test_the_browser_session_is_over(holder):
    answer = holder.browser.get(holder.app.authorize_path(prompt="none"))
    assert redirect_parameters(answer[1])["error"] == "login_required"


def test_introspection_says_inactive(holder):
    for kind in ("access_token", "refresh_token"):
        answer = holder.web.post("/oauth/introspect", {"token": holder.tokens[kind]})
        assert answer[2] == {"active": False}


def test_an_account_that_is_active_again_can_sign_in(holder):
    """Runs last in this file."""
    set_status(holder.auth, holder.person, ACTIVE)
    assert holder.person.login()
