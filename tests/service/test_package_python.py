# SPDX-License-Identifier: Apache-2.0
"""examples/python/cedar.py on the installed library: what it declares is cedar.h, and what it does."""
import ctypes
import gc
import importlib
import os
import re
import sys
import threading

import pytest

from harness import ROOT
from package import EXAMPLES, library, pkg_config, run, symbols

ALL = "(principal, action, resource)"


@pytest.fixture(scope="module")
def cedar():
    os.environ["CEDAR_LIBRARY"] = str(library())
    try:
        sys.path.insert(0, str(EXAMPLES / "python"))
        return importlib.import_module("cedar")
    finally:
        sys.path.pop(0)
        del os.environ["CEDAR_LIBRARY"]


def structures(cedar):
    all_of_them = {value for value in vars(cedar.abi).values()
                   if isinstance(value, type) and issubclass(value, ctypes.Structure)} - {ctypes.Structure}
    return sorted(all_of_them, key=lambda s: s.__name__)


@pytest.fixture(scope="module")
def layout(cedar, tmp_path_factory):
    """Sizes and offsets as Python and as C have them."""
    lines, declared = [], []
    for s in structures(cedar):
        name = s.__name__
        lines.append(f'printf("%s %zu\\n", "{name}", sizeof({name}));')
        declared.append(f"{name} {ctypes.sizeof(s)}")
        for field, *_ in s._fields_:
            lines.append(f'printf("%s.%s %zu\\n", "{name}", "{field}", offsetof({name}, {field}));')
            declared.append(f"{name}.{field} {getattr(s, field).offset}")
    directory = tmp_path_factory.mktemp("layout")
    (directory / "layout.c").write_text("#include <cedar.h>\n#include <stdio.h>\nint main(void) {\n"
                                        + "\n".join(lines) + "\nreturn 0;\n}\n")
    run("cc", directory / "layout.c", *pkg_config("--cflags"), "-o", directory / "layout")
    return declared, run(directory / "layout").stdout.splitlines()


@pytest.fixture
def engine(cedar, layout):
    assert layout[0] == layout[1], "a call with other structures would read somewhere else"
    with cedar.Engine() as engine:
        yield engine


@pytest.fixture
def scratch(engine):
    with engine.scratch() as scratch:
        yield scratch


def ask(scratch, policies, entities, context=None, **options):
    return scratch.authorize(policies, entities, 'User::"a"', 'Action::"view"', 'Doc::"d"', context=context, **options)


# ---- what it declares -----------------------------------------------------------------------------

def test_the_declarations_are_made_from_the_header(tmp_path):
    run("python3", ROOT / "tools/python_abi.py", tmp_path / "abi.py")
    assert (tmp_path / "abi.py").read_text() == (EXAMPLES / "python/cedar_abi.py").read_text(), \
        "run tools/python_abi.py"


def test_every_function_is_declared_and_used(cedar):
    assert set(cedar.abi.FUNCTIONS) == symbols()
    used = set(re.findall(r"_lib\.(cedar_\w+)", (EXAMPLES / "python/cedar.py").read_text()))
    assert symbols() - used == {"cedar_str_from"}  # Python's strings know their length


def test_words_are_enumerators(cedar):
    assert cedar.Status.OK == 0 and cedar.Status.NOT_FOUND == 7 and cedar.Status.INTERNAL == 10
    assert list(cedar._WORDS["cedar_cause"].values())[2:4] == ["not permitted", "permit failed"]


def test_structures_lie_in_memory_as_in_c(layout):
    declared, in_c = layout
    assert declared == in_c


def test_no_structure_is_missing(cedar):
    header = (ROOT / "include/cedar.h").read_text()
    assert {s.__name__ for s in structures(cedar)} == set(re.findall(r"typedef struct (cedar_\w+) \{", header))


# ---- what it does ---------------------------------------------------------------------------------

