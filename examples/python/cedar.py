# SPDX-License-Identifier: Apache-2.0
"""libcedar from Python through ctypes: no compiler, nothing but the standard library.

    import cedar

    with cedar.Engine() as engine, \\
         engine.policies('permit(principal, action, resource) when { context.hour < 18 };') as policies, \\
         engine.entities([]) as entities, engine.scratch() as scratch:
        answer = scratch.authorize(policies, entities, 'User::"a"', 'Action::"view"', 'Doc::"d"',
                                   context={"hour": 9})
        if answer: ...                      # answer.reasons, answer.errors

cedar.h is the manual; this only dresses it. Engines, policy sets, schemas and entity stores are
immutable and may be used from any number of threads (calls run without Python's lock); a Scratch
belongs to one thread at a time. Objects are given back by close(), at the end of a `with`, or when
they are collected. What a call returns is copied into Python, but for Value and Overlay, which live
in their scratch until reset().

A call that fails raises cedar.Error, whose findings say what and where. The library is looked for
in $CEDAR_LIBRARY, then where the system keeps libraries.
"""
import ctypes
import ctypes.util
import dataclasses
import enum
import json
import os
import typing
from ctypes import (CFUNCTYPE, POINTER, Structure, byref, c_bool, c_char, c_char_p, c_int, c_int64,
                    c_size_t, c_uint, c_uint32, c_uint64, c_void_p)

# ---- cedar.h, as ctypes sees it ------------------------------------------------------------------

PERMIT, FORBID = 0, 1
FORMAT_CEDAR, FORMAT_JSON = 0, 1
IDS_FROM_ANNOTATION = 1
_SEVERITIES = ("error", "warning", "advice")
_SIZE_MAX = c_size_t(-1).value


class Status(enum.IntEnum):
    """cedar_status; every call says which of them it can end with."""
    OK = 0
    NOMEM = 1
    LIMIT = 2
    SYNTAX = 3
    SCHEMA = 4
    EVALUATION = 5
    EXISTS = 6
    NOT_FOUND = 7
    UNSUPPORTED = 8
    MISUSE = 9
    INTERNAL = 10


class _Str(Structure):
    _fields_ = [("ptr", POINTER(c_char)), ("len", c_size_t)]

    def text(self):
        return ctypes.string_at(self.ptr, self.len).decode() if self.len else ""


class _Uid(Structure):
    _fields_ = [("type", _Str), ("id", _Str)]


_RESIZE = CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_size_t, c_size_t)
_IS_EXPIRED = CFUNCTYPE(c_bool, c_void_p)


class _Allocator(Structure):
    _fields_ = [("resize", _RESIZE), ("ctx", c_void_p)]


class _Config(Structure):
    _fields_ = [("allocator", _Allocator), ("hash_key", c_uint64 * 2), ("max_text_bytes", c_size_t),
                ("max_object_bytes", c_size_t), ("max_depth", c_uint32)]


class _Finding(Structure):
    _fields_ = [("severity", c_int), ("message", _Str), ("label", _Str), ("help", _Str),
                ("source", _Str), ("policy_id", _Str), ("kind", _Str), ("has_span", c_bool), ("start", c_size_t),
                ("end", c_size_t), ("line", c_uint32), ("column", c_uint32), ("source_line", _Str)]


class _SlotValue(Structure):
    _fields_ = [("slot", _Str), ("uid", _Uid)]


class _Link(Structure):
    _fields_ = [("template_id", _Str), ("value_count", c_size_t), ("values", POINTER(_SlotValue))]


class _Annotation(Structure):
    _fields_ = [("name", _Str), ("value", _Str)]


class _PolicyInfo(Structure):
    _fields_ = [("id", _Str), ("effect", c_int), ("is_template", c_bool), ("source", _Str),
                ("line", c_uint32), ("column", c_uint32), ("text", _Str), ("annotation_count", c_size_t),
                ("annotations", POINTER(_Annotation)), ("depth", c_uint32), ("nodes", c_uint32),
                ("link", POINTER(_Link))]


