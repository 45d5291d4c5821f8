/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lsp/resolve.h"

/* ---- the scope ---- */

/* `T::"x"` at the index. */
static bool read_uid(struct lsp *lsp, const struct words *words, size_t at, cedar_uid *ret,
                     size_t *ret_behind) {
    str type;
    str id;
    size_t first;
    size_t behind;
    if (!words_qualified(&lsp->arena, words, at, &type, &first, &behind)) {
        return false;
    }
    *ret = (cedar_uid){.type = lsp_cedar(type)};
    *ret_behind = behind;
    const struct word *string = words_get(words, behind + 1);
    if (word_is(words_get(words, behind), "::") && string != NULL && string->kind == WORD_STRING &&
        words_unquote(&lsp->arena, string, &id) == ERR_OK) {
        ret->id = lsp_cedar(id);
        *ret_behind = behind + 2;
    }
    return true;
}

static void read_part(struct lsp *lsp, const struct words *words, size_t at,
                      struct scope_part *ret) {
    cedar_uid uid;
    size_t behind;
    if (word_is(words_get(words, at), "is") && read_uid(lsp, words, at + 1, &uid, &behind)) {
        ret->is = lsp_str(uid.type);
        at = behind;
    }
    bool is_in = word_is(words_get(words, at), "in");
    if ((is_in || word_is(words_get(words, at), "==")) &&
        read_uid(lsp, words, at + 1, &uid, &behind)) {
        *(is_in ? &ret->in_type : &ret->is) = lsp_str(uid.type);
    }
}

static void read_actions(struct lsp *lsp, const struct words *words, size_t at,
                         struct scope_words *ret) {
    ret->is_equal = word_is(words_get(words, at), "==");
    if (!ret->is_equal && !word_is(words_get(words, at), "in")) {
        return;
    }
    at++;
    bool is_list = word_is(words_get(words, at), "[");
    at += is_list;
    cedar_uid uid;
    while (read_uid(lsp, words, at, &uid, &at)) {
        ret->has_actions = true;
        if (!VEC_PUSH(&lsp->arena, &ret->actions, uid) || !is_list ||
            !word_is(words_get(words, at), ",")) {
            return;
        }
        at++;
    }
}

void resolve_scope(struct lsp *lsp, const struct words *words, size_t policy,
                   struct scope_words *ret) {
    *ret = (struct scope_words){0};
    size_t at = policy;
    while (words_get(words, at) != NULL && !word_is(words_get(words, at), ";") &&
           !word_is(words_get(words, at), "permit") && !word_is(words_get(words, at), "forbid")) {
        at++;
    }
    int depth = 0;
    for (at++; words_get(words, at) != NULL; at++) {
        const struct word *word = words_get(words, at);
        depth += word_is(word, "(") || word_is(word, "[");
        depth -= word_is(word, ")") || word_is(word, "]");
        if (depth <= 0 || word_is(word, ";")) {
            return;
        }
        bool is_variable = word_is(words_get(words, at - 1), "(") ||
                           (depth == 1 && word_is(words_get(words, at - 1), ","));
        if (!is_variable) {
            continue;
        }
        if (word_is(word, "principal")) {
            read_part(lsp, words, at + 1, &ret->principal);
        } else if (word_is(word, "resource")) {
            read_part(lsp, words, at + 1, &ret->resource);
        } else if (word_is(word, "action")) {
            read_actions(lsp, words, at + 1, ret);
        }
    }
}

/* ---- request types ---- */

static bool is_same_uid(cedar_uid a, cedar_uid b) {
    return str_equal(lsp_str(a.type), lsp_str(b.type)) && str_equal(lsp_str(a.id), lsp_str(b.id));
}

static bool admits_type(const cedar_schema *schema, const struct scope_part *part, str name) {
    if (!str_is_absent(part->is) && !str_equal(part->is, name)) {
        return false;
    }
    if (str_is_absent(part->in_type) || str_equal(part->in_type, name)) {
        return true;
    }
    cedar_entity_type type =
        cedar_schema_entity_type(schema, cedar_schema_find_entity_type(schema, lsp_cedar(name)));
    for (size_t i = 0; i < type.ancestor_count; i++) {
        if (str_equal(lsp_str(type.ancestors[i]), part->in_type)) {
            return true;
        }
    }
    return false;
}

static bool admits_action(const cedar_schema *schema, const struct scope_words *scope,
                          cedar_uid uid) {
    cedar_action action = cedar_schema_action(schema, cedar_schema_find_action(schema, uid));
    for (size_t i = 0; i < scope->actions.count; i++) {
        if (is_same_uid(scope->actions.items[i], uid)) {
            return true;
        }
        for (size_t k = 0; !scope->is_equal && k < action.ancestor_count; k++) {
            if (is_same_uid(scope->actions.items[i], action.ancestors[k])) {
                return true;
            }
        }
    }
    return !scope->has_actions;
}

