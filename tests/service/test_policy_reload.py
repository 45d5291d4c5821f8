# SPDX-License-Identifier: Apache-2.0
"""Policies that change while the service runs, and what happens when they are wrong."""
import json
import os
import re
import resource
import signal
import threading
import time

import pytest

from fake_issuer import Issuer
from harness import PolicyService, problem_of, wait_until

GOOD = '@id("view")\npermit (principal, action == Action::"view", resource);\n'
WIDER = '@id("wider")\npermit (principal, action in [Action::"view", Action::"edit"], resource);\n'
BAD = '@id("view")\npermit (principal,\n        action == Action::"view", resorce);\n'
BAD_PLACE = (3, 35)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    with Issuer(tmp_path_factory.mktemp("issuer")) as it:
        yield it


class Setting:
    """A policy-service with one policy file, and a caller."""

    def __init__(self, directory, issuer, arguments=(), env=None, text=GOOD):
        self.policies = directory / "policies"
        self.policies.mkdir(exist_ok=True)
        self.write("all.cedar", text)
        self.issuer = issuer
        self.token = issuer.token()
        self.service = PolicyService(directory, issuer.url, ["--reload-interval", "50ms", *arguments], env,
                                     policies=self.policies)

    def write(self, name, text):
        """As an editor does: the new file takes the old one's place."""
        beside = self.policies / f".{name}.new"
        beside.write_text(text)
        beside.replace(self.policies / name)

    def __enter__(self):
        self.service.start()
        wait_until(lambda: self.ask("view")[0] == 200, "keys")
        return self

    def __exit__(self, *exception):
        self.service.__exit__(*exception)

    def ask(self, action):
        return self.service.post_json("/v1/authorize", {
            "action": {"type": "Action", "id": action}, "resource": 'Document::"d"'}, self.token)

    def decision(self, action):
        status, _, body = self.ask(action)
        assert status == 200, body
        return body["decision"]

    def wait_decision(self, action, expected):
        wait_until(lambda: self.decision(action) == expected, f"{action} to be {expected}")

    def reloads(self, outcome):
        return self.service.metrics()[f'policy_reloads_total{{service="policy-service",outcome="{outcome}"}}']

    def stats(self):
        return self.service.get_json("/admin/policy-stats")[2]

    def wait_failure(self, count=1):
        wait_until(lambda: self.reloads("failure") >= count, "the reload to fail")

    def assert_last_good_set_runs(self):
        assert self.decision("view") == "Allow"
        assert self.service.get("/health/ready")[0] == 200
        health = self.service.get_json("/health")
        assert (health[0], health[2]["status"]) == (200, "degraded")
        assert health[2]["dependencies"]["policies"] == "degraded"
        assert self.stats()["last_reload"]["outcome"] == "failure"
        assert self.service.get_json("/admin/policies")[2]["policies"]


@pytest.fixture
def setting(tmp_path, issuer):
    with Setting(tmp_path, issuer) as it:
        yield it


def start_refused(directory, files, extra=()):
    """What a start with these files says; the service must not come up."""
    policies = directory / "policies"
    policies.mkdir()
    for name, text in files.items():
        path = policies / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    service = PolicyService(directory, "http://127.0.0.1:1", extra, policies=policies)
    service.spawn()
    code = service.process.wait(20)
    service.process = None
    assert code == 1
    assert not service.port_file.exists()
    line = service.log("policy_reload")[-1]
    assert (line["outcome"], line["level"]) == ("failure", "error")
    assert len(service.errors().splitlines()) == 1
    assert line["error"] in service.errors()
    return service.errors()


