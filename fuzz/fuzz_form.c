/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Property: a form that is accepted keeps its limits, is valid UTF-8 without NUL, and written
 * out again is read as the same fields in the same order.
 */
#include "fuzz.h"

#include "base/utf8.h"
#include "server/http/form.h"

enum { MEMORY_MAX = 8 << 20 };

static void check(struct arena *a, const struct form *form, size_t size) {
    struct buf out;
    struct form again;
    buf_init_arena(&out, a, size * 6 + 2 * FORM_FIELDS_MAX);
    FUZZ_CHECK(form->count <= FORM_FIELDS_MAX);
    for (size_t i = 0; i < form->count; i++) {
        const struct form_field *field = &form->fields[i];
        FUZZ_CHECK(field->name.len <= FORM_NAME_MAX && field->value.len <= FORM_VALUE_MAX);
        FUZZ_CHECK(utf8_is_valid(field->name, NULL) && utf8_is_valid(field->value, NULL));
        FUZZ_CHECK(str_find_byte(field->value, '\0') == SIZE_MAX);
        FUZZ_CHECK(form_count(form, field->name) >= 1);
        form_add(&out, i == 0 ? 0 : '&', field->name, field->value);
    }
    FUZZ_CHECK(form_parse(a, buf_str(&out), &again, NULL) == ERR_OK);
    FUZZ_CHECK(again.count == form->count);
    for (size_t i = 0; i < form->count; i++) {
        FUZZ_CHECK(str_equal(again.fields[i].name, form->fields[i].name));
        FUZZ_CHECK(str_equal(again.fields[i].value, form->fields[i].value));
    }
    str repeated = form_repeated(form);
    FUZZ_CHECK(str_is_absent(repeated) || form_count(form, repeated) > 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct form form;
    if (size > 65536) {
        return 0;
    }
    arena_init(&arena, allocator_libc(), MEMORY_MAX);
    if (form_parse(&arena, fuzz_input(data, size), &form, NULL) == ERR_OK) {
        check(&arena, &form, size);
    }
    arena_done(&arena);
    return 0;
}
