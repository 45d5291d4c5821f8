# SPDX-License-Identifier: Apache-2.0
"""`cedar authorize` with one request: decision, reasons, errors, exit codes."""
import json

import pytest

from cli_tool import EMPTY_SCOPE, REQUEST, SCHEMA, authorize, cedar, files


def test_allow(files):
    assert authorize(files, "-p", "p.cedar", *REQUEST) == (0, "\nALLOW\n", "")


def test_deny_when_nothing_applies(files):
    files("p.cedar", "")
    code, out, err = authorize(files, "-v", "-p", "p.cedar", *REQUEST)
    assert (code, err) == (2, "")
    assert out == "\nDENY\n\nnote: no policies applied to this request\n"


def test_verbose_names_the_policies_by_id_annotation_or_number(files):
    files("p.cedar", f'@id("open") permit{EMPTY_SCOPE};\npermit{EMPTY_SCOPE};')
    code, out, _ = authorize(files, "--verbose", "--policies", "p.cedar", *REQUEST)
    lines = out.splitlines()
    assert code == 0
    assert lines[:4] == ["", "ALLOW", "",
                         "note: this decision was due to the following policies:"]
    assert sorted(lines[4:6]) == ["  open", "  policy1"] and lines[6:] == [""]


def test_forbid_wins(files):
    files("p.cedar", f'permit{EMPTY_SCOPE}; @id("no") forbid{EMPTY_SCOPE};')
    code, out, _ = authorize(files, "-vp", "p.cedar", *REQUEST)
    assert code == 2 and "DENY" in out and "  no\n" in out and "policy0" not in out


def test_a_policy_that_fails_is_reported_and_skipped(files):
    files("p.cedar", f'permit{EMPTY_SCOPE}; forbid{EMPTY_SCOPE} when {{ 1 + "a" == 2 }};')
    code, out, _ = authorize(files, "-p", "p.cedar", *REQUEST)
    assert code == 0
    assert out == ("\nALLOW\n\nerror while evaluating policy `policy1`: "
                   "type error: expected long, got string\n")


def test_timing(files):
    _, out, _ = authorize(files, "-t", "-p", "p.cedar", *REQUEST)
    head, time_line, decision = out.splitlines()
    label, number = time_line.rsplit(" ", 1)
    assert (head, label, decision) == ("", "Authorization Time (micro seconds) :", "ALLOW")
    assert int(number) >= 0


def test_policies_from_standard_input(files):
    text = f"permit{EMPTY_SCOPE};"
    assert authorize(files, *REQUEST, stdin=text)[:2] == (0, "\nALLOW\n")
    assert authorize(files, *REQUEST, "-p", "-", stdin=text)[:2] == (0, "\nALLOW\n")


def test_standard_input_serves_one_input_only(files):
    code, out, _ = cedar("authorize", *REQUEST, "--entities", "-", stdin="[]")
    assert code == 1 and "standard input can be read for one input only" in out


def test_context_entities_and_parents(files):
    files("p.cedar", 'permit(principal in Group::"staff", action, resource) '
                     "when { context.level > 2 && principal.age == 41 };")
    files("e.json", json.dumps([{"uid": {"type": "User", "id": "alice"}, "attrs": {"age": 41},
                                 "parents": [{"type": "Group", "id": "staff"}]}]))
    files("c.json", '{"level": 3}')
    assert authorize(files, "-p", "p.cedar", *REQUEST, "-c", "c.json")[0] == 0
    files("c.json", '{"level": 2}')
    assert authorize(files, "-p", "p.cedar", *REQUEST, "--context=c.json")[0] == 2


def test_request_from_json(files):
    files("p.cedar", f"permit{EMPTY_SCOPE} when {{ context.a.b == [9007199254740993, {{}}] }};")
    request = {"principal": 'User::"a"', "action": 'Action::"v"', "resource": 'File::"f"',
               "context": {"a": {"b": [9007199254740993, {}]}}}
    files("r.json", json.dumps(request))
    assert authorize(files, "-p", "p.cedar", "--request-json", "r.json")[0] == 0
    request["context"]["a"]["b"][0] -= 1
    files("r.json", json.dumps(request))
    assert authorize(files, "-p", "p.cedar", "--request-json", "r.json")[0] == 2


@pytest.mark.parametrize("text, message", [
    ("[1]", "a request must be a JSON object"),
    ("{", "r.json:1:"),
    ('{"principal":"A::\\"b\\"","action":"A::\\"b\\"","resource":"A::\\"b\\""}',
     "missing field `context`"),
    ('{"action":"A::\\"b\\"","resource":"A::\\"b\\"","context":{}}', "missing field `principal`"),
    ('{"principal":{"type":"A","id":"b"},"action":"A::\\"b\\"","resource":"A","context":{}}',
     "`principal` must be a string"),
    ('{"principal":"A","action":"A::\\"b\\"","resource":"A::\\"b\\"","context":{}}',
     "failed to parse principal"),
    ('{"principal":"A::\\"b\\"","action":"A::\\"b\\"","resource":"A::\\"b\\"","context":[]}',
     "failed to create a context"),
])
def test_a_bad_request_file_says_what_is_wrong(files, text, message):
    files("r.json", text)
    code, out, _ = authorize(files, "-p", "p.cedar", "--request-json", "r.json")
    assert code == 1 and message in out


