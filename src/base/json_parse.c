/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_int.h"

#include "base/assert.h"

const struct json_limits json_limits_default = {
    .max_bytes = 1 << 20, .max_depth = 64, .max_values = 100000};

enum { NODES_ON_STACK = 48, PAIRWISE_MAX = 16 };

#define NO_NODE UINT32_MAX

/* A value whose container is still open; moved into the arena, next to its siblings, when the
 * container closes. So the tree's arrays are exact and contiguous, and nothing recurses. */
struct node {
    struct json_member member;
    uint32_t name_offset;
    uint32_t parent; /* of an open container: the container around it */
};

struct reader {
    struct json_cursor in;
    const struct json_limits *limits;
    struct node *nodes;
    uint32_t count;
    uint32_t capacity;
    uint32_t open; /* innermost open container, or NO_NODE */
    uint32_t depth;
    uint32_t values;
    uint32_t name_offset; /* of the member whose value comes next */
    str name;
};

/* Makes room for one more node; the old block is wiped when the request carries secrets. */
static err nodes_grow(struct reader *r, struct node *on_stack) {
    const struct allocator *allocator = r->in.arena->allocator;
    size_t capacity = (size_t)r->capacity * 2;
    size_t bytes = capacity * sizeof(struct node);
    if (bytes > r->in.arena->max - r->in.arena->total) {
        return json_fail_at(&r->in, r->in.at, ERR_LIMIT,
                            "the text needs more memory than is allowed");
    }
    struct node *nodes = allocator->resize(allocator->ctx, NULL, 0, bytes);
    if (nodes == NULL) {
        return json_fail_at(&r->in, r->in.at, ERR_NOMEM, err_text(ERR_NOMEM));
    }
    size_t old_bytes = (size_t)r->capacity * sizeof(struct node);
    memcpy(nodes, r->nodes, old_bytes);
    if (r->in.arena->is_wiped) {
        memory_wipe(r->nodes, old_bytes);
    }
    if (r->nodes != on_stack) {
        allocator_free(allocator, r->nodes, old_bytes);
    }
    r->nodes = nodes;
    r->capacity = (uint32_t)capacity;
    return ERR_OK;
}

/* The cursor is where a member's name must be. */
static err read_name(struct reader *r) {
    r->name_offset = (uint32_t)r->in.at;
    if (json_peek(&r->in) != '"') {
        return json_fail(&r->in, json_peek(&r->in) == '}' ? "a comma must not stand before '}'"
                                                          : "expected a name in double quotes");
    }
    TRY(json_read_string(&r->in, &r->name));
    json_skip_space(&r->in);
    if (json_peek(&r->in) != ':') {
        return json_fail(&r->in, "expected ':' behind the name");
    }
    r->in.at++;
    json_skip_space(&r->in);
    return ERR_OK;
}

static int order_names(const struct json_member *members, uint32_t a, uint32_t b) {
    int order = str_compare(members[a].name, members[b].name);
    return order != 0 ? order : (a < b ? -1 : 1);
}

static void sift_down(const struct json_member *members, uint32_t *heap, uint32_t root,
                      uint32_t count) {
    for (;;) {
        uint32_t child = root * 2 + 1;
        if (child >= count) {
            return;
        }
        if (child + 1 < count && order_names(members, heap[child], heap[child + 1]) < 0) {
            child++;
        }
        if (order_names(members, heap[root], heap[child]) >= 0) {
            return;
        }
        uint32_t swapped = heap[root];
        heap[root] = heap[child];
        heap[child] = swapped;
        root = child;
    }
}

/* Large objects: heap sort, O(n log n) whatever the names; no keyed hash, because this layer
 * has no source of keys. */
static err find_duplicate_sorted(struct reader *r, const struct json_member *members,
                                 uint32_t count, uint32_t *ret_second) {
    struct arena_mark mark = arena_mark(r->in.arena);
    uint32_t *order = ARENA_ARRAY(r->in.arena, uint32_t, count);
    if (order == NULL) {
        return json_fail_arena(&r->in);
    }
    for (uint32_t i = 0; i < count; i++) {
        order[i] = i;
    }
    for (uint32_t i = count / 2; i > 0; i--) {
        sift_down(members, order, i - 1, count);
    }
    for (uint32_t end = count - 1; end > 0; end--) {
        uint32_t largest = order[0];
        order[0] = order[end];
        order[end] = largest;
        sift_down(members, order, 0, end);
    }
    *ret_second = NO_NODE;
    for (uint32_t i = 1; i < count; i++) {
        if (str_equal(members[order[i - 1]].name, members[order[i]].name) &&
            order[i] < *ret_second) {
            *ret_second = order[i];
        }
    }
    arena_reset(r->in.arena, mark);
    return ERR_OK;
}

static uint32_t find_duplicate_pairwise(const struct json_member *members, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (str_equal(members[i].name, members[j].name)) {
                return i;
            }
        }
    }
    return NO_NODE;
}

static err check_duplicates(struct reader *r, const struct json_member *members, uint32_t count,
                            const struct node *nodes) {
    uint32_t second = NO_NODE;
    if (count <= PAIRWISE_MAX) {
        second = find_duplicate_pairwise(members, count);
    } else {
        TRY(find_duplicate_sorted(r, members, count, &second));
    }
    if (second == NO_NODE) {
        return ERR_OK;
    }
    return json_fail_at(&r->in, nodes[second].name_offset, ERR_SYNTAX,
                        "the name occurs twice in the same object");
}

