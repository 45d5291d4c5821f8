# SPDX-License-Identifier: Apache-2.0
"""`cedar language-server`: whole sessions, as editors have them."""
import json

import pytest

from lsp_client import Client

SCHEMA = """\
@doc("Who signs in.")
entity User in [Team] = {
  name: String,
  boss?: User,
  address: { city: String, "zip code": Long },
  teams: Set<Team>,
} tags String;
entity Team;
entity Color enum ["red", "green"];
entity Doc in [Folder] = { owner: User, ip: ipaddr, price: decimal };
entity Folder;
action read;
action view in [read] appliesTo { principal: User, resource: Doc, context: { mfa: Bool, at?: datetime } };
action paint appliesTo { principal: Team, resource: Color };
"""


@pytest.fixture
def client(tmp_path):
    (tmp_path / "app.cedarschema").write_text(SCHEMA)
    with Client(tmp_path) as it:
        yield it


# ---- the life of a server -------------------------------------------------------------------------

def test_a_session_from_beginning_to_end(tmp_path):
    with Client(tmp_path) as client:
        assert client.capabilities["positionEncoding"] == "utf-16"
        assert client.capabilities["hoverProvider"] and client.capabilities["definitionProvider"]
        assert client.capabilities["documentFormattingProvider"]
        assert "." in client.capabilities["completionProvider"]["triggerCharacters"]
        assert client.request("shutdown") is None
        assert client.ask("textDocument/hover")["error"]["code"] == -32600
        client.notify("exit")
        assert client.process.wait(10) == 0
        assert client.process.stderr.read() == b""


def test_the_server_is_initialized_once(client):
    assert client.ask("initialize", capabilities={})["error"]["code"] == -32600
    assert client.ask("textDocument/hover")["result"] is None


def test_an_exit_without_shutdown_is_a_failure(client):
    client.notify("exit")
    assert client.process.wait(10) == 1


def test_the_end_of_the_input_ends_the_server(client):
    client.process.stdin.close()
    assert client.process.wait(10) == 1


def test_nothing_works_before_initialize(tmp_path):
    with Client(tmp_path, encodings=None) as client:
        assert client.ask("textDocument/hover")["error"]["code"] == -32002
        client.open("p.cedar", "permit")
        assert client.request("initialize", capabilities={})["capabilities"]
        assert client.diagnostics("p.cedar") is None


@pytest.mark.parametrize("body, code", [
    (b"{", -32700), (b"\xff", -32700), (b"[]", -32600), (b'{"id":1}', -32600),
    (b'{"jsonrpc":"2.0","id":7,"method":"no/such"}', -32601),
    (b'{"a":' * 100 + b"1" + b"}" * 100, -32700),
])
def test_bad_messages_are_refused_and_the_server_goes_on(client, body, code):
    client.send_bytes(body)
    assert client.receive()["error"]["code"] == code
    assert client.request("shutdown") is None


def test_a_message_without_a_length(client):
    client.send_bytes(b"", head="Content-Type: x\r\n\r\n")
    assert client.receive()["error"]["code"] == -32700
    assert client.request("shutdown") is None


@pytest.mark.parametrize("params", [{}, {"textDocument": 1}, {"textDocument": {"uri": 1}}, {"textDocument": {"uri": "x:y"}},
                                    {"position": {"line": -1, "character": "x"}}])
def test_odd_parameters_have_no_answer(client, params):
    for method in ["hover", "completion", "definition", "formatting", "documentSymbol"]:
        assert client.request(f"textDocument/{method}", **params) is None
    for method in ["didOpen", "didChange", "didClose", "didSave"]:
        client.notify(f"textDocument/{method}", **params)
    assert client.request("shutdown") is None


# ---- diagnostics ----------------------------------------------------------------------------------

GOOD = 'permit(principal is User, action == Action::"view", resource) when { context.mfa };\n'


def test_diagnostics_follow_the_text(client):
    client.open("p.cedar", GOOD)
    assert client.diagnostics("p.cedar") == []
    client.change("p.cedar", GOOD.replace("context.mfa", "context.mfaa"))
    found, = client.diagnostics("p.cedar")
    assert (found["code"], found["severity"], found["source"]) == ("attribute-not-found", 1, "cedar")
    assert "`mfaa`" in found["message"] and "did you mean `mfa`?" in found["message"]
    assert found["range"] == {"start": {"line": 0, "character": 69}, "end": {"line": 0, "character": 81}}
    client.change("p.cedar", "permit(principal, action, resource)")
    found, = client.diagnostics("p.cedar")
    assert found["message"].startswith("unexpected end of input")
    client.change("p.cedar", GOOD)
    assert client.diagnostics("p.cedar") == []
    client.notify("textDocument/didClose", textDocument={"uri": client.uri("p.cedar")})
    assert client.diagnostics("p.cedar") == []


