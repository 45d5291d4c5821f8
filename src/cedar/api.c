/* SPDX-License-Identifier: Apache-2.0 */
/* Engine, scratch, status and versions. */
#include "cedar/api_int.h"

#include "base/assert.h"

#define DEFAULT_TEXT_BYTES ((size_t)64 << 20)
#define DEFAULT_OBJECT_BYTES ((size_t)4 << 30)
#define DEFAULT_SCRATCH_BYTES ((size_t)16 << 20)

enum {
    DEFAULT_DEPTH = 1000,
    /* One level of a text may be several nodes deep: `!(a && …)` is two per parenthesis. */
    NODES_PER_LEVEL = 2,
    /* Kept between calls, so that an ordinary decision takes no memory from the allocator. */
    SCRATCH_CHUNK = 32 << 10,
};

const char *cedar_language_version(void) {
    return "4.5";
}

const char *cedar_library_version(void) {
    return CEDAR_VERSION;
}

const char *cedar_status_name(cedar_status status) {
    switch (status) {
    case CEDAR_OK:
        return "ok";
    case CEDAR_ERR_NOMEM:
        return "out of memory";
    case CEDAR_ERR_LIMIT:
        return "limit exceeded";
    case CEDAR_ERR_SYNTAX:
        return "syntax error";
    case CEDAR_ERR_SCHEMA:
        return "does not conform to the schema";
    case CEDAR_ERR_EVALUATION:
        return "evaluation error";
    case CEDAR_ERR_EXISTS:
        return "exists already";
    case CEDAR_ERR_NOT_FOUND:
        return "not found";
    case CEDAR_ERR_UNSUPPORTED:
        return "not supported";
    case CEDAR_ERR_MISUSE:
        return "wrong use of the library";
    case CEDAR_ERR_INTERNAL:
        return "internal error";
    }
    return "unknown status"; /* a number that is no status at all */
}

cedar_str cedar_str_from(const char *text) {
    return text == NULL ? (cedar_str){NULL, 0} : (cedar_str){text, strlen(text)};
}

cedar_status api_status(err error) {
    switch (error) {
    case ERR_OK:
        return CEDAR_OK;
    case ERR_NOMEM:
        return CEDAR_ERR_NOMEM;
    case ERR_LIMIT:
    case ERR_RANGE: /* nested too deeply */
        return CEDAR_ERR_LIMIT;
    case ERR_SYNTAX:
        return CEDAR_ERR_SYNTAX;
    case ERR_TYPE:
        return CEDAR_ERR_SCHEMA;
    case ERR_EXISTS:
        return CEDAR_ERR_EXISTS;
    case ERR_NOT_FOUND:
        return CEDAR_ERR_NOT_FOUND;
    case ERR_UNSUPPORTED:
        return CEDAR_ERR_UNSUPPORTED;
    case ERR_MISUSE:
        return CEDAR_ERR_MISUSE;
    case ERR_MISSING:
    case ERR_UNKNOWN:
    case ERR_DENIED:
    case ERR_REPLAY:
    case ERR_EXPIRED:
    case ERR_SIGNATURE:
    case ERR_IO:
    case ERR_TIMEOUT:
    case ERR_BUSY:
    case ERR_CLOSED:
    case ERR_CORRUPT:
    case ERR_INTERNAL:
        return CEDAR_ERR_INTERNAL;
    }
    return CEDAR_ERR_INTERNAL;
}

/* ---- engine ---- */

static struct allocator allocator_of(const cedar_config *config) {
    if (config == NULL || config->allocator.resize == NULL) {
        return *allocator_libc();
    }
    return (struct allocator){.resize = config->allocator.resize, .ctx = config->allocator.ctx};
}

static size_t or_default(size_t value, size_t otherwise) {
    return value == 0 ? otherwise : value;
}

