# SPDX-License-Identifier: Apache-2.0
"""The smaller commands of the `cedar` tool."""
import json

import pytest

from cli_tool import EMPTY_SCOPE, JSON_POLICY, REQUEST, SCHEMA, TEMPLATE, authorize, cedar, files


LINK = ["link", "-p", "p.cedar", "--template-id", "policy0", "-k", "l.json"]


def test_link_prints_the_policy_and_fills_the_file(files):
    files("p.cedar", TEMPLATE)
    for name in ("alice", "bob"):
        code, out, err = cedar(*LINK, "-n", name, "-a", '{"?principal": "User::\\"%s\\""}' % name,
                               cwd=files.dir)
        assert (code, err) == (0, "")
        assert out == (f'Template-linked policy added: permit(principal == User::"{name}", action, '
                       "resource) when { true };\n")
    links = json.loads((files.dir / "l.json").read_text())
    assert [link["link_id"] for link in links] == ["alice", "bob"]
    assert authorize(files, "-k", "l.json", "-p", "p.cedar", *REQUEST)[0] == 0


@pytest.mark.parametrize("arguments, message", [
    (["-n", "l", "-a", "{}"], "the following slots were not provided as arguments: ?principal"),
    (["-n", "policy0", "-a", '{"?principal": "U::\\"a\\""}'], "conflicts with an existing policy id"),
    (["-n", "l", "-a", '{"?principal": "U"}'], "failed to parse U as entity Uid"),
    (["-n", "l", "-a", '{"?principal": "U::\\"a\\"", "?resource": "U::\\"a\\""}'],
     "did not exist in the template: ?resource"),
])
def test_a_link_that_does_not_fit_changes_nothing(files, arguments, message):
    files("p.cedar", TEMPLATE)
    code, out, _ = cedar(*LINK, *arguments, cwd=files.dir)
    assert code == 1 and message in out
    assert not (files.dir / "l.json").exists()


@pytest.mark.parametrize("text, message", [
    ("[]", "it is not a JSON object"),
    ("{", "the text ends too early"),
    ('{"?principle": "U::\\"a\\""}', "Expected ?principal|?resource, got: ?principle"),
    ('{"?principal": 3}', "the value of a slot is a string"),
])
def test_wrong_link_arguments_are_a_mistake_of_usage(files, text, message):
    files("p.cedar", TEMPLATE)
    code, out, err = cedar(*LINK, "-n", "l", "-a", text, cwd=files.dir)
    assert (code, out) == (2, "") and "for '--arguments <JSON>': " in err and message in err
    assert not (files.dir / "l.json").exists()


def test_format(files):
    text = "permit(principal,action,resource)when{true}; // x\n"
    done = "permit (principal, action, resource)\nwhen { true }; // x\n"
    files("p.cedar", text)
    assert cedar("format", stdin=text) == (0, done, "")
    assert cedar("format", "-p", "p.cedar", "--check", cwd=files.dir) == (1, done, "")
    assert cedar("format", "-p", "p.cedar", "-w", cwd=files.dir) == (0, "", "")
    assert (files.dir / "p.cedar").read_text() == done
    assert cedar("format", "-p", "p.cedar", "-c", cwd=files.dir) == (0, done, "")
    assert cedar("format", "-l", "20", "-i", "4", stdin=text)[1].startswith("permit\n(principal")
    assert cedar("format", stdin="permit(")[0] == 1
    assert cedar("format", "-w", stdin=text)[0] == 2
    assert cedar("format", "-l", "0", stdin=text)[1] == cedar("format", "-l", "1", stdin=text)[1]
    for option in ("-l", "-i"):
        code, out, err = cedar("format", option, "x", stdin=text)
        assert (code, out) == (2, "") and "not a number from 0 to 65535" in err


def test_format_of_a_directory(files):
    files("d/a.cedar", "permit(principal,action,resource);")
    files("d/b/c.cedar", "permit (principal, action, resource);\n")
    files("d/b/.hidden.cedar", "permit(")
    assert cedar("format", "-cp", "d", cwd=files.dir)[0] == 1
    assert cedar("format", "-wp", "d", cwd=files.dir) == (0, "", "")
    assert (files.dir / "d/a.cedar").read_text() == "permit (principal, action, resource);\n"
    assert cedar("format", "-cp", "d", cwd=files.dir)[0] == 0


def test_format_keeps_mode_and_links(files):
    path = files("p.cedar", "permit(principal,action,resource);")
    path.chmod(0o640)
    (files.dir / "link.cedar").symlink_to("p.cedar")
    assert cedar("format", "-w", "-p", "link.cedar", cwd=files.dir) == (0, "", "")
    assert (files.dir / "link.cedar").is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.read_text() == "permit (principal, action, resource);\n"
    assert sorted(p.name for p in files.dir.iterdir()) == ["e.json", "link.cedar", "p.cedar"]


def test_translate_policy_both_ways(files):
    text = 'permit(principal == User::"alice", action, resource);'
    code, out, err = cedar("translate-policy", "--direction", "cedar-to-json", stdin=text)
    assert (code, err) == (0, "")
    assert out == ('{"templates":{},"staticPolicies":{"policy0":' + JSON_POLICY +
                   '},"templateLinks":[]}\n')
    assert cedar("translate-policy", "--direction", "json-to-cedar", stdin=out) == (
        0, cedar("format", stdin=text)[1], "")
    assert cedar("translate-policy", stdin=text)[0] == 2
    code, out, err = cedar("translate-policy", "--direction", "json-to-cedar", stdin="{")
    assert (code, out) == (1, "") and "failed to parse policy set" in err


