# SPDX-License-Identifier: Apache-2.0
"""Options, help and versions of the `cedar` tool, and how mistakes are explained."""
import subprocess

import pytest

from harness import BIN_DIR, clean_environment
from cli_tool import REQUEST, cedar


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
    (["authorize", "-v", "-v"], "the argument '--verbose' cannot be used multiple times"),
    (["authorize", "--entities", "e", "--request-file", "r", "-l", "x"],
     "the argument '--request-file <FILE>' cannot be used with '--principal <EUID>'"),
    (["format", "-w"], "required arguments were not provided:\n  --policies <PATH>"),
    (["format", "-w", "-c", "-p", "x"], "the argument '--write' cannot be used with '--check'"),
    (["link", "-p", "x", "--template-id", "t", "-n", "n"], "--arguments <JSON>"),
    (["authorize", "-q"], "unexpected argument '-q' found"),
    (["authorize", "-vq"], "unexpected argument '-vq' found"),
    (["authorize", "--policy-format", "xml"], "[possible values: auto, cedar, json]"),
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
    for arguments in (["--version"], ["-V"], ["-V", "authorize"], ["-f", "json", "-V"]):
        code, out, _ = cedar(*arguments)
        assert code == 0 and out.startswith("cedar ")
    assert cedar("authorize", "--version")[0] == 2


def test_a_full_device_is_a_failure():
    with open("/dev/full", "w") as full:
        result = subprocess.run([str(BIN_DIR / "cedar"), "language-version"], stdout=full,
                                stderr=subprocess.PIPE, text=True, timeout=60,
                                env=clean_environment())
    assert result.returncode == 1 and "standard output" in result.stderr


def test_an_expression_that_looks_like_an_option_brings_a_tip():
    code, out, err = cedar("evaluate", "-1")
    assert (code, out) == (2, "") and "tip: to pass '-1' as a value, use '-- -1'" in err
