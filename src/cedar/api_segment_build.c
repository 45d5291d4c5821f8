/* SPDX-License-Identifier: Apache-2.0 */
/* Making a segment of a policy set. */
#include "cedar/api_segment_build.h"

#include "cedar/text/print.h"

/* ---- begin and end ---- */

static struct segment *segment_new(cedar_engine *engine) {
    struct segment *segment = allocator_new(&engine->allocator, sizeof *segment);
    if (segment != NULL) {
        atomic_init(&segment->refs, 1);
        segment->engine = cedar_engine_ref(engine);
        api_arena_init(&segment->arena, engine);
        segment->arena.chunk_size = SEGMENT_CHUNK;
    }
    return segment;
}

err segment_builder_new(cedar_engine *engine, struct segment_builder **ret) {
    struct segment *segment = segment_new(engine);
    struct segment_builder *b = allocator_new(&engine->allocator, sizeof *b);
    if (segment == NULL || b == NULL) {
        segment_unref(segment);
        allocator_free(&engine->allocator, b, sizeof *b);
        return ERR_NOMEM;
    }
    struct lower_options options = api_lower_options(engine);
    b->segment = segment;
    api_arena_init(&b->temp, engine);
    compiler_init(&b->compiler, &segment->arena, &b->temp, &options);
    *ret = b;
    return ERR_OK;
}

void segment_builder_free(struct segment_builder *b) {
    if (b == NULL) {
        return;
    }
    cedar_engine *engine = cedar_engine_ref(b->segment->engine);
    compiler_done(&b->compiler);
    arena_done(&b->temp);
    segment_unref(b->segment);
    allocator_free(&engine->allocator, b, sizeof *b);
    cedar_engine_unref(engine);
}

size_t segment_builder_count(const struct segment_builder *b) {
    return b->records.count;
}

/* ---- ids ---- */

static uint64_t hash_id(const struct segment_builder *b, str id) {
    return hash_bytes(&b->segment->engine->key, id);
}

uint32_t segment_builder_find(const struct segment_builder *b, str id) {
    return id_table_find(&b->ids, b->compiler.policies.items, hash_id(b, id), id);
}

static void put_id(struct id_table *table, uint64_t hash, size_t number) {
    size_t mask = table->slot_count - 1;
    size_t at = (size_t)(hash >> 32) & mask;
    while (table->slots[at] != 0) {
        at = (at + 1) & mask;
    }
    table->slots[at] = (hash & UINT64_C(0xFFFFFFFF00000000)) | (uint32_t)(number + 1);
    table->count++;
}

static err grow_ids(struct segment_builder *b) {
    struct blocks *blocks = &b->compiler.blocks;
    struct id_table old = b->ids;
    struct id_table table = {.slot_count = old.slot_count == 0 ? 8 : old.slot_count * 2};
    table.slots = blocks_table(blocks, table.slot_count, sizeof *table.slots);
    if (table.slots == NULL) {
        return blocks_error(blocks);
    }
    for (size_t i = 0; i < old.slot_count; i++) {
        if (old.slots[i] != 0) {
            put_id(&table, old.slots[i], (uint32_t)old.slots[i] - 1);
        }
    }
    blocks_drop_table(blocks, old.slots, old.slot_count, sizeof *old.slots);
    b->ids = table;
    return ERR_OK;
}

/* Room for one more; ERR_EXISTS when the id is there. */
static err prepare_id(struct segment_builder *b, uint64_t hash, str id) {
    if (id_table_find(&b->ids, b->compiler.policies.items, hash, id) != SEGMENT_NONE) {
        return ERR_EXISTS;
    }
    if (b->records.count >= SEGMENT_NONE - 1) {
        return ERR_LIMIT;
    }
    return (b->ids.count + 1) * 4 > b->ids.slot_count * 3 ? grow_ids(b) : ERR_OK;
}

/* The policy that the compiler has just taken. */
static err add_record(struct segment_builder *b, uint64_t hash, struct policy_record record) {
    struct blocks *blocks = &b->compiler.blocks;
    if (!BLOCKS_PUSH(blocks, &b->records, record)) {
        return blocks_error(blocks);
    }
    put_id(&b->ids, hash, b->records.count - 1);
    return ERR_OK;
}

