# SPDX-License-Identifier: Apache-2.0
"""`cedar explain`: why a request is allowed or denied, for people and for programs."""
import json

import pytest

from cli_tool import EMPTY_SCOPE, REQUEST, SCHEMA, cedar, files, on_terminal

ALICE = '{"uid":{"type":"User","id":"alice"},"attrs":{"age":17},"parents":[{"type":"G","id":"g"}]}'
FILE = '{"uid":{"type":"File","id":"f"},"attrs":{"owner":{"__entity":{"type":"User","id":"bob"}}},' \
       '"parents":[]}'

MANY = f"""@id("adults") permit{EMPTY_SCOPE}
when {{ principal.age >= 18 && resource.owner == principal }};
@id("admins") permit(principal in G::"admins", action, resource);
@id("others") permit(principal in G::"admins", action == Action::"edit", resource);
@id("quiet") forbid{EMPTY_SCOPE} when {{ context.quiet }};
"""


def explain(files, *arguments, **options):
    return cedar("explain", "-p", "p.cedar", "--entities", "e.json", *REQUEST, *arguments,
                 cwd=files.dir, **options)


def explain_json(files, *arguments):
    code, out, err = explain(files, "--output", "json", *arguments)
    assert err == "" and out.count("\n") == 1
    answer = json.loads(out)
    assert answer["exit_code"] == code and answer["findings"] == []
    return answer


@pytest.fixture
def world(files):
    files("p.cedar", MANY)
    files("e.json", f"[{ALICE},{FILE}]")
    return files


def test_a_denial_for_people(world):
    code, out, err = explain(world)
    assert (code, err) == (2, "")
    assert out == '''DENY: no policy permits this

  principal  User::"alice"   in G::"g"
  action     Action::"view"
  resource   File::"f"

Failed with an error, and skipped:

  quiet (forbid, p.cedar:5)
    ! record does not have the attribute `quiet`
      help: record does not have any attributes
    ✓ principal, action, resource
    ! when { context.quiet }  line 5
        context        {}
      ▸ context.quiet  error: record does not have the attribute `quiet`

A condition does not hold:

  adults (permit, p.cedar:1)
    ✓ principal, action, resource
    ✗ when { principal.age >= 18 && resource.owner == principal }  line 2
      ▸ principal.age >= 18          false
          principal.age              17
        resource.owner == principal  not evaluated

Out of scope by one constraint:

  admins (permit, p.cedar:3)
    ✓ action, resource
    ✗ principal in G::"admins"  it is User::"alice", in G::"g"

1 policy is out of scope: --all shows them
'''


def test_the_headline_says_what_decided(files):
    cases = [
        ("", 2, "DENY: no policy permits this"),
        (f"permit{EMPTY_SCOPE};", 0, "ALLOW: permitted by policy0"),
        (f'permit{EMPTY_SCOPE}; @id("no") forbid{EMPTY_SCOPE};', 2, "DENY: forbidden by no"),
        (f"permit{EMPTY_SCOPE} when {{ context.a }};", 2,
         "DENY: no policy permits this, but 1 permit failed with an error, which may be why"),
        (f"permit{EMPTY_SCOPE};" * 7, 0,
         "ALLOW: permitted by policy0, policy1, policy2, policy3, policy4 and 2 others"),
    ]
    for text, expected_code, headline in cases:
        files("p.cedar", text)
        code, out, _ = explain(files)
        assert (code, out.splitlines()[0]) == (expected_code, headline)
        assert cedar("authorize", "-p", "p.cedar", "--entities", "e.json", *REQUEST,
                     cwd=files.dir)[0] == code


def test_a_forbid_overrides(files):
    files("p.cedar", f'@id("yes") permit{EMPTY_SCOPE}; @id("no") forbid{EMPTY_SCOPE};')
    _, out, _ = explain(files)
    assert "\nForbidden by:\n\n  no (" in out
    assert "\nSatisfied, but a forbid overrides it:\n\n  yes (" in out


def test_hints(files):
    files("p.cedar", 'permit(principal, action in Action::"read", resource);')
    _, out, _ = explain(files)
    assert ('hint: User::"alice" is not among the entities: it has no attributes and is in no group'
            in out)
    assert "hint: groups of actions come from the schema (--schema) or the entities" in out
    files("p.cedar", f"permit{EMPTY_SCOPE}; forbid{EMPTY_SCOPE} when {{ context.a }};")
    code, out, _ = explain(files)
    assert code == 0
    assert "hint: 1 forbid failed with an error and did not forbid this" in out


def test_which_policies(world):
    def ids(*arguments):
        return [policy["id"] for policy in explain_json(world, *arguments)["policies"]]
    assert ids() == ["quiet", "adults", "admins"]
    assert ids("--all") == ["quiet", "adults", "admins", "others"]
    assert ids("--all", "--limit", "2") == ["quiet", "adults"]
    assert ids("--policy", "others") == ["others"]
    assert "\n1 more policy like these: --limit shows more\n" in explain(world, "--limit", "2")[1]


