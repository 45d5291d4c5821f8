# SPDX-License-Identifier: Apache-2.0
"""A schema beside the policies: what does not fit it never becomes live, and is never asked."""
import pytest

from fake_issuer import Issuer
from harness import PolicyService, wait_until

SCHEMA = """
entity User in [Group, Role] = { age?: Long };
entity Group, Role;
entity Document = { open: Bool, note?: String };
action view appliesTo { principal: User, resource: Document, context: { ip?: ipaddr } };
action read, write;
"""
GOOD = '@id("open")\npermit (principal, action == Action::"view", resource)\nwhen { resource.open };\n'
WIDER = '@id("wider")\npermit (principal, action == Action::"view", resource);\n'
ENTITIES = '[{"uid":{"type":"Document","id":"d"},"attrs":{"open":true},"parents":[]}]'


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    with Issuer(tmp_path_factory.mktemp("issuer")) as it:
        yield it


class Setting:
    def __init__(self, directory, issuer, arguments=()):
        self.policies = directory / "policies"
        self.policies.mkdir()
        self.write("all.cedar", GOOD)
        self.write("types.cedarschema", SCHEMA)
        self.write("entities.json", ENTITIES)
        self.token = issuer.token()
        self.service = PolicyService(directory, issuer.url, ["--reload-interval", "50ms", *arguments],
                                     policies=self.policies)

    def write(self, name, text):
        beside = self.policies / f".{name}.new"
        beside.write_text(text)
        beside.replace(self.policies / name)

    def __enter__(self):
        self.service.start()
        wait_until(lambda: self.ask()[0] == 200, "keys")
        return self

    def __exit__(self, *exception):
        self.service.__exit__(*exception)

    def ask(self, action="view", resource='Document::"d"', **more):
        status, _, body = self.service.post_json("/v1/authorize", {
            "action": {"type": "Action", "id": action}, "resource": resource, **more}, self.token)
        return status, body

    def reloads(self, outcome):
        return self.service.metrics()[f'policy_reloads_total{{service="policy-service",outcome="{outcome}"}}']

    def stats(self):
        return self.service.get_json("/admin/policy-stats")[2]


@pytest.fixture
def setting(tmp_path, issuer):
    with Setting(tmp_path, issuer) as it:
        yield it


