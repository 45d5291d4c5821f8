# SPDX-License-Identifier: Apache-2.0
"""The `cedar` tool: output and exit codes of every command, and of every way to go wrong."""
import json
import os
import pty
import subprocess

import pytest

from harness import BIN_DIR, clean_environment

REQUEST = ["-l", 'User::"alice"', "-a", 'Action::"view"', "-r", 'File::"f"']
EMPTY_SCOPE = "(principal, action, resource)"


def cedar(*arguments, stdin="", cwd=None, env=None):
    result = subprocess.run([str(BIN_DIR / "cedar"), *map(str, arguments)], input=stdin, cwd=cwd,
                            env=clean_environment(env), capture_output=True, text=True, timeout=60)
    return result.returncode, result.stdout, result.stderr


@pytest.fixture
def files(tmp_path):
    """A directory with a policy, entities and a context; returns a function that adds files."""
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path
    write.dir = tmp_path
    write("p.cedar", 'permit(principal == User::"alice", action, resource);\n')
    write("e.json", "[]")
    return write


def authorize(files, *arguments, **options):
    return cedar("authorize", *arguments, "--entities", files.dir / "e.json", cwd=files.dir,
                 **options)


# ---- authorize ----------------------------------------------------------------------------------

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
    for headline in ("failed to parse policy set", "failed to parse entities",
                     "failed to parse principal"):
        assert headline in out
    assert "ALLOW" not in out and "DENY" not in out


SCHEMA = ('entity User; entity File; action view appliesTo '
          '{ principal: [User], resource: [File], context: { n: Long } };')


def test_a_schema_checks_the_request(files):
    files("s.cedarschema", SCHEMA)
    files("p.cedar", f"permit{EMPTY_SCOPE};")
    files("c.json", '{"n": 1}')
    common = ["-p", "p.cedar", "-s", "s.cedarschema"]
    assert authorize(files, *common, *REQUEST, "-c", "c.json")[:2] == (0, "\nALLOW\n")
    code, out, _ = authorize(files, *common, *REQUEST)
    assert code == 1 and "failed to create a context" in out
    wrong = ["-l", 'File::"x"', *REQUEST[2:], "-c", "c.json"]
    code, out, _ = authorize(files, *common, *wrong)
    assert code == 1 and "failed to validate request" in out
    assert authorize(files, *common, *wrong, "--request-validation", "false")[0] == 0


def test_a_schema_in_json(files):
    files("s.json", json.dumps({"": {"entityTypes": {"User": {}, "File": {}}, "actions": {
        "view": {"appliesTo": {"principalTypes": ["User"], "resourceTypes": ["File"]}}}}}))
    common = ["-p", "p.cedar", *REQUEST, "--schema", "s.json"]
    assert authorize(files, *common, "--schema-format", "json")[0] == 0
    code, out, _ = authorize(files, *common)
    assert code == 1 and "failed to parse schema" in out


# ---- where policies come from ---------------------------------------------------------------------

def test_a_directory_is_read_in_order_and_ids_name_the_file(files):
    files("d/b.cedar", f"permit{EMPTY_SCOPE};")
    files("d/a/x.cedar", f'permit{EMPTY_SCOPE}; @id("named") permit{EMPTY_SCOPE};')
    files("d/.hidden.cedar", "broken")
    files("d/.git/y.cedar", "broken")
    files("d/readme.txt", "broken")
    code, out, _ = authorize(files, "-v", "-p", "d", *REQUEST)
    assert code == 0
    assert [line.strip() for line in out.splitlines() if line.startswith("  ")] == [
        "a/x.cedar#policy0", "named", "b.cedar#policy0"]


def test_policies_may_be_given_several_times(files):
    files("q.cedar", f"permit{EMPTY_SCOPE};")
    code, out, _ = authorize(files, "-v", "-p", "p.cedar", "-p", "q.cedar", *REQUEST)
    assert code == 0 and "  p.cedar#policy0\n  q.cedar#policy0\n" in out


def test_an_id_may_be_used_only_once(files):
    files("d/a.cedar", f'@id("x") permit{EMPTY_SCOPE};')
    files("d/b.cedar", f'@id("x") permit{EMPTY_SCOPE};')
    code, out, _ = authorize(files, "-p", "d", *REQUEST)
    assert code == 1 and "duplicate template or policy id `x`" in out and "b.cedar:1:1" in out