def test_warnings_of_the_linter_are_shown(client):
    client.open("p.cedar", GOOD + GOOD.replace("when { context.mfa }", ""))
    assert [(d["code"], d["severity"]) for d in client.diagnostics("p.cedar")] == [("shadowed-policy", 2)]


def test_columns_are_utf16_units(client):
    client.open("p.cedar", 'permit(principal is User, action == Action::"view", resource) when { "\U0001f600é" == contxt };')
    found, = client.diagnostics("p.cedar")
    assert found["range"]["start"]["character"] == 78


def test_columns_are_bytes_where_the_client_can(tmp_path):
    with Client(tmp_path, encodings=("utf-8", "utf-16")) as client:
        assert client.capabilities["positionEncoding"] == "utf-8"
        client.open("p.cedar", 'permit(principal is User, action == Action::"view", resource) when { "\U0001f600é" == contxt };')
        found, = client.diagnostics("p.cedar")
        assert found["range"]["start"]["character"] == 81


def test_a_schema_that_is_being_edited_counts(client):
    client.open("p.cedar", GOOD)
    assert client.diagnostics("p.cedar") == []
    client.open("app.cedarschema", SCHEMA.replace("mfa: Bool", "mfa: Long"))
    assert client.diagnostics("app.cedarschema") == []
    assert [d["code"] for d in client.diagnostics("p.cedar")] == ["unexpected-type"]
    client.change("app.cedarschema", "entity")
    found, = client.diagnostics("app.cedarschema")
    assert "unexpected end of input" in found["message"]
    client.change("app.cedarschema", "entity A;\nentity A;")
    found, = client.diagnostics("app.cedarschema")
    first, = found["relatedInformation"]
    assert first["location"] == {"uri": client.uri("app.cedarschema"), "range": {
        "start": {"line": 0, "character": 7}, "end": {"line": 0, "character": 8}}}
    client.change("app.cedarschema", SCHEMA)
    assert client.diagnostics("p.cedar") == []


def test_a_schema_that_is_closed_without_saving_counts_as_it_is_saved(client):
    client.open("p.cedar", GOOD)
    client.open("app.cedarschema", SCHEMA.replace("mfa: Bool", "mfa: Long"))
    assert [d["code"] for d in client.diagnostics("p.cedar")] == ["unexpected-type"]
    client.notify("textDocument/didClose", textDocument={"uri": client.uri("app.cedarschema")})
    assert client.diagnostics("p.cedar") == []


def test_a_schema_that_changes_on_disk(client, tmp_path):
    client.open("p.cedar", GOOD)
    assert client.diagnostics("p.cedar") == []
    (tmp_path / "app.cedarschema").write_text(SCHEMA.replace("mfa: Bool", "mfa: Long"))
    client.notify("workspace/didChangeWatchedFiles", changes=[{"uri": client.uri("app.cedarschema"), "type": 2}])
    assert [d["code"] for d in client.diagnostics("p.cedar")] == ["unexpected-type"]


def test_a_schema_that_is_open_and_not_saved(tmp_path):
    with Client(tmp_path) as client:
        client.open("p.cedar", GOOD.replace("context.mfa", "context.mfaa"))
        assert client.diagnostics("p.cedar") == []
        client.open("new.cedarschema", SCHEMA)
        assert [d["code"] for d in client.diagnostics("p.cedar")] == ["attribute-not-found"]


def test_the_schema_of_a_folder_above(client):
    client.open("teams/a/p.cedar", GOOD.replace("context.mfa", "context.mfaa"))
    assert [d["code"] for d in client.diagnostics("teams/a/p.cedar")] == ["attribute-not-found"]


def test_a_schema_in_json(tmp_path):
    (tmp_path / "s.cedarschema.json").write_text(json.dumps({"": {
        "entityTypes": {"User": {}, "Doc": {}},
        "actions": {"view": {"appliesTo": {"principalTypes": ["User"], "resourceTypes": ["Doc"]}}}}}))
    with Client(tmp_path) as client:
        client.open("p.cedar", GOOD)
        assert [d["code"] for d in client.diagnostics("p.cedar")] == ["attribute-not-found"]
        client.open("s.cedarschema.json", "{")
        assert len(client.diagnostics("s.cedarschema.json")) == 1


