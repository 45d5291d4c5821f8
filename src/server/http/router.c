/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/router.h"

#include "base/arena.h"
#include "base/assert.h"
#include "base/buf.h"
#include "server/http/router_int.h"

#include <stdlib.h>

enum { SEGMENTS_MAX = 16, ROUTES_MAX = 1024, ROUTER_MEMORY_MAX = 1 << 20 };

/* All rows of one path. */
struct path {
    str pattern;
    size_t segment_count;
    size_t param_count;
    str segments[SEGMENTS_MAX]; /* a parameter is absent */
    const struct route *rows[HTTP_METHOD_COUNT];
    str allow;
};

struct router {
    struct router_config config;
    struct arena arena;
    struct path **exact; /* open addressing, power of two, NULL = free */
    size_t exact_mask;
    struct path **with_params; /* in table order */
    size_t with_params_count;
};

/* The paths that are hashed come from our own table; a probe sequence cannot grow by what a
 * peer sends, so no key is needed. */
static size_t hash_path(str path) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < path.len; i++) {
        hash = (hash ^ (unsigned char)path.ptr[i]) * UINT64_C(0x100000001b3);
    }
    return (size_t)(hash ^ hash >> 32);
}

static bool is_param(str segment) {
    return segment.len > 2 && segment.ptr[0] == '{' && segment.ptr[segment.len - 1] == '}';
}

/* Splits what follows the first '/'; false when there are more than SEGMENTS_MAX. */
static bool split(str path, str *segments, size_t *ret_count) {
    str rest = str_slice(path, 1, path.len);
    size_t count = 0;
    bool has_more = true;
    while (has_more) {
        if (count == SEGMENTS_MAX) {
            return false;
        }
        has_more = str_cut(rest, '/', &segments[count++], &rest);
    }
    *ret_count = count;
    return true;
}

static bool has_same_shape(const struct path *a, const struct path *b) {
    if (a->segment_count != b->segment_count) {
        return false;
    }
    for (size_t i = 0; i < a->segment_count; i++) {
        if (str_is_absent(a->segments[i]) != str_is_absent(b->segments[i]) ||
            !str_equal(a->segments[i], b->segments[i])) {
            return false;
        }
    }
    return true;
}

static err read_pattern(const struct route *row, struct path *ret, struct error *reterr) {
    *ret = (struct path){.pattern = str_c(row->path)};
    if (ret->pattern.len == 0 || ret->pattern.ptr[0] != '/') {
        return error_set(reterr, ERR_MISUSE, "route `%s`: the path must begin with '/'",
                         row->path == NULL ? "" : row->path);
    }
    if (!split(ret->pattern, ret->segments, &ret->segment_count)) {
        return error_set(reterr, ERR_MISUSE, "route `%s`: too many segments", row->path);
    }
    for (size_t i = 0; i < ret->segment_count; i++) {
        if (is_param(ret->segments[i])) {
            ret->segments[i] = (str){NULL, 0};
            ret->param_count++;
        } else if (str_find_byte(ret->segments[i], '{') != SIZE_MAX) {
            return error_set(reterr, ERR_MISUSE, "route `%s`: a parameter is a whole segment",
                             row->path);
        }
    }
    if (ret->param_count > HTTP_PARAMS_MAX) {
        return error_set(reterr, ERR_MISUSE, "route `%s`: too many parameters", row->path);
    }
    return ERR_OK;
}

static err check_row(const struct router_config *config, const struct route *row,
                     struct error *reterr) {
    const char *missing = NULL;
    if (row->caller == CALLER_UNSET) {
        missing = "caller kind";
    } else if (row->place == ROUTE_PLACE_UNSET) {
        missing = "place to run";
    } else if (row->handler == NULL) {
        missing = "handler";
    } else if (row->method == HTTP_OTHER || row->method >= HTTP_METHOD_COUNT) {
        missing = "method";
    } else if (row->caller != CALLER_ANYONE && config->guard == NULL) {
        missing = "guard";
    } else if (row->rate >= RATE_CLASS_COUNT) {
        missing = "known rate class";
    }
    if (missing != NULL) {
        return error_set(reterr, ERR_MISUSE, "route %s `%s`: has no %s",
                         http_method_name(row->method), row->path == NULL ? "" : row->path,
                         missing);
    }
    return ERR_OK;
}

static err format_allow(struct arena *a, struct path *path) {
    struct buf out;
    buf_init_arena(&out, a, 128);
    for (size_t method = HTTP_GET; method < HTTP_METHOD_COUNT; method++) {
        bool is_served = path->rows[method] != NULL || method == HTTP_OPTIONS ||
                         (method == HTTP_HEAD && path->rows[HTTP_GET] != NULL);
        if (is_served) {
            buf_add_c(&out, out.len == 0 ? "" : ", ");
            buf_add_c(&out, http_method_name((enum http_method)method));
        }
    }
    return buf_finish(&out, &path->allow);
}

static void exact_add(struct router *router, struct path *path) {
    size_t slot = hash_path(path->pattern) & router->exact_mask;
    while (router->exact[slot] != NULL) {
        slot = (slot + 1) & router->exact_mask;
    }
    router->exact[slot] = path;
}