def test_an_empty_directory_is_an_error(files):
    (files.dir / "d").mkdir()
    code, out, _ = cedar("check-parse", "-p", "d", cwd=files.dir)
    assert code == 1 and "d: no *.cedar file below it" in out


def test_links_to_files_are_followed_but_not_to_folders(files):
    files("d/..data/x", f"permit{EMPTY_SCOPE};")
    os.symlink("..data/x", files.dir / "d" / "x.cedar")
    os.symlink("..", files.dir / "d" / "up")
    os.symlink(".", files.dir / "d" / "again")
    code, out, _ = authorize(files, "-v", "-p", "d", *REQUEST)
    assert code == 0 and "  x.cedar#policy0\n" in out and "up" not in out and "again" not in out


def test_a_link_to_nothing_is_an_error(files):
    files("d/a.cedar", "")
    os.symlink("gone", files.dir / "d" / "b.cedar")
    code, out, _ = cedar("check-parse", "-p", "d", cwd=files.dir)
    assert code == 1 and "d/b.cedar: No such file or directory" in out


@pytest.mark.parametrize("options, headline, reason", [
    (["-p", "none.cedar"], "failed to read policies", "none.cedar: No such file or directory"),
    (["-s", "none"], "failed to read schema", "none: No such file or directory"),
    (["--entities", "."], "failed to read entities", ".: Is a directory"),
])
def test_a_file_that_cannot_be_read_is_named_with_the_reason(files, options, headline, reason):
    code, out, _ = cedar("check-parse", *options, cwd=files.dir)
    assert code == 1 and headline in out and reason in out


TEMPLATE = "permit(principal == ?principal, action, resource) when { true };"
JSON_POLICY = ('{"effect":"permit","principal":{"op":"==","entity":{"type":"User","id":"alice"}},'
               '"action":{"op":"All"},"resource":{"op":"All"},"conditions":[]}')


def test_policies_in_json(files):
    files("p.json", JSON_POLICY)
    arguments = ["--policy-format", "json", "-p", "p.json"]
    assert authorize(files, *arguments, *REQUEST) == (0, "\nALLOW\n", "")
    assert "JSON policy" in authorize(files, "-v", *arguments, *REQUEST)[1]
    files("p.json", '{"staticPolicies":{"a":' + JSON_POLICY + '}}')
    assert "  a\n" in authorize(files, "-v", *arguments, *REQUEST)[1]
    files("p.json", '{"effect":"permit"}')
    code, out, _ = authorize(files, *arguments, *REQUEST)
    assert code == 1 and "missing field `principal`" in out


def test_template_links_from_a_file(files):
    files("p.cedar", TEMPLATE)
    files("l.json", '[{"template_id":"policy0","link_id":"l",'
                    '"args":{"?principal":"User::\\"alice\\""}}]')
    arguments = ["-k", "l.json", "-p", "p.cedar", *REQUEST]
    assert authorize(files, *arguments) == (0, "\nALLOW\n", "")
    files("l.json", "\n")
    assert authorize(files, *arguments) == (2, "\nDENY\n", "")
    files("l.json", '[{"template_id":"zz","link_id":"l","args":{}}]')
    code, out, _ = authorize(files, *arguments)
    assert code == 1 and "failed to find a template with id `zz`" in out
    code, out, _ = authorize(files, "-k", "missing.json", "-p", "p.cedar", *REQUEST)
    assert code == 1 and "missing.json" in out


# ---- link -----------------------------------------------------------------------------------------

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
    (["-n", "l"], "the following slots were not provided as arguments: ?principal"),
    (["-n", "policy0", "-a", '{"?principal": "U::\\"a\\""}'], "conflicts with an existing policy id"),
    (["-n", "l", "-a", '{"?principal": "U"}'], "failed to parse entity uid"),
    (["-n", "l", "-a", "[]"], "failed to parse the arguments"),
])
def test_a_link_that_does_not_fit_changes_nothing(files, arguments, message):
    files("p.cedar", TEMPLATE)
    code, out, _ = cedar(*LINK, *arguments, cwd=files.dir)
    assert code == 1 and message in out
    assert not (files.dir / "l.json").exists()


# ---- format, translate-policy ---------------------------------------------------------------------

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
    assert cedar("format", "-l", "0", stdin=text)[0] == 1


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
        0, text + "\n", "")
    assert cedar("translate-policy", stdin=text)[0] == 2
    assert cedar("translate-policy", "--direction", "json-to-cedar", stdin="{")[0] == 1


