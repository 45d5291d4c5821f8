# SPDX-License-Identifier: Apache-2.0
"""tools/run-tests.sh, which `./ironwood test` calls: words that select nothing are a mistake."""
import subprocess

from harness import BIN_DIR, ROOT, clean_environment


def run(*words):
    directory = BIN_DIR.parent.resolve().relative_to(ROOT.resolve())
    result = subprocess.run([ROOT / "tools" / "run-tests.sh", str(directory), *words], cwd=ROOT,
                            env=clean_environment(), capture_output=True, text=True, timeout=300)
    return result.returncode, result.stdout, result.stderr


def test_a_word_that_no_test_has_in_its_name_fails():
    # In two pieces, or the name of this test would be found.
    code, out, err = run("base/arena", "xyz" + "zy")
    assert (code, out) == (1, "")
    assert 'has a name that contains "xyz' + 'zy"' in err and "base/arena" not in err
