# SPDX-License-Identifier: Apache-2.0
"""`cedar authorize --request-file`: many requests, one line of answer for each."""
import json
import os
import pty
import subprocess

import pytest

from harness import BIN_DIR, clean_environment, wait_until
from cli_tool import EMPTY_SCOPE, SCHEMA, authorize, files


def line(principal="User::\"alice\"", **members):
    return json.dumps({"principal": principal, "action": 'Action::"view"', "resource": 'File::"f"',
                       **members})


def batch(files, *lines, options=(), end="\n"):
    files("r.ndjson", end.join(lines) + end)
    return authorize(files, "-p", "p.cedar", "--request-file", "r.ndjson", *options)


def test_one_answer_per_line_and_a_summary(files):
    code, out, err = batch(files, line(), line('User::"bob"', context={}), line())
    assert out == "1: ALLOW\n2: DENY\n3: ALLOW\n"
    assert err == "3 requests: 2 allowed, 1 denied, 0 bad\n"
    assert code == 2


def test_the_exit_code_is_that_of_the_worst_line(files):
    assert batch(files, line())[0] == 0
    assert batch(files, line(), line('User::"bob"'))[0] == 2
    assert batch(files, line(), line('User::"bob"'), "{")[0] == 1
    assert batch(files)[0] == 0


def test_bad_lines_are_named_and_do_not_stop_the_rest(files):
    lines = [line(), "{", "", "[1]", line("User"), '{"principal":3}', line(context=[]), line()]
    code, out, err = batch(files, *lines)
    answers = out.splitlines()
    assert code == 1 and err == "7 requests: 2 allowed, 0 denied, 5 bad\n"
    assert [answer.split(":")[0] for answer in answers] == ["1", "2", "4", "5", "6", "7", "8"]
    for answer, message in zip(answers[1:6], (
            "not valid JSON: the text ends too early",
            "a request must be a JSON object, not an array",
            "failed to parse principal User as entity Uid: unexpected end of input",
            "`principal` must be a string, not a number",
            "expression is not a record: []")):
        assert " ERROR " in answer and message in answer
    assert answers[0] == "1: ALLOW" and answers[6] == "8: ALLOW"


def test_verbose_and_timing(files):
    files("p.cedar", f'permit{EMPTY_SCOPE}; @id("two") permit{EMPTY_SCOPE}; '
                     f'forbid{EMPTY_SCOPE} when {{ 1 + "a" == 2 }};')
    _, out, _ = batch(files, line(), options=["-v"])
    assert out == ("1: ALLOW because of policy0, two; error while evaluating policy `policy2`: "
                   "type error: expected long, got string\n")
    _, out, err = batch(files, line(), options=["-t"])
    words = out.split(";")[0].split()
    assert words[:2] == ["1:", "ALLOW"] and int(words[2]) >= 0 and words[3] == "ns"
    assert "mean time of a decision: " in err


def test_json_lines(files):
    code, out, err = batch(files, line(id=[7, {"a": "b"}]), '{"id":"x"}', "nonsense",
                           options=["--output", "json"])
    assert (code, err) == (1, "")
    first, second, third = map(json.loads, out.splitlines())
    assert first == {"line": 1, "id": [7, {"a": "b"}], "decision": "allow",
                     "reasons": ["policy0"], "errors": []}
    assert second["line"] == 2 and second["id"] == "x"
    assert [f["message"] for f in second["findings"]] == [
        "missing field `principal`", "missing field `action`", "missing field `resource`"]
    assert third["line"] == 3 and "not valid JSON" in third["findings"][0]["message"]


def test_requests_from_standard_input_and_without_a_last_line_end(files):
    command = ["-p", "p.cedar", "--request-file", "-"]
    assert authorize(files, *command, stdin=line() + "\r\n" + line())[:2] == (
        0, "1: ALLOW\n2: ALLOW\n")
    code, out, _ = authorize(files, "--request-file", "-", stdin=f"permit{EMPTY_SCOPE};")
    assert code == 1 and "standard input can be read for one input only" in out


def test_a_schema_reads_the_contexts(files):
    files("s.cedarschema", SCHEMA)
    code, out, _ = batch(files, line(context={"n": 1}), line(context={"n": "1"}), line(),
                         line('File::"x"', context={"n": 1}), options=["-s", "s.cedarschema"])
    answers = out.splitlines()
    assert code == 1 and answers[0] == "1: ALLOW"
    assert "2: ERROR" in answers[1]
    assert "expected the record to have an attribute `n`" in answers[2]
    assert "principal type `File` is not valid" in answers[3]


