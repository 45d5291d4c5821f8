/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may stand at a place, by the words before it:
 *
 *     path.            attributes and methods      path has       attributes
 *     is               entity types                == in          entities, in the scope
 *     Action::"        ids of actions              Type::"        ids of enumerated types
 *     anything else    variables, functions, keywords, entity types
 */
#include "cli/lsp/functions.h"
#include "cli/lsp/resolve.h"

/* Numbers of the protocol. */
enum item_kind {
    ITEM_METHOD = 2,
    ITEM_FUNCTION = 3,
    ITEM_FIELD = 5,
    ITEM_VARIABLE = 6,
    ITEM_CLASS = 7,
    ITEM_KEYWORD = 14,
    ITEM_ENUM_MEMBER = 20,
    ITEM_CONSTANT = 21,
};

struct complete {
    struct lsp *lsp;
    const cedar_schema *schema; /* or NULL */
    const struct words *words;
    struct json_writer *w;
};

static void item(const struct complete *c, str label, enum item_kind kind, str detail) {
    json_open_object(c->w);
    json_name_string(c->w, STR("label"), label);
    json_name_int(c->w, STR("kind"), kind);
    if (detail.len > 0) {
        json_name_string(c->w, STR("detail"), detail);
    }
    json_close_object(c->w);
}

/* ---- behind a path ---- */

static void attributes(const struct complete *c, const struct kinds *kinds) {
    for (size_t i = 0; i < kinds->count; i++) {
        const cedar_type *record = kind_record(c->schema, &kinds->items[i]);
        size_t count = record == NULL ? 0 : cedar_type_get(record).attribute_count;
        for (size_t k = 0; k < count; k++) {
            cedar_attribute attribute = cedar_type_attribute(record, k);
            struct kind type = {.type = attribute.type};
            cedar_attribute earlier;
            bool is_known = false;
            for (size_t j = 0; j < i && !is_known; j++) {
                is_known =
                    kind_attribute(c->schema, &kinds->items[j], lsp_str(attribute.name), &earlier);
            }
            str detail = kind_text(c->lsp, &type);
            if (!attribute.is_required) {
                IGNORE(arena_format(&c->lsp->arena, &detail, "%.*s, optional",
                                    STR_FMT(detail))); /* then without the word */
            }
            if (!is_known) {
                item(c, lsp_str(attribute.name), ITEM_FIELD, detail);
            }
        }
    }
}

static bool is_receiver(const struct complete *c, const struct kinds *kinds,
                        enum receiver receiver) {
    for (size_t i = 0; i < kinds->count; i++) {
        const struct kind *kind = &kinds->items[i];
        if (kind->type == NULL) {
            size_t index = cedar_schema_find_entity_type(c->schema, lsp_cedar(kind->entity));
            bool has_tags = cedar_schema_entity_type(c->schema, index).tags != NULL;
            if (receiver == RECEIVER_ENTITY && has_tags) {
                return true;
            }
            continue;
        }
        cedar_type_kind type = cedar_type_get(kind->type).kind;
        if ((type == CEDAR_TYPE_SET && receiver == RECEIVER_SET) ||
            (type == CEDAR_TYPE_DECIMAL && receiver == RECEIVER_DECIMAL) ||
            (type == CEDAR_TYPE_IPADDR && receiver == RECEIVER_IPADDR) ||
            (type == CEDAR_TYPE_DATETIME && receiver == RECEIVER_DATETIME) ||
            (type == CEDAR_TYPE_DURATION && receiver == RECEIVER_DURATION)) {
            return true;
        }
    }
    return false;
}

static void methods(const struct complete *c, const struct kinds *kinds) {
    for (size_t i = 0; i < function_count; i++) {
        enum receiver receiver = functions[i].receiver;
        bool is_method = receiver != RECEIVER_NONE && receiver != RECEIVER_KEYWORD;
        bool is_unknown = kinds->count == 0; /* then any may be right */
        if (is_method && (is_unknown || is_receiver(c, kinds, receiver))) {
            item(c, str_c(functions[i].name), ITEM_METHOD, str_c(functions[i].signature));
        }
    }
}

/* ---- names ---- */

static void entity_types(const struct complete *c) {
    size_t count = c->schema == NULL ? 0 : cedar_schema_entity_type_count(c->schema);
    for (size_t i = 0; i < count; i++) {
        cedar_entity_type type = cedar_schema_entity_type(c->schema, i);
        if (type.kind != CEDAR_ENTITY_ACTION) {
            item(c, lsp_str(type.name), ITEM_CLASS, STR("entity type"));
        }
    }
}