void segment_forget(struct segment_builder *b, size_t count) {
    if (count >= b->records.count) {
        return;
    }
    for (size_t i = count; i < b->records.count; i++) {
        b->link_count -= b->records.items[i].link != 0;
    }
    b->records.count = count;
    compiler_forget(&b->compiler, count);
    b->ids.count = 0;
    memset(b->ids.slots, 0, b->ids.slot_count * sizeof *b->ids.slots);
    for (size_t i = 0; i < count; i++) {
        put_id(&b->ids, hash_id(b, b->compiler.policies.items[i].id), i);
    }
}

/* ---- policies from trees ---- */

static err push_source(struct segment_builder *b, str name, str text, bool is_pieces) {
    struct segment_source source = {.text = text, .is_pieces = is_pieces};
    if (b->sources.count >= UINT32_MAX) {
        return ERR_LIMIT;
    }
    TRY(packer_copy(&b->compiler.names, name, &source.name));
    return BLOCKS_PUSH(&b->compiler.blocks, &b->sources, source)
               ? ERR_OK
               : blocks_error(&b->compiler.blocks);
}

err segment_add_source(struct segment_builder *b, str name, str text, str *ret_text) {
    char *room = blocks_room(&b->compiler.blocks, text.len);
    if (room == NULL) {
        return blocks_error(&b->compiler.blocks);
    }
    if (text.len > 0) {
        memcpy(room, text.ptr, text.len);
    }
    *ret_text = str_make(room, text.len);
    return push_source(b, name, *ret_text, false);
}

static err push_notes(struct segment_builder *b, struct segment_notes notes, uint32_t *ret) {
    if (b->notes.count >= UINT32_MAX - 1) {
        return ERR_LIMIT;
    }
    if (!BLOCKS_PUSH(&b->compiler.blocks, &b->notes, notes)) {
        return blocks_error(&b->compiler.blocks);
    }
    *ret = (uint32_t)b->notes.count;
    return ERR_OK;
}

static err copy_note(struct segment_builder *b, str name, str value, cedar_annotation *ret) {
    struct packer *packer = &b->compiler.names;
    TRY(packer_copy(packer, name, &name));
    TRY(packer_copy(packer, value, &value));
    *ret = (cedar_annotation){api_public(name), api_public(value)};
    return ERR_OK;
}

static err add_notes(struct segment_builder *b, const struct ast_policy *policy, uint32_t *ret) {
    struct arena *a = &b->segment->arena;
    size_t count = policy->annotation_count;
    cedar_annotation *items = ARENA_ARRAY(a, cedar_annotation, count);
    if (items == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < count; i++) {
        const struct ast_annotation *annotation = &policy->annotations[i];
        TRY(copy_note(b, annotation->name, annotation->has_value ? annotation->value : STR(""),
                      &items[i]));
    }
    return push_notes(b, (struct segment_notes){count, items}, ret);
}

err segment_add(struct segment_builder *b, str id, const struct ast_policy *policy, uint32_t line,
                uint32_t column) {
    uint64_t hash = hash_id(b, id);
    TRY(prepare_id(b, hash, id));
    TRY(compiler_add(&b->compiler, id, policy));
    size_t text_len = b->sources.items[b->sources.count - 1].text.len;
    uint32_t end = policy->span.end <= text_len ? policy->span.end : (uint32_t)text_len;
    struct policy_record record = {
        .source = (uint32_t)(b->sources.count - 1),
        .start = policy->span.start,
        .len = end - policy->span.start,
        .line = line,
        .column = column,
        .depth = policy->depth,
        .nodes = b->compiler.nodes,
        .clauses = (uint32_t)policy->clause_count, /* of a text of less than 4 GiB */
    };
    if (policy->annotation_count > 0) {
        TRY(add_notes(b, policy, &record.notes));
    }
    return add_record(b, hash, record);
}

err segment_add_link(struct segment_builder *b, str id, uint32_t template_number,
                     const struct ast_uid *principal, const struct ast_uid *resource) {
    uint64_t hash = hash_id(b, id);
    TRY(prepare_id(b, hash, id));
    TRY(compiler_link(&b->compiler, id, template_number, principal, resource));
    return add_record(b, hash,
                      (struct policy_record){.source = template_number, .link = ++b->link_count});
}

str segment_builder_place(const struct segment_builder *b, uint32_t number, uint32_t *ret_line) {
    const struct policy_record *record = &b->records.items[number];
    if (record->link != 0) {
        record = &b->records.items[record->source];
    }
    *ret_line = record->line;
    return b->sources.items[record->source].name;
}

