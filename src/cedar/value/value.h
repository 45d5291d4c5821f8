/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CEDAR_VALUE_VALUE_H
#define CEDAR_VALUE_VALUE_H
/*
 * Cedar values: immutable, shared by pointer, in the arena of whoever made them.
 *
 * Sets are sorted by value_compare and deduplicated, records sorted by key (bytewise), so that
 * equality and lookup need no extra structure (Cedar: sets and records are unordered; printing
 * and error texts use key order). Equality is by value: decimal 1.0 equals 1.00, but an ipaddr
 * compares address and prefix without masking (maps: corner 19).
 */
#include "base/buf.h"
#include "base/hash.h"
#include "base/vec.h"

/* Read with uid_type and uid_id. Names and ids end below 4 GiB, as all texts in values. */
struct uid {
    uint64_t hash; /* hash_pair(engine key, type, id); equal uids have equal hashes */
    const char *type;
    const char *id;
    uint32_t type_len;
    uint32_t id_len;
};

static inline str uid_type(const struct uid *uid) {
    return (str){uid->type, uid->type_len};
}
static inline str uid_id(const struct uid *uid) {
    return (str){uid->id, uid->id_len};
}

/* As str_equal, but quicker for the few bytes that names and ids have: no call. */
static inline bool str_same(str a, str b) {
    const char *p = a.ptr;
    const char *q = b.ptr;
    if (a.len != b.len) {
        return false;
    }
    if (p == q || a.len == 0) {
        return true;
    }
    if (a.len > 16) {
        return memcmp(p, q, a.len) == 0;
    }
    if (a.len >= 8) { /* two words that may overlap */
        uint64_t first[2];
        uint64_t last[2];
        memcpy(&first[0], p, 8);
        memcpy(&first[1], q, 8);
        memcpy(&last[0], p + a.len - 8, 8);
        memcpy(&last[1], q + a.len - 8, 8);
        return ((first[0] ^ first[1]) | (last[0] ^ last[1])) == 0;
    }
    if (a.len >= 4) {
        uint32_t first[2];
        uint32_t last[2];
        memcpy(&first[0], p, 4);
        memcpy(&first[1], q, 4);
        memcpy(&last[0], p + a.len - 4, 4);
        memcpy(&last[1], q + a.len - 4, 4);
        return ((first[0] ^ first[1]) | (last[0] ^ last[1])) == 0;
    }
    return p[0] == q[0] && p[a.len - 1] == q[a.len - 1] && p[a.len / 2] == q[a.len / 2];
}

/* For look-ups that need no hash. */
static inline struct uid uid_unhashed(str type, str id) {
    return (struct uid){
        .type = type.ptr, .id = id.ptr, .type_len = (uint32_t)type.len, .id_len = (uint32_t)id.len};
}
struct uid uid_make(const struct hash_key *key, str type, str id);
/* The same, when the hash of the type is known: hash_bytes(key, type). */
struct uid uid_make_hashed(const struct hash_key *key, str type, uint64_t type_hash, str id);
static inline bool uid_equal(const struct uid *a, const struct uid *b) {
    return a == b || (a->hash == b->hash && str_same(uid_id(a), uid_id(b)) &&
                      str_same(uid_type(a), uid_type(b)));
}

enum value_kind {
    VALUE_BOOL,
    VALUE_LONG,
    VALUE_STRING,
    VALUE_ENTITY,
    VALUE_SET,
    VALUE_RECORD,
    VALUE_DECIMAL,
    VALUE_IPADDR,
    VALUE_DATETIME,
    VALUE_DURATION,
};

struct value_set;
struct value_record;
struct ipaddr;

/* Sixteen bytes: there are many. */
struct value {
    enum value_kind kind;
    uint32_t length; /* STRING: of the text */
    union {
        bool boolean;
        int64_t integer;  /* LONG; DECIMAL scaled by 10^4; DATETIME, DURATION in ms */
        const char *text; /* STRING: see value_text */
        const struct uid *uid;
        const struct value_set *set;
        const struct value_record *record;
        const struct ipaddr *ip;
    };
};

