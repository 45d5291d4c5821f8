# SPDX-License-Identifier: Apache-2.0
"""What the `cedar` tool writes to: files that it replaces, and streams that take nothing more."""
import os
import shutil
import stat
import subprocess

import pytest

from cli_tool import REQUEST, TEMPLATE, authorize, cedar, files
from harness import BIN_DIR, clean_environment

UGLY = "permit(principal,action,resource);"
DONE = "permit (principal, action, resource);\n"
ARGUMENTS = '{"?principal":"User::\\"alice\\""}'


def link(files, target):
    files("t.cedar", TEMPLATE)
    return cedar("link", "-p", "t.cedar", "-k", target, "--template-id", "policy0", "-n", "l", "-a",
                 ARGUMENTS, cwd=files.dir)


def left_over(directory):
    return [name for name in os.listdir(directory) if name.count(".") > 1]


def test_a_file_that_is_replaced_keeps_its_permissions_and_links_to_it(files):
    path = files("a.cedar", UGLY)
    path.chmod(0o640)
    (files.dir / "link.cedar").symlink_to("a.cedar")
    assert cedar("format", "-w", "-p", "link.cedar", cwd=files.dir) == (0, "", "")
    assert (files.dir / "link.cedar").is_symlink() and path.read_text() == DONE
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert left_over(files.dir) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_that_root_replaces_keeps_its_owner(files):
    path = files("a.cedar", UGLY)
    os.chown(path, 12345, 54321)
    path.chmod(0o4750)
    assert cedar("format", "-w", "-p", path)[0] == 0
    status = path.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (12345, 54321, 0o4750)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a file of somebody else's group")
def test_where_the_group_cannot_be_kept_the_new_one_gains_nothing(files):
    files.dir.chmod(0o777)
    path = files("a.cedar", UGLY)
    os.chown(path, 12345, 54321)
    path.chmod(0o664)
    shutil.copy(BIN_DIR / "cedar", files.dir)  # the other user may not see where ours is
    result = subprocess.run(["./cedar", "format", "-w", "-p", "a.cedar"], cwd=files.dir,
                            env=clean_environment(), capture_output=True, text=True, timeout=60,
                            user=12345, group=11111, extra_groups=[])
    status = path.stat()
    assert (result.returncode, result.stdout, path.read_text()) == (0, "", DONE)
    assert (status.st_gid, stat.S_IMODE(status.st_mode)) == (11111, 0o644)


def test_a_pipe_is_not_replaced(files):
    pipe = files.dir / "pipe"
    os.mkfifo(pipe)
    process = subprocess.Popen([BIN_DIR / "cedar", "format", "-w", "-p", pipe],
                               env=clean_environment(), stdout=subprocess.PIPE, text=True)
    pipe.write_text(UGLY)
    out = process.communicate(timeout=60)[0]
    assert process.returncode == 1 and "not a regular file" in out
    assert stat.S_ISFIFO(pipe.stat().st_mode) and left_over(files.dir) == []


@pytest.mark.skipif(os.access("/dev", os.W_OK), reason="a failure would take the device away")
def test_a_device_is_not_replaced(files):
    code, out, _ = link(files, "/dev/null")
    assert code == 1 and "not a regular file" in out


def test_a_link_that_leads_nowhere_stays(files):
    (files.dir / "l.json").symlink_to("nowhere.json")
    code, out, _ = link(files, "l.json")
    assert code == 1 and "the symbolic link leads nowhere" in out
    assert (files.dir / "l.json").is_symlink() and left_over(files.dir) == []


def test_a_file_that_may_not_be_written_is_not_replaced(files):
    if os.geteuid() == 0:
        pytest.skip("root may write everything")
    path = files("a.cedar", UGLY)
    path.chmod(0o444)
    code, out, _ = cedar("format", "-w", "-p", path)
    assert code == 1 and "Permission denied" in out
    assert path.read_text() == UGLY and left_over(files.dir) == []


def test_standard_input_is_not_replaced(files):
    code, out, _ = cedar("format", "-w", "-p", "-", stdin=UGLY, cwd=files.dir)
    assert code == 1 and "standard input cannot be replaced" in out
    assert not (files.dir / "-").exists()


def test_names_may_be_as_long_as_the_system_lets_them(files):
    folder = "/".join(["a" * 200] * 7)
    (files.dir / folder).mkdir(parents=True)
    (files.dir / folder / "s.cedarschema").write_text("entity User; action view appliesTo "
                                                      "{ principal: [User], resource: [User] };")
    (files.dir / folder / "p.cedar").write_text("permit(principal, action, resource);")
    assert cedar("validate", "-p", folder, "--require-schema", cwd=files.dir)[0] == 0
    assert cedar("new", "-n", folder + "/n", cwd=files.dir) == (0, "", "")
    assert (files.dir / folder / "n" / "policy.cedar").exists()


@pytest.mark.parametrize("arguments", [
    ["--help"], ["--version"], ["help", "authorize"], ["authorize", "-h"], ["help", "--man"],
    ["help", "--completion", "bash"], ["language-version"],
    ["run-tests", "-p", "p.cedar", "--tests", "e.json"],
    ["format", "-p", "p.cedar"],
    ["authorize", "-p", "p.cedar", "--entities", "e.json", *REQUEST, "--output", "json"]])
def test_a_full_disk_is_a_failure_said_once(files, arguments):
    with open("/dev/full", "w") as full:
        result = subprocess.run([BIN_DIR / "cedar", *arguments], cwd=files.dir, stdout=full,
                                stderr=subprocess.PIPE, env=clean_environment(), text=True,
                                timeout=60)
    assert result.returncode == 1
    assert result.stderr == "error: cannot write to standard output: No space left on device\n"
