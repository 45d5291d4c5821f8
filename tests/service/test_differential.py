# SPDX-License-Identifier: Apache-2.0
"""libcedar and the reference answer some of the same made-up questions; `./ironwood differential`
asks more. See tests/differential/README.md."""
import re
import shlex
import subprocess
import sys

import pytest
from harness import BIN_DIR, ROOT
from node_clients import node_directory

DIFFERENTIAL = ROOT / "tests/differential"
PROGRAMS = BIN_DIR.parent / "tests/differential"
CASES = 3000
SEED = 413

OPERATIONS = set(re.findall(r'^    \{"(\w+)", say_\w+, \d+\},$', (DIFFERENTIAL / "cases.c").read_text(),
                            re.MULTILINE))


@pytest.fixture(autouse=True, scope="module")
def programs():
    if not (PROGRAMS / "generate").exists():
        pytest.skip(f"{BIN_DIR.parent} was built without tests")


class Comparison:
    """A run of run.py: what it printed, and its counts."""

    def __init__(self, reference, cases, seed=SEED):
        done = subprocess.run(
            [sys.executable, DIFFERENTIAL / "run.py", "--build", BIN_DIR.parent, "--cases", str(cases),
             "--seed", str(seed), "--reference", reference],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900)
        self.code, self.output = done.returncode, done.stdout
        last = self.output.splitlines()[-1]
        found = re.fullmatch(r"seed \d+: (\d+) compared, (\d+) different, (\d+) near, (\d+) skipped "
                             r"\(.*\); validation: (\d+) compared", last)
        assert found, self.output
        self.compared, self.different, self.near, self.skipped, self.validated = map(int, found.groups())
        self.of = {op: int(n) for op, n in re.findall(r"^(\w+) +(\d+)(?: +\d+){4}$", self.output, re.MULTILINE)}


def test_libcedar_answers_as_the_reference_does():
    directory = node_directory(DIFFERENTIAL)
    run = Comparison(f"node {shlex.quote(str(directory / 'oracle.mjs'))}", CASES)
    assert run.code == 0 and run.different == 0, run.output
    assert run.compared >= CASES - 6, run.output
    assert run.validated >= CASES * 2 / 5, run.output
    assert set(run.of) == OPERATIONS and min(run.of.values()) > 10, run.output


# ---- that a difference would be seen; libcedar stands in for the reference ----


def answer_changed(*changes):
    """libcedar's own answers, changed by sed."""
    script = " ".join(f"-e {shlex.quote(change)}" for change in changes)
    program = shlex.quote(str(PROGRAMS / "answer"))
    return "sh -c " + shlex.quote(f"{program} | sed -E {script}")



def test_equal_answers_are_equal():
    run = Comparison(answer_changed("s/nothing is changed//"), 300)
    assert (run.code, run.compared, run.different, run.near, run.skipped) == (0, 300, 0, 0, 0), run.output


@pytest.mark.parametrize("change, shown", [
    ('s/"decision":"deny"/"decision":"allow"/', "isAuthorized decision"),
    ('s/"reason":\\["[^"]*",?/"reason":[/', "isAuthorized reason"),
    ('s/"message":"for policy/"message":"For policy/', "validate validation"),
    ('s/"end":[0-9]+/"end":1/', "validate validation"),
    ('s/did you mean `/did you mean `xxxxxxxx/', "validate validation"),
    ('s/"validationErrors":\\[\\{.*/"validationErrors":[],"validationWarnings":[]}}/', "validate validation"),
    ('s/"type":"success"/"type":"failure","errors":[{"message":"no"}]/', "verdict"),
    ('s/("value":")/\\11/', "evaluate value"),
    ('s/("formatted_policy":"[^"]*) /\\1/', "formatPolicies formatted_policy"),
])
def test_a_changed_answer_is_a_difference(change, shown):
    run = Comparison(answer_changed(change), 300)
    assert run.code == 1 and run.different > 0, run.output
    assert re.search(rf"^== \d+ x .*{shown}", run.output, re.MULTILINE), run.output


def test_a_reference_without_answers_fails():
    run = Comparison(answer_changed('s/"answer":.*/"answer":{"type":"unsupported"}}/'), 100)
    assert (run.code, run.compared, run.skipped) == (1, 0, 100), run.output
    assert "too many: 100 of 100 cases are skipped" in run.output
