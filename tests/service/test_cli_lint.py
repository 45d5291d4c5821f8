# SPDX-License-Identifier: Apache-2.0
"""`cedar lint`: findings, rules that are switched off, budgets, exit codes, forms of the report."""
import json
import xml.etree.ElementTree

import pytest

from cli_tool import EMPTY_SCOPE, cedar, files

COVERED = ('@id("wide") permit(principal in Group::"g", action, resource);\n'
           '@id("narrow") permit(principal in Group::"g", action == Action::"view", resource) when { context.mfa };\n')
GOOD = 'permit(principal in Group::"g", action, resource);\n'
SCHEMA = "entity User in Group; entity Group; action view appliesTo { principal: User, resource: Group };\n"


def lint(files, text, *options, **others):
    files("p.cedar", text)
    return cedar("lint", "-p", "p.cedar", *options, cwd=files.dir, **others)


def test_nothing_found(files):
    code, out, err = lint(files, GOOD)
    assert (code, out) == (0, "  ☞ policy set lint passed\n  ╰─▶ no errors or warnings\n\n")
    assert err == "note: a request costs up to 1 steps; the dearest policy, `policy0`, up to 1\n"


def test_a_warning_says_what_where_and_what_to_do(files):
    code, out, _ = lint(files, COVERED)
    assert code == 0
    assert out.startswith("""\
  ⚠ policy set lint passed
  ╰─▶ policy `narrow` changes no decision: policy `wide` covers it without conditions
   ╭─[p.cedar:2:1]
""")
    assert "help: remove it, or narrow the other one" in out


def test_warnings_can_be_denied(files):
    assert lint(files, COVERED, "--deny-warnings")[0] == 3
    assert lint(files, GOOD, "--deny-warnings")[0] == 0


def test_rules_are_switched_off(files):
    both = COVERED + f"permit{EMPTY_SCOPE} when {{ context has a }};\n"
    assert lint(files, both, "--deny-warnings", "--disable", "shadowed-policy")[0] == 3
    assert lint(files, both, "--deny-warnings", "--disable", "shadowed-policy",
                "--disable", "unscoped-policy")[0] == 0


def test_an_unknown_rule_is_named_with_the_nearest_one(files):
    code, out, _ = lint(files, GOOD, "--disable", "shadowed-polcy")
    assert code == 1
    assert "`shadowed-polcy` is not the name of a rule; did you mean `shadowed-policy`?" in out


@pytest.mark.parametrize("option, kind", [("--max-policy-cost", "policy-cost"), ("--max-set-cost", "set-cost")])
def test_budgets_fail_a_build(files, option, kind):
    text = 'permit(principal is User, action, resource) when { context has a && context.a.containsAll([1]) };\n'
    assert lint(files, text, option, "1000")[0] == 0
    code, out, _ = lint(files, text, option, "50")
    assert code == 3
    assert out.startswith("  × policy set lint failed") and "more than the budget of 50" in out
    code, out, _ = lint(files, text, option, "50", "--output", "json")
    assert [finding["kind"] for finding in json.loads(out)["findings"]] == [kind]


def test_json(files):
    code, out, _ = lint(files, COVERED, "--output", "json")
    answer = json.loads(out)
    assert (code, answer["valid"], answer["validated"], answer["policies"]) == (0, True, False, 2)
    assert answer["cost"]["policy_id"] == "narrow" and answer["cost"]["request"] > answer["cost"]["policy"]
    finding, = answer["findings"]
    assert (finding["kind"], finding["policy"], finding["line"]) == ("shadowed-policy", "narrow", 2)


def test_sarif_and_junit(files):
    _, out, _ = lint(files, COVERED, "--output", "sarif")
    results = json.loads(out)["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == ["shadowed-policy"]
    _, out, _ = lint(files, COVERED, "--output", "junit", "--deny-warnings")
    cases = list(xml.etree.ElementTree.fromstring(out).iter("testcase"))
    assert [case.get("name") for case in cases if case.find("failure") is not None] == ["narrow"]


def test_a_schema_beside_the_policies_is_used(files):
    text = 'forbid(principal, action == Action::"view", resource) when { context.n == 1 };\n'
    assert lint(files, text, "--deny-warnings")[0] == 3
    files("x.cedarschema", SCHEMA.replace("resource: Group", "resource: Group, context: { n: Long }"))
    code, _, err = lint(files, text, "--deny-warnings")
    assert code == 0 and "note: using the schema" in err


def test_policies_that_do_not_parse(files):
    code, out, _ = lint(files, "permit")
    assert code == 1 and "unexpected end of input" in out
