# SPDX-License-Identifier: Apache-2.0
"""`--output json`: one object per run, with the exit code and every finding in it."""
import json

from cli_tool import EMPTY_SCOPE, JSON_POLICY, REQUEST, TEMPLATE, authorize, cedar, files

JSON = ["--output", "json"]


def answer(result, expected_code=0):
    """The object of a run, without the two members that every object has."""
    code, out, err = result
    assert (code, err) == (expected_code, "") and out.endswith("}\n") and out.count("\n") == 1
    value = json.loads(out)
    assert value.pop("exit_code") == expected_code
    return value.pop("findings"), value


def test_authorize(files):
    files("p.cedar", f'permit{EMPTY_SCOPE}; forbid{EMPTY_SCOPE} when {{ 1 + "a" == 2 }};')
    findings, value = answer(authorize(files, "-p", "p.cedar", *REQUEST, *JSON))
    assert findings == []
    assert value == {"decision": "allow", "reasons": ["policy0"], "errors": [
        {"policy": "policy1", "effect": "forbid",
         "message": "type error: expected long, got string"}]}
    files("p.cedar", "")
    _, value = answer(authorize(files, "-tp", "p.cedar", *REQUEST, *JSON), 2)
    assert value.pop("time_ns") >= 0
    assert value == {"decision": "deny", "reasons": [], "errors": []}


def test_findings_say_where(files):
    files("bad.cedar", "permit(principal,\n  action\tfoo, resource);\n")
    findings, value = answer(cedar("check-parse", "-p", "bad.cedar", *JSON, cwd=files.dir), 1)
    finding, = findings
    assert value == {}
    assert finding.pop("label").startswith("expected `!=`")
    assert finding == {"severity": "error", "message": "unexpected token `foo`",
                       "context": ["failed to parse policy set"], "source": "bad.cedar",
                       "start": 27, "end": 30, "line": 2, "column": 10}


def test_findings_of_all_inputs(files):
    files("p.cedar", '@id("x") permit(principal, action, resource);' * 2)
    findings, value = answer(authorize(files, "-p", "p.cedar", "-l", "User", *REQUEST[2:], *JSON), 1)
    assert value == {}
    duplicate, principal = findings
    assert duplicate["policy"] == "x" and "the policy at p.cedar:1" in duplicate["help"]
    assert principal["context"] == ["failed to parse request",
                                    "failed to parse principal User as entity Uid"]


def test_evaluate():
    assert answer(cedar("evaluate", "[1+1, \"é\"]", *REQUEST, *JSON)) == ([], {"value": '[2, "é"]'})
    findings, value = answer(cedar("evaluate", "principal.x", *REQUEST, *JSON), 1)
    assert value == {} and findings[0]["message"] == 'entity `User::"alice"` does not exist'


def test_check_parse(files):
    assert answer(cedar("check-parse", "-p", files.dir / "p.cedar", *JSON)) == ([], {})


def test_link(files):
    files("p.cedar", TEMPLATE)
    findings, value = answer(cedar(
        "link", "-p", "p.cedar", "--template-id", "policy0", "-n", "l", "-a",
        '{"?principal":"User::\\"alice\\""}', *JSON, cwd=files.dir))
    assert findings == [] and value["id"] == "l" and value["template_id"] == "policy0"
    assert value["text"].startswith('permit(principal == User::"alice"')
    assert value["policy"]["principal"] == json.loads(JSON_POLICY)["principal"]


def test_format(files):
    done = "permit (principal, action, resource);\n"
    files("a.cedar", "permit(principal,action,resource);")
    files("b.cedar", done)
    command = ["format", "-p", "a.cedar", "-p", "b.cedar", *JSON]
    assert answer(cedar(*command, "-c", cwd=files.dir), 1) == ([], {"files": [
        {"source": "a.cedar", "changed": True, "text": done},
        {"source": "b.cedar", "changed": False, "text": done}]})
    assert answer(cedar(*command, "-w", cwd=files.dir)) == ([], {"files": [
        {"source": "a.cedar", "changed": True}, {"source": "b.cedar", "changed": False}]})
    findings, _ = answer(cedar("format", *JSON, stdin="permit("), 1)
    assert findings[0]["context"] == ["cannot parse input policies"]


def test_mistakes_of_usage_are_text():
    code, out, err = cedar("authorize", *JSON)
    assert (code, out) == (2, "") and "--entities <FILE>" in err
    assert cedar("language-version", *JSON)[0] == 2
