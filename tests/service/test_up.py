# SPDX-License-Identifier: Apache-2.0
"""The front door: what `./ironwood up` prints works as printed, and so does the tour in README.md."""
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import urllib.request

import pytest

from harness import ROOT, clean_environment, wait_until
from http_cases import free_port

# The first run compiles everything.
BUILD_DEADLINE_S = float(os.environ.get("IRONWOOD_BUILD_DEADLINE_S", "900"))


def as_from_a_terminal():
    """A run in the background has SIGINT and SIGHUP ignored; a shell in a terminal does not."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Up:
    """One `./ironwood up`, in a terminal session of its own."""

    def __init__(self, directory, auth_port=None, policy_port=None, cwd=ROOT, data_dir=None):
        self.data = pathlib.Path(directory) / "data"
        self.auth_port = auth_port or free_port()
        self.policy_port = policy_port or free_port()
        self.output = ""
        self.process = subprocess.Popen(
            [ROOT / "ironwood", "up", "--data-dir", data_dir or str(self.data),
             "--auth-port", str(self.auth_port),
             "--policy-port", str(self.policy_port)],
            cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=clean_environment({"NO_COLOR": "1"}), start_new_session=True,
            preexec_fn=as_from_a_terminal)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for text in self.process.stdout:
            self.output += text

    def wait_running(self):
        wait_until(lambda: "Stop both with Ctrl-C." in self.output or self.process.poll() is not None,
                   "the services to run", BUILD_DEADLINE_S)
        assert self.process.poll() is None, self.output
        return self

    def services(self):
        """Processes that were started for this data directory and these ports, except the script."""
        found = {}
        for entry in pathlib.Path("/proc").iterdir():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            name = pathlib.Path(os.fsdecode(words[0])).name
            ports = {str(self.auth_port).encode(), str(self.policy_port).encode()}
            if name.endswith("-service") and ports & set(words):
                found[name] = int(entry.name)
        return found

    def interrupt(self):
        """Ctrl-C: the signal goes to the whole foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.wait_end()

    def wait_end(self, deadline_s=30):
        code = self.process.wait(deadline_s)
        self.reader.join(10)
        return code

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.wait_end()
            except subprocess.TimeoutExpired:
                self.process.kill()
                for pid in self.services().values():
                    os.kill(pid, signal.SIGKILL)


def shell(script, directory):
    return subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", script], cwd=directory, text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean_environment())


def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status, answer.read()


@pytest.fixture(scope="module")
def up(tmp_path_factory):
    with Up(tmp_path_factory.mktemp("up")) as it:
        yield it.wait_running()


def test_the_urls_that_are_printed_answer(up):
    urls = re.findall(r"http://127\.0\.0\.1:\d+\S*", up.output.split("Try it")[0])
    assert len(urls) == 4
    assert fetch(next(u for u in urls if u.endswith("openid-configuration")))[0] == 200
    status, body = fetch(next(u for u in urls if u.endswith("/admin/policies")))
    assert status == 200 and len(json.loads(body)["policies"]) > 5
    for url in urls:
        if url.count("/") == 2:
            assert fetch(url + "/health/ready")[0] == 200


def test_the_administrator_that_is_printed_can_sign_in(up, tmp_path):
    email = re.search(r"administrator +(\S+)", up.output)[1]
    password = re.search(r"password +(\S+) ", up.output)[1]
    done = shell(f"""curl -sf http://127.0.0.1:{up.auth_port}/api/v1/auth/login \
        -H 'Content-Type: application/json' -d '{json.dumps({"email": email, "password": password})}'""", tmp_path)
    assert done.returncode == 0, done.stdout
    answer = json.loads(done.stdout)
    assert answer["access_token"] and answer["password_change_required"] is True
    assert (up.data / "admin-password").stat().st_mode & 0o777 == 0o600
    assert up.data.stat().st_mode & 0o777 == 0o700


def test_the_lines_to_try_work_as_printed(up, tmp_path):
    lines = [line.strip() for line in up.output.splitlines() if re.match(r"  (curl|TOKEN=)", line)]
    assert len(lines) == 4 and all("curl" in line for line in lines)
    done = shell("\n".join(line + "\necho" for line in lines), tmp_path)
    assert done.returncode == 0, done.stdout
    registered, signed_in, me, decision = [text for text in done.stdout.split("\n")][:4]
    assert json.loads(registered)["email"] == "alice@example.com"
    assert signed_in == ""
    assert json.loads(me)["name"] == "Alice"
    assert json.loads(decision)["decision"] == "Allow"
    assert json.loads(decision)["reasons"] == ["public-documents"]


def test_a_second_start_says_what_is_in_the_way(up, tmp_path):
    for ports in [(up.auth_port, None), (None, up.policy_port)]:
        with Up(tmp_path, *ports) as second:
            assert second.wait_end() == 1
            taken = next(port for port in ports if port)
            assert f"port {taken} on 127.0.0.1 is taken" in second.output
            assert "--auth-port" in second.output  # and what to do
            assert not second.data.exists()
    assert sorted(up.services()) == ["auth-service", "policy-service"]


