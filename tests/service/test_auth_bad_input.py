# SPDX-License-Identifier: Apache-2.0
"""Bad input at every JSON endpoint of auth-service: a clear answer, no internals, no harm."""
import json
import re

import pytest
from harness import problem_of
from identity import PASSWORD, new_person, quick_auth

REGISTER, LOGIN = "/api/v1/auth/register", "/api/v1/auth/login"
REFRESH, LOGOUT, CHANGE = "/api/v1/auth/refresh", "/api/v1/auth/logout", "/api/v1/auth/password"

# path: a body that passes the decoder; every member is required except where OPTIONAL says not
BODIES = {
    REGISTER: {"email": "bad-input@example.com", "password": PASSWORD, "name": "Bad Input"},
    LOGIN: {"email": "nobody@example.com", "password": PASSWORD},
    REFRESH: {"refresh_token": "x" * 43},
    LOGOUT: {"refresh_token": "x" * 43},
    CHANGE: {"current_password": PASSWORD, "new_password": "another horse entirely"},
}
OPTIONAL = {(LOGOUT, "refresh_token")}
PATHS = list(BODIES)
FIELDS = [(path, name) for path, body in BODIES.items() for name in body]


@pytest.fixture(scope="module")
def auth(tmp_path_factory):
    with quick_auth(tmp_path_factory.mktemp("bad-input")) as service:
        service.token = new_person(service).login()["access_token"]
        yield service
        assert not service.log("internal_error")


def send(service, path, body, content_type="application/json", **headers):
    """An answer; afterwards the service must be well."""
    sent = {"Content-Type": content_type, **headers} if content_type is not None else headers
    if path == CHANGE:
        sent["Authorization"] = f"Bearer {service.token}"
    answer = service.request("POST", path, body, sent)
    assert service.get("/health/ready")[0] == 200
    return answer


def check(answer, status, kind):
    """The problem document; free of anything about how the service is made."""
    problem = problem_of(answer)
    assert answer[0] == status, problem
    assert problem["type"] == f"urn:ironwood:problem:{kind}"
    assert answer[1]["x-request-id"] == problem["request_id"]
    assert set(problem) <= {"type", "title", "status", "detail", "request_id"}
    text = answer[2].decode()
    for word in (r"\.[ch]\b", "sqlite", r"\bSELECT\b", r"\bINSERT\b", "ERR_", "arena", "/src/",
                 "0x[0-9a-f]{6}", "auth\\.db"):
        assert not re.search(word, text, re.I), text
    return problem


def changed(path, **members):
    return json.dumps({**BODIES[path], **members}).encode()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [
    b"{", b"[", b'{"email"', b"nonsense", b"{'email':'a'}", b'{"a":1,}', b"{}{}", b"{} x",
    b'{"email":"\x01"}', b'{"email":"\\x"}', b'{"email":"\\ud800"}', b"\xef\xbb\xbf{}",
    b'{"email":01}', b'{"email":NaN}', b'{"email":"open', b"\x00", b"{/**/}", b"   ",
    b"[" * 1500, b'{"a":' * 1500, b"\xff\xfe{\x00}\x00",
], ids=lambda body: repr(body[:12]))
def test_broken_json(auth, path, body):
    problem = check(send(auth, path, body), 400, "invalid-json")
    assert problem["detail"]


@pytest.mark.parametrize("path", PATHS)
def test_broken_json_is_located_by_line_and_column(auth, path):
    problem = check(send(auth, path, b'{\n  "email": tru\n}'), 400, "invalid-json")
    assert problem["detail"].startswith("line 2, column 1")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("bad", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
                                 b"\xe2\x82"])
def test_bad_utf8(auth, path, bad):
    name = next(iter(BODIES[path])).encode()
    check(send(auth, path, b'{"' + name + b'":"' + bad + b'"}'), 400, "invalid-json")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"7", b"true"])
def test_a_body_that_is_no_object(auth, path, body):
    check(send(auth, path, body), 400, "invalid-field")


@pytest.mark.parametrize("path, field", FIELDS)
@pytest.mark.parametrize("value", [7, 7.5, True, ["x"], {"x": "y"}, 10 ** 30])
def test_a_member_of_the_wrong_type(auth, path, field, value):
    problem = check(send(auth, path, changed(path, **{field: value})), 400, "invalid-field")
    assert f"`{field}`" in problem["detail"] and "string" in problem["detail"]


@pytest.mark.parametrize("path, field", FIELDS)
@pytest.mark.parametrize("how", ["missing", "null", "empty"])
def test_a_member_that_is_missing(auth, path, field, how):
    body = dict(BODIES[path])
    body[field] = {"missing": None, "null": None, "empty": ""}[how]
    if how == "missing":
        del body[field]
    answer = send(auth, path, json.dumps(body).encode())
    if (path, field) in OPTIONAL:
        # Nothing is left that says whom to sign out; an empty token is nobody's.
        assert answer[0] == (204 if how == "empty" else 401)
        return
    assert f"`{field}`" in check(answer, 400, "invalid-field")["detail"]


