# SPDX-License-Identifier: Apache-2.0
"""Runs the programs of tests/service/clients, or of another folder, with their npm packages.

`npm ci` runs once per lock file, into IRONWOOD_NODE_DIR or a directory beside the programs under
test. Without npm, or when its registry cannot be reached, the tests are skipped and say so.
"""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess

import pytest
from harness import BIN_DIR

CLIENTS = pathlib.Path(__file__).resolve().parent / "clients"
UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH",
               "EHOSTUNREACH", "ERR_SOCKET_TIMEOUT", "network", "503", "502",
               # a proxy whose certificate this system does not know stands in between
               "SELF_SIGNED_CERT", "UNABLE_TO_GET_ISSUER_CERT", "UNABLE_TO_VERIFY_LEAF_SIGNATURE")


def node_directory(programs=CLIENTS):
    """A directory with the programs and their packages; skips when it cannot be made."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node and npm are not installed (Debian packages nodejs, npm)")
    lock = (programs / "package-lock.json").read_bytes()
    base = pathlib.Path(os.environ.get("IRONWOOD_NODE_DIR", BIN_DIR.parent / "node-clients"))
    directory = base / hashlib.sha256(lock).hexdigest()[:16]
    directory.mkdir(parents=True, exist_ok=True)
    for path in [*programs.glob("*.mjs"), *programs.glob("package*.json")]:
        shutil.copy(path, directory)
    done = directory / "installed"
    if not done.exists():
        install(npm, directory)
        done.touch()
    return directory


def install(npm, directory):
    ended = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                           cwd=directory, capture_output=True, text=True, timeout=300)
    if ended.returncode != 0:
        if any(word in ended.stderr for word in UNREACHABLE):
            pytest.skip("the npm registry cannot be reached: " + ended.stderr.strip()[:200])
        raise AssertionError(f"npm ci failed: {ended.stderr}")


def run_client(directory, program, value, timeout=120):
    """The JSON that the program answers when it is given `value`."""
    ended = subprocess.run(["node", program], cwd=directory, input=json.dumps(value), text=True,
                           capture_output=True, timeout=timeout)
    assert ended.returncode == 0, ended.stderr + ended.stdout
    return json.loads(ended.stdout)
