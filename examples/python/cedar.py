# SPDX-License-Identifier: Apache-2.0
"""libcedar from Python through ctypes: no compiler, nothing but the standard library.

    import cedar

    with cedar.Engine() as engine, \\
         engine.policies('permit(principal, action, resource) when { context.hour < 18 };') as policies, \\
         engine.entities([]) as entities, engine.scratch() as scratch:
        answer = scratch.authorize(policies, entities, 'User::"a"', 'Action::"view"', 'Doc::"d"',
                                   context={"hour": 9})
        if answer: ...                      # answer.reasons, answer.errors

cedar.h is the manual; this only dresses it, and cedar_abi.py beside it declares it. Engines, policy
sets, schemas and entity stores are immutable and may be used from any number of threads (calls run
without Python's lock); a Scratch belongs to one thread at a time. Objects are given back by close(),
at the end of a `with`, or when they are collected.

What a call returns is copied into Python, but for Value and Overlay, which live in their scratch
until reset(). Structures of cedar.h become objects with the same fields: strings are str, uids are
Uid, enumerators are words ("not permitted" is CEDAR_CAUSE_NOT_PERMITTED), arrays are tuples.

A call that fails raises cedar.Error, whose findings say what and where. The library is looked for
in $CEDAR_LIBRARY, then where the system keeps libraries.
"""
import ctypes
import ctypes.util
import enum
import json
import os
import re
import types
import typing
from ctypes import POINTER, byref, c_char, c_char_p, c_int, c_size_t, c_uint64, c_void_p

import cedar_abi as abi

_lib = abi.declare(ctypes.CDLL(
    os.environ.get("CEDAR_LIBRARY") or ctypes.util.find_library("cedar") or "libcedar.so.0"))

_SIZE_MAX = c_size_t(-1).value

Status = enum.IntEnum("Status", {
    name.removeprefix("CEDAR_").removeprefix("ERR_"): value
    for name, value in abi.ENUMS["cedar_status"].items()})

# ---- from Python to C ----------------------------------------------------------------------------


def _str(text):
    """A cedar_str; ctypes keeps the bytes for as long as it, or what it is stored in. None has none."""
    if text is None:
        return abi.cedar_str()
    data = text.encode() if isinstance(text, str) else bytes(text)
    return abi.cedar_str(ctypes.cast(c_char_p(data), POINTER(c_char)), len(data))


def _c(text):
    return None if text is None else text.encode()


def _json(data):
    """JSON text as it is, anything else as JSON."""
    return _str(data if isinstance(data, (str, bytes)) else json.dumps(data, ensure_ascii=False))


def _handle(thing):
    return None if thing is None else thing._handle


class Uid(typing.NamedTuple):
    """User::"alice" is Uid("User", "alice")."""
    type: str
    id: str

    def _c(self):
        return abi.cedar_uid(_str(self.type), _str(self.id))


def _slots(values):
    """{"?principal": Uid(…)} as an array."""
    return (abi.cedar_slot_value * len(values))(
        *(abi.cedar_slot_value(_str(slot), uid._c()) for slot, uid in values.items()))


def _uids(values):
    return (abi.cedar_uid * len(values))(*(uid._c() for uid in values))


def _number(enumeration, word):
    """"not permitted" is CEDAR_CAUSE_NOT_PERMITTED, "4.12" CEDAR_COMPAT_4_12."""
    names = abi.ENUMS[enumeration]
    return names[_prefix(names) + re.sub(r"\W", "_", word.upper())]

# ---- from C to Python ----------------------------------------------------------------------------


def _prefix(names):
    """What the enumerators of an enumeration have in common."""
    common = os.path.commonprefix(list(names))
    return common[: common.rindex("_") + 1]


_WORDS = {enumeration: {value: name.removeprefix(_prefix(names)).lower().replace("_", " ")
                        for name, value in names.items()}
          for enumeration, names in abi.ENUMS.items()}