@pytest.mark.parametrize("expression, value", [
    ("1 + 2 * 3", "7"),
    ("true && !false", "true"),
    ('"a\\u{e9}"', '"aé"'),
    ("principal", 'User::"alice"'),
    ("context.n", "5"),
    ("[] == []", "true"),
    ('ip("10.0.0.1").isInRange(ip("10.0.0.0/8"))', "true"),
    ('if principal has x then 1 else -9223372036854775808', "-9223372036854775808"),
])
def test_evaluate(files, expression, value):
    files("c.json", '{"n": 5}')
    assert cedar("evaluate", expression, *REQUEST, "-c", files.dir / "c.json") == (
        0, f"\n{value}\n", "")


def test_evaluate_with_entities(files):
    files("e.json", '[{"uid":{"type":"User","id":"alice"},"attrs":{"n":7},"parents":[]}]')
    code, out, _ = cedar("evaluate", "principal.n", *REQUEST, "--entities", files.dir / "e.json")
    assert (code, out) == (0, "\n7\n")


def test_evaluate_an_expression_that_begins_with_a_dash():
    assert cedar("evaluate", *REQUEST, "--", "-(5)")[:2] == (0, "\n-5\n")


def test_evaluation_errors():
    code, out, _ = cedar("evaluate", "9223372036854775807 + 1", *REQUEST)
    assert code == 1
    assert ("integer overflow while attempting to add the values `9223372036854775807` and `1`"
            in out)
    code, out, _ = cedar("evaluate", "1 +", *REQUEST)
    assert code == 1 and "failed to parse the expression" in out and "unexpected end of input" in out
    assert cedar("evaluate", "1")[0] == 1
    assert cedar("evaluate")[0] == 2


def test_check_parse_is_silent_when_all_is_well(files):
    files("s.cedarschema", SCHEMA)
    everything = ["-p", "p.cedar", "-s", "s.cedarschema", "--expression", "1 < 2", "--entities",
                  "e.json"]
    assert cedar("check-parse", *everything, cwd=files.dir) == (0, "", "")
    assert cedar("check-parse", stdin=f"permit{EMPTY_SCOPE};") == (0, "", "")
    assert cedar("check-parse", stdin="permit(principal == ?principal, action, resource);") == (
        0, "", "")


@pytest.mark.parametrize("option, text, headline", [
    ("-p", "permit", "failed to parse policy set"),
    ("-s", "entity", "failed to parse schema"),
    ("--entities", "{}", "failed to parse entities"),
])
def test_check_parse_reports_each_kind_of_input(files, option, text, headline):
    path = files("bad", text)
    code, out, _ = cedar("check-parse", option, path)
    assert code == 1 and headline in out


def test_check_parse_of_an_expression():
    assert cedar("check-parse", "--expression", "1 == ") [0] == 1
    assert cedar("check-parse", "--expression", "?principal == 1")[0] == 1
    assert cedar("check-parse", "--expression", "principal.a") == (0, "", "")


# ---- new, license, experimental -------------------------------------------------------------------

def test_a_new_project_works(files):
    assert cedar("new", "-n", "project", cwd=files.dir) == (0, "", "")
    project = files.dir / "project"
    assert sorted(p.name for p in project.iterdir()) == [
        "entities.json", "policy.cedar", "schema.cedarschema.json"]
    everything = ["-p", "policy.cedar", "-s", "schema.cedarschema.json", "--entities",
                  "entities.json"]
    assert cedar("check-parse", *everything, cwd=project) == (0, "", "")
    assert cedar("format", "-cp", "policy.cedar", cwd=project)[0] == 0
    for action, code in (("view", 0), ("edit", 0)):
        request = ["-l", 'User::"alice"', "-a", f'Action::"{action}"', "-r", 'Document::"plan"']
        assert cedar("authorize", *everything, *request, cwd=project)[0] == code
    code, out, _ = cedar("new", "--name", "project", cwd=files.dir)
    assert code == 1 and "failed to make the project project" in out and "File exists" in out
    code, out, _ = cedar("new", "-n", "a/b", cwd=files.dir)
    assert code == 1 and "No such file or directory" in out
    assert cedar("new")[0] == 2


def test_license():
    code, out, err = cedar("license")
    assert (code, err) == (0, "") and "Apache License, Version 2.0" in out


@pytest.mark.parametrize("name", ["partially-authorize", "tpe", "symcc"])
def test_what_only_experimental_builds_of_the_reference_have(name):
    code, out, err = cedar(name)
    assert (code, out) == (1, "")
    assert err == (f"Error: subcommand `{name}` is experimental, and this executable does not "
                   "have it\n")
    assert cedar(name, "--help")[0] == 0


def test_a_link_that_does_not_fit_is_reported_as_the_reference_does(files):
    files("p.cedar", TEMPLATE)
    _, out, _ = cedar(*LINK, "-n", "l", "-a", "{}", "-f", "json", cwd=files.dir)
    error = json.loads(out)
    assert error["message"] == "unable to link template"
    assert error["causes"] == ["the following slots were not provided as arguments: ?principal"]
