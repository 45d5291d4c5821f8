# SPDX-License-Identifier: Apache-2.0
"""libcedar as others get it: built with -Dlibrary=true and installed into a scratch prefix, once.

The build stays beside the programs under test, so that the next run only makes what has changed.
"""
import functools
import os
import pathlib
import shutil
import subprocess

import pytest

from harness import BIN_DIR, ROOT

EXAMPLES = ROOT / "examples"
PACKAGE_DIR = BIN_DIR.parent / "package"


def run(*command, ok=True, env=None, **options):
    """Output of a command that must succeed."""
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=600,
                            env={**os.environ, **(env or {})}, **options)
    if ok and result.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: exit status {result.returncode}\n"
                             f"{result.stdout}{result.stderr}")
    return result


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


def prefix():
    """Where it is installed; whoever asks after a failure gets the same failure."""
    target, failure = install()
    if failure is not None:
        raise AssertionError(failure)
    return target


@functools.cache
def install():
    if BIN_DIR.parent.name in ("build-sanitize", "build-thread", "build-coverage"):
        pytest.skip("the package is built without instruments; the plain run tests it")
    need("meson", "ninja", "cc", "pkg-config")
    build, target = PACKAGE_DIR / "build", PACKAGE_DIR / "prefix"
    try:
        if not (build / "build.ninja").is_file():
            run("meson", "setup", build, ROOT, "-Dlibrary=true", "-Dservices=false", "-Dtests=false",
                "-Dbuildtype=debugoptimized", f"-Dprefix={target}", "-Dlibdir=lib", "-Dwerror=true")
        run("ninja", "-C", build)
        shutil.rmtree(target, ignore_errors=True)
        run("meson", "install", "-C", build, "--no-rebuild")
    except AssertionError as error:
        return None, str(error)
    return target, None


def library():
    return prefix() / "lib/libcedar.so"


def pkg_config(*options):
    env = {"PKG_CONFIG_PATH": str(prefix() / "lib/pkgconfig")}
    return run("pkg-config", *options, "cedar", env=env).stdout.split()


def expected():
    return (EXAMPLES / "authorize.expected").read_text()


def symbols():
    return set((ROOT / "tools/cedar.symbols").read_text().split())
