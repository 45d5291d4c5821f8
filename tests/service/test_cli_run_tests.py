# SPDX-License-Identifier: Apache-2.0
"""`cedar run-tests`: what passes, what fails and why, and tests that cannot be read."""
import json

import pytest

from cli_tool import EMPTY_SCOPE, SCHEMA, cedar, files, on_terminal


def case(name=None, principal='User::"alice"', decision="allow", reason=(), num_errors=0, **other):
    members = {"request": {"principal": principal, "action": 'Action::"view"',
                           "resource": 'File::"f"', "context": {}},
               "entities": [], "decision": decision, "reason": list(reason),
               "num_errors": num_errors, **other}
    return {**({} if name is None else {"name": name}), **members}


def run(files, *cases, options=()):
    files("tests.json", json.dumps(cases))
    return cedar("run-tests", "-p", "p.cedar", "--tests", "tests.json", *options, cwd=files.dir)


def test_all_pass(files):
    code, out, err = run(files, case("one", reason=["policy0"]), case(),
                         case("three", principal='User::"bob"', decision="deny"))
    assert (code, err) == (0, "")
    assert out == ("running 3 test(s)\n  test one ... ok\n  test (unnamed) ... ok\n"
                   "  test three ... ok\nresults: 3 passed, 0 failed\n")


def test_no_tests(files):
    assert run(files) == (0, "running 0 test(s)\nresults: 0 passed, 0 failed\n", "")


def test_what_is_not_as_expected(files):
    files("p.cedar", f'permit{EMPTY_SCOPE}; forbid{EMPTY_SCOPE} when {{ 1 + "a" == 2 }};')
    error = ("expected 0 error(s), but got 1 runtime error(s): error while evaluating policy "
             "`policy1`: type error: expected long, got string")
    code, out, _ = run(files, case("a", decision="deny"), case("b"),
                       case("c", reason=["policy0", "x", "y"], num_errors=1),
                       case("d", reason=["x"]), case("e", num_errors=1))
    assert code == 1
    assert out.splitlines()[1:] == [
        "  test a ... fail: expected Deny, got Allow",
        f"  test b ... fail: {error}",
        "  test c ... fail: missing reason(s): `x`, `y`",
        f"  test d ... fail: missing reason(s): `x`; {error}",
        "  test e ... ok",
        "results: 1 passed, 4 failed"]


def test_entities_and_context_belong_to_the_test(files):
    files("p.cedar", "permit(principal in Group::\"g\", action, resource) when { context.n == 1 };")
    entities = [{"uid": {"type": "User", "id": "alice"}, "attrs": {},
                 "parents": [{"type": "Group", "id": "g"}]}]
    good = case("good", entities=entities)
    good["request"]["context"] = {"n": 1}
    without = case("without", decision="deny")
    without["request"]["context"] = {"n": 1}
    assert run(files, good, without)[0] == 0


@pytest.mark.parametrize("test, message", [
    (1, "a test must be a JSON object, not a number"),
    ({"name": "x"}, "missing field `request`"),
    ({k: v for k, v in case().items() if k != "num_errors"}, "missing field `num_errors`"),
    (case(decision="maybe"), "unknown variant `maybe`, expected `allow` or `deny`"),
    (case(decision=1), "`decision` must be a string, not a number"),
    (case(num_errors=-2), "`num_errors` must be a number that is not negative"),
    (case(num_errors=1.5), "`num_errors` must be a number that is not negative"),
    (case(reason=[1]), "`reason` has strings, not a number"),
    (dict(case(), reason="x"), "`reason` must be an array, not a string"),
    (case(principal="User"), "failed to parse principal User as entity Uid"),
    (case(entities={}), "failed to parse entities"),
    (case(request=[]), "a request must be a JSON object, not an array"),
    (case(request={"principal": 'A::"a"', "action": 'A::"a"', "resource": 'A::"a"'}),
     "missing field `context`"),
])
def test_a_test_that_cannot_be_read_fails_and_the_others_run(files, test, message):
    code, out, _ = run(files, test, case("next"))
    assert code == 1 and message in out
    assert " ... error:\n    × " in out and "  test next ... ok\n" in out
    assert out.endswith("results: 1 passed, 1 failed\n")


def test_a_schema_reads_the_requests(files):
    files("s.cedarschema", SCHEMA)
    code, out, _ = run(files, case("a"), options=["-s", "s.cedarschema"])
    assert code == 1 and "attribute `n`" in out
    good = case("b")
    good["request"]["context"] = {"n": 1}
    assert run(files, good, options=["-s", "s.cedarschema"])[0] == 0


def test_policies_that_do_not_fit_the_schema_pass_no_test(files):
    files("s.cedarschema", SCHEMA)
    files("p.cedar", f"permit{EMPTY_SCOPE} when {{ context.m == 1 }};")
    tests = [case(name, decision="deny") for name in "ab"]
    for test in tests:
        test["request"]["context"] = {"n": 1}
    code, out, _ = run(files, *tests, options=["-s", "s.cedarschema"])
    assert code == 1 and out.endswith("results: 0 passed, 2 failed\n")
    first, second = out.split("  test b ... ")
    assert "policy set validation failed" in first and "attribute `m`" in first
    assert "policy set validation failed" in second and "attribute `m`" not in second
    # A warning is enough.
    files("p.cedar", "permit(principal is File, action, resource);")
    assert run(files, *tests, options=["-s", "s.cedarschema"])[0] == 1


@pytest.mark.parametrize("text, message", [
    ("[", "tests.json:1:2"), ("{}", "tests are an array of objects, not an object"),
])
def test_a_bad_file(files, text, message):
    files("tests.json", text)
    code, out, _ = cedar("run-tests", "-p", "p.cedar", "--tests", "tests.json", cwd=files.dir)
    assert code == 1 and "failed to parse tests file tests.json" in out and message in out
    code, out, _ = cedar("run-tests", "-p", "p.cedar", "--tests", "none", cwd=files.dir)
    assert code == 1 and "failed to open tests file none" in out
    assert cedar("run-tests", "-p", "p.cedar", cwd=files.dir)[0] == 2


def test_json(files):
    code, out, err = run(files, case("a"), case(decision="deny"), case("c", entities={}),
                         options=["--output", "json"])
    assert (code, err) == (1, "")
    answer = json.loads(out)
    assert (answer["passed"], answer["failed"], answer["exit_code"]) == (1, 2, 1)
    assert answer["findings"] == []
    a, b, c = answer["tests"]
    assert a == {"name": "a", "result": "pass"}
    assert b == {"name": None, "result": "fail", "message": "expected Deny, got Allow"}
    assert (c["name"], c["result"]) == ("c", "error")
    assert c["findings"][0]["context"] == ["failed to parse entities"]


def test_names_of_tests_are_data(files):
    _, out, _ = run(files, case("\x1b[31m red"))
    assert "\x1b" not in out and "\\u{1b}[31m red" in out


def test_colours_on_a_terminal(files):
    run(files, case("a"))
    code, out = on_terminal("run-tests", "-p", "p.cedar", "--tests", "tests.json", cwd=files.dir)
    assert code == 0 and "... \x1b[32mok\x1b[0m" in out