def test_an_id_that_is_not_there(world):
    code, out, _ = explain(world, "--policy", "adult")
    assert code == 1
    assert "no policy or template has the id `adult`" in out and "did you mean `adults`?" in out


def test_for_programs(world):
    answer = explain_json(world)
    assert (answer["decision"], answer["cause"]) == ("deny", "not_permitted")
    assert answer["reasons"] == [] and [error["policy"] for error in answer["errors"]] == ["quiet"]
    assert answer["totals"] == {"satisfied": 0, "error": 1, "clause": 1, "scope": 2}
    assert answer["request"]["principal"] == {"uid": 'User::"alice"', "is_known": True,
                                              "ancestor_count": 1, "ancestors": ['G::"g"']}
    assert (answer["omitted"], answer["is_cut"]) == (0, False)
    error, clause, scope = answer["policies"]
    assert error["outcome"] == "error"
    assert error["message"] == "record does not have the attribute `quiet`"
    assert clause["outcome"] == "clause" and clause["effect"] == "permit"
    assert (clause["source"], clause["line"], clause["column"]) == ("p.cedar", 1, 1)
    [when] = clause["clauses"]
    assert (when["kind"], when["state"], when["line"], when["column"]) == ("when", "fails", 2, 8)
    assert [(seen["kind"], seen["text"], seen.get("value"), seen["depth"], seen["is_cause"])
            for seen in when["seen"]] == [
        ("value", "principal.age >= 18", "false", 0, True),
        ("value", "principal.age", "17", 1, False),
        ("skipped", "resource.owner == principal", None, 0, False),
    ]
    assert scope["outcome"] == "scope"
    assert {name: part["is_matched"] for name, part in scope["scope"].items()} == {
        "principal": False, "action": True, "resource": True}
    assert scope["scope"]["principal"]["text"] == 'principal in G::"admins"'


def test_links_name_their_template(files):
    files("p.cedar", '@id("t") permit(principal == ?principal, action, resource);')
    files("links.json", json.dumps([
        {"template_id": "t", "link_id": "l", "args": {"?principal": 'User::"bob"'}}]))
    _, out, _ = explain(files, "-k", "links.json")
    assert 'l (permit, p.cedar:1, template t with ?principal = User::"bob")' in out
    assert '✗ principal == User::"bob"  it is User::"alice"' in out
    [link] = explain_json(files, "-k", "links.json", "--policy", "t")["policies"]
    assert (link["id"], link["template"], link["values"]) == (
        "l", "t", {"?principal": 'User::"bob"'})


def test_policies_in_json(files):
    files("p.cedar", json.dumps({
        "effect": "permit", "principal": {"op": "All"}, "action": {"op": "All"},
        "resource": {"op": "All"}, "conditions": [
            {"kind": "when", "body": {"==": {"left": {"Var": "principal"},
                                             "right": {"Var": "resource"}}}}]}))
    _, out, _ = explain(files)
    assert "✗ when { principal == resource }" in out


def test_with_a_schema(files):
    files("s.cedarschema", SCHEMA)
    files("c.json", '{"n": 5}')
    files("p.cedar", f"permit{EMPTY_SCOPE} when {{ context.n > 7 }};")
    code, out, _ = explain(files, "-s", "s.cedarschema", "-c", "c.json")
    assert code == 2 and "context.n  5\n" in out


def test_a_bad_input_is_a_failure(files):
    files("p.cedar", "permit(")
    code, out, _ = explain(files)
    assert code == 1 and "failed to parse" in out
    assert cedar("explain", "-p", "p.cedar", *REQUEST, cwd=files.dir)[0] == 2 # no --entities


def test_controls_do_not_reach_the_terminal(files):
    files("p.cedar", f'@id("a\\u{{1b}}[31m") permit{EMPTY_SCOPE} when {{ context.s == "b" }};')
    files("c.json", '{"s": "x\\u001b[2J"}')
    _, out, _ = explain(files, "-c", "c.json")
    assert "\x1b" not in out and "\\u{1b}[31m" in out


def test_colours_and_marks_on_a_terminal(world):
    arguments = ["explain", "-p", "p.cedar", "--entities", "e.json", *REQUEST]
    code, out = on_terminal(*arguments, cwd=world.dir)
    assert code == 2 and "\x1b[31mDENY\x1b[0m: no policy permits this" in out and "✗" in out
    _, out = on_terminal(*arguments, cwd=world.dir, env={"NO_COLOR": "1", "LANG": "C"})
    assert "\x1b" not in out and out.isascii()
    assert "    x when { principal.age >= 18" in out and "      > principal.age >= 18" in out