/* Groups the rows by path; `paths` has room for all. */
static err group(struct router *router, struct path **paths, size_t *ret_count,
                 struct error *reterr) {
    size_t count = 0;
    for (size_t i = 0; i < router->config.route_count; i++) {
        const struct route *row = &router->config.routes[i];
        struct path pattern;
        TRY(check_row(&router->config, row, reterr));
        TRY(read_pattern(row, &pattern, reterr));
        size_t at = 0;
        while (at < count && !has_same_shape(paths[at], &pattern)) {
            at++;
        }
        if (at == count) {
            paths[at] = ARENA_NEW(&router->arena, struct path);
            if (paths[at] == NULL) {
                return arena_error(&router->arena);
            }
            *paths[at] = pattern;
            count++;
        }
        if (paths[at]->rows[row->method] != NULL) {
            return error_set(reterr, ERR_MISUSE, "route %s `%s`: stands twice in the table",
                             http_method_name(row->method), row->path);
        }
        paths[at]->rows[row->method] = row;
    }
    *ret_count = count;
    return ERR_OK;
}

static err compile(struct router *router, struct error *reterr) {
    size_t routes = router->config.route_count;
    struct path **paths = ARENA_ARRAY(&router->arena, struct path *, routes);
    size_t count = 0;
    size_t slots = 8;
    while (slots < routes * 2) {
        slots *= 2;
    }
    router->exact = ARENA_ARRAY(&router->arena, struct path *, slots);
    router->exact_mask = slots - 1;
    router->with_params = ARENA_ARRAY(&router->arena, struct path *, routes);
    if (paths == NULL || router->exact == NULL || router->with_params == NULL) {
        return arena_error(&router->arena);
    }
    TRY(group(router, paths, &count, reterr));
    for (size_t i = 0; i < count; i++) {
        TRY(format_allow(&router->arena, paths[i]));
        if (paths[i]->param_count == 0) {
            exact_add(router, paths[i]);
        } else {
            router->with_params[router->with_params_count++] = paths[i];
        }
    }
    return ERR_OK;
}

err router_new(const struct router_config *config, struct router **ret, struct error *reterr) {
    if (config->routes == NULL || config->route_count == 0 || config->route_count > ROUTES_MAX) {
        return error_set(reterr, ERR_MISUSE, "the route table is empty or too long");
    }
    struct router *router = calloc(1, sizeof *router);
    if (router == NULL) {
        return error_set(reterr, ERR_NOMEM, "no memory for the route table");
    }
    router->config = *config;
    arena_init(&router->arena, allocator_libc(), ROUTER_MEMORY_MAX);
    err code = compile(router, reterr);
    if (code != ERR_OK) {
        router_free(router);
        return code;
    }
    *ret = router;
    return ERR_OK;
}

void router_free(struct router *router) {
    if (router != NULL) {
        arena_done(&router->arena);
        free(router);
    }
}

const struct router_config *router_config_get(const struct router *router) {
    return &router->config;
}

size_t router_row(const struct router *router, const struct route *route) {
    ASSERT(route >= router->config.routes &&
           route < router->config.routes + router->config.route_count);
    return (size_t)(route - router->config.routes);
}

static const struct path *find_exact(const struct router *router, str path) {
    size_t slot = hash_path(path) & router->exact_mask;
    while (router->exact[slot] != NULL) {
        if (str_equal(router->exact[slot]->pattern, path)) {
            return router->exact[slot];
        }
        slot = (slot + 1) & router->exact_mask;
    }
    return NULL;
}

static bool fits(const struct path *path, const str *segments, size_t count, str *params) {
    size_t param = 0;
    if (path->segment_count != count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (str_is_absent(path->segments[i])) {
            if (segments[i].len == 0) {
                return false;
            }
            params[param++] = segments[i];
        } else if (!str_equal(path->segments[i], segments[i])) {
            return false;
        }
    }
    return true;
}

static const struct path *find_with_params(const struct router *router, str path, str *params) {
    str segments[SEGMENTS_MAX];
    size_t count;
    if (router->with_params_count == 0 || !split(path, segments, &count)) {
        return NULL;
    }
    for (size_t i = 0; i < router->with_params_count; i++) {
        if (fits(router->with_params[i], segments, count, params)) {
            return router->with_params[i];
        }
    }
    return NULL;
}

enum route_match router_match(const struct router *router, struct http_request *req,
                              str *ret_allow) {
    const struct path *path = find_exact(router, req->path);
    if (path == NULL) {
        path = find_with_params(router, req->path, req->params);
    }
    if (path == NULL) {
        return ROUTE_NO_PATH;
    }
    req->route = path->rows[req->method];
    if (req->route == NULL && req->method == HTTP_HEAD) {
        req->route = path->rows[HTTP_GET];
    }
    if (req->route != NULL) {
        return ROUTE_FOUND;
    }
    *ret_allow = path->allow;
    return req->method == HTTP_OPTIONS ? ROUTE_OPTIONS : ROUTE_NO_METHOD;
}
