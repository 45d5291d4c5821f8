# SPDX-License-Identifier: Apache-2.0
"""The pages people see: their forms, cookies and headers, and what other sites cannot do."""
import pytest
from identity import (Browser, Page, app_client, new_person, quick_auth, redirect_parameters,
                      userinfo, web_client)


@pytest.fixture(scope="module")
def auth(tmp_path_factory):
    with quick_auth(tmp_path_factory.mktemp("pages")) as service:
        yield service
        assert not service.log("internal_error")


@pytest.fixture
def client(auth):
    return web_client(auth)


def refused(answer):
    """A page that says so; nobody is signed in and nobody is sent anywhere."""
    status, headers, text = answer
    assert status == 403, text
    assert "location" not in headers
    assert "ironwood_session" not in headers.get("set-cookie", "")
    assert "This page has expired" in text and Page(text).title
    return True


# ---- the form is ours (class 18, login CSRF) ---------------------------------------------------

def test_a_form_without_its_ticket_is_refused(auth, client):
    person, browser = new_person(auth), Browser(auth)
    form = browser.open_sign_in(client)
    good = {"email": person.email, "password": person.password}
    for csrf in (None, "", "x", "A" * 54, form["fields"]["csrf"][:-1], form["fields"]["csrf"] + "A",
                 form["fields"]["csrf"].swapcase(), "x" * 5000):
        fields = {**form["fields"], **good, "csrf": csrf}
        if csrf is None:
            del fields["csrf"]
        assert refused(browser.post(form["action"], fields))
    assert browser.submit(form, **good)[0] == 303, "the form itself is still good"


def test_a_form_of_another_browser_is_refused(auth, client):
    """An attacker's own form, posted by the victim's browser."""
    person, theirs, mine = new_person(auth), Browser(auth), Browser(auth)
    form = theirs.open_sign_in(client)
    good = {"email": person.email, "password": person.password}
    assert refused(mine.submit(form, **good)), "without any cookie"
    mine.open_sign_in(client)
    assert refused(mine.submit(form, **good)), "with another cookie"
    mine.cookies["ironwood_flow"] = "x" * 43
    assert refused(mine.submit(form, **good))


def test_a_form_carries_the_request_it_was_made_for(auth, client):
    """Classes 1 and 21: the request cannot be exchanged between page and post."""
    person, browser = new_person(auth), Browser(auth)
    form = browser.open_sign_in(client)
    for request in (form["fields"]["request"].replace("9%2Fcallback", "10%2Fcallback"),
                    form["fields"]["request"].replace("demo-web", "demo-app"),
                    form["fields"]["request"] + "&prompt=none", ""):
        assert request != form["fields"]["request"]
        assert refused(browser.submit(form, email=person.email, password=person.password,
                                      request=request))


def test_a_field_that_comes_twice_is_refused(auth, client):
    person, browser = new_person(auth), Browser(auth)
    form = browser.open_sign_in(client)
    pairs = [*form["fields"].items(), ("email", person.email), ("password", person.password)]
    pairs = [(n, v) for n, v in pairs if v]
    assert refused(browser.post(form["action"], pairs + [("email", "other@example.com")]))
    assert refused(browser.post(form["action"], pairs + [pairs[1]]))
    assert browser.post(form["action"], pairs)[0] == 303


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1"},
    {"Origin": "http://127.0.0.1.evil.example"}, {"Origin": ""}, {"Origin": "evil"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"}, {"Sec-Fetch-Site": "nonsense"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
])
def test_a_post_from_elsewhere_is_refused(auth, client, headers):
    person, browser = new_person(auth), Browser(auth)
    form = browser.open_sign_in(client)
    assert refused(browser.submit(form, headers, email=person.email, password=person.password))


