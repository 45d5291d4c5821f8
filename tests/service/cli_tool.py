# SPDX-License-Identifier: Apache-2.0
"""Runs the `cedar` tool for the tests of its commands."""
import os
import pty
import subprocess

import pytest

from harness import BIN_DIR, clean_environment

REQUEST = ["-l", 'User::"alice"', "-a", 'Action::"view"', "-r", 'File::"f"']
EMPTY_SCOPE = "(principal, action, resource)"
TEMPLATE = "permit(principal == ?principal, action, resource) when { true };"
SCHEMA = ('entity User; entity File; action view appliesTo '
          '{ principal: [User], resource: [File], context: { n: Long } };')
JSON_POLICY = ('{"effect":"permit","principal":{"op":"==","entity":{"type":"User","id":"alice"}},'
               '"action":{"op":"All"},"resource":{"op":"All"},"conditions":[]}')


def cedar(*arguments, stdin="", cwd=None, env=None):
    """(exit code, standard output, standard error)"""
    result = subprocess.run([str(BIN_DIR / "cedar"), *map(str, arguments)], input=stdin, cwd=cwd,
                            env=clean_environment(env), capture_output=True, text=True, timeout=60)
    return result.returncode, result.stdout, result.stderr


@pytest.fixture
def files(tmp_path):
    """A directory with a policy and entities; returns a function that adds files."""
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


def on_terminal(*arguments, env=None, cwd=None, columns=80, stderr=None):
    """(exit code, everything shown) of a run whose standard output is a terminal."""
    import fcntl
    import struct
    import termios
    try:
        main, side = pty.openpty()
    except OSError as error:
        pytest.skip(f"this system has no pseudo terminals: {error}")
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = clean_environment({"TERM": "xterm", "LANG": "C.UTF-8"})
    for name in ("LC_ALL", "LC_CTYPE"):  # Python sets the latter itself where no locale is set
        environment.pop(name, None)
    environment.update(env or {})
    process = subprocess.Popen([str(BIN_DIR / "cedar"), *map(str, arguments)],
                               stdin=subprocess.DEVNULL, stdout=side, stderr=stderr, cwd=cwd,
                               env=environment)
    os.close(side)
    out = b""
    try:
        while piece := os.read(main, 4096):
            out += piece
    except OSError:
        pass # the other side is closed
    os.close(main)
    return process.wait(timeout=60), out.decode()
