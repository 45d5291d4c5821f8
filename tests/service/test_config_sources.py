# SPDX-License-Identifier: Apache-2.0
"""Where a setting comes from, which one wins, and what happens to bad ones (contract C3)."""
import os
import signal
import subprocess
import time

import pytest

from harness import BIN_DIR, AuthService, PolicyService, clean_environment, wait_until

SERVICES = ["auth-service", "policy-service"]


def run(service, *arguments, env=None):
    done = subprocess.run([BIN_DIR / service, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=clean_environment(env), timeout=20)
    return done.returncode, done.stdout, done.stderr


def shown(service, *arguments, env=None):
    """(values, where they come from) of --print-config."""
    code, out, err = run(service, *arguments, "--print-config", env=env)
    assert (code, err) == (0, ""), err
    values, sources, source = {}, {}, None
    for line in out.splitlines():
        if line.startswith("# "):
            source = line[2:]
            continue
        name, value = line.split(" = ", 1)
        values[name], sources[name] = value, source
        source = None
    return values, sources


def refused(service, *arguments, env=None):
    code, out, err = run(service, *arguments, env=env)
    assert (code, out) == (2, "")
    assert err.startswith(f"{service}: configuration: ") and err.count("\n") == 1
    return err


class Sources:
    """A file and a directory to put settings into."""

    def __init__(self, directory):
        self.file = directory / "service.conf"
        self.directory = directory / "conf.d"
        self.directory.mkdir()

    @staticmethod
    def replace(path, text):
        """At once, so that nobody reads half of it."""
        beside = path.with_name(f".{path.name}.new")
        beside.write_text(text)
        beside.replace(path)

    def write(self, text):
        self.replace(self.file, text)
        return self

    def put(self, **settings):
        for name, value in settings.items():
            self.replace(self.directory / name, value)
        return self

    def flags(self):
        return ["--config", str(self.file), "--config-dir", str(self.directory)]


@pytest.fixture
def sources(tmp_path):
    return Sources(tmp_path)


@pytest.mark.parametrize("service", SERVICES)
def test_each_source_overrides_the_one_before(service, sources):
    sources.write("drain = 1s\nworkers = 11\nloops = 3\nconnections_max = 41\n")
    sources.put(workers="12", loops="4", connections_max="42\n")
    env = {"IRONWOOD_LOOPS": "5", "IRONWOOD_CONNECTIONS_MAX": "43"}
    values, where = shown(service, *sources.flags(), "--connections-max", "44", env=env)
    assert values["worker_queue"] == ("512" if service == "auth-service" else "256")
    assert (values["drain"], values["workers"], values["loops"], values["connections_max"]) == ("1s", "12", "5", "44")
    assert where["worker_queue"] is None
    assert where["drain"] == f"file {sources.file}, line 1"
    assert where["workers"] == f"directory {sources.directory}"
    assert where["loops"] == "environment IRONWOOD_LOOPS"
    assert where["connections_max"] == "flag --connections-max"


def test_file_and_directory_can_come_from_the_environment(sources):
    sources.write("workers = 11\n").put(loops="4")
    env = {"IRONWOOD_CONFIG": str(sources.file), "IRONWOOD_CONFIG_DIR": str(sources.directory)}
    values, _ = shown("policy-service", env=env)
    assert (values["workers"], values["loops"]) == ("11", "4")
    other = sources.file.with_name("other.conf")
    other.write_text("workers = 12\n")
    assert shown("policy-service", "--config", other, env=env)[0]["workers"] == "12"


def test_the_ways_to_write_a_setting(sources):
    sources.write("# comment\n\n   workers=7   \r\nlog-level = debug\n  # more\nadmin_scope = a = b # c\n")
    values, _ = shown("policy-service", *sources.flags(), "--loopback-admin", "--drain=2m", "--clock_skew", "5s")
    assert values["workers"] == "7"
    assert values["log_level"] == "debug"
    assert values["admin_scope"] == "a = b # c"
    assert (values["loopback_admin"], values["drain"], values["clock_skew"]) == ("true", "2m", "5s")


def test_the_directory_may_be_a_mounted_secret(tmp_path):
    """Kubernetes mounts names of the environment too, behind links, and beside dot files."""
    mount = tmp_path / "mount"
    (mount / "..2026").mkdir(parents=True)
    (mount / "..2026/JWT_SECRET").write_text("c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ=\n")
    (mount / "..2026/log-level").write_text("warn")
    (mount / "..data").symlink_to("..2026")
    for name in "JWT_SECRET", "log-level":
        (mount / name).symlink_to(f"..data/{name}")
    values, where = shown("auth-service", "--config-dir", mount)
    assert values["jwt_secret"] == "********"
    assert where["jwt_secret"] == f"directory {mount}"
    assert values["log_level"] == "warn"


def test_names_of_the_contract(sources):
    assert shown("policy-service", env={"EVAL_TIMEOUT_MS": "77"})[0]["eval_timeout_ms"] == "77"
    assert shown("auth-service", env={"JWT_SECRET": "x" * 44})[0]["jwt_secret"] == "********"
    # An empty variable counts as not set; variables of others are none of our business.
    values, _ = shown("policy-service", env={"EVAL_TIMEOUT_MS": "", "IRONWOOD_WORKERS": "", "WORKERS": "9"})
    assert (values["eval_timeout_ms"], values["workers"]) == ("100", "2")


def test_a_secret_is_never_shown(sources):
    secret = "very-secret-value-0123456789"
    sources.write(f"jwt_secret = {secret}\nport = {secret}\n")
    code, out, err = run("auth-service", *sources.flags(), "--print-config")
    assert code == 2 and "port" in err
    sources.write(f"jwt_secret = {secret}\n")
    for arguments in [["--print-config"], ["--help"], ["--print-sample-config"], ["--print-config-doc"]]:
        code, out, err = run("auth-service", *sources.flags(), *arguments)
        assert code == 0 and secret not in out + err
    # Not even when it is wrong.
    for bad in [secret, secret * 100]:
        code, out, err = run("auth-service", "--data-dir", sources.directory.parent / "data", "--port", "0",
                             env={"JWT_SECRET": bad})
        assert code in (1, 2) and bad not in out + err
        assert "JWT_SECRET" in err or "jwt_secret" in err


UNKNOWN = [
    (["--portt", "1"], {}, "", {}, ('"portt"', '"port"', "flag --portt")),
    (["--polcy-dir", "x"], {}, "", {}, ('"polcy-dir"', '"policy_dir"')),
    (["--log-decision=all"], {}, "", {}, ('"log_decisions"',)),
    (["--confg", "x"], {}, "", {}, ('"config"',)),
    ([], {"IRONWOOD_POLICYDIR": "x"}, "", {}, ('"policy_dir"', "environment IRONWOOD_POLICYDIR")),
    ([], {}, "port = 1\nadress = x\n", {}, ('"adress"', '"address"', "line 2")),
    ([], {}, "", {"eval_timeout": "5"}, ('"eval_timeout"', '"eval_timeout_ms"', "directory")),
    (["--something-quite-different", "x"], {}, "", {}, ("--help lists the keys",)),
    (["positional"], {}, "", {}, ('unexpected argument "positional"',)),
    (["--"], {}, "", {}, ("unexpected argument",)),
    (["-p", "80"], {}, "", {}, ("unexpected argument",)),
]


@pytest.mark.parametrize("number", range(len(UNKNOWN)))
def test_an_unknown_key_names_the_nearest(sources, number):
    flags, env, text, files, words = UNKNOWN[number]
    sources.write(text).put(**files)
    err = refused("policy-service", *sources.flags(), *flags, env=env)
    for word in words:
        assert word in err, err


BAD_VALUES = [
    (["--port", "65536"], ("port", "0 to 65535", '"65536"', "flag --port")),
    (["--port", "-1"], ("0 to 65535",)),
    (["--port", "http"], ("integer", '"http"')),
    (["--port", ""], ("integer",)),
    (["--port", "80 "], ("integer",)),
    (["--port", "0x50"], ("integer",)),
    (["--port", "99999999999999999999"], ("integer",)),
    (["--workers", "0"], ("1 to 256",)),
    (["--drain", "11m"], ("0ms to 10m",)),
    (["--drain", "5 s"], ("duration",)),
    (["--drain", "5sec"], ("duration",)),
    (["--drain", "1.5s"], ("duration",)),
    (["--drain", "9999999999999999d"], ("duration",)),
    (["--loopback-admin=maybe"], ("true or false",)),
    (["--log-level", "loud"], ("log_level", "debug, info, warn or error")),
    (["--log-decisions", "some"], ("log_decisions", "all, deny or none")),
    (["--issuer", "localhost:8080"], ("issuer", "http:// or https://")),
    (["--issuer", ""], ("issuer",)),
    (["--issuer", "http://" + "a" * 3000], ("1 to 2048 bytes",)),
    (["--tls-key", "/x"], ("go together",)),
    (["--tls-certificate", "/x"], ("go together",)),
    (["--port"], ("needs a value",)),
    (["--config", "/nowhere/x.conf"], ("/nowhere/x.conf", "No such file")),
    (["--config-dir", "/nowhere"], ("/nowhere", "No such file")),
    (["--config", "/"], ("not a regular file",)),
]


@pytest.mark.parametrize("number", range(len(BAD_VALUES)))
def test_a_bad_value_names_key_and_range(number):
    flags, words = BAD_VALUES[number]
    err = refused("policy-service", *flags)
    for word in words:
        assert word in err, err


def test_a_bad_line_names_file_and_line(sources):
    for text, words in [("port\n", ("line 1", "name = value")), ("\n\nport = x\n", ("line 3", "integer")),
                        ("port = 1\n\nport = 2\n", ("line 3", "line 1 already")), ("= 5\n", ("line 1",)),
                        ("port = 1\0\n", ("line 1",)), ("\xff\xfe = 1\n", ("line 1",))]:
        sources.write(text)
        err = refused("policy-service", *sources.flags())
        assert str(sources.file) in err
        for word in words:
            assert word in err, (text, err)
    sources.write("")
    sources.put(port="http")
    assert "directory" in refused("policy-service", *sources.flags())
    sources.put(port="1", **{"log-level": "info", "log_level": "info"})
    assert "two files" in refused("policy-service", *sources.flags())


def test_a_configuration_that_is_far_too_large_is_refused(sources):
    sources.write("#" * 300_000)
    assert "larger than" in refused("policy-service", *sources.flags())


def test_two_rules_between_keys_of_auth_service():
    assert "grant_ttl" in refused("auth-service", "--refresh-token-ttl", "60d")
    assert "slash" in refused("auth-service", "--issuer", "https://x.example.com/")


# ---- while the service runs ------------------------------------------------------------------


@pytest.fixture
def running(tmp_path):
    sources = Sources(tmp_path).write("log_decisions = all\n")
    service = PolicyService(tmp_path, "http://127.0.0.1:1", sources.flags())
    service.sources = sources
    with service:
        yield service


def test_a_changed_file_is_taken_without_a_restart(running):
    running.sources.write("log_decisions = none\n")
    line = running.wait_log("config_reload", outcome="success", changed="log_decisions")
    assert line["needs_restart"] == ""
    running.sources.put(eval_timeout_ms="50")
    running.wait_log("config_reload", outcome="success", changed="eval_timeout_ms")


def test_the_log_level_follows(running):
    def is_logged(name):
        running.get("/health", {"X-Request-ID": name})
        running.request("POST", "/health", headers={"X-Request-ID": name + "-refused"})  # info
        return {line["request_id"] for line in running.log("http_request")} & {name, name + "-refused"}

    is_logged("before")
    running.sources.put(log_level="debug")
    running.wait_log("config_reload", outcome="success", changed="log_level")
    is_logged("during")
    running.wait_log("http_request", request_id="during", status=200, route="/health")
    running.sources.put(log_level="error")
    names = (f"after-{n}" for n in range(10_000))
    wait_until(lambda: not is_logged(next(names)) and not is_logged(next(names)), "silence")
    logged = {line["request_id"] for line in running.log("http_request")}
    assert "before" not in logged and "before-refused" in logged


BAD_CHANGES = [
    ("log_decisions = some\n", "log_decisions"),
    ("log_decision = all\n", 'did you mean "log_decisions"'),
    ("eval_timeout_ms = 99999999\n", "0 to 60000"),
    ("garbage", "line 1"),
    (None, "No such file"),
]


def test_a_bad_change_is_refused_and_the_last_good_one_stays(running):
    """Contract C3: refused, logged once, and the last good configuration stays."""
    for number, (text, words) in enumerate(BAD_CHANGES):
        if text is None:
            running.sources.file.unlink()
        else:
            running.sources.write(text)
        wait_until(lambda: len(running.log("config_reload")) > number, f"a refusal of {text!r}")
        line = running.log("config_reload")[number]
        assert (line["outcome"], line["level"]) == ("failure", "error")
        assert words in line["error"], line
        assert running.get("/health/ready")[0] == 200
    time.sleep(1.2)  # it is looked at every second, and nothing new is there
    assert len(running.log("config_reload")) == len(BAD_CHANGES)
    running.sources.write("log_decisions = deny\n")
    running.wait_log("config_reload", outcome="success", changed="log_decisions")


def test_a_key_that_cannot_change_is_reported_and_the_rest_is_taken(running):
    running.sources.write("log_decisions = deny\nworkers = 9\naudience = other\n")
    line = running.wait_log("config_reload", outcome="success")
    assert line["changed"] == "log_decisions"
    assert set(line["needs_restart"].split(", ")) == {"workers", "audience"}


def test_a_flag_still_wins_after_a_reload(tmp_path):
    sources = Sources(tmp_path).write("log_decisions = all\n")
    with PolicyService(tmp_path, "http://127.0.0.1:1", [*sources.flags(), "--log-decisions", "none"]) as service:
        sources.write("log_decisions = deny\neval_timeout_ms = 7\n")
        assert service.wait_log("config_reload", outcome="success")["changed"] == "eval_timeout_ms"


def test_many_reloads_leak_nothing_and_break_nothing(running):
    for turn in range(30):
        running.sources.write(f"eval_timeout_ms = {turn + 1}\n" if turn % 3 else "nonsense\n")
        running.process.send_signal(signal.SIGHUP)
        time.sleep(0.01)
    running.sources.write("eval_timeout_ms = 500\n")
    running.process.send_signal(signal.SIGHUP)
    wait_until(lambda: running.log("config_reload")[-1]["outcome"] == "success", "the last reload")
    assert running.get("/health/ready")[0] == 200


def test_auth_service_reloads_too(tmp_path):
    sources = Sources(tmp_path).write("log_level = info\n")
    with AuthService(tmp_path, sources.flags()) as service:
        sources.write("log_level = debug\nport = 1\n")
        line = service.wait_log("config_reload", outcome="success", changed="log_level")
        assert line["needs_restart"] in ("", "port")
        sources.write("log_level = loud\n")
        service.wait_log("config_reload", outcome="failure")
        os.kill(service.process.pid, signal.SIGHUP)
        wait_until(lambda: len([1 for line in service.log("config_reload") if line["outcome"] == "failure"]) == 2,
                   "the second refusal")
        assert service.get("/health/ready")[0] == 200


def test_a_taken_port_is_said_plainly(tmp_path):
    with PolicyService(tmp_path / "first", "http://127.0.0.1:1") as first:
        second = PolicyService(tmp_path / "second", "http://127.0.0.1:1", ["--port", str(first.port)])
        second.spawn()
        assert second.process.wait(10) == 1
        second.process = None
        assert str(first.port) in second.errors()
        assert "in use" in second.errors() or "taken" in second.errors()