def test_a_post_from_our_own_page_says_so_and_passes(auth, client):
    person, browser = new_person(auth), Browser(auth)
    form = browser.open_sign_in(client)
    headers = {"Origin": auth.url, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
    assert browser.submit(form, headers, email=person.email, password=person.password)[0] == 303


def test_the_form_is_posted_as_a_form(auth, client):
    browser = Browser(auth)
    form = browser.open_sign_in(client)
    for content_type in ("text/plain", "application/json", "multipart/form-data"):
        headers = {"Content-Type": content_type}
        assert refused(browser.submit(form, headers, email="a", password="b"))


def test_nothing_is_signed_in_by_a_get(auth, client):
    person, browser = new_person(auth), Browser(auth)
    form = browser.open_sign_in(client)
    query = f"?email={person.email}&password={person.password.replace(' ', '+')}"
    assert browser.get(form["action"] + query)[0] == 405


def test_one_form_can_be_sent_again_after_a_wrong_password(auth, client):
    person, browser = new_person(auth), Browser(auth)
    form = browser.open_sign_in(client)
    status, headers, text = browser.submit(form, email=person.email, password="wrong password")
    page = Page(text)
    assert status == 403 and "location" not in headers
    assert page.alert and "wrong" in page.alert
    assert page.forms[0]["fields"]["email"] == person.email, "what was typed is kept"
    assert page.forms[0]["fields"]["password"] == "", "and the password is not"
    assert "wrong password" not in text
    status, headers, _ = browser.submit(page.forms[0], password=person.password)
    assert status == 303 and redirect_parameters(headers)["code"]


def test_an_unknown_address_looks_like_a_wrong_password(auth, client):
    """Class 27."""
    def page_for(email):
        browser = Browser(auth)
        form = browser.open_sign_in(client)
        status, _, text = browser.submit(form, email=email, password="wrong password")
        alert = Page(text).alert
        return status, alert
    known = page_for(new_person(auth).email)
    assert known == page_for("nobody@example.com") == page_for("nonsense")


def test_too_many_attempts_are_told_on_the_page(tmp_path):
    from harness import AuthService
    arguments = ["--argon2-memory", "64K", "--argon2-passes", "1", "--demo"]
    with AuthService(tmp_path, arguments) as auth:
        person, browser = new_person(auth), Browser(auth)
        form = browser.open_sign_in(web_client(auth))
        for _ in range(12):
            status, headers, text = browser.submit(form, email=person.email, password="wrong")
            if status == 429:
                break
        assert status == 429 and int(headers["retry-after"]) >= 1
        assert "Too many attempts" in Page(text).alert
        assert Page(text).forms[0]["fields"]["email"] == person.email


# ---- cookies (classes 16, 17) ------------------------------------------------------------------

def attributes(cookie):
    name_value, *rest = cookie.split("; ")
    return name_value.partition("=")[0], name_value.partition("=")[2], set(rest)


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(auth, client):
    browser = Browser(auth)
    browser.sign_in(client, new_person(auth))
    seen = {}
    for cookie in browser.set_cookies:
        name, value, rest = attributes(cookie)
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= rest
        assert not [a for a in rest if a.startswith("Domain")]
        assert len(value) == 43, "256 random bits"
        seen[name] = rest
    assert set(seen) == {"ironwood_flow", "ironwood_session"}
    assert not [a for a in seen["ironwood_flow"] if a.startswith(("Max-Age", "Expires"))]


def test_over_https_cookies_are_secure_and_bound_to_the_host(tmp_path):
    with quick_auth(tmp_path, "--issuer", "https://auth.example.com") as auth:
        client, browser = web_client(auth), Browser(auth)
        browser.sign_in(client, new_person(auth))
        for cookie in browser.set_cookies:
            name, _, rest = attributes(cookie)
            assert name.startswith("__Host-") and "Secure" in rest and "Path=/" in rest
        silent = browser.get(client.authorize_path(prompt="none"))[1]["location"]
        assert "code=" in silent
        plain = Browser(auth)
        plain.cookies = {n.removeprefix("__Host-"): v for n, v in browser.cookies.items()}
        assert "login_required" in plain.get(client.authorize_path(prompt="none"))[1]["location"], \
            "a cookie that a neighbour could have set does not count"


def test_a_planted_session_is_worth_nothing(auth, client):
    """Class 16, session fixation."""
    person, victim, attacker = new_person(auth), Browser(auth), Browser(auth)
    planted = "A" * 43
    victim.cookies["ironwood_session"] = attacker.cookies["ironwood_session"] = planted
    victim.sign_in(client, person)
    assert victim.cookies["ironwood_session"] != planted
    assert "login_required" in attacker.get(client.authorize_path(prompt="none"))[1]["location"]


def test_every_sign_in_has_a_new_session_and_ends_the_one_before(auth, client):
    """Class 16, also with a session that is real but the attacker's."""
    person, browser, old = new_person(auth), Browser(auth), Browser(auth)
    browser.sign_in(client, person)
    old.cookies = dict(browser.cookies)
    browser.sign_in(client, person, prompt="login")
    assert browser.cookies["ironwood_session"] != old.cookies["ironwood_session"]
    assert "code=" in browser.get(client.authorize_path(prompt="none"))[1]["location"]
    assert "login_required" in old.get(client.authorize_path(prompt="none"))[1]["location"]


@pytest.mark.parametrize("value", ["", "x", "x" * 42, "x" * 43, "x" * 44, "x" * 3000, "../../x",
                                   "' OR 1=1 --", "\"quoted\"", "a=b", "%00"])
def test_a_made_up_session_is_nobody(auth, client, value):
    """Class 24: a cookie that cannot be read is no cookie."""
    browser = Browser(auth)
    browser.cookies["ironwood_session"] = value
    status, headers, _ = browser.get(client.authorize_path(prompt="none"))
    assert status == 303 and "login_required" in headers["location"]
    assert browser.get(client.authorize_path())[0] == 200


def test_two_sessions_in_one_request_are_none(auth, client):
    """Cookie tossing: which of two would count must not be the sender's choice."""
    browser = Browser(auth)
    browser.sign_in(client, new_person(auth))
    real = browser.cookies["ironwood_session"]
    for pair in ([real, "B" * 43], ["B" * 43, real]):
        header = "; ".join(f"ironwood_session={value}" for value in pair)
        _, headers, _ = auth.get(client.authorize_path(prompt="none"), {"Cookie": header})
        assert "login_required" in headers["location"]


# ---- headers (classes 19, 57) ------------------------------------------------------------------

def pages(auth, client):
    """(name, answer) of every kind of page."""
    person, browser = new_person(auth), Browser(auth)
    yield "sign-in", browser.get(client.authorize_path())
    form = browser.open_sign_in(client)
    yield "wrong password", browser.submit(form, email=person.email, password="wrong password")
    yield "expired", browser.submit({**form, "fields": {}})
    form = browser.open_sign_in(client, prompt="consent")
    yield "consent", browser.submit(form, email=person.email, password=person.password)
    yield "sign-out", browser.get("/oauth/logout")
    yield "error", browser.get("/oauth/authorize")
    yield "signed out", Browser(auth).get("/oauth/logout")


def test_every_page_is_protected_by_its_headers(auth, client):
    seen = 0
    for name, (_, headers, text) in pages(auth, client):
        seen += 1
        directives = headers["content-security-policy"].split("; ")
        policy = {d.split()[0]: d.split()[1:] for d in directives}
        for directive in ("default-src", "frame-ancestors", "base-uri"):
            assert policy[directive] == ["'none'"]
        assert "script-src" not in policy and "unsafe" not in str(policy), name
        assert policy["style-src"] == ["'self'"]
        assert policy["form-action"][0] == "'self'" and len(policy["form-action"]) <= 2
        assert headers["x-frame-options"] == "DENY", name
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] in ("same-origin", "no-referrer")
        assert headers["cache-control"] == "no-store", name
        assert headers["content-type"] == "text/html; charset=utf-8"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "<script" not in text and "style=" not in text and " on" + "click" not in text
        assert "access-control-allow-origin" not in headers
    assert seen == 7