def test_request_json_excludes_the_four_options(files):
    code, out, err = authorize(files, "--request-json", "r.json", "--principal", 'User::"a"')
    assert (code, out) == (2, "")
    assert "'--request-json <FILE>' cannot be used with '--principal <EUID>'" in err


@pytest.mark.parametrize("missing", [0, 2, 4])
def test_all_three_variables_are_needed(files, missing):
    code, out, _ = authorize(files, "-p", "p.cedar", *REQUEST[:missing], *REQUEST[missing + 2:])
    assert code == 1
    assert "All three (`principal`, `action`, `resource`) variables must be specified" in out


def test_any_valid_spelling_of_an_entity_is_understood(files):
    files("p.cedar", 'permit(principal == A::B::"it\'s", action, resource);')
    assert authorize(files, "-p", "p.cedar", "-l", ' A :: B::"it\\\'s"', *REQUEST[2:])[0] == 0


def test_every_bad_input_is_reported_at_once(files):
    files("p.cedar", "permit;")
    files("e.json", "[")
    code, out, err = authorize(files, "-p", "p.cedar", "-l", "User", *REQUEST[2:])
    assert (code, err) == (1, "")
    for headline in ("failed to parse policy set", "failed to parse entities from file",
                     "failed to parse principal User as entity Uid"):
        assert headline in out
    assert "ALLOW" not in out and "DENY" not in out


def test_a_schema_checks_the_request(files):
    files("s.cedarschema", SCHEMA)
    files("p.cedar", f"permit{EMPTY_SCOPE};")
    files("c.json", '{"n": 1}')
    common = ["-p", "p.cedar", "-s", "s.cedarschema"]
    assert authorize(files, *common, *REQUEST, "-c", "c.json")[:2] == (0, "\nALLOW\n")
    code, out, _ = authorize(files, *common, *REQUEST)
    assert code == 1 and "failed to create a context" in out and "attribute `n`" in out
    wrong = ["-l", 'File::"x"', *REQUEST[2:], "-c", "c.json"]
    code, out, _ = authorize(files, *common, *wrong)
    assert code == 1 and 'principal type `File` is not valid for `Action::"view"`' in out
    assert 'help: valid principal types for `Action::"view"`: `User`' in out
    assert authorize(files, *common, *wrong, "--request-validation", "false")[0] == 0


def test_a_schema_in_json(files):
    files("s.json", json.dumps({"": {"entityTypes": {"User": {}, "File": {}}, "actions": {
        "view": {"appliesTo": {"principalTypes": ["User"], "resourceTypes": ["File"]}}}}}))
    common = ["-p", "p.cedar", *REQUEST, "--schema", "s.json"]
    assert authorize(files, *common, "--schema-format", "json")[0] == 0
    assert authorize(files, *common)[0] == 0 # auto: JSON begins with a brace
    code, out, _ = authorize(files, *common, "--schema-format", "cedar")
    assert code == 1 and "failed to parse schema from file s.json" in out


def test_ids_are_escaped_as_the_reference_prints_them(files):
    """So that nothing in them can be taken for something else, be it by a terminal."""
    files("p.cedar", r"""@id("it's\n\"q\" \u{1b}[31m é") permit""" + EMPTY_SCOPE + ";\n"
                     + r"""@id("it's") forbid""" + EMPTY_SCOPE + " when { principal.x };")
    code, out, _ = authorize(files, "-v", "-p", "p.cedar", *REQUEST)
    assert code == 0
    assert r"error while evaluating policy `it\'s`: entity" in out
    assert "\n  it\\'s\\n\\\"q\\\" \\u{1b}[31m é\n" in out
    files("p.cedar", "@id(\"it's\") permit(principal, action, resource);\n" * 2)
    assert r"duplicate template or policy id `it\'s`" in authorize(files, "-p", "p.cedar", *REQUEST)[1]


@pytest.mark.parametrize("request_options", [REQUEST, ["-l", 'User::"alice"', "-a", 'Action::"no"',
                                                       "-r", 'File::"f"']])
def test_without_validation_a_request_need_not_have_the_context_of_the_schema(files, request_options):
    files("s.cedarschema", SCHEMA)
    command = ["-p", "p.cedar", "-s", "s.cedarschema", *request_options]
    assert authorize(files, *command)[0] == 1
    assert authorize(files, *command, "--request-validation", "false") == (0, "\nALLOW\n", "")


@pytest.mark.parametrize("text, place, message", [
    ('{"principal": "User::\\"a\\"", "action": "Action::\\"v\\"",\n "resource": "File::\\"f\\""}',
     (1, 1), "missing field `context`"),
    ('{"principal": "User::\\"a\\"", "action": 7,\n "resource": [], "context": {}}',
     (1, 40), "`action` must be a string, not a number"),
    ('\n []', (2, 2), "a request must be a JSON object, not an array")])
def test_a_request_that_is_none_is_shown_in_its_file(files, text, place, message):
    files("r.json", text)
    code, out, _ = authorize(files, "-p", "p.cedar", "--request-json", "r.json")
    assert code == 1 and message in out and f"[r.json:{place[0]}:{place[1]}]" in out
    code, out, _ = authorize(files, "-p", "p.cedar", "--request-json", "r.json", "--output", "json")
    finding = json.loads(out)["findings"][0]
    assert (finding["source"], finding["line"], finding["column"]) == ("r.json", *place)
