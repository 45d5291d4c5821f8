# SPDX-License-Identifier: Apache-2.0
"""`cedar validate`: verdicts, exit codes, where the schema comes from, forms of the report."""
import contextlib
import json
import os
import pathlib
import subprocess
import xml.etree.ElementTree

import pytest

from harness import BIN_DIR, clean_environment, wait_until
from cli_tool import EMPTY_SCOPE, TEMPLATE, cedar, files

SCHEMA = """entity Group;
entity User in Group { age: Long, name?: String };
entity File { owner: User };
action view, edit appliesTo { principal: [User], resource: [File], context: { n: Long } };
"""
GOOD = 'permit(principal, action == Action::"view", resource) when { principal.age > 3 };\n'
WARNING = "permit(principal is File, action, resource);\n"
BAD = f"@id(\"bad\") permit{EMPTY_SCOPE} when {{ principal.agee > 3 }};\n"


@pytest.fixture
def project(files):
    (files.dir / "p.cedar").unlink()
    files("s/s.cedarschema", SCHEMA)
    return files


def validate(project, text, *options, schema="s/s.cedarschema", **others):
    project("p/p.cedar", text)
    named = [] if schema is None else ["--schema", schema]
    return cedar("validate", "-p", "p/p.cedar", *named, *options, cwd=project.dir, **others)


# ---- verdicts -------------------------------------------------------------------------------------

def test_a_good_set(project):
    assert validate(project, GOOD) == (
        0, "  ☞ policy set validation passed\n  ╰─▶ no errors or warnings\n\n", "")


def test_errors(project):
    code, out, err = validate(project, GOOD + BAD)
    assert (code, err) == (3, "")
    assert out == f"""\
  × policy set validation failed
  ╰─▶ for policy `bad`, attribute `agee` on entity type `User` not found
   ╭─[p/p.cedar:2:55]
 1 │ {GOOD.strip()}
 2 │ {BAD.strip()}
   ·                                                       ──────────────
   ╰────
  help: did you mean `age`?

"""


def test_warnings_do_not_fail_unless_they_are_denied(project):
    code, out, _ = validate(project, GOOD + WARNING)
    assert code == 0 and out.startswith("  ⚠ policy set validation passed\n")
    assert "policy is impossible" in out
    code, out, _ = validate(project, GOOD + WARNING, "--deny-warnings")
    assert code == 3 and out.startswith("  ⚠ policy set validation failed\n")
    assert validate(project, GOOD, "--deny-warnings")[0] == 0


def test_verdicts_of_4_12(project):
    assert validate(project, WARNING)[0] == 0
    assert validate(project, WARNING, "--compat", "4.12")[0] == 3


def test_modes(project):
    mixed = (f"permit{EMPTY_SCOPE} when "
             "{ (if context.n > 1 then principal else resource) == principal };")
    assert validate(project, mixed)[0] == 3
    assert validate(project, mixed, "--validation-mode", "permissive")[0] == 0
    code, out, err = validate(project, mixed, "--validation-mode", "partial")
    assert (code, out) == (1, "") and "`--validation-mode partial` is experimental" in err


def test_templates_and_links(project):
    project("l.json", '[{"template_id":"policy0","link_id":"l",'
                      '"args":{"?principal":"Usr::\\"alice\\""}}]')
    assert validate(project, TEMPLATE)[0] == 0
    code, out, _ = validate(project, TEMPLATE, "-k", "l.json")
    assert code == 3 and "for policy `l`" in out and "unrecognized entity type `Usr`" in out


@pytest.mark.parametrize("text, schema, headline", [
    ("permit", "s/s.cedarschema", "failed to parse policy set"),
    (GOOD, "none", "failed to open schema file none"),
    (GOOD, "p/p.cedar", "failed to parse schema from file p/p.cedar"),
])
def test_inputs_that_cannot_be_read_exit_with_1(project, text, schema, headline):
    code, out, _ = validate(project, text, schema=schema)
    assert code == 1 and headline in out and "validation" not in out


def test_all_bad_inputs_are_reported(project):
    code, out, _ = validate(project, "permit", schema="p/p.cedar")
    assert code == 1
    assert "failed to parse policy set" in out and "failed to parse schema" in out


def test_policies_from_standard_input(project):
    code, out, _ = cedar("validate", "-s", "s/s.cedarschema", cwd=project.dir, stdin=BAD)
    assert code == 3 and "<stdin>:1:55" in out


