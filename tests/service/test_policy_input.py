# SPDX-License-Identifier: Apache-2.0
"""Questions that are no questions: each gets a clear answer, and the service goes on."""
import json
import re
import threading
import time

import pytest

from fake_issuer import Issuer
from harness import PolicyService, problem_of, wait_until

POLICIES = r"""
@id("any") permit (principal, action == Action::"any", resource);
@id("largest") permit (principal, action == Action::"long", resource)
when { context.n == 9223372036854775807 };
@id("smallest") permit (principal, action == Action::"long", resource)
when { context.n == -9223372036854775808 };
@id("above-2-to-the-53") permit (principal, action == Action::"long", resource)
when { context.n == 9007199254740993 };
@id("below-it") permit (principal, action == Action::"long", resource)
when { context.n == 9007199254740992 };
@id("attribute") permit (principal, action == Action::"attribute", resource)
when { resource.n == 9007199254740993 };
@id("nul") permit (principal == User::"a\0b", action == Action::"nul", resource);
@id("member") permit (principal in Group::"g", action == Action::"member", resource);
"""

ENTITIES = [
    {"uid": {"type": "User", "id": "known"}, "attrs": {"level": 1}, "parents": []},
    {"uid": {"type": "Group", "id": "g"}, "attrs": {}, "parents": []},
]

BASE = {"principal": 'User::"u"', "action": 'Action::"any"', "resource": 'Thing::"t"'}


@pytest.fixture(scope="module")
def setting(tmp_path_factory):
    directory = tmp_path_factory.mktemp("input")
    policies = directory / "policies"
    policies.mkdir()
    (policies / "all.cedar").write_text(POLICIES)
    (policies / "entities.json").write_text(json.dumps(ENTITIES))
    with Issuer(directory / "issuer") as issuer, \
            PolicyService(directory, issuer.url, ["--log-level", "debug"], policies=policies) as policy:
        policy.token = issuer.token()
        wait_until(lambda: send(policy, BASE)[0] == 200, "keys")
        yield policy


