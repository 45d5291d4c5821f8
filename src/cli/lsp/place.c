/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lsp/place.h"

#include "cli/lsp/functions.h"

static bool is_variable(const struct word *word) {
    return word_is(word, "principal") || word_is(word, "action") || word_is(word, "resource") ||
           word_is(word, "context");
}

/* `a.NAME`, `a["NAME"]`, `a has NAME`: the index behind the path that it belongs to; 0: none. */
static size_t owner_end(const struct words *words, size_t at) {
    const struct word *word = words_get(words, at);
    const struct word *before = at > 0 ? words_get(words, at - 1) : NULL;
    if (word == NULL || before == NULL) {
        return 0;
    }
    if (word->kind == WORD_NAME && (word_is(before, ".") || word_is(before, "has"))) {
        return at - 1;
    }
    bool is_index =
        word->kind == WORD_STRING && word_is(before, "[") && at >= 2 &&
        (word_is_name(words_get(words, at - 2)) || word_is(words_get(words, at - 2), "]"));
    return is_index ? at - 1 : 0;
}

static bool find_attribute(struct lsp *lsp, const cedar_schema *schema, const struct words *words,
                           size_t at, struct place *ret) {
    size_t end = owner_end(words, at);
    const struct word *word = words_get(words, at);
    str name = word == NULL ? STR("") : word->text;
    if (end == 0 ||
        (word->kind == WORD_STRING && words_unquote(&lsp->arena, word, &name) != ERR_OK)) {
        return false;
    }
    ret->name = name;
    if (!resolve_path(lsp, schema, words, end, &ret->owners)) {
        return false;
    }
    for (size_t i = 0; i < ret->owners.count; i++) {
        if (kind_attribute(schema, &ret->owners.items[i], name, &ret->attribute)) {
            ret->kind = PLACE_ATTRIBUTE;
            return true;
        }
    }
    return false;
}

/* `T::"x"` and `T`; the cursor may be on the id. */
static bool find_entity(struct lsp *lsp, const cedar_schema *schema, const struct words *words,
                        size_t at, struct place *ret) {
    const struct word *word = words_get(words, at);
    bool is_id = word->kind == WORD_STRING && at >= 2 && word_is(words_get(words, at - 1), "::");
    size_t first;
    size_t behind;
    if (!words_qualified(&lsp->arena, words, is_id ? at - 2 : at, &ret->name, &first, &behind)) {
        return false;
    }
    ret->start = words_get(words, first)->start;
    ret->end = words_get(words, behind - 1)->end;
    const struct word *id = words_get(words, behind + 1);
    bool has_id = word_is(words_get(words, behind), "::") && id != NULL && id->kind == WORD_STRING;
    str text;
    if (has_id &&
        (str_equal(ret->name, STR("Action")) || str_has_suffix(ret->name, STR("::Action"))) &&
        words_unquote(&lsp->arena, id, &text) == ERR_OK) {
        ret->end = id->end;
        ret->kind = PLACE_ACTION;
        ret->index = schema == NULL
                         ? SIZE_MAX
                         : cedar_schema_find_action(
                               schema, (cedar_uid){lsp_cedar(ret->name), lsp_cedar(text)});
        return true;
    }
    ret->index =
        schema == NULL ? SIZE_MAX : cedar_schema_find_entity_type(schema, lsp_cedar(ret->name));
    if (!has_id && ret->index == SIZE_MAX) {
        return false;
    }
    ret->kind = PLACE_ENTITY_TYPE;
    return true;
}

void place_find(struct lsp *lsp, const cedar_schema *schema, const struct words *words,
                size_t offset, struct place *ret) {
    *ret = (struct place){.index = SIZE_MAX};
    size_t at = words_at(words, offset);
    const struct word *word = words_get(words, at);
    if (word == NULL) {
        return;
    }
    ret->start = word->start;
    ret->end = word->end;
    ret->name = word->text;
    if (find_attribute(lsp, schema, words, at, ret)) {
        return;
    }
    ret->function = word->kind == WORD_NAME ? function_find(word->text) : NULL;
    if (ret->function != NULL) {
        ret->kind = PLACE_FUNCTION;
        return;
    }
    if (is_variable(word) && !word_is(words_get(words, at + 1), "::")) {
        ret->kind = PLACE_VARIABLE;
        IGNORE(resolve_path(lsp, schema, words, at + 1, &ret->kinds)); /* then there are none */
        return;
    }
    if (!find_entity(lsp, schema, words, at, ret)) {
        ret->kind = PLACE_NOTHING;
    }
}