cedar_status cedar_engine_new(const cedar_config *config, cedar_engine **ret_engine) {
    static const cedar_config defaults;
    if (ret_engine == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    struct allocator allocator = allocator_of(config);
    const cedar_config *c = config == NULL ? &defaults : config;
    cedar_engine *engine = allocator_new(&allocator, sizeof *engine);
    if (engine == NULL) {
        return CEDAR_ERR_NOMEM;
    }
    engine->allocator = allocator;
    engine->key = (struct hash_key){c->hash_key[0], c->hash_key[1]};
    engine->max_text_bytes = or_default(c->max_text_bytes, DEFAULT_TEXT_BYTES);
    if (engine->max_text_bytes > VALUE_TEXT_MAX) {
        engine->max_text_bytes = VALUE_TEXT_MAX; /* so no string in it is longer */
    }
    engine->max_object_bytes = or_default(c->max_object_bytes, DEFAULT_OBJECT_BYTES);
    engine->max_depth = c->max_depth == 0 ? DEFAULT_DEPTH : c->max_depth;
    atomic_init(&engine->refs, 1);
    *ret_engine = engine;
    return CEDAR_OK;
}

cedar_engine *cedar_engine_ref(cedar_engine *engine) {
    if (engine != NULL) {
        atomic_fetch_add_explicit(&engine->refs, 1, memory_order_relaxed);
    }
    return engine;
}

void cedar_engine_unref(cedar_engine *engine) {
    if (engine == NULL || atomic_fetch_sub_explicit(&engine->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    struct allocator allocator = engine->allocator; /* it must outlive what it frees */
    allocator_free(&allocator, engine, sizeof *engine);
}

bool api_same_key(const cedar_engine *a, const cedar_engine *b) {
    return a == b || (a->key.k0 == b->key.k0 && a->key.k1 == b->key.k1);
}

struct parse_limits api_parse_limits(const cedar_engine *engine) {
    return (struct parse_limits){
        .max_bytes = engine->max_text_bytes,
        .max_depth = engine->max_depth,
    };
}

struct lower_options api_lower_options(const cedar_engine *engine) {
    uint32_t levels = engine->max_depth;
    return (struct lower_options){
        .key = &engine->key,
        .max_depth = levels > UINT32_MAX / NODES_PER_LEVEL ? levels : levels * NODES_PER_LEVEL,
    };
}

struct json_limits api_json_limits(const cedar_engine *engine) {
    return (struct json_limits){
        .max_bytes = engine->max_text_bytes,
        .max_depth = engine->max_depth,
        .max_values = UINT32_MAX,
    };
}

void api_arena_init(struct arena *a, const cedar_engine *engine) {
    arena_init(a, &engine->allocator, engine->max_object_bytes);
}

/* ---- scratch ---- */

cedar_status cedar_scratch_new(cedar_engine *engine, size_t max_bytes,
                               cedar_scratch **ret_scratch) {
    if (engine == NULL || ret_scratch == NULL) {
        return CEDAR_ERR_MISUSE;
    }
    cedar_scratch *scratch = allocator_new(&engine->allocator, sizeof *scratch);
    if (scratch == NULL) {
        return CEDAR_ERR_NOMEM;
    }
    size_t max = or_default(max_bytes, DEFAULT_SCRATCH_BYTES);
    scratch->engine = cedar_engine_ref(engine);
    arena_init(&scratch->arena, &engine->allocator, max);
    arena_init(&scratch->temp, &engine->allocator, max);
    scratch->arena.chunk_size = SCRATCH_CHUNK;
    scratch->temp.chunk_size = SCRATCH_CHUNK;
    *ret_scratch = scratch;
    return CEDAR_OK;
}

void cedar_scratch_reset(cedar_scratch *scratch) {
    if (scratch != NULL && !scratch->is_lent) {
        arena_clear(&scratch->arena);
        arena_clear(&scratch->temp);
        cedar_scratch_reset(scratch->found);
    }
}

void cedar_scratch_free(cedar_scratch *scratch) {
    if (scratch == NULL) {
        return;
    }
    cedar_engine *engine = scratch->engine;
    cedar_scratch_free(scratch->found);
    arena_done(&scratch->arena);
    arena_done(&scratch->temp);
    allocator_free(&engine->allocator, scratch, sizeof *scratch);
    cedar_engine_unref(engine);
}