def _count_of(c, field):
    """How many items a pointer of a structure points to; None: it is no array."""
    names = {name for name, *_ in c._fields_}
    single = field[:-3] + "y" if field.endswith("ies") else field.removesuffix("s")
    for name in ("shown_count" if field == "ancestors" else None, single + "_count"):
        if name in names:
            return getattr(c, name)
    return None


def _plain(c, into=types.SimpleNamespace):
    """A structure as an object with its fields; what counts an array is left out."""
    if isinstance(c, abi.cedar_str):
        return c.text()
    if isinstance(c, abi.cedar_uid):
        return Uid(c.type.text(), c.id.text())
    if not isinstance(c, ctypes.Structure):
        return tuple(map(_plain, c)) if isinstance(c, ctypes.Array) else c
    words = abi.ENUM_FIELDS.get(type(c).__name__, {})
    out = {}
    for name, kind, *_ in c._fields_:
        value = getattr(c, name)
        if name in words:
            out[name] = _WORDS[words[name]][value]
        elif isinstance(value, ctypes._Pointer):
            count = _count_of(c, name)
            if count is not None:
                out[name] = tuple(_plain(item) for item in value[:count]) if count else ()
            else:
                out[name] = _plain(value.contents) if value else None
        elif not (name.endswith("_count") and kind is c_size_t):
            out[name] = _plain(value)
    return into(**out)

# ---- errors --------------------------------------------------------------------------------------


class Finding(types.SimpleNamespace):
    """cedar_finding; `span` is (start, end) or None."""

    @property
    def span(self):
        return (self.start, self.end) if self.has_span else None

    def __str__(self):
        place = f"{self.source}:{self.line}:{self.column}: " if self.has_span else ""
        return (f"{place}{self.severity}: {self.message}"
                + (f"\n  {self.label}" if self.label else "")
                + (f"\n  help: {self.help}" if self.help else ""))


class Error(Exception):
    """A call failed: status is a Status, findings say why."""

    def __init__(self, status, findings=()):
        self.status = Status(status)
        self.findings = tuple(findings)
        super().__init__("\n".join([*map(str, self.findings), _lib.cedar_status_name(status).decode()]))


def _check(status):
    if status != Status.OK:
        raise Error(status)


def _reported(call, *arguments):
    """Calls with a report at the end; its findings, or an Error with them."""
    report = c_void_p()
    status = call(*arguments, byref(report))
    try:
        findings = [_plain(_lib.cedar_report_get(report, i), Finding)
                    for i in range(_lib.cedar_report_count(report))]
    finally:
        _lib.cedar_report_free(report)
    if status != Status.OK:
        raise Error(status, findings)
    return findings


def _made(call, *arguments):
    """The object that a call without a report makes."""
    made = c_void_p()
    _check(call(*arguments, byref(made)))
    return made


def _made_reported(call, *arguments):
    """The object that a call with a report makes, and its warnings."""
    made = c_void_p()
    return made, _reported(call, *arguments, byref(made))


def _text(call, *arguments):
    made = abi.cedar_str()
    _check(call(*arguments, byref(made)))
    return made.text()


def _text_reported(call, *arguments):
    made = abi.cedar_str()
    _reported(call, *arguments, byref(made))
    return made.text()