def test_policies(cedar, engine, scratch):
    with engine.builder(ids_from_annotation=True) as builder:
        builder.add(f'@id("open") permit{ALL};\n@id("t") forbid(principal == ?principal, action, resource);',
                    source="t.cedar")
        builder.add_json({"effect": "permit", "principal": {"op": "All"}, "action": {"op": "All"},
                          "resource": {"op": "All"}, "conditions": []}, id_prefix="j#")
        builder.add_links([{"template_id": "t", "link_id": "l2", "args": {"?principal": 'User::"b"'}}])
        policies = builder.link("t", "l1", {"?principal": cedar.Uid("User", "a")}).build()
    assert len(policies) == 5 and len(list(policies)) == 5
    link = policies[policies.find("l1")]
    assert (link.effect, link.link.template_id, link.link.values) == ("forbid", "t", {"?principal": ("User", "a")})
    first = policies[policies.find("open")]
    assert (first.source, first.line, first.annotations) == ("t.cedar", 1, {"id": "open"})
    assert (first.effect, first.is_template, first.link) == ("permit", False, None)
    assert policies.find("nobody") is None
    more = policies.link("t", "l3", {"?principal": cedar.Uid("User", "c")})
    assert (len(more), len(policies), len(more.remove("l3"))) == (6, 5, 5)
    single = engine.policies(f"permit{ALL};")
    assert len(single.merge(policies)) == 6
    both, renamed = scratch.merge_renaming(single, engine.policies(f"forbid{ALL};"))
    assert len(both) == 2 and list(renamed) == ["policy0"] and renamed["policy0"] != "policy0"
    assert scratch.scope(single, 0).principal.kind == scratch.scope(single, 0).resource.kind
    assert scratch.to_text(single) == scratch.to_text(single, 0) == f"permit{ALL};"
    assert scratch.to_json(single, 0)["effect"] == "permit"
    assert len(engine.policies_json(scratch.to_json(policies))) == 5
    with engine.builder() as builder:
        assert len(builder.add_policies(single).build()) == 1
    assert scratch.format("permit( principal,action,resource );") == "permit (principal, action, resource);\n"
    with pytest.raises(cedar.Error) as caught:
        policies.link("t", "l1", {"?principal": cedar.Uid("User", "c")})
    assert caught.value.status is cedar.Status.EXISTS


def test_a_mistake_says_what_and_where(cedar, engine, scratch):
    with pytest.raises(cedar.Error) as caught:
        engine.policies(f"permit{ALL};\nforbid(principal, action, resorce);", source="p.cedar")
    error = caught.value
    assert error.status is cedar.Status.SYNTAX
    finding = error.findings[0]
    assert (finding.severity, finding.source, finding.line) == ("error", "p.cedar", 2)
    start, end = finding.span
    assert 36 <= start < end and finding.source_line.startswith("forbid(")
    assert str(error).startswith("p.cedar:2:")
    with pytest.raises(cedar.Error):
        scratch.check("1 +")
    scratch.check("1 + 1")
    with pytest.raises(cedar.Error):
        engine.entities([{"uid": {"type": "User"}}])
    with pytest.raises(cedar.Error):
        engine.entities("[")


def test_values_come_from_python_data(cedar, engine, scratch):
    uid = scratch.uid(r'Ns::User::"al\"ice"')
    assert uid == ("Ns::User", 'al"ice') and scratch.format_uid(uid) == r'Ns::User::"al\"ice"'
    assert str(scratch.value({"s": "é\0x", "n": -2**63})) == r'{"n": -9223372036854775808, "s": "é\0x"}'
    data = {"s": "é", "n": -5, "t": True, "e": uid, "l": [1, 2], "r": {"deep": ["x"]}}
    value = scratch.evaluate("[context.s, context.n + 1, context.t, context.e, context.l, context.r]",
                             engine.no_entities(), uid, 'Action::"view"', uid, context=scratch.value(data))
    for part in ('"é"', "-4", "true", r'Ns::User::"al\"ice"', '{"deep": ["x"]}'):
        assert part in str(value)
    with pytest.raises(OverflowError):
        scratch.value(2**63)
    with pytest.raises(TypeError):
        scratch.value(1.5)
    with pytest.raises(cedar.Error) as caught:
        scratch.evaluate("context.absent", engine.no_entities(), uid, uid, uid)
    assert caught.value.status is cedar.Status.EVALUATION and "absent" in str(caught.value)
    assert cedar.is_type_name("Ns::User") and not cedar.is_type_name("if")
    assert cedar.language_version() and cedar.library_version()