def test_quiet(project):
    assert validate(project, GOOD, "-q") == (0, "", "")
    assert validate(project, GOOD, "-q", schema=None) == (0, "", "")
    code, out, _ = validate(project, BAD, "--quiet")
    assert code == 3 and "agee" in out


# ---- which schema ---------------------------------------------------------------------------------

NO_SCHEMA = "policy set parsed; not validated: no schema"


def test_without_a_schema_it_says_that_nothing_was_validated(project):
    code, out, err = validate(project, BAD, schema=None)
    assert (code, err) == (0, "") and NO_SCHEMA in out and "passed" not in out
    code, out, _ = validate(project, BAD, "--require-schema", schema=None)
    assert code == 1 and "there is no schema to validate with" in out and "*.cedarschema" in out
    assert validate(project, "permit", schema=None)[0] == 1


def test_without_a_schema_contradictions_are_told(project):
    text = f"permit{EMPTY_SCOPE} when {{ context.a }} unless {{ context.a }};"
    code, out, _ = validate(project, text, schema=None)
    assert code == 0 and NO_SCHEMA in out and "can never apply" in out
    assert validate(project, text, "--deny-warnings", schema=None)[0] == 3
    answer = json.loads(validate(project, text, "--output", "json", schema=None)[1])
    assert answer["validated"] is False
    assert answer["findings"][0]["kind"] == "contradictory-policy"


@pytest.mark.parametrize("place", ["p/x.cedarschema", "p/deep/x.cedarschema",
                                   "p/schema.cedarschema.json", "x.cedarschema"])
def test_the_schema_of_a_directory_is_found(project, place):
    project("p/p.cedar", BAD)
    text = SCHEMA
    if place.endswith(".json"):
        text = json.dumps({"": {"entityTypes": {"User": {"shape": {"type": "Record", "attributes": {
            "age": {"type": "Long"}}}}}, "actions": {"view": {"appliesTo": {
                "principalTypes": ["User"], "resourceTypes": ["User"]}}}}})
    project(place, text)
    code, out, err = cedar("validate", "-p", "p", cwd=project.dir)
    assert err == f"note: using the schema {place}\n"
    assert code == 3 and "for policy `bad`, attribute `agee`" in out


def test_the_schema_beside_a_file_is_found(project):
    project("p/x.cedarschema", SCHEMA)
    code, out, err = validate(project, BAD, schema=None)
    assert code == 3 and err == "note: using the schema p/x.cedarschema\n"
    project("here.cedar", GOOD)
    assert cedar("validate", "-p", "here.cedar", cwd=project.dir)[0] == 0
    project("x.cedarschema", "entity")
    assert cedar("validate", "-p", "here.cedar", cwd=project.dir)[0] == 1


def test_several_schemas_beside_the_policies_are_no_schema(project):
    project("p/a.cedarschema", SCHEMA)
    project("p/b.cedarschema", SCHEMA)
    code, out, _ = validate(project, GOOD, schema=None)
    assert code == 1 and "several schemas lie beside the policies" in out
    assert "p/a.cedarschema, p/b.cedarschema" in out and "choose with --schema" in out
    assert validate(project, GOOD, schema="p/a.cedarschema")[0] == 0


def test_a_directory_of_schemas(project):
    code, out, _ = validate(project, BAD, schema="s")
    assert code == 3
    (project.dir / "empty").mkdir()
    code, out, _ = validate(project, GOOD, schema="empty")
    assert code == 1 and "there is no *.cedarschema" in out


def test_links_to_nothing_beside_the_policies_are_passed_over(project):
    project("p/p.cedar", GOOD)
    os.symlink("gone", project.dir / "p" / "other")
    assert validate(project, GOOD, schema=None)[0] == 0


# ---- forms ----------------------------------------------------------------------------------------

def test_json(project):
    code, out, err = validate(project, GOOD + BAD + WARNING, "--output", "json")
    answer = json.loads(out)
    assert (code, err) == (3, "") and answer["exit_code"] == 3
    assert answer["valid"] is False and answer["validated"] is True
    assert answer["schema"] == ["s/s.cedarschema"] and answer["policies"] == 3
    first = answer["findings"][0]
    assert first["kind"] == "attribute-not-found" and first["policy"] == "bad"
    assert (first["source"], first["line"], first["column"]) == ("p/p.cedar", 2, 55)
    assert first["end"] - first["start"] == len("principal.agee") and "context" not in first
    assert {f["severity"] for f in answer["findings"][1:]} == {"warning"}
    code, out, _ = validate(project, GOOD, "--output", "json", schema=None)
    answer = json.loads(out)
    assert (code, answer["validated"], answer["schema"]) == (0, False, [])