class _Object:
    """Gives its handle back once; cannot be used after that."""
    _give_back = None
    _open = None

    def __init__(self, handle):
        self._open = handle

    @property
    def _handle(self):
        if self._open is None:
            raise ValueError(f"this {type(self).__name__} is closed")
        return self._open

    def close(self):
        handle, self._open = self._open, None
        if handle is not None:
            self._give_back(handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        self.close()


class _Counted(_Object):
    """An immutable object; what it needs stays alive with it. `warnings` are findings."""
    _count = None

    def __init__(self, handle, warnings=()):
        super().__init__(handle)
        self.warnings = tuple(warnings)

    def share(self):
        """Another handle to the same object, for somebody who closes it on their own."""
        return type(self)(c_void_p(self._count(self._handle)), self.warnings)

# ---- engine --------------------------------------------------------------------------------------


class Engine(_Counted):
    """Once per process. Objects of engines with different hash keys do not fit together."""
    _count, _give_back = _lib.cedar_engine_ref, _lib.cedar_engine_unref

    def __init__(self, handle=None, warnings=(), *, hash_key=None, max_text_bytes=0,
                 max_object_bytes=0, max_depth=0):
        if handle is None:
            key = hash_key or (int.from_bytes(os.urandom(8), "little"),
                               int.from_bytes(os.urandom(8), "little"))
            config = abi.cedar_config(hash_key=(c_uint64 * 2)(*key), max_text_bytes=max_text_bytes,
                                      max_object_bytes=max_object_bytes, max_depth=max_depth)
            handle = _made(_lib.cedar_engine_new, byref(config))
        super().__init__(handle, warnings)

    def policies(self, text, source="policies"):
        return Policies(*_made_reported(_lib.cedar_policies_parse, self._handle, _str(text), _c(source)))

    def policies_json(self, data, source="policies"):
        return Policies(*_made_reported(_lib.cedar_policies_parse_json, self._handle, _json(data),
                                        _c(source)))

    def builder(self, ids_from_annotation=False):
        return PoliciesBuilder(self, 1 if ids_from_annotation else 0)

    def schema(self, text, format="cedar", source="schema"):
        """`format` is "cedar" or "json"."""
        return Schema(*_made_reported(_lib.cedar_schema_parse, self._handle, _json(text),
                                      _number("cedar_format", format), _c(source)))

    def schema_builder(self):
        return SchemaBuilder(self)

    def entities(self, data, schema=None, source="entities"):
        """From JSON text or data: a list of {"uid", "attrs", "parents", "tags"}."""
        return Entities(*_made_reported(_lib.cedar_entities_parse_json, self._handle, _json(data),
                                        _handle(schema), _c(source)))

    def no_entities(self):
        return Entities(_made(_lib.cedar_entities_empty, self._handle))

    def scratch(self, max_bytes=0):
        return Scratch(self, max_bytes)

# ---- schemas -------------------------------------------------------------------------------------


def _annotations(handle):
    return {a.name.text(): a.value.text()
            for a in (_lib.cedar_annotations_get(handle, i)
                      for i in range(_lib.cedar_annotations_count(handle)))}


def _type(handle):
    """cedar_type as an object: kind, entity_type, element, attributes (name -> attribute)."""
    if handle is None:
        return None
    info = _lib.cedar_type_get(handle)
    attributes = (_lib.cedar_type_attribute(handle, i) for i in range(info.attribute_count))
    return types.SimpleNamespace(
        kind=_WORDS["cedar_type_kind"][info.kind], entity_type=info.entity_type.text(),
        element=_type(info.element), attributes={a.name.text(): _declared(a) for a in attributes})


def _declared(c):
    """Something that a schema declares, with its types and annotations read."""
    out = _plain(c)
    for name in ("type", "attributes", "tags", "context"):
        if hasattr(out, name):
            setattr(out, name, _type(getattr(out, name)))
    if hasattr(out, "annotations"):
        out.annotations = _annotations(out.annotations)
    return out


class Schema(_Counted):
    """What it declares is read when it is asked for."""
    _count, _give_back = _lib.cedar_schema_ref, _lib.cedar_schema_unref

    def _all(self, count, get):
        return [_declared(get(self._handle, i)) for i in range(count(self._handle))]

    def entity_types(self):
        return self._all(_lib.cedar_schema_entity_type_count, _lib.cedar_schema_entity_type)

    def actions(self):
        return self._all(_lib.cedar_schema_action_count, _lib.cedar_schema_action)

    def common_types(self):
        return self._all(_lib.cedar_schema_common_type_count, _lib.cedar_schema_common_type)

    def namespaces(self):
        return self._all(_lib.cedar_schema_namespace_count, _lib.cedar_schema_namespace)

    def environments(self):
        return self._all(_lib.cedar_schema_environment_count, _lib.cedar_schema_environment)

    def entity_type(self, name):
        """The entity type of that name, or None."""
        index = _lib.cedar_schema_find_entity_type(self._handle, _str(name))
        return None if index == _SIZE_MAX else _declared(_lib.cedar_schema_entity_type(self._handle, index))

    def action(self, uid):
        index = _lib.cedar_schema_find_action(self._handle, uid._c())
        return None if index == _SIZE_MAX else _declared(_lib.cedar_schema_action(self._handle, index))

    def attribute_as_text(self, scratch, entity_type, attribute):
        """The type of an attribute as a schema has it, or None."""
        index = _lib.cedar_schema_find_entity_type(self._handle, _str(entity_type))
        record = _lib.cedar_schema_entity_type(self._handle, index).attributes
        at = _SIZE_MAX if record is None else _lib.cedar_type_find_attribute(record, _str(attribute))
        if at == _SIZE_MAX:
            return None
        return _text(_lib.cedar_type_format, scratch._handle, _lib.cedar_type_attribute(record, at).type)


class SchemaBuilder(_Object):
    """Several texts as one schema; build once."""
    _give_back = _lib.cedar_schema_builder_free

    def __init__(self, engine):
        super().__init__(_made(_lib.cedar_schema_builder_new, engine._handle))

    def add(self, text, format="cedar", source="schema"):
        _check(_lib.cedar_schema_builder_add(self._handle, _json(text), _number("cedar_format", format),
                                             _c(source)))
        return self

    def build(self):
        return Schema(*_made_reported(_lib.cedar_schema_builder_build, self._handle))

# ---- entities, policies ----------------------------------------------------------------------------


class Entities(_Counted):
    _count, _give_back = _lib.cedar_entities_ref, _lib.cedar_entities_unref

    def __len__(self):
        return _lib.cedar_entities_count(self._handle)

    def is_in(self, uid, ancestor):
        """What `uid in ancestor` is in a policy."""
        made = ctypes.c_bool()
        _check(_lib.cedar_entities_is_in(self._handle, uid._c(), ancestor._c(), byref(made)))
        return made.value


class EntitiesUpdate(_Object):
    """A new version of a store: changes are collected, then published at once. Made by a scratch,
    which lends it memory for values."""
    _give_back = _lib.cedar_entities_update_free

    def __init__(self, scratch, base, schema):
        self._scratch = scratch
        super().__init__(_made(_lib.cedar_entities_update_new, base._handle, _handle(schema)))

    def upsert(self, uid, parents=(), attrs=None, tags=None):
        entity = self._scratch._entity(uid, parents, attrs, tags)
        _reported(_lib.cedar_entities_update_upsert, self._handle, byref(entity))
        return self

    def upsert_json(self, data, source="entities"):
        _reported(_lib.cedar_entities_update_upsert_json, self._handle, _json(data), _c(source))
        return self

    def delete(self, uid):
        _check(_lib.cedar_entities_update_delete(self._handle, self._scratch.uid(uid)._c()))
        return self

    def publish(self):
        """The new store; the update is used up."""
        return Entities(*_made_reported(_lib.cedar_entities_update_publish, self._handle))


def _with_names(policy):
    """Annotations and the slots of a link by name."""
    policy.annotations = {a.name: a.value for a in policy.annotations}
    if policy.link is not None:
        policy.link.values = {v.slot: v.uid for v in policy.link.values}
    return policy


class Policies(_Counted):
    """A sequence of cedar_policy_info. link, merge and remove make another set."""
    _count, _give_back = _lib.cedar_policies_ref, _lib.cedar_policies_unref

    def __len__(self):
        return _lib.cedar_policies_count(self._handle)

    def __getitem__(self, index):
        if not 0 <= index < len(self):
            raise IndexError(index)
        return _with_names(_plain(_lib.cedar_policies_get(self._handle, index)))

    def find(self, policy_id):
        """Its index, or None."""
        index = _lib.cedar_policies_find(self._handle, _str(policy_id))
        return None if index == _SIZE_MAX else index

    def link(self, template_id, new_id, slots):
        return Policies(*_made_reported(_lib.cedar_policies_link, self._handle, _str(template_id),
                                        _str(new_id), _slots(slots), len(slots)))

    def merge(self, other):
        return Policies(*_made_reported(_lib.cedar_policies_merge, self._handle, other._handle))

    def remove(self, policy_id):
        return Policies(*_made_reported(_lib.cedar_policies_remove, self._handle, _str(policy_id)))

    def validate(self, schema, mode="strict", level=None, compat="current"):
        """Warnings; raises an Error with the findings when there are errors."""
        options = abi.cedar_validate_options(_number("cedar_validation_mode", mode),
                                             _number("cedar_compat", compat), level is not None, level or 0)
        return _reported(_lib.cedar_validate, self._handle, _handle(schema), byref(options))

    def lint(self, schema=None, disabled=(), max_policy_cost=0, max_set_cost=0):
        """Findings and cost; raises an Error when a budget is not kept."""
        names = [rule.name for rule in lint_rules()]
        bits = sum(1 << names.index(name) for name in disabled)
        options = abi.cedar_lint_options(_handle(schema), bits, max_policy_cost, max_set_cost)
        cost = abi.cedar_lint_cost()
        findings = _reported(_lib.cedar_lint, self._handle, byref(options), byref(cost))
        return findings, _plain(cost)


class PoliciesBuilder(_Object):
    """Several sources into one set; build() tells all mistakes at once."""
    _give_back = _lib.cedar_policies_builder_free

    def __init__(self, engine, flags):
        super().__init__(_made(_lib.cedar_policies_builder_new, engine._handle, flags))

    def add(self, text, source="policies", id_prefix=""):
        _check(_lib.cedar_policies_builder_add(self._handle, _str(text), _c(source), _c(id_prefix)))
        return self

    def add_json(self, data, source="policies", id_prefix=""):
        _check(_lib.cedar_policies_builder_add_json(self._handle, _json(data), _c(source), _c(id_prefix)))
        return self

    def add_policies(self, policies):
        _check(_lib.cedar_policies_builder_add_policies(self._handle, policies._handle))
        return self

    def link(self, template_id, new_id, slots):
        _check(_lib.cedar_policies_builder_link(self._handle, _str(template_id), _str(new_id),
                                                _slots(slots), len(slots)))
        return self

    def add_links(self, data, source="links"):
        _check(_lib.cedar_policies_builder_add_links_json(self._handle, _json(data), _c(source)))
        return self

    def build(self):
        return Policies(*_made_reported(_lib.cedar_policies_builder_build, self._handle))

# ---- scratch: calls --------------------------------------------------------------------------------


class Response(types.SimpleNamespace):
    """cedar_response; true when allowed."""

    @property
    def allowed(self):
        return self.decision == "allow"

    def __bool__(self):
        return self.allowed


class _InScratch:
    """Something that lives until its scratch is reset; cannot be used after that."""

    def __init__(self, scratch, handle):
        self._scratch, self._inner, self._resets = scratch, handle, scratch._resets

    @property
    def _handle(self):
        if self._resets != self._scratch._resets:
            raise ValueError(f"this {type(self).__name__} has ended with a reset of its scratch")
        return self._inner


class Value(_InScratch):
    """An immutable value in a scratch; str() is Cedar syntax."""

    def __str__(self):
        return _text(_lib.cedar_value_format, self._scratch._handle, self._handle)


class Overlay(_InScratch):
    """Entities for one request on top of a store."""

    def __init__(self, scratch, base, schema):
        self._base = base  # must outlive it
        super().__init__(scratch, _made(_lib.cedar_overlay_new, scratch._handle, base._handle,
                                        _handle(schema)))

    def add(self, uid, parents=(), attrs=None, tags=None):
        entity = self._scratch._entity(uid, parents, attrs, tags)
        _reported(_lib.cedar_overlay_add, self._handle, byref(entity))
        return self

    def add_parents(self, uid, parents):
        parents = [self._scratch.uid(parent) for parent in parents]
        _reported(_lib.cedar_overlay_add_parents, self._handle, self._scratch.uid(uid)._c(),
                  _uids(parents), len(parents))
        return self

    def add_json(self, data):
        _reported(_lib.cedar_overlay_add_json, self._handle, _json(data))
        return self

    def finish(self):
        """After it the overlay can be used in a request."""
        _reported(_lib.cedar_overlay_finish, self._handle)
        return self


_IS_EXPIRED = dict(abi.cedar_request._fields_)["is_expired"]
_FIND = dict(abi.cedar_entity_source._fields_)["find"]


class _Asked:
    """A cedar_request, and what must not go before the call has returned."""

    def __init__(self, scratch, principal, action, resource, context=None, overlay=None,
                 find_entity=None, max_entities=0, is_expired=None, schema=None):
        principal, action, resource = map(scratch.uid, (principal, action, resource))
        context = {} if context is None else context
        if not isinstance(context, Value):
            context = scratch.context(context, schema, action)
        self.raised = None
        self.c = abi.cedar_request(principal._c(), action._c(), resource._c(), context._handle,
                                   _handle(overlay))
        if is_expired is not None:
            self.c.is_expired = self._is_expired = _IS_EXPIRED(
                self._guarded(lambda _: bool(is_expired()), True))
        if find_entity is not None:
            self._source = abi.cedar_entity_source(
                _FIND(self._guarded(self._finder(scratch, find_entity), Status.INTERNAL)), None,
                max_entities)
            self.c.source = ctypes.pointer(self._source)

    def _guarded(self, function, otherwise):
        """An exception cannot pass through C: it ends the call and is raised behind it."""
        def call(*arguments):
            try:
                return function(*arguments)
            except BaseException as error:
                self.raised = error
                return otherwise
        return call

    @staticmethod
    def _finder(scratch, find_entity):
        def find(_, uid, lent, ret_entity):
            found = find_entity(_plain(uid.contents))
            if found is not None:
                entity = _Lent(lent)._entity(_plain(uid.contents), **found)
                scratch._kept.append(entity)  # until the next reset, as the answer
                ret_entity[0] = ctypes.pointer(entity)
            return Status.OK
        return find

    def done(self):
        if self.raised is not None:
            raise self.raised


class Scratch(_Object):
    """Memory of calls; one thread at a time. reset() ends the life of values and overlays.

    A request is principal, action and resource (a Uid, or text such as User::"a"), and as options
    `context` (JSON text, data, or a Value), `overlay`, `is_expired` (a function), and
    `find_entity`, for those who hold entities elsewhere: called with a Uid, it gives None or a dict
    of "parents", "attrs" and "tags", each of which may be missing; at most `max_entities` times.
    """
    _give_back = _lib.cedar_scratch_free
    _resets = 0

    def __init__(self, engine, max_bytes=0):
        self._kept = []
        super().__init__(_made(_lib.cedar_scratch_new, engine._handle, max_bytes))

    def reset(self):
        self._resets += 1
        self._kept.clear()
        _lib.cedar_scratch_reset(self._handle)

    def close(self):
        self._resets += 1
        super().close()

    # -- ids and values

    def uid(self, uid):
        """From a Uid, or from text: User::"alice"."""
        if isinstance(uid, Uid):
            return uid
        c = abi.cedar_uid()
        _reported(_lib.cedar_uid_parse, self._handle, _str(uid), byref(c))
        return _plain(c)

    def format_uid(self, uid):
        return _text(_lib.cedar_uid_format, self._handle, uid._c())

    def value(self, data):
        """bool, int, str, Uid, list and dict, and Value as it is."""
        if isinstance(data, Value):
            return data
        if isinstance(data, bool):
            return self._value(_lib.cedar_value_bool, data)
        if isinstance(data, int):
            if not -2**63 <= data < 2**63:
                raise OverflowError(f"{data} is no long")
            return self._value(_lib.cedar_value_long, data)
        if isinstance(data, str):
            return self._value(_lib.cedar_value_string, _str(data))
        if isinstance(data, Uid):
            return self._value(_lib.cedar_value_entity, data._c())
        if isinstance(data, dict):
            names = (abi.cedar_str * len(data))(*map(_str, data))
            return self._value(_lib.cedar_value_record, names, self._values(data.values()), len(data))
        if isinstance(data, (list, tuple, set, frozenset)):
            return self._value(_lib.cedar_value_set, self._values(data), len(data))
        raise TypeError(f"no Cedar value: {data!r}")

    def _value(self, call, *arguments):
        return Value(self, _made(call, self._handle, *arguments))

    def _values(self, data):
        return (c_void_p * len(data))(*(self.value(item)._handle.value for item in data))

    def _entity(self, uid, parents=(), attrs=None, tags=None):
        parents = [self.uid(parent) for parent in parents]
        return abi.cedar_entity(self.uid(uid)._c(), _uids(parents), len(parents),
                                None if attrs is None else self.value(attrs)._handle,
                                None if tags is None else self.value(tags)._handle)

    def context(self, data, schema=None, action=None):
        """From JSON text or data, with `__entity` and `__extn`; a schema needs the action."""
        uid = None if schema is None else byref(self.uid(action)._c())
        made, _ = _made_reported(_lib.cedar_context_parse_json, self._handle, _json(data),
                                 _handle(schema), uid)
        return Value(self, made)

    def overlay(self, base, schema=None):
        return Overlay(self, base, schema)

    # -- entities

    def update(self, entities, schema=None):
        return EntitiesUpdate(self, entities, schema)

    def _entity_from(self, c):
        entity = _plain(c)
        for name in ("attrs", "tags"):
            pointer = getattr(entity, name)
            setattr(entity, name, None if pointer is None else Value(self, c_void_p(pointer)))
        return entity

    def entity(self, entities, uid):
        """uid, parents, attrs and tags (values) of an entity; None when it is not there."""
        c = abi.cedar_entity()
        status = _lib.cedar_entities_get(self._handle, entities._handle, self.uid(uid)._c(), byref(c))
        if status == Status.NOT_FOUND:
            return None
        _check(status)
        return self._entity_from(c)

    def ancestors(self, entities, uid):
        made, count = POINTER(abi.cedar_uid)(), c_size_t()
        _check(_lib.cedar_entities_ancestors(self._handle, entities._handle, self.uid(uid)._c(),
                                             byref(made), byref(count)))
        return {_plain(c) for c in made[:count.value]} if count.value else set()

    def all_entities(self, entities):
        """One after the other."""
        cursor, c = abi.cedar_entities_cursor(), abi.cedar_entity()
        while True:
            status = _lib.cedar_entities_next(self._handle, entities._handle, byref(cursor), byref(c))
            if status == Status.NOT_FOUND:
                return
            _check(status)
            yield self._entity_from(c)

    def entities_to_json(self, entities):
        """As Python data."""
        return json.loads(_text_reported(_lib.cedar_entities_to_json, self._handle, entities._handle))

    # -- requests

    def authorize(self, policies, entities, principal, action, resource, schema=None, **options):
        """A Response. With a schema the context is read and the request is validated by it."""
        asked = _Asked(self, principal, action, resource, schema=schema, **options)
        if schema is not None:
            _reported(_lib.cedar_request_validate, self._handle, schema._handle, byref(asked.c))
        c = abi.cedar_response()
        status = _lib.cedar_authorize(policies._handle, entities._handle, byref(asked.c), self._handle,
                                      byref(c))
        asked.done()
        _check(status)
        return _plain(c, Response)

    def authorize_batch(self, policies, entities, requests):
        """A Response for each (principal, action, resource) or dict of authorize's arguments; an Error
        in the place of one that could not be answered."""
        askers = [_Asked(self, **r) if isinstance(r, dict) else _Asked(self, *r) for r in requests]
        count = len(askers)
        asked = (abi.cedar_request * count)(*(a.c for a in askers))
        answers, statuses = (abi.cedar_response * count)(), (c_int * count)()
        status = _lib.cedar_authorize_batch(policies._handle, entities._handle, asked, count, self._handle,
                                            answers, statuses)
        for a in askers:
            a.done()
        _check(status)
        return [_plain(c, Response) if s == Status.OK else Error(Status(s), [])
                for c, s in zip(answers, statuses)]

    def merge_renaming(self, first, second):
        """Both sets as one, and {old id: new id} of what had to be renamed in the second."""
        made, renamings, count = c_void_p(), POINTER(abi.cedar_renaming)(), c_size_t()
        _check(_lib.cedar_policies_merge_renaming(self._handle, first._handle, second._handle, byref(made),
                                                  byref(renamings), byref(count)))
        return Policies(made), {_plain(r.old_id): _plain(r.new_id) for r in renamings[:count.value]}

    def scope(self, policies, index):
        """cedar_scope: what the head of a policy demands."""
        c = abi.cedar_scope()
        _check(_lib.cedar_policy_scope(self._handle, policies._handle, index, byref(c)))
        return _plain(c)

    def explain(self, policies, entities, principal, action, resource, filter="near", limit=0,
                policy_id=None, max_seen=0, max_text=0, **options):
        """cedar_explanation: for people and logs, not for every request."""
        asked = _Asked(self, principal, action, resource, **options)
        wanted = abi.cedar_explain_options(_number("cedar_explain_filter", filter), limit,
                                           _str(policy_id), max_seen, max_text)
        made = POINTER(abi.cedar_explanation)()
        status = _lib.cedar_explain(policies._handle, entities._handle, byref(asked.c), self._handle,
                                    byref(wanted), byref(made))
        asked.done()
        _check(status)
        told = _plain(made.contents)
        told.response = Response(**vars(told.response))
        told.totals = dict(zip(_WORDS["cedar_outcome"].values(), told.totals))
        for policy in told.policies:
            policy.info = _with_names(policy.info)
        return told

    def evaluate(self, expression, entities, principal, action, resource, **options):
        asked = _Asked(self, principal, action, resource, **options)
        made = c_void_p()
        try:
            _reported(_lib.cedar_evaluate, self._handle, _str(expression), entities._handle,
                      byref(asked.c), byref(made))
        finally:
            asked.done()
        return Value(self, made)

    def check(self, expression):
        """Raises when it does not parse."""
        _reported(_lib.cedar_expression_check, self._handle, _str(expression))

    # -- forms

    def to_text(self, policies, index=None):
        if index is None:
            return _text(_lib.cedar_policies_to_text, self._handle, policies._handle)
        return _text(_lib.cedar_policy_to_text, self._handle, policies._handle, index)

    def to_json(self, policies, index=None):
        """As Python data."""
        if index is None:
            return json.loads(_text(_lib.cedar_policies_to_json, self._handle, policies._handle))
        return json.loads(_text(_lib.cedar_policy_to_json, self._handle, policies._handle, index))

    def format(self, text, source="policies", line_width=0, indent_width=0):
        options = abi.cedar_format_options(line_width, indent_width)
        return _text_reported(_lib.cedar_policies_format, self._handle, _str(text), _c(source),
                              byref(options))

    def schema_to_text(self, schema):
        return _text_reported(_lib.cedar_schema_to_text, self._handle, schema._handle)

    def schema_to_json(self, schema, resolved=False):
        """As Python data."""
        call = _lib.cedar_schema_to_json_resolved if resolved else _lib.cedar_schema_to_json
        return json.loads(_text(call, self._handle, schema._handle))

    def translate_schema(self, text, from_format, to_format, source="schema"):
        return _text_reported(_lib.cedar_schema_translate, self._handle, _json(text),
                              _number("cedar_format", from_format), _c(source),
                              _number("cedar_format", to_format))


class _Lent(Scratch):
    """A scratch that C lends for the time of a call."""

    def __init__(self, handle):
        _Object.__init__(self, c_void_p(handle))

    def close(self):
        self._open = None

# ---- versions, names, rules --------------------------------------------------------------------------


def language_version():
    return _lib.cedar_language_version().decode()


def library_version():
    return _lib.cedar_library_version().decode()


def is_type_name(name):
    return _lib.cedar_type_name_is_valid(_str(name))


def lint_rules():
    """name and summary of each rule."""
    return [_plain(_lib.cedar_lint_rule_get(i)) for i in range(_lib.cedar_lint_rule_count())]