class _FormatOptions(Structure):
    _fields_ = [("line_width", c_uint32), ("indent_width", c_uint32)]


class _Entity(Structure):
    _fields_ = [("uid", _Uid), ("parents", POINTER(_Uid)), ("parent_count", c_size_t),
                ("attrs", c_void_p), ("tags", c_void_p)]


class _Request(Structure):
    _fields_ = [("principal", _Uid), ("action", _Uid), ("resource", _Uid), ("context", c_void_p),
                ("overlay", c_void_p), ("is_expired", _IS_EXPIRED), ("expired_ctx", c_void_p)]


class _PolicyError(Structure):
    _fields_ = [("policy_id", _Str), ("effect", c_int), ("message", _Str), ("help", _Str)]


class _Response(Structure):
    _fields_ = [("decision", c_int), ("reason_count", c_size_t), ("reasons", POINTER(_Str)),
                ("error_count", c_size_t), ("errors", POINTER(_PolicyError)), ("is_timeout", c_bool)]


class _ValidateOptions(Structure):
    _fields_ = [("mode", c_int), ("compat", c_int), ("has_level", c_bool), ("level", c_uint32)]


class _Place(Structure):
    _fields_ = [("start", c_size_t), ("end", c_size_t), ("line", c_uint32), ("column", c_uint32)]


class _Seen(Structure):
    _fields_ = [("kind", c_int), ("is_cause", c_bool), ("depth", c_uint32), ("text", _Str),
                ("value", _Str), ("place", _Place)]


class _ExplainedClause(Structure):
    _fields_ = [("is_unless", c_bool), ("state", c_int), ("text", _Str), ("place", _Place),
                ("seen_count", c_size_t), ("seen", POINTER(_Seen)), ("seen_omitted", c_size_t)]


class _ExplainedScope(Structure):
    _fields_ = [("is_matched", c_bool), ("text", _Str), ("place", _Place)]


class _ExplainedPolicy(Structure):
    _fields_ = [("index", c_size_t), ("info", _PolicyInfo), ("outcome", c_int), ("is_reason", c_bool),
                ("scopes", _ExplainedScope * 3), ("clause_count", c_size_t),
                ("clauses", POINTER(_ExplainedClause)), ("message", _Str), ("help", _Str)]


class _ExplainedEntity(Structure):
    _fields_ = [("text", _Str), ("is_known", c_bool), ("ancestor_count", c_size_t),
                ("shown_count", c_size_t), ("ancestors", POINTER(_Str))]


class _Explanation(Structure):
    _fields_ = [("response", _Response), ("cause", c_int), ("entities", _ExplainedEntity * 3),
                ("totals", c_size_t * 4), ("permit_errors", c_size_t), ("forbid_errors", c_size_t),
                ("policy_count", c_size_t), ("policies", POINTER(_ExplainedPolicy)),
                ("omitted", c_size_t), ("is_cut", c_bool)]


class _ExplainOptions(Structure):
    _fields_ = [("filter", c_int), ("limit", c_size_t), ("policy_id", _Str), ("max_seen", c_size_t),
                ("max_text", c_size_t)]


_OUT = POINTER(c_void_p)  # of an object, a value or a report
_OUT_STR = POINTER(_Str)

