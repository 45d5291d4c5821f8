# SPDX-License-Identifier: Apache-2.0
"""Reports of the `cedar` tool: frames, sentences, JSON; what reaches a terminal."""
import json

import pytest

from cli_tool import EMPTY_SCOPE, REQUEST, authorize, cedar, files, on_terminal


BAD = 'permit(principal,\n  action\tfoo, resource);\nforbid(who action, resource);\n'


def test_human_report(files):
    files("bad.cedar", BAD)
    code, out, _ = cedar("check-parse", "-p", "bad.cedar", cwd=files.dir)
    assert code == 1
    expected = ("expected `!=`, `)`, `,`, `:`, `<`, `<=`, `==`, `>`, `>=`, `in`, or `is`")
    assert out == f"""\
  × failed to parse policy set
  ╰─▶ unexpected token `foo`
   ╭─[bad.cedar:2:10]
 1 │ permit(principal,
 2 │   action    foo, resource);
   ·             ─┬─
   ·              ╰── {expected}
 3 │ forbid(who action, resource);
   ╰────

  × unexpected token `action`
   ╭─[bad.cedar:3:12]
 2 │   action    foo, resource);
 3 │ forbid(who action, resource);
   ·            ───┬──
   ·               ╰── {expected}
   ╰────

"""


def test_causes_lead_from_the_request_to_the_mistake(files):
    code, out, _ = authorize(files, "-p", "p.cedar", "-l", "User::alice", *REQUEST[2:])
    assert code == 1
    assert out.startswith("""
  × failed to parse request
  ├─▶ failed to parse principal User::alice as entity Uid
  ╰─▶ """)
    assert "help: write an entity as its type and its id in quotes: User::\"alice\"" in out


def test_a_place_of_several_lines_is_joined_at_the_left(files):
    files("bad.cedar", f"permit{EMPTY_SCOPE}\nwhen {{ [1,\n2,\n3,\n4,\n5].foo(1) }};\n// end\n")
    _, out, _ = cedar("check-parse", "-p", "bad.cedar", cwd=files.dir)
    assert out.splitlines()[1:] == [
        "  ╰─▶ `foo` is not a valid method", "   ╭─[bad.cedar:2:8]",
        f" 1 │     permit{EMPTY_SCOPE}", " 2 │ ╭─▶ when { [1,", " 3 │ │   2,", "   ⋮ │   ",
        " 6 │ ╰─▶ 5].foo(1) };", " 7 │     // end", "   ╰────", ""]


def test_wide_characters_and_line_ends_of_windows_do_not_move_the_caret(files):
    files("bad.cedar", f'permit{EMPTY_SCOPE} when {{ "日本" + foo }};\r\n// end\r\n')
    _, out, _ = cedar("check-parse", "-p", "bad.cedar", cwd=files.dir)
    line, caret = out.splitlines()[3:5]
    assert line.endswith("foo };") and "\r" not in out
    columns = sum(2 if ord(c) > 0x2E80 else 1 for c in line[:line.index("foo")])
    assert caret.index("───") == columns


def test_long_lines_fit_the_terminal(files):
    files("bad.cedar", f"permit{EMPTY_SCOPE} when {{ [" + "1, " * 200 + "+ 1] };")
    _, out = on_terminal("check-parse", "-p", "bad.cedar", cwd=files.dir, env={"NO_COLOR": "1"})
    line, = [line for line in out.splitlines() if line.startswith(" 1 │")]
    assert len(line) <= 80 and "...1, 1" in line or "... 1" in line or "...," in line


def test_messages_are_wrapped_on_a_terminal_only(files):
    text = "permit(principal is File, action, resource, " + "a" * 90 + ");"
    files("bad.cedar", text)
    _, out = on_terminal("check-parse", "-p", "bad.cedar", cwd=files.dir, env={"NO_COLOR": "1"},
                         columns=60)
    lines = out.splitlines()
    help_line = next(i for i, line in enumerate(lines) if line.startswith("  help: "))
    assert len(lines[help_line]) <= 60 and lines[help_line + 1].startswith("        ")
    assert lines[1] == "  ╰─▶ this policy has an extra element in the scope: "
    assert lines[2] == "      " + "a" * 90 # a word is not divided
    _, out, _ = cedar("check-parse", "-p", "bad.cedar", cwd=files.dir)
    assert "this policy has an extra element in the scope: " + "a" * 90 in out


def test_a_terminal_without_unicode_gets_ascii(files):
    files("bad.cedar", BAD)
    for env in ({"LANG": "C"}, {"TERM": "linux"}, {"LC_CTYPE": "de_DE.ISO-8859-1"}):
        _, out = on_terminal("check-parse", "-p", "bad.cedar", cwd=files.dir, env=env)
        assert out.isascii() and "`-> " in out
    _, out = on_terminal("check-parse", "-p", "bad.cedar", cwd=files.dir)
    assert "╰─▶" in out


def test_plain_report(files):
    files("bad.cedar", BAD)
    code, out, _ = cedar("check-parse", "-p", "bad.cedar", "-f", "plain", cwd=files.dir)
    assert code == 1 and out.isascii()
    expected = "expected `!=`, `)`, `,`, `:`, `<`, `<=`, `==`, `>`, `>=`, `in`, or `is`"
    assert out.startswith(f"""\
failed to parse policy set
    Diagnostic severity: error
    Caused by: unexpected token `foo`
Begin snippet for bad.cedar starting at line 1, column 1

snippet line 1: permit(principal,
snippet line 2:   action    foo, resource);
    label at line 2, columns 10 to 12: {expected}
snippet line 3: forbid(who action, resource);

unexpected token `action`
""")


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
    assert related["message"] == "unexpected token `action`"
    assert related["labels"][0]["span"] == {"offset": 54, "length": 6}


@pytest.mark.parametrize("before", [True, False])
def test_the_format_may_stand_before_the_command_or_in_the_environment(before):
    option = ["-f", "json"]
    command = ["check-parse", "--expression", "1 +"]
    code, out, _ = cedar(*(option + command if before else command + option))
    assert code == 1 and json.loads(out)["message"] == "failed to parse the expression"
    code, out, _ = cedar(*command, env={"CEDAR_ERROR_FORMAT": "json"})
    assert code == 1 and json.loads(out)
    code, out, _ = cedar(*command, "-f", "plain", env={"CEDAR_ERROR_FORMAT": "json"})
    assert code == 1 and "Caused by" in out
    code, out, _ = cedar("-f", "json", *command, "-f", "plain")
    assert code == 1 and "Caused by" in out
    code, _, err = cedar(*command, "-f", "plain", "-f", "plain")
    assert code == 2 and "cannot be used multiple times" in err
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


def test_colours_only_on_a_terminal_that_wants_them():
    command = ["check-parse", "--expression", "1 +"]
    assert "\x1b[31m" in on_terminal(*command)[1]
    assert "\x1b" not in on_terminal(*command, env={"NO_COLOR": "1"})[1]
    assert "\x1b" not in on_terminal(*command, env={"TERM": "dumb"})[1]
    assert "\x1b" not in cedar(*command)[1]


def test_reports_on_standard_error_have_no_colours_because_of_standard_output(files):
    files("bad.cedar", BAD)
    with open(files.dir / "err", "wb") as err:
        _, out = on_terminal("translate-policy", "--direction", "cedar-to-json", "-p", "bad.cedar",
                             cwd=files.dir, stderr=err)
    assert out == "" and "\x1b" not in (files.dir / "err").read_text()