START = {
    "mistake": ({"a.cedar": GOOD, "b.cedar": BAD}, r"b\.cedar:3:35: .*resorce"),
    "mistake in a folder": ({"team/x/b.cedar": BAD}, r"team/x/b\.cedar:3:35: "),
    "first of two mistakes": ({"b.cedar": BAD, "c.cedar": "permit"}, r"b\.cedar:3:35: "),
    "cut": ({"a.cedar": "permit (principal, action, resource)"}, r"a\.cedar:1:\d+: "),
    "not UTF-8": ({"a.cedar": b"permit (principal == User::\"\xff\", action, resource);"}, r"a\.cedar:"),
    "NUL": ({"a.cedar": b"permit (principal,\0 action, resource);"}, r"a\.cedar:1:19: "),
    "one id twice": ({"a.cedar": GOOD, "b.cedar": GOOD}, r"b\.cedar.*view"),
    "one id twice in a file": ({"a.cedar": GOOD + GOOD}, r"a\.cedar.*view"),
    "unknown extension function": ({"a.cedar": "permit (principal, action, resource) when { foo(1) };"}, r"a\.cedar:1:\d+: .*foo"),
    "schema cut": ({"a.cedar": GOOD, "s.cedarschema": "entity User = {\n"}, r"s\.cedarschema:"),
    "schema JSON cut": ({"a.cedar": GOOD, "s.cedarschema.json": "{"}, r"s\.cedarschema\.json:1:\d+: "),
    "two schemas": ({"a.cedar": GOOD, "s.cedarschema": "entity User;", "t.cedarschema.json": "{}"}, "two schema files"),
    "entities cut": ({"a.cedar": GOOD, "entities.json": "[\n{"}, r"entities\.json:2:\d+: "),
    "entities are no list": ({"a.cedar": GOOD, "entities.json": "{}"}, r"entities\.json"),
    "entities in a circle": ({"a.cedar": GOOD, "entities.json": json.dumps([
        {"uid": {"type": "G", "id": "a"}, "attrs": {}, "parents": [{"type": "G", "id": "b"}]},
        {"uid": {"type": "G", "id": "b"}, "attrs": {}, "parents": [{"type": "G", "id": "a"}]}])}, r"entities\.json.*cycle"),
}


@pytest.mark.parametrize("name", START)
def test_a_start_with_bad_files_is_refused_and_says_where(tmp_path, name):
    files, expected = START[name]
    errors = start_refused(tmp_path, files)
    assert errors.startswith("policy-service: cannot start: ")
    assert re.search(expected, errors), errors


def test_a_start_without_the_directory_is_refused(tmp_path):
    service = PolicyService(tmp_path, "http://127.0.0.1:1", policies=tmp_path / "nowhere")
    service.spawn()
    assert service.process.wait(20) == 1
    service.process = None
    assert "nowhere" in service.errors() and "No such file or directory" in service.errors()


def test_a_start_without_policies_denies_everything(tmp_path, issuer):
    """An empty directory is a start, not a mistake: a new cluster; then the first policies come."""
    with Setting(tmp_path, issuer, text="// nothing yet\n") as setting:
        assert setting.decision("view") == "Deny"
        assert setting.stats()["policy_count"] == 0
        setting.write("all.cedar", GOOD)
        setting.wait_decision("view", "Allow")


def test_a_changed_file_is_live_without_a_restart(setting):
    assert setting.decision("edit") == "Deny"
    epoch = setting.stats()["epoch"]
    setting.write("all.cedar", WIDER)
    setting.wait_decision("edit", "Allow")
    line = setting.service.wait_log("policy_reload", outcome="success", epoch=epoch + 1)
    assert (line["policies"], line["entities"]) == (1, 0)
    assert setting.service.metrics()['policies_loaded{service="policy-service"}'] == 1
    assert setting.reloads("success") == 2
    setting.write("more.cedar", '@id("more")\npermit (principal, action == Action::"print", resource);')
    setting.wait_decision("print", "Allow")
    (setting.policies / "more.cedar").unlink()
    setting.wait_decision("print", "Deny")
    assert setting.reloads("failure") == 0