# What is wrong with a set, as files, and the place and words that tell it.
BAD = {
    "an attribute that is not there":
        ({"all.cedar": GOOD.replace("open }", "opne }")}, "all.cedar", 3, "attribute `opne`"),
    "an optional attribute without has":
        ({"all.cedar": GOOD.replace("resource.open", 'resource.note == "x"')}, "all.cedar", 3,
         "unable to guarantee safety of access to optional attribute `note`"),
    "types that do not fit":
        ({"all.cedar": GOOD.replace("resource.open", "resource.open == 1")}, "all.cedar", 3,
         "the types Bool and Long are not compatible"),
    "an unknown entity type":
        ({"all.cedar": GOOD.replace("principal,", "principal is Usr,")}, "all.cedar", 2,
         "unrecognized entity type `Usr`"),
    "an unknown action":
        ({"all.cedar": GOOD.replace('"view"', '"veiw"')}, "all.cedar", 2, 'unrecognized action `Action::"veiw"`'),
    "an entity without a required attribute":
        ({"entities.json": ENTITIES.replace('"open":true', '"note":"x"')}, None, 0, "open"),
    "a schema under which the policies are wrong":
        ({"types.cedarschema": SCHEMA.replace("open: Bool", "open: Long"),
          "entities.json": ENTITIES.replace("true", "1")}, "all.cedar", 3, "unexpected type: expected Bool but saw Long"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_set_with_errors_never_becomes_live(setting, name):
    files, file, line, words = BAD[name]
    for path, text in files.items():
        setting.write(path, text)
    wait_until(lambda: setting.reloads("failure") >= 1, "the reload to fail")
    logged = setting.service.wait_log("policy_reload", outcome="failure")
    assert words in logged["error"]
    if file is not None:
        assert (logged["file"], logged["line"]) == (file, line)
    status, body = setting.ask()
    assert (status, body["decision"], body["reasons"]) == (200, "Allow", ["open"])
    health = setting.service.get_json("/health")[2]
    assert health["dependencies"]["policies"] == "degraded"


def test_a_start_with_errors_is_refused(tmp_path, issuer):
    it = Setting(tmp_path, issuer)
    it.write("all.cedar", GOOD.replace("resource.open", "resource.opne || principal.age > 1"))
    it.service.spawn()
    assert it.service.process.wait(20) == 1
    it.service.process = None
    said = it.service.errors()
    assert "all.cedar:3:" in said and "`opne`" in said and "(and 1 more)" in said


def test_a_schema_that_goes_away_takes_no_check_with_it(setting):
    """Without its schema nothing would look at the policies."""
    schema = setting.policies / "types.cedarschema"
    schema.unlink()
    wait_until(lambda: setting.reloads("failure") >= 1, "the reload to fail")
    assert "no schema any more" in setting.service.wait_log("policy_reload", outcome="failure")["error"]
    setting.write("all.cedar", WIDER)
    wait_until(lambda: setting.reloads("failure") >= 2, "the next reload to fail")
    assert setting.stats()["has_schema"]
    assert setting.ask()[1]["reasons"] == ["open"]
    setting.write("types.cedarschema", SCHEMA)
    wait_until(lambda: setting.ask()[1]["reasons"] == ["wider"], "the schema to be back")


def test_the_next_good_set_becomes_live(setting):
    setting.write("all.cedar", GOOD.replace("open }", "opne }"))
    wait_until(lambda: setting.reloads("failure") >= 1, "the reload to fail")
    setting.write("all.cedar", WIDER)
    wait_until(lambda: setting.ask()[1]["reasons"] == ["wider"], "the wider set")
    assert setting.stats()["warnings"] == 0


def test_warnings_are_logged_and_counted_and_do_not_stop_a_set(setting):
    setting.write("more.cedar", '@id("never")\npermit (principal is Group, action == Action::"view", resource);\n')
    wait_until(lambda: setting.stats()["policy_count"] == 2, "the second policy")
    assert setting.stats()["warnings"] >= 1
    warning = setting.service.wait_log("policy_reload", outcome="warning", policy="never")
    assert warning["level"] == "warn"
    assert warning["warning"].startswith("more.cedar:")
    assert setting.ask()[1]["decision"] == "Allow"


MISFITS = {
    "an unknown action": ({"action": "veiw"}, 'action `Action::"veiw"` is not declared in the schema'),
    "a group of actions": ({"action": "read"}, "is not valid for `Action::\"read\"`"),
    "a resource of another type": ({"resource": 'Group::"g"'}, "resource type `Group` is not valid"),
    "an unknown type": ({"resource": 'Paper::"d"'}, "resource type `Paper` is not declared in the schema"),
    "a principal of another type": ({"principal": 'Role::"r"'}, "principal type `Role` is not valid"),
    "an attribute too many": ({"context": {"zz": 1}}, "field `context`"),
    "an attribute of another type": ({"context": {"ip": 1}}, "field `context`: 1:8: type error: expected string"),
}


@pytest.mark.parametrize("name", MISFITS)
def test_a_question_that_does_not_fit_is_refused(setting, name):
    question, words = MISFITS[name]
    status, body = setting.ask(**question)
    assert status == 400, body
    assert words in body["detail"]
    # The same service still decides what fits.
    assert setting.ask()[1]["decision"] == "Allow"


def test_contexts_are_read_by_the_schema(setting):
    assert setting.ask(context={"ip": "10.0.0.1"})[0] == 200
    assert setting.ask(context={"ip": {"__extn": {"fn": "ip", "arg": "10.0.0.1"}}})[0] == 200
    assert setting.ask(context={"ip": "10.0.0.999"})[0] == 400


def test_the_check_of_questions_can_be_switched_off(tmp_path, issuer):
    with Setting(tmp_path, issuer, ["--validate-requests=false"]) as it:
        status, body = it.ask(resource='Paper::"d"')
        assert (status, body["decision"]) == (200, "Deny")