# ---- evaluate -------------------------------------------------------------------------------------

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
    assert code == 1 and "failed to parse expression" in out and "unexpected end of input" in out
    assert cedar("evaluate", "1")[0] == 1
    assert cedar("evaluate")[0] == 2


# ---- check-parse ------------------------------------------------------------------------------------

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


# ---- reports ----------------------------------------------------------------------------------------

BAD = 'permit(principal,\n  action\tfoo, resource);\nforbid(who, action, resource);\n'


def test_human_report(files):
    files("bad.cedar", BAD)
    code, out, _ = cedar("check-parse", "-p", "bad.cedar", cwd=files.dir)
    assert code == 1
    lines = out.splitlines()
    assert lines[:5] == ["  × failed to parse policy set", "  ╰─▶ unexpected token `foo`",
                         "   ╭─[bad.cedar:2:10]", " 2 │   action    foo, resource);",
                         "   ·             ─┬─"]
    assert lines[5].startswith("   ·              ╰── expected `!=`, `)`, `,`")
    assert lines[6:] == ["   ╰────",
                         "  × found an invalid variable in the policy scope: who",
                         "   ╭─[bad.cedar:3:8]", " 3 │ forbid(who, action, resource);",
                         "   ·        ───", "   ╰────",
                         "  help: policy scopes must contain a `principal`, `action`, and "
                         "`resource` element in that order"]


def test_plain_report(files):
    files("bad.cedar", BAD)
    code, out, _ = cedar("check-parse", "-p", "bad.cedar", "-f", "plain", cwd=files.dir)
    assert code == 1 and out.isascii()
    assert "    Caused by: unexpected token `foo`\n" in out
    assert "    label at line 2, column 10: expected " in out


def test_json_report(files):
    files("bad.cedar", BAD)
    code, out, _ = cedar("check-parse", "-p", "bad.cedar", "--error-format=json", cwd=files.dir)
    assert code == 1 and out.count("\n") == 1
    report = json.loads(out)
    assert report["message"] == "failed to parse policy set"
    assert report["causes"] == ["unexpected token `foo`"]
    assert report["filename"] == "bad.cedar" and report["severity"] == "error"
    assert report["labels"][0]["span"] == {"offset": 27, "length": 3}
    related, = report["related"]
    assert related["message"] == "found an invalid variable in the policy scope: who"
    assert related["help"].startswith("policy scopes must contain")


@pytest.mark.parametrize("before", [True, False])
def test_the_format_may_stand_before_the_command_or_in_the_environment(before):
    option = ["-f", "json"]
    command = ["check-parse", "--expression", "1 +"]
    code, out, _ = cedar(*(option + command if before else command + option))
    assert code == 1 and json.loads(out)["message"] == "failed to parse expression"
    code, out, _ = cedar(*command, env={"CEDAR_ERROR_FORMAT": "json"})
    assert code == 1 and json.loads(out)
    code, out, _ = cedar(*command, "-f", "plain", env={"CEDAR_ERROR_FORMAT": "json"})
    assert code == 1 and "Caused by" in out
    code, out, err = cedar(*command, env={"CEDAR_ERROR_FORMAT": "xml"})
    assert code == 2 and "[possible values: human, plain, json]" in err


def test_nothing_in_a_source_reaches_the_terminal_raw(files):
    files("bad.cedar", b'permit(\x1b[31mprincipal, "\xe2\x80\xae" action);\n')
    for form in ("human", "plain"):
        _, out, _ = cedar("check-parse", "-p", "bad.cedar", "-f", form, cwd=files.dir)
        assert "\x1b" not in out and "\u202e" not in out and "\\u{1b}" in out
    files("bad.cedar", b"permit \xff")
    code, out, _ = cedar("check-parse", "-p", "bad.cedar", cwd=files.dir)
    assert code == 1 and "not valid UTF-8" in out


def test_long_lines_are_cut_around_the_place(files):
    files("bad.cedar", f"permit{EMPTY_SCOPE} when {{ [" + "1, " * 20000 + "+ 1] };")
    code, out, _ = cedar("check-parse", "-p", "bad.cedar", cwd=files.dir)
    assert code == 1 and max(map(len, out.splitlines())) < 300