static void add(struct kinds *kinds, struct kind kind) {
    for (size_t i = 0; i < kinds->count; i++) {
        if (kinds->items[i].type == kind.type &&
            (kind.type != NULL || str_equal(kinds->items[i].entity, kind.entity))) {
            return;
        }
    }
    if (kinds->count < KINDS_MAX) {
        kinds->items[kinds->count++] = kind;
    }
}

static struct kind entity_kind(cedar_str name) {
    return (struct kind){.entity = lsp_str(name)};
}

static void variable(const cedar_schema *schema, const struct scope_words *scope,
                     const struct word *name, struct kinds *ret) {
    for (size_t i = 0; i < cedar_schema_environment_count(schema); i++) {
        cedar_environment env = cedar_schema_environment(schema, i);
        if (!admits_action(schema, scope, env.action) ||
            !admits_type(schema, &scope->principal, lsp_str(env.principal_type)) ||
            !admits_type(schema, &scope->resource, lsp_str(env.resource_type))) {
            continue;
        }
        if (word_is(name, "principal")) {
            add(ret, entity_kind(env.principal_type));
        } else if (word_is(name, "resource")) {
            add(ret, entity_kind(env.resource_type));
        } else if (word_is(name, "action")) {
            add(ret, entity_kind(env.action.type));
        } else if (word_is(name, "context")) {
            add(ret, (struct kind){.type = env.context});
        }
    }
}

/* ---- attributes ---- */

const cedar_type *kind_record(const cedar_schema *schema, const struct kind *kind) {
    if (kind->type != NULL) {
        return cedar_type_get(kind->type).kind == CEDAR_TYPE_RECORD ? kind->type : NULL;
    }
    size_t index = cedar_schema_find_entity_type(schema, lsp_cedar(kind->entity));
    return index == SIZE_MAX ? NULL : cedar_schema_entity_type(schema, index).attributes;
}

bool kind_attribute(const cedar_schema *schema, const struct kind *kind, str name,
                    cedar_attribute *ret) {
    const cedar_type *record = kind_record(schema, kind);
    size_t index = record == NULL ? SIZE_MAX : cedar_type_find_attribute(record, lsp_cedar(name));
    if (index == SIZE_MAX) {
        return false;
    }
    *ret = cedar_type_attribute(record, index);
    return true;
}

static struct kinds step(const cedar_schema *schema, const struct kinds *from, str name) {
    struct kinds kinds = {0};
    for (size_t i = 0; i < from->count; i++) {
        cedar_attribute attribute;
        if (!kind_attribute(schema, &from->items[i], name, &attribute)) {
            continue;
        }
        cedar_type_info info = cedar_type_get(attribute.type);
        add(&kinds, info.kind == CEDAR_TYPE_ENTITY ? entity_kind(info.entity_type)
                                                   : (struct kind){.type = attribute.type});
    }
    return kinds;
}

str kind_text(struct lsp *lsp, const struct kind *kind) {
    cedar_str text;
    if (kind->type == NULL) {
        return kind->entity;
    }
    return cedar_type_format(lsp->scratch, kind->type, &text) == CEDAR_OK ? lsp_str(text)
                                                                          : STR("?");
}

/* ---- paths ---- */

/* The first word of the path that ends before `end`. */
static size_t path_start(const struct words *words, size_t end) {
    size_t at = end;
    while (at >= 3) {
        if (word_is(words_get(words, at - 1), "]") && at >= 4 &&
            words_get(words, at - 2)->kind == WORD_STRING &&
            word_is(words_get(words, at - 3), "[")) {
            at -= 3;
        } else if (word_is_name(words_get(words, at - 1)) &&
                   word_is(words_get(words, at - 2), ".")) {
            at -= 2;
        } else {
            break;
        }
    }
    return at == 0 ? 0 : at - 1;
}

bool resolve_path(struct lsp *lsp, const cedar_schema *schema, const struct words *words,
                  size_t end, struct kinds *ret) {
    *ret = (struct kinds){0};
    if (schema == NULL || end == 0 || end > words->list.count) {
        return false;
    }
    size_t at = path_start(words, end);
    struct scope_words scope;
    resolve_scope(lsp, words, words_policy(words, at), &scope);
    variable(schema, &scope, words_get(words, at), ret);
    for (at++; at < end;) {
        bool is_dot = word_is(words_get(words, at), ".");
        const struct word *name = words_get(words, at + 1);
        str text = name == NULL ? STR("") : name->text;
        if (name != NULL && !is_dot && words_unquote(&lsp->arena, name, &text) != ERR_OK) {
            return false;
        }
        *ret = step(schema, ret, text);
        at += is_dot ? 2 : 3;
    }
    return ret->count > 0;
}
