# SPDX-License-Identifier: Apache-2.0
"""examples/python/cedar.py on the installed library: what it declares is cedar.h, and what it does."""
import ctypes
import gc
import importlib.util
import os
import re
import threading

import pytest

from harness import ROOT
from package import EXAMPLES, library, pkg_config, run, symbols

ALL = "(principal, action, resource)"
HEADER = re.sub(r"/\*.*?\*/", " ", (ROOT / "include/cedar.h").read_text(), flags=re.S)


@pytest.fixture(scope="module")
def cedar():
    os.environ["CEDAR_LIBRARY"] = str(library())
    try:
        spec = importlib.util.spec_from_file_location("cedar_example", EXAMPLES / "python/cedar.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        del os.environ["CEDAR_LIBRARY"]
    return module


def structures(cedar):
    all_of_them = {value for value in vars(cedar).values()
                   if isinstance(value, type) and issubclass(value, ctypes.Structure)} - {ctypes.Structure}
    return sorted(all_of_them, key=lambda s: s.__name__)


@pytest.fixture(scope="module")
def layout(cedar, tmp_path_factory):
    """Sizes and offsets as Python and as C have them."""
    lines, declared = [], []
    for s in structures(cedar):
        name = ctypes_kind(s).split()[1]
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
    return scratch.authorize(policies, entities, 'User::"a"', 'Action::"view"', 'Doc::"d"', context, **options)


# ---- what it declares -----------------------------------------------------------------------------

def test_every_function_is_declared(cedar):
    assert set(cedar.FUNCTIONS) == symbols()


def c_types(arguments):
    """The types in a parameter list, without names and const."""
    for argument in arguments.split(","):
        words = re.sub(r"\bconst\b", " ", argument).replace("*", " * ").split()
        stars = words.count("*") + ("[" in argument)
        names = [word for word in words if word != "*"]
        yield " ".join(names[:-1] if len(names) > 1 else names) + "*" * stars


def kind(c_type):
    """How an argument is passed."""
    if "*" in c_type:
        return "pointer"
    return {"cedar_str": "struct cedar_str", "cedar_uid": "struct cedar_uid", "void": None,
            "cedar_finding": "struct cedar_finding", "cedar_policy_info": "struct cedar_policy_info",
            "size_t": ctypes.c_size_t, "int64_t": ctypes.c_int64, "bool": ctypes.c_bool,
            "unsigned": ctypes.c_uint, "uint32_t": ctypes.c_uint32}.get(c_type, ctypes.c_int)


def ctypes_kind(declared):
    if declared is None or declared in (ctypes.c_size_t, ctypes.c_int64, ctypes.c_bool, ctypes.c_int,
                                        ctypes.c_uint, ctypes.c_uint32):
        return declared
    if issubclass(declared, ctypes.Structure):
        return "struct cedar" + re.sub(r"([A-Z])", lambda m: "_" + m.group(1).lower(), declared.__name__[1:])
    return "pointer"


def test_arguments_and_results_are_those_of_the_header(cedar):
    pattern = r"CEDAR_API\s+((?:const\s+)?\w+\s*\**)\s*(cedar_\w+)\(([^;]*)\);"
    declared = {name: (result, arguments) for result, name, arguments in re.findall(pattern, HEADER)}
    assert set(declared) == symbols()
    for name, (result, arguments) in declared.items():
        result = result.replace("const", "").replace(" ", "").strip()
        expected = kind(result), [kind(t) for t in c_types(arguments) if t != "void"]
        got = cedar.FUNCTIONS[name]
        assert (ctypes_kind(got[0]), [ctypes_kind(t) for t in got[1]]) == expected, name


def test_the_names_of_statuses_are_those_of_the_header(cedar):
    names = re.search(r"typedef enum cedar_status \{(.*?)\}", HEADER, flags=re.S).group(1)
    in_header = [re.sub(r"CEDAR_(ERR_)?|=.*", "", name).strip() for name in names.split(",")]
    assert [status.name for status in cedar.Status] == in_header


def test_structures_lie_in_memory_as_in_c(layout):
    declared, in_c = layout
    assert declared == in_c


def test_no_structure_is_missing(cedar):
    in_header = set(re.findall(r"typedef struct (cedar_\w+) \{", HEADER))
    assert {ctypes_kind(s).split()[1] for s in structures(cedar)} == in_header


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
    assert (link.effect, link.template_id, link.slots) == ("forbid", "t", {"?principal": ("User", "a")})
    first = policies[policies.find("open")]
    assert (first.source, first.line, first.annotations) == ("t.cedar", 1, {"id": "open"})
    assert (first.effect, first.is_template, first.template_id) == ("permit", False, None)
    assert policies.find("nobody") is None
    more = policies.link("t", "l3", {"?principal": cedar.Uid("User", "c")})
    assert (len(more), len(policies), len(more.remove("l3"))) == (6, 5, 5)
    single = engine.policies(f"permit{ALL};")
    assert len(single.merge(policies)) == 6
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
                             engine.no_entities(), uid, 'Action::"view"', uid, scratch.value(data))
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
                          {"from": "127.0.0.1"}, schema=schema)


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
        warned.validate(schema, compat_4_12=True)
    with pytest.raises(cedar.Error):
        good.validate(schema, level=0)
    assert good.validate(schema, level=1, permissive=True) == []


def test_explanations(cedar, engine, scratch):
    policies = engine.policies('permit(principal in Group::"g", action, resource) when { context.n > 5 };\n'
                               'forbid(principal == User::"b", action, resource);', source="p.cedar")
    entities = engine.entities([{"uid": {"type": "User", "id": "a"}, "attrs": {},
                                 "parents": [{"type": "Group", "id": "g"}]}])
    request = ('User::"a"', 'Action::"view"', 'Doc::"d"')
    told = scratch.explain(policies, entities, *request, {"n": 3})
    assert not told.response and told.cause == "not permitted" and told.omitted == 0
    assert told.totals == {"satisfied": 0, "error": 0, "clause": 1, "scope": 1}
    assert told.entities[0].is_known and told.entities[0].ancestors == ('Group::"g"',)
    assert not told.entities[2].is_known
    first = told.policies[0]
    assert (first.policy.id, first.outcome, first.is_reason) == ("policy0", "clause", False)
    assert [scope.is_matched for scope in first.scopes] == [True, True, True]
    clause = first.clauses[0]
    assert (clause.state, clause.text, clause.line) == ("fails", "context.n > 5", 1)
    assert ("context.n", "3") in [(seen.text, seen.value) for seen in clause.seen]
    second = scratch.explain(policies, entities, *request, {"n": 3}, filter="all", policy_id="policy1")
    assert [p.outcome for p in second.policies] == ["scope"]
    assert second.policies[0].scopes[0].text == 'principal == User::"b"'
    assert scratch.explain(policies, entities, *request, {"n": 6}).cause == "permitted"
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