def test_schemas(cedar, engine, scratch):
    schema = engine.schema("entity User; entity Doc; action view appliesTo "
                           "{ principal: User, resource: Doc, context: { from: ipaddr } };")
    entities = engine.entities([{"uid": {"type": "User", "id": "a"}, "attrs": {}, "parents": []}], schema)
    assert len(entities) == 2  # and the action
    policies = engine.policies(f'permit{ALL} when {{ context.from.isLoopback() }};')
    assert ask(scratch, policies, entities, {"from": "127.0.0.1"}, schema=schema)
    assert not ask(scratch, policies, entities, {"from": "10.0.0.1"}, schema=schema)
    with pytest.raises(cedar.Error):
        ask(scratch, policies, entities, {}, schema=schema)
    with pytest.raises(cedar.Error):
        scratch.authorize(policies, entities, 'Doc::"d"', 'Action::"view"', 'Doc::"d"',
                          context={"from": "127.0.0.1"}, schema=schema)


def test_overlays(engine, scratch):
    policies = engine.policies('permit(principal in Group::"g", action, resource) '
                               'when { principal.age == 7 && resource.getTag("k") == "v" };')
    entities = engine.no_entities()
    assert len(entities) == 0
    overlay = scratch.overlay(entities)
    overlay.add('User::"a"', attrs={"age": 7}).add_parents('User::"a"', ['Group::"g"'])
    overlay.add_json([{"uid": {"type": "Doc", "id": "d"}, "attrs": {}, "parents": [], "tags": {"k": "v"}}])
    overlay.finish()
    answer = ask(scratch, policies, entities, overlay=overlay)
    assert answer and answer.reasons == ("policy0",) and answer.errors == ()
    assert not ask(scratch, policies, entities)


def test_a_batch(cedar, engine, scratch):
    policies = engine.policies('permit(principal == User::"a", action, resource);')
    asked = [(f'User::"{name}"', 'Action::"x"', 'D::"d"') for name in "ab"]
    assert [bool(answer) for answer in scratch.authorize_batch(policies, engine.no_entities(), asked)] == [True, False]


def test_versions_of_a_store(cedar, engine, scratch):
    first = engine.entities([{"uid": {"type": "User", "id": "a"}, "attrs": {"age": 7}, "tags": {"k": "v"},
                              "parents": [{"type": "Group", "id": "g"}]}])
    with scratch.update(first) as update:
        update.upsert('User::"b"', parents=['User::"a"'], attrs={"n": [1, 2]})
        update.upsert_json([{"uid": {"type": "Group", "id": "g"}, "attrs": {},
                             "parents": [{"type": "Group", "id": "all"}]}])
        second = update.delete('User::"none"').publish()
    assert (len(first), len(second)) == (1, 3)
    b, everybody = cedar.Uid("User", "b"), cedar.Uid("Group", "all")
    assert second.is_in(b, everybody) and not first.is_in(b, everybody)
    a = scratch.entity(second, 'User::"a"')
    assert (a.uid, a.parents) == (("User", "a"), (("Group", "g"),))
    assert (str(a.attrs), str(a.tags)) == ('{"age": 7}', '{"k": "v"}')
    assert scratch.entity(second, 'User::"none"') is None
    assert scratch.ancestors(second, b) == {("User", "a"), ("Group", "g"), ("Group", "all")}
    assert sorted(e.uid.id for e in scratch.all_entities(second)) == ["a", "b", "g"]
    assert len(engine.entities(scratch.entities_to_json(second))) == 3
    with scratch.update(second) as update, pytest.raises(cedar.Error):
        update.upsert('Group::"all"', parents=['User::"b"']).publish()  # a cycle


def test_entities_from_elsewhere(cedar, engine, scratch):
    policies = engine.policies('permit(principal in Group::"g", action, resource) when { principal.age == 7 };')
    asked = []

    def find(uid):
        asked.append(uid)
        return {"parents": ['Group::"g"'], "attrs": {"age": 7}} if uid.type == "User" else None

    answer = ask(scratch, policies, engine.no_entities(), find_entity=find)
    assert answer and cedar.Uid("User", "a") in asked and len(asked) == len(set(asked))
    value = scratch.evaluate("principal.age", engine.no_entities(), 'User::"a"', 'Action::"v"', 'Doc::"d"',
                             find_entity=find)
    assert str(value) == "7"
    with pytest.raises(cedar.Error) as caught:
        ask(scratch, policies, engine.no_entities(), find_entity=find, max_entities=1)
    assert caught.value.status is cedar.Status.LIMIT
    with pytest.raises(LookupError, match="the database is away"):
        def away(uid):
            raise LookupError("the database is away")
        ask(scratch, policies, engine.no_entities(), find_entity=away)