def send(policy, body, content_type="application/json"):
    """(status, headers, parsed body) of a question; bytes are sent as they are."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {policy.token}"}
    if content_type is not None:
        headers["Content-Type"] = content_type
    status, answered, text = policy.request("POST", "/v1/authorize", data, headers)
    return status, answered, json.loads(text)


def question(**changes):
    whole = {**BASE, **changes}
    return {k: v for k, v in whole.items() if v is not ...}


def raw(text):
    """The base question with a raw text as context."""
    return json.dumps(BASE)[:-1].encode() + b', "context": ' + text + b"}"


def entity(type="User", id="new", attrs=None, parents=(), **more):
    return {"uid": {"type": type, "id": id}, "attrs": attrs or {}, "parents": list(parents), **more}


def nested(depth):
    return b'{"a":' * depth + b"1" + b"}" * depth


BROKEN_JSON = {
    "empty": b"",
    "white space": b" \n",
    "cut": b'{"action": ',
    "two values": b"{} {}",
    "trailing comma": b'{"action": "a",}',
    "single quotes": b"{'action': 1}",
    "comment": b"/* */ {}",
    "byte order mark": b"\xef\xbb\xbf" + json.dumps(BASE).encode(),
    "UTF-16": json.dumps(BASE).encode("utf-16"),
    "NaN": raw(b'{"n": NaN}'),
    "leading zero": raw(b'{"n": 01}'),
    "plus sign": raw(b'{"n": +1}'),
    "hexadecimal": raw(b'{"n": 0x10}'),
    "duplicate member": json.dumps(BASE)[:-1].encode() + b', "action": "Action::\\"x\\""}',
    "duplicate member, escaped": json.dumps(BASE)[:-1].encode() + b', "\\u0061ction": "Action::\\"x\\""}',
    "duplicate in the context": raw(b'{"a": 1, "a": 2}'),
    "duplicate deep inside": raw(b'{"a": [{"b": {"c": 1, "c": 1}}]}'),
    "bad UTF-8": raw(b'{"a": "\xff"}'),
    "bad UTF-8 in a name": raw(b'{"\xc3": 1}'),
    "overlong UTF-8": raw(b'{"a": "\xc0\xaf"}'),
    "surrogate in UTF-8": raw(b'{"a": "\xed\xa0\x80"}'),
    "lone surrogate": raw(b'{"a": "\\ud800"}'),
    "bad escape": raw(b'{"a": "\\x41"}'),
    "control character": raw(b'{"a": "\n"}'),
    "NUL": raw(b'{"a": "\0"}'),
    "NUL behind": json.dumps(BASE).encode() + b"\0",
    "too deep": raw(nested(1000)),
    "too deep arrays": raw(b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}"),
    "too many values": raw(b'{"a": [' + b"1," * 150_000 + b"1]}"),
}

# name: (body, what the detail says)
BAD_FIELDS = {
    "null": (None, "must be an object, not null"),
    "a list": ([BASE], "must be an object, not an array"),
    "a string": ("action", "must be an object, not a string"),
    "a number": (7, "must be an object"),
    "no fields": ({}, "`action`: is required"),
    "no action": (question(action=...), "`action`: is required"),
    "no resource": (question(resource=...), "`resource`: is required"),
    "misspelt field": (question(resorce='Thing::"t"'), "`resorce`: is not known; did you mean `resource`?"),
    "field in capitals": (question(Context={}), "did you mean `context`?"),
    "unknown field": (question(something_else=1), "`something_else`: is not known$"),
    "action null": (question(action=None), "`action`"),
    "principal null": (question(principal=None), "`principal`"),
    "action number": (question(action=7), "`action`: must be"),
    "action list": (question(action=[BASE["action"]]), "`action`: must be"),
    "action boolean": (question(action=True), "`action`: must be"),
    "action empty": (question(action=""), "`action`: not an entity"),
    "action without quotes": (question(action="Action::view"), "`action`: not an entity"),
    "action in single quotes": (question(action="Action::'view'"), "`action`: not an entity"),
    "action cut": (question(action='Action::"view'), "`action`: not an entity"),
    "action and more": (question(action='Action::"a" Action::"b"'), "`action`: not an entity"),
    "action with bad escape": (question(action=r'Action::"\q"'), "`action`: not an entity"),
    "action is an expression": (question(action='Action::"a" == Action::"a"'), "`action`: not an entity"),
    "reserved word as type": (question(action='if::"a"'), "`action`: not an entity"),
    "type with a digit first": (question(resource='1T::"a"'), "`resource`: not an entity"),
    "text too long": (question(resource='T::"' + "a" * 5000 + '"'), "`resource`: longer than"),
    "object without id": (question(resource={"type": "Thing"}), "`resource`: an entity has"),
    "object without type": (question(resource={"id": "t"}), "`resource`: an entity has"),
    "object empty": (question(resource={}), "`resource`: an entity has"),
    "object with more": (question(resource={"type": "Thing", "id": "t", "x": 1}), "nothing else"),
    "type number": (question(resource={"type": 1, "id": "t"}), "`resource`: an entity has"),
    "id number": (question(resource={"type": "Thing", "id": 1}), "`resource`: an entity has"),
    "id null": (question(resource={"type": "Thing", "id": None}), "`resource`: an entity has"),
    "type empty": (question(resource={"type": "", "id": "t"}), "not an entity type name"),
    "type with a space": (question(resource={"type": "Thing ", "id": "t"}), "not an entity type name"),
    "type with one colon": (question(resource={"type": "A:B", "id": "t"}), "not an entity type name"),
    "type ends with colons": (question(resource={"type": "A::", "id": "t"}), "not an entity type name"),
    "type reserved": (question(resource={"type": "true", "id": "t"}), "not an entity type name"),
    "type __cedar": (question(resource={"type": "__cedar::T", "id": "t"}), "not an entity type name"),
    "type with NUL": (question(resource={"type": "T\0", "id": "t"}), "not an entity type name"),
    "type not ASCII": (question(resource={"type": "Dokümént", "id": "t"}), "not an entity type name"),
    "context list": (question(context=[]), "`context`: must be an object"),
    "context string": (question(context="{}"), "`context`: must be an object"),
    "context number": (question(context=0), "`context`: must be an object"),
    "context with null": (question(context={"a": None}), "`context`: .*null"),
    "context with null inside": (question(context={"a": [{"b": None}]}), "`context`: .*null"),
    "context with a fraction": (question(context={"a": 1.5}), "`context`"),
    "context with an exponent": (raw(b'{"a": 1e2}'), "`context`"),
    "context with 2^63": (question(context={"a": 2 ** 63}), "`context`"),
    "context with -2^63-1": (question(context={"a": -2 ** 63 - 1}), "`context`"),
    "context with a huge number": (question(context={"a": 10 ** 60}), "`context`"),
    "unknown extension": (question(context={"a": {"__extn": {"fn": "exec", "arg": "x"}}}), "`context`"),
    "bad address": (question(context={"a": {"__extn": {"fn": "ip", "arg": "x"}}}), "`context`"),
    "bad decimal": (question(context={"a": {"__extn": {"fn": "decimal", "arg": "1.23456"}}}), "`context`"),
    "bad entity in the context": (question(context={"a": {"__entity": {"type": "1", "id": "t"}}}), "`context`"),
    "expression escape": (question(context={"a": {"__expr": "1 + 1"}}), "`context`"),
    "entities object": (question(entities={}), "`entities`: must be an array"),
    "entities string": (question(entities="[]"), "`entities`: must be an array"),
    "too many entities": (question(entities=[entity(id=str(i)) for i in range(10_001)]), "`entities`: must have at most"),
    "entity is no object": (question(entities=[7]), "`entities`"),
    "entity without uid": (question(entities=[{"attrs": {}, "parents": []}]), "`entities`: .*uid"),
    "entity without attrs": (question(entities=[{"uid": {"type": "T", "id": "t"}, "parents": []}]), "`entities`: .*attrs"),
    "entity with bad uid": (question(entities=[entity(type="1")]), "`entities`"),
    "entity with null": (question(entities=[entity(attrs={"a": None})]), "`entities`: .*null"),
    "parents no list": (question(entities=[{**entity(), "parents": 7}]), "`entities`"),
    "parent is no uid": (question(entities=[entity(parents=["x"])]), "`entities`"),
    "entity twice": (question(entities=[entity(attrs={"a": 1}), entity(attrs={"a": 2})]), "`entities`"),
    "entity contradicts the store": (question(entities=[entity(id="known", attrs={"level": 2})]), "`entities`"),
    "parents contradict the store": (question(entities=[
        entity(id="known", attrs={"level": 1}, parents=[{"type": "Group", "id": "g"}])]), "`entities`"),
    "cycle": (question(entities=[
        entity(id="a", parents=[{"type": "User", "id": "b"}]),
        entity(id="b", parents=[{"type": "User", "id": "a"}])]), "`entities`: .*cycle"),
    "own parent": (question(entities=[entity(id="a", parents=[{"type": "User", "id": "a"}])]), "`entities`: .*cycle"),
}

INTERNALS = re.compile(r"0x[0-9a-f]{6}|\.[ch]:\d|src/|ERR_|errno|assert|/work|/tmp|arena|NULL\b|\(null\)")


def assert_refused(policy, answer, status, kind):
    document = problem_of(answer)
    assert (answer[0], document["type"]) == (status, f"urn:ironwood:problem:{kind}"), document
    assert document["request_id"] == answer[1]["x-request-id"]
    assert set(document) <= {"type", "title", "status", "detail", "request_id"}
    assert not INTERNALS.search(document.get("detail", "")), document
    assert "decision" not in document
    assert send(policy, BASE)[2]["decision"] == "Allow"
    return document


@pytest.mark.parametrize("name", BROKEN_JSON)
def test_broken_json_is_refused_with_its_place(setting, name):
    document = assert_refused(setting, send(setting, BROKEN_JSON[name]), 400, "invalid-json")
    assert document["detail"]


def test_the_place_of_a_mistake_is_named(setting):
    text = b'{\n  "action": "Action::\\"any\\"",\n  "resource": tru\n}'
    document = assert_refused(setting, send(setting, text), 400, "invalid-json")
    assert document["detail"].startswith("line 3, column 15")


@pytest.mark.parametrize("name", BAD_FIELDS)
def test_a_bad_field_is_refused_by_name(setting, name):
    body, expected = BAD_FIELDS[name]
    document = assert_refused(setting, send(setting, body), 400, "invalid-field")
    assert re.search(expected, document["detail"]), document["detail"]


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", "json",
                                          "application/json; charset=latin1", "application/jsonx", ""])
def test_other_media_types_are_refused(setting, content_type):
    assert_refused(setting, send(setting, BASE, content_type), 415, "unsupported-media-type")


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON", "application/json; charset=utf-8",
                                          'application/json;charset="UTF-8"'])
def test_json_by_any_of_its_names_is_accepted(setting, content_type):
    assert send(setting, BASE, content_type)[0] == 200


def test_a_body_at_the_limit_is_read_and_one_above_it_is_not(setting):
    limit = 1024 * 1024
    head = raw(b'{"a": "')[:-1]
    whole = head + b"x" * (limit - len(head) - 3) + b'"}}'
    assert len(whole) == limit
    assert send(setting, whole)[2]["decision"] == "Allow"
    answer = send(setting, whole + b" ")
    assert_refused(setting, answer, 413, "too-large")


def test_a_chunked_body_above_the_limit_is_refused(setting):
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    request = (b"POST /v1/authorize HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
               b"Authorization: Bearer " + setting.token.encode() +
               b"\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 17)
    assert setting.raw(request).startswith(b"HTTP/1.1 413 ")
    assert send(setting, BASE)[0] == 200


def test_text_that_is_cut_for_an_answer_stays_text(setting):
    """Names are shown shortened; half a character must not spoil the answer."""
    for name in ["ü" * 500, "x" + "ü" * 500, "€" * 500, "x" + "😀" * 500]:
        for body in question(**{name: 1}), question(context={name: None}), \
                question(entities=[entity(id=name, attrs={name: None})]), \
                question(entities=[entity(id=name, parents=[{"type": "User", "id": name}])]), \
                question(resource={"type": name, "id": "t"}):
            document = assert_refused(setting, send(setting, body), 400, "invalid-field")
            assert document["detail"]


def test_a_token_is_asked_for_before_the_body_is_judged(setting):
    status, _, body = setting.request("POST", "/v1/authorize", b"{", {"Content-Type": "application/json"})
    assert (status, json.loads(body)["type"]) == (401, "urn:ironwood:problem:unauthenticated")


def ask(policy, **changes):
    status, _, body = send(policy, question(**changes))
    assert status == 200, body
    return body


def test_integers_beyond_2_to_the_53_are_exact(setting):
    """Where a double would say that two numbers are one (policy map: exact 64-bit integers)."""
    for number, expected in [
            (9223372036854775807, ["largest"]), (9223372036854775806, []),
            (-9223372036854775808, ["smallest"]), (-9223372036854775807, []),
            (9007199254740993, ["above-2-to-the-53"]), (9007199254740992, ["below-it"]), (9007199254740994, [])]:
        assert ask(setting, action='Action::"long"', context={"n": number})["reasons"] == expected, number
    for number, decision in [(9007199254740993, "Allow"), (9007199254740992, "Deny")]:
        new = entity(type="Thing", id="n", attrs={"n": number})
        assert ask(setting, action='Action::"attribute"', resource='Thing::"n"',
                   entities=[new])["decision"] == decision


def test_ids_are_data_whatever_is_in_them(setting):
    """NUL, quotes, line ends, other scripts: an id is compared byte by byte and logged escaped."""
    for principal in [{"type": "User", "id": "a\0b"}, r'User::"a\0b"', r'User::"a\u{0}b"']:
        assert ask(setting, principal=principal, action='Action::"nul"')["decision"] == "Allow"
    for other in ["a", "a\0", "ab", "a\0c", "a\0b\0"]:
        assert ask(setting, principal={"type": "User", "id": other}, action='Action::"nul"')["decision"] == "Deny"
    for odd in ["", "\n", '"', "\\", "\x1b[31m", "‮ü", "😀", "e\u0301", "' OR 1=1 --", "%00", "\u2028", "x" * 60_000]:
        body = ask(setting, principal={"type": "User", "id": odd})
        assert body["decision"] == "Allow"
        line = setting.wait_log("decision", request_id=body["request_id"])
        assert line["principal"].startswith('User::"')
        assert len(line["principal"]) < 5000
    for line in setting.raw_log().splitlines():
        assert all(ord(c) >= 32 for c in line)


def test_no_normalisation_makes_two_ids_one(setting):
    new = [entity(id="e\u0301", parents=[{"type": "Group", "id": "g"}])]
    assert ask(setting, principal={"type": "User", "id": "e\u0301"}, action='Action::"member"',
               entities=new)["decision"] == "Allow"
    assert ask(setting, principal={"type": "User", "id": "é"}, action='Action::"member"',
               entities=new)["decision"] == "Deny"


def test_an_entity_equal_to_the_one_in_the_store_is_no_contradiction(setting):
    assert ask(setting, entities=[ENTITIES[0]])["decision"] == "Allow"
    assert ask(setting, entities=[])["decision"] == "Allow"


def test_deep_but_allowed_values_are_read(setting):
    status, _, body = send(setting, raw(nested(50)))
    assert (status, body["decision"]) == (200, "Allow")


def test_many_entities_are_read(setting):
    """A chain of a thousand groups, the last of them the one that counts."""
    groups = [entity(type="Group", id=f"g{i}", parents=[{"type": "Group", "id": f"g{i + 1}" if i < 999 else "g"}])
             for i in range(1000)]
    member = entity(id="m", parents=[{"type": "Group", "id": "g0"}])
    body = ask(setting, principal='User::"m"', action='Action::"member"', entities=[member, *groups])
    assert body["decision"] == "Allow"


def chain(length):
    return [entity(type="G", id=str(i), parents=[{"type": "G", "id": str(i + 1)}]) for i in range(length)]


def test_a_question_that_takes_long_makes_nobody_else_wait(setting):
    """Thousands of entities above each other are a lot of ancestors; the loops must stay free."""
    running = [threading.Thread(target=send, args=(setting, question(entities=chain(2000)))) for _ in range(4)]
    for thread in running:
        thread.start()
    answered, longest, started = 0, 0.0, time.monotonic()
    while any(thread.is_alive() for thread in running):
        began = time.monotonic()
        assert ask(setting)["decision"] == "Allow"
        longest = max(longest, time.monotonic() - began)
        answered += 1
    assert answered > 5
    assert longest < (time.monotonic() - started) / 2


def test_a_question_that_needs_too_much_memory_is_refused(setting):
    answer = send(setting, question(entities=chain(10_000)))
    document = assert_refused(setting, answer, 413, "too-large")
    assert "entities" in document["detail"]
    assert setting.wait_log("cedar_error", request_id=document["request_id"])["level"] == "warn"


def test_nothing_of_all_this_is_an_internal_error(setting):
    """Last in the file: the service has seen everything above and has nothing to regret."""
    assert setting.get("/health/ready")[0] == 200
    assert [line for line in setting.log() if line["event"] in ("internal_error", "cedar_error")
            and line["level"] == "error"] == []
    assert not [key for key, value in setting.metrics().items()
                if key.startswith("http_requests_total") and 'status="5' in key and value > 0]
    assert setting.errors() == ""