def test_the_form_may_lead_back_to_the_client_and_nowhere_else(auth, client):
    policy = Browser(auth).get(client.authorize_path())[1]["content-security-policy"]
    assert "form-action 'self' http://127.0.0.1:9;" in policy


def test_every_page_is_sound_html(auth, client):
    for name, (_, _, text) in pages(auth, client):
        page = Page(text)
        assert text.startswith("<!doctype html>") and '<html lang="en">' in text, name
        assert page.title and text.count("<h1>") == 1 and text.count("<main>") == 1
        assert 'name="viewport"' in text
        for tag, values in page.ids.values():
            if tag == "input":
                assert values["id"] in page.labels, f"{name}: {values['id']} has no label"
        for form in page.forms:
            assert form["method"] == "post" and form["action"].startswith("/oauth/")


def test_the_fields_tell_password_managers_what_they_are(auth, client):
    page = Page(Browser(auth).get(client.authorize_path())[2])
    assert page.ids["email"][1]["autocomplete"] == "username"
    assert page.ids["password"][1]["autocomplete"] == "current-password"
    assert page.ids["password"][1]["type"] == "password"
    assert page.ids["email"][1]["type"] == "email"


def test_the_style_sheet_is_served(auth):
    status, headers, text = auth.get("/static/app.css")
    assert status == 200 and headers["content-type"] == "text/css; charset=utf-8"
    assert "max-age" in headers["cache-control"]
    assert b"url(" not in text and b"@import" not in text, "nothing comes from elsewhere"