/* Moves the children of the innermost container into the arena. */
static err container_close(struct reader *r) {
    struct node *container = &r->nodes[r->open];
    const struct node *children = container + 1;
    uint32_t count = r->count - r->open - 1;
    struct json *value = &container->member.value;
    if (value->kind == JSON_OBJECT) {
        struct json_member *members = ARENA_ARRAY(r->in.arena, struct json_member, count);
        if (members == NULL) {
            return json_fail_arena(&r->in);
        }
        for (uint32_t i = 0; i < count; i++) {
            members[i] = children[i].member;
        }
        TRY(check_duplicates(r, members, count, children));
        value->members = members;
    } else {
        struct json *items = ARENA_ARRAY(r->in.arena, struct json, count);
        if (items == NULL) {
            return json_fail_arena(&r->in);
        }
        for (uint32_t i = 0; i < count; i++) {
            items[i] = children[i].member.value;
        }
        value->items = items;
    }
    value->count = count;
    value->end = (uint32_t)r->in.at;
    r->count = r->open + 1;
    r->open = container->parent;
    r->depth--;
    return ERR_OK;
}

/* Reads one value and adds it to the open container; a container becomes the open one. */
static err push_value(struct reader *r, struct node *on_stack) {
    if (r->values >= r->limits->max_values) {
        return json_fail_at(&r->in, r->in.at, ERR_LIMIT, "there are too many values");
    }
    r->values++;
    if (r->count == r->capacity) {
        TRY(nodes_grow(r, on_stack));
    }
    struct node *node = &r->nodes[r->count];
    *node = (struct node){.member = {.name = r->name, .value.offset = (uint32_t)r->in.at},
                          .name_offset = r->name_offset,
                          .parent = r->open};
    TRY(json_read_value(&r->in, &node->member.value));
    node->member.value.end = (uint32_t)r->in.at;
    r->count++;
    enum json_kind kind = node->member.value.kind;
    if (kind == JSON_ARRAY || kind == JSON_OBJECT) {
        if (r->depth >= r->limits->max_depth) {
            r->in.at--;
            return json_fail_at(&r->in, r->in.at, ERR_LIMIT, "the nesting is too deep");
        }
        r->depth++;
        r->open = r->count - 1;
        r->name = (str){NULL, 0};
    }
    return ERR_OK;
}

/* After a value: closes what ends here and moves to the next value, if there is one. */
static err next_value(struct reader *r) {
    while (r->open != NO_NODE) {
        bool is_object = r->nodes[r->open].member.value.kind == JSON_OBJECT;
        bool is_empty = r->count == r->open + 1;
        json_skip_space(&r->in);
        char c = json_peek(&r->in);
        if (c == (is_object ? '}' : ']')) {
            r->in.at++;
            TRY(container_close(r));
            continue;
        }
        if (!is_empty) {
            if (c != ',') {
                return json_fail(&r->in, is_object ? "expected ',' or '}'" : "expected ',' or ']'");
            }
            r->in.at++;
            json_skip_space(&r->in);
            if (!is_object && json_peek(&r->in) == ']') {
                return json_fail(&r->in, "a comma must not stand before ']'");
            }
        }
        return is_object ? read_name(r) : ERR_OK;
    }
    return ERR_OK;
}

static err parse_all(struct reader *r, struct node *on_stack, const struct json **ret) {
    json_skip_space(&r->in);
    do {
        TRY(push_value(r, on_stack));
        TRY(next_value(r));
    } while (r->open != NO_NODE);
    json_skip_space(&r->in);
    if (r->in.at < r->in.text.len) {
        return json_fail(&r->in, "only space may follow the value");
    }
    struct json *root = ARENA_NEW(r->in.arena, struct json);
    if (root == NULL) {
        return json_fail_arena(&r->in);
    }
    *root = r->nodes[0].member.value;
    *ret = root;
    return ERR_OK;
}

err json_parse(struct arena *a, str text, const struct json_limits *limits, const struct json **ret,
               struct error *reterr) {
    if (text.len > limits->max_bytes || text.len >= UINT32_MAX) {
        return error_set(reterr, ERR_LIMIT, "the text has %zu bytes, %zu are allowed", text.len,
                         limits->max_bytes);
    }
    struct node on_stack[NODES_ON_STACK];
    struct reader r = {
        .in = {.text = {text.ptr == NULL ? "" : text.ptr, text.len}, .arena = a, .reterr = reterr},
        .limits = limits,
        .nodes = on_stack,
        .capacity = NODES_ON_STACK,
        .open = NO_NODE};
    struct arena_mark mark = arena_mark(a);
    err code = parse_all(&r, on_stack, ret);
    if (a->is_wiped) {
        memory_wipe(r.nodes, (size_t)r.capacity * sizeof(struct node));
    }
    if (r.nodes != on_stack) {
        allocator_free(a->allocator, r.nodes, (size_t)r.capacity * sizeof(struct node));
    }
    if (code != ERR_OK) {
        arena_reset(a, mark); /* a refused text leaves nothing behind */
    }
    return code;
}

const struct json *json_get(const struct json *object, str name) {
    if (object == NULL || object->kind != JSON_OBJECT) {
        return NULL;
    }
    for (uint32_t i = 0; i < object->count; i++) {
        if (str_equal(object->members[i].name, name)) {
            return &object->members[i].value;
        }
    }
    return NULL;
}

const char *json_kind_name(enum json_kind kind) {
    switch (kind) {
    case JSON_NULL:
        return "null";
    case JSON_BOOL:
        return "a boolean";
    case JSON_INT:
    case JSON_NUMBER:
        return "a number";
    case JSON_STRING:
        return "a string";
    case JSON_ARRAY:
        return "an array";
    case JSON_OBJECT:
        return "an object";
    }
    NOT_REACHED();
    return "a value";
}