/* ---- policies from segments ---- */

struct appending {
    struct segment_builder *b;
    const struct segment_piece *piece;
    struct appender appender;
    uint32_t *numbers; /* by old number: the new one + 1 */
    char *text;        /* room for the texts of all */
    size_t text_size;
    size_t text_used;
    str name; /* of the source that was added last */
};

static str id_of(const struct segment_piece *piece, uint32_t number) {
    bool is_renamed = piece->new_ids != NULL && !str_is_absent(piece->new_ids[number]);
    return is_renamed ? piece->new_ids[number] : piece->segment->program.policies[number].id;
}

/* The text behind the others, in a source of its name. */
static err append_text(struct appending *x, struct policy_record *record) {
    const struct segment_source *source = &x->piece->segment->sources[record->source];
    if (x->text_used == 0 || !str_equal(x->name, source->name)) {
        TRY(push_source(x->b, source->name, str_make(x->text, x->text_size), true));
        x->name = source->name;
    }
    memcpy(x->text + x->text_used, source->text.ptr + record->start, record->len);
    record->source = (uint32_t)(x->b->sources.count - 1);
    record->offset = source->is_pieces ? record->offset : record->start;
    record->start = (uint32_t)x->text_used;
    x->text_used += record->len;
    return ERR_OK;
}

static err append_notes(struct appending *x, uint32_t *notes) {
    struct arena *a = &x->b->segment->arena;
    const struct segment_notes *old = &x->piece->segment->notes[*notes - 1];
    cedar_annotation *items = ARENA_ARRAY(a, cedar_annotation, old->count);
    if (items == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < old->count; i++) {
        TRY(copy_note(x->b, api_str(old->items[i].name), api_str(old->items[i].value), &items[i]));
    }
    return push_notes(x->b, (struct segment_notes){old->count, items}, notes);
}

static err append_policy(struct appending *x, uint32_t number) {
    struct segment_builder *b = x->b;
    struct policy_record record = x->piece->segment->records[number];
    str id = id_of(x->piece, number);
    uint64_t hash = hash_id(b, id);
    TRY(prepare_id(b, hash, id));
    TRY(appender_add(&x->appender, number, id));
    if (record.link != 0) {
        record.source = x->numbers[record.source] - 1;
        record.link = ++b->link_count;
    } else {
        TRY(append_text(x, &record));
        if (record.notes != 0) {
            TRY(append_notes(x, &record.notes));
        }
    }
    TRY(add_record(b, hash, record));
    if (x->numbers != NULL) {
        x->numbers[number] = (uint32_t)b->records.count;
    }
    return ERR_OK;
}

/* The template of a link, which was hidden. */
static err append_template(struct appending *x, uint32_t number, struct number_list *hidden) {
    uint32_t known = segment_builder_find(x->b, id_of(x->piece, number));
    if (known != SEGMENT_NONE) {
        x->numbers[number] = known + 1;
        return ERR_OK;
    }
    TRY(append_policy(x, number));
    return VEC_PUSH(hidden->arena, &hidden->numbers, x->numbers[number] - 1)
               ? ERR_OK
               : arena_error(hidden->arena);
}

static bool is_hidden(const struct segment_piece *piece, size_t *at, uint32_t number) {
    bool is_hit = *at < piece->hidden_count && piece->hidden[*at] == number;
    *at += is_hit;
    return is_hit;
}

/* Room for the texts of policies and of templates that may have to come along. */
static err reserve_text(struct appending *x) {
    const struct segment *segment = x->piece->segment;
    size_t size = 0;
    size_t at = 0;
    for (uint32_t i = 0; i < segment->program.count; i++) {
        const struct policy_record *record = &segment->records[i];
        if (is_hidden(x->piece, &at, i)) {
            continue;
        }
        uint32_t text = record->link != 0 ? record->source : i;
        if (x->numbers[text] == 0) {
            size += segment->records[text].len;
            x->numbers[text] = 1; /* only to count it once */
        }
    }
    memset(x->numbers, 0, segment->program.count * sizeof *x->numbers);
    char *room = blocks_room(&x->b->compiler.blocks, size);
    if (size > UINT32_MAX || room == NULL) {
        return size > UINT32_MAX ? ERR_LIMIT : blocks_error(&x->b->compiler.blocks);
    }
    x->text = room;
    x->text_size = size;
    return ERR_OK;
}