def test_paths_with_spaces_and_umlauts(tmp_path):
    folder = tmp_path / "my politik ü"
    folder.mkdir()
    (folder / "a b.cedarschema").write_text(SCHEMA)
    with Client(folder) as client:
        client.open("p q.cedar", GOOD.replace("context.mfa", "context.mfaa"))
        assert [d["code"] for d in client.diagnostics("p q.cedar")] == ["attribute-not-found"]
        found = client.at("definition", "p q.cedar", GOOD.replace("context.mfa", "context.m‸fa"))
        assert found["uri"] == (folder / "a b.cedarschema").as_uri()


# ---- hover ----------------------------------------------------------------------------------------

def policy(condition, head='principal is User, action == Action::"view", resource'):
    return f"permit({head})\nwhen {{ {condition} }};\n"


@pytest.mark.parametrize("text, expected", [
    (policy("principal.na‸me == \"x\""), "User.name: String"),
    (policy("principal.boss.na‸me == \"x\""), "User.name: String"),
    (policy("principal.bo‸ss == principal"), "User.boss?: User"),
    (policy("principal.address.ci‸ty == \"x\""), "city: String"),
    (policy("principal.address[\"zip‸ code\"] == 1"), "zip code: Long"),
    (policy("principal has na‸me"), "User.name: String"),
    (policy("resource.owner.boss.te‸ams.isEmpty()"), "User.teams: Set<Team>"),
    (policy("context.a‸t == context.at"), "at?: datetime"),
    (policy("princ‸ipal == principal"), "principal: User"),
    (policy("res‸ource == principal"), "resource: Doc"),
    (policy("cont‸ext.mfa"), "context: {at?: datetime, mfa: Bool}"),
    (policy("true", head="princi‸pal, action, resource"), "principal: Team | User"),
    (policy("true", head='princi‸pal in Team::"x", action in [Action::"read"], resource'), "principal: User"),
    (policy("principal is Te‸am"), "entity Team"),
    (policy("principal == Us‸er::\"x\""), "entity User in [Team]"),
    (policy("true", head='principal, action == Action::"vi‸ew", resource'), 'action Action::"view"'),
    (policy("resource == Col‸or::\"red\""), "entity Color enum [red, green]"),
    (policy("resource.ip.isInR‸ange(ip(\"10.0.0.0/8\"))"), "ipaddr.isInRange(ipaddr): Bool"),
    (policy("resource.price == deci‸mal(\"1.0\")"), "decimal(String): decimal"),
    (policy("true").replace("wh", "wh‸"), "when { condition }"),
])
def test_hover(client, text, expected):
    answer = client.at("hover", "p.cedar", text)
    assert answer["contents"]["kind"] == "markdown"
    assert expected in answer["contents"]["value"]


def test_hover_shows_documentation_and_the_range(client):
    answer = client.at("hover", "p.cedar", policy('principal == Us‸er::"x"'))
    assert "Who signs in." in answer["contents"]["value"]
    assert answer["range"] == {"start": {"line": 1, "character": 20}, "end": {"line": 1, "character": 24}}


@pytest.mark.parametrize("text", [policy("principal.no‸ne"), policy("1 ‸+ 1 == 2"), policy("\"te‸xt\" == principal.name"),
                                  "‸", "// princ‸ipal", policy("Foo::\"‸\" == principal")])
def test_hover_has_nothing_to_say(client, text):
    assert client.at("hover", "p.cedar", text) is None


# ---- completion -----------------------------------------------------------------------------------

def labels(answer):
    return {item["label"] for item in answer["items"]}


@pytest.mark.parametrize("text, expected, unexpected", [
    (policy("principal.‸"), {"name", "boss", "address", "teams", "getTag"}, {"owner", "contains", "permit"}),
    (policy("principal.na‸"), {"name", "boss"}, {"permit"}),
    (policy("principal.boss.‸ && true"), {"name", "boss"}, {"owner"}),
    (policy("principal.address.‸"), {"city", "zip code"}, {"name"}),
    (policy("principal.teams.‸"), {"contains", "containsAll", "isEmpty"}, {"isInRange", "name"}),
    (policy("resource.ip.‸"), {"isInRange", "isLoopback"}, {"contains"}),
    (policy("resource.price.‸"), {"lessThan"}, {"contains"}),
    (policy("context.at.‸"), {"offset", "toDate"}, {"contains"}),
    (policy("context has ‸"), {"mfa", "at"}, {"name"}),
    (policy("principal is ‸"), {"User", "Team", "Color"}, {"permit", "principal", "Action"}),
    (policy("‸"), {"principal", "context", "ip", "if", "User"}, set()),
    ("‸", {"permit", "forbid"}, set()),
    ("permit(principal, action == ‸, resource);", {'Action::"view"', 'Action::"read"'}, {"User"}),
    ("permit(principal, action in [Action::\"view\", ‸], resource);", {'Action::"paint"'}, {"User"}),
    ('permit(principal, action == Action::"‸", resource);', {"view", "read", "paint"}, {"red"}),
    (policy('resource == Color::"‸"'), {"red", "green"}, {"view"}),
    ("permit(principal is ‸", {"User", "Team"}, {"permit"}),
])
def test_completion(client, text, expected, unexpected):
    got = labels(client.at("completion", "p.cedar", text))
    assert expected <= got and not unexpected & got