def test_files_that_are_not_policies_change_nothing(setting):
    for name in ["README.md", "all.cedar~", ".hidden.cedar", "notes.txt", "other.json", "#all.cedar#"]:
        (setting.policies / name).write_text("this is not Cedar {")
    (setting.policies / ".git").mkdir()
    (setting.policies / ".git/x.cedar").write_text("neither is this")
    os.mkfifo(setting.policies / "pipe.cedar")
    looked = setting.stats()
    setting.write("z.cedar", '@id("z")\npermit (principal, action == Action::"z", resource);')
    setting.wait_decision("z", "Allow")
    assert setting.reloads("failure") == 0
    assert setting.stats()["epoch"] == looked["epoch"] + 1


def test_a_bad_change_leaves_the_last_good_set_until_it_is_repaired(setting):
    setting.write("all.cedar", BAD)
    setting.wait_failure()
    line = setting.service.wait_log("policy_reload", outcome="failure")
    assert line["level"] == "error"
    assert line["error"].startswith("all.cedar:%d:%d: " % BAD_PLACE)
    assert (line["file"], line["line"], line["column"]) == ("all.cedar", *BAD_PLACE)
    assert line["active_epoch"] == 1
    setting.assert_last_good_set_runs()
    assert line["error"] == setting.stats()["last_reload"]["error"]
    setting.service.wait_log("dependency_state", dependency="policies", state="degraded")
    # Said once, not at every look.
    looked = len(setting.service.log("policy_reload"))
    time.sleep(0.3)
    assert len(setting.service.log("policy_reload")) == looked
    setting.write("all.cedar", WIDER)
    setting.wait_decision("edit", "Allow")
    assert setting.service.get_json("/health")[2]["dependencies"]["policies"] == "up"
    assert setting.stats()["last_reload"]["outcome"] == "success"
    setting.service.wait_log("dependency_state", dependency="policies", state="up")


BAD_CHANGES = {
    "a second file with a mistake": {"b.cedar": "forbid"},
    "one id in two files": {"b.cedar": GOOD},
    "entities cut": {"entities.json": "["},
    "schema cut": {"s.cedarschema": "entity"},
    "no policy left": {"all.cedar": "// gone\n"},
    "empty file": {"all.cedar": ""},
}


@pytest.mark.parametrize("name", BAD_CHANGES)
def test_a_refused_change_changes_nothing(setting, name):
    for file, text in BAD_CHANGES[name].items():
        setting.write(file, text)
    setting.wait_failure()
    setting.assert_last_good_set_runs()
    assert setting.stats()["policy_count"] == 1


def test_deleting_all_policies_is_refused(setting):
    """Policy map, failure 9: a deployment that leaves nothing is a mistake, not a policy."""
    (setting.policies / "all.cedar").unlink()
    setting.wait_failure()
    setting.assert_last_good_set_runs()
    assert "no policies any more" in setting.stats()["last_reload"]["error"]


def test_a_directory_that_goes_away_and_comes_back(setting):
    away = setting.policies.with_name("away")
    setting.policies.rename(away)
    setting.wait_failure()
    setting.assert_last_good_set_runs()
    away.rename(setting.policies)
    wait_until(lambda: setting.service.get_json("/health")[2]["dependencies"]["policies"] == "up", "recovery")
    assert setting.decision("view") == "Allow"


def test_a_bad_file_that_is_taken_back_ends_the_failure(setting):
    kept = setting.policies.parent / "kept.cedar"
    os.link(setting.policies / "all.cedar", kept)
    setting.write("all.cedar", BAD)
    setting.wait_failure()
    (setting.policies / "bad.cedar").write_text("x")
    kept.rename(setting.policies / "all.cedar")  # the very same file
    setting.wait_failure(2)
    (setting.policies / "bad.cedar").unlink()
    wait_until(lambda: setting.service.get_json("/health")[2]["dependencies"]["policies"] == "up", "recovery")