# name -> (result, arguments); objects are c_void_p
FUNCTIONS = {
    "cedar_authorize": (c_int, [c_void_p, c_void_p, POINTER(_Request), c_void_p, POINTER(_Response)]),
    "cedar_context_parse_json": (c_int, [c_void_p, _Str, c_void_p, POINTER(_Uid), _OUT, _OUT]),
    "cedar_engine_new": (c_int, [POINTER(_Config), _OUT]),
    "cedar_engine_ref": (c_void_p, [c_void_p]),
    "cedar_engine_unref": (None, [c_void_p]),
    "cedar_entities_count": (c_size_t, [c_void_p]),
    "cedar_entities_empty": (c_int, [c_void_p, _OUT]),
    "cedar_entities_parse_json": (c_int, [c_void_p, _Str, c_void_p, c_char_p, _OUT, _OUT]),
    "cedar_entities_ref": (c_void_p, [c_void_p]),
    "cedar_entities_unref": (None, [c_void_p]),
    "cedar_evaluate": (c_int, [c_void_p, _Str, c_void_p, POINTER(_Request), _OUT, _OUT]),
    "cedar_explain": (c_int, [c_void_p, c_void_p, POINTER(_Request), c_void_p, POINTER(_ExplainOptions),
                              POINTER(POINTER(_Explanation))]),
    "cedar_expression_check": (c_int, [c_void_p, _Str, _OUT]),
    "cedar_language_version": (c_char_p, []),
    "cedar_library_version": (c_char_p, []),
    "cedar_overlay_add": (c_int, [c_void_p, POINTER(_Entity), _OUT]),
    "cedar_overlay_add_json": (c_int, [c_void_p, _Str, _OUT]),
    "cedar_overlay_add_parents": (c_int, [c_void_p, _Uid, POINTER(_Uid), c_size_t, _OUT]),
    "cedar_overlay_finish": (c_int, [c_void_p, _OUT]),
    "cedar_overlay_new": (c_int, [c_void_p, c_void_p, c_void_p, _OUT]),
    "cedar_policies_builder_add": (c_int, [c_void_p, _Str, c_char_p, c_char_p]),
    "cedar_policies_builder_add_json": (c_int, [c_void_p, _Str, c_char_p, c_char_p]),
    "cedar_policies_builder_add_links_json": (c_int, [c_void_p, _Str, c_char_p]),
    "cedar_policies_builder_add_policies": (c_int, [c_void_p, c_void_p]),
    "cedar_policies_builder_build": (c_int, [c_void_p, _OUT, _OUT]),
    "cedar_policies_builder_free": (None, [c_void_p]),
    "cedar_policies_builder_link": (c_int, [c_void_p, _Str, _Str, POINTER(_SlotValue), c_size_t]),
    "cedar_policies_builder_new": (c_int, [c_void_p, c_uint, _OUT]),
    "cedar_policies_count": (c_size_t, [c_void_p]),
    "cedar_policies_find": (c_size_t, [c_void_p, _Str]),
    "cedar_policies_format": (c_int, [c_void_p, _Str, c_char_p, POINTER(_FormatOptions), _OUT_STR, _OUT]),
    "cedar_policies_get": (_PolicyInfo, [c_void_p, c_size_t]),
    "cedar_policies_link": (c_int, [c_void_p, _Str, _Str, POINTER(_SlotValue), c_size_t, _OUT, _OUT]),
    "cedar_policies_merge": (c_int, [c_void_p, c_void_p, _OUT, _OUT]),
    "cedar_policies_parse": (c_int, [c_void_p, _Str, c_char_p, _OUT, _OUT]),
    "cedar_policies_parse_json": (c_int, [c_void_p, _Str, c_char_p, _OUT, _OUT]),
    "cedar_policies_ref": (c_void_p, [c_void_p]),
    "cedar_policies_remove": (c_int, [c_void_p, _Str, _OUT, _OUT]),
    "cedar_policies_to_json": (c_int, [c_void_p, c_void_p, _OUT_STR]),
    "cedar_policies_to_text": (c_int, [c_void_p, c_void_p, _OUT_STR]),
    "cedar_policies_unref": (None, [c_void_p]),
    "cedar_policy_to_json": (c_int, [c_void_p, c_void_p, c_size_t, _OUT_STR]),
    "cedar_policy_to_text": (c_int, [c_void_p, c_void_p, c_size_t, _OUT_STR]),
    "cedar_report_count": (c_size_t, [c_void_p]),
    "cedar_report_free": (None, [c_void_p]),
    "cedar_report_get": (_Finding, [c_void_p, c_size_t]),
    "cedar_request_validate": (c_int, [c_void_p, c_void_p, POINTER(_Request), _OUT]),
    "cedar_schema_parse": (c_int, [c_void_p, _Str, c_int, c_char_p, _OUT, _OUT]),
    "cedar_schema_ref": (c_void_p, [c_void_p]),
    "cedar_schema_unref": (None, [c_void_p]),
    "cedar_scratch_free": (None, [c_void_p]),
    "cedar_scratch_new": (c_int, [c_void_p, c_size_t, _OUT]),
    "cedar_scratch_reset": (None, [c_void_p]),
    "cedar_status_name": (c_char_p, [c_int]),
    "cedar_str_from": (_Str, [c_char_p]),
    "cedar_type_name_is_valid": (c_bool, [_Str]),
    "cedar_uid_format": (c_int, [c_void_p, _Uid, _OUT_STR]),
    "cedar_uid_parse": (c_int, [c_void_p, _Str, POINTER(_Uid), _OUT]),
    "cedar_validate": (c_int, [c_void_p, c_void_p, POINTER(_ValidateOptions), _OUT]),
    "cedar_value_bool": (c_int, [c_void_p, c_bool, _OUT]),
    "cedar_value_entity": (c_int, [c_void_p, _Uid, _OUT]),
    "cedar_value_format": (c_int, [c_void_p, c_void_p, _OUT_STR]),
    "cedar_value_long": (c_int, [c_void_p, c_int64, _OUT]),
    "cedar_value_record": (c_int, [c_void_p, POINTER(_Str), _OUT, c_size_t, _OUT]),
    "cedar_value_set": (c_int, [c_void_p, _OUT, c_size_t, _OUT]),
    "cedar_value_string": (c_int, [c_void_p, _Str, _OUT]),
}