static void actions(const struct complete *c) {
    size_t count = c->schema == NULL ? 0 : cedar_schema_action_count(c->schema);
    for (size_t i = 0; i < count; i++) {
        cedar_action action = cedar_schema_action(c->schema, i);
        cedar_str text;
        if (cedar_uid_format(c->lsp->scratch, action.uid, &text) == CEDAR_OK) {
            item(c, lsp_str(text), ITEM_CONSTANT, action.is_group ? STR("group") : STR("action"));
        }
    }
}

/* Behind `Type::"`. */
static void ids(const struct complete *c, str type) {
    size_t count = c->schema == NULL ? 0 : cedar_schema_action_count(c->schema);
    for (size_t i = 0; i < count; i++) {
        cedar_action action = cedar_schema_action(c->schema, i);
        if (str_equal(lsp_str(action.uid.type), type)) {
            item(c, lsp_str(action.uid.id), ITEM_CONSTANT, STR("action"));
        }
    }
    if (c->schema != NULL) {
        cedar_entity_type entity = cedar_schema_entity_type(
            c->schema, cedar_schema_find_entity_type(c->schema, lsp_cedar(type)));
        for (size_t i = 0; i < entity.id_count; i++) {
            item(c, lsp_str(entity.ids[i]), ITEM_ENUM_MEMBER, type);
        }
    }
}

static void anything(const struct complete *c) {
    static const char *const variables[] = {"principal", "action", "resource", "context"};
    for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
        item(c, str_c(variables[i]), ITEM_VARIABLE, STR(""));
    }
    for (size_t i = 0; i < function_count; i++) {
        bool is_keyword = functions[i].receiver == RECEIVER_KEYWORD;
        if (is_keyword || functions[i].receiver == RECEIVER_NONE) {
            item(c, str_c(functions[i].name), is_keyword ? ITEM_KEYWORD : ITEM_FUNCTION,
                 str_c(functions[i].signature));
        }
    }
    entity_types(c);
}

/* ---- which of them ---- */

/* In `action == …` and `action in [ …`: the variable that the words before `at` are about. */
static bool is_about_action(const struct words *words, size_t at) {
    while (at > 0) {
        const struct word *word = words_get(words, --at);
        if (word_is(word, "action")) {
            return !word_is(words_get(words, at + 1), "::");
        }
        bool is_list = word_is(word, "[") || word_is(word, ",") || word_is(word, "::") ||
                       word_is(word, "==") || word_is(word, "in") || word->kind == WORD_STRING ||
                       word_is(word, "Action");
        if (!is_list) {
            return false;
        }
    }
    return false;
}

static void choose(const struct complete *c, size_t before) {
    const struct word *last = before > 0 ? words_get(c->words, before - 1) : NULL;
    struct kinds kinds = {0};
    if (word_is(last, ".") || word_is(last, "has")) {
        bool is_known = resolve_path(c->lsp, c->schema, c->words, before - 1, &kinds);
        if (is_known) {
            attributes(c, &kinds);
        }
        if (word_is(last, ".")) {
            methods(c, &kinds);
        }
    } else if (word_is(last, "is")) {
        entity_types(c);
    } else if (is_about_action(c->words, before)) {
        actions(c);
    } else if (word_is(last, "==") || word_is(last, "in")) {
        anything(c);
        actions(c);
    } else {
        anything(c);
    }
}

/* `Type::"`, with the cursor in the string. */
static bool is_in_id(struct lsp *lsp, const struct words *words, size_t offset, str *ret_type) {
    size_t at = words_at(words, offset);
    const struct word *word = words_get(words, at);
    size_t first;
    size_t behind;
    return word != NULL && word->kind == WORD_STRING && at >= 2 && offset > word->start &&
           word_is(words_get(words, at - 1), "::") &&
           words_qualified(&lsp->arena, words, at - 2, ret_type, &first, &behind);
}

void complete(struct lsp *lsp, const struct document *document, size_t offset,
              struct json_writer *w) {
    struct project project;
    struct words words;
    str type;
    project_open(lsp, document, &project);
    json_open_object(w);
    json_name_bool(w, STR("isIncomplete"), false);
    json_key(w, STR("items"));
    json_open_array(w);
    if (document->kind == DOCUMENT_POLICIES &&
        words_cut(&lsp->arena, document->text, &words) == ERR_OK) {
        struct complete c = {lsp, project.schema, &words, w};
        size_t at = words_at(&words, offset);
        const struct word *word = words_get(&words, at);
        if (is_in_id(lsp, &words, offset, &type)) {
            ids(&c, type);
        } else if (word == NULL || word->kind != WORD_STRING) {
            /* A name that is being typed is not yet one of the words before it. */
            bool is_typing = word_is_name(word) && word->start < offset;
            choose(&c, is_typing && !word_is(word, "is") && !word_is(word, "has") &&
                               !word_is(word, "in")
                           ? at
                           : words_before(&words, offset));
        }
    }
    json_close_array(w);
    json_close_object(w);
    project_close(&project);
}