def test_completion_tells_types(client):
    items = client.at("completion", "p.cedar", policy("principal.‸"))["items"]
    details = {item["label"]: item["detail"] for item in items}
    assert (details["name"], details["boss"]) == ("String", "User, optional")


def test_completion_inside_a_string_is_quiet(client):
    assert client.at("completion", "p.cedar", policy("principal.name == \"a‸b\""))["items"] == []


def test_completion_without_a_schema(tmp_path):
    with Client(tmp_path) as client:
        assert "contains" in labels(client.at("completion", "p.cedar", policy("principal.‸")))
        assert "principal" in labels(client.at("completion", "p.cedar", policy("‸")))


# ---- definition, outline, formatting --------------------------------------------------------------

@pytest.mark.parametrize("text, declared", [
    (policy("principal.boss.na‸me == \"x\""), "name"),
    (policy("context.mf‸a"), "mfa"),
    (policy("princ‸ipal.name == \"x\""), "User"),
    (policy("principal is Te‸am"), "Team"),
    (policy("true", head='principal, action == Action::"pa‸int", resource'), "paint"),
])
def test_definition(client, text, declared):
    found = client.at("definition", "p.cedar", text)
    assert found["uri"] == client.uri("app.cedarschema")
    start, end = found["range"]["start"], found["range"]["end"]
    line = SCHEMA.splitlines()[start["line"]]
    assert line[start["character"]:end["character"]].strip('"') == declared


def test_definition_of_what_is_not_declared(client):
    assert client.at("definition", "p.cedar", policy("principal.no‸ne")) is None
    assert client.at("definition", "p.cedar", policy("1 ‸+ 1 == 2")) is None


def test_outline(client):
    client.open("p.cedar", "// first\n" + GOOD + '@id("second")\nforbid(principal, action, resource);\n')
    first, second = client.request("textDocument/documentSymbol", textDocument={"uri": client.uri("p.cedar")})
    assert (first["name"], first["detail"], first["range"]["start"]) == ("policy0", "permit", {"line": 1, "character": 0})
    assert (second["name"], second["detail"], second["range"]["end"]["line"]) == ("second", "forbid", 3)


def test_outline_of_a_large_file(client):
    """Each place is found from the one before, not from the beginning (that would take minutes)."""
    policy = 'permit(principal == User::"{}", // 😀\n  action, resource);\n'
    client.open("p.cedar", "".join(policy.format(i) for i in range(20000)))
    symbols = client.request("textDocument/documentSymbol", textDocument={"uri": client.uri("p.cedar")})
    assert len(symbols) == 20000
    assert symbols[-1]["range"] == {"start": {"line": 39998, "character": 0}, "end": {"line": 39999, "character": 20}}


def test_formatting(client):
    client.open("p.cedar", "permit  (principal,action,resource)when{true};// why\n")
    edit, = client.request("textDocument/formatting", textDocument={"uri": client.uri("p.cedar")}, options={"tabSize": 4})
    assert edit["newText"] == "permit (principal, action, resource)\nwhen { true }; // why\n"
    assert edit["range"]["start"] == {"line": 0, "character": 0}
    client.change("p.cedar", edit["newText"])
    assert client.request("textDocument/formatting", textDocument={"uri": client.uri("p.cedar")}, options={}) == []
    client.change("p.cedar", "permit")
    assert client.request("textDocument/formatting", textDocument={"uri": client.uri("p.cedar")}, options={}) is None


def test_half_typed_texts_never_hurt(client):
    """Every prefix of a text, asked at its end."""
    text = GOOD + policy('principal.address["zip code"] == 1 && context has at && resource.ip.isInRange(ip("10.0.0.0/8"))')
    for end in range(0, len(text), 3):
        for method in ["hover", "completion", "definition"]:
            client.at(method, "p.cedar", text[:end] + "‸")
    assert client.request("shutdown") is None