def _load():
    name = os.environ.get("CEDAR_LIBRARY") or ctypes.util.find_library("cedar") or "libcedar.so.0"
    library = ctypes.CDLL(name)
    for function, (result, arguments) in FUNCTIONS.items():
        declared = getattr(library, function)
        declared.restype, declared.argtypes = result, arguments
    return library


_lib = _load()

# ---- from Python to C ----------------------------------------------------------------------------


def _str(text):
    """A cedar_str; ctypes keeps the bytes for as long as it, or what it is stored in."""
    data = text.encode() if isinstance(text, str) else bytes(text)
    return _Str(ctypes.cast(c_char_p(data), POINTER(c_char)), len(data))


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
        return _Uid(_str(self.type), _str(self.id))


def _uid_from(c):
    return Uid(c.type.text(), c.id.text())


def _slots(values):
    """{"?principal": Uid(…)} as an array."""
    array = (_SlotValue * len(values))()
    for i, (slot, uid) in enumerate(values.items()):
        array[i] = _SlotValue(_str(slot), uid._c())
    return array


def _uids(values):
    array = (_Uid * len(values))()
    for i, uid in enumerate(values):
        array[i] = uid._c()
    return array

# ---- errors --------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Finding:
    severity: str  # "error", "warning", "advice"
    message: str
    label: str
    help: str
    source: str
    policy_id: str
    kind: str  # of a validation
    span: typing.Optional[typing.Tuple[int, int]]  # bytes of the source
    line: int
    column: int
    source_line: str

    def __str__(self):
        place = f"{self.source}:{self.line}:{self.column}: " if self.span else ""
        return (f"{place}{self.severity}: {self.message}"
                + (f"\n  {self.label}" if self.label else "")
                + (f"\n  help: {self.help}" if self.help else ""))


class Error(Exception):
    """A call failed: status is a Status, findings say why."""

    def __init__(self, status, findings=()):
        self.status = Status(status)
        self.findings = tuple(findings)
        super().__init__("\n".join([*map(str, self.findings), _lib.cedar_status_name(status).decode()]))


def _read_report(report):
    findings = []
    for i in range(_lib.cedar_report_count(report)):
        f = _lib.cedar_report_get(report, i)
        findings.append(Finding(
            _SEVERITIES[f.severity], f.message.text(), f.label.text(), f.help.text(),
            f.source.text(), f.policy_id.text(), f.kind.text(), (f.start, f.end) if f.has_span else None,
            f.line, f.column, f.source_line.text()))
    return findings