def test_bad_inputs_are_reported_before_any_request(files):
    files("p.cedar", "permit")
    code, out, err = batch(files, line())
    assert code == 1 and "failed to parse policy set" in out and "1:" not in out.splitlines()[0]
    code, out, _ = authorize(files, "--request-file", "none", "-p", "e.json", "-s", "p.cedar")
    assert code == 1 and "failed to parse schema" in out
    files("p.cedar", f"permit{EMPTY_SCOPE};")
    code, out, _ = authorize(files, "--request-file", "none", "-p", "p.cedar")
    assert code == 1 and "failed to open request file none" in out
    code, out, _ = authorize(files, "--request-file", "none", "-p", "p.cedar", "--output", "json")
    assert code == 1 and json.loads(out)["findings"][0]["context"] == [
        "failed to open request file none"]


def test_a_line_that_is_too_long_is_one_bad_line(files):
    code, out, _ = batch(files, line(), '"' + "x" * (17 << 20) + '"', line())
    assert code == 1
    assert out == "1: ALLOW\n2: ERROR the line has more than 16777216 bytes\n3: ALLOW\n"


def test_memory_does_not_grow_with_the_number_of_requests(files):
    def peak(count):
        files("r.ndjson", (line(context={"a": "x" * 500}) + "\n") * count)
        script = ["sh", "-c", '"$0" "$@" >/dev/null; true', str(BIN_DIR / "cedar"), "authorize",
                  "-p", "p.cedar", "--entities", "e.json", "--request-file", "r.ndjson"]
        code = ("import resource,subprocess,sys; subprocess.run(sys.argv[1:], check=True); "
                "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
        return int(subprocess.run(["python3", "-c", code, *script], cwd=files.dir, check=True,
                                  env=clean_environment(), capture_output=True,
                                  timeout=60).stdout)
    assert peak(40000) < 2 * peak(100) + 8192


def test_an_answer_comes_before_the_next_request_is_sent(files):
    process = subprocess.Popen(
        [str(BIN_DIR / "cedar"), "authorize", "-p", "p.cedar", "--entities", "e.json",
         "--request-file", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, cwd=files.dir, env=clean_environment(), text=True)
    for number in range(1, 4):
        process.stdin.write(line() + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == f"{number}: ALLOW\n"
    process.stdin.close()
    assert process.wait(timeout=60) == 0
    process.stdout.close()
    process.stderr.close()


def test_progress_is_shown_where_nothing_else_is(files):
    """On a terminal of standard error, while the answers go elsewhere."""
    try:
        main, side = pty.openpty()
    except OSError as error:
        pytest.skip(f"this system has no pseudo terminals: {error}")
    process = subprocess.Popen(
        [str(BIN_DIR / "cedar"), "authorize", "-p", "p.cedar", "--entities", "e.json",
         "--request-file", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=side,
        cwd=files.dir, env=clean_environment({"TERM": "xterm"}))
    os.close(side)
    shown = b""
    os.set_blocking(main, False)

    def look():
        nonlocal shown
        process.stdin.write((line() + "\n").encode() * 1024)
        process.stdin.flush()
        try:
            shown += os.read(main, 4096)
        except BlockingIOError:
            pass
        return b" requests, 0 bad" in shown
    wait_until(look, "progress")
    process.stdin.close()
    os.set_blocking(main, True)
    try:
        while piece := os.read(main, 4096):
            shown += piece
    except OSError:
        pass # the other side is closed
    os.close(main)
    assert process.wait(timeout=60) == 0
    assert b"\r\x1b[K" in shown and b" allowed, 0 denied, 0 bad" in shown


def test_several_mistakes_of_a_line_stand_apart(files):
    files("r.ndjson", '{"principal": 1, "action": "Action::\\"view\\""}\n')
    code, out, _ = authorize(files, "-p", "p.cedar", "--request-file", "r.ndjson")
    assert (code, out) == (1, "1: ERROR failed to parse request: `principal` must be a string, not a "
                              "number; failed to parse request: missing field `resource`\n")


def test_a_directory_is_no_file_of_requests(files):
    code, out, err = authorize(files, "-p", "p.cedar", "--request-file", files.dir,
                               "--output", "json")
    assert (code, err) == (1, "")
    assert json.loads(out)["findings"][0]["message"] == "Is a directory"
