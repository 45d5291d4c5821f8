/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/form.h"

#include "base/vec.h"
#include "server/http/decode.h"
#include "server/http/problem.h"
#include "server/http/url.h"

static err decode_part(struct arena *a, str raw, size_t max, const char *what, str *ret,
                       struct error *reterr) {
    err code = url_decode(a, raw, true, ret);
    if (code == ERR_SYNTAX) {
        return error_set(reterr, code, "a parameter %s is not well-formed percent-encoded UTF-8",
                         what);
    }
    if (code != ERR_OK) {
        return error_set(reterr, code, "the form needs too much memory");
    }
    if (ret->len > max) {
        return error_set(reterr, ERR_LIMIT, "a parameter %s is longer than %zu bytes", what, max);
    }
    return ERR_OK;
}

err form_parse(struct arena *a, str text, struct form *ret, struct error *reterr) {
    VEC(struct form_field) fields = {0};
    str rest = text;
    while (rest.len > 0) {
        str piece;
        str raw_name;
        str raw_value;
        struct form_field field = {.value = STR_INIT("")};
        IGNORE(str_cut(rest, '&', &piece, &rest)); /* the last piece has no '&' */
        if (piece.len == 0) {
            continue;
        }
        bool has_value = str_cut(piece, '=', &raw_name, &raw_value);
        TRY(decode_part(a, raw_name, FORM_NAME_MAX, "name", &field.name, reterr));
        if (has_value) {
            TRY(decode_part(a, raw_value, FORM_VALUE_MAX, "value", &field.value, reterr));
        }
        if (fields.count == FORM_FIELDS_MAX) {
            return error_set(reterr, ERR_LIMIT, "more than %d parameters", FORM_FIELDS_MAX);
        }
        if (!VEC_PUSH(a, &fields, field)) {
            return error_set(reterr, arena_error(a), "the form needs too much memory");
        }
    }
    *ret = (struct form){fields.items, fields.count};
    return ERR_OK;
}

err form_from_body(struct http_request *req, struct form *ret, struct error *reterr) {
    str type = http_header_get(req, STR("content-type"));
    if (!content_type_is(type, STR("application/x-www-form-urlencoded"))) {
        return error_set(reterr, ERR_TYPE,
                         "the Content-Type must be application/x-www-form-urlencoded");
    }
    return form_parse(req->arena, req->body, ret, reterr);
}

err form_from_query(struct http_request *req, struct form *ret, struct error *reterr) {
    return form_parse(req->arena, req->query, ret, reterr);
}

static bool answer(struct http_request *req, struct http_response *resp, err code,
                   const struct error *error) {
    if (code == ERR_OK) {
        return true;
    }
    if (code == ERR_NOMEM) {
        problem_from_err(req, resp, code);
        return false;
    }
    enum problem_kind kind =
        code == ERR_TYPE ? PROBLEM_UNSUPPORTED_MEDIA_TYPE : PROBLEM_INVALID_FORM;
    problem_response(req, resp, kind, str_c(error->text));
    return false;
}

bool form_body_or_problem(struct http_request *req, struct http_response *resp, struct form *ret) {
    struct error error = {0};
    err code = form_from_body(req, ret, &error);
    return answer(req, resp, code, &error);
}

bool form_query_or_problem(struct http_request *req, struct http_response *resp, struct form *ret) {
    struct error error = {0};
    err code = form_from_query(req, ret, &error);
    return answer(req, resp, code, &error);
}

str form_get(const struct form *form, str name) {
    for (size_t i = 0; i < form->count; i++) {
        if (str_equal(form->fields[i].name, name)) {
            return form->fields[i].value;
        }
    }
    return (str){NULL, 0};
}

size_t form_count(const struct form *form, str name) {
    size_t count = 0;
    for (size_t i = 0; i < form->count; i++) {
        count += str_equal(form->fields[i].name, name);
    }
    return count;
}

str form_repeated(const struct form *form) {
    /* At most FORM_FIELDS_MAX fields, so the square does not matter. */
    for (size_t i = 1; i < form->count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (str_equal(form->fields[i].name, form->fields[j].name)) {
                return form->fields[i].name;
            }
        }
    }
    return (str){NULL, 0};
}

void form_add(struct buf *out, char separator, str name, str value) {
    if (separator != 0) {
        buf_add_byte(out, separator);
    }
    url_encode(out, name);
    buf_add_byte(out, '=');
    url_encode(out, value);
}
