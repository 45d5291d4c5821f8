# SPDX-License-Identifier: Apache-2.0
"""`cedar bench`: it measures what it was given and says so; the figures are not judged."""
import json

from cli_tool import EMPTY_SCOPE, REQUEST, cedar, files

QUICK = ["--seconds", "0", "--threads", "2"]


def bench(files, *arguments, **options):
    return cedar("bench", "-p", "p.cedar", *QUICK, *arguments, cwd=files.dir, **options)


def test_text(files):
    code, out, err = bench(files, *REQUEST)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [line.split()[0] for line in lines] == [
        "policies", "entities", "requests", "decision", "throughput"]
    assert lines[0].startswith("policies    1 loaded in ") and " bytes of memory, " in lines[0]
    assert lines[1].startswith("entities    0 loaded in ")
    assert lines[2] == "requests    1: 1 allowed, 0 denied, 0 with policies that failed"
    assert "median " in lines[3] and lines[3].endswith(" 0.00 allocations")
    assert " decisions/s by 1 thread, " in lines[4] and lines[4].endswith(" by 2")


def test_json_and_a_file_of_requests(files):
    files("p.cedar", f'permit(principal == User::"alice", action, resource); '
                     f'forbid{EMPTY_SCOPE} when {{ context.x }};')
    files("e.json", json.dumps([{"uid": {"type": "User", "id": "alice"}, "attrs": {},
                                 "parents": []}]))
    lines = [json.dumps({"principal": principal, "action": 'Action::"v"', "resource": 'R::"r"',
                         "context": {"x": False}}) for principal in ('User::"alice"', 'User::"b"')]
    lines.append(json.dumps({"principal": 'User::"alice"', "action": 'Action::"v"',
                             "resource": 'R::"r"'}))
    code, out, err = bench(files, "--entities", "e.json", "--request-file", "-", "--output", "json",
                           stdin="\n".join(lines) + "\n\n")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert answer["requests"] == {"count": 3, "allowed": 2, "denied": 1, "with_errors": 1}
    assert answer["policies"]["count"] == 2 and answer["entities"]["count"] == 1
    assert answer["policies"]["text_bytes"] == (files.dir / "p.cedar").stat().st_size
    for part in ("policies", "entities"):
        assert answer[part]["load_ns"] > 0 and answer[part]["memory_bytes"] > 0
    decision = answer["decision"]
    assert decision["samples"] > 0 and 0 <= decision["median_ns"] <= decision["p99_ns"]
    assert [part["threads"] for part in answer["throughput"]] == [1, 2]
    assert all(part["decisions_per_second"] > 0 for part in answer["throughput"])


def test_bad_inputs(files):
    assert bench(files)[0] == 1
    code, out, _ = bench(files, "--request-file", "-", stdin="{}\n{")
    assert code == 1 and "missing field `principal`" in out
    good = json.dumps({"principal": 'A::"a"', "action": 'A::"a"', "resource": 'A::"a"'})
    code, out, _ = bench(files, "--request-file", "-", stdin=good + "\n{")
    assert code == 1 and "line 2 is not valid JSON" in out
    code, out, _ = bench(files, "--request-file", "-", stdin="\n")
    assert code == 1 and "there is no request in <stdin>" in out
    code, _, err = bench(files, *REQUEST, "--threads", "3")
    assert code == 2 and "cannot be used multiple times" in err
    files("p.cedar", "permit")
    code, out, _ = bench(files, *REQUEST)
    assert code == 1 and "failed to parse policy set" in out