def address_space(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmSize"))


def test_good_files_are_taken_when_a_lack_of_memory_is_over(setting):
    pid = setting.service.process.pid
    used = address_space(pid)
    if used > 1 << 40:
        pytest.skip("a sanitizer needs all of the address space")
    folder = setting.policies / ".big"
    folder.mkdir()
    for i in range(8):
        (folder / f"{i}.cedar").write_text(
            f'forbid (principal, action, resource) when {{ context.x == "{"x" * (12 << 20)}" }};\n')
    before = resource.prlimit(pid, resource.RLIMIT_AS)
    resource.prlimit(pid, resource.RLIMIT_AS, (used + (4 << 20), before[1]))
    folder.rename(setting.policies / "big")
    setting.wait_failure()
    assert "out of memory" in setting.stats()["last_reload"]["error"]
    resource.prlimit(pid, resource.RLIMIT_AS, before)  # and nothing else changes
    wait_until(lambda: setting.stats()["policy_count"] == 9, "the good files")


def mount(root, generation, files):
    """Fills a folder and swaps ..data to it, as the kubelet does with a ConfigMap."""
    folder = root / f"..{generation}"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    link = root / "..data_tmp"
    link.symlink_to(folder.name)
    link.replace(root / "..data")
    for name in files:
        if not (root / name).is_symlink():
            (root / name).symlink_to(f"..data/{name}")


def test_a_configmap_mount_is_followed(tmp_path, issuer):
    policies = tmp_path / "policies"
    policies.mkdir()
    mount(policies, "2026_01", {"all.cedar": GOOD, "entities.json": "[]"})
    setting = Setting.__new__(Setting)
    setting.policies, setting.token = policies, issuer.token()
    setting.service = PolicyService(tmp_path, issuer.url, ["--reload-interval", "50ms"], policies=policies)
    with setting:
        assert setting.stats()["policy_count"] == 1  # each file once, not also as ..data/…
        mount(policies, "2026_02", {"all.cedar": WIDER, "entities.json": "[]"})
        setting.wait_decision("edit", "Allow")
        mount(policies, "2026_03", {"all.cedar": BAD, "entities.json": "[]"})
        setting.wait_failure()
        assert setting.decision("edit") == "Allow"
        # kubectl rollout undo: the old content in a new folder.
        mount(policies, "2026_04", {"all.cedar": GOOD, "entities.json": "[]"})
        setting.wait_decision("edit", "Deny")
        assert setting.decision("view") == "Allow"
        # The link points back to a folder that was there before.
        link = policies / "..data_tmp"
        link.symlink_to("..2026_02")
        link.replace(policies / "..data")
        setting.wait_decision("edit", "Allow")


def test_sighup_reloads_at_once(tmp_path, issuer):
    with Setting(tmp_path, issuer, ["--reload-interval", "0"]) as setting:
        setting.write("all.cedar", WIDER)
        time.sleep(0.2)
        assert setting.decision("edit") == "Deny"  # nobody looks
        setting.service.process.send_signal(signal.SIGHUP)
        setting.wait_decision("edit", "Allow")
        setting.service.wait_log("config_reload", outcome="success")
        setting.write("all.cedar", BAD)
        setting.service.process.send_signal(signal.SIGHUP)
        setting.wait_failure()
        setting.assert_last_good_set_runs()


def reload(setting, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    status, answered, body = setting.service.request("POST", "/admin/reload", headers=headers)
    return status, answered, json.loads(body)


def test_an_administrator_reloads_over_http(tmp_path, issuer):
    with Setting(tmp_path, issuer, ["--reload-interval", "0", "--audit-log", tmp_path / "audit.log"]) as setting:
        admin = issuer.token(scope="openid admin", sub="chief")
        setting.write("all.cedar", WIDER)
        status, _, stats = reload(setting, admin)
        assert (status, stats["epoch"], stats["policy_count"]) == (200, 2, 1)
        assert setting.decision("edit") == "Allow"
        setting.write("all.cedar", BAD)
        document = problem_of(reload(setting, admin))
        assert document["type"] == "urn:ironwood:problem:invalid-policies"
        assert document["detail"].startswith("all.cedar:%d:%d: " % BAD_PLACE)
        assert setting.decision("edit") == "Allow"
        # Not for everybody, and not from loopback without a token: it changes something.
        assert reload(setting)[0] == 401
        assert reload(setting, setting.token)[0] == 403
        records = [json.loads(line) for line in (tmp_path / "audit.log").read_text().splitlines()]
        asked = [r for r in records if r["action"] == "admin.change"]
        assert [(r["actor"], r["reason"]) for r in asked] == [("chief", "policy reload")] * 2
        loads = [r["outcome"] for r in records if r["action"] == "policy.load"]
        assert loads == ["success", "success", "failure"]  # the start counts


# ---- the bound on one evaluation -------------------------------------------------------------

NUMBERS = ", ".join(str(n) for n in range(200))
SLOW = GOOD + "".join(
    f'@id("slow{i}") permit (principal, action == Action::"slow", resource)\n'
    f"when {{ [{NUMBERS}].containsAll([{NUMBERS}]) && !([{NUMBERS}].contains(-1)) && context has x }};\n"
    for i in range(3000)) + '@id("yes") permit (principal, action == Action::"slow", resource);\n'


def test_an_evaluation_over_its_time_is_a_deny(tmp_path, issuer):
    config = tmp_path / "policy.conf"
    config.write_text("eval_timeout_ms = 1\n")
    with Setting(tmp_path, issuer, ["--config", config], text=SLOW) as setting:
        counter = 'policy_evaluation_errors_total{service="policy-service"}'
        before = setting.service.metrics()[counter]
        status, _, body = setting.ask("slow")
        assert (status, body["decision"], body["reasons"]) == (200, "Deny", [])
        assert "timeout" in {error["message"] for error in body["errors"]}
        assert setting.service.metrics()[counter] > before
        setting.service.wait_log("policy_evaluation_error", message="timeout", request_id=body["request_id"])
        assert setting.service.wait_log("decision", request_id=body["request_id"])["decision"] == "Deny"
        assert setting.decision("view") == "Allow"
        # Reloadable: by the file that changes, without a restart and without a signal.
        config.write_text("eval_timeout_ms = 0\n")
        setting.service.wait_log("config_reload", outcome="success", changed="eval_timeout_ms")
        status, _, body = setting.ask("slow")
        assert (body["decision"], body["reasons"], body["errors"]) == ("Allow", ["yes"], [])


def test_the_environment_bounds_the_evaluation_too(tmp_path, issuer):
    with Setting(tmp_path, issuer, env={"EVAL_TIMEOUT_MS": "1"}, text=SLOW) as setting:
        assert setting.decision("slow") == "Deny"
        assert setting.decision("view") == "Allow"


# ---- all at once -----------------------------------------------------------------------------


def test_decisions_stay_right_while_sets_come_and_go(setting):
    """Every answer belongs to one set, whole: `both` is permitted by one policy in each set and
    forbidden by none, `edit` flips."""
    sets = [GOOD + '@id("a")\npermit (principal, action == Action::"both", resource);\n',
            WIDER + '@id("b")\npermit (principal, action == Action::"both", resource);\n', BAD]
    setting.write("all.cedar", sets[0])
    setting.wait_decision("both", "Allow")
    stop, failures, answers = threading.Event(), [], []

    def keep_asking(action, allowed):
        while not stop.is_set():
            status, _, body = setting.ask(action)
            answers.append(action)
            if status != 200 or (body["decision"], tuple(body["reasons"])) not in allowed:
                failures.append((status, body))

    threads = [threading.Thread(target=keep_asking, args=arguments) for arguments in [
        ("both", {("Allow", ("a",)), ("Allow", ("b",))}),
        ("both", {("Allow", ("a",)), ("Allow", ("b",))}),
        ("view", {("Allow", ("view",)), ("Allow", ("wider",))}),
        ("edit", {("Allow", ("wider",)), ("Deny", ())}),
        ("none", {("Deny", ())})]]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 3
    turn = 0
    while time.monotonic() < end and not failures:
        setting.write("all.cedar", sets[turn % 3])
        if turn % 4 == 0:
            setting.service.process.send_signal(signal.SIGHUP)
        turn += 1
        time.sleep(0.02)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(answers) > 500
    assert setting.reloads("success") > 10 and setting.reloads("failure") > 5
