# SPDX-License-Identifier: Apache-2.0
"""Schemas in the `cedar` tool: translating them, warnings, several files as one."""
import json

import pytest

from cli_tool import cedar, files


TEXT = """namespace N {
  entity A in [B] = {
    x?: Set<Long>
  };

  entity B;

  @doc("look")
  action "view" appliesTo {
    principal: [A],
    resource: [B],
    context: {}
  };
}
"""
TREE = {"N": {"entityTypes": {
    "A": {"memberOfTypes": ["B"], "shape": {"type": "Record", "attributes": {"x": {
        "type": "Set", "element": {"type": "EntityOrCommon", "name": "Long"},
        "required": False}}}},
    "B": {}},
    "actions": {"view": {"appliesTo": {"resourceTypes": ["B"], "principalTypes": ["A"]},
                         "annotations": {"doc": "look"}}}}}
RESOLVED = '''{
  "": {
    "entityTypes": {
      "A": {
        "tags": {
          "type": "Entity",
          "name": "A"
        }
      }
    },
    "actions": {
      "": {
        "appliesTo": {
          "resourceTypes": [],
          "principalTypes": []
        },
        "annotations": {
          "a": "{\\",:"
        }
      }
    }
  }
}
'''


def translate(direction, *arguments, **keywords):
    return cedar("translate-schema", "--direction", direction, *arguments, **keywords)


def test_both_ways():
    code, out, err = translate("cedar-to-json", stdin=TEXT)
    assert (code, err) == (0, "") and json.loads(out) == TREE and out.count("\n") == 1
    # the text ends with a line end of its own, as it does in the reference
    assert translate("json-to-cedar", stdin=out) == (0, TEXT + "\n", "")


def test_resolved_types_are_laid_out():
    assert translate("cedar-to-json-with-resolved-types",
                     stdin='entity A tags A; @a("{\\",:") action "";') == (0, RESOLVED, "")


def test_a_part_of_a_schema_can_be_translated_but_not_resolved(files):
    files("part.cedarschema", "entity A in N::B;")
    arguments = ["-s", "part.cedarschema"]
    code, out, err = translate("cedar-to-json", *arguments, cwd=files.dir)
    assert (code, err) == (0, "") and "N::B" in out
    code, out, err = translate("cedar-to-json-with-resolved-types", *arguments, cwd=files.dir)
    assert (code, out) == (1, "") and "failed to resolve type: N::B" in err


@pytest.mark.parametrize("direction, text, message", [
    ("cedar-to-json", "entity A in;", "unexpected token `;`"),
    ("json-to-cedar", '{"": {}}', "missing field `entityTypes`"),
    ("json-to-cedar", '{"": {"entityTypes": {"A": {"shape": {"type": "T"}}}, "actions": {}}}',
     "shapes that cannot be converted to Cedar schema syntax: [A]"),
    ("json-to-cedar", '{"": {"entityTypes": {}, "actions": {"a": {"attributes": {"x": 1}}}}}',
     "action declared with attributes: [a]"),
    ("json-to-cedar", '{"": {"entityTypes": {"Action": {}}, "actions": {}}}', "entity type `Action` declared"),
    ("cedar-to-json", "namespace N { entity Action; }", "entity type `Action` declared"),
])
def test_what_cannot_be_translated_is_reported_on_standard_error(direction, text, message):
    code, out, err = translate(direction, stdin=text)
    assert (code, out) == (1, "") and message in err


def test_the_direction_is_needed():
    code, out, err = cedar("translate-schema", stdin="")
    assert (code, out) == (2, "") and err.count("--direction <DIRECTION>") == 2
    code, out, err = translate("sideways", stdin="")
    assert (code, out) == (2, "")
    assert "json-to-cedar, cedar-to-json, cedar-to-json-with-resolved-types" in err


def test_findings_show_both_places():
    text = "entity A;\naction a appliesTo {principal: [], resource: A};"
    first, second = (17, 18), (30, 43)
    code, out, _ = cedar("check-parse", "-s", "-", stdin=text)
    assert code == 1 and "see also: for this action: [<stdin>:2:8]" in out
    _, out, _ = cedar("-f", "json", "check-parse", "-s", "-", stdin=text)
    assert json.loads(out)["labels"] == [
        {"label": label, "span": {"offset": start, "length": end - start}}
        for label, (start, end) in (("for this action", first), ("must not be `[]`", second))]
    _, out, _ = cedar("check-parse", "-s", "-", "--output", "json", stdin=text)
    assert json.loads(out)["findings"][0]["other"] == {
        "label": "for this action", "source": "<stdin>", "start": 17, "end": 18, "line": 2,
        "column": 8}


def test_warnings_do_not_get_in_the_way(files):
    files("s.cedarschema", "entity Long;")
    warning = "The name `Long` shadows a builtin Cedar name."
    code, out, err = translate("cedar-to-json", "-s", "s.cedarschema", cwd=files.dir)
    assert code == 0 and json.loads(out) and warning in err
    code, out, err = cedar("check-parse", "-s", "s.cedarschema", cwd=files.dir)
    assert (code, out) == (0, "") and warning in err


def test_several_files_are_one_schema(files):
    files("p.cedar", "permit(principal is N::A, action, resource is N::B);")
    files("a.cedarschema", "namespace N { entity A in B; }")
    files("b.json", json.dumps({"N": {"entityTypes": {"B": {}}, "actions": {"view": {
        "appliesTo": {"principalTypes": ["A"], "resourceTypes": ["B"]}}}}}))
    arguments = ["validate", "-p", "p.cedar", "-s", "a.cedarschema", "-s", "b.json"]
    code, out, _ = cedar(*arguments, cwd=files.dir)
    assert code == 0 and "policy set validation passed" in out
    files("b.json", '{"N": {"entityTypes": {"A": {}, "B": {}}, "actions": {}}}')
    code, out, _ = cedar(*arguments, cwd=files.dir)
    assert code == 1 and "duplicate entity type `N::A`" in out
    assert "see also: [a.cedarschema:1:22]" in out