def test_sarif(project):
    text = f'@id("bad") permit{EMPTY_SCOPE} when {{ "é" == "é" &&\n principal.agee > 3 }};'
    code, out, err = validate(project, text + WARNING, "--output", "sarif")
    assert (code, err) == (3, "")
    log = json.loads(out)
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
    run, = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "cedar" and run["columnKind"] == "unicodeCodePoints"
    rules = [rule["id"] for rule in driver["rules"]]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
    first = run["results"][0]
    assert first["ruleId"] == "attribute-not-found" and first["level"] == "error"
    assert "did you mean `age`?" in first["message"]["text"]
    assert first["properties"] == {"policy": "bad"}
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "p/p.cedar"}
    start = text.encode().index(b"principal.agee")
    assert place["region"] == {"startLine": 2, "startColumn": 2, "endLine": 2, "endColumn": 16,
                               "byteOffset": start, "byteLength": 14}
    assert "warning" in {result["level"] for result in run["results"]}


def test_sarif_columns_are_code_points_and_names_are_uris(project):
    project("p/ä b.cedar", f'permit{EMPTY_SCOPE} when {{ "é" == principal.agee }};')
    code, out, _ = cedar("validate", "-s", "s", "-p", "p/ä b.cedar", "--output", "sarif",
                         cwd=project.dir)
    place = json.loads(out)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert code == 3 and place["artifactLocation"]["uri"] == "p/%C3%A4%20b.cedar"
    assert place["region"]["startColumn"] == 51
    absolute = project.dir / "p/ä b.cedar"
    _, out, _ = cedar("validate", "-s", project.dir / "s", "-p", absolute, "--output", "sarif")
    place = json.loads(out)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == pathlib.Path(absolute).as_uri()


def test_sarif_of_inputs_that_cannot_be_read(project):
    code, out, _ = validate(project, "permit(", "--output", "sarif", schema="none")
    policies, schema = json.loads(out)["runs"][0]["results"]
    assert code == 1 and policies["ruleId"] == schema["ruleId"] == "bad-input"
    assert policies["message"]["text"].startswith("failed to parse policy set: unexpected end")
    assert schema["locations"] == []


def test_junit(project):
    code, out, err = validate(project, GOOD + BAD + WARNING, "--output", "junit")
    assert (code, err) == (3, "")
    root = xml.etree.ElementTree.fromstring(out)
    assert root.attrib == {"tests": "3", "failures": "1", "errors": "0"}
    cases = root.findall("./testsuite/testcase")
    assert [(c.get("name"), c.get("classname")) for c in cases] == [
        ("policy0", "p/p.cedar"), ("bad", "p/p.cedar"), ("policy2", "p/p.cedar")]
    assert [[child.tag for child in c] for c in cases] == [[], ["failure"], ["system-out"]]
    failure = cases[1].find("failure")
    assert failure.get("type") == "attribute-not-found" and "p/p.cedar:2:55" in failure.text
    _, out, _ = validate(project, WARNING, "--output", "junit", "--deny-warnings")
    assert xml.etree.ElementTree.fromstring(out).get("failures") == "1"
    _, out, _ = validate(project, GOOD, "--output", "junit", schema=None)
    root = xml.etree.ElementTree.fromstring(out)
    assert root.find(".//skipped").get("message") == NO_SCHEMA
    code, out, _ = validate(project, "permit(\x01<&\"", "--output", "junit")
    root = xml.etree.ElementTree.fromstring(out)
    assert code == 1 and root.get("errors") != "0" and root.find(".//error") is not None


def test_error_format_json(project):
    code, out, _ = validate(project, BAD, "-f", "json")
    report = json.loads(out)
    assert code == 3 and report["message"] == "policy set validation failed"
    assert report["causes"][0].startswith("for policy `bad`")


# ---- watch ----------------------------------------------------------------------------------------