@pytest.mark.parametrize("arguments, words", [
    (["--auth-port", "http"], "not a port number: http"),
    (["--auth-port", "0"], "not a port number: 0"),
    (["--policy-port", "65536"], "not a port number: 65536"),
    (["--colour"], "unknown option of up: --colour"),
    (["--auth-port"], "needs a number"),
])
def test_a_wrong_option_is_refused(tmp_path, arguments, words):
    done = subprocess.run(["./ironwood", "up", *arguments], cwd=ROOT, text=True, timeout=30,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean_environment())
    assert done.returncode == 1
    assert words in done.stdout


def test_one_port_for_both_is_refused(tmp_path):
    port = free_port()
    with Up(tmp_path, port, port) as one:
        assert one.wait_end() == 1
        assert f"both services cannot listen on port {port}" in one.output


def test_ctrl_c_stops_both_cleanly_and_a_new_start_finds_everything(tmp_path):
    with Up(tmp_path) as first:
        first.wait_running()
        pids = first.services()
        assert sorted(pids) == ["auth-service", "policy-service"]
        assert first.interrupt() == 0, first.output
        assert "stopped" in first.output
        assert first.services() == {}
        for pid in pids.values():
            assert not pathlib.Path(f"/proc/{pid}").exists()
        for name in pids:
            assert (first.data / f"{name}.err").read_text().count("\n") <= 1  # nothing but the administrator
            last = [json.loads(line) for line in (first.data / f"{name}.log").read_text().splitlines()]
            assert any(line["event"] == "service_stop" for line in last)
    kept = sorted(path.name for path in first.data.iterdir() if path.suffix not in (".log", ".err"))
    with Up(tmp_path, first.auth_port, first.policy_port) as second:
        second.wait_running()
        password = re.search(r"password +(\S+) ", first.output)[1]
        assert f"password         {password} " in second.output
        assert set(kept) <= {path.name for path in second.data.iterdir()}
        assert second.interrupt() == 0


def test_a_data_directory_that_is_there_is_the_callers_and_keeps_its_mode(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o755)
    with Up(tmp_path, cwd=tmp_path, data_dir="data") as it:
        it.wait_running()
        assert data.stat().st_mode & 0o777 == 0o755
        for path in data.iterdir():
            assert path.stat().st_mode & 0o077 == 0, f"{path} is for others too"
        assert it.interrupt() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_kill_or_a_closed_terminal_stops_both_too(tmp_path, number):
    with Up(tmp_path) as it:
        it.wait_running()
        os.killpg(it.process.pid, number)
        assert it.wait_end() == (0 if number == signal.SIGTERM else -number)
        assert it.services() == {}


def test_when_one_service_ends_the_other_does_not_stay(tmp_path):
    with Up(tmp_path) as it:
        it.wait_running()
        os.kill(it.services()["policy-service"], signal.SIGKILL)
        assert it.wait_end() != 0
        assert "policy-service ended" in it.output
        assert it.services() == {}


def test_the_tour_of_the_readme_works(tmp_path):
    readme = (ROOT / "README.md").read_text()
    tour = readme[readme.index("## A tour of 60 seconds"):]
    script = re.search(r"```sh\n(.*?)```", tour, re.DOTALL)[1]
    assert script.count("curl") >= 6
    # The tour's reader stands in the root of the repository.
    for name in "build", "demo":
        (tmp_path / name).symlink_to(ROOT / name)
    with Up(tmp_path) as it:
        it.wait_running()
        script = script.replace(":8080/", f":{it.auth_port}/").replace(":8081/", f":{it.policy_port}/")
        assert "8080" not in script and "8081" not in script
        done = shell(script, tmp_path)
        assert done.returncode == 0, done.stdout
        assert '"email":"alice@example.com"' in done.stdout
        decisions = re.findall(r'"decision":"(\w+)","reasons":(\[[^]]*\])', done.stdout)
        assert decisions == [("Allow", '["public-documents"]'), ("Deny", "[]")]
        assert '"policies":[' in done.stdout
        assert 'authorization_decisions_total{service="policy-service",decision="allow"} 1' in done.stdout
        assert "ALLOW" in done.stdout
        assert "urn:ironwood:problem" not in done.stdout
        assert it.interrupt() == 0


def test_links_of_the_documents_lead_somewhere():
    missing = []
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
            if "://" not in target and not (page.parent / target).exists():
                missing.append(f"{page.relative_to(ROOT)}: {target}")
    assert missing == []


def test_help_names_every_command():
    text = subprocess.run(["./ironwood", "help"], cwd=ROOT, text=True, check=True, stdout=subprocess.PIPE).stdout
    script = (ROOT / "ironwood").read_text()
    commands = re.findall(r"^cmd_(\w+)\(\)", script, re.MULTILINE)
    assert len(commands) > 5
    for command in commands:
        assert re.search(rf"^  {command}\b", text, re.MULTILINE), command
    done = subprocess.run(["./ironwood", "nonsense"], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 1 and "unknown command: nonsense" in done.stdout