def _check(status):
    if status != Status.OK:
        raise Error(status)


def _reported(call, *arguments):
    """Calls with a report at the end; its findings, or an Error with them."""
    report = c_void_p()
    status = call(*arguments, byref(report))
    try:
        findings = _read_report(report)
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
    made = _Str()
    _check(call(*arguments, byref(made)))
    return made.text()


class _Object:
    """Gives its handle back once; cannot be used after that."""
    _give_back = None  # name of the function
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
            getattr(_lib, self._give_back)(handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        self.close()


class _Counted(_Object):
    """An immutable object; what it needs stays alive with it."""
    _count = None

    def share(self):
        """Another handle to the same object, for somebody who closes it on their own."""
        return type(self)(c_void_p(getattr(_lib, self._count)(self._handle)))

# ---- engine, schema, policies, entities -----------------------------------------------------------


class Engine(_Counted):
    """Once per process. Objects of engines with different hash keys do not fit together."""
    _count, _give_back = "cedar_engine_ref", "cedar_engine_unref"

    def __init__(self, handle=None, *, hash_key=None, max_text_bytes=0, max_object_bytes=0, max_depth=0):
        if handle is None:
            key = hash_key or (int.from_bytes(os.urandom(8), "little"),
                               int.from_bytes(os.urandom(8), "little"))
            config = _Config(hash_key=(c_uint64 * 2)(*key), max_text_bytes=max_text_bytes,
                             max_object_bytes=max_object_bytes, max_depth=max_depth)
            handle = _made(_lib.cedar_engine_new, byref(config))
        super().__init__(handle)

    def policies(self, text, source="policies"):
        made, warnings = _made_reported(_lib.cedar_policies_parse, self._handle, _str(text), _c(source))
        return Policies(made, warnings)

    def policies_json(self, data, source="policies"):
        made, warnings = _made_reported(_lib.cedar_policies_parse_json, self._handle, _json(data),
                                        _c(source))
        return Policies(made, warnings)

    def builder(self, ids_from_annotation=False):
        return PoliciesBuilder(self, IDS_FROM_ANNOTATION if ids_from_annotation else 0)

    def schema(self, text, format=FORMAT_CEDAR, source="schema"):
        made, _ = _made_reported(_lib.cedar_schema_parse, self._handle, _json(text), format, _c(source))
        return Schema(made)

    def entities(self, data, schema=None, source="entities"):
        """From JSON text or data: a list of {"uid", "attrs", "parents", "tags"}."""
        made, _ = _made_reported(_lib.cedar_entities_parse_json, self._handle, _json(data),
                                 _handle(schema), _c(source))
        return Entities(made)

    def no_entities(self):
        return Entities(_made(_lib.cedar_entities_empty, self._handle))

    def scratch(self, max_bytes=0):
        return Scratch(self, max_bytes)


class Schema(_Counted):
    _count, _give_back = "cedar_schema_ref", "cedar_schema_unref"


class Entities(_Counted):
    _count, _give_back = "cedar_entities_ref", "cedar_entities_unref"

    def __len__(self):
        return _lib.cedar_entities_count(self._handle)


@dataclasses.dataclass(frozen=True)
class Policy:
    id: str
    effect: str  # "permit", "forbid"
    is_template: bool
    source: str
    line: int
    column: int
    text: str
    annotations: dict
    depth: int
    nodes: int
    template_id: typing.Optional[str]  # of a linked policy
    slots: dict


def _effect(c):
    return "forbid" if c == FORBID else "permit"


def _policy_from(info):
    link = info.link.contents if info.link else None
    return Policy(
        info.id.text(), _effect(info.effect), info.is_template, info.source.text(), info.line,
        info.column, info.text.text(),
        {a.name.text(): a.value.text() for a in info.annotations[:info.annotation_count]},
        info.depth, info.nodes, link.template_id.text() if link else None,
        {v.slot.text(): _uid_from(v.uid) for v in link.values[:link.value_count]} if link else {})


class Policies(_Counted):
    """A sequence of Policy. link, merge and remove make another set."""
    _count, _give_back = "cedar_policies_ref", "cedar_policies_unref"

    def __init__(self, handle, warnings=()):
        super().__init__(handle)
        self.warnings = tuple(warnings)

    def __len__(self):
        return _lib.cedar_policies_count(self._handle)

    def __getitem__(self, index):
        if not 0 <= index < len(self):
            raise IndexError(index)
        return _policy_from(_lib.cedar_policies_get(self._handle, index))

    def find(self, policy_id):
        """Its index, or None."""
        index = _lib.cedar_policies_find(self._handle, _str(policy_id))
        return None if index == _SIZE_MAX else index

    def link(self, template_id, new_id, slots):
        made, warnings = _made_reported(_lib.cedar_policies_link, self._handle, _str(template_id),
                                        _str(new_id), _slots(slots), len(slots))
        return Policies(made, warnings)

    def merge(self, other):
        return Policies(*_made_reported(_lib.cedar_policies_merge, self._handle, other._handle))

    def remove(self, policy_id):
        return Policies(*_made_reported(_lib.cedar_policies_remove, self._handle, _str(policy_id)))

    def validate(self, schema, permissive=False, level=None, compat_4_12=False):
        """Warnings; raises an Error with the findings when there are errors."""
        options = _ValidateOptions(permissive, compat_4_12, level is not None, level or 0)
        return _reported(_lib.cedar_validate, self._handle, schema._handle, byref(options))


class PoliciesBuilder(_Object):
    """Several sources into one set; build() tells all mistakes at once."""
    _give_back = "cedar_policies_builder_free"

    def __init__(self, engine, flags):
        super().__init__(_made(_lib.cedar_policies_builder_new, engine._handle, flags))

    def add(self, text, source="policies", id_prefix=""):
        _check(_lib.cedar_policies_builder_add(self._handle, _str(text), _c(source), _c(id_prefix)))
        return self

    def add_json(self, data, source="policies", id_prefix=""):
        _check(_lib.cedar_policies_builder_add_json(self._handle, _json(data), _c(source),
                                                    _c(id_prefix)))
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

# ---- scratch: calls -------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class PolicyError:
    policy_id: str
    effect: str
    message: str
    help: str


@dataclasses.dataclass(frozen=True)
class Response:
    """True when allowed."""
    allowed: bool
    reasons: typing.Tuple[str, ...]
    errors: typing.Tuple[PolicyError, ...]
    is_timeout: bool

    def __bool__(self):
        return self.allowed


def _response_from(c):
    return Response(
        c.decision == 1, tuple(r.text() for r in c.reasons[:c.reason_count]),
        tuple(PolicyError(e.policy_id.text(), _effect(e.effect), e.message.text(), e.help.text())
              for e in c.errors[:c.error_count]),
        c.is_timeout)


# ---- explanations -----------------------------------------------------------------------------------

_CAUSES = ("permitted", "forbidden", "not permitted", "permit failed", "timeout")
_OUTCOMES = ("satisfied", "error", "clause", "scope")
_STATES = ("holds", "fails", "error", "skipped")
_SEEN_KINDS = ("value", "error", "skipped", "fact")
_FILTERS = ("near", "reached", "all")


@dataclasses.dataclass(frozen=True)
class Seen:
    """Something that was looked at while a clause was evaluated; depth makes them a tree."""
    kind: str  # "value", "error", "skipped", "fact"
    is_cause: bool
    depth: int
    text: str
    value: str
    line: int
    column: int


@dataclasses.dataclass(frozen=True)
class ExplainedClause:
    is_unless: bool
    state: str  # "holds", "fails", "error", "skipped"
    text: str
    line: int
    column: int
    seen: typing.Tuple[Seen, ...]
    seen_omitted: int


@dataclasses.dataclass(frozen=True)
class ExplainedScope:
    is_matched: bool
    text: str


@dataclasses.dataclass(frozen=True)
class ExplainedPolicy:
    policy: Policy
    outcome: str  # "satisfied", "error", "clause", "scope"
    is_reason: bool
    scopes: typing.Tuple[ExplainedScope, ...]  # principal, action, resource
    clauses: typing.Tuple[ExplainedClause, ...]
    message: str
    help: str


@dataclasses.dataclass(frozen=True)
class ExplainedEntity:
    text: str
    is_known: bool
    ancestor_count: int
    ancestors: typing.Tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Explanation:
    response: Response
    cause: str  # "permitted", "forbidden", "not permitted", "permit failed", "timeout"
    entities: typing.Tuple[ExplainedEntity, ...]  # principal, action, resource
    totals: dict  # outcome -> policies
    permit_errors: int
    forbid_errors: int
    policies: typing.Tuple[ExplainedPolicy, ...]
    omitted: int
    is_cut: bool


def _clause_from(c):
    seen = tuple(Seen(_SEEN_KINDS[s.kind], s.is_cause, s.depth, s.text.text(), s.value.text(),
                      s.place.line, s.place.column) for s in c.seen[:c.seen_count])
    return ExplainedClause(c.is_unless, _STATES[c.state], c.text.text(), c.place.line, c.place.column,
                           seen, c.seen_omitted)


def _explained_from(c):
    return ExplainedPolicy(
        _policy_from(c.info), _OUTCOMES[c.outcome], c.is_reason,
        tuple(ExplainedScope(scope.is_matched, scope.text.text()) for scope in c.scopes),
        tuple(map(_clause_from, c.clauses[:c.clause_count])), c.message.text(), c.help.text())


def _explanation_from(c):
    entities = (ExplainedEntity(e.text.text(), e.is_known, e.ancestor_count,
                                tuple(a.text() for a in e.ancestors[:e.shown_count])) for e in c.entities)
    return Explanation(
        _response_from(c.response), _CAUSES[c.cause], tuple(entities), dict(zip(_OUTCOMES, c.totals)),
        c.permit_errors, c.forbid_errors, tuple(map(_explained_from, c.policies[:c.policy_count])),
        c.omitted, c.is_cut)

# ---- scratch ----------------------------------------------------------------------------------------


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
        uid, parents = self._scratch.uid(uid), [self._scratch.uid(parent) for parent in parents]
        entity = _Entity(uid._c(), _uids(parents), len(parents),
                         None if attrs is None else self._scratch.value(attrs)._handle,
                         None if tags is None else self._scratch.value(tags)._handle)
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


class _Asked:
    """A cedar_request, and what must not go before the call has returned."""

    def __init__(self, scratch, principal, action, resource, context, overlay, is_expired, schema=None):
        principal, action, resource = map(scratch.uid, (principal, action, resource))
        context = {} if context is None else context
        if not isinstance(context, Value):
            context = scratch.context(context, schema, action)
        self.raised = None
        self.c = _Request(principal._c(), action._c(), resource._c(), context._handle,
                          _handle(overlay), _IS_EXPIRED(), None)
        if is_expired is not None:
            self.c.is_expired = self._callback = _IS_EXPIRED(self._guard(is_expired))

    def _guard(self, is_expired):
        def call(_):
            try:
                return bool(is_expired())
            except BaseException as error:  # cannot pass through C: it ends the call, then goes on
                self.raised = error
                return True
        return call

    def done(self):
        if self.raised is not None:
            raise self.raised


class Scratch(_Object):
    """Memory of calls; one thread at a time. reset() ends the life of values and overlays."""
    _give_back = "cedar_scratch_free"

    _resets = 0

    def __init__(self, engine, max_bytes=0):
        super().__init__(_made(_lib.cedar_scratch_new, engine._handle, max_bytes))

    def reset(self):
        self._resets += 1
        _lib.cedar_scratch_reset(self._handle)

    def close(self):
        self._resets += 1
        super().close()

    def uid(self, uid):
        """From a Uid, or from text: User::"alice"."""
        if isinstance(uid, Uid):
            return uid
        c = _Uid()
        _reported(_lib.cedar_uid_parse, self._handle, _str(uid), byref(c))
        return _uid_from(c)

    def format_uid(self, uid):
        return _text(_lib.cedar_uid_format, self._handle, uid._c())

    def value(self, data):
        """bool, int, str, Uid, list and dict, and Value as it is."""
        h = self._handle
        if isinstance(data, Value):
            return data
        if isinstance(data, bool):
            return Value(self, _made(_lib.cedar_value_bool, h, data))
        if isinstance(data, int):
            if not -2**63 <= data < 2**63:
                raise OverflowError(f"{data} is no long")
            return Value(self, _made(_lib.cedar_value_long, h, data))
        if isinstance(data, str):
            return Value(self, _made(_lib.cedar_value_string, h, _str(data)))
        if isinstance(data, Uid):
            return Value(self, _made(_lib.cedar_value_entity, h, data._c()))
        if isinstance(data, dict):
            names = (_Str * len(data))(*map(_str, data))
            return Value(self, _made(_lib.cedar_value_record, h, names, self._values(data.values()),
                                     len(data)))
        if isinstance(data, (list, tuple, set, frozenset)):
            return Value(self, _made(_lib.cedar_value_set, h, self._values(data), len(data)))
        raise TypeError(f"no Cedar value: {data!r}")

    def _values(self, data):
        return (c_void_p * len(data))(*(self.value(item)._handle.value for item in data))

    def context(self, data, schema=None, action=None):
        """From JSON text or data, with `__entity` and `__extn`; a schema needs the action."""
        uid = None if schema is None else byref(self.uid(action)._c())
        made, _ = _made_reported(_lib.cedar_context_parse_json, self._handle, _json(data),
                                 _handle(schema), uid)
        return Value(self, made)

    def overlay(self, base, schema=None):
        return Overlay(self, base, schema)

    def authorize(self, policies, entities, principal, action, resource, context=None, overlay=None,
                  is_expired=None, schema=None):
        """`context` is JSON text, data, or a Value. With a schema the request is validated."""
        asked = _Asked(self, principal, action, resource, context, overlay, is_expired, schema)
        if schema is not None:
            _reported(_lib.cedar_request_validate, self._handle, schema._handle, byref(asked.c))
        c = _Response()
        status = _lib.cedar_authorize(policies._handle, entities._handle, byref(asked.c), self._handle,
                                      byref(c))
        asked.done()
        _check(status)
        return _response_from(c)

    def explain(self, policies, entities, principal, action, resource, context=None, overlay=None,
                is_expired=None, filter="near", limit=0, policy_id=None, max_seen=0, max_text=0):
        """Why it is decided as it is: for people and logs, not for every request."""
        asked = _Asked(self, principal, action, resource, context, overlay, is_expired)
        options = _ExplainOptions(_FILTERS.index(filter), limit,
                                  _Str() if policy_id is None else _str(policy_id), max_seen, max_text)
        made = POINTER(_Explanation)()
        status = _lib.cedar_explain(policies._handle, entities._handle, byref(asked.c), self._handle,
                                    byref(options), byref(made))
        asked.done()
        _check(status)
        return _explanation_from(made.contents)

    def evaluate(self, expression, entities, principal, action, resource, context=None, overlay=None,
                 is_expired=None):
        asked = _Asked(self, principal, action, resource, context, overlay, is_expired)
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
        made = _Str()
        options = _FormatOptions(line_width, indent_width)
        _reported(_lib.cedar_policies_format, self._handle, _str(text), _c(source), byref(options),
                  byref(made))
        return made.text()

# ---- versions, names -------------------------------------------------------------------------------


def language_version():
    return _lib.cedar_language_version().decode()


def library_version():
    return _lib.cedar_library_version().decode()


def is_type_name(name):
    return _lib.cedar_type_name_is_valid(_str(name))