def test_errors_of_policies_and_time(engine, scratch):
    answer = ask(scratch, engine.policies(f"forbid{ALL} when {{ context.absent }};"), engine.no_entities())
    assert not answer and not answer.is_timeout
    assert [(e.policy_id, e.effect) for e in answer.errors] == [("policy0", "forbid")]
    many = engine.policies(f"permit{ALL} when {{ principal == resource }};\n" * 20000)
    assert ask(scratch, many, engine.no_entities(), is_expired=lambda: True).is_timeout
    assert not ask(scratch, many, engine.no_entities(), is_expired=lambda: False).is_timeout
    with pytest.raises(KeyboardInterrupt):
        def interrupt():
            raise KeyboardInterrupt
        ask(scratch, many, engine.no_entities(), is_expired=interrupt)


def test_what_has_ended_cannot_be_used(engine, scratch):
    value = scratch.value(1)
    scratch.reset()
    with pytest.raises(ValueError, match="reset"):
        str(value)
    policies = engine.policies(f"permit{ALL};")
    shared = policies.share()
    policies.close()
    policies.close()
    with pytest.raises(ValueError, match="closed"):
        len(policies)
    assert len(shared) == 1
    with pytest.raises(ValueError, match="closed"):
        ask(scratch, policies, engine.no_entities())


def test_validation(cedar, engine):
    schema = engine.schema("entity User = { age: Long }; entity Doc; "
                           "action view appliesTo { principal: User, resource: Doc };")
    good = engine.policies('permit(principal, action == Action::"view", resource) when { principal.age > 1 };')
    assert good.validate(schema) == []
    bad = engine.policies('permit(principal, action == Action::"view", resource) when { principal.ag > 1 };')
    with pytest.raises(cedar.Error) as caught:
        bad.validate(schema)
    assert caught.value.status is cedar.Status.SCHEMA
    finding = caught.value.findings[0]
    assert finding.policy_id == "policy0" and finding.kind != "" and "`ag`" in finding.message
    warned = engine.policies('permit(principal == Doc::"d", action == Action::"view", resource);')
    assert {f.severity for f in warned.validate(schema)} == {"warning"}
    with pytest.raises(cedar.Error):
        warned.validate(schema, compat="4.12")
    with pytest.raises(cedar.Error):
        good.validate(schema, level=0)
    assert good.validate(schema, level=1, mode="permissive") == []


def test_what_a_schema_declares(cedar, engine, scratch):
    text = ('namespace N { @doc("who") entity User in [Group] = { age: Long, boss?: User } tags String; '
            'entity Group; entity Mode enum ["a", "b"]; type T = Set<Long>; }\n'
            'action view in [all] appliesTo { principal: N::User, resource: N::Group, '
            'context: { t: N::T } }; action all;')
    schema = engine.schema(text, source="s.cedarschema")
    user = schema.entity_type("N::User")
    assert (user.kind, user.is_principal, user.is_resource) == ("plain", True, False)
    assert (user.parents, user.ancestors, user.annotations) == (("N::Group",), ("N::Group",), {"doc": "who"})
    assert (user.site.source, user.site.line) == ("s.cedarschema", 1) and user.tags.kind == "string"
    age, boss = user.attributes.attributes["age"], user.attributes.attributes["boss"]
    assert (age.is_required, age.type.kind) == (True, "long")
    assert (boss.is_required, boss.type.kind, boss.type.entity_type) == (False, "entity", "N::User")
    assert schema.attribute_as_text(scratch, "N::User", "boss") == "N::User"
    assert schema.attribute_as_text(scratch, "N::User", "none") is None
    assert schema.entity_type("N::Nobody") is None
    assert schema.entity_type("N::Mode").ids == ("a", "b")
    assert {t.name for t in schema.entity_types()} >= {"N::User", "N::Group", "N::Mode"}
    view = schema.action(cedar.Uid("Action", "view"))
    assert (view.principals, view.resources) == (("N::User",), ("N::Group",))
    assert view.parents == (cedar.Uid("Action", "all"),) and not view.is_group
    assert view.context.attributes["t"].type.element.kind == "long"
    assert [a.uid.id for a in schema.actions()] == ["all", "view"]
    assert [(t.name, t.type.kind) for t in schema.common_types()] == [("N::T", "set")]
    assert {n.name for n in schema.namespaces()} == {"", "N"}
    assert [(e.principal_type, e.action.id) for e in schema.environments()] == [("N::User", "view")]