static err append_all(struct appending *x, struct number_list *hidden) {
    const struct segment *segment = x->piece->segment;
    size_t at = 0;
    x->numbers = ARENA_ARRAY(&x->appender.arena, uint32_t, segment->program.count);
    if (x->numbers == NULL) {
        return arena_error(&x->appender.arena);
    }
    TRY(reserve_text(x));
    for (uint32_t i = 0; i < segment->program.count; i++) {
        const struct policy_record *record = &segment->records[i];
        if (is_hidden(x->piece, &at, i)) {
            continue;
        }
        if (record->link != 0 && x->numbers[record->source] == 0) {
            TRY(append_template(x, record->source, hidden));
        }
        TRY(append_policy(x, i));
    }
    return ERR_OK;
}

static err append_one(struct appending *x, uint32_t number) {
    x->text_size = x->piece->segment->records[number].len;
    x->text = blocks_room(&x->b->compiler.blocks, x->text_size);
    if (x->text == NULL) {
        return blocks_error(&x->b->compiler.blocks);
    }
    return append_policy(x, number);
}

err segment_append_template(struct segment_builder *b, const struct segment *segment,
                            uint32_t number) {
    struct segment_piece piece = {.segment = segment};
    struct appending x = {.b = b, .piece = &piece};
    err error = appender_init(&x.appender, &b->compiler, &segment->program, true);
    if (error == ERR_OK) {
        error = append_one(&x, number);
    }
    appender_done(&x.appender);
    return error;
}

err segment_append(struct segment_builder *b, const struct segment_piece *piece,
                   struct number_list *hidden) {
    struct appending x = {.b = b, .piece = piece};
    err error = appender_init(&x.appender, &b->compiler, &piece->segment->program, false);
    if (error == ERR_OK) {
        error = append_all(&x, hidden);
    }
    appender_done(&x.appender);
    return error;
}

/* ---- finishing ---- */

static void fill_value(const struct symbols *symbols, const struct scope *scope, enum ast_slot slot,
                       struct segment_link *link) {
    const struct symbol *symbol = &symbols->uids.items[scope->uid];
    link->values[link->link.value_count++] = (cedar_slot_value){
        .slot = api_public(print_slot_text(slot)),
        .uid = {api_public(symbols->types.items[symbol_type(symbol)]),
                api_public(symbol_id(symbol))},
    };
}

/* What a link was made of is in its scope, and in the slots of its template. */
static err fill_links(struct segment_builder *b, const struct program *program) {
    struct arena *a = &b->segment->arena;
    struct segment_link *links = ARENA_ARRAY(a, struct segment_link, b->link_count);
    if (links == NULL) {
        return arena_error(a);
    }
    for (size_t i = 0; i < b->records.count; i++) {
        const struct policy_record *record = &b->records.items[i];
        if (record->link == 0) {
            continue;
        }
        const struct scope *scopes = program->policies[i].scopes;
        const struct program_policy *template = &program->policies[record->source];
        struct segment_link *link = &links[record->link - 1];
        link->link.template_id = api_public(template->id);
        link->link.values = link->values;
        if (template->scopes[PART_PRINCIPAL].has_slot) {
            fill_value(&program->symbols, &scopes[PART_PRINCIPAL], AST_SLOT_PRINCIPAL, link);
        }
        if (template->scopes[PART_RESOURCE].has_slot) {
            fill_value(&program->symbols, &scopes[PART_RESOURCE], AST_SLOT_RESOURCE, link);
        }
    }
    b->segment->links = links;
    return ERR_OK;
}

err segment_finish(struct segment_builder *b, struct segment **ret) {
    struct blocks *blocks = &b->compiler.blocks;
    struct segment *segment = b->segment;
    size_t slots = b->ids.slot_count;
    TRY(BLOCKS_SETTLE(blocks, &b->records));
    TRY(BLOCKS_SETTLE(blocks, &b->sources));
    TRY(BLOCKS_SETTLE(blocks, &b->notes));
    TRY(blocks_settle(blocks, (void **)&b->ids.slots, &slots, slots, sizeof *b->ids.slots));
    TRY(compiler_finish(&b->compiler, &segment->program));
    if (b->link_count > 0) {
        TRY(fill_links(b, &segment->program));
    }
    segment->records = b->records.items;
    segment->sources = b->sources.items;
    segment->notes = b->notes.items;
    segment->ids = b->ids;
    *ret = segment_ref(segment);
    return ERR_OK;
}