@contextlib.contextmanager
def watching(project, *arguments):
    """A function that gives what each run has said so far, and at last what came after them."""
    out_path = project.dir / "out"
    with open(out_path, "wb") as out:
        process = subprocess.Popen([str(BIN_DIR / "cedar"), "validate", *arguments, "--watch"],
                                   cwd=project.dir, stdout=out, stderr=subprocess.STDOUT, env=clean_environment())
    try:
        def runs():
            return out_path.read_text().split("watching; end with Ctrl-C\n")
        wait_until(lambda: len(runs()) == 2, "the first run")
        yield runs
    finally:
        process.kill()
        process.wait()


def test_watch_validates_again_when_a_file_changes(project):
    project("p/p.cedar", GOOD)
    with watching(project, "-p", "p", "-s", "s") as runs:
        project("p/p.cedar", BAD)
        wait_until(lambda: len(runs()) == 3, "a run after a change of policies")
        project("s/s.cedarschema", SCHEMA.replace("age:", "agee:"))
        wait_until(lambda: len(runs()) == 4, "a run after a change of the schema")
        project("p/new.cedar", "permit")
        wait_until(lambda: len(runs()) == 5, "a run after a new file")
        first, second, third, fourth, rest = runs()
        assert "validation passed" in first and "did you mean `age`?" in second
        assert "validation passed" in third and "failed to parse policy set" in fourth
        assert rest == ""


@pytest.mark.parametrize("policies", ["q/p.cedar", "q/in"])
def test_watch_sees_a_schema_that_appears_beside_the_policies(project, policies):
    project("q/p.cedar", GOOD)
    project("q/in/p.cedar", GOOD)
    with watching(project, "-p", policies) as runs:
        project("q/new.cedarschema", SCHEMA)
        wait_until(lambda: len(runs()) == 3, "a run with the schema")
        assert "not validated: no schema" in runs()[0] and "validation passed" in runs()[1]


def test_watch_needs_names(project):
    code, out, _ = cedar("validate", "-s", "s", "--watch", cwd=project.dir)
    assert code == 1 and "nothing to watch" in out
    code, _, err = validate(project, GOOD, "--watch", "--output", "json")
    assert code == 2 and "'--watch' cannot be used with '--output <FORMAT>'" in err


# ---- without a schema -----------------------------------------------------------------------------

MISTAKES = {
    "a literal that does not parse": ('ip("10.0.0.300").isLoopback()', "failed to parse as IP address"),
    "too many arguments": ('decimal("1.0", "2.0") == context.a', "wrong number of arguments"),
    "an operator on another type": ('context.a && 1 + "x" == 2', "unexpected type: expected Long but saw String"),
    "a condition that is no bool": ('"x"', "unexpected type: expected Bool but saw String"),
    "a set method on a string": ('"x".contains(context.a)', "unexpected type"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_that_need_no_schema(project, name):
    condition, words = MISTAKES[name]
    code, out, _ = validate(project, f"permit{EMPTY_SCOPE} when {{ {condition} }};", schema=None)
    assert code == 3
    assert out.startswith("  × policy set has mistakes; not validated: no schema\n") and words in out


@pytest.mark.parametrize("condition", [
    "principal.a > 3", "[] == context.s", "principal in [User::\"a\"]", "action == Action::\"view\"", "decimal(context.d) == context.e",
    "principal has a.b && principal.a.b.c", "User::\"a\" == principal", "resource is File in Folder::\"f\"",
    "context.t.getTag(\"x\") like \"*\"", "1 == \"a\" || context.b", "action in [Action::\"a\", Action::\"b\"]", "-context.n < 2",
])
def test_what_a_schema_must_judge_is_left_alone(project, condition):
    assert validate(project, f"permit{EMPTY_SCOPE} when {{ {condition} }};", "--deny-warnings", schema=None)[0] == 0


def test_warnings_without_a_schema(project):
    code, out, _ = validate(project, f"permit{EMPTY_SCOPE} when {{ false }};", schema=None)
    assert code == 0 and "policy is impossible" in out
    assert validate(project, f"permit{EMPTY_SCOPE} when {{ false }};", "--deny-warnings", schema=None)[0] == 3
    out = validate(project, f'permit{EMPTY_SCOPE} when {{ context.a == User::"p\u0430ypal" }};',
                   "--output", "json", schema=None)[1]
    assert [finding["kind"] for finding in json.loads(out)["findings"]] == ["mixed-script-identifier"]