# ---- text from outside (class 20) --------------------------------------------------------------

NASTY = ['"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>",
         "</form><form action=//evil>", "{{7*7}}${7*7}<%= 7*7 %>", "\u202eevil", "<!--",
         "&lt;b&gt;", "a\tb\nc"]


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("name", ["state", "nonce", "login_hint"])
def test_text_of_the_request_stays_text(auth, client, name, text):
    status, headers, body = Browser(auth).get(client.authorize_path(**{name: text}))
    if name == "nonce" and "\n" in text:  # it goes into a record, which holds no line breaks
        assert status == 303 and redirect_parameters(headers)["error"] == "invalid_request"
        return
    assert status == 200
    page = Page(body)
    assert len(page.forms) == 1 and "script" not in [tag for tag, _ in page.ids.values()]
    assert "<script" not in body and "<img" not in body and "//evil>" not in body
    if name == "login_hint":
        assert page.forms[0]["fields"]["email"] == text


@pytest.mark.parametrize("text", NASTY)
def test_text_that_was_typed_stays_text(auth, client, text):
    browser = Browser(auth)
    form = browser.open_sign_in(client)
    status, _, body = browser.submit(form, email=text, password=text)
    assert status == 403 and "<script" not in body and "<img" not in body
    assert Page(body).forms[0]["fields"]["email"] == text


def test_the_name_of_a_person_stays_text(auth, client):
    person, browser = new_person(auth, name="<script>alert(1)</script>"), Browser(auth)
    form = browser.open_sign_in(client, prompt="consent")
    _, _, body = browser.submit(form, email=person.email, password=person.password)
    assert "<script" not in body


@pytest.mark.parametrize("size", [300, 5000])
def test_a_hint_that_is_too_long_is_left_out(auth, client, size):
    status, _, body = Browser(auth).get(client.authorize_path(login_hint="x" * size))
    assert status == 200 and Page(body).forms[0]["fields"]["email"] == ""


# ---- signing out (class 56) --------------------------------------------------------------------

def test_signing_out_asks_first_and_then_ends_everything(auth, client):
    person, browser = new_person(auth), Browser(auth)
    tokens = client.tokens_for(person, browser)
    status, _, text = browser.get("/oauth/logout")
    assert status == 200 and Page(text).forms
    assert "code=" in browser.get(client.authorize_path(prompt="none"))[1]["location"], \
        "a GET, which any page can cause, changes nothing"
    old = dict(browser.cookies)
    status, headers, text = browser.submit(Page(text).forms[0])
    assert status == 200 and "Signed out" in text
    assert "Max-Age=0" in headers["set-cookie"]
    assert "ironwood_session" not in browser.cookies
    browser.cookies = old
    assert "login_required" in browser.get(client.authorize_path(prompt="none"))[1]["location"]
    assert userinfo(auth, tokens["access_token"])[0] == 401
    assert client.refresh(tokens["refresh_token"])[2]["error"] == "invalid_grant"
    assert auth.wait_log("logout", user_id=person.id)


def test_nobody_can_be_signed_out_by_another_site(auth, client):
    browser, other = Browser(auth), Browser(auth)
    browser.sign_in(client, new_person(auth))
    other.sign_in(client, new_person(auth))
    theirs = Page(other.get("/oauth/logout")[2]).forms[0]
    own = Page(browser.get("/oauth/logout")[2]).forms[0]
    assert refused(browser.post("/oauth/logout", {}))
    assert refused(browser.submit(theirs))
    assert refused(browser.submit(own, {"Origin": "https://evil.example"}))
    assert "code=" in browser.get(client.authorize_path(prompt="none"))[1]["location"]
    assert browser.submit(own)[0] == 200


def test_signing_out_without_a_session_says_that_one_is_signed_out(auth):
    for method in ("GET", "POST"):
        status, _, text = Browser(auth).request(method, "/oauth/logout")
        assert status == 200 and "Signed out" in text


def test_one_sign_out_ends_the_sessions_of_this_browser_only(auth, client):
    person, here, there = new_person(auth), Browser(auth), Browser(auth)
    here.sign_in(client, person)
    tokens = app_client(auth).tokens_for(person, there)
    here.submit(Page(here.get("/oauth/logout")[2]).forms[0])
    assert "code=" in there.get(client.authorize_path(prompt="none"))[1]["location"]
    assert userinfo(auth, tokens["access_token"])[0] == 200