struct value_set {
    size_t count;
    const struct value *items; /* sorted, distinct */
};

/* The names of a record; records of one kind may share them. */
struct value_shape {
    size_t count;
    const str *names; /* sorted, distinct */
};

struct value_record {
    const struct value_shape *shape;
    struct value values[]; /* in the order of the names */
};

/* For making records. */
struct value_field {
    str name;
    struct value value;
};

extern const struct value_record value_no_fields;

struct ipaddr {
    bool is_v6;
    uint8_t prefix;
    uint8_t bytes[16]; /* network order; IPv4 uses the first four */
};

static inline struct value value_bool(bool truth) {
    return (struct value){.kind = VALUE_BOOL, .boolean = truth};
}
static inline struct value value_long(int64_t number) {
    return (struct value){.kind = VALUE_LONG, .integer = number};
}
/* Texts end below 4 GiB: VALUE_TEXT_MAX. */
#define VALUE_TEXT_MAX UINT32_MAX
static inline struct value value_string(str text) {
    return (struct value){.kind = VALUE_STRING, .length = (uint32_t)text.len, .text = text.ptr};
}
static inline str value_text(const struct value *string) {
    return (str){string->text, string->length};
}
static inline struct value value_entity(const struct uid *uid) {
    return (struct value){.kind = VALUE_ENTITY, .uid = uid};
}
static inline struct value value_record(const struct value_record *record) {
    return (struct value){.kind = VALUE_RECORD, .record = record};
}

/* Sorts and deduplicates a copy of the items. */
err value_set_make(struct arena *a, const struct value *items, size_t count,
                   struct value *ret) MUST_CHECK;
/* Sorts a copy of the fields; ERR_EXISTS when a name occurs twice. */
err value_record_make(struct arena *a, const struct value_field *fields, size_t count,
                      struct value *ret) MUST_CHECK;

/* The same for an array in `a` that belongs to the value from now on and is sorted in place. */
err value_set_adopt(struct arena *a, struct value *take_items, size_t count,
                    struct value *ret) MUST_CHECK;
err value_record_adopt(struct arena *a, struct value_field *take_fields, size_t count,
                       struct value *ret) MUST_CHECK;
/* Without values, for the caller to fill in; the shape lives as long. NULL: no memory. */
struct value_record *value_record_new(struct arena *a, const struct value_shape *shape) MUST_CHECK;
/* The same with a shape for as many names, which the caller fills in too, in order. */
struct value_record *value_record_shaped(struct arena *a, size_t count, str **ret_names) MUST_CHECK;

bool value_equal(const struct value *a, const struct value *b);
/* A total order over all values, for sorting only; Cedar has no such order. */
int value_compare(const struct value *a, const struct value *b);

bool value_set_contains(const struct value_set *set, const struct value *item);
const struct value *value_record_find(const struct value_record *record, str name);

static inline size_t value_record_count(const struct value_record *record) {
    return record->shape->count;
}
static inline str value_record_name(const struct value_record *record, size_t index) {
    return record->shape->names[index];
}
static inline struct value_field value_record_field(const struct value_record *record,
                                                    size_t index) {
    return (struct value_field){record->shape->names[index], record->values[index]};
}

/* Cedar syntax of a value, as `cedar evaluate` prints it; entity ids as Rust's escape_debug. */
void value_format(struct buf *out, const struct value *value);
void uid_format(struct buf *out, const struct uid *uid);
/* The body of a string literal, escaped as Rust's str::escape_debug does. */
void escape_debug(struct buf *out, str text);
/* With quotes around it, escaped as Rust's Debug does: ' stays, combining marks never do. */
void quote_debug(struct buf *out, str text);

/* "bool", "long", "string", "set", "record", "decimal", … ; entities as
 * "(entity of type `T`)". For error messages. */
void value_type_name(struct buf *out, const struct value *value);
/* The same for a kind; an entity is "(entity of type `any_entity_type`)". */
str value_kind_name(enum value_kind kind);

/* Deep copy into another arena (for data that must outlive a request). */
err value_copy(struct arena *a, const struct value *value, struct value *ret) MUST_CHECK;

#endif
