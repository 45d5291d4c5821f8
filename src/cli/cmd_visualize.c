/* SPDX-License-Identifier: Apache-2.0 */
/* `cedar visualize`: the entities and their direct parents as a graph for Graphviz, sorted. */
#include <stdlib.h>

#include "cli/decision.h"
#include "cli/load.h"
#include "cli/render.h"

typedef VEC(cedar_entity) entity_vec;

/* ---- reading --------------------------------------------------------------------------------- */

static int compare_uids(const cedar_uid *a, const cedar_uid *b) {
    int order = str_compare(cli_str(a->type), cli_str(b->type));
    return order != 0 ? order : str_compare(cli_str(a->id), cli_str(b->id));
}

static int compare_entities(const void *a, const void *b) {
    const cedar_entity *left = a;
    const cedar_entity *right = b;
    return compare_uids(&left->uid, &right->uid);
}

static int compare_parents(const void *a, const void *b) {
    return compare_uids(a, b);
}

/* The parents as an array of our own, sorted. */
static bool sort_parents(struct cli *cli, cedar_entity *entity) {
    cedar_uid *parents = ARENA_ARRAY(&cli->arena, cedar_uid, entity->parent_count);
    if (parents == NULL) {
        return false;
    }
    for (size_t i = 0; i < entity->parent_count; i++) {
        parents[i] = entity->parents[i];
    }
    qsort(parents, entity->parent_count, sizeof *parents, compare_parents);
    entity->parents = parents;
    return true;
}

static bool collect(struct cli *cli, const cedar_entities *entities, entity_vec *ret) {
    cedar_entities_cursor cursor = {{0}};
    cedar_entity entity;
    cedar_status status;
    bool is_good = true;
    while (is_good && (status = cedar_entities_next(cli->scratch, entities, &cursor, &entity)) !=
                          CEDAR_ERR_NOT_FOUND) {
        is_good =
            status == CEDAR_OK && sort_parents(cli, &entity) && VEC_PUSH(&cli->arena, ret, entity);
    }
    if (!is_good) {
        render_error(cli, "failed to read the entities", "out of memory", NULL);
        return false;
    }
    if (ret->count > 1) {
        qsort(ret->items, ret->count, sizeof *ret->items, compare_entities);
    }
    return true;
}

/* ---- DOT ------------------------------------------------------------------------------------- */

/* A quoted name. What Cedar would print is escaped once more, as the reference does it. */
static void add_quoted(struct cli *cli, str text) {
    buf_add_byte(&cli->out, '"');
    decision_add_id(cli, &cli->out, text);
    buf_add_byte(&cli->out, '"');
}

static void add_uid(struct cli *cli, cedar_uid uid) {
    cedar_str text;
    if (cedar_uid_format(cli->scratch, uid, &text) == CEDAR_OK) {
        add_quoted(cli, cli_str(text));
    } else {
        buf_fail(&cli->out, ERR_NOMEM);
    }
}

static void add_node(struct cli *cli, cedar_uid uid) {
    struct buf label;
    buf_init_arena(&label, &cli->arena, SIZE_MAX / 2);
    decision_add_id(cli, &label, cli_str(uid.id));
    buf_add_c(&cli->out, "\t\t");
    add_uid(cli, uid);
    buf_add_c(&cli->out, " [label=");
    add_quoted(cli, buf_str(&label));
    buf_add_c(&cli->out, "]\n");
}

/* One box for each type. */
static void add_clusters(struct cli *cli, const entity_vec *entities) {
    struct buf *out = &cli->out;
    for (size_t i = 0; i < entities->count; i++) {
        str type = cli_str(entities->items[i].uid.type);
        bool is_first = i == 0 || !str_equal(cli_str(entities->items[i - 1].uid.type), type);
        bool is_last =
            i + 1 == entities->count || !str_equal(cli_str(entities->items[i + 1].uid.type), type);
        if (is_first) {
            buf_add_c(out, "\tsubgraph \"cluster_");
            buf_add(out, type);
            buf_add_c(out, "\" {\n\t\tlabel=");
            add_quoted(cli, type);
            buf_add_byte(out, '\n');
        }
        add_node(cli, entities->items[i].uid);
        buf_add_c(out, is_last ? "\t}\n" : "");
    }
}

static void print_dot(struct cli *cli, const entity_vec *entities) {
    struct buf *out = &cli->out;
    buf_add_c(out, "strict digraph {\n\tordering=\"out\"\n\tnode[shape=box]\n");
    add_clusters(cli, entities);
    for (size_t i = 0; i < entities->count; i++) {
        const cedar_entity *entity = &entities->items[i];
        for (size_t k = 0; k < entity->parent_count; k++) {
            buf_add_byte(out, '\t');
            add_uid(cli, entity->uid);
            buf_add_c(out, " -> ");
            add_uid(cli, entity->parents[k]);
            buf_add_byte(out, '\n');
        }
    }
    buf_add_c(out, "}\n\n");
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void json_uid(struct json_writer *w, cedar_uid uid) {
    json_open_object(w);
    json_name_string(w, STR("type"), cli_str(uid.type));
    json_name_string(w, STR("id"), cli_str(uid.id));
    json_close_object(w);
}

static void print_json(struct cli *cli, const entity_vec *entities) {
    struct json_writer *w = &cli->json;
    json_key(w, STR("entities"));
    json_open_array(w);
    for (size_t i = 0; i < entities->count; i++) {
        const cedar_entity *entity = &entities->items[i];
        json_open_object(w);
        json_key(w, STR("uid"));
        json_uid(w, entity->uid);
        json_key(w, STR("parents"));
        json_open_array(w);
        for (size_t k = 0; k < entity->parent_count; k++) {
            json_uid(w, entity->parents[k]);
        }
        json_close_array(w);
        json_close_object(w);
    }
    json_close_array(w);
}

int cmd_visualize(struct cli *cli) {
    cedar_entities *entities = NULL;
    entity_vec all = {0};
    cli->reports = &cli->err; /* the graph may go into a file */
    bool is_good = load_entities(cli, NULL, &entities) && collect(cli, entities, &all);
    if (is_good && cli->has_json) {
        print_json(cli, &all);
    } else if (is_good) {
        print_dot(cli, &all);
    }
    cedar_entities_unref(entities);
    return is_good ? CLI_OK : CLI_FAILURE;
}