def test_a_name_in_the_context_is_data_whatever_it_contains(files):
    """A quote in a member name neither ends the name nor adds another member."""
    files("r.json", json.dumps({"principal": 'User::"alice"', "action": 'Action::"v"', "resource": 'R::"x"',
                                "context": {'x":true,"admin': True}}))
    for expression, expected in (("context has admin", "false"), (r'context["x\":true,\"admin"]', "true")):
        code, out, err = cedar("evaluate", "--request-json", "r.json", expression, cwd=files.dir)
        assert (code, out.strip()) == (0, expected), err


def run_on_terminal(*arguments, env=None):
    try:
        main, side = pty.openpty()
    except OSError as error:
        pytest.skip(f"this system has no pseudo terminals: {error}")
    process = subprocess.Popen([str(BIN_DIR / "cedar"), *arguments], stdin=subprocess.DEVNULL,
                               stdout=side, env=clean_environment({"TERM": "xterm", **(env or {})}))
    os.close(side)
    out = b""
    try:
        while piece := os.read(main, 4096):
            out += piece
    except OSError:
        pass # the other side is closed
    os.close(main)
    assert process.wait(timeout=60) == 1
    return out.decode()


def test_colours_only_on_a_terminal_that_wants_them():
    command = ["check-parse", "--expression", "1 +"]
    assert "\x1b[31m" in run_on_terminal(*command)
    assert "\x1b" not in run_on_terminal(*command, env={"NO_COLOR": "1"})
    assert "\x1b" not in run_on_terminal(*command, env={"TERM": "dumb"})
    assert "\x1b" not in cedar(*command)[1]


# ---- usage --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("arguments, message", [
    ([], "Usage: cedar"),
    (["frobnicate"], "unrecognized subcommand 'frobnicate'"),
    (["authorise"], "a similar subcommand exists: 'authorize'"),
    (["help", "nothing"], "unrecognized subcommand 'nothing'"),
    (["--nothing"], "unexpected argument '--nothing' found"),
    (["authorize", "--entitie", "x"], "a similar argument exists: '--entities'"),
    (["authorize"], "--entities <FILE>"),
    (["authorize", "extra", "--entities", "e"], "unexpected argument 'extra' found"),
    (["authorize", "--entities"], "a value is required for '--entities <FILE>'"),
    (["authorize", "--entities", "-p", "x"], "a value is required for '--entities <FILE>'"),
    (["authorize", "--entities", "a", "--entities", "b"], "cannot be used multiple times"),
    (["authorize", "--verbose=yes"], "unexpected value 'yes' for '--verbose'"),
    (["authorize", "-q"], "unexpected argument '-q' found"),
    (["authorize", "-vq"], "unexpected argument '-vq' found"),
    (["authorize", "--policy-format", "xml"], "[possible values: cedar, json]"),
    (["authorize", "--request-validation", "maybe"], "[possible values: true, false]"),
    (["evaluate", *REQUEST], "<EXPRESSION>"),
    (["evaluate", "1", "2"], "unexpected argument '2' found"),
    (["language-version", "-p", "x"], "unexpected argument '-p' found"),
])
def test_wrong_usage_is_explained_and_exits_2(arguments, message):
    code, out, err = cedar(*arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_help():
    for arguments in (["help"], ["--help"], ["-h"]):
        code, out, err = cedar(*arguments)
        assert (code, err) == (0, "") and "authorize" in out and "--error-format" in out
    for arguments in (["help", "authorize"], ["authorize", "--help"], ["authorize", "-h"]):
        code, out, err = cedar(*arguments)
        assert (code, err) == (0, "") and "--request-json <FILE>" in out


def test_versions():
    assert cedar("language-version") == (0, "Cedar language version: 4.5\n", "")
    for option in ("--version", "-V"):
        code, out, _ = cedar(option)
        assert code == 0 and out.startswith("cedar ")


@pytest.mark.parametrize("name", [
    "validate", "translate-schema", "visualize", "new",
    "run-tests", "partially-authorize", "tpe", "symcc", "license"])
def test_commands_of_later_versions_say_so(name):
    assert cedar(name) == (1, "", f"error: `cedar {name}` comes with a later version\n")


def test_a_full_device_is_a_failure():
    with open("/dev/full", "w") as full:
        result = subprocess.run([str(BIN_DIR / "cedar"), "language-version"], stdout=full,
                                stderr=subprocess.PIPE, text=True, timeout=60,
                                env=clean_environment())
    assert result.returncode == 1 and "standard output" in result.stderr