@pytest.mark.parametrize("path, field", FIELDS)
def test_a_nul_in_a_string(auth, path, field):
    problem = check(send(auth, path, changed(path, **{field: "a\0b"})), 400, "invalid-field")
    assert f"`{field}`" in problem["detail"]


@pytest.mark.parametrize("path", PATHS)
def test_an_unknown_member_is_refused_with_the_nearest_known_name(auth, path):
    known = next(iter(BODIES[path]))
    problem = check(send(auth, path, changed(path, **{known + "s": "x"})), 400, "invalid-field")
    assert f"`{known}s`" in problem["detail"] and f"`{known}`" in problem["detail"]
    check(send(auth, path, changed(path, **{"": "x"})), 400, "invalid-field")
    check(send(auth, path, changed(path, **{"__proto__": {}})), 400, "invalid-field")


@pytest.mark.parametrize("path", PATHS)
def test_a_member_that_comes_twice(auth, path):
    name, value = next(iter(BODIES[path].items()))
    body = json.dumps(BODIES[path])[:-1] + f', "{name}": "{value}"}}'
    check(send(auth, path, body.encode()), 400, "invalid-json")


@pytest.mark.parametrize("path, field", FIELDS)
def test_a_string_over_its_limit(auth, path, field):
    answer = send(auth, path, changed(path, **{field: "x" * 7000}))
    if field == "refresh_token":  # a token may be long; this one is nobody's
        assert answer[0] in (204, 401)
        return
    assert f"`{field}`" in check(answer, 400, "invalid-field")["detail"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("size", [8193, 70000, 1000000])
def test_a_body_over_the_limit(auth, path, size):
    body = b'{"a":"' + b"x" * (size - 8) + b'"}'
    check(send(auth, path, body), 413, "too-large")


@pytest.mark.parametrize("path", PATHS)
def test_a_chunked_body_over_the_limit(auth, path):
    token = f"Authorization: Bearer {auth.token}\r\n" if path == CHANGE else ""
    head = (f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{token}"
            "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n").encode()
    answer = auth.raw(head + b"1000\r\n" + b"x" * 0x1000 + b"\r\n" + b"2000\r\n" + b"x" * 0x2000 +
                      b"\r\n0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert auth.get("/health/ready")[0] == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("content_type", [
    None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "application/jsonp", "application/json; charset=utf-16", "application/json, text/plain",
    "application", "",
])
def test_a_wrong_content_type(auth, path, content_type):
    """Class 18: what a form of another site can send is refused."""
    check(send(auth, path, changed(path), content_type), 415, "unsupported-media-type")


@pytest.mark.parametrize("content_type", [
    "application/json", "Application/JSON", "application/json; charset=utf-8",
    'application/json;charset="UTF-8"'])
def test_a_right_content_type_in_other_words(auth, content_type):
    assert send(auth, LOGIN, changed(LOGIN), content_type)[0] == 401


@pytest.mark.parametrize("path", PATHS)
def test_an_empty_body(auth, path):
    answer = send(auth, path, b"")
    if path == LOGOUT:  # the body is optional there; nobody is named
        check(answer, 401, "unauthenticated")
    else:
        check(answer, 400, "invalid-json")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "TRACE", "CONNECTION"])
def test_a_wrong_method(auth, path, method):
    answer = auth.request(method, path)
    assert answer[0] in (405, 501)
    if answer[0] == 405:
        assert "POST" in answer[1]["allow"].split(", ")
    problem_of(answer)


@pytest.mark.parametrize("path", [
    "/api/v1/auth", "/api/v1/auth/", "/api/v1/auth/me/", "/api/v1/auth//me", "/api/v1/auth/me;x=1",
    "/api/v1/auth/x/../me", "/api/v1/auth/x/%2e%2e/me", "/API/v1/auth/me",
    "/api/v1/auth%2fme", "/api/v1/auth/me%00", "/api/v1/auth/me\\", "//api/v1/auth/me",
    "/etc/passwd",
])
def test_a_path_in_disguise_reaches_nothing(auth, path):
    """Class 48."""
    answer = auth.request("GET", path, headers={"Authorization": f"Bearer {auth.token}"})
    assert answer[0] in (400, 404)
    problem_of(answer)


def test_a_body_where_none_belongs(auth):
    answer = auth.request("GET", "/api/v1/auth/me", b"{}", {
        "Content-Type": "application/json", "Authorization": f"Bearer {auth.token}"})
    assert answer[0] in (200, 413)


def test_answers_carry_a_request_id_of_ours_unless_a_good_one_came(auth):
    """Class 26: what comes from outside goes into logs and headers only when it is harmless."""
    for sent in ("x" * 500, "a b", "id\"quote", "{\"json\":1}", "'; DROP TABLE users"):
        answer = send(auth, LOGIN, b"{", **{"X-Request-ID": sent})
        problem = check(answer, 400, "invalid-json")
        assert problem["request_id"] != sent
        assert re.fullmatch(r"[A-Za-z0-9_-]{8,64}", problem["request_id"])


def test_nothing_was_lost(auth):
    """Runs last in this file: after all of the above people sign in as before."""
    assert auth.get_json("/api/v1/auth/me", auth.token)[0] == 200
    assert new_person(auth).login()