def test_forms_of_schemas(cedar, engine, scratch):
    other = {"": {"entityTypes": {"B": {}}, "actions": {}}}
    with engine.schema_builder() as builder:
        schema = builder.add("entity A in B;", source="a").add(other, "json").build()
    assert scratch.schema_to_text(schema).split() == "entity A in [B]; entity B;".split()
    assert set(scratch.schema_to_json(schema)[""]["entityTypes"]) == {"A", "B"}
    assert set(scratch.schema_to_json(schema, resolved=True)[""]["entityTypes"]) == {"A", "B"}
    assert "entity B;" in scratch.translate_schema(other, "json", "cedar")
    with pytest.raises(cedar.Error):
        engine.schema_builder().add("entity A;").add("entity A;").build()


def test_lint(cedar, engine):
    rules = cedar.lint_rules()
    assert len(rules) > 1 and all(rule.name and rule.summary for rule in rules)
    policies = engine.policies(f"permit{ALL};\npermit(principal == User::\"a\", action, resource);")
    findings, cost = policies.lint()
    assert findings and {f.kind for f in findings} <= {rule.name for rule in rules}
    assert cost.request >= cost.policy > 0
    assert policies.lint(disabled=[rule.name for rule in rules])[0] == []
    with pytest.raises(cedar.Error) as caught:
        policies.lint(max_set_cost=1)
    assert caught.value.status is cedar.Status.LIMIT


def test_explanations(cedar, engine, scratch):
    policies = engine.policies('permit(principal in Group::"g", action, resource) when { context.n > 5 };\n'
                               'forbid(principal == User::"b", action, resource);', source="p.cedar")
    entities = engine.entities([{"uid": {"type": "User", "id": "a"}, "attrs": {},
                                 "parents": [{"type": "Group", "id": "g"}]}])
    request = ('User::"a"', 'Action::"view"', 'Doc::"d"')
    told = scratch.explain(policies, entities, *request, context={"n": 3})
    assert not told.response and told.cause == "not permitted" and told.omitted == 0
    assert told.totals == {"satisfied": 0, "error": 0, "clause": 1, "scope": 1}
    assert told.entities[0].is_known and told.entities[0].ancestors == ('Group::"g"',)
    assert not told.entities[2].is_known
    first = told.policies[0]
    assert (first.info.id, first.outcome, first.is_reason) == ("policy0", "clause", False)
    assert [scope.is_matched for scope in first.scopes] == [True, True, True]
    clause = first.clauses[0]
    assert (clause.state, clause.text, clause.place.line) == ("fails", "context.n > 5", 1)
    assert ("context.n", "3") in [(seen.text, seen.value) for seen in clause.seen]
    second = scratch.explain(policies, entities, *request, context={"n": 3}, filter="all", policy_id="policy1")
    assert [p.outcome for p in second.policies] == ["scope"]
    assert second.policies[0].scopes[0].text == 'principal == User::"b"'
    assert scratch.explain(policies, entities, *request, context={"n": 6}).cause == "permitted"
    with pytest.raises(cedar.Error) as caught:
        scratch.explain(policies, entities, *request, policy_id="nobody")
    assert caught.value.status is cedar.Status.NOT_FOUND


def test_objects_keep_alive_what_they_need(cedar):
    def make():
        engine = cedar.Engine(max_depth=100)
        return engine.policies(f"permit{ALL};"), engine.no_entities(), engine.scratch()
    policies, entities, scratch = make()
    gc.collect()
    assert ask(scratch, policies, entities)


def test_limits_of_the_engine(cedar):
    with cedar.Engine(max_text_bytes=100) as engine, pytest.raises(cedar.Error) as caught:
        engine.policies("permit" + " " * 200 + f"{ALL};")
    assert caught.value.status is cedar.Status.LIMIT


def test_threads_share_what_is_immutable(engine):
    policies, entities = engine.policies(f"permit{ALL} when {{ context.n < 500 }};"), engine.no_entities()
    allowed = []

    def work():
        with engine.scratch() as scratch:
            count = 0
            for n in range(1000):
                count += bool(ask(scratch, policies, entities, {"n": n}))
                scratch.reset()
            allowed.append(count)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert allowed == [500] * 4
